"""What `images:` of kustomizations make of the images of manifests: other names, tags, digests, tags with a suffix.

The entries work one after the other, those of inner kustomizations first; `imagetag` says what each does. What Argo CD
writes into a kustomization of an Application (`argokustomize`) counts as an entry of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from codemod.fleet import imagetag, replacements
from codemod.fleet.argokustomize import Deployed, Given, deployed, edited
from codemod.fleet.imagefields import Field, configured
from codemod.fleet.imagetag import split
from codemod.fleet.kustomization import FILES, FLUX_GROUP, Kustomization
from codemod.fleet.overlays import Overlays, overlays_of
from codemod.fleet.replacements import Replacements
from codemod.fleet.tree import Tree
from codemod.formats import yaml
from codemod.formats.yaml.definition import is_definition
from codemod.reference import try_parse

_WORDS = (b"newName", b"newTag", b"digest", b"tagSuffix")
Site = tuple[str, int]
"""The path of a file and an offset in it."""
Way = tuple[Given, ...]
"""The entries between a file and one outermost kustomization, in the order in which they work."""


class Renamed(Struct, frozen=True):
    """What an outermost kustomization makes of an image.

    `by` is what names it last, `suffixed_by` what adds a suffix to its tag, `whole_by` what gives it a name that holds
    a tag or a digest, `by_tag` what would not know it by its digest, if so. `decided_by` is the entry, by its tag or
    digest, that sets these; None where the image keeps its own.
    """

    text: str
    by: str
    suffixed_by: str = ""
    whole_by: str = ""
    by_tag: str = ""
    decided_by: Site | None = None

    @property
    def name(self) -> str:
        """The name that comes out."""
        return split(self.text).name


class Reached(Struct, frozen=True):
    """An image that an entry changes: where it is written, and what it is before and after.

    `is_now` is False where the image has no digest yet, and this is what happens to the one that it may get.
    """

    site: Site
    line: int
    before: str
    after: str
    is_now: bool

    @property
    def loses_digest(self) -> bool:
        """Whether the entry takes the digest off; one that names another repository could not keep it."""
        before, after = split(self.before), split(self.after)
        return bool(before.digest) and not after.digest and before.name == after.name


class Renames:
    """The entries of all kustomizations of a repository that change images."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._ways_of: dict[Kustomization, tuple[Way, ...]] = {}

    def of(self, path: str, text: str) -> tuple[Renamed, ...]:
        """What becomes of an image in a file, once for each outermost kustomization; none where no entry changes it."""
        if not self._any or try_parse(text) is None:
            return ()
        ways = (way for holder in self.overlays.holders(path) for way in self._ways(holder))
        found = dict.fromkeys(_along(way, Renamed(text, path)) for way in ways)
        return tuple(found) if any(one != Renamed(text, path) for one in found) else ()

    def of_output(self, path: str, text: str) -> tuple[Renamed, ...]:
        """The same for an image that a chart prints which the kustomization of a path inflates."""
        if not self._any:
            return ()
        ways = (way for each in self.overlays.all if each.path == path for way in self._ways(each))
        return tuple(dict.fromkeys(_along(way, Renamed(text, path)) for way in ways))

    def reaches(self, scalar: yaml.Scalar) -> bool:
        """Whether a scalar stands where entries look for images, be it because a configuration says so."""
        if imagetag.is_reached(scalar):
            return True
        return any(field.is_at(scalar) for field in self._configured)

    @cached_property
    def _configured(self) -> tuple[Field, ...]:
        return tuple(configured(self.tree, self.overlays)) if self._any else ()

    def reached(self, path: str, offset: int) -> tuple[Reached, ...]:
        """The images that the entry with its tag (or its digest, or its name) at an offset changes."""
        return tuple(self._reached.get((path, offset), ()))

    @cached_property
    def touched(self) -> Collection[str]:
        """The files that hold what some entry may change, or entries, so that their paths matter."""
        if not self._any:
            return frozenset()
        entries = (*chain.from_iterable(self._argo.values()), *self._entries.values())
        return self.overlays.held.keys() | {given.path for given in chain.from_iterable(entries)}

    def _ways(self, each: Kustomization) -> tuple[Way, ...]:
        if each not in self._ways_of:
            self._ways_of[each] = tuple(dict.fromkeys(self._outwards(each, (), frozenset())))
        return self._ways_of[each]

    def _outwards(self, each: Kustomization, way: Way, seen: frozenset[Kustomization]) -> Iterator[Way]:
        *components, _ = self.overlays.group(each)
        way = (*way, *(given for one in components for given in self._entries[one]))
        argo = () if each.is_flux else self._argo.get(each.folder, ())
        for items in argo:
            yield (*way, *edited(self._entries[each], items))
        way = (*way, *self._entries[each])
        above = [one for one in self.overlays.above(each) if one not in seen]
        if not above and not argo:
            yield way
        for one in above:
            yield from self._outwards(one, way, seen | {each})

    @cached_property
    def _reached(self) -> dict[Site, dict[Reached, None]]:
        found: dict[Site, dict[Reached, None]] = defaultdict(dict)
        for path in sorted({path for each in self.overlays.all for path in self.overlays.files(each)}):
            ways = [way for holder in self.overlays.holders(path) for way in self._ways(holder)]
            if any(ways):
                for scalar, line in self._images(path):
                    _reach(found, ways, (path, scalar.inner.start), line, scalar.value)
        for each in self.overlays.all:
            for patch in each.patches if any(self._ways(each)) else ():
                for scalar in filter(self.reaches, yaml.scalars(patch.root)):
                    offset = -1 if patch.is_inline else scalar.inner.start
                    _reach(found, self._ways(each), (patch.path, offset), patch.line, scalar.value)
        return found

    def _images(self, path: str) -> Iterator[tuple[yaml.Scalar, int]]:
        for document in self.tree.documents(path) if b"image" in (self.tree.text(path) or b"") else ():
            is_wanted = b"image" in document.text and not is_definition(document.text)
            for scalar in yaml.scalars(document.root) if is_wanted else ():
                if self.reaches(scalar):
                    yield scalar, document.source.position(scalar.start).line

    @cached_property
    def _entries(self) -> dict[Kustomization, tuple[Given, ...]]:
        return {
            each: tuple(Given(each.path, imagetag.read(item)) for item in each.images) for each in self.overlays.all
        }

    @cached_property
    def _argo(self) -> Deployed:
        return deployed(self.tree)

    @cached_property
    def _any(self) -> bool:
        """Whether any file could rename an image: most repositories need not be looked at."""
        if self._argo:
            return True
        objects = dict.fromkeys(manifest.path for manifest in self.tree.manifests(FLUX_GROUP))
        return self.tree.mention((*self.tree.named(*FILES), *objects), *_WORDS)

    def taken_apart(self, path: str, offset: int, text: str) -> str:
        """Why a replacement leaves no digest to an image whose scalar stands there; empty if it does."""
        return self._replacements.against(path, offset, text) if self._replacements is not None else ""

    def read_apart(self, kind: str, name: str, key: str, text: str) -> str:
        """The same for an image that a generated ConfigMap or Secret holds at a key."""
        return self._replacements.against_data(kind, name, key, text) if self._replacements is not None else ""

    @cached_property
    def _replacements(self) -> Replacements | None:
        used = self.tree.mention(self.tree.named(*FILES), replacements.WORD)
        return Replacements(self.tree, self.overlays) if used else None

    @cached_property
    def overlays(self) -> Overlays:
        """All kustomizations of the repository."""
        return overlays_of(self.tree)


