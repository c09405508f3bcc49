"""String literals of Go source files, with spans, without parsing the rest.

Follows "Lexical elements" of The Go Programming Language Specification: comments and rune literals are skipped,
interpreted literals know every escape, raw literals lose their carriage returns. A file that is broken (an open quote,
an unknown escape) never raises: what is no literal is not yielded, what cannot be decoded has no nested source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from codemod.edits import DIGEST
from codemod.patterns import on_use
from codemod.program import Piece, joined
from codemod.source import Segment, Source, Span

_TOKEN = on_use(
    rb"//[^\n]*"
    rb"|/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/)?"
    rb"|'(?:\\[^\n][^'\n]{0,9}|[^'\\\n]{1,4})'"
    rb'|"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*("?)'
    rb"|`[^`]*(`?)"
)
_ESCAPE = on_use(
    rb"\\(?:(?P<simple>[abfnrtv\\'\"])|(?P<octal>[0-7]{3})|x(?P<hex>[0-9A-Fa-f]{2})"
    rb"|u(?P<short>[0-9A-Fa-f]{4})|U(?P<long>[0-9A-Fa-f]{8})|(?P<unknown>))"
)
_SIMPLE = dict(zip(b"abfnrtv\\'\"", (b"\a", b"\b", b"\f", b"\n", b"\r", b"\t", b"\v", b"\\", b"'", b'"'), strict=True))
_SPELLED = {value[0]: b"\\" + bytes([letter]) for letter, value in _SIMPLE.items() if value != b"'"}
_INDEX = r"(?:\[\d+\])?"
_VERB = on_use(
    rf"%(?:%|[-+# 0]*(?:\d+|{_INDEX}\*)?(?:\.(?:\d+|{_INDEX}\*)?)?(?:\[(?P<index>\d+)\])?[vTtbcdoOqxXUeEfFgGsp])"
)
_JOINT = 240
"""How many bytes around a literal are searched for the `+` that joins it to another one."""
_ELEMENT = on_use(rb'[\s&]*(?:"(?:[^"\\]|\\.)*"|`[^`]*`),?\s*(?://.*)?|\s*//.*')
_CLIMB = 40
"""How many lines up the opening of a list of literals is looked for."""


class Literal(Struct, frozen=True):
    """One string literal: `span` is the token with its quotes; `raw` ones stand in backquotes."""

    span: Span
    raw: bool

    @property
    def body(self) -> Span:
        """The bytes between the quotes."""
        return Span(self.span.start + 1, self.span.end - 1)


class Interpreted:
    """How text is spelled between double quotes; the place of a digest is kept for the engine to fill."""

    def encode(self, text: bytes) -> bytes | None:
        """The text with line ends, quotes, backslashes, control characters and bytes that are no UTF-8 escaped."""
        return DIGEST.join(self._escaped(part) for part in text.split(DIGEST))

    @staticmethod
    def _escaped(text: bytes) -> bytes:
        high = 256 if _is_utf8(text) else 0x80
        return b"".join(
            _SPELLED.get(byte, bytes([byte]) if 0x20 <= byte < high and byte != 0x7F else b"\\x%02x" % byte)
            for byte in text
        )


class Raw:
    """How text is spelled between backquotes; `newline` is the literal's own line end, whose CR has no meaning."""

    def __init__(self, newline: bytes = b"\n") -> None:
        self.newline = newline

    def encode(self, text: bytes) -> bytes | None:
        """The text as it is, None where it holds a backquote or a carriage return, which a raw literal cannot."""
        return None if b"`" in text or b"\r" in text else text.replace(b"\n", self.newline)


def literals(source: Source) -> Iterator[Literal]:
    """Every terminated string literal of a file, in order."""
    for token in _TOKEN.finditer(source.data):
        if token.lastindex and token[token.lastindex]:
            yield Literal(Span(*token.span()), token.lastindex == 2)


def nested(source: Source, literal: Literal, language: str, surface: str | None = None) -> Source | None:
    """The value of a literal as a text of its own; None where it is empty or holds an escape that Go refuses."""
    pieces = _raw_pieces(source.data, literal.body) if literal.raw else _pieces(source.data, literal.body)
    if not pieces:
        return None
    newline = b"\r\n" if b"\r\n" in source.data[literal.span.start : literal.span.end] else b"\n"
    return joined(source, pieces, language, surface, Raw(newline) if literal.raw else Interpreted())


