"""Before and after as one diff: lines of both begin with a blank, those of one with `-` or `+`."""

from __future__ import annotations

import re

_LINE = re.compile(r"[ +-]|$")


def before_and_after(diff: str) -> tuple[str, str]:
    """The two texts of a diff; the line break behind the opening quotes is no part of it."""
    lines = diff.removeprefix("\n").splitlines(keepends=True)
    strangers = [line for line in lines if not _LINE.match(line)]
    if strangers:
        raise ValueError(f"no line of a diff: {strangers[0]!r}")
    return _without(lines, "+"), _without(lines, "-")


def _without(lines: list[str], mark: str) -> str:
    return "".join(line[1:] or line for line in lines if not line.startswith(mark))
