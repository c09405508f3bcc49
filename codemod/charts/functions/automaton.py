"""Regular expressions executed in time that grows with the text alone, as Go's are: for those that Python may not end.

Python's `re` tries one way after the other, and there may be exponentially many. Here all ways go on together (a Pike
machine, as RE2 has one), the preferred ones first, so that the match is the one that Go and Python find.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from msgspec import Struct

from codemod.charts.errors import TemplateError
from codemod.charts.functions.signs import At, Test, place_of, test_of

MOST = 400_000
"""How many steps all searches in one text may take."""
_LARGEST = 20_000
Groups = tuple[int, ...]


class Step(Struct, frozen=True):
    """One instruction; one that holds nothing ends the match.

    It is a sign that must come (`test`), a place that must be here (`at`), a begin or end of a group to note (`saves`),
    or several ways on, the preferred one first (`ways`).
    """

    test: Test | None = None
    at: At | None = None
    saves: int | None = None
    ways: tuple[int, ...] = ()


class Found(Struct, frozen=True):
    """A match: for each group (0 is all of it) where it begins and ends, -1 where it takes no part."""

    text: str
    ends: Groups

    @property
    def start(self) -> int:
        """Where the match begins."""
        return self.ends[0]

    @property
    def end(self) -> int:
        """Where the match ends."""
        return self.ends[1]

    @property
    def all(self) -> str:
        """The text of the match."""
        return self.text[self.start : self.end]

    def group(self, number: int) -> str | None:
        """The text of a group, None where it takes no part, or where there is none."""
        if not 0 <= number < len(self.ends) // 2 or self.ends[2 * number] < 0:
            return None
        return self.text[self.ends[2 * number] : self.ends[2 * number + 1]]


class Automaton:
    """An expression in Python's syntax, without back references and assertions."""

    def __init__(self, pattern: str, flags: int = re.ASCII) -> None:
        parsed = _parser.parse(pattern, flags)
        self.groups = parsed.state.groups
        self.steps: list[Step] = []
        self._add(Step(saves=0))
        self._sequence(parsed, parsed.state.flags)
        self._add(Step(saves=1))
        self._add(Step())

    def search(self, text: str) -> Found | None:
        """The first match; raises `TemplateError` where it takes too long to find it."""
        return next(self.find_all(text), None)

    def find_all(self, text: str) -> Iterator[Found]:
        """All matches; behind an empty one it goes on one sign further, as Go does."""
        here, spent = 0, 0
        while here <= len(text):
            ends, steps = self._search(text, here, MOST - spent)
            spent += steps
            if ends is None:
                return
            yield Found(text, ends)
            here = ends[1] + (ends[0] == ends[1])

    def _search(self, text: str, start: int, most: int) -> tuple[Groups | None, int]:
        """The first match that begins at an offset or behind it, and how many steps that took."""
        found: Groups | None = None
        threads: dict[int, Groups] = {}
        seen: set[int] = set()
        spent = 0
        for here in range(start, len(text) + 1):
            if found is None:
                self._follow(threads, seen, 0, (-1,) * (2 * self.groups), text, here)
            spent += len(seen) + 1
            if spent > most:
                raise TemplateError("a regular expression takes too long on a long text")
            ahead: dict[int, Groups] = {}
            seen = set()
            for at, ends in threads.items():
                step = self.steps[at]
                if step.test is None:
                    found = ends
                    break
                if here < len(text) and step.test(text[here]):
                    self._follow(ahead, seen, at + 1, ends, text, here + 1)
            threads = ahead
            if not threads and found is not None:
                break
        return found, spent

    def _follow(self, threads: dict[int, Groups], seen: set[int], at: int, ends: Groups, text: str, here: int) -> None:
        """Add the places from which a sign can be read, or which end the match, in the order of preference."""
        waiting = [(at, ends)]
        while waiting:
            at, ends = waiting.pop()
            if at in seen:
                continue
            seen.add(at)
            step = self.steps[at]
            if step.ways:
                waiting += [(way, ends) for way in reversed(step.ways)]
            elif step.saves is not None:
                waiting.append((at + 1, (*ends[: step.saves], here, *ends[step.saves + 1 :])))
            elif step.at is not None:
                if step.at(text, here):
                    waiting.append((at + 1, ends))
            else:
                threads[at] = ends

    def _add(self, step: Step) -> int:
        if len(self.steps) > _LARGEST:
            raise TemplateError("a regular expression is too large")
        self.steps.append(step)
        return len(self.steps) - 1

    def _sequence(self, nodes: Any, flags: int) -> None:
        for code, value in nodes:
            self._node(code, value, flags)

    def _node(self, code: Any, value: Any, flags: int) -> None:
        if code is op.SUBPATTERN:
            number, added, removed, below = value
            if number is not None:
                self._add(Step(saves=2 * number))
            self._sequence(below, (flags | added) & ~removed)
            if number is not None:
                self._add(Step(saves=2 * number + 1))
        elif code is op.BRANCH:
            self._branch(value[1], flags)
        elif code in (op.MAX_REPEAT, op.MIN_REPEAT):
            least, most, below = value
            self._repeat(least, most, below, flags, is_greedy=code is op.MAX_REPEAT)
        elif code is op.AT:
            self._add(Step(at=place_of(value, flags)))
        else:
            self._add(Step(test=test_of(code, value, flags)))

    def _branch(self, branches: list[Any], flags: int) -> None:
        ends = []
        for branch in branches[:-1]:
            fork = self._add(Step())
            self._sequence(branch, flags)
            ends.append(self._add(Step()))
            self.steps[fork] = Step(ways=(fork + 1, len(self.steps)))
        self._sequence(branches[-1], flags)
        for end in ends:
            self.steps[end] = Step(ways=(len(self.steps),))

    def _repeat(self, least: int, most: Any, below: Any, flags: int, *, is_greedy: bool) -> None:
        for _ in range(least):
            self._sequence(below, flags)
        forks = []
        for _ in range(1 if most is op.MAXREPEAT else most - least):
            forks.append(self._add(Step()))
            self._sequence(below, flags)
        if most is op.MAXREPEAT:
            self._add(Step(ways=(forks[0],)))
        for fork in forks:
            ways = fork + 1, len(self.steps)
            self.steps[fork] = Step(ways=ways if is_greedy else ways[::-1])


