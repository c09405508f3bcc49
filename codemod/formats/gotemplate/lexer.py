"""The tokens of a Go template: texts, comments and actions, and what stands inside an action.

Follows `text/template/parse/lex.go`. All offsets are byte offsets.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct

from codemod.patterns import on_use

_BLANKS = b" \t\r\n"
_OPEN = b"{{"
_WORD = rb"[A-Za-z0-9_\x80-\xff]"
_COMMENT = on_use(rb"\{\{(?:-[ \t\r\n])?/\*")
_COMMENT_END = on_use(rb"\*/(?:[ \t\r\n]-)?\}\}")
_KEYWORDS = frozenset("break block continue define else end if range template with".split())

_TOKEN = on_use(
    rb"(?P<close>[ \t\r\n]+-\}\}|\}\})"
    rb"|(?P<space>[ \t\r\n]+)"
    rb"|(?P<field>\.(?![0-9])%(word)s+)"
    rb"|(?P<number>[+-]?(?:0[xX][0-9a-fA-F_]+(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]+)?|0[oO][0-7_]+|0[bB][01_]+"
    rb"|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]+)?)(?!%(word)s))"
    rb"|(?P<dot>\.(?=[ \t\r\n.,|:()]|\}\}))"
    rb"|(?P<variable>\$%(word)s*)"
    rb"|(?P<word>(?![0-9])%(word)s+)"
    rb'|(?P<string>"(?:[^"\\\n]|\\[^\n])*")'
    rb"|(?P<raw>`[^`]*`)"
    rb"|(?P<char>'(?:[^'\\\n]|\\[^\n])+')"
    rb"|(?P<declare>:=)|(?P<assign>=)|(?P<pipe>\|)|(?P<open>\()|(?P<shut>\))|(?P<comma>,)" % {b"word": _WORD}
)


class LexError(Exception):
    """The template ends or goes on as no template can; `offset` is where."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset


class Token(NamedTuple):
    """`kind` is the name of a group of `_TOKEN`; that of a keyword is the keyword."""

    kind: str
    start: int
    end: int
    text: str


class Piece(Struct, frozen=True):
    """One text, comment or action: `[start, end)` is all of it.

    `text` is what the trim markers leave of a text, from `text_start` on; `tokens` are those of an action, the last of
    which is `close`.
    """

    kind: str
    start: int
    end: int
    text: str = ""
    tokens: tuple[Token, ...] = ()
    text_start: int = 0


def pieces(data: bytes) -> Iterator[Piece]:
    """All of a template in order; their spans put together are the template. Raises `LexError`."""
    at = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    begin = 0
    trims = False
    while True:
        opened = data.find(_OPEN, at)
        end = opened if opened >= 0 else len(data)
        if begin < end:
            text = data[at:end].lstrip(_BLANKS) if trims else data[at:end]
            text = text.rstrip(_BLANKS) if opened >= 0 and _trims_left(data, opened) else text
            start = end - len(data[at:end].lstrip(_BLANKS)) if trims else at
            yield Piece("text", begin, end, text.decode("utf-8", "replace"), text_start=start)
        if opened < 0:
            return
        piece = _comment(data, opened) or _action(data, opened)
        yield piece
        at = begin = piece.end
        trims = data[at - 3 : at] == b"-}}" and data[at - 4] in _BLANKS


def _trims_left(data: bytes, opened: int) -> bool:
    return data[opened + 2 : opened + 3] == b"-" and data[opened + 3 : opened + 4] in (b" ", b"\t", b"\r", b"\n")


def _comment(data: bytes, opened: int) -> Piece | None:
    begun = _COMMENT.match(data, opened)
    if begun is None:
        return None
    closed = data.find(b"*/", begun.end())
    if closed < 0:
        raise LexError(opened, "unclosed comment")
    ended = _COMMENT_END.match(data, closed)
    if ended is None:
        raise LexError(closed, "comment ends before closing delimiter")
    return Piece("comment", opened, ended.end())


def _action(data: bytes, opened: int) -> Piece:
    at = opened + (4 if _trims_left(data, opened) else 2)
    tokens: list[Token] = []
    while True:
        found = _TOKEN.match(data, at)
        if found is None:
            raise LexError(at, "unclosed action" if at >= len(data) else "unexpected character")
        kind, start, at = str(found.lastgroup), at, found.end()
        if kind == "space":
            continue
        text = found.group().decode("utf-8", "replace")
        tokens.append(Token(text if kind == "word" and text in _KEYWORDS else kind, start, at, text))
        if kind == "close":
            return Piece("action", opened, at, tokens=tuple(tokens))
