"""String literals of Jsonnet files, with spans, without parsing the rest.

Follows "Lexing" of the Jsonnet specification: comments are skipped, escapes known, verbatim strings have none, text
blocks lose the indentation of their first line. A literal that is not closed is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from codemod.edits import DIGEST
from codemod.patterns import on_use
from codemod.program import Binding, Expression, Kind, Part, Piece, joined, pieces_of
from codemod.source import Source, Span
from codemod.transform import Language

LANGUAGE = Language("jsonnet", suffixes=(".jsonnet", ".libsonnet"))

_TOKEN = on_use(
    rb"//[^\n]*|#[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?"
    rb"|@\"(?P<v2>(?:[^\"]|\"\")*)\"|@'(?P<v1>(?:[^']|'')*)'"
    rb"|\|\|\|-?[ \t]*\r?\n(?P<block>(?:[ \t]*\r?\n)*(?P<indent>[ \t]+)[^\n]*\n"
    rb"(?:(?P=indent)[^\n]*\n|[ \t]*\r?\n)*)[ \t]*\|\|\|"
    rb"|\"(?P<d2>(?:[^\"\\]|\\.)*)\"|'(?P<d1>(?:[^'\\]|\\.)*)'",
    re.DOTALL,
)
_BRACKET = on_use(_TOKEN.pattern + rb"|(?P<opens>[{(\[])|[})\]]", re.DOTALL)
_FIELD = on_use(rb"[{,\n]\s*[\"']?(\w+)[\"']?\s*\+?:{1,3}\s*[\"']\Z")
_VALUE = on_use(rb"(?:\b(\w+)\s*=|[.\s:+](\w+)\()\s*[\"']\Z")
_ENDS = on_use(rb"[\"'](?:\s|//[^\n]*\n|#[^\n]*\n|/\*.*?\*/)*[,})\];]", re.DOTALL)
_OBJECT = on_use(rb"(\w+)[\"']?\s*\+?:{1,3}(?!:)")
_BEFORE = 200
_ESCAPE = on_use(rb"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_SIMPLE = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_VERB = on_use(r"%(?:\(\w+\))?[-#0 +]*(?:\d+|\*)?(?:\.(?:\d+|\*))?[hlL]?[diouxXeEfFgGcs]")
_OPENERS = on_use(r"[,{}\[\]();]")


class Literal(Struct, frozen=True):
    """One literal: its text between the quotes, its kind (`"`, `'`, `@`, or `|` for a block), a block's indentation."""

    body: Span
    kind: str
    indent: bytes = b""


class Spelled:
    """How new text is spelled in a literal."""

    def __init__(self, literal: Literal) -> None:
        self.literal = literal

    def encode(self, text: bytes) -> bytes | None:
        """The text with quotes and backslashes escaped, or lines indented; None where a verbatim string would end."""
        kind = self.literal.kind
        if kind == "|":
            return text.replace(b"\n", b"\n" + self.literal.indent)
        if kind == "@":
            return None if re.search(rb"[\"'\n]", text) else text
        parts = (re.sub(rb"[\\\"']", rb"\\\g<0>", part).replace(b"\n", b"\\n") for part in text.split(DIGEST))
        return DIGEST.join(parts)


def literals(source: Source) -> Iterator[Literal]:
    """Every literal of a file, in order."""
    for token in _TOKEN.finditer(source.data):
        if token["block"] is not None:
            yield Literal(Span(*token.span("block")), "|", token["indent"])
            continue
        kind = token.lastgroup
        if kind is not None:
            yield Literal(Span(*token.span(kind)), {"v2": "@", "v1": "@", "d2": '"'}.get(kind, "'"))


def nested(source: Source, literal: Literal, language: str, surface: str) -> Source | None:
    """What a literal says as a text of its own; None where it is empty."""
    return joined(source, _pieces(source.data, literal), language, surface, Spelled(literal))


