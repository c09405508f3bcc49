"""Edits on nodes: the few bytes that say something else afterwards, and nothing around them."""

from __future__ import annotations

import re

from codemod.edits import Edit
from codemod.formats.yaml.nodes import Entry, Mapping, Node, Scalar, Sequence
from codemod.patterns import on_use
from codemod.source import BOM, Source

_LINE_BREAK = on_use(rb"\r\n|\n|\r")
_COLON = on_use(rb"\s*:")
_LEAD = on_use(rb"[- ]*")
_REST_OF_LINE = on_use(rb"[ \t]*(#[^\r\n]*)?(?:\r\n|\n|\r|$)")


def replace(scalar: Scalar, text: bytes) -> Edit | None:
    """Say `text` in place of a scalar, within its quotes; None for block scalars and where nothing is written."""
    if scalar.style in ("|", ">") or scalar.start == scalar.end:
        return None
    return Edit(*scalar.inner, text)


def rename(entry: Entry, key: str) -> Edit | None:
    """Another key for an entry, within its quotes."""
    return replace(entry.key, key.encode()) if isinstance(entry.key, Scalar) else None


def fill(source: Source, entry: Entry, text: bytes) -> Edit | None:
    """Say `text` in an entry whose value is empty: `""`, `''`, `~`, `null` or nothing at all.

    None for block scalars, collections and aliases, and for nothing behind an anchor, a tag or a key without colon.
    """
    value = entry.value
    if not isinstance(value, Scalar):
        return None
    if value.start < value.end:
        return replace(value, text)
    colon = _COLON.match(source.data, entry.key.end)
    if colon is None or value.anchor is not None or value.tag is not None:
        return None
    after = source.data[colon.end() : colon.end() + 1]
    return Edit(colon.end(), colon.end(), b" " + text + (b" " if after == b"#" else b""))


def insert_after(source: Source, entry: Entry, key: str, text: bytes) -> Edit | None:
    """A new entry of the same mapping behind `entry`, spelled as its neighbour is, below a comment of its line.

    None behind block scalars, block collections and aliases in block style, where something else stands on its line,
    and where `?` or an anchor stands before its key or the first one.
    """
    value, style = entry.value, entry.key.style if isinstance(entry.key, Scalar) else "|"
    if style in ("|", ">"):
        return None
    spelled = style.encode() + key.encode() + style.encode()
    if isinstance(value, Scalar) and value.style in ('"', "'"):
        text = value.style.encode() + text + value.style.encode()
    if entry.mapping.flow:
        return _insert_in_flow(source, entry, spelled, text)
    if not isinstance(value, Scalar) or value.style in ("|", ">"):
        return None
    rest = _REST_OF_LINE.match(source.data, value.end)
    indent = indent_of(source, entry)
    if rest is None or indent is None:
        return None
    at = value.end + len(rest[0].rstrip(b"\r\n"))
    line_break = _LINE_BREAK.match(source.data, at) or _LINE_BREAK.search(source.data)
    return Edit(at, at, (line_break[0] if line_break else b"\n") + b" " * indent + spelled + b": " + text)


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

    None where it does not stand alone on its lines (but for a comment), where it is the only entry, where its key has
    an anchor or a tag, where its value is a block scalar or block collection, for the first line of a nested text,
    whose indentation is out of reach, and for a last line without a line break below a block scalar, which would lose
    its own.
    """
    if len(entry.mapping.entries) == 1 or entry.key.anchor is not None or entry.key.tag is not None:
        return None
    if entry.mapping.flow:
        return _remove_from_flow(source, entry)
    data, start, end = source.data, entry.key.start, entry.value.end
    rest = None if _is_block(entry.value) else _REST_OF_LINE.match(data, end)
    if rest is None:
        return None
    line = _line_start(data, start)
    is_last = rest.end() == len(data) and not rest[0].endswith((b"\n", b"\r"))
    if data[line:start].strip(b" ") or (is_last and _ends_in_block(_previous(entry))):
        return None
    if rest[1]:
        return (Edit(start, rest.start(1), b""),)
    if source.outer is not None:  # a line of the text around begins before the indentation, which this text lacks
        before = line - (2 if data[:line].endswith(b"\r\n") else 1)
        return (Edit(before, rest.end() - len(rest[0]) + len(rest[0].rstrip(b"\r\n")), b""),) if line else None
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


def _is_block(node: Node) -> bool:
    return (isinstance(node, Scalar) and node.style in ("|", ">")) or not getattr(node, "flow", True)


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


def indent_of(source: Source, entry: Entry) -> int | None:
    """The column (in characters) of the mapping's keys; None where more than dashes stands before them."""
    leads = [
        source.data[_line_start(source.data, here.key.start) : here.key.start].removeprefix(BOM)
        for here in (entry.mapping.entries[0], entry)
    ]
    return len(leads[0]) if all(_LEAD.fullmatch(lead) for lead in leads) else None
