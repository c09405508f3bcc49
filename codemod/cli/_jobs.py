"""`--jobs N`: the scan over several processes.

The files are read first; forked workers then find them in the memory that they inherit and send back what they found.
Where processes cannot be forked, or where there is too little to do, everything stays in one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemod.engine import Spread
    from codemod.scan import Finding
    from codemod.source import Source

WORTH_IT = 500
"""Below so many files, starting processes costs more than it brings."""

_work: tuple[Callable[[Source], list[Finding]], Sequence[Source]] | None = None
"""What the workers inherit: the function and all sources."""


def over(jobs: int) -> Spread:
    """A way through the sources that shares them out to `jobs` processes, in stretches, in order."""

    def spread(scan: Callable[[Source], list[Finding]], sources: Iterable[Source]) -> Iterator[list[Finding]]:
        held = list(sources)
        if len(held) < WORTH_IT or not _can_fork():
            yield from map(scan, held)
            return
        yield from _forked(jobs, scan, held)

    return spread


def _forked(jobs: int, scan: Callable[[Source], list[Finding]], held: Sequence[Source]) -> Iterator[list[Finding]]:
    global _work  # noqa: PLW0603 - the only way to hand an unpicklable function to a forked worker
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    step = max(len(held) // (jobs * 4), 1)
    stretches = [range(start, min(start + step, len(held))) for start in range(0, len(held), step)]
    _work = (scan, held)
    try:
        with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork")) as pool:
            for found in pool.map(_scan, stretches):
                yield from found
    finally:
        _work = None


def _scan(stretch: range) -> list[list[Finding]]:
    assert _work is not None
    scan, held = _work
    return [scan(held[at]) for at in stretch]


def _can_fork() -> bool:
    return sys.platform.startswith("linux")
