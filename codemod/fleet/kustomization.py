"""Kustomizations as far as releases need them: what each includes, patches, generates, and in which namespace.

Read are `kustomization.yaml` files and Flux's `Kustomization` objects, which are one more layer around a folder. Flux
takes all manifests below a folder that has no `kustomization.yaml` (fluxcd.io, "Generate a kustomization.yaml file").
Remote resources and what `replacements` and other transformers do are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from codemod.fleet.chartfile import joined, within
from codemod.fleet.tree import Manifest, Tree
from codemod.formats import yaml

FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
FLUX_GROUP = "kustomize.toolkit.fluxcd.io"


class Patch(Struct, frozen=True):
    """One document of a patch: a part of an object, or a list of operations (JSON patch).

    `target` is the selector that stands beside it, None where the patch names its object itself. `is_inline` says that
    it is a text inside the kustomization, whose place then is `path` and `line`.
    """

    path: str
    document: int
    line: int
    root: yaml.Node
    target: yaml.Mapping | None = None
    is_inline: bool = False

    def is_for(self, manifest: Manifest) -> bool:
        """Whether it patches an object, as kustomize selects it: whole texts match the selector's expressions."""
        if self.target is not None:
            return _selects(self.target, manifest)
        root = self.root
        return (
            isinstance(root, yaml.Mapping)
            and root.text("kind") == manifest.kind
            and text_at(root, "metadata", "name") == text_at(manifest.root, "metadata", "name")
        )


class Generator(Struct, frozen=True):
    """A `configMapGenerator` or `secretGenerator`: kind and name of what it makes, and the file of each key.

    `envs` are files whose variables are keys.
    """

    kind: str
    name: str
    files: tuple[tuple[str, str], ...]
    envs: tuple[str, ...] = ()


class Kustomization(Struct, frozen=True, eq=False):
    """One layer: `resources` and `components` are paths of files and folders in the repository."""

    path: str
    line: int
    folder: str
    resources: tuple[str, ...]
    components: tuple[str, ...]
    patches: tuple[Patch, ...]
    namespace: str | None
    generators: tuple[Generator, ...]
    images: tuple[yaml.Mapping, ...] = ()
    is_flux: bool = False
    """Whether it is an object of Flux, and `folder` its `spec.path`."""


def text_at(root: yaml.Node | None, *keys: str) -> str | None:
    """The text of the scalar at a way of keys."""
    node, depth = yaml.descend(root, keys)
    return node.value if depth == len(keys) and isinstance(node, yaml.Scalar) and not node.is_null else None


def items_at(root: yaml.Node | None, *keys: str) -> tuple[yaml.Node, ...]:
    """The items of the list at a way of keys, aliases followed; none where there is no list."""
    node, depth = yaml.descend(root, keys)
    found = node.items if depth == len(keys) and isinstance(node, yaml.Sequence) else ()
    return tuple(item for each in found if (item := yaml.target(each)) is not None)


def texts_at(root: yaml.Node | None, *keys: str) -> tuple[str, ...]:
    """The scalars of the list at a way of keys."""
    return tuple(item.value for item in items_at(root, *keys) if isinstance(item, yaml.Scalar))


def _maps_at(root: yaml.Mapping, *keys: str) -> tuple[yaml.Mapping, ...]:
    """The maps in the lists at some keys."""
    return tuple(item for key in keys for item in items_at(root, key) if isinstance(item, yaml.Mapping))


def read_file(tree: Tree, path: str) -> Kustomization | None:
    """The kustomization that a file holds; None where it holds no map."""
    root = tree.root(path)
    if root is None:
        return None
    folder = path.rpartition("/")[0]
    return Kustomization(
        path,
        1,
        folder,
        tuple(_paths(folder, (*texts_at(root, "resources"), *texts_at(root, "bases")))),
        tuple(_paths(folder, texts_at(root, "components"))),
        tuple(_patches(tree, path, folder, root)),
        root.text("namespace"),
        tuple(_generators(folder, root)),
        _maps_at(root, "images", "imageTags"),
    )


def read_flux(tree: Tree, manifest: Manifest) -> Kustomization | None:
    """The layer that a Flux `Kustomization` is; None where it says no path of the repository."""
    spec = yaml.lookup(manifest.root, "spec")
    path = joined("", (text_at(spec, "path") or "").lstrip("/") or ".")
    if not isinstance(spec, yaml.Mapping) or path is None:
        return None
    return Kustomization(
        manifest.path,
        manifest.line,
        path,
        (path,),
        tuple(_paths(path, texts_at(spec, "components"))),
        tuple(_patches(tree, manifest.path, path, spec)),
        spec.text("targetNamespace"),
        (),
        _maps_at(spec, "images"),
        is_flux=True,
    )


