"""What a chart makes of a values map: asked by executing it with marked tags and digests, and looking where they go.

Three executions answer for all maps of a release at once: each tag marked and no digest; each digest marked and no tag;
both. A fourth asks for whole references. What a template does on the way (helpers, library charts, registries,
suffixes, defaults) needs no rule of its own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from codemod.charts.unknown import MARK
from codemod.fleet.families import tag_family
from codemod.fleet.plain import at, copied, switched_on
from codemod.fleet.reading import ImageMapAt, Reading, Use, image_maps_in
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
_REFERENCE = re.compile(r"[:@]")
_KEY = re.compile(r"\s*(?:- )?[\"']?([A-Za-z0-9_./-]+)[\"']?\s*:")
_IMAGE_KEY = re.compile(r"image\S*[\"']?\s*[:=]\s*[\"']?\Z", re.IGNORECASE)
_OPTION = re.compile(r"[\w.-]+=")
_MOST = 0xFFFF
"""Image maps that one release may have; later ones are not asked about."""


class Marks:
    """The image maps of one release, numbered; a `global` of a subchart is that of the whole release."""

    def __init__(self, values: dict[str, Plain], places: Collection[Keys]) -> None:
        self.values = values
        self._maps: dict[ImageMapAt, list[Keys]] = defaultdict(list)
        for found in image_maps_in(values):
            shared = next((found.keys[len(p) :] for p in places if found.keys[: len(p) + 1] == (*p, "global")), None)
            is_shared = shared is not None and isinstance(at(values, shared), dict)
            own = found._replace(keys=shared) if shared is not None and is_shared else found
            if len(self._maps) < _MOST:
                self._maps[own].append(found.keys)
        self.readings = {found: Reading() for found in self._maps}
        self._numbered = list(self.readings.values())

    def marked(
        self, *, tag: bool = False, digest: bool = False, ref: bool = False, is_off: bool = False
    ) -> dict[str, Plain]:
        """The values with what is asked for of every map marked, without the rest; if `is_off`, everything switched on.

        A tag of a map that names nothing may be one that others share: it is marked where there is one, and stays.
        """
        found = {key: switched_on(value) if is_off else value for key, value in copied(self.values).items()}
        for number, (place, copies) in enumerate(self._maps.items()):
            for keys in copies:
                here = at(found, keys)
                assert isinstance(here, dict)
                if self._is_bare(place):
                    here |= {place.tag: f"uf{number}tag"} if tag and here.get(place.tag) else {}
                elif tag or place.tag in here:
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
        found = copied(self.values)
        for number, (place, copies) in enumerate(self._maps.items()):
            is_shared = self._is_shared(place)
            for keys in copies:
                here = at(found, keys)
                assert isinstance(here, dict)
                if is_shared or place.digest in here:
                    here[place.tag if is_shared else place.digest] = f"uf{number}tag" if is_shared else ""
        return found

    def _is_shared(self, place: ImageMapAt) -> bool:
        here = at(self.values, place.keys)
        return isinstance(here, dict) and bool(here.get(place.tag)) and self._is_bare(place)

    def _is_bare(self, place: ImageMapAt) -> bool:
        """Whether a map names nothing that its tag could belong to."""
        return not self._name(place)

    def _name(self, place: ImageMapAt) -> str:
        here, family = at(self.values, place.keys), tag_family(place.tag)
        names = (here.get(name) for name in family.names) if isinstance(here, dict) and family is not None else ()
        return next((str(name) for name in names if name), "")

    def shown_in(self, text: str) -> Iterator[ImageMapAt]:
        """The maps whose tag or digest is marked and stands in a text."""
        numbers = {int(number) for number in _TAG.findall(text)}
        numbers |= {int(number, 16) for number in _DIGEST.findall(text)}
        yield from (place for number, place in enumerate(self._maps) if number in numbers)

    def count(self, outputs: Iterable[tuple[str, Rendered]], places: Collection[ImageMapAt]) -> int:
        """How often the digests of some maps come out, in whatever branch."""
        numbers = {number for number, place in enumerate(self._maps) if place in places}
        texts = (text for _, one in outputs for text in (one.text, *(shadow.text for shadow in one.shadows)))
        return sum(int(number, 16) in numbers for text in texts for number in _DIGEST.findall(text))

    def forget(self, kind: str, places: Iterable[ImageMapAt]) -> None:
        """Forget what was read of some maps."""
        for place in places:
            getattr(self.readings[place], kind).clear()

    def read(
        self, outputs: Iterable[tuple[str, Rendered]], kind: str, only: Collection[ImageMapAt] | None = None
    ) -> frozenset[str]:
        """Note where the marks come out in what templates print (`kind`: the spelling that this is), and in which.

        `only` are the maps that are asked about; all, where there are none.
        """
        numbers = {number for number, place in enumerate(self._maps) if only is None or place in only}
        found = set()
        for path, rendered in outputs:
            if _has_mark(rendered.text):
                found.add(path)
                for number, line in enumerate(rendered.text.splitlines()):
                    start = rendered.lines[number].line if number < len(rendered.lines) else 1
                    self._read_line(line, Use(path, start, ""), kind, numbers, is_live=True)
            for shadow in rendered.shadows:
                for line in shadow.text.splitlines() if _has_mark(shadow.text) else ():
                    found.add(path)
                    self._read_line(line, Use(path, shadow.line, ""), kind, numbers, is_live=False)
        return frozenset(found)

    def _read_line(self, line: str, use: Use, kind: str, asked: Collection[int], *, is_live: bool) -> None:
        for match in _WORD.finditer(line) if _has_mark(line) else ():
            word = _OPTION.sub("", match[0], count=1) if "=" in match[0] else match[0]
            tags = {int(number) for number in _TAG.findall(word)}
            for number in tags | {int(number, 16) for number in _DIGEST.findall(word)}:
                if number not in asked:
                    continue
                reading = self._numbered[number]
                text = _DIGEST.sub("{digest}", _TAG.sub("{tag}", word))
                if kind == "refs":
                    reading.refs += text == f"{_REF}@{{digest}}"
                elif _is_image(word) and self._is_meant(number, word, line[: match.end() - len(word)], line):
                    getattr(reading, kind)[text] += 1
                    reading.is_live |= is_live and kind == "tagged" and not reading.is_hidden
                elif MARK in word:
                    reading.is_unclear = True
                    reading.is_computed |= _COMPUTED.search(word) is not None
                elif number not in tags:
                    reading.is_passed_on = True
                elif kind == "tagged" and number in tags and not word.startswith(":"):
                    key = _KEY.match(line)
                    reading.others.add(use._replace(key=key[1] if key is not None else ""))

    def _is_meant(self, number: int, word: str, before: str, line: str) -> bool:
        """Whether a word is an image, and no text that looks like one (`version:dev`), by its name and its place."""
        name = split(word).name
        if "/" in name or _IMAGE_KEY.search(before) is not None or line.strip() == word:
            return True
        return name == self._name(list(self._maps)[number])

    def note_others(self, outputs: Iterable[tuple[str, Rendered]], asked: Iterable[ImageMapAt]) -> None:
        """Note of maps that show in no image what is printed under their name, with a tag that is no image's own."""
        named = {place: self._names(place) for place in asked}
        for _, rendered in outputs:
            for match in _WORD.finditer(rendered.text) if named else ():
                word = _OPTION.sub("", match[0], count=1)
                name = split(word).name if _REFERENCE.search(word) and try_parse(word) is not None else ""
                for place in named if name and (said := self._shared_in(word)) else ():
                    if any(name == own or name.endswith(f"/{own}") for own in named[place]):
                        self.readings[place].instead = said

    def _names(self, place: ImageMapAt) -> set[str]:
        spelled = {split(text.replace("{tag}", "t")).name for text in self.readings[place].tagged}
        return spelled or {self._name(place)} - {""}

    def _shared_in(self, word: str) -> str:
        """An image as it is without marks; empty where its tag, or its digest, is marked as that of one map alone."""
        maps = list(self._maps)
        for number in map(int, _TAG.findall(word)):
            if number >= len(maps) or not self._is_bare(maps[number]):
                return ""
            here = at(self.values, maps[number].keys)
            word = word.replace(f"uf{number}tag", str(here.get(maps[number].tag) if isinstance(here, dict) else ""))
        return "" if _has_mark(word) else word


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
