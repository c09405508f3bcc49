"""Tables of Markdown (GitHub's dialect): rows and cells with byte spans, nothing else of the text is read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from codemod.patterns import on_use
from codemod.source import Source, Span
from codemod.transform import Language

LANGUAGE = Language("markdown", suffixes=(".md", ".mdx", ".markdown"))

_FENCE = on_use(rb" {0,3}(`{3,}|~{3,})")
_DELIMITER = on_use(rb" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_CELL = on_use(rb"(?:[^|\\]|\\.)*", re.DOTALL)


class Cell(Struct, frozen=True):
    """One cell: the bytes between its bars, and what it says without the blanks around."""

    start: int
    end: int
    text: str


class Row(Struct, frozen=True):
    """One line of a table, line break left out."""

    span: Span
    cells: tuple[Cell, ...]


class Table(Struct, frozen=True):
    """A header and the rows below it."""

    header: Row
    rows: tuple[Row, ...]


def tables(source: Source) -> tuple[Table, ...]:
    """All tables outside of fenced code, in order."""
    return tuple(_tables(source.data))


def _tables(data: bytes) -> Iterator[Table]:
    lines = list(_prose(data))
    for at in range(len(lines) - 1):
        if b"|" not in data[slice(*lines[at])] or not _is_delimiter(data, lines[at + 1]):
            continue
        header = _row(data, lines[at])
        if len(header.cells) != len(_row(data, lines[at + 1]).cells):
            continue
        rows = []
        for line in lines[at + 2 :]:
            if b"|" not in data[slice(*line)]:
                break
            rows.append(_row(data, line))
        yield Table(header, tuple(rows))


def _prose(data: bytes) -> Iterator[Span]:
    """Every line outside of fenced code, empty ones included; a fence is an empty line here."""
    fence = b""
    for start, end in _lines(data):
        opened = _FENCE.match(data, start, end)
        if fence:
            is_end = opened is not None and opened[1].startswith(fence) and not data[opened.end() : end].strip()
            fence = b"" if is_end else fence
        elif opened is not None:
            fence = opened[1]
            yield Span(start, start)
        else:
            yield Span(start, end)


def _lines(data: bytes) -> Iterator[tuple[int, int]]:
    start = 0
    for line in data.splitlines(keepends=True):
        yield start, start + len(line.rstrip(b"\r\n"))
        start += len(line)


def _is_delimiter(data: bytes, line: Span) -> bool:
    return b"|" in data[slice(*line)] and _DELIMITER.fullmatch(data, *line) is not None


def _row(data: bytes, line: Span) -> Row:
    r"""The cells of a line; the bars at its ends are optional, `\|` is no bar."""
    start, end = line
    text = data[start:end]
    start += len(text) - len(text.lstrip())
    end -= len(text) - len(text.rstrip())
    position = start + data.startswith(b"|", start)
    cells: list[Cell] = []
    while position < end or not cells:
        match = _CELL.match(data, position, end)
        stop = match.end() if match is not None else end
        cells.append(Cell(position, stop, data[position:stop].decode("utf-8", "replace").strip()))
        position = stop + 1
    return Row(line, tuple(cells))
