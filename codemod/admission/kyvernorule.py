"""The rules of Kyverno's policies as they are written: what of them is about images, and which objects they match."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from codemod.admission import images
from codemod.admission.objects import Object, map_at, node_at
from codemod.admission.policy import WORKLOADS, Scope, Text
from codemod.admission.selectors import named, selected
from codemod.fleet.kustomization import items_at
from codemod.formats import yaml
from codemod.patterns import on_use

_NARROWS = ("name", "names", "selector", "annotations")
_OTHERS = ("subjects", "roles", "clusterRoles")
_TO_IMAGE = on_use(r"path:[^\n]*/image[\"']?[ \t]*$", re.MULTILINE)


class Written:
    """One rule as it is written: the parts of it that are about images, and its kinds."""

    def __init__(self, one: Object, node: yaml.Mapping) -> None:
        self.one, self.node = one, node
        self.validate, self.mutate = map_at(node, "validate"), map_at(node, "mutate")
        verify = yaml.lookup(node, "verifyImages")
        self.verifies = tuple(each for each in items_at(node, "verifyImages") if isinstance(each, yaml.Mapping))
        conditions = yaml.lookup(node, "preconditions") if _denies_all(self.validate) else None
        demands = [*_parts(self.validate), *([conditions] if conditions is not None else [])]
        own = [part for part in demands if _is_about(one, part)]
        self.rewrites = [part for part in _parts(self.mutate) if _rewrites(one, part)]
        self.parts = [*own, *self.rewrites, *([verify] if verify is not None and self.verifies else [])]
        self.kinds_at = tuple(kind for filters in self.filters("match") for kind in filters.kinds)
        self.kinds = frozenset(kind_of(kind.value) for kind in self.kinds_at)
        is_for_pods = not self.kinds or bool(self.kinds & {"Pod", "*", *WORKLOADS})
        self.validates, self.mutates = is_for_pods and bool(own or self.verifies), is_for_pods

    def filters(self, key: str) -> list[Filter]:
        """The filters of `match` or `exclude`."""
        block = map_at(self.node, key)
        listed = [*items_at(block, "any"), *items_at(block, "all"), *([block] if block is not None else [])]
        maps = [map_at(each, "resources") for each in listed]
        return [Filter(self.one, each, found) for each, found in zip(listed, maps, strict=True) if found is not None]

    @property
    def text(self) -> str:
        """All that it says about images, and its name."""
        said = [self.one.value(scalar) for part in self.parts for scalar in yaml.scalars(part)]
        return "\n".join([self.one.name, self.node.text("name") or "", *said])


class Filter(Struct, frozen=True):
    """One filter of objects: `resources` of a match or an exclusion, beside who asks."""

    one: Object
    node: yaml.Node
    resources: yaml.Mapping

    @property
    def kinds(self) -> tuple[Text, ...]:
        """The kinds that it names."""
        return self.one.texts(yaml.lookup(self.resources, "kinds"))

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """What it says of namespaces."""
        own = named(self.one, yaml.lookup(self.resources, "namespaces"))
        return tuple(scope for scope in (own, selected(self.one, map_at(self.resources, "namespaceSelector"))) if scope)

    @property
    def narrows(self) -> yaml.Entry | None:
        """What picks some objects by their names or labels."""
        return next((entry for key in _NARROWS if (entry := self.resources.get(key)) is not None), None)

    @property
    def may_match_pods(self) -> bool:
        """Whether its kinds, if it names any, hold pods."""
        kinds = {kind_of(kind.value) for kind in self.kinds}
        return not kinds or bool(kinds & {"Pod", "*", *WORKLOADS})

    @property
    def is_for_some(self) -> bool:
        """Whether it holds for some requests or objects of a namespace only."""
        others = self.node if isinstance(self.node, yaml.Mapping) else self.resources
        return (
            not self.may_match_pods
            or self.narrows is not None
            or any(others.get(key) for key in (*_OTHERS, "operations"))
        )


def kind_of(written: str) -> str:
    """`Deployment` for `apps/v1/Deployment`, `Pod` for `Pod/ephemeralcontainers` and `v1/Pod`."""
    parts = re.split(r"[/.]", written)
    return next((part for part in parts if part == "Pod" or part in WORKLOADS), parts[-1])


def _parts(block: yaml.Mapping | None) -> Iterator[yaml.Node]:
    """The parts of a block that say what is demanded, each of a list apart; messages and actions are left out."""
    for entry in block.entries if block is not None else ():
        key = entry.key.value if isinstance(entry.key, yaml.Scalar) else ""
        value = yaml.target(entry.value)
        if key in ("pattern", "anyPattern", "deny", "cel", "patchStrategicMerge", "patchesJson6902") and value:
            yield value
        elif key == "foreach" and isinstance(value, yaml.Sequence):
            yield from (item for each in value.items if (item := yaml.target(each)) is not None)


def _is_about(one: Object, part: yaml.Node) -> bool:
    """Whether a part of a validation demands something of images."""
    is_pattern = any(True for _ in images.pattern_images(part))
    return is_pattern or any(images.reads_images(text) for text in _expressions(one, part))


def _expressions(one: Object, part: yaml.Node) -> Iterator[str]:
    """The keys and values of conditions, the expressions of CEL, and what `foreach` goes through.

    Preconditions only pick what is asked for more, unless all that they pick is denied.
    """
    picked = [
        id(node)
        for each in yaml.mappings(part)
        if (node := yaml.lookup(each, "preconditions")) is not None and not _denies_all(each)
    ]
    skipped = {id(below) for each in yaml.mappings(part) if id(each) in picked for below in yaml.mappings(each)}
    for mapping in yaml.mappings(part):
        for key in ("key", "value", "expression", "list") if id(mapping) not in skipped else ():
            for text in one.texts(yaml.lookup(mapping, key)):
                yield text.value


def _denies_all(block: yaml.Mapping | None) -> bool:
    """Whether a validation, or an item of its `foreach`, refuses whatever its preconditions pick."""
    denied = map_at(block, "deny")
    return denied is not None and not denied.entries


def _rewrites(one: Object, part: yaml.Node) -> bool:
    """Whether a part of a mutation sets images of containers that are there; one that adds containers does not."""
    patches = one.texts(part if isinstance(part, yaml.Scalar) else node_at(part, "patchesJson6902"))
    if any(_TO_IMAGE.search(text.value) for text in patches):
        return True
    return any(_is_of_any(one, mapping) for _, mapping in images.pattern_images(part))


def _is_of_any(one: Object, container: yaml.Mapping) -> bool:
    """Whether a container of a patch stands for those that are there: by a condition, or a name that is filled in."""
    keys = [entry.key.value for entry in container.entries if isinstance(entry.key, yaml.Scalar)]
    name = yaml.lookup(container, "name")
    is_filled_in = isinstance(name, yaml.Scalar) and "{{" in one.value(name)
    return is_filled_in or any(images.key_of(key)[1] == "?" for key in keys)
