"""The text that actions print into: where a scalar with actions in it begins and ends, and what stands before it."""

from __future__ import annotations

import re

from msgspec import Struct

from codemod.charts.places import Place
from codemod.formats.gotemplate import Action, Branch, Identifier, Node, Text
from codemod.formats.gotemplate import walk as walked
from codemod.patterns import on_use

_APART = frozenset(b" \t\r\n\"'`,;()[]{}<>|\\=")
_SUFFIX = on_use(rb"[A-Za-z0-9_.-]*")
_ACTIONS = on_use(rb"\{\{.*?\}\}", re.DOTALL)
_KEY = on_use(rb"(?:^[ \t]*(?:- +)*|[{,\[][ \t]*)[\"']?(?P<key>[\w./$-]+)[\"']?:[ \t]*(?:[|>][+-]?[ \t]*)?\\?[\"']?$")
_WORD = on_use(rb"[ \t]*(?:- +)*[^ \t]*")
_ITEM = on_use(rb"[\[,{][ \t]*[\"']?[\w.-]*=?$|[ \t\"']--?[\w.-]+=$")
_INDENTING = frozenset({"indent", "nindent", "toYaml", "fromYaml"})


class Lead(Struct, frozen=True):
    """What stands before an expression on its line: the key right before it; whether there is prose or a comment."""

    key: str | None
    is_prose: bool


class Tail(Struct, frozen=True):
    """Where a scalar ends: the offset behind it, and the action or branch that it ends with, if it does."""

    end: int
    closing: Node | None


def printed(node: Text, data: bytes) -> bytes:
    """The bytes of a text that the trim markers beside it leave."""
    return data[node.text_start : node.text_start + len(node.text.encode())]


def head(place: Place, data: bytes) -> int:
    """The offset at which the scalar begins that the action at a place prints into."""
    start = place.node.start
    for node in reversed(place.nodes[: place.index]):
        if isinstance(node, Text):
            text = printed(node, data)
            apart = next((at for at in range(len(text), 0, -1) if text[at - 1] in _APART), 0)
            if apart or not text:
                start = node.text_start + apart if apart < len(text) else start
            if apart:
                return start
            start = node.text_start if text else start
        elif isinstance(node, Branch) or (isinstance(node, Action) and not node.pipe.variables):
            start = node.start
        else:
            return start
    return start


def name_before(place: Place, start: int, data: bytes) -> list[Node]:
    """What prints the last part of the name before a place, in a scalar that starts at an offset; none if a literal."""
    found: list[Node] = []
    for node in reversed(place.nodes[: place.index]):
        if node.end <= start or (isinstance(node, Text) and b"/" in printed(node, data)):
            break
        if not isinstance(node, Text):
            found.append(node)
    return found


def tail(place: Place, data: bytes) -> Tail | None:
    """Where the scalar ends that the action at a place prints into, None where what follows is unclear."""
    end = Tail(place.node.end, place.node)
    for node in place.nodes[place.index + 1 :]:
        if isinstance(node, Text):
            text = printed(node, data)
            length = len(_SUFFIX.match(text)[0])  # type: ignore[index]
            if length:
                end = Tail(node.text_start + length, None)
            if length < len(text):
                return end if text[length] in _APART else None
            continue
        match _continues(node, data):
            case True:
                closed = node.end_span.end if isinstance(node, Branch) and node.end_span else node.end
                end = Tail(closed, node)
            case False:
                return end
            case None:
                return None
    return end if _ends_here(place, data) else None


def _continues(node: Node, data: bytes) -> bool | None:
    """Whether a node prints more of the scalar before it, None where that is unclear."""
    if isinstance(node, Action):
        if node.pipe.variables:
            return False
        return not any(isinstance(part, Identifier) and part.name in _INDENTING for part in walked([node.pipe]))
    if not isinstance(node, Branch):
        return False
    for inner in node.body:
        if isinstance(inner, Text) and inner.text:
            first = printed(inner, data)[0]
            return False if first in b" \t\r\n" else _is_on_one_line(node, data)
        if not isinstance(inner, Text) and (continued := _continues(inner, data)) is not False:
            return continued and _is_on_one_line(node, data)
        if isinstance(inner, Action) and not inner.pipe.variables:
            return False
    return False


def _is_on_one_line(node: Branch, data: bytes) -> bool | None:
    end = node.end_span.end if node.end_span else node.end
    return True if b"\n" not in data[node.start : end] else None


def _ends_here(place: Place, data: bytes) -> bool:
    """Whether nothing is printed on to the scalar behind the branches that end with it."""
    for above in reversed(place.at):
        for node in above.nodes[above.index + 1 :]:
            if isinstance(node, Text):
                text = printed(node, data)
                if text:
                    return text[0] in _APART
            elif _continues(node, data) is not False:
                return False
    return True


def lead(start: int, end: int, data: bytes) -> Lead:
    """What stands on the line of an expression around it."""
    line = data[data.rfind(b"\n", 0, start) + 1 : start]
    before = _ACTIONS.sub(b"", line).rpartition(b"}}")[2]
    if before.lstrip().startswith(b"#") or re.search(rb"\s#", before):
        return Lead(None, True)
    if found := _KEY.search(before):
        return Lead(found["key"].decode("utf-8", "replace"), False)
    if not _WORD.fullmatch(before) and not _ITEM.search(before):
        return Lead(None, True)
    rest = _ACTIONS.sub(b"", data[end : (data.find(b"\n", end) + 1 or len(data) + 1) - 1])
    return Lead(None, bool(re.match(rb"[ \t]+\w", rest)) and b"=" not in before)
