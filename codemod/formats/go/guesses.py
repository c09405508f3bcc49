"""What a string literal is for where the file does not parse: read off the text of the lines around it."""

from __future__ import annotations

from codemod.formats.go.literals import Literal, after, before, context, is_continuation, is_continued, verbs
from codemod.patterns import on_use
from codemod.program import Expression, Kind, Part, pieces_of
from codemod.source import Source, Span

_CHAIN = on_use(rb"\s*\+(?:[^,;{}()]|\([^()]*\))*\+\s*")


def guess(source: Source, literal: Literal) -> Expression:
    """The expression that a literal looks like a part of."""
    body = literal.body
    text = source.text(body)
    follows, precedes = is_continuation(source, literal), is_continued(source, literal)
    ahead, behind = (
        before(source, literal).decode("utf-8", "replace"),
        after(source, literal).decode("utf-8", "replace"),
    )
    part = Part(text, text, body)
    if follows or precedes:
        parts = (*([Part(None, ahead)] if follows else []), part, *([Part(None, behind)] if precedes else []))
        return Expression(Kind.SUM, body, text, parts, (), ahead + behind)
    names = (context(source, literal),)
    found = verbs(text)
    if not found:
        return Expression(Kind.LITERAL, body, text, (part,), names, behind)
    pieces: list[Part] = []
    at = 0
    for verb in found:
        pieces += [*pieces_of(text[at : verb.start()].replace("%%", "%"), text, at, body), Part(None)]
        at = verb.end()
    pieces += pieces_of(text[at:].replace("%%", "%"), text, at, body)
    return Expression(Kind.FORMAT, body, text, tuple(pieces), names, behind)


def are_joined(source: Source, one: Span, other: Span) -> bool:
    """Whether the bodies of two literals look like operands of one `+`."""
    return _CHAIN.fullmatch(source.data, one.end + 1, other.start - 1) is not None
