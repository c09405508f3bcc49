"""Sources × transforms → facts → one question for all digests → outcomes → edits. Pure: no disk, no network, no clock.

What looks like an order between transforms (a pull policy after the pinning of what it governs) is a dependency between
facts, resolved in `codemod.decide`; `codemod.settle` turns decisions into outcomes and edited bytes.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from codemod.decide import Decision
from codemod.digests import DigestSource
from codemod.exceptions import Exceptions, in_comments
from codemod.fleet import Fleet
from codemod.outcome import Excuse, Plan
from codemod.scan import Finding, Scanner
from codemod.settle import Judge, settle
from codemod.source import Source
from codemod.transform import Transform

Spread = Callable[[Callable[[Source], list[Finding]], Iterable[Source]], Iterable[list[Finding]]]
"""Applies a function to every source, in order, as `map` does."""


def plan(
    sources: Iterable[Source],
    transforms: Sequence[Transform],
    fleet: Fleet,
    digests: DigestSource,
    *,
    today: datetime.date,
    pin_all: bool = False,
    judge: Judge | None = None,
    rolled_back: Mapping[str, str] | None = None,
    restless: Mapping[str, str] | None = None,
    spread: Spread = map,
    progress: Callable[[int], None] | None = None,
) -> Plan:
    """What a run over the sources would find and change.

    `judge` (`codemod.judge.fault`) looks at every edited file before it is taken into the plan; a run that only looks,
    as the gate does, needs none. `rolled_back` are files that stay as they are because a proof with their edits failed,
    each with what differed. `spread` is how the files are gone through (over several processes, say); `progress`
    is told how many are done.
    """
    comments: list[Excuse] = []
    found, scanned = findings(_noting(sources, comments), transforms, fleet, spread=spread, progress=progress)
    exceptions = Exceptions(fleet.config, today, comments)
    return settle(Decision(found, fleet, digests, exceptions, pin_all), scanned, judge, rolled_back, restless)


def _noting(sources: Iterable[Source], comments: list[Excuse]) -> Iterator[Source]:
    """The sources; the exceptions in their comments are noted on the way."""
    for source in sources:
        comments += in_comments(source)
        yield source


def findings(
    sources: Iterable[Source],
    transforms: Sequence[Transform],
    fleet: Fleet,
    *,
    spread: Spread = map,
    progress: Callable[[int], None] | None = None,
) -> tuple[list[Finding], int]:
    """All facts about the sources, and how many sources there were."""
    gathered: list[Finding] = []
    scanned = 0
    for found in spread(Scanner(transforms, fleet).findings, sources):
        gathered += found
        scanned += 1
        if progress is not None:
            progress(scanned)
    return gathered, scanned
