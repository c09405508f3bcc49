"""Uses of a tag that no mark shows: conditions, `required`, texts that are cut, hashed or compared.

Asked by executing the chart with a digest, once beside the tag and once without it: what then differs, the tag decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING

from codemod.fleet.plain import at, changed
from codemod.fleet.reading import ImageMapAt, Use
from codemod.fleet.scalars import Plain

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


def tag_of(values: dict[str, Plain], place: ImageMapAt) -> Plain:
    """The tag of an image map as the values have it."""
    return at(values, (*place.keys, place.tag))


def differences(beside: Outputs, alone: Outputs, tags: Iterable[str]) -> Iterator[Use]:
    """The first place in each template at which two outputs differ; a tag in front of the digest is no difference."""
    for (path, one), (_, other) in zip(beside, alone, strict=False):
        if (line := _first(one, other, tags)) is not None:
            yield Use(path, line, "")


def _first(one: Rendered, other: Rendered, tags: Iterable[str]) -> int | None:
    if one.problems != other.problems:
        return max((problem.line for problem in (*one.problems, *other.problems)), default=1)
    lines = zip_longest(_without(one.text, tags).splitlines(), other.text.splitlines())
    for number, (before, after) in enumerate(lines):
        if before != after:
            return one.lines[number].line if number < len(one.lines) else 1
    return None


def _without(text: str, tags: Iterable[str]) -> str:
    for tag in tags:
        text = text.replace(f":{tag}@{DIGEST}", f"@{DIGEST}")
    return text
