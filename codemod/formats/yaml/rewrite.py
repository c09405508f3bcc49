"""Edits on nodes: the few bytes that say something else afterwards, and nothing around them."""

from __future__ import annotations

import re

from codemod.edits import Edit
from codemod.formats.yaml.nodes import Entry, Mapping, Node, Scalar, Sequence
from codemod.source import Source

_LINE_BREAK = re.compile(rb"\r\n|\n|\r")
_REST_OF_LINE = re.compile(rb"[ \t]*(#[^\r\n]*)?(?:\r\n|\n|\r|$)")


def replace(scalar: Scalar, text: bytes) -> Edit | None:
    """Say `text` in place of a one-line scalar, within its quotes; None for block scalars."""
    if scalar.style in ("|", ">"):
        return None
    return Edit(*scalar.inner, text)


def rename(entry: Entry, key: str) -> Edit | None:
    """Another key for an entry, within its quotes."""
    return replace(entry.key, key.encode()) if isinstance(entry.key, Scalar) else None


def fill(source: Source, entry: Entry, text: bytes) -> Edit | None:
    """Say `text` in an entry whose value is empty: `""`, `''`, `~`, `null` or nothing at all."""
    value = entry.value
    if not isinstance(value, Scalar):
        return None
    if value.start < value.end:
        return replace(value, text)
    colon = source.data.find(b":", entry.key.end)
    after = source.data[colon + 1 : colon + 2]
    return None if colon < 0 else Edit(colon + 1, colon + 1, b" " + text + (b" " if after == b"#" else b""))


def insert_after(source: Source, entry: Entry, key: str, text: bytes) -> Edit | None:
    """A new entry of the same mapping behind `entry`, spelled as its neighbour is."""
    quote = entry.key.style.encode() if isinstance(entry.key, Scalar) else b""
    spelled = quote + key.encode() + quote
    value = entry.value
    if isinstance(value, Scalar) and value.style in ('"', "'"):
        text = value.style.encode() + text + value.style.encode()
    if entry.mapping.flow:
        return _insert_in_flow(source, entry, spelled, text)
    if not isinstance(value, Scalar) or value.style in ("|", ">"):
        return None
    rest = _REST_OF_LINE.match(source.data, value.end)
    indent = _indent(source, entry)
    if rest is None or indent is None:
        return None
    line_break = _LINE_BREAK.search(source.data)
    new_line = (line_break[0] if line_break else b"\n") + b" " * indent + spelled + b": " + text
    at = rest.end() - len((_LINE_BREAK.findall(rest[0]) and rest[0][len(rest[0].rstrip(b"\r\n")) :]) or b"")
    return Edit(at, at, new_line)


def _insert_in_flow(source: Source, entry: Entry, spelled: bytes, text: bytes) -> Edit | None:
    key, value = entry.key, entry.value
    between = source.data[key.end : value.start]
    previous = _previous(entry)
    gap = source.data[previous.value.end : key.start] if previous else b", "
    separator = gap if re.fullmatch(rb",\s*", gap) else b", "
    if not re.fullmatch(rb"\s*:\s*", between):
        return None
    return Edit(value.end, value.end, separator + spelled + between + text)


def remove(source: Source, entry: Entry) -> tuple[Edit, ...] | None:
    """Take an entry out of its mapping; a comment behind it stays, on a line of its own.

    None where it does not stand alone on one line (but for a comment), where it is the only entry of a flow mapping,
    where its value is a block scalar, for the first line of a nested text, whose indentation is out of reach, and for
    a last line without a line break below a block scalar, which would lose its own.
    """
    if entry.mapping.flow:
        return _remove_from_flow(source, entry)
    data, start, end = source.data, entry.key.start, entry.value.end
    if isinstance(entry.value, Scalar) and entry.value.style in ("|", ">"):
        return None
    rest = _REST_OF_LINE.match(data, end)
    if rest is None:
        return None
    line = _line_start(data, start)
    is_last = rest.end() == len(data) and not rest[0].endswith((b"\n", b"\r"))
    if data[line:start].strip(b" ") or (is_last and _ends_in_block(_previous(entry))):
        return None
    if rest[1]:
        return (Edit(start, rest.start(1), b""),)
    if source.outer is not None:  # a line of the text around begins before the indentation, which this text lacks
        return (Edit(line - 1, rest.end() - len(rest[0]) + len(rest[0].rstrip(b"\r\n")), b""),) if line else None
    if is_last:
        before = len(data[:line]) - len(data[:line].rstrip(b"\r\n"))
        return (Edit(line - min(before, 2 if data[:line].endswith(b"\r\n") else 1), rest.end(), b""),)
    return (Edit(line, rest.end(), b""),)


def _remove_from_flow(source: Source, entry: Entry) -> tuple[Edit, ...] | None:
    entries = entry.mapping.entries
    at = entries.index(entry)
    if at + 1 < len(entries):
        start, end = entry.key.start, entries[at + 1].key.start
        gap = source.data[entry.value.end : end]
    elif at:
        start, end = entries[at - 1].value.end, entry.value.end
        gap = source.data[start : entry.key.start]
    else:
        return None
    return (Edit(start, end, b""),) if re.fullmatch(rb"\s*,\s*", gap) else None


def _previous(entry: Entry) -> Entry | None:
    entries = entry.mapping.entries
    at = entries.index(entry)
    return entries[at - 1] if at else None


def _ends_in_block(entry: Entry | None) -> bool:
    """Whether the last thing that an entry says is a block scalar."""
    node: Node | None = entry.value if entry is not None else None
    while isinstance(node, (Mapping, Sequence)):
        parts = node.items if isinstance(node, Sequence) else [last.value for last in node.entries[-1:]]
        node = parts[-1] if parts else None
    return isinstance(node, Scalar) and node.style in ("|", ">")


def _line_start(data: bytes, offset: int) -> int:
    return max(data.rfind(b"\n", 0, offset), data.rfind(b"\r", 0, offset)) + 1


def _indent(source: Source, entry: Entry) -> int | None:
    """The column (in characters) of the mapping's keys."""
    first: Mapping | Sequence = entry.mapping
    line = _line_start(source.data, first.start)
    lead = source.data[line : entry.mapping.entries[0].key.start]
    return len(lead.decode("utf-8", "replace").removeprefix("\ufeff")) if b"\t" not in lead else None
