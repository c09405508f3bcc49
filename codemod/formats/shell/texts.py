"""Texts of several lines in a shell script, heredocs and quoted ones, as texts of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from codemod import syntax
from codemod.edits import DIGEST
from codemod.formats.shell.words import GRAMMAR
from codemod.program import Piece, joined
from codemod.source import Source, Span

if TYPE_CHECKING:
    from tree_sitter import Node

_EXPANSION = re.compile(rb"\\([$`\\\"]|\r?\n)|\$\{[^{}]*\}|\$\([^()]*\)|`[^`]*`|\$\w+")
_TABS = re.compile(rb"(?m)^\t+")


class Unquoted:
    """How text is spelled where the shell expands it; `quote` is the quote around, if any."""

    def __init__(self, quote: bytes = b"") -> None:
        self.quote = quote

    def encode(self, text: bytes) -> bytes | None:
        """The text with what the shell would expand escaped."""
        return DIGEST.join(re.sub(rb"[$`\\" + self.quote + rb"]", rb"\\\g<0>", part) for part in text.split(DIGEST))


class Verbatim:
    """How text is spelled between single quotes, and in a heredoc with a quoted delimiter."""

    def __init__(self, quote: bytes = b"") -> None:
        self.quote = quote

    def encode(self, text: bytes) -> bytes | None:
        """The text as it is; None where it holds the quote that ends it."""
        return None if self.quote and self.quote in text else text


def texts(source: Source, language: str, surface: str) -> Iterator[Source]:
    """Every heredoc, and every quoted text of more than one line; what the shell fills in is a hole, read as `%s`."""
    for node in syntax.nodes(source, GRAMMAR, ("heredoc_redirect", "raw_string", "string")):
        if not syntax.is_sound(node):
            continue
        if node.type == "heredoc_redirect":
            found = _heredoc(source, node, language, surface)
        elif b"\n" in (node.text or b""):
            span = Span(node.start_byte + 1, node.end_byte - 1)
            quoting = Verbatim(b"'") if node.type == "raw_string" else Unquoted(b'"')
            found = joined(source, _pieces(source.data, span, quoting), language, surface, quoting)
        else:
            continue
        if found is not None:
            yield found


def _heredoc(source: Source, node: Node, language: str, surface: str) -> Source | None:
    start = next((child for child in node.children if child.type == "heredoc_start"), None)
    end = next((child for child in node.children if child.type == "heredoc_end"), None)
    if start is None or end is None:
        return None
    begin = source.data.find(b"\n", start.end_byte) + 1
    stop = source.data.rfind(b"\n", 0, end.start_byte) + 1
    if not 0 < begin < stop or source.data.count(b"<<", start.end_byte, begin):
        return None
    is_quoted = (start.text or b"")[:1] in (b"'", b'"', b"\\")
    quoting = Verbatim() if is_quoted else Unquoted()
    is_stripped = source.data[node.start_byte : start.start_byte].strip().endswith(b"-")
    pieces = _pieces(source.data, Span(begin, stop), quoting)
    return joined(source, _without_tabs(pieces) if is_stripped else pieces, language, surface, quoting)


def _pieces(data: bytes, span: Span, quoting: Unquoted | Verbatim) -> list[Piece]:
    pieces: list[Piece] = []
    at = span.start
    for found in _EXPANSION.finditer(data, *span) if isinstance(quoting, Unquoted) else ():
        pieces.append((data[at : found.start()], at, found.start() - at))
        escaped = found[1]
        said = b"%s" if escaped is None else (b"" if escaped.endswith(b"\n") else escaped)
        if escaped == b'"' and not quoting.quote:
            said = found[0]
        pieces.append((said, found.start(), found.end() - found.start()))
        at = found.end()
    return [*pieces, (data[at : span.end], at, span.end - at)]


def _without_tabs(pieces: list[Piece]) -> Iterator[Piece]:
    begins_line = True
    for said, start, length in pieces:
        if len(said) != length:
            yield said, start, length
            begins_line = False
            continue
        at = 0
        for tabs in _TABS.finditer(said):
            if tabs.start() or begins_line:
                yield said[at : tabs.start()], start + at, tabs.start() - at
                at = tabs.end()
        yield said[at:], start + at, length - at
        begins_line = said.endswith(b"\n") if said else begins_line
