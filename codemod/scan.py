"""Sources × transforms → findings. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codemod.fleet import Fleet
from codemod.formats.assignments import DOTENV
from codemod.place import COMPOSE
from codemod.source import Source, Span
from codemod.transform import Embedded, Fact, Transform

MAX_DEPTH = 8
"""Texts inside texts inside … are followed this deep."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact, the file and the source it is about, and the transform that states it.

    Files of equal bytes share sources and facts; `path` tells them apart.
    """

    path: str
    source: Source
    transform: str
    fact: Fact

    def in_file(self, span: Span) -> Span:
        """A span of the fact in terms of the file."""
        return self.source.in_file(span)


class Scanner:
    """Scans files, each distinct content once.

    Two files share their facts if their bytes and their `Source.place` are equal, no release reads either as a layer,
    no kustomization may rename the images of either or fill in variables, neither is a compose file
    or an `.env` file, which complete each other, and no transform looks at more of a path than its place.
    """

    def __init__(self, transforms: Sequence[Transform], fleet: Fleet) -> None:
        self.transforms, self.fleet = transforms, fleet
        self.by_size: dict[int, list[tuple[Source, list[Finding]]]] = {}
        self.shares = not any(transform.looks_at_path for transform in transforms)

    def findings(self, source: Source) -> list[Finding]:
        """All findings of one file."""
        is_completed = COMPOSE in source.place or source.language == DOTENV.name or self.fleet.stacks_of(source.path)
        is_touched = self.fleet.renames.touch(source.path) or self.fleet.substitutions.touch(source.path)
        is_touched = is_touched or source.path in self.fleet.handed.files
        if not self.shares or is_completed or is_touched:
            return list(scan(source, self.transforms, self.fleet))
        seen = self.by_size.setdefault(len(source.data), [])
        for twin, found in seen:
            if twin.data == source.data and twin.language == source.language and twin.place == source.place:
                return [Finding(source.path, f.source, f.transform, f.fact) for f in found]
        found = list(scan(source, self.transforms, self.fleet))
        seen.append((source, found))
        return found


def scan(source: Source, transforms: Sequence[Transform], fleet: Fleet, depth: int = 0) -> Iterator[Finding]:
    """All facts about one source and the texts inside it."""
    for transform in transforms:
        for fact in transform.facts(source, fleet):
            if not isinstance(fact, Embedded):
                yield Finding(source.path, source, transform.name, fact)
            elif depth < MAX_DEPTH and fact.retold is None:
                yield from scan(fact.source, transforms, fleet, depth + 1)
            elif fact.retold is not None:
                yield from _retold(fact, transform, transforms, fleet, depth + 1)


def _retold(
    shown: Embedded, by: Transform, transforms: Sequence[Transform], fleet: Fleet, depth: int
) -> Iterator[Finding]:
    """What one transform makes of the facts about a text that shows something."""
    assert shown.retold is not None
    for found in scan(shown.source, by.readers or transforms, fleet, depth):
        fact = shown.retold(found.source, found.fact)
        if fact is not None:
            yield Finding(found.path, found.source, by.name, fact)
