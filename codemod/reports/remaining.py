"""What the inventory searches still find: one match a line and counts for people, one document for scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from codemod.inventory import Search
from codemod.remaining import EXCUSED, KEPT, OPEN, STANDINGS, TEXT, Match
from codemod.reports.jsonreport import document
from codemod.wording import printable

_HEAD = ("SEARCH", "ENVIRONMENT", "PLACES", *map(str.upper, (OPEN, EXCUSED, KEPT, TEXT)), "LINES")
_WORDS = 2
"""Columns of words, which stand left; those of numbers stand right."""


def inventory_text(matches: Sequence[Match], searches: Sequence[Search]) -> str:
    """The matches by search, each as `path:line:col: standing: text (why)`, then the counts as a table."""
    parts = []
    for search in searches:
        found = [match for match in matches if match.search == search.name]
        lines = "".join(f"{_line(match)}\n" for match in found)
        parts.append(f"# {search.title}\n{lines}" if found else "")
    rows = [_HEAD, *_rows(matches, searches)]
    return "\n".join(filter(None, (*parts, "".join(_aligned(rows)))))


def inventory_json(matches: Sequence[Match], searches: Sequence[Search]) -> str:
    """`{"schema": 1, "searches": [...], "counts": [by search and environment], "matches": [...]}`."""
    named = ({"search": search.name, "title": search.title, "command": search.command} for search in searches)
    counts = (
        {"search": search.name, "environment": name or None, **row}
        for search in searches
        for name, row in _counts(matches, search)
    )
    return document(searches=named, counts=counts, matches=map(_match, matches))


def _line(match: Match) -> str:
    where = f"{match.path}:{match.line}:{match.column}"
    code = f"{match.code} " if match.standing == OPEN else ""
    return printable(f"{where}: {match.standing}: {match.text} ({code}{match.why})")


def _match(match: Match) -> dict[str, Any]:
    return {
        "search": match.search,
        "path": match.path,
        "line": match.line,
        "column": match.column,
        "standing": match.standing,
        "text": match.text,
        "environment": match.environment or None,
        "code": match.code or None,
        "why": match.why,
        "owner": match.owner or None,
        "expires": match.expires or None,
    }


def _counts(matches: Iterable[Match], search: Search) -> Iterator[tuple[str, dict[str, int]]]:
    """By environment, sorted: places, matches by standing, and the lines that a search for text finds."""
    found: dict[str, list[Match]] = {}
    for match in matches:
        if match.search == search.name:
            found.setdefault(match.environment, []).append(match)
    for name, own in sorted(found.items()):
        yield name, _row(own)


def _row(own: Iterable[Match]) -> dict[str, int]:
    row = dict.fromkeys(("places", *STANDINGS, "lines"), 0)
    lines: set[tuple[str, int]] = set()
    for match in own:
        row["places"] += match.is_place
        row[match.standing] += 1
        lines |= {(match.path, match.line)} if match.is_line else set()
    return row | {"lines": len(lines)}


def _rows(matches: Sequence[Match], searches: Iterable[Search]) -> Iterator[tuple[str, ...]]:
    """The rows of the table; several environments are summed up."""
    for search in searches:
        title, rows = search.title.replace("`", ""), list(_counts(matches, search))
        yield from ((title, name or "-", *_cells(row)) for name, row in rows)
        if len(rows) != 1:
            yield title, "all", *_cells(_row(match for match in matches if match.search == search.name))


def _cells(row: dict[str, int]) -> Iterator[str]:
    return (f"{count:,}" for count in row.values())


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(printable(row[at])) for row in rows) for at in range(len(_HEAD))]
    for row in rows:
        cells = (
            f"{printable(cell):{'<' if at < _WORDS else '>'}{wide}}"
            for at, (cell, wide) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip() + "\n"
