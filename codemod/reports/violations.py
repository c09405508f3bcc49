"""Violations as lines: for people and editors (`text`), counted, and as GitHub workflow commands (`github`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from codemod.wording import printable

if TYPE_CHECKING:
    from codemod.gate import Violation


def text(violations: Iterable[Violation]) -> str:
    """`path:line:col: CODE message`, one violation a line."""
    return "".join(f"{printable(v.path)}:{v.line}:{v.column}: {v.code} {printable(v.message)}\n" for v in violations)


def statistics(violations: Iterable[Violation]) -> str:
    """How many there are of each code, the most frequent first: `12  UF001  Floating tag`, one code a line."""
    from codemod.codes import CODES

    counts = counted(violations)
    wide = max((len(f"{count:,}") for _, count in counts), default=0)
    return "".join(f"{count:>{wide},}  {code}  {CODES[code].title}\n" for code, count in counts)


def counted(violations: Iterable[Violation]) -> list[tuple[str, int]]:
    """The codes and how often each occurs, the most frequent first."""
    counts = Counter(violation.code for violation in violations)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def github(violations: Iterable[Violation]) -> str:
    """`::error` workflow commands, which GitHub shows as annotations; escaped as its runner's toolkit does."""
    return "".join(map(_command, violations))


def _command(violation: Violation) -> str:
    from codemod.codes import CODES

    known = CODES.get(violation.code)
    title = f"{violation.code} {known.title}" if known else violation.code
    place = f"file={_property(violation.path)},line={violation.line},col={violation.column}"
    return f"::error {place},title={_property(title)}::{_data(violation.message)}\n"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
