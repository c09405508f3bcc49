"""The kustomizations of a repository: what the files and Flux's objects say, read once for all that say the same.

What one says is kept as it is written, for files of equal bytes; its paths are those of the folder that sees it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from codemod.fleet.chartfile import joined, normal
from codemod.fleet.kustomization import FILES, FLUX_GROUP, Generator, Kustomization, Patch, items_at, text_at, texts_at
from codemod.fleet.tree import Manifest, Tree, alike, first_map
from codemod.formats import yaml
from codemod.source import Source


class _Said(Struct, frozen=True):
    """What a kustomization says, wherever it stands: texts that are no paths of the repository yet.

    `patches` are the names of files or texts, each with the selector beside it; `path` is that of Flux's objects.
    """

    resources: tuple[str, ...]
    components: tuple[str, ...]
    patches: tuple[tuple[str | yaml.Scalar, yaml.Mapping | None], ...]
    namespace: str | None
    generators: tuple[Generator, ...]
    images: tuple[yaml.Mapping, ...]
    path: str = ""


def kustomizations(tree: Tree) -> Iterator[Kustomization]:
    """Those of files, one a folder, then Flux's."""
    paths: dict[str, str] = {}
    for path in (path for name in FILES for path in tree.named(name)):
        paths.setdefault(path.rpartition("/")[0], path)
    for folder in sorted(paths):
        found = read_file(tree, paths[folder])
        if found is not None:
            yield found
    for manifest in tree.manifests(FLUX_GROUP):
        found = read_flux(tree, manifest) if manifest.kind == "Kustomization" else None
        if found is not None:
            yield found


def _maps_at(root: yaml.Mapping, *keys: str) -> tuple[yaml.Mapping, ...]:
    """The maps in the lists at some keys."""
    return tuple(item for key in keys for item in items_at(root, key) if isinstance(item, yaml.Mapping))


def read_file(tree: Tree, path: str) -> Kustomization | None:
    """The kustomization that a file holds; None where it holds no map."""
    source = tree.source(path)
    said = alike(source, _of_root, _of_root) if source is not None else None
    return _placed(tree, path, 1, path.rpartition("/")[0], said) if said is not None else None


def _of_root(source: Source) -> _Said | None:
    """What a kustomization file says."""
    root = first_map(source)
    if root is None:
        return None
    return _Said(
        _local((*texts_at(root, "resources"), *texts_at(root, "bases"))),
        _local(texts_at(root, "components")),
        tuple(_patches(root)),
        root.text("namespace"),
        tuple(_generators(root)),
        _maps_at(root, "images", "imageTags"),
    )


def read_flux(tree: Tree, manifest: Manifest) -> Kustomization | None:
    """The layer that a Flux `Kustomization` is; None where it says no path of the repository."""
    source = tree.source(manifest.path)
    key = (read_flux, manifest.document)
    said = alike(source, key, lambda _: _of_object(manifest)) if source is not None else None
    return _placed(tree, manifest.path, manifest.line, said.path, said, is_flux=True) if said is not None else None


def _of_object(manifest: Manifest) -> _Said | None:
    """What a Kustomization of Flux says."""
    spec = yaml.lookup(manifest.root, "spec")
    path = joined("", (text_at(spec, "path") or "").lstrip("/") or ".")
    if not isinstance(spec, yaml.Mapping) or path is None:
        return None
    return _Said(
        (),
        _local(texts_at(spec, "components")),
        tuple(_patches(spec)),
        spec.text("targetNamespace"),
        (),
        _maps_at(spec, "images"),
        path,
    )


def _placed(tree: Tree, path: str, line: int, folder: str, said: _Said, *, is_flux: bool = False) -> Kustomization:
    """The layer that something says which is seen from a folder."""
    return Kustomization(
        path,
        line,
        folder,
        (folder,) if is_flux else _paths(folder, said.resources),
        _paths(folder, said.components) if said.components else (),
        tuple(patch for item in said.patches for patch in _read(tree, path, folder, *item)) if said.patches else (),
        said.namespace,
        tuple(_generator(folder, each) for each in said.generators) if said.generators else (),
        said.images,
        is_flux,
    )


