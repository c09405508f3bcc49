"""Images that `replacements:` of kustomizations take apart, put together, or find by what they are.

Follows kustomize (api/filters/replacement): a part of a text is what stands between delimiters; a digest has a `:` and
an `@` of its own, so other parts come out once an image is pinned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from msgspec import Struct

from codemod.fleet import imagetag
from codemod.fleet.chartfile import joined
from codemod.fleet.kustomization import FILES, Kustomization, items_at, matches, text_at, texts_at
from codemod.fleet.overlays import Overlays
from codemod.fleet.tree import Tree
from codemod.formats import yaml
from codemod.patterns import on_use

WORD = b"replacements"
_SEGMENT = on_use(r"\[[^\]]*\]|(?:\\.|[^.\[\\])+")
_BY_VALUE = on_use(r"\[image=([^\]]*)\]")


class Acting(Struct, frozen=True):
    """What a replacement does with an image: it takes a part of it, sets one, or selects it by its text."""

    by: str
    delimiter: str = ""
    number: int = 0
    is_source: bool = False
    is_selected: bool = False

    def minds(self, text: str) -> bool:
        """Whether something else comes out once the image has a digest in the place of its tag."""
        if self.is_selected:
            return True
        if not (self.delimiter and self.is_source):
            return bool(self.delimiter)
        before, after = text.split(self.delimiter), imagetag.pinned(text).split(self.delimiter)
        return before[self.number : self.number + 1] != after[self.number : self.number + 1]


class Replacements:
    """The images that replacements work on, by their place."""

    def __init__(self, tree: Tree, overlays: Overlays) -> None:
        self._tree, self._overlays = tree, overlays
        self._found: dict[tuple[str, int], dict[Acting, None]] = defaultdict(dict)
        self._read_from: dict[tuple[str, str, str], dict[Acting, None]] = defaultdict(dict)
        for each in overlays.all:
            if not each.is_flux and WORD in (tree.text(each.path) or b""):
                self._read(each)

    def against(self, path: str, offset: int, text: str) -> str:
        """Why an image whose scalar stands at an offset of a file may get no digest there; empty if it may."""
        return _why(self._found.get((path, offset), {}), text)

    def against_data(self, kind: str, name: str, key: str, text: str) -> str:
        """The same for an image that a generated ConfigMap or Secret holds at a key."""
        return _why(self._read_from.get((kind, name, key), {}), text)

    def _read(self, each: Kustomization) -> None:
        root = self._tree.root(each.path)
        for item in items_at(root, "replacements"):
            named = text_at(item, "path")
            path = joined(each.folder, named) if named else None
            for one in [item] if path is None else self._of_file(path):
                if isinstance(one, yaml.Mapping):
                    self._add(each, one)

    def _of_file(self, path: str) -> Iterator[yaml.Node]:
        for document in self._tree.documents(path):
            yield from (
                document.root.items if isinstance(document.root, yaml.Sequence) else [document.root or yaml.Node(0, 0)]
            )

    def _add(self, each: Kustomization, item: yaml.Mapping) -> None:
        source = yaml.lookup(item, "source")
        targets = [target for target in items_at(item, "targets") if isinstance(target, yaml.Mapping)]
        if isinstance(source, yaml.Mapping):
            acting = Acting(each.path, *_options(source), is_source=True)
            path = source.text("fieldPath") or ""
            self._mark(each, source, (path,), acting, is_source=True)
            if path.startswith("data."):
                kind, name = source.text("kind") or "", source.text("name") or ""
                self._read_from[kind, name, path.removeprefix("data.").strip("[]").replace("\\", "")][acting] = None
        for target in targets:
            select = yaml.lookup(target, "select")
            if isinstance(select, yaml.Mapping):
                self._mark(each, select, texts_at(target, "fieldPaths"), Acting(each.path, *_options(target)))

    def _mark(
        self,
        each: Kustomization,
        select: yaml.Mapping,
        paths: tuple[str, ...],
        acting: Acting,
        *,
        is_source: bool = False,
    ) -> None:
        telling = [path for path in paths if "image" in path or "reference" in path]
        for file, root in self._objects(each) if telling else ():
            if not _is_selected(root, select, is_source):
                continue
            for path in telling:
                by_value = _BY_VALUE.search(path)
                if by_value is not None:
                    for scalar in _scalars_at(root, path[: by_value.end()] + ".image"):
                        self._found[file, scalar.inner.start][Acting(acting.by, is_selected=True)] = None
                for scalar in _scalars_at(root, path):
                    self._found[file, scalar.inner.start][acting] = None

    def _objects(self, each: Kustomization) -> Iterator[tuple[str, yaml.Mapping]]:
        """The objects that pass through a kustomization, and patches of them; through a component, those around it."""
        around = self._overlays.above(each) if text_at(self._tree.root(each.path), "kind") == "Component" else ()
        files: dict[str, None] = {}
        for one in (each, *around):
            for below in self._overlays.subtree(one):
                files.update(dict.fromkeys(patch.path for patch in below.patches if not patch.is_inline))
            files.update(dict.fromkeys(sorted(self._overlays.files(one))))
        for path in files:
            for document in self._tree.documents(path) if path.rpartition("/")[2] not in FILES else ():
                if isinstance(document.root, yaml.Mapping):
                    yield path, document.root


def _why(acting: Iterable[Acting], text: str) -> str:
    one = next((one for one in acting if one.minds(text)), None)
    if one is None:
        return ""
    if one.is_selected:
        return f"a replacement in {one.by} finds it by its tag"
    return f"a replacement in {one.by} {'takes' if one.is_source else 'sets'} a part of it"


def _options(node: yaml.Mapping) -> tuple[str, int]:
    index = text_at(node, "options", "index") or "0"
    return text_at(node, "options", "delimiter") or "", int(index) if index.lstrip("-").isdigit() else 0


def _is_selected(root: yaml.Mapping, select: yaml.Mapping, is_source: bool) -> bool:
    """By kind and name, which targets give as expressions; what else a selector asks for is taken to be so."""
    for key, text in (("kind", root.text("kind") or ""), ("name", text_at(root, "metadata", "name") or "")):
        wanted = select.text(key)
        if wanted and wanted != text and (is_source or not matches(wanted, text)):
            return False
    return True


def _scalars_at(root: yaml.Node, path: str) -> list[yaml.Scalar]:
    """What a field path leads to: keys, numbers, `*`, and `[name=web]`."""
    nodes: list[yaml.Node] = [root]
    for segment in _SEGMENT.findall(path):
        nodes = [below for node in nodes if (here := yaml.target(node)) is not None for below in _below(here, segment)]
    return [node for node in nodes if isinstance(node, yaml.Scalar)]


def _below(node: yaml.Node, segment: str) -> list[yaml.Node]:
    if isinstance(node, yaml.Mapping):
        found = yaml.lookup(node, segment.replace("\\", ""))
        return [entry.value for entry in node.entries] if segment == "*" else [found] if found is not None else []
    if not isinstance(node, yaml.Sequence):
        return []
    if segment == "*":
        return list(node.items)
    if segment.isdigit():
        return node.items[int(segment) : int(segment) + 1]
    key, _, value = segment.strip("[]").partition("=")
    return [item for item in node.items if text_at(item, key) == value]
