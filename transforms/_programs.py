"""Facts about the texts of a program, the same for every language: what is pinned, what is reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from codemod.edits import DIGEST, Edit
from codemod.patterns import on_use
from codemod.program import Expression, Kind, Part
from codemod.reference import split
from codemod.source import Source, Span
from codemod.transform import Fact, Image, Left, Rendering
from transforms._extended import extension
from transforms._literals import Floats, is_computed, is_piece, whole
from transforms._spelled import is_forced_tag, option_of, purpose, without_placeholders
from transforms._whole import pin_edits

Texts = Callable[[], Iterable[Source]]

_MAY_MATTER = on_use(rb":[\w.%{$]|[:/]$|@sha256:")
_SAYS_IMAGE = (b"image", b"Image", b"IMAGE", b"img", b"container", b"docker", b"DOCKER", b"podman")
_NEAR = 1000
"""How many bytes around a literal are searched for a word that says image."""
_HOW = {Kind.SUM: "put together by `+`", Kind.FORMAT: "put together by a format string"}


def may_matter(source: Source, span: Span, data: bytes, floats: Floats) -> bool:
    """Whether a literal, as it is written, may be an image, a part of one, or a tag: a cheap first question."""
    if not _MAY_MATTER.search(data):
        return floats(data.decode("utf-8", "replace")) and source.mentions(_SAYS_IMAGE)
    near = source.data[max(span.start - _NEAR, 0) : span.start + _NEAR]
    return any(word in near for word in _SAYS_IMAGE) or b"/" in data


def fact(
    source: Source,
    surface: str,
    found: Expression,
    floats: Floats,
    package: Texts | None = None,
) -> Fact | None:
    """What one expression is: an image, a reference that the program computes, a tag that it forces, or nothing.

    `package` gives the texts in which a name of this one is known; by itself it is in its own.
    """
    value = found.value
    if value is None:
        return _computed(surface, found, floats)
    if found.kind is not Kind.LITERAL:
        stated = _resolved(source, surface, found, value, floats)
    else:
        stated = _literal(source, surface, found, value, floats)
    if isinstance(stated, Image) and stated.edits:
        name = extension(source, found.span, package() if package else (source,))
        if name is not None:
            message = f"the program puts something behind {name}"
            return replace(stated, edits=(), reason="computed-reference", message=message)
    return stated


def _literal(source: Source, surface: str, found: Expression, text: str, floats: Floats) -> Fact | None:
    context = " ".join(found.names)
    body = found.parts[0].body
    option = option_of(text)
    if option and body is not None:
        context, text = purpose(context, text[:option]), text[option:]
        body = Span(body.start + option, body.end)
    reference = whole(text, context, floats)
    if reference is not None:
        span = body or found.span
        edits = pin_edits(source, span, text, floats)
        return Image(span, surface, text, (Rendering(reference),), edits, None if body else "computed-reference")
    filled = without_placeholders(text)
    if is_computed(text, filled, context, found.beside, floats):
        return _left(surface, found.span, found.text, "put together by a template")
    if is_forced_tag(text, found.names, floats):
        message = "the program decides the tag by itself"
        return Left(found.span, surface, "computed-reference", text, message)
    return None


def _computed(surface: str, found: Expression, floats: Floats) -> Fact | None:
    context = " ".join(found.names)
    if found.kind is Kind.FORMAT:
        option = option_of(found.filled)
        context, filled = purpose(context, found.filled[:option]), without_placeholders(found.filled[option:])
        if is_computed(found.text, filled, context, found.beside, floats):
            return _left(surface, found.span, found.text, _HOW[found.kind])
        return None
    around, last = f"{context} {found.beside}", len(found.parts) - 1
    for at, part in reversed(list(enumerate(found.parts))):
        if part.body is not None and is_piece(part.text or "", around, floats, follows=at > 0, precedes=at < last):
            return _left(surface, part.body, part.text or "", _HOW[found.kind])
    return None


def _resolved(source: Source, surface: str, found: Expression, value: str, floats: Floats) -> Fact | None:
    """A reference whose parts are all known; pinned where the literal that has its tag is a part of it."""
    option = option_of(value)
    context, value = purpose(f"{' '.join(found.names)} {found.beside}", value[:option]), value[option:]
    reference = whole(value, context, floats)
    if reference is None:
        return None
    renders = (Rendering(reference),)
    spelling = split(value)
    is_floating = spelling.tag is not None and floats(spelling.tag)
    start, end, text = len(value), len(value), b"@" + DIGEST
    if is_floating:
        start = len(spelling.name)
        end = start + len(spelling.tag or "") + 1 if spelling.digest is not None else end
        text = b"" if spelling.digest is not None else text
    at = _place(found.parts, option + start, option + end)
    if spelling.digest is not None and not is_floating:
        return Image(found.span, surface, found.text, renders)
    if at is None:
        message = f"it is {_HOW[found.kind]}"
        return Image(found.span, surface, found.text, renders, (), "computed-reference", message=message)
    part, span = at
    assert part.body is not None
    return Image(part.body, surface, part.text or "", renders, (Edit(span.start, span.end, text),))


def _place(parts: tuple[Part, ...], start: int, end: int) -> tuple[Part, Span] | None:
    """The one part in which the characters `[start, end)` of the whole text are written, and where."""
    begin = 0
    for part in parts:
        stop = begin + len(part.text or "")
        if begin <= start and end <= stop and (start < stop or stop == end) and part.text:
            if part.body is None:
                return None
            return part, Span(part.body.start + start - begin, part.body.start + end - begin)
        begin = stop
    return None


def _left(surface: str, span: Span, text: str, how: str) -> Left:
    return Left(span, surface, "computed-reference", text, f"the reference is {how}")
