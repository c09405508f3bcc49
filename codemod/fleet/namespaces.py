"""In which namespaces a fleet runs images, and for which environments.

A release runs in the namespace that its declaration says. An object of a plain manifest runs in the namespace that the
outermost kustomization sets, else in its own (`metadata.namespace`), else in that of the Application that takes it
from its folder (Argo CD's `spec.destination.namespace`, Flux's `spec.targetNamespace`). What templates of charts put
elsewhere by themselves is not looked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from codemod.config import Config
from codemod.fleet.fleet import Fleet
from codemod.fleet.kustomization import text_at
from codemod.fleet.stack import Stack, is_name
from codemod.fleet.taken import Taken, taken
from codemod.fleet.tree import YAML_SUFFIXES
from codemod.formats import yaml
from codemod.formats.yaml import kubernetes
from codemod.place import TEMPLATE

CLUSTER = "cluster"
"""What files of the whole cluster, which belong to no environment, are named after."""
_OTHERS = ("k8s.io", "fluxcd.io", "kyverno.io", "gatekeeper.sh")
_DECLARATIONS = frozenset({"Application", "ApplicationSet", "AppProject"})


class Destination(Struct, frozen=True):
    """Where one release, or one object of a plain manifest, runs.

    `namespace` is None where nothing says it. `is_strict`: images must have digests there. `name` is the release's, or
    `Kind/name`; `origin` is `path:line` of what declares it. `stack` is the number of the release; `path` the file of
    the manifest, or of the release's declaration.
    """

    environment: str | None
    namespace: str | None
    is_strict: bool
    name: str
    origin: str
    path: str
    stack: int | None = None

    @property
    def group(self) -> str:
        """The environment; `cluster` for what is strict and belongs to none, else empty."""
        return self.environment or (CLUSTER if self.is_strict else "")


class Namespaces:
    """The namespaces of a fleet."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._overlays = fleet.renames.overlays

    @cached_property
    def destinations(self) -> tuple[Destination, ...]:
        """Where everything that runs images runs: releases, then the objects of plain manifests, each once."""
        return tuple(dict.fromkeys((*self._of_releases(), *self._of_manifests(), *self._of_configuration())))

    @cached_property
    def strict(self) -> Mapping[str, frozenset[str]]:
        """The namespaces in which images must have digests, sorted, each with the environments that say so."""
        return _by_namespace(one for one in self.destinations if one.is_strict)

    @cached_property
    def lenient(self) -> Mapping[str, frozenset[str]]:
        """The namespaces of everything else, with their environments; one may be among the strict ones, too."""
        return _by_namespace(one for one in self.destinations if not one.is_strict)

    @cached_property
    def unknown(self) -> tuple[Destination, ...]:
        """What is strict and runs in a namespace that nothing says, unless the configuration names some for it."""
        named = {name for name, rules in self._fleet.config.environments.items() if rules.namespaces}
        return tuple(
            one for one in self.destinations if one.is_strict and one.namespace is None and one.group not in named
        )

    def of(self, path: str, own: str | None) -> frozenset[str]:
        """The namespaces of an object of a plain manifest whose `metadata.namespace` is `own`."""
        around = self._overlays.reaching(path)
        found = {each.namespace for each in around if each.namespace is not None}
        if found or own is not None:
            return frozenset(found or {own or ""})
        folders = (path.rpartition("/")[0], *(each.folder for each in around))
        return frozenset(one.namespace for folder in folders for one in self._taking(folder))

    def reading(self, path: str) -> frozenset[str]:
        """The namespaces in which something may run what a file says: the known ones of all that reads it."""
        here = self._by_file[path]
        folders = ("/".join(path.split("/")[:at]) for at in range(path.count("/") + 1))
        charts = (namespace for folder in folders for namespace in self._by_chart[folder])
        return frozenset((*here, *charts))

    @cached_property
    def _by_file(self) -> Mapping[str, set[str]]:
        """The namespaces by manifest, by layer and declaration of a release, and by kustomization and its patches."""
        found: dict[str, set[str]] = defaultdict(set)
        for one in self.destinations:
            stack = self._fleet.stacks[one.stack] if one.stack is not None else None
            for path in (one.path, *(stack.paths if stack is not None else ())) if one.namespace else ():
                found[path].add(one.namespace or "")
        for each in self._overlays.all:
            within = {namespace for path in self._overlays.files(each) for namespace in found.get(path, ())}
            for path in (each.path, *(patch.path for patch in each.patches)):
                found[path] |= within
        return found

    @cached_property
    def _by_chart(self) -> Mapping[str, set[str]]:
        """The namespaces by folder of a chart."""
        found: dict[str, set[str]] = defaultdict(set)
        for one in self.destinations:
            stack = self._fleet.stacks[one.stack] if one.stack is not None and one.namespace else None
            for folder in (stack.chart, *stack.subcharts.values()) if stack is not None else ():
                if folder is not None:
                    found[folder].add(one.namespace or "")
        return found

    def _of_releases(self) -> Iterator[Destination]:
        config = self._fleet.config
        for number, stack in enumerate(self._fleet.stacks):
            path = stack.origin.rpartition(":")[0] or stack.origin
            is_strict = _is_strict(config, stack.environment, *(stack.paths or (path,)))
            namespace = stack.namespace if stack.has_namespace else None
            if _is_deployed(stack):
                yield Destination(stack.environment, namespace, is_strict, stack.name, stack.origin, path, number)

    def _of_manifests(self) -> Iterator[Destination]:
        tree, config = self._fleet.tree, self._fleet.config
        for path in tree.ordered:
            source = tree.source(path) if path.endswith(YAML_SUFFIXES) else None
            if source is None or TEMPLATE in source.place or path in self._overlays.patched_with:
                continue
            if config.spared(path) == "test-data" or b"kind" not in source.data or b"mage" not in source.data:
                continue
            for document in yaml.documents(source):
                for one in _objects(document):
                    name = f"{one.text('kind')}/{_named(one)}"
                    origin = f"{path}:{source.position(one.start).line}"
                    for environment, namespace, is_strict in self._placed(path, text_at(one, "metadata", "namespace")):
                        if namespace is not None or one.text("kind") in kubernetes.WORKLOADS:
                            yield Destination(environment, namespace, is_strict, name, origin, path)

    def _of_configuration(self) -> Iterator[Destination]:
        for name, rules in self._fleet.config.environments.items():
            for namespace in rules.namespaces:
                is_strict = _is_strict(self._fleet.config, name)
                yield Destination(name, namespace, is_strict, name, "", "")

    def _placed(self, path: str, own: str | None) -> Iterator[tuple[str | None, str | None, bool]]:
        """Environment, namespace and strictness of an object, for each outermost kustomization that includes it."""
        config = self._fleet.config
        tops = self._overlays.namespaces(path)
        for top, said in tops or ((None, None),):
            paths = (path,) if top is None else (top.path, path)
            folder = path.rpartition("/")[0] if top is None else top.folder
            named = next(filter(None, map(config.environment_of, paths)), None)
            places: list[tuple[str | None, str]] = [(None, said or own or "")]
            if not said and not own:
                places = [(config.environment_of(one.path), one.namespace) for one in self._taking(folder)] or places
            for of_application, namespace in places:
                environment = named or of_application
                known = namespace if is_name(namespace) else None
                yield environment, known, _is_strict(config, environment, *paths)

    def _taking(self, folder: str) -> Iterator[Taken]:
        """The Applications that take a folder or one above it."""
        return (one for one in self._applications if not one.folder or f"{folder}/".startswith(f"{one.folder}/"))

    @cached_property
    def _applications(self) -> tuple[Taken, ...]:
        return tuple(taken(self._fleet.tree))


