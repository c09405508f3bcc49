"""How charts spell images: what comes out of a values map, with a tag, a digest, both, or a whole reference.

Learned by executing charts with marks (`codemod.fleet.marks`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec import Struct, field

from codemod.fleet.families import families_in
from codemod.fleet.scalars import Plain
from codemod.reference import split
from codemod.transform import Keys


class Use(NamedTuple):
    """A line of output that shows a tag elsewhere than in an image: the template, its line there, the key before it."""

    template: str
    line: int
    key: str


class ImageMapAt(NamedTuple):
    """A map of values that may spell an image: its keys, and the names of its tag, digest and whole reference."""

    keys: Keys
    tag: str
    digest: str
    ref: str = "ref"


class Reading(Struct):
    """How a chart spells the image of one values map.

    Every spelling is a text with `{tag}` and `{digest}` for what the map says, and how often it comes out: `tagged`
    without a digest, `pinned` with a digest and no tag, `both` with both. `refs` is how often a whole reference comes
    out. What a branch that is not taken would print
    counts, too. `shared` are the images that take the tag, as things stand, of a map that names none itself; `others`
    are uses of the tag outside of images; `is_unclear` where it goes into something that cannot
    be known, `is_computed` where that is an image. `is_live` says that the tag comes out in an image that is
    really printed; where it does not, `instead` is the image of that name that is. `is_passed_on` says that the digest
    comes out by itself, as where the whole map is printed (`toYaml`), `is_hidden` that only a branch of a helper shows
    the tag, or (`is_off`) a component that is not `enabled`, and `is_elsewhere` that a subchart which is not here may
    read it. `given_up` is the template that takes too long to be executed, so that nothing is known.
    """

    tagged: Counter[str] = field(default_factory=Counter)
    pinned: Counter[str] = field(default_factory=Counter)
    both: Counter[str] = field(default_factory=Counter)
    refs: int = 0
    shared: Counter[str] = field(default_factory=Counter)
    others: set[Use] = field(default_factory=set)
    is_unclear: bool = False
    is_computed: bool = False
    is_live: bool = False
    is_passed_on: bool = False
    is_hidden: bool = False
    is_off: bool = False
    is_elsewhere: bool = False
    instead: str = ""
    given_up: str = ""

    @property
    def is_read(self) -> bool:
        """Whether any image shows the map's tag."""
        return bool(self.tagged)

    @property
    def is_ignored(self) -> bool:
        """Whether no image depends on the tag, in whatever branch, though all that could read it is here."""
        if self._is_open:
            return False
        return bool(self.instead) or (self.is_hidden and not self.says_something)

    @property
    def says_something(self) -> bool:
        """Whether it is known, or cannot be known, what becomes of the tag; for a fixed one that is not asked for."""
        return self._is_open or bool(self.tagged or self.shared)

    @property
    def _is_open(self) -> bool:
        return self.is_elsewhere or self.is_unclear or self.is_passed_on

    @property
    def takes_digest_alone(self) -> bool:
        """Whether a digest without a tag pins every image that shows the tag."""
        return self._takes(self.pinned)

    @property
    def takes_digest_beside_tag(self) -> bool:
        """Whether a digest next to a tag pins every image that shows the tag."""
        return self._takes(self.both)

    @property
    def takes_ref(self) -> bool:
        """Whether a whole reference takes the place of every image that shows the tag."""
        return bool(self.tagged) and self.refs >= self.tagged.total()

    @property
    def digests(self) -> int:
        """How many images show a digest that stands alone."""
        return sum(_pinned(self.pinned).values())

    def shown(self, tag: str | None, digest: str | None) -> tuple[str, ...]:
        """The different images that come out for a tag and a digest; () where nothing is known of them."""
        spellings = list(self.both if tag and digest else self.pinned if digest else self.tagged if tag else ())
        if tag and digest and self.takes_digest_beside_tag:
            spellings = [text for text in spellings if text.endswith("@{digest}")]
        return tuple(sorted({text.replace("{tag}", tag or "").replace("{digest}", digest or "") for text in spellings}))

    def _takes(self, spellings: Counter[str]) -> bool:
        pinned = _pinned(spellings)
        return bool(self.tagged) and all(count <= pinned[name] for name, count in _named(self.tagged).items())


def _named(spellings: Mapping[str, int]) -> Counter[str]:
    """How often each repository (registry included) comes out."""
    found: Counter[str] = Counter()
    for text, count in spellings.items():
        found[split(text.replace("{tag}", "t").replace("@{digest}", "")).name] += count
    return found


def _pinned(spellings: Mapping[str, int]) -> Counter[str]:
    return _named({text: count for text, count in spellings.items() if text.endswith("@{digest}")})


def image_maps_in(values: Mapping[str, Plain], keys: Keys = ()) -> Iterator[ImageMapAt]:
    """Every map below some values that has the keys of an image, those in lists included."""
    yield from (ImageMapAt(keys, family.tag, family.digest, family.ref) for family in families_in(values.keys()))
    for key, value in values.items():
        yield from _below(value, (*keys, key))


def _below(value: Plain, keys: Keys) -> Iterator[ImageMapAt]:
    if isinstance(value, dict):
        yield from image_maps_in(value, keys)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _below(item, (*keys, number))