def _paths(folder: str, texts: tuple[str, ...]) -> Iterator[str]:
    for text in texts:
        path = None if "://" in text else joined(folder, text)
        if path is not None:
            yield path


def _patches(tree: Tree, path: str, folder: str, root: yaml.Mapping) -> Iterator[Patch]:
    """Strategic merge and JSON patches; lists of an older kustomize come first, as kustomize applies them."""
    for item in items_at(root, "patchesStrategicMerge"):
        if isinstance(item, yaml.Scalar):
            yield from (
                _inline(tree, path, item, None) if "\n" in item.value else _of_file(tree, folder, item.value, None)
            )
    for item in (*items_at(root, "patches"), *items_at(root, "patchesJson6902")):
        if isinstance(item, yaml.Scalar):
            yield from _of_file(tree, folder, item.value, None)
        elif isinstance(item, yaml.Mapping):
            selector = yaml.lookup(item, "target")
            target = selector if isinstance(selector, yaml.Mapping) else None
            text = yaml.lookup(item, "patch")
            if isinstance(text, yaml.Scalar):
                yield from _inline(tree, path, text, target)
            elif item.text("path"):
                yield from _of_file(tree, folder, item.text("path") or "", target)


def _of_file(tree: Tree, folder: str, text: str, target: yaml.Mapping | None) -> Iterator[Patch]:
    path = joined(folder, text)
    for number, document in enumerate(tree.documents(path) if path is not None else ()):
        if path is not None and document.root is not None:
            line = document.source.position(document.root.start).line
            yield Patch(path, number, line, document.root, target)


def _inline(tree: Tree, path: str, text: yaml.Scalar, target: yaml.Mapping | None) -> Iterator[Patch]:
    for document in tree.documents(path):
        if document.span.start <= text.start < document.span.end:
            source = yaml.nested(document, text)
            line = document.source.position(text.start).line
            for number, inner in enumerate(yaml.documents(source) if source is not None else ()):
                if inner.root is not None:
                    yield Patch(path, number, line, inner.root, target, is_inline=True)


def _generators(folder: str, root: yaml.Mapping) -> Iterator[Generator]:
    for key, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
        for item in items_at(root, key):
            name = text_at(item, "name")
            if name:
                envs = (*texts_at(item, "envs"), text_at(item, "env") or "")
                paths = tuple(path for text in envs if text and (path := joined(folder, text)) is not None)
                yield Generator(kind, name, tuple(_generated(folder, texts_at(item, "files"))), paths)


def _generated(folder: str, files: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for text in files:
        key, equals, file = text.partition("=")
        path = joined(folder, file if equals else text)
        if path is not None:
            yield (key if equals else text.rpartition("/")[2]), path


def _selects(target: yaml.Mapping, manifest: Manifest) -> bool:
    names = {
        "kind": manifest.kind,
        "group": manifest.group,
        "name": text_at(manifest.root, "metadata", "name") or "",
    }
    if any((wanted := target.text(key)) and not matches(wanted, text) for key, text in names.items()):
        return False
    for key, place in (("labelSelector", "labels"), ("annotationSelector", "annotations")):
        for term in filter(None, (target.text(key) or "").split(",")):
            name, _, value = term.replace("==", "=").partition("=")
            if text_at(manifest.root, "metadata", place, name.strip()) != value.strip():
                return False
    return True


def matches(expression: str, text: str) -> bool:
    """Whether an expression of a selector's name or kind is that of a whole text; one that is none matches nothing."""
    try:
        return re.fullmatch(expression, text) is not None
    except re.error:
        return False


def kustomizations(tree: Tree) -> Iterator[Kustomization]:
    """Those of files, one a folder, then Flux's."""
    folders = {path.rpartition("/")[0] for path in tree.paths if path.rpartition("/")[2] in FILES}
    for folder in sorted(folders):
        path = next(path for name in FILES if (path := within(folder, name)) in tree.paths)
        found = read_file(tree, path)
        if found is not None:
            yield found
    for manifest in tree.manifests(FLUX_GROUP):
        found = read_flux(tree, manifest) if manifest.kind == "Kustomization" else None
        if found is not None:
            yield found