def _along(way: Way, image: Renamed) -> Renamed:
    """What the entries of a way make of an image."""
    pinned = imagetag.pinned(image.text)
    for path, entry in way:
        text, other = entry.applied(image.text), entry.applied(pinned)
        if (text is None) != (other is None):
            image = replace(image, by_tag=image.by_tag or path)
        pinned = pinned if other is None else other
        if text is None:
            continue
        image = replace(image, text=text, by=path if split(text).name != image.name else image.by)
        if entry.decides and entry.site is not None:
            whole_by = path if any(split(entry.new_name)[1:]) else ""
            site = path, entry.site.inner.start
            image = replace(image, suffixed_by="", whole_by=whole_by, decided_by=site)
        elif entry.suffix:
            image = replace(image, suffixed_by=path)
    return image


def _reach(found: dict[Site, dict[Reached, None]], ways: Iterable[Way], site: Site, line: int, text: str) -> None:
    """Put down what the entries of some ways make of an image, and of the digest that it may get for other ways."""
    ways = tuple(ways)
    texts = {text: True}
    if any(_along(way, Renamed(text, "")).decided_by is None for way in ways):
        texts.setdefault(imagetag.pinned(text), False)
    for way in ways:
        for image, is_now in texts.items():
            here = image
            for path, entry in way:
                after = entry.applied(here)
                if after is not None and entry.site is not None:
                    found[path, entry.site.inner.start][Reached(site, line, here, after, is_now)] = None
                here = here if after is None else after