def whole_lines(text: Source, literal: Literal) -> Source | None:
    """A nested literal without the first or last line that a `+` continues in another operand; None if none is left.

    The first line is cut only where the operand before is no literal that ends its own line.
    """
    outer = text.outer
    if outer is None:
        return text
    start, end = 0, len(text.data)
    if is_continued(outer, literal):
        end = text.data.rfind(b"\n") + 1
    if is_continuation(outer, literal) and not _operand_before(outer, literal).endswith((b'\\n"', b"\n`")):
        start = text.data.find(b"\n") + 1 or end
    if (start, end) == (0, len(text.data)):
        return text
    pieces = [piece for segment in text.segments if (piece := _clipped(text, segment, start, end))]
    return joined(outer, pieces, text.language, text.surface, text.quoting) if pieces else None


def is_continuation(source: Source, literal: Literal) -> bool:
    """Whether a `+` stands before the literal."""
    return _head(source, literal).endswith(b"+")


def is_continued(source: Source, literal: Literal) -> bool:
    """Whether a `+` stands after the literal."""
    return source.data[literal.span.end : literal.span.end + _JOINT].lstrip(b" \t").startswith(b"+")


def before(source: Source, literal: Literal) -> bytes:
    """What stands before the literal on its line."""
    return source.data[source.data.rfind(b"\n", 0, literal.span.start) + 1 : literal.span.start]


def after(source: Source, literal: Literal) -> bytes:
    """What stands after the literal on the line on which it ends."""
    end = source.data.find(b"\n", literal.span.end)
    return source.data[literal.span.end : end if end >= 0 else len(source.data)]


def context(source: Source, literal: Literal) -> str:
    """What says what a literal is for: the text before it on its line, with the line that opens a wrapped list.

    Where the literal begins its line, lines above that hold only elements of the same list, or comments, are skipped.
    """
    text = before(source, literal)
    end = literal.span.start - len(text) - 1
    if text.strip(b" \t&") or end < 0:
        return text.decode("utf-8", "replace")
    for _ in range(_CLIMB):
        begin = source.data.rfind(b"\n", 0, end) + 1
        line = source.data[begin:end]
        if begin == 0 or not _ELEMENT.fullmatch(line):
            return line.decode("utf-8", "replace")
        end = begin - 1
    return ""


def verbs(text: str) -> list[re.Match[str]]:
    """The verbs of package fmt in a text (`%s`, `%[1]d`, …), which make it, or make it look like, a format string."""
    return [verb for verb in _VERB.finditer(text) if verb[0] != "%%"]


def without_verbs(text: str) -> str:
    """A format string with the letter `x` in place of every verb, and `%` for `%%`."""
    return _VERB.sub(lambda verb: "%" if verb[0] == "%%" else "x", text)


def value(source: Source, literal: Literal) -> str | None:
    """What a literal says; None where it holds an escape that Go refuses, or bytes that are no UTF-8."""
    if literal.span.end - literal.span.start == 2:
        return ""
    text = nested(source, literal, "text")
    return None if text is None or not _is_utf8(text.data) else text.data.decode()


def _head(source: Source, literal: Literal) -> bytes:
    return source.data[max(literal.span.start - _JOINT, 0) : literal.span.start].rstrip()


def _operand_before(source: Source, literal: Literal) -> bytes:
    return _head(source, literal)[:-1].rstrip()


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _pieces(data: bytes, body: Span) -> list[Piece]:
    pieces: list[Piece] = []
    position = body.start
    for escape in _ESCAPE.finditer(data, body.start, body.end):
        value = _unescaped(escape)
        if value is None:
            return []
        pieces.append((data[position : escape.start()], position, escape.start() - position))
        pieces.append((value, escape.start(), escape.end() - escape.start()))
        position = escape.end()
    pieces.append((data[position : body.end], position, body.end - position))
    return pieces


def _raw_pieces(data: bytes, body: Span) -> list[Piece]:
    pieces: list[Piece] = []
    position = body.start
    for line in data[body.start : body.end].split(b"\r"):
        pieces.append((line, position, len(line)))
        position += len(line) + 1
    return pieces


def _unescaped(escape: re.Match[bytes]) -> bytes | None:
    kind, digits = escape.lastgroup, escape[escape.lastindex or 0]
    if kind == "simple":
        return _SIMPLE[digits[0]]
    if kind in ("octal", "hex"):
        value = int(digits, 8 if kind == "octal" else 16)
        return bytes([value]) if value < 256 else None
    if kind in ("short", "long"):
        value = int(digits, 16)
        return chr(value).encode() if value < 0xD800 or 0xDFFF < value <= 0x10FFFF else None
    return None


def _clipped(text: Source, segment: Segment, start: int, end: int) -> Piece | None:
    """The part of a segment within the decoded bytes `[start, end)`; an escape, being one character, is in or out."""
    low, high = max(segment.start, start), min(segment.start + segment.length, end)
    if low >= high:
        return None
    if segment.length != segment.outer_length:
        return text.data[segment.start : segment.start + segment.length], segment.outer_start, segment.outer_length
    return text.data[low:high], segment.outer_start + low - segment.start, high - low