class Ways(Struct, frozen=True):
    """In how many ways an expression may be tried at one place of a text: so many, times a power of its length."""

    factor: float
    power: int

    def of(self, length: int) -> float:
        """How many in a text of some length, at most."""
        return self.factor * float(length + 1) ** self.power


def ways(pattern: str) -> Ways:
    """In how many ways an expression may be tried; infinitely many where those of a repeated part multiply."""
    return _ways(_parser.parse(pattern, re.ASCII))


def _ways(nodes: Any) -> Ways:
    count, power = 1.0, 0
    for code, value in nodes:
        if code is op.SUBPATTERN:
            found = _ways(value[3])
        elif code is op.BRANCH:
            branches = [_ways(branch) for branch in value[1]]
            found = Ways(sum(one.factor for one in branches), max(one.power for one in branches))
        elif code in (op.MAX_REPEAT, op.MIN_REPEAT):
            found = _repeated(*value)
        else:
            continue
        count, power = count * found.factor, power + found.power
    return Ways(count, min(power, 20))


def _repeated(least: int, most: Any, below: Any) -> Ways:
    inside = _ways(below)
    if most is not op.MAXREPEAT and most <= 1:
        return Ways(inside.factor + (least == 0), inside.power)
    if inside != Ways(1, 0):
        return Ways(math.inf, 0)
    return Ways(1, 1) if most is op.MAXREPEAT else Ways(most - least + 1, 0)
