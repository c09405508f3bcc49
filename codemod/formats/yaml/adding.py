"""Maps that are put where none is: whole lines below the deepest map on the way that is there."""

from __future__ import annotations

import re

from codemod.edits import Edit
from codemod.formats.yaml.nodes import Entry, Mapping, Node, Scalar, Sequence, lookup
from codemod.formats.yaml.reader import Document
from codemod.formats.yaml.rewrite import indent_of
from codemod.patterns import on_use
from codemod.source import Source

_LINE_BREAK = on_use(rb"\r\n|\n|\r")
_REST_OF_LINE = on_use(rb"[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n|\r|$)")
_PLAIN = on_use(r"[A-Za-z_][\w./-]*")
_NO_TEXT = on_use(r"(?i:true|false|yes|no|on|off|y|n|null)")
_STEP = 2


def add(source: Source, document: Document, keys: tuple[str | int, ...], text: bytes) -> Edit | None:
    """Say `text` at a way of keys that leads out of the maps of a document, in block style; the edit nests.

    None for texts in other texts and in templates, where the way ends in something that is no block map, or in one that
    merges or is merged, and for keys that would have to be quoted.
    """
    found = _deepest(document.root, keys)
    if source.outer is not None or document.masks or document.problem is not None or found is None:
        return None
    mapping, depth = found
    missing, last = keys[depth:], mapping.entries[-1]
    indent, at = indent_of(source, last), _end(source, last)
    is_spelled = all(isinstance(key, str) and _PLAIN.fullmatch(key) and not _NO_TEXT.fullmatch(key) for key in missing)
    if at is None or indent is None or not is_spelled:
        return None
    found_break = _LINE_BREAK.search(source.data)
    line_break = found_break[0] if found_break else b"\n"
    step = _step(document.root, source)
    lines = [b" " * (indent + step * number) + str(key).encode() + b":" for number, key in enumerate(missing)]
    lines[-1] += b" " + text
    is_open = not source.data[:at].endswith((b"\n", b"\r"))
    added = b"".join(line_break + line if is_open else line + line_break for line in lines)
    return Edit(at, at, added, nests=True)


def insert_lines(source: Source, entry: Entry, lines: tuple[bytes, ...]) -> Edit | None:
    """Whole lines of a block map behind an entry of it, each with its own depth below the map's keys; the edit nests.

    None in flow maps, in texts in other texts, and where something else begins on the entry's last line.
    """
    indent, last = indent_of(source, entry), _last(entry.value)
    if entry.mapping.flow or source.outer is not None or indent is None:
        return None
    if isinstance(last, Scalar) and last.style in ("|", ">"):
        at = last.end if source.data[last.end - 1 : last.end] == b"\n" and _keeps_no_breaks(source, last) else None
    else:
        at = _end(source, entry)
    if at is None:
        return None
    found_break = _LINE_BREAK.search(source.data)
    line_break = found_break[0] if found_break else b"\n"
    is_open = not source.data[:at].endswith((b"\n", b"\r"))
    whole = (b" " * indent + line for line in lines)
    return Edit(at, at, b"".join(line_break + one if is_open else one + line_break for one in whole), nests=True)


def _last(node: Node) -> Node:
    """What stands last in the text of a node."""
    while isinstance(node, (Mapping, Sequence)) and not node.flow:
        parts = [last.value for last in node.entries[-1:]] if isinstance(node, Mapping) else node.items[-1:]
        if not parts:
            return node
        node = parts[0]
    return node


def remove_with_map(source: Source, entry: Entry, *, is_replaced: bool) -> Edit | None:
    """Take an entry out together with all maps around it that hold nothing else.

    None where that is the whole document which nothing replaces (`is_replaced`), and where anything but these lines
    would go: comments, something that stands on the same lines, flow style.
    """
    outer = entry
    while len(outer.mapping.entries) == 1 and isinstance(above := outer.mapping.parent, Mapping):
        outer = next(one for one in above.entries if one.value is outer.mapping)
    data, start = source.data, outer.key.start
    line = max(data.rfind(b"\n", 0, start), data.rfind(b"\r", 0, start)) + 1
    rest = re.match(rb"[ \t]*(?:\r\n|\n|\r)", data[entry.value.end :])
    is_alone = not data[line:start].strip(b" ") and rest is not None and source.outer is None
    is_whole = len(outer.mapping.entries) == 1 and not is_replaced
    if not is_alone or rest is None or is_whole or entry.mapping.flow or b"#" in data[start : entry.value.start]:
        return None
    return Edit(line, entry.value.end + rest.end(), b"")


def _deepest(root: Node | None, keys: tuple[str | int, ...]) -> tuple[Mapping, int] | None:
    """The last map on a way that is there, and how many keys led to it."""
    node = root
    for depth, key in enumerate(keys):
        if not isinstance(node, Mapping) or node.flow or not node.entries or node.anchor is not None:
            return None
        if not isinstance(key, str) or "<<" in node.index:
            return None
        if lookup(node, key) is None and key not in node.index:
            return node, depth
        node = node.index[key].value
    return None


def _end(source: Source, entry: Entry) -> int | None:
    """The offset behind the last line of an entry; None where something else begins there."""
    node: Node = entry.value
    while isinstance(node, (Mapping, Sequence)) and not node.flow:
        parts = [last.value for last in node.entries[-1:]] if isinstance(node, Mapping) else node.items[-1:]
        if not parts or (isinstance(node, Sequence) and parts[0].start == parts[0].end):
            return None
        node, entry = parts[0], node.entries[-1] if isinstance(node, Mapping) else entry
    if isinstance(node, Scalar) and node.style in ("|", ">"):
        return len(source.data) if not source.data[node.end :].strip() and _is_closed(source, node) else None
    end = max(node.end, source.data.find(b":", entry.key.end) + 1 if node.start == node.end else 0)
    rest = _REST_OF_LINE.match(source.data, end)
    return rest.end() if rest is not None else None


def _is_closed(source: Source, node: Scalar) -> bool:
    """Whether a block scalar says the same with lines behind it: it ends with a line break that it does not keep."""
    return source.data.endswith(b"\n") and _keeps_no_breaks(source, node)


def _keeps_no_breaks(source: Source, node: Scalar) -> bool:
    return b"+" not in source.data[node.start : node.end].partition(b"\n")[0]


def _step(root: Node | None, source: Source) -> int:
    """How much deeper the maps of a document stand than what holds them."""
    waiting = [root] if isinstance(root, Mapping) else []
    while waiting:
        mapping = waiting.pop(0)
        for entry in mapping.entries:
            below = entry.value
            if isinstance(below, Mapping) and not below.flow and below.entries:
                outer, inner = indent_of(source, entry), indent_of(source, below.entries[0])
                if outer is not None and inner is not None and inner > outer:
                    return inner - outer
                waiting.append(below)
    return _STEP
