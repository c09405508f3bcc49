"""What Argo CD writes into kustomizations before it builds them: the `kustomize.images` of Applications.

Argo CD calls `kustomize edit set image` in the folder of a source (util/kustomize/kustomize.go). That puts each item in
the place of the entry of its name, and sorts them all by name; `*` stands for what that entry said.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from msgspec.structs import replace

from codemod.fleet.argocd import declared
from codemod.fleet.imagetag import Entry, split
from codemod.fleet.params import as_list, as_map, as_text
from codemod.fleet.sources import Declared, sources
from codemod.fleet.tree import Tree
from codemod.fleet.unify import captures
from codemod.formats import yaml
from codemod.source import Source
from codemod.transform import Keys

_KEPT = "*"
_NOTHING = Entry("", "", "", "", "", None)


class Given(NamedTuple):
    """An item, and the file that it stands in."""

    path: str
    entry: Entry


Deployed = Mapping[str, tuple[tuple[Given, ...], ...]]
"""For each folder what Applications write into its kustomization, once each; nothing where one takes it as it is."""


def deployed(tree: Tree) -> Deployed:
    """The folders that Applications build, if any of them gives images to kustomize."""
    found: dict[str, dict[tuple[Given, ...], None]] = defaultdict(dict)
    for app in declared(tree):
        for source, keys in sources(app.spec):
            folder = None if source.get("chart") else _folder(app, source)
            items = _given(app, source, keys, folder, tree) if folder is not None else None
            if folder is not None and items is not None:
                found[folder][items] = None
    has_any = any(items for ways in found.values() for items in ways)
    return {folder: tuple(ways) for folder, ways in found.items()} if has_any else {}


@lru_cache(maxsize=16384)
def item_of(text: str, start: int, path: str) -> Given | None:
    """An item of a file as an entry; Applications of one template share it."""
    entry = argument(text, start)
    return Given(path, entry) if entry is not None else None


def argument(text: str, start: int) -> Entry | None:
    """An item as an entry; `start` is where its text begins. None for what kustomize would refuse."""
    old, equals, new = text.partition("=") if "=" in text else ("", "", text)
    name, tag, digest = split(new)
    if not name or (not equals and not (tag or digest)):
        return None
    begin = start + len(f"{old}{equals}".encode())
    site = yaml.Scalar(begin, begin + len(new.encode()), value=new)
    return Entry(old or name, name if equals else "", tag, digest, "", site)


def edited(entries: Sequence[Given], items: Sequence[Given]) -> tuple[Given, ...]:
    """The entries of a kustomization after `kustomize edit set image`."""
    if not items:
        return tuple(entries)
    found = {item.entry.name: item for item in items}
    for old in entries:
        new = found.setdefault(old.entry.name, old)
        if new is not old:
            found[old.entry.name] = _without_stars(new, old.entry)
    return tuple(_without_stars(found[name], _NOTHING) for name in sorted(found))


def _without_stars(given: Given, old: Entry) -> Given:
    new = given.entry
    name, tag, digest = (
        before if now == _KEPT else now
        for now, before in ((new.new_name, old.new_name), (new.new_tag, old.new_tag), (new.digest, old.digest))
    )
    return given._replace(entry=replace(new, new_name=name, new_tag=tag, digest=digest))


def _folder(app: Declared, source: Mapping[str, object]) -> str | None:
    path = app.pattern(source.get("path"))
    if not path or captures(path):
        return None
    normal = posixpath.normpath(path.strip("/") or ".")
    return "" if normal == "." else normal


def _given(
    app: Declared, source: Mapping[str, object], keys: Keys, folder: str, tree: Tree
) -> tuple[Given, ...] | None:
    """The items of a source; None where it is not known where they stand."""
    name = app.expander.text(app.name) or app.name
    for file in (f".argocd-source-{name}.yaml", ".argocd-source.yaml"):
        path = posixpath.join(folder, file)
        root = tree.root(path)
        override = list(_items(tree.source(path), root, ("kustomize", "images"))) if root is not None else []
        if override:
            return tuple(_read(path, app, override))
    wanted = [as_text(item) for item in as_list(as_map(source.get("kustomize")).get("images"))]
    if not wanted:
        return ()
    for found in _places(app, keys, tree):
        if [app.expander.text(text) or text for text, _ in found] == [
            app.expander.text(text) or text for text in wanted
        ]:
            return tuple(_read(app.manifest.path, app, found))
    return None


_Item = tuple[str, int]


def _places(app: Declared, keys: Keys, tree: Tree) -> Iterator[list[_Item]]:
    """The lists of images in the manifest: of the template's patch, of the source itself."""
    document = tree.documents(app.manifest.path)[app.manifest.document]
    patch, depth = yaml.descend(document.root, ("spec", "templatePatch"))
    if depth == 2 and isinstance(patch, yaml.Scalar) and app.kind == "applicationset":
        text = yaml.nested(document, patch)
        for inner in yaml.documents(text) if text is not None else ():
            yield list(_items(text, inner.root, ("spec", *keys, "kustomize", "images")))
    yield list(_items(document.source, document.root, (*app.keys, *keys, "kustomize", "images")))


def _items(source: Source | None, root: yaml.Node | None, keys: tuple[str, ...] | Keys) -> Iterator[_Item]:
    node, depth = yaml.descend(root, tuple(keys))
    for item in node.items if source is not None and depth == len(keys) and isinstance(node, yaml.Sequence) else ():
        if isinstance(item, yaml.Scalar) and source is not None:
            text = source.text(item.inner) if item.templated else item.value
            yield text, source.in_file(item.inner).start


def _read(path: str, app: Declared, items: Sequence[_Item]) -> Iterator[Given]:
    for text, start in items:
        found = item_of(app.expander.text(text) or text, start, path)
        if found is not None:
            yield found