def expression(source: Source, literal: Literal) -> Expression:
    """The literal, or what a `+` or a `%` on its line makes of it, and the field or variable that it is for."""
    body = literal.body
    said = b"".join(piece[0] for piece in _pieces(source.data, literal)).decode("utf-8", "replace")
    text = source.text(body)
    quotes = 2 if literal.kind == "@" else 1
    begin = source.data.rfind(b"\n", 0, body.start) + 1
    stop = source.data.find(b"\n", body.end)
    before = source.data[begin : body.start - quotes].decode("utf-8", "replace")
    after = source.data[body.end + 1 : stop if stop >= 0 else len(source.data)].decode("utf-8", "replace")
    follows, precedes = before.rstrip().endswith("+"), after.lstrip().startswith("+")
    part = Part(said, text, body if said == text else None)
    names = tuple(word.strip("'\"") for word in _OPENERS.split(before)[-1].rstrip(" \t:+=").split()[-1:])
    if follows or precedes:
        parts = (*([Part(None, before)] if follows else []), part, *([Part(None, after)] if precedes else []))
        return Expression(Kind.SUM, body, text, parts, (), before + after)
    verbs = list(_VERB.finditer(text)) if after.lstrip().startswith("%") else []
    if not verbs:
        return Expression(Kind.LITERAL, body, text, (part,), names)
    pieces: list[Part] = []
    at = 0
    for verb in verbs:
        pieces += [*pieces_of(text[at : verb.start()], text, at, body), Part(None)]
        at = verb.end()
    pieces += pieces_of(text[at:], text, at, body)
    return Expression(Kind.FORMAT, body, text, tuple(pieces), names, after)


def holders(source: Source) -> dict[int, str]:
    """Where the text of each literal begins that stands in an object, with the name of the field that holds that."""
    found: dict[int, str] = {}
    around: list[tuple[int, str]] = [(-1, "")]
    for token in _BRACKET.finditer(source.data):
        kind = token.lastgroup
        if kind == "opens":
            before = source.data[max(around[-1][0] + 1, token.start() - _BEFORE) : token.start()]
            name = next((match[1].decode() for match in reversed(list(_OBJECT.finditer(before)))), "")
            around.append((token.start(), name))
        elif kind is None and token[0] in (b"}", b")", b"]"):
            around = around[:-1] or [(-1, "")]
        elif kind is not None and around[-1][1]:
            found[token.start(kind)] = around[-1][1]
    return found


def bindings(source: Source, said: re.Pattern[bytes]) -> Iterator[Binding]:
    """The literals that say what `said` has, and what they are given to: fields, variables, defaults, functions."""
    fields = list(_fields(source))
    for literal, name, around in fields:
        if said.fullmatch(source.data, literal.body.start, literal.body.end):
            others = (one for one in fields if one[2] == around and around >= 0 and one[0] != literal)
            beside = {other: expression(source, one) for one, other, _ in others}
            yield Binding(name, literal.body, source.text(literal.body), beside)


def _fields(source: Source) -> Iterator[tuple[Literal, str, int]]:
    """The literals that are the whole of a value, each with its name and where the object begins whose field it is."""
    data, around = source.data, [-1]
    for token in _BRACKET.finditer(data):
        kind = token.lastgroup
        if kind == "opens":
            around.append(token.start())
        elif kind is None and token[0] in (b"}", b")", b"]"):
            around = around[:-1] or [-1]
        elif kind in ("d1", "d2", "v1", "v2") and _ENDS.match(data, token.end(kind)):
            literal = Literal(Span(*token.span(kind)), {"d2": '"', "d1": "'"}.get(kind, "@"))
            before = max(token.start(kind) - _BEFORE, 0, around[-1])
            field = (
                _FIELD.search(data, before, token.start(kind)) if data[around[-1] : around[-1] + 1] == b"{" else None
            )
            value = field or _VALUE.search(data, max(token.start(kind) - _BEFORE, 0), token.start(kind))
            if value is not None:
                name = next(filter(None, value.groups())).decode("utf-8", "replace")
                yield literal, name, around[-1] if field is not None else -1


def _pieces(data: bytes, literal: Literal) -> list[Piece]:
    start, end = literal.body
    found: list[Piece] = []
    if literal.kind == "|":
        for line in data[start:end].splitlines(keepends=True):
            cut = len(literal.indent) if line.startswith(literal.indent) else 0
            found.append((line[cut:], start + cut, len(line) - cut))
            start += len(line)
        return found
    for escape in _ESCAPE.finditer(data, start, end) if literal.kind != "@" else ():
        found.append((data[start : escape.start()], start, escape.start() - start))
        found.append((_unescaped(escape), escape.start(), escape.end() - escape.start()))
        start = escape.end()
    return [*found, (data[start:end], start, end - start)]


def _unescaped(escape: re.Match[bytes]) -> bytes:
    if escape[1] is None:
        return _SIMPLE.get(escape[2], escape[2])
    code = int(escape[1], 16)
    return b"?" if 0xD800 <= code <= 0xDFFF else chr(code).encode()
