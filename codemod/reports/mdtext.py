"""Markdown as GitHub renders it (GFM): cells that cannot break their table, tables, and folds for long ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from codemod.patterns import on_use
from codemod.wording import printable

FOLD_OVER = 15
_SPECIAL = on_use(r"[\\`*_\[\]|~]")


def plain(text: str) -> str:
    """Text on one line that Markdown and HTML take literally."""
    escaped = printable(" ".join(text.split())).replace("&", "&amp;").replace("<", "&lt;")
    return _SPECIAL.sub(r"\\\g<0>", escaped)


def code(text: str) -> str:
    """The text as code in running text: one code span a line, nothing for no text."""
    return "<br>".join(_span(printable(line)) for line in text.splitlines() if line.strip())


def cell(text: str) -> str:
    """The text as code in a table cell, where a pipe must be escaped even within a code span."""
    spans = (_cell_span(printable(line)) for line in text.splitlines() if line.strip())
    return "<br>".join(spans)


def _span(line: str) -> str:
    longest = max(map(len, re.findall(r"`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line[0] in "` " or line[-1] in "` " else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _cell_span(line: str) -> str:
    if r"\|" in line:  # renderers disagree on an escaped pipe after a backslash inside a code span
        return f"<code>{''.join(c if c.isalnum() or c in ' ./:-' else f'&#{ord(c)};' for c in line)}</code>"
    return _span(line).replace("|", r"\|")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already; a heading that begins with `#` is a column of numbers."""
    rule = ["---:" if name.startswith("#") else "---" for name in head]
    lines = [[name.removeprefix("#") for name in head], rule, *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def folded(summary: str, body: str, rows: int) -> str:
    """The body, folded under its summary (words without markup) where it has more than 15 rows."""
    if rows <= FOLD_OVER:
        return body
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n</details>\n"
