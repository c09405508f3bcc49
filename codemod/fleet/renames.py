"""What `images:` of kustomizations make of the images of manifests: other names, and tags with a suffix.

Follows kustomize (api/filters/imagetag): the entries work one after the other, those of inner kustomizations first; the
name of an entry is an expression that must match the whole name as it is written. An entry with a tag or a digest
decides by itself what runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from codemod.fleet.kustomization import FILES, FLUX_GROUP, Kustomization
from codemod.fleet.overlays import Overlays
from codemod.fleet.tree import Tree
from codemod.formats import yaml
from codemod.reference import split, try_parse

_WORDS = (b"newName", b"tagSuffix")


@dataclass(frozen=True, slots=True)
class Renamed:
    """What an outermost kustomization makes of an image: its name, and where a suffix is added to the tag, if so."""

    name: str
    by: str
    suffixed_by: str = ""


class Renames:
    """The entries of all kustomizations of a repository that change names or suffixes of images."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    def of(self, path: str, text: str) -> tuple[Renamed, ...]:
        """What becomes of an image in a file, once for each outermost kustomization that lets it keep its tag.

        None where no entry changes it.
        """
        if not self._any or try_parse(text) is None:
            return ()
        name = split(text).name
        found: dict[Renamed, None] = {}
        for holder in self._overlays.holders(path):
            found.update(dict.fromkeys(self._outwards(holder, Renamed(name, path), frozenset())))
        return tuple(found) if any(one.name != name or one.suffixed_by for one in found) else ()

    def _outwards(self, each: Kustomization, image: Renamed, seen: frozenset[Kustomization]) -> list[Renamed]:
        changed: Renamed | None = image
        for one in self._overlays.group(each):
            for entry in one.images:
                changed = _after(entry, changed, one) if changed is not None else None
        above = [one for one in self._overlays.above(each) if one not in seen]
        if changed is None:
            return []
        if not above:
            return [changed]
        return [found for one in above for found in self._outwards(one, changed, seen | {each})]

    def touch(self, path: str) -> bool:
        """Whether a file holds what some entry may change, so that its path matters."""
        return self._any and bool(self._overlays.holders(path))

    @cached_property
    def _any(self) -> bool:
        """Whether any file could rename an image: most repositories need not be looked at."""
        files = (path for path in self.tree.paths if path.rpartition("/")[2] in FILES)
        if any(word in (self.tree.text(path) or b"") for path in files for word in _WORDS):
            return True
        objects = {manifest.path for manifest in self.tree.manifests(FLUX_GROUP)}
        return any(word in (self.tree.text(path) or b"") for path in objects for word in _WORDS)

    @cached_property
    def _overlays(self) -> Overlays:
        return Overlays(self.tree)


def _after(entry: yaml.Mapping, image: Renamed, by: Kustomization) -> Renamed | None:
    """What one entry makes of an image; None where it sets the tag."""
    if not _matches(entry.text("name") or "", image.name):
        return image
    if entry.text("newTag") or entry.text("digest"):
        return None
    name = entry.text("newName") or image.name
    if entry.text("tagSuffix"):
        return Renamed(name, by.path, by.path)
    return Renamed(name, by.path if name != image.name else image.by, image.suffixed_by)


def _matches(expression: str, name: str) -> bool:
    if expression == name:
        return True
    try:
        return bool(expression) and re.fullmatch(expression, name) is not None
    except re.error:
        return False
