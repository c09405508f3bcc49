"""Sources × transforms → facts → one question for all digests → outcomes → edits. Pure: no disk, no network, no clock.

What looks like an order between transforms (a pull policy after the pinning of what it governs) is a dependency between
facts, resolved here in one place.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from codemod.digests import DigestSource
from codemod.fleet import Fleet
from codemod.outcome import Plan
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


def plan(
    sources: Iterable[Source],
    transforms: Sequence[Transform],
    fleet: Fleet,
    digests: DigestSource,
    *,
    today: datetime.date,
    pin_all: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Plan:
    """What a run over the sources would find and change.

    Equal bytes under different paths are scanned once per path only where a transform finds anything in them.
    """
    from codemod.decide import Decision

    findings: list[Finding] = []
    barren: set[bytes] = set()
    scanned = 0
    for source in sources:
        scanned += 1
        if progress is not None:
            progress(source.path)
        if source.data in barren:
            continue
        found = list(scan(source, transforms, fleet))
        findings += found
        if not found and not fleet.stacks_of(source.path):
            barren.add(source.data)
    return Decision(findings, fleet, digests, today, pin_all).plan(scanned)
