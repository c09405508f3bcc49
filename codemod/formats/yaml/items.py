"""Edits on the items of lists that are maps: one more like a neighbour, one less."""

from __future__ import annotations

import re
from collections.abc import Iterable

from codemod.edits import Edit, apply
from codemod.formats.yaml.nodes import Mapping, Scalar, Sequence
from codemod.formats.yaml.walk import scalars
from codemod.patterns import on_use
from codemod.source import Source

_LEAD = on_use(rb"[ ]*-[ ]+")
_REST = on_use(rb"[ \t]*(?:\r\n|\n|\r|$)")


def repeat_item(source: Source, item: Mapping, changes: Iterable[Edit]) -> Edit | None:
    """A copy of an item behind it, with some of its bytes changed.

    None where its bytes do not stand for themselves: with comments, anchors and aliases in them, and beside something
    else on their lines.
    """
    data, lines = source.data, _lines(source, item)
    if lines is None or not _is_bare(item):
        return None
    start, end = item.start, item.entries[-1].value.end if not item.flow else item.end
    moved = [Edit(edit.start - start, edit.end - start, edit.text) for edit in changes]
    copy = apply(data[start:end], moved)
    holder = item.parent
    if isinstance(holder, Sequence) and holder.flow:
        return Edit(end, end, b", " + copy)
    line_break = re.search(rb"\r\n|\n|\r", data)
    return Edit(end, end, (line_break[0] if line_break else b"\n") + data[lines[0] : start] + copy)


def remove_item(source: Source, item: Mapping) -> tuple[Edit, ...] | None:
    """Take an item out of its list.

    None for the only one, for one with comments or anchors in it, for one beside something else on its lines, and in
    nested texts.
    """
    holder, lines = item.parent, _lines(source, item)
    if lines is None or not isinstance(holder, Sequence) or len(holder.items) == 1 or not _is_bare(item):
        return None
    at = holder.items.index(item)
    if holder.flow:
        is_last = at == len(holder.items) - 1
        start = holder.items[at - 1].end if is_last else item.start
        end = item.end if is_last else holder.items[at + 1].start
        gap = source.data[start : item.start] + source.data[item.end : end]
        return (Edit(start, end, b""),) if re.fullmatch(rb"\s*,\s*", gap) else None
    return (Edit(*lines, b""),) if source.outer is None else None


def _lines(source: Source, item: Mapping) -> tuple[int, int] | None:
    """The lines of an item, from the first byte to the last line break; None where it does not have them alone."""
    holder, data = item.parent, source.data
    if not isinstance(holder, Sequence) or not item.entries or b"#" in data[item.start : item.end]:
        return None
    if holder.flow:
        return (item.start, item.end) if item.flow else None
    end = item.end if item.flow else item.entries[-1].value.end
    line = max(data.rfind(b"\n", 0, item.start), data.rfind(b"\r", 0, item.start)) + 1
    rest = _REST.match(data, end)
    if _LEAD.fullmatch(data[line : item.start]) is None or rest is None:
        return None
    return line, rest.end()


def _is_bare(item: Mapping) -> bool:
    """Whether an item holds plain entries only: no anchor, no alias, no block scalar, nothing nested."""
    nodes = [item, *scalars(item)]
    if any(node.anchor is not None or getattr(node, "style", "") in ("|", ">") for node in nodes):
        return False
    return all(isinstance(entry.value, Scalar) for entry in item.entries)
