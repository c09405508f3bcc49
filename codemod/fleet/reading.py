"""What a chart makes of a values map: asked by executing it with marked tags and digests, and looking where they go.

Three executions answer for all maps of a release at once: each tag marked and no digest; each digest marked and no tag;
both. A fourth asks for whole references. What a template does on the way (helpers, library charts, registries,
suffixes, defaults) needs no rule of its own.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from codemod.charts.unknown import MARK
from codemod.fleet.families import PLAIN, Family, family_of
from codemod.fleet.scalars import Plain
from codemod.reference import split, try_parse
from codemod.transform import Keys

if TYPE_CHECKING:
    from codemod.charts.rendered import Rendered

_TAG = re.compile(r"uf([0-9]+)tag")
_DIGEST = re.compile(r"sha256:(?:f10a7){12}([0-9a-f]{4})")
_COMPUTED = re.compile(r"[\w./-]:[\w.-]*uf[0-9]+tag")
_REF = "uf.test/ref"
_WORD = re.compile(r"[^\s\"'`,;\[\]{}<>|]+")
_KEY = re.compile(r"\s*(?:- )?[\"']?([A-Za-z0-9_./-]+)[\"']?\s*:")
_OPTION = re.compile(r"[\w.-]+=")
_MOST = 0xFFFF
"""Image maps that one release may have; later ones are not asked about."""


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


@dataclass(slots=True)
class Reading:
    """How a chart spells the image of one values map.

    Every spelling is a text with `{tag}` and `{digest}` for what the map says, and how often it comes out: `tagged`
    without a digest, `pinned` with a digest and no tag, `both` with both. `refs` is how often a whole reference comes
    out. What a branch that is not taken would print
    counts, too. `shared` are the images that take the tag, as things stand, of a map that names none itself; `others`
    are uses of the tag outside of images; `is_unclear` where it goes into something that cannot
    be known, `is_computed` where that is an image.
    """

    tagged: Counter[str] = field(default_factory=Counter)
    pinned: Counter[str] = field(default_factory=Counter)
    both: Counter[str] = field(default_factory=Counter)
    refs: int = 0
    shared: Counter[str] = field(default_factory=Counter)
    others: set[Use] = field(default_factory=set)
    is_unclear: bool = False
    is_computed: bool = False

    @property
    def is_read(self) -> bool:
        """Whether any image shows the map's tag."""
        return bool(self.tagged)

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
    """Every map below some values that has the keys of an image; lists are not looked into."""
    families: dict[Family, None] = {family: None for key in values if (family := family_of(key)) is not None}
    if not families and "repository" in values:
        families = {PLAIN: None}
    yield from (ImageMapAt(keys, family.tag, family.digest, family.ref) for family in families)
    for key, value in values.items():
        if isinstance(value, dict):
            yield from image_maps_in(value, (*keys, key))


