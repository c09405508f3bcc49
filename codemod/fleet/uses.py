"""Uses of a tag that no mark shows: conditions, `required`, texts that are cut, hashed or compared.

Asked by executing the chart with a digest, once beside the tag and once without it: what then differs, the tag decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import TYPE_CHECKING

from codemod.fleet.plain import at, changed
from codemod.fleet.reading import ImageMapAt, Reading, Use
from codemod.fleet.scalars import Plain
from codemod.reference import split
from codemod.transform import Keys

if TYPE_CHECKING:
    from codemod.charts.rendered import Rendered

DIGEST = f"sha256:{'5e' * 32}"
Outputs = Iterable[tuple[str, "Rendered"]]


def pinned(values: dict[str, Plain], places: Iterable[ImageMapAt], *, tagged: bool) -> dict[str, Plain]:
    """The values with a digest in some image maps, with their tags or without."""
    found = values
    for place in places:
        found = changed(found, place.keys, {place.digest: DIGEST}, "" if tagged else place.tag)
    return found


def shared_by(readings: Mapping[ImageMapAt, Reading]) -> dict[ImageMapAt, list[ImageMapAt]]:
    """The maps with nothing but a tag that others take, of which nothing else is known to depend on it, and these."""
    lenders = (
        place for place, reading in readings.items() if reading.shared and not (reading.tagged or reading.others)
    )
    return {
        place: [other for other, its in readings.items() if its.tagged.keys() & readings[place].shared.keys()]
        for place in lenders
    }


def without_shared(
    values: dict[str, Plain], takers: Iterable[ImageMapAt], place: ImageMapAt, copies: Iterable[Keys]
) -> Iterator[dict[str, Plain]]:
    """The values with a digest in all maps that take a shared tag: with the tag as it is, without it, with another."""
    here = without = another = pinned(values, takers, tagged=True)
    for keys in copies:
        without = changed(without, keys, {}, place.tag)
        another = changed(another, keys, {place.tag: "another"})
    yield from (here, without, another)


def tag_of(values: dict[str, Plain], place: ImageMapAt) -> Plain:
    """The tag of an image map as the values have it."""
    return at(values, (*place.keys, place.tag))


def same_images(values: dict[str, Plain], readings: Mapping[ImageMapAt, Reading]) -> dict[str, str]:
    """What image maps print with a digest beside their tags, each with what they print for the digest alone.

    A tag in front of the digest, or in its place where the chart prefers a tag.
    """
    found: dict[str, str] = {}
    for place, reading in readings.items():
        tag = str(tag_of(values, place))
        found[f":{tag}@{DIGEST}"] = f"@{DIGEST}"
        for spelling in () if reading.takes_digest_beside_tag else reading.tagged:
            text = spelling.replace("{tag}", tag)
            found[text] = f"{split(text).name}@{DIGEST}"
    return found


def differences(beside: Outputs, alone: Outputs, same: Mapping[str, str]) -> Iterator[Use]:
    """The first place in each template at which two outputs differ, but for what means the same image."""
    for (path, one), (_, other) in zip(beside, alone, strict=False):
        if (line := _first(one, other, same)) is not None:
            yield Use(path, line, "")


def _first(one: Rendered, other: Rendered, same: Mapping[str, str]) -> int | None:
    if one.problems != other.problems:
        return max((problem.line for problem in (*one.problems, *other.problems)), default=1)
    lines = zip_longest(_replaced(one.text, same).splitlines(), other.text.splitlines())
    for number, (before, after) in enumerate(lines):
        if before != after:
            return one.lines[number].line if number < len(one.lines) else 1
    return None


def _replaced(text: str, same: Mapping[str, str]) -> str:
    for beside, alone in same.items():
        text = text.replace(beside, alone)
    return text