def _local(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(normal(text) for text in texts if "://" not in text)


def _paths(folder: str, texts: tuple[str, ...]) -> tuple[str, ...]:
    """The paths of normal texts; most lead straight down."""
    above = f"{folder}/" if folder else ""
    if _lead_down(texts):
        return tuple([above + text for text in texts])
    return tuple([path for text in texts if (path := joined(folder, text)) is not None])


@lru_cache(maxsize=4096)
def _lead_down(texts: tuple[str, ...]) -> bool:
    """Whether normal texts name what stands below, whatever the folder."""
    return not any(text[:1] in "./" for text in texts)


def _patches(root: yaml.Mapping) -> Iterator[tuple[str | yaml.Scalar, yaml.Mapping | None]]:
    """Strategic merge and JSON patches; lists of an older kustomize come first, as kustomize applies them."""
    for item in items_at(root, "patchesStrategicMerge"):
        if isinstance(item, yaml.Scalar):
            yield (item if "\n" in item.value else item.value), None
    for item in (*items_at(root, "patches"), *items_at(root, "patchesJson6902")):
        if isinstance(item, yaml.Scalar):
            yield item.value, None
        elif isinstance(item, yaml.Mapping):
            selector = yaml.lookup(item, "target")
            target = selector if isinstance(selector, yaml.Mapping) else None
            text = yaml.lookup(item, "patch")
            if isinstance(text, yaml.Scalar):
                yield text, target
            elif path := item.text("path"):
                yield path, target


def _read(tree: Tree, path: str, folder: str, said: str | yaml.Scalar, target: yaml.Mapping | None) -> Iterator[Patch]:
    """The documents of one patch: of a text in it, or of a file."""
    if isinstance(said, yaml.Scalar):
        return _inline(tree, path, said, target)
    where = joined(folder, said)
    source = tree.source(where) if where is not None else None
    found = alike(source, _roots, _roots) if source is not None else ()
    return (Patch(where or "", *each, target) for each in found)


def _roots(source: Source) -> list[tuple[int, int, yaml.Node]]:
    """The roots of the documents of a file, each behind its number and its line."""
    roots = ((number, document.root) for number, document in enumerate(yaml.documents(source)))
    return [(number, source.position(root.start).line, root) for number, root in roots if root is not None]


def _inline(tree: Tree, path: str, text: yaml.Scalar, target: yaml.Mapping | None) -> Iterator[Patch]:
    """The documents of a patch that is a text."""
    source = tree.source(path)
    found = alike(source, text, lambda source: list(_inner_roots(source, text))) if source is not None else ()
    return (Patch(path, *each, target, is_inline=True) for each in found)


def _inner_roots(source: Source, text: yaml.Scalar) -> Iterator[tuple[int, int, yaml.Node]]:
    """The roots of the documents in a text, each behind its number there and the line of the text."""
    for document in yaml.documents(source):
        if document.span.start <= text.start < document.span.end:
            inner = yaml.nested(document, text)
            line = source.position(text.start).line
            roots = (each.root for each in (yaml.documents(inner) if inner is not None else ()))
            yield from ((number, line, root) for number, root in enumerate(roots) if root is not None)


def _generators(root: yaml.Mapping) -> Iterator[Generator]:
    """The generators as they are written: their paths are relative."""
    for key, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
        for item in items_at(root, key):
            name = text_at(item, "name")
            if name:
                envs = (*texts_at(item, "envs"), text_at(item, "env") or "")
                yield Generator(
                    kind, name, tuple(map(_generated, texts_at(item, "files"))), tuple(map(normal, filter(None, envs)))
                )


def _generated(text: str) -> tuple[str, str]:
    key, equals, file = text.partition("=")
    return (key, file) if equals else (text.rpartition("/")[2], text)


def _generator(folder: str, said: Generator) -> Generator:
    """A generator whose relative paths are seen from a folder."""
    files = ((key, joined(folder, text)) for key, text in said.files)
    return Generator(
        said.kind, said.name, tuple((key, path) for key, path in files if path is not None), _paths(folder, said.envs)
    )
