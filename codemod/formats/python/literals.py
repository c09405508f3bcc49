"""What Python string literals say, and where every byte of it is written.

Follows "String and Bytes literals" of The Python Language Reference: prefixes, escapes (an unknown one keeps its
backslash), replacement fields of formatted strings. A field is read as `%s`, a hole that readers of nested texts know.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from msgspec import Struct

from codemod.edits import DIGEST
from codemod.patterns import on_use
from codemod.program import Piece, joined
from codemod.source import Source, Span

if TYPE_CHECKING:
    from tree_sitter import Node

_SIMPLE = dict(zip(b"abfnrtv\\'\"", (b"\a", b"\b", b"\f", b"\n", b"\r", b"\t", b"\v", b"\\", b"'", b'"'), strict=True))
_FIELD = on_use(rb"\{\{|\}\}|\{[\w.\[\]]*(?:![rsa])?(?::[^{}]*)?\}")


class Text:
    """How new text is spelled in one literal: `quotes` are its closing ones."""

    def __init__(self, quotes: bytes, *, raw: bool, formatted: bool, newline: bytes) -> None:
        self.quotes, self.raw, self.formatted, self.newline = quotes, raw, formatted, newline

    def encode(self, text: bytes) -> bytes | None:
        """The text with quotes, backslashes and line ends escaped; None where a raw literal cannot hold it."""
        parts = [self._escaped(part) for part in text.split(DIGEST)]
        return None if None in parts else DIGEST.join(part or b"" for part in parts)

    def _escaped(self, text: bytes) -> bytes | None:
        if self.formatted:
            text = text.replace(b"{", b"{{").replace(b"}", b"}}")
        is_long = len(self.quotes) == 3
        if b"\\" in text or self.quotes[:1] in text or (b"\n" in text and not is_long):
            if self.raw:
                return None
            text = text.replace(b"\\", b"\\\\").replace(self.quotes[:1], b"\\" + self.quotes[:1])
        return text.replace(b"\n", self.newline if is_long else b"\\n")


class Shape(Struct, frozen=True):
    """What surrounds the text of a literal: its prefix in lower case and its closing quotes."""

    prefix: str
    quotes: bytes

    @property
    def is_raw(self) -> bool:
        """Whether backslashes are backslashes."""
        return "r" in self.prefix

    @property
    def is_formatted(self) -> bool:
        """Whether braces are replacement fields."""
        return "f" in self.prefix


def shape(node: Node) -> Shape:
    """The shape of a `string` node."""
    opening = (node.children[0].text or b"").decode("ascii", "replace")
    quotes = opening.lstrip("rRbBfFuUtT")
    return Shape(opening[: len(opening) - len(quotes)].lower(), quotes.encode())


def body(node: Node) -> Span:
    """The bytes between the quotes of a `string` node."""
    return Span(node.children[0].end_byte, node.children[-1].start_byte)


def pieces(source: Source, node: Node, *, fields: bool = False) -> list[Piece]:
    """What a literal says, piece by piece; with `fields`, the fields of `str.format` are holes, too."""
    form, inside = shape(node), body(node)
    found: list[Piece] = []
    at = inside.start
    for special in _specials(node):
        found += _verbatim(source.data, at, special.start_byte, fields)
        said = b"%s" if special.type == "interpolation" else _unescaped(special.text or b"", form)
        found.append((said, special.start_byte, special.end_byte - special.start_byte))
        at = special.end_byte
    return [*found, *_verbatim(source.data, at, inside.end, fields)]


def nested(source: Source, node: Node, language: str, surface: str, *, fields: bool = False) -> Source | None:
    """What a literal says as a text of its own; None where it is empty."""
    form = shape(node)
    newline = b"\r\n" if b"\r\n" in source.data[node.start_byte : node.end_byte] else b"\n"
    quoting = Text(form.quotes, raw=form.is_raw, formatted=form.is_formatted or fields, newline=newline)
    return joined(source, pieces(source, node, fields=fields), language, surface, quoting)


def _specials(node: Node) -> list[Node]:
    found: list[Node] = []
    for child in node.named_children:
        if child.type == "interpolation":
            found.append(child)
        elif child.type == "string_content":
            found += child.named_children
    return found


def _verbatim(data: bytes, start: int, end: int, fields: bool) -> list[Piece]:
    found: list[Piece] = []
    for field in _FIELD.finditer(data, start, end) if fields else ():
        found.append((data[start : field.start()], start, field.start() - start))
        said = field[0][:1] if field[0] in (b"{{", b"}}") else b"%s"
        found.append((said, field.start(), field.end() - field.start()))
        start = field.end()
    if start < end:
        found.append((data[start:end], start, end - start))
    return found


def _unescaped(text: bytes, form: Shape) -> bytes:
    if text in (b"{{", b"}}"):
        return text[:1]
    kind, digits = text[1:2], text[2:]
    if kind in (b"\n", b"\r"):
        return b""
    if kind and kind[0] in _SIMPLE:
        return _SIMPLE[kind[0]]
    try:
        if kind == b"x" or kind.isdigit():
            code = int(digits, 16) if kind == b"x" else int(text[1:], 8)
            return bytes([code & 0xFF]) if "b" in form.prefix else chr(code).encode()
        if kind in (b"u", b"U"):
            return chr(int(digits, 16)).encode()
        if kind == b"N":
            return unicodedata.lookup(digits.strip(b"{}").decode()).encode()
    except (ValueError, KeyError, OverflowError):
        return text
    return text