class Marks:
    """The image maps of one release, numbered; a `global` of a subchart is that of the whole release."""

    def __init__(self, values: dict[str, Plain], places: Collection[Keys]) -> None:
        self.values = values
        self._maps: dict[ImageMapAt, list[Keys]] = defaultdict(list)
        for found in image_maps_in(values):
            shared = next((found.keys[len(p) :] for p in places if found.keys[: len(p) + 1] == (*p, "global")), None)
            is_shared = shared is not None and isinstance(_at(values, shared), dict)
            own = found._replace(keys=shared) if shared is not None and is_shared else found
            if len(self._maps) < _MOST:
                self._maps[own].append(found.keys)
        self.readings = {found: Reading() for found in self._maps}
        self._numbered = list(self.readings.values())

    def marked(self, *, tag: bool = False, digest: bool = False, ref: bool = False) -> dict[str, Plain]:
        """The values with what is asked for of every map marked, without the rest."""
        found = _copy(self.values)
        for number, (place, copies) in enumerate(self._maps.items()):
            for keys in copies:
                here = _at(found, keys)
                assert isinstance(here, dict)
                if tag or place.tag in here:
                    here[place.tag] = f"uf{number}tag" if tag else ""
                if digest or place.digest in here:
                    here[place.digest] = _digest(number) if digest else ""
                if ref or place.ref in here:
                    here[place.ref] = f"{_REF}@{_digest(number)}" if ref else ""
        return found

    @property
    def have_shared(self) -> bool:
        """Whether some map has a tag and names nothing: others may take theirs from it."""
        return any(self._is_shared(place) for place in self._maps)

    def marked_shared(self) -> dict[str, Plain]:
        """The values without digests, and with the tags marked of the maps that name nothing."""
        found = _copy(self.values)
        for number, (place, copies) in enumerate(self._maps.items()):
            is_shared = self._is_shared(place)
            for keys in copies:
                here = _at(found, keys)
                assert isinstance(here, dict)
                if is_shared or place.digest in here:
                    here[place.tag if is_shared else place.digest] = f"uf{number}tag" if is_shared else ""
        return found

    def _is_shared(self, place: ImageMapAt) -> bool:
        here, family = _at(self.values, place.keys), family_of(place.tag)
        if not isinstance(here, dict) or family is None or not here.get(place.tag):
            return False
        return not any(here.get(name) for name in family.names)

    def shown_in(self, text: str) -> Iterator[ImageMapAt]:
        """The maps whose tag or digest is marked and stands in a text."""
        numbers = {int(number) for number in _TAG.findall(text)}
        numbers |= {int(number, 16) for number in _DIGEST.findall(text)}
        yield from (place for number, place in enumerate(self._maps) if number in numbers)

    def read(self, outputs: Iterable[tuple[str, Rendered]], kind: str) -> frozenset[str]:
        """Note where the marks come out in what templates print (`kind`: the spelling that this is), and in which."""
        found = set()
        for path, rendered in outputs:
            if _has_mark(rendered.text):
                found.add(path)
                for number, line in enumerate(rendered.text.splitlines()):
                    at = rendered.lines[number].line if number < len(rendered.lines) else 1
                    self._read_line(line, Use(path, at, ""), kind)
            for shadow in rendered.shadows:
                for line in shadow.text.splitlines() if _has_mark(shadow.text) else ():
                    found.add(path)
                    self._read_line(line, Use(path, shadow.line, ""), kind)
        return frozenset(found)

    def _read_line(self, line: str, use: Use, kind: str) -> None:
        for match in _WORD.finditer(line) if _has_mark(line) else ():
            word = _OPTION.sub("", match[0], count=1) if "=" in match[0] else match[0]
            tags = {int(number) for number in _TAG.findall(word)}
            for number in tags | {int(number, 16) for number in _DIGEST.findall(word)}:
                if number >= len(self._numbered):
                    continue
                reading = self._numbered[number]
                text = _DIGEST.sub("{digest}", _TAG.sub("{tag}", word))
                if kind == "refs":
                    reading.refs += text == f"{_REF}@{{digest}}"
                elif _is_image(word):
                    getattr(reading, kind)[text] += 1
                elif MARK in word:
                    reading.is_unclear = True
                    reading.is_computed |= _COMPUTED.search(word) is not None
                elif kind == "tagged" and number in tags and not word.startswith(":"):
                    key = _KEY.match(line)
                    reading.others.add(use._replace(key=key[1] if key is not None else ""))


def _is_image(word: str) -> bool:
    """Whether a word is a reference whose tag or digest is marked, and whose name is not."""
    if try_parse(word) is None:
        return False
    spelling = split(word)
    return not _has_mark(spelling.name) and bool(spelling.tag or spelling.digest)


def _has_mark(text: str) -> bool:
    return _TAG.search(text) is not None or "f10a7f10a7" in text


def _digest(number: int) -> str:
    return f"sha256:{'f10a7' * 12}{number:04x}"


def _at(values: Plain, keys: Keys) -> Plain:
    here = values
    for key in keys:
        here = here.get(str(key)) if isinstance(here, dict) else None
    return here


def _copy(values: dict[str, Plain]) -> dict[str, Plain]:
    return {key: _copy(value) if isinstance(value, dict) else value for key, value in values.items()}
