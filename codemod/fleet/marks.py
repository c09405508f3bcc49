"""What a chart makes of a values map: asked by executing it with marked tags and digests, and looking where they go.

Three executions answer for all maps of a release at once: each tag marked and no digest; each digest marked and no tag;
both. A fourth asks for whole references. What a template does on the way (helpers, library charts, registries,
suffixes, defaults) needs no rule of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from codemod.charts.unknown import MARK
from codemod.fleet.marked import REF, Marked
from codemod.fleet.plain import at
from codemod.fleet.reading import ImageMapAt, Reading, Use
from codemod.fleet.scalars import Plain
from codemod.patterns import on_use
from codemod.reference import split, try_parse
from codemod.transform import Keys

if TYPE_CHECKING:
    from codemod.charts.rendered import Rendered

_TAG = on_use(r"uf([0-9]+)tag")
_NAME = on_use(r"uf([0-9]+)name")
_DIGEST = on_use(r"sha256:(?:f10a7){12}([0-9a-f]{4})")
_COMPUTED = on_use(r"[\w./-]:[\w.-]*uf[0-9]+tag")
_WORD = on_use(r"[^\s\"'`,;\[\]{}<>|]+")
_REFERENCE = on_use(r"[:@]")
_KEY = on_use(r"\s*(?:- )?[\"']?([A-Za-z0-9_./-]+)[\"']?\s*:")
_IMAGE_KEY = on_use(r"image\S*[\"']?\s*[:=]\s*[\"']?\Z", re.IGNORECASE)
_OPTION = on_use(r"[\w.-]+=")


class Marks(Marked):
    """The marks of a release, and what its charts make of them."""

    def __init__(self, values: dict[str, Plain], places: Collection[Keys]) -> None:
        super().__init__(values, places)
        self.readings = {found: Reading() for found in self._maps}
        self._numbered = list(self.readings.values())

    def lend(self, outputs: Iterable[tuple[str, Rendered]]) -> None:
        """Give images whose name is that of a map without a tag, and their tag one that others share, to that map.

        Not those for which the chart takes a digest beside the shared tag.
        """
        maps = list(self._maps)
        for number, lender, text, is_live in _named_in(outputs):
            if max(number, lender) >= len(maps) or number == lender or not self._is_shared(maps[lender]):
                continue
            spelled = text.replace(f"uf{number}name", self._name(maps[number])).replace(f"uf{lender}tag", "{tag}")
            own, other = self._numbered[number], self._numbered[lender]
            if other.tagged[spelled] > 0 and f"{spelled.removesuffix(':{tag}')}@{{digest}}" not in other.pinned:
                other.tagged[spelled] -= 1
                own.tagged[spelled] += 1
                own.is_live |= is_live
        for reading in self._numbered:
            reading.tagged = +reading.tagged

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
                    reading.refs += text == f"{REF}@{{digest}}"
                elif _is_image(word) and self._is_meant(number, word, line[: match.end() - len(word)], line):
                    getattr(reading, kind)[text] += 1
                    reading.is_live |= is_live and kind == "tagged" and not reading.is_hidden
                elif MARK in word:
                    reading.is_unclear = True
                    reading.is_computed |= _COMPUTED.search(word) is not None
                elif number not in tags:
                    reading.is_passed_on = True
                elif kind in ("tagged", "shared") and number in tags and not word.startswith(":"):
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


def _named_in(outputs: Iterable[tuple[str, Rendered]]) -> Iterator[tuple[int, int, str, bool]]:
    """The images with a marked name and a marked tag: the maps of both, what is printed, and whether it really is."""
    texts = ((text, text is one.text) for _, one in outputs for text in (one.text, *(s.text for s in one.shadows)))
    for text, is_live in texts:
        for match in _WORD.finditer(text) if _NAME.search(text) else ():
            word = _OPTION.sub("", match[0], count=1)
            names, tags = set(_NAME.findall(word)), set(_TAG.findall(word))
            if len(names) == 1 and len(tags) == 1 and try_parse(word) is not None:
                yield int(names.pop()), int(tags.pop()), word, is_live


def _is_image(word: str) -> bool:
    """Whether a word is a reference whose tag or digest is marked, and whose name is not."""
    if try_parse(word) is None:
        return False
    spelling = split(word)
    return not _has_mark(spelling.name) and bool(spelling.tag or spelling.digest)


def _has_mark(text: str) -> bool:
    return _TAG.search(text) is not None or "f10a7f10a7" in text
