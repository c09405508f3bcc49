"""What a cluster would hold: the objects of all plain manifests, and those that the charts of all releases print."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from msgspec import Struct

from codemod.charts.rendered import Rendered
from codemod.fleet import Fleet, Stack
from codemod.fleet.namespaces import Namespaces
from codemod.fleet.render import Renderer, instances_of
from codemod.fleet.tree import YAML_SUFFIXES, Manifest
from codemod.fleet.values import plain
from codemod.formats import yaml
from codemod.place import TEMPLATE
from codemod.pulls.pods import SECRETS, WORDS, Object, names_secret, objects
from codemod.source import Source


class Held(Struct, frozen=True):
    """An object, where it comes from, and the namespaces that it may be in (none: nothing says which).

    `path` is the file of a plain manifest or of the template; `stack` the release that prints it, with `lines` for the
    places of its lines. `is_patched` says that a kustomization gives it pull secrets, `accounts` are the service
    accounts that one gives it. `is_patch`: it is a part of an object, which a kustomization lays over the whole.
    """

    one: Object
    path: str
    namespaces: frozenset[str]
    stack: Stack | None = None
    lines: tuple[tuple[str, int], ...] = ()
    is_patched: bool = False
    accounts: frozenset[str] = frozenset()
    is_patch: bool = False


class World:
    """All objects of a fleet, plain ones first."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self.overlays = fleet.renames.overlays
        self._namespaces = Namespaces(fleet)
        self.unread: list[str] = []
        """The names of the releases of which not all can be said: their chart is not here, or some of it fails."""

    def held(self) -> Iterator[Held]:
        """Every object in which a pod or a service account may be."""
        yield from self._plain()
        renderer = Renderer(self._fleet.tree)
        for number, stack in enumerate(self._fleet.stacks):
            yield from self._rendered(renderer, number, stack)

    def of_release(self, number: int, only: Collection[str]) -> Iterator[Held]:
        """The objects that some templates of one release print."""
        yield from self._rendered(Renderer(self._fleet.tree), number, self._fleet.stacks[number], only)

    def _plain(self) -> Iterator[Held]:
        tree = self._fleet.tree
        for path in tree.ordered:
            source = tree.source(path) if path.endswith(YAML_SUFFIXES) else None
            if source is None or TEMPLATE in source.place or not source.mentions(WORDS):
                continue
            is_patch = path in self.overlays.patched_with
            for document in yaml.documents(source):
                for one in objects(document):
                    patches = self._patches(path, one)
                    is_patched = any(map(_gives_secrets, patches))
                    accounts = frozenset(name for patch in patches for name in _accounts(patch))
                    namespaces = self._namespaces.of(path, one.namespace)
                    yield Held(one, path, namespaces, is_patched=is_patched, accounts=accounts, is_patch=is_patch)

    def _patches(self, path: str, one: Object) -> list[yaml.Node]:
        """What the kustomizations that include a file patch an object of it with."""
        patches = [patch for each in self.overlays.reaching(path) for patch in each.patches]
        if not patches:
            return []
        group = (one.root.text("apiVersion") or "").partition("/")[0]
        manifest = Manifest(path, one.document.number, one.root, one.kind, group, 1)
        return [patch.root for patch in patches if patch.is_for(manifest)]

    def _rendered(
        self, renderer: Renderer, number: int, stack: Stack, only: Collection[str] | None = None
    ) -> Iterator[Held]:
        instances = tuple(instances_of(stack, self._fleet.tree))
        is_read = bool(instances)
        is_patched = self._is_post_rendered(stack)
        folders = {instance.path: instance.chart.folder for instance in instances}
        values = plain(self._fleet.values(number)) if instances else {}
        for path, printed in renderer.render(stack, values, only, explores=False):
            if printed.problems:
                is_read = False
                continue
            source = Source(path, printed.text.encode(), yaml.LANGUAGE.name)
            lines = _lines(printed, folders)
            for document in yaml.documents(source):
                is_read = is_read and document.problem is None
                for one in objects(document):
                    yield Held(one, path, frozenset({one.namespace or stack.namespace}), stack, lines, is_patched)
        if not is_read:
            self.unread.append(stack.name)

    def _is_post_rendered(self, stack: Stack) -> bool:
        """Whether the declaration of a release patches pull secrets into what its chart prints (Flux)."""
        path, _, line = stack.origin.rpartition(":")
        for document in self._fleet.tree.documents(path) if stack.kind == "flux" else ():
            root = document.root
            if root is not None and str(document.source.position(root.start).line) == line:
                spec = yaml.lookup(root, "spec") if isinstance(root, yaml.Mapping) else None
                found = yaml.lookup(spec, "postRenderers") if isinstance(spec, yaml.Mapping) else None
                return found is not None and SECRETS.encode() in document.source.data[found.start : found.end]
        return False


def _gives_secrets(patch: yaml.Node) -> bool:
    """Whether a patch, strategic or JSON, adds a pull secret."""
    if isinstance(patch, yaml.Sequence):
        return any(f"/{SECRETS}" in (item.text("path") or "") for item in _operations(patch))
    return any(map(names_secret, yaml.mappings(patch)))


def _accounts(patch: yaml.Node) -> Iterator[str]:
    """The service accounts that a patch gives."""
    if isinstance(patch, yaml.Sequence):
        operations = (item for item in _operations(patch) if (item.text("path") or "").endswith("/serviceAccountName"))
        texts = (item.text("value") for item in operations)
    else:
        texts = (mapping.text("serviceAccountName") for mapping in yaml.mappings(patch))
    yield from (text for text in texts if text is not None)


def _operations(patch: yaml.Sequence) -> Iterator[yaml.Mapping]:
    """The operations of a JSON patch that add something."""
    for each in patch.items:
        item = yaml.target(each)
        if isinstance(item, yaml.Mapping) and item.text("op") in ("add", "replace"):
            yield item


def _lines(printed: Rendered, folders: dict[str, str]) -> tuple[tuple[str, int], ...]:
    """For each line of the output the file and the line that printed it; templates are named as Helm names them."""
    paths: dict[str, str] = {}
    for origin in printed.lines:
        if origin.template not in paths:
            charts = (chart for chart in folders if origin.template.startswith(f"{chart}/"))
            chart = max(charts, key=len, default="")
            inside = origin.template[len(chart) :].lstrip("/")
            paths[origin.template] = f"{folders[chart]}/{inside}".lstrip("/") if chart else origin.template
    return tuple((paths[origin.template], origin.line) for origin in printed.lines)
