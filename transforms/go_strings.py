"""Pin image references in the string literals of Go files.

Why: scaffolds and operators carry default images as constants; a floating default ends up in every manifest they write.

    -const runnerImage = "ghcr.io/acme/runner:dev"
    +const runnerImage = "ghcr.io/acme/runner@<digest>"

Literals that hold manifests or values (YAML or JSON) are read as such; the YAML transforms pin what is in them.

Leaves alone: comments, import paths, struct tags, URLs, `host:port`, `file.go:12`, and every text that nothing marks as
an image: neither a registry host, a floating tag or a digest behind a slash, nor a name that says image or container.
Reports: references that the program puts together, by a format string or by `+` (`computed-reference`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING

from codemod.formats import go
from codemod.source import Source, Span
from codemod.transform import Embedded, Fact, Image, Left, Rendering, Transform
from transforms._literals import Floats, is_computed, is_piece, whole
from transforms._whole import pin_edits

if TYPE_CHECKING:
    from codemod.fleet import Fleet

SURFACE = "go"
_WORD = re.compile(rb"mage|epository|[tT]ag|ullPolicy|package |func ")
_HINTS = tuple(
    re.compile(hint)
    for hint in (
        rb":[\w.%{$(][\w.%{}$()\[\]*\\ -]*[\"`]",
        rb":[\"`]\s*\+",
        rb"/[\"`]\s*\+",
        *(word + rb"[\w.-]*[\"'\\]*[ \t]*:" for word in (b"mage", b"epository", b"ag", b"ullPolicy")),
    )
)
"""What a Go file must hold for any fact; each begins with literal bytes, so that a search is a scan of memory."""
_KEY = rb"(?:[\w.-]*(?:[iI]mages?|ullPolicy)[\w.-]*|[\w.-]*[rR]epository|\w+Tag|tag)"
_MANIFEST = re.compile(
    rb"(?m)(?:^[ \t]*(?:-[ \t]+)*|[{},][ \t]*)" + _KEY + rb"[ \t]*:(?:[ \t\r\n]|\Z)|[\"']" + _KEY + rb"[\"'][ \t]*:"
)
_LINE = re.compile(
    rb"[ \t]*(?:-[ \t]+)*[\w.-]*[iI]mage[ \t]*:[ \t]+[\"']?[^\s\"']*[\w}]:[\w.-]*[A-Za-z][\w.-]*[\"']?\s*"
)
_PROGRAM = re.compile(rb"(?m)^package (?:\w+|\{\{.*\}\})\s*$|^func [(\w]")
_PLACEHOLDER = re.compile(r"\{\{[^{}]*\}\}|\$\{\w+\}|\$\w+")

_CHAIN = re.compile(rb"\s*\+(?:[^,;{}()]|\([^()]*\))*\+\s*")

transform = Transform(__name__, reads=go.LANGUAGE)


@transform.scan
def images_in_literals(source: Source, fleet: Fleet) -> Iterator[Fact]:
    """The facts about one Go file: at most one for each literal, one for each concatenation."""
    if not any(hint.search(source.data) for hint in _HINTS):
        return
    found = [fact for literal in go.literals(source) if (fact := _fact(source, literal, fleet.config.floats))]
    for fact, following in zip_longest(found, found[1:]):
        if not (isinstance(fact, Left) and isinstance(following, Left) and _is_chain(source, fact, following)):
            yield fact


def _is_chain(source: Source, one: Left, other: Left) -> bool:
    """Whether two literals are operands of one concatenation; the last of them, which has the tag, stands for it."""
    return _CHAIN.fullmatch(source.data, one.span.end + 1, other.span.start - 1) is not None


def _fact(source: Source, literal: go.Literal, floats: Floats) -> Fact | None:
    body = literal.body
    data = source.data[body.start : body.end]
    if b":" not in data and b"\n" not in data and not data.endswith(b"/"):
        return None
    embedded = _embedded(source, literal, data)
    if embedded is not None or (b":" not in data and not data.endswith(b"/")) or b"\n" in data or b"\\" in data:
        return embedded
    text = data.decode("utf-8", "replace")
    follows, precedes = go.is_continuation(source, literal), go.is_continued(source, literal)
    if follows or precedes:
        around = (go.before(source, literal) + go.after(source, literal)).decode("utf-8", "replace")
        found = is_piece(text, around, floats, follows=follows, precedes=precedes)
        return _computed(body, text, "put together by `+`") if found else None
    return _reference(source, literal, text, floats)


def _reference(source: Source, literal: go.Literal, text: str, floats: Floats) -> Fact | None:
    """A whole reference, or a format string that yields one."""
    context = go.context(source, literal)
    reference = whole(text, context, floats)
    if reference is not None:
        edits = pin_edits(source, literal.body, text, floats)
        return Image(literal.body, SURFACE, text, (Rendering(reference),), edits)
    filled = _PLACEHOLDER.sub("x", go.without_verbs(text))
    arguments = go.after(source, literal).decode("utf-8", "replace")
    if is_computed(text, filled, context, arguments, floats):
        return _computed(literal.body, text, "put together by a format string")
    return None


def _computed(span: Span, text: str, how: str) -> Left:
    return Left(span, SURFACE, "computed-reference", text, f"the reference is {how}")


def _embedded(source: Source, literal: go.Literal, data: bytes) -> Embedded | None:
    """The manifest, values or Go program that a literal holds."""
    if not _WORD.search(data):
        return None
    text = go.nested(source, literal, "yaml", SURFACE)
    text = go.whole_lines(text, literal) if text else None
    if text is None or not _is_document(text.data):
        return None
    if _PROGRAM.search(text.data):
        text.language = go.LANGUAGE.name
    text.memo["printf"] = go.has_verbs(text.data.decode("utf-8", "replace"))
    return Embedded(text)


def _is_document(data: bytes) -> bool:
    """Lines or a JSON text with a key that may hold an image; one line of YAML only if its value has a tag."""
    text = data.strip()
    is_json = text[:1] + text[-1:] in (b"{}", b"[]") and not text.startswith(b"{{")
    if b"\n" not in data and not is_json:
        return _LINE.fullmatch(data) is not None
    return _MANIFEST.search(data) is not None or _PROGRAM.search(data) is not None
