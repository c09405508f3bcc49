"""Pin image references in the string literals of Go files.

Why: scaffolds and operators carry default images as constants; a floating default ends up in every manifest they write.

    -const runnerImage = "ghcr.io/acme/runner:dev"
    +const runnerImage = "ghcr.io/acme/runner@<digest>"
    -const smokeImage = registry + "/smoke:dev"
    +const smokeImage = registry + "/smoke@<digest>"
     const registry = "ghcr.io/acme"

Constants of the package are known, those of its other files, too. So are the defaults that fields get by a
`+kubebuilder:default=` marker or a struct tag. Literals that hold manifests, values or Dockerfiles are read as such.

Leaves alone: comments, import paths, struct tags, URLs, `host:port`, `file.go:12`, and every text that nothing marks as
an image: neither a registry host, a floating tag or a digest behind a slash, nor a name that says image or container.
Reports: references put together by a format string or by `+`, and tags that are forced (`computed-reference`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import zip_longest
from typing import TYPE_CHECKING

from codemod.formats import go
from codemod.patterns import on_use
from codemod.program import Expression
from codemod.source import Source, Span
from codemod.transform import Embedded, Fact, Left, Transform
from transforms._fragments import fragments
from transforms._literals import Floats, may_be, may_be_piece
from transforms._manifests import is_readable, language_of, may_be_document
from transforms._programs import fact

if TYPE_CHECKING:
    from codemod.fleet import Fleet

SURFACE = "go"
_HINTS = tuple(
    on_use(hint)
    for hint in (
        rb":[\w.%{$(][\w.%{}$()\[\]*\\ -]*[\"`]",
        rb":[\"`]\s*\+",
        rb"/[\"`]\s*\+",
        rb"(?:[\"`\n]|\\n)FROM[ \t]",
        *(word + rb"[\w.-]*[\"'\\]*[ \t]*:" for word in (b"mage", b"epository", b"ag", b"ullPolicy")),
        rb"ag\w*[\"`]?[ \t]*(?:string )?[:!=,]=?[ \t]*[\"`][\w.-]+[\"`]",
        *map(re.escape, go.HINTS),
    )
)
"""What a Go file must hold for any fact; each begins with literal bytes, so that a search is a scan of memory."""
_NEAR = 1000
"""How many bytes around a literal are searched for a word that says image, before the file is parsed."""
_PROGRAM = on_use(rb"(?m)^package (?:\w+|\{\{.*\}\})\s*$|^func [(\w]")

transform = Transform(__name__, reads=go.LANGUAGE, looks_at_path=True)


@transform.scan
def images_in_literals(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if not any(hint.search(source.data) for hint in _HINTS):
        return
    reader = _Reader(source, fleet)
    found = list(reader.facts())
    for one, following in zip_longest(found, found[1:]):
        if not (
            isinstance(one, Left) and isinstance(following, Left) and go.are_joined(source, one.span, following.span)
        ):
            yield one
    if source.mentions(go.HINTS):
        yield from (Embedded(text) for text in go.objects(source, SURFACE))
        defaults = (fact(source, SURFACE, found, reader.floats) for found in go.defaults(source))
        yield from (stated for stated in defaults if stated is not None)


class _Reader:
    """Reads the literals of one file; it is parsed, and its package read, when one of them may be an image."""

    def __init__(self, source: Source, fleet: Fleet) -> None:
        self.source, self.fleet = source, fleet
        self.floats: Floats = fleet.config.floats
        self.seen: set[Span] = set()

    def facts(self) -> Iterator[Fact]:
        for literal in go.literals(self.source):
            data = self.source.data[slice(*literal.body)]
            texts = self._texts(literal, data) if b":" in data or b"\n" in data else []
            yield from texts
            is_one_line = b"\n" not in data and b"\\" not in data
            may_be_image = not texts and is_one_line and self._may_be(literal, data.decode("utf-8", "replace"))
            if may_be_image and (stated := self._fact(literal)) is not None:
                yield stated

    def _texts(self, literal: go.Literal, data: bytes) -> list[Fact]:
        embedded = _embedded(self.source, literal, data)
        if embedded is not None and is_readable(embedded.source):
            return [embedded]
        return [*fragments(self.source, SURFACE, literal.body, self.floats)] or ([embedded] if embedded else [])

    def _may_be(self, literal: go.Literal, text: str) -> bool:
        if ":" not in text and not text.endswith("/"):
            return self.floats(text) and self._says_tag and b"tag" in go.before(self.source, literal).lower()
        follows, precedes = go.is_continuation(self.source, literal), go.is_continued(self.source, literal)
        if follows or precedes:
            return may_be_piece(text, self.floats, follows=follows, precedes=precedes)
        filled, start = go.without_verbs(text), literal.span.start
        near = self.source.data[max(start - _NEAR, 0) : start + _NEAR].decode("utf-8", "replace")
        return may_be(filled, near if filled == text else "image", self.floats)

    @cached_property
    def _says_tag(self) -> bool:
        return self.source.mentions((b"image", b"Image", b"IMAGE", b"container", b"docker"))

    def _fact(self, literal: go.Literal) -> Fact | None:
        found = self._expression(literal)
        return None if found is None else fact(self.source, SURFACE, found, self.floats, lambda: self._package.files)

    def _expression(self, literal: go.Literal) -> Expression | None:
        if not go.is_parsed(self.source):
            return go.guess(self.source, literal)
        found = go.expression(self.source, literal, self._package.lookup)
        if found is None or found.span in self.seen:
            return None
        self.seen.add(found.span)
        return found

    @cached_property
    def _package(self) -> go.Package:
        if self.source.outer is not None:
            return go.Package([self.source])
        folder = self.source.path.rpartition("/")[0]
        names = (path for path in self.fleet.tree.below(folder) if path.rpartition("/")[0] == folder)
        others = (path for path in names if path.endswith(".go") and not path.endswith("_test.go"))
        siblings = (self.fleet.tree.source(path) for path in others if path != self.source.path)
        return go.Package([self.source, *(file for file in siblings if file is not None)])


def _embedded(source: Source, literal: go.Literal, data: bytes) -> Embedded | None:
    """The manifest, values, Dockerfile or Go program that a literal holds."""
    if not may_be_document(data) and b"package " not in data and b"func " not in data:
        return None
    text = go.nested(source, literal, "yaml", SURFACE)
    text = go.whole_lines(text, literal) if text else None
    if text is None or (language := go.LANGUAGE.name if _PROGRAM.search(text.data) else language_of(text.data)) is None:
        return None
    text.language = language
    text.memo["printf"] = bool(go.verbs(text.data.decode("utf-8", "replace")))
    return Embedded(text)
