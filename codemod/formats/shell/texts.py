"""Texts of several lines in a shell script, heredocs and quoted ones, as texts of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from codemod import syntax
from codemod.edits import DIGEST
from codemod.formats.shell.commands import Role, role
from codemod.formats.shell.words import nodes
from codemod.patterns import on_use
from codemod.program import Piece, joined
from codemod.source import Source, Span

if TYPE_CHECKING:
    from tree_sitter import Node

_EXPANSION = on_use(rb"\\([$`\\\"]|\r?\n)|\$\{[^{}]*\}|\$\([^()]*\)|`[^`]*`|\$\w+")
_ESCAPED = on_use(rb"\\([$`\\\"]|\r?\n)")
_SHELLS = on_use(r"(?:.*/)?(?:ba|da|z|k|a)?sh")
_RUNS_TEXT = on_use(r"-[a-z]*c")
_JSON = (b"{}", b"[]")
_TABS = on_use(rb"(?m)^\t+")


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
    """Every heredoc, every quoted text of more than one line, and every quoted JSON that a command is handed.

    What the shell fills in is a hole, read as `%s`.
    """
    for node in nodes(source, ("heredoc_redirect", "raw_string", "string")):
        if not syntax.is_sound(node):
            continue
        if node.type == "heredoc_redirect":
            found = _heredoc(source, node, language, surface)
        elif b"\n" in (node.text or b"") or _is_json(node):
            span = Span(node.start_byte + 1, node.end_byte - 1)
            quoting = Verbatim(b"'") if node.type == "raw_string" else Unquoted(b'"')
            found = joined(source, _pieces(source.data, span, quoting), language, surface, quoting)
        else:
            continue
        if found is not None:
            yield found


def scripts(source: Source, language: str, surface: str) -> Iterator[Source]:
    """The scripts that shells are handed as a text: `sh -c '…'`, also behind other programs, and `eval`."""
    for command in nodes(source, ("command",)):
        node = script_of(command)
        if node is not None and syntax.is_sound(command):
            span = Span(node.start_byte + 1, node.end_byte - 1)
            quoting = Verbatim(b"'") if node.type == "raw_string" else Unquoted(b'"')
            found = joined(source, _pieces(source.data, span, quoting, _ESCAPED), language, surface, quoting)
            if found is not None:
                yield found


def script_of(command: Node) -> Node | None:
    """The quoted word of a command that a shell runs as a script."""
    words = [word for word in command.named_children if word.type != "variable_assignment"]
    texts = [syntax.text(word) for word in words]
    at = next((number for number, text in enumerate(texts) if _SHELLS.fullmatch(text) or text == "eval"), len(texts))
    while at < len(texts) - 1 and texts[at] != "eval" and not _RUNS_TEXT.fullmatch(texts[at]):
        at += 1
        if not texts[at].startswith("-") and texts[at] not in ("pipefail", "errexit", "nounset"):
            return None
    found = words[at + 1] if at + 1 < len(words) else None
    return found if found is not None and found.type in ("raw_string", "string") else None


def _is_json(node: Node) -> bool:
    """Whether a quoted text is JSON in one line that a command takes or a variable gets, not one that is said."""
    inner = (node.text or b"")[1:-1].strip()
    return inner[:1] + inner[-1:] in _JSON and role(node) is not Role.SAID


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


def _pieces(
    data: bytes, span: Span, quoting: Unquoted | Verbatim, special: re.Pattern[bytes] = _EXPANSION
) -> list[Piece]:
    pieces: list[Piece] = []
    at = span.start
    for found in special.finditer(data, *span) if isinstance(quoting, Unquoted) else ():
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
