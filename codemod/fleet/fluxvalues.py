"""Where the `valuesFrom` of a HelmRelease stand in the repository: in ConfigMaps and Secrets, or in what makes them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import itemgetter

from msgspec import Struct

from codemod.fleet.kustomization import Generator, Kustomization, text_at
from codemod.fleet.overlays import Overlays
from codemod.fleet.stack import Layer
from codemod.fleet.tree import Tree, alike
from codemod.formats import yaml
from codemod.patterns import on_use
from codemod.source import Source
from codemod.transform import Keys

_KINDS = ("ConfigMap", "Secret")
_PATH_PART = on_use(r"((?:\\.|[^.\\])+)(?:\.|\Z)")


class Reference(Struct, frozen=True):
    """One entry of `valuesFrom`; `prefix` is the `targetPath`, None one that goes into a list."""

    kind: str
    name: str
    key: str
    prefix: Keys | None
    is_optional: bool


class Found(Struct, frozen=True):
    """What a reference comes to: a layer, a file that is missing, or a note."""

    layer: Layer | None = None
    missing: str | None = None
    note: str | None = None


class Object(Struct, frozen=True):
    """A ConfigMap or a Secret."""

    path: str
    document: int
    root: yaml.Mapping
    kind: str
    name: str

    @property
    def namespace(self) -> str | None:
        return text_at(self.root, "metadata", "namespace")


class Values:
    """The ConfigMaps and Secrets of a repository whose names are asked for."""

    def __init__(self, tree: Tree, overlays: Overlays, names: Iterable[str]) -> None:
        self._tree = tree
        self._overlays = overlays
        self._objects: dict[tuple[str, str], list[Object]] = defaultdict(list)
        for found in objects_named(tree, frozenset(names) - {""}):
            if found.path not in overlays.patched_with:
                self._objects[found.kind, found.name].append(found)

    def find(self, reference: Reference, around: tuple[Kustomization, ...], namespace: str) -> Found:
        """What a reference stands for, seen from the kustomizations around a release (the nearest first).

        What they generate or include comes first, then an object of the release's namespace, then the only one of that
        name. `kustomize` merges what generators of one name say key by key, so that the outermost with the key counts.
        """
        if reference.prefix is None:
            return Found(note=f"the targetPath of {_label(reference)} goes into a list")
        for each in around:
            path = _file_of(self._overlays.generators(each, reference.kind, reference.name), reference.key)
            if path is not None:
                return self._in_file(reference, path)
        objects = self._objects.get((reference.kind, reference.name), [])
        near = next((few for each in around if (few := self._included(each, objects))), None)
        same = [each for each in objects if each.namespace == namespace]
        candidates = near or same or objects
        if len(candidates) > 1:
            return Found(note=f"there are several {_label(reference)}")
        if candidates:
            return _in_object(reference, candidates[0])
        return self._generated_elsewhere(reference)

    def _included(self, each: Kustomization, objects: list[Object]) -> list[Object]:
        files = self._overlays.files(each)
        return [one for one in objects if one.path in files]

    def _generated_elsewhere(self, reference: Reference) -> Found:
        made = [
            path
            for each in self._overlays.all
            if (path := _file_of(_named(each.generators, reference), reference.key)) is not None
        ]
        if len(made) > 1:
            return Found(note=f"there are several {_label(reference)}")
        return (
            self._in_file(reference, made[0]) if made else Found(note=f"{_label(reference)} is not in the repository")
        )

    def _in_file(self, reference: Reference, path: str) -> Found:
        if path not in self._tree.paths:
            return Found(missing=path)
        if is_encrypted(self._tree.root(path)):
            return Found(note=f"{_label(reference)} is encrypted ({path})")
        return Found(Layer(path, prefix=reference.prefix or ()))


def read_reference(item: yaml.Node) -> Reference | None:
    """One entry of `valuesFrom`; None where it names nothing. The key is `values.yaml` where none is given."""
    kind, name = text_at(item, "kind"), text_at(item, "name")
    if kind not in _KINDS or not name:
        return None
    return Reference(
        kind,
        name,
        text_at(item, "valuesKey") or "values.yaml",
        target_path(text_at(item, "targetPath") or ""),
        text_at(item, "optional") == "true",
    )


def target_path(text: str) -> Keys | None:
    """The keys of a `targetPath`, in Helm's `--set` syntax (a backslash escapes a dot); None for one with indices."""
    if re.search(r"(?<!\\)[\[\]]", text):
        return None
    return tuple(re.sub(r"\\(.)", r"\1", part) for part in _PATH_PART.findall(text))


def _label(reference: Reference) -> str:
    return f"{reference.kind} {reference.name}"


def _named(generators: Iterable[Generator], reference: Reference) -> Iterator[Generator]:
    return (each for each in generators if (each.kind, each.name) == (reference.kind, reference.name))


def _file_of(generators: Iterable[Generator], key: str) -> str | None:
    return next((path for each in generators for name, path in each.files if name == key), None)


def _in_object(reference: Reference, found: Object) -> Found:
    """`data` of a ConfigMap and `stringData` of a Secret hold texts; `data` of a Secret is base64."""
    if is_encrypted(found.root):
        return Found(note=f"{_label(reference)} is encrypted ({found.path})")
    within = ("data" if found.kind == "ConfigMap" else "stringData", reference.key)
    if text_at(found.root, *within) is None:
        return Found(note=f"{_label(reference)} has no readable {reference.key} ({found.path})")
    prefix = reference.prefix or ()
    return Found(Layer(found.path, found.document, within, is_text=not prefix, prefix=prefix))


def is_encrypted(root: yaml.Mapping | None) -> bool:
    """Whether SOPS encrypted the file."""
    return root is not None and root.get("sops") is not None


def objects_named(tree: Tree, names: frozenset[str]) -> list[Object]:
    """The ConfigMaps and Secrets that have one of some names, in the order of the paths, patches included."""
    if not names:
        return []
    wanted = re.compile(b"|".join(re.escape(name.encode()) for name in sorted(names)))
    found = [
        (path, *said)
        for content in tree.mentioning(*(kind.encode() for kind in _KINDS))
        if wanted.search(content.source.data)
        for path, source in content.files
        for said in alike(source, (objects_named, names), lambda source: list(_objects(source, wanted, names)))
    ]
    return [Object(*each) for each in sorted(found, key=itemgetter(0))]


def _objects(
    source: Source, wanted: re.Pattern[bytes], names: frozenset[str]
) -> Iterator[tuple[int, yaml.Mapping, str, str]]:
    """What makes the objects of a source, but for the path."""
    for number, document in enumerate(yaml.documents(source)):
        root = document.root if wanted.search(document.text) else None
        kind, name = text_at(root, "kind"), text_at(root, "metadata", "name")
        if isinstance(root, yaml.Mapping) and kind in _KINDS and name is not None and name in names:
            yield number, root, kind, name
