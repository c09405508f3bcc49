"""What `images:` of kustomizations make of the images of manifests: other names, tags, digests, tags with a suffix.

Follows kustomize (api/filters/imagetag): the entries work one after the other, those of inner kustomizations first; the
name of an entry is an expression that must match the whole name as it is written. A tag or a digest replaces both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property

from codemod.fleet.kustomization import FILES, FLUX_GROUP, Kustomization
from codemod.fleet.overlays import Overlays
from codemod.fleet.tree import Tree
from codemod.formats import yaml
from codemod.reference import split, try_parse

_WORDS = (b"newName", b"newTag", b"digest", b"tagSuffix")


@dataclass(frozen=True, slots=True)
class Renamed:
    """What an outermost kustomization makes of an image.

    `by` is what names it last, `suffixed_by` what adds a suffix to its tag, if so. `decided_by` is the entry, by its
    tag or digest, that sets these; None where the image keeps its own.
    """

    name: str
    by: str
    suffixed_by: str = ""
    tag: str = ""
    digest: str = ""
    decided_by: tuple[str, int] | None = None

    @property
    def text(self) -> str:
        """The reference that comes out where an entry decides."""
        tag, digest = f":{self.tag}" if self.tag else "", f"@{self.digest}" if self.digest else ""
        return f"{self.name}{tag}{digest}"


class Renames:
    """The entries of all kustomizations of a repository that change images."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    def of(self, path: str, text: str) -> tuple[Renamed, ...]:
        """What becomes of an image in a file, once for each outermost kustomization; none where no entry changes it."""
        if not self._any or try_parse(text) is None:
            return ()
        name = split(text).name
        found: dict[Renamed, None] = {}
        for holder in self.overlays.holders(path):
            found.update(dict.fromkeys(self._outwards(holder, Renamed(name, path), frozenset())))
        return tuple(found) if any(one.name != name or one.suffixed_by or one.decided_by for one in found) else ()

    def _outwards(self, each: Kustomization, image: Renamed, seen: frozenset[Kustomization]) -> list[Renamed]:
        for one in self.overlays.group(each):
            for entry in one.images:
                image = _after(entry, image, one)
        above = [one for one in self.overlays.above(each) if one not in seen]
        if not above:
            return [image]
        return [found for one in above for found in self._outwards(one, image, seen | {each})]

    def touch(self, path: str) -> bool:
        """Whether a file holds what some entry may change, so that its path matters."""
        return self._any and bool(self.overlays.holders(path))

    @cached_property
    def _any(self) -> bool:
        """Whether any file could rename an image: most repositories need not be looked at."""
        files = (path for path in self.tree.paths if path.rpartition("/")[2] in FILES)
        if any(word in (self.tree.text(path) or b"") for path in files for word in _WORDS):
            return True
        objects = {manifest.path for manifest in self.tree.manifests(FLUX_GROUP)}
        return any(word in (self.tree.text(path) or b"") for path in objects for word in _WORDS)

    @cached_property
    def overlays(self) -> Overlays:
        """All kustomizations of the repository."""
        return Overlays(self.tree)


def _after(entry: yaml.Mapping, image: Renamed, by: Kustomization) -> Renamed:
    """What one entry makes of an image."""
    if not _matches(entry.text("name") or "", image.name):
        return image
    name = entry.text("newName") or image.name
    image = replace(image, name=name, by=by.path if name != image.name else image.by)
    tag, digest = entry.text("newTag") or "", entry.text("digest") or ""
    site = yaml.lookup(entry, "newTag" if entry.get("newTag") is not None else "digest")
    if (tag or digest) and isinstance(site, yaml.Scalar):
        return replace(image, tag=tag, digest=digest, suffixed_by="", decided_by=(by.path, site.inner.start))
    return replace(image, suffixed_by=by.path) if entry.text("tagSuffix") else image


def _matches(expression: str, name: str) -> bool:
    if expression == name:
        return True
    try:
        return bool(expression) and re.fullmatch(expression, name) is not None
    except re.error:
        return False