def _is_strict(config: Config, environment: str | None, *paths: str) -> bool:
    """What the environment says; what belongs to none is strict if one of its files is one of the whole cluster."""
    if environment is not None:
        return config.policy(environment, "").no_digest
    return any(config.policy(None, path).no_digest for path in paths)


def _is_deployed(stack: Stack) -> bool:
    """Whether something installs a release: a chart that nothing declares is none, nor one in its own CI."""
    return stack.kind not in ("chart", "values")


def _objects(document: yaml.Document) -> Iterator[yaml.Mapping]:
    """The objects of a document that run images, as far as their kinds tell."""
    return (one for one in kubernetes.objects(document) if _runs_images(one, document))


def _named(one: yaml.Mapping) -> str:
    return text_at(one, "metadata", "name") or text_at(one, "metadata", "generateName") or "?"


def _runs_images(node: yaml.Mapping, document: yaml.Document) -> bool:
    """Whether an object is a workload, or a custom resource that speaks of an image."""
    kind, group = node.text("kind") or "", (node.text("apiVersion") or "").rpartition("/")[0]
    if kind in kubernetes.WORKLOADS:
        return True
    is_custom = "." in group and not group.endswith(_OTHERS) and kind not in _DECLARATIONS
    return is_custom and b"mage" in document.source.data[node.start : node.end]


def _by_namespace(found: Iterator[Destination]) -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = defaultdict(set)
    for one in found:
        if one.namespace is not None:
            groups[one.namespace].add(one.group)
    return {namespace: frozenset(groups[namespace]) for namespace in sorted(groups)}
