"""Sources × transforms → findings. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codemod.fleet import Fleet
from codemod.source import Source, Span
from codemod.transform import Embedded, Fact, Transform

MAX_DEPTH = 8
"""Texts inside texts inside … are followed this deep."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact, the source it is about and the transform that states it."""

    source: Source
    transform: str
    fact: Fact

    @property
    def path(self) -> str:
        """The file."""
        return self.source.path

    def in_file(self, span: Span) -> Span:
        """A span of the fact in terms of the file."""
        return self.source.in_file(span)


def scan(source: Source, transforms: Sequence[Transform], fleet: Fleet, depth: int = 0) -> Iterator[Finding]:
    """All facts about one source and the texts inside it."""
    for transform in transforms:
        for fact in transform.facts(source, fleet):
            if not isinstance(fact, Embedded):
                yield Finding(source, transform.name, fact)
            elif depth < MAX_DEPTH:
                yield from scan(fact.source, transforms, fleet, depth + 1)
