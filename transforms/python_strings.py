"""Pin image references in the string literals of Python files.

Why: pipelines, operators and tests carry images as constants, defaults and keyword arguments; they move like any other.

    -RUNNER = "ghcr.io/acme/runner:dev"
    +RUNNER = "ghcr.io/acme/runner@<digest>"
     REGISTRY = "ghcr.io/acme"
    -web = f"{REGISTRY}/web:dev"
    +web = f"{REGISTRY}/web@<digest>"

Constants of the module are known. Literals that hold manifests, values or Dockerfiles are read as such.

Leaves alone: comments, docstrings, and every text that nothing marks as an image: neither a registry host, a floating
tag or a digest behind a slash, nor a name (variable, key, argument, parameter) that says image or container.
Reports: references that the program puts together, by `+`, `%`, `format` or a formatted string, and tags that it forces
(`computed-reference`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codemod.formats import python
from codemod.patterns import on_use
from codemod.source import Source, Span
from codemod.transform import Embedded, Fact, Transform
from transforms._fragments import fragments
from transforms._literals import Floats
from transforms._manifests import is_readable, language_of, may_be_document
from transforms._programs import fact, may_matter

if TYPE_CHECKING:
    from tree_sitter import Node

    from codemod.fleet import Fleet

SURFACE = "python"
_HINTS = tuple(
    on_use(hint)
    for hint in (
        rb":[\w.%{$][\w.%{}$()\[\]!-]*[\"']",
        rb"[:/][\"']\s*(?:\+|%|\.format)",
        rb"@sha256:",
        rb"(?:[\"'\n]|\\n)FROM[ \t]",
        *(word + rb"[\w.-]*[\"'\\]*[ \t]*:" for word in (b"mage", b"epository", b"ag", b"ullPolicy")),
        rb"(?:tag|Tag|TAG)[\"']?[\])]?[ \t]*(?::[ \t]*\w+[ \t]*)?[=:,!]=?[ \t]*[\"'][\w.-]+[\"']",
    )
)
"""What a file must hold for any fact."""

transform = Transform(__name__, reads=python.LANGUAGE)


@transform.scan
def images_in_literals(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if not any(hint.search(source.data) for hint in _HINTS):
        return
    floats, constants, seen = fleet.config.floats, python.Constants(source), set[Span]()
    for node in python.strings(source):
        data = source.data[node.start_byte : node.end_byte]
        text = _embedded(source, node, data)
        span = Span(node.start_byte, node.end_byte)
        pieces = [] if text is not None and is_readable(text) else list(fragments(source, SURFACE, span, floats))
        if text is not None and not pieces:
            yield Embedded(text)
        elif pieces:
            yield from pieces
        elif b"\n" not in data and _may_matter(source, node, data, floats):
            found = python.expression(source, node, constants.lookup)
            stated = fact(source, SURFACE, found, floats) if found.span not in seen else None
            seen.add(found.span)
            if stated is not None:
                yield stated


def _may_matter(source: Source, node: Node, data: bytes, floats: Floats) -> bool:
    return may_matter(source, Span(node.start_byte, node.end_byte), data.lstrip(b"rRbBfFuU").strip(b"\"'"), floats)


def _embedded(source: Source, node: Node, data: bytes) -> Source | None:
    """The manifest, the values or the Dockerfile that a literal holds."""
    if not may_be_document(data):
        return None
    text = python.nested(source, node, "yaml", SURFACE, fields=python.is_format(node))
    if text is None or (language := language_of(text.data)) is None:
        return None
    text.language = language
    text.memo["printf"] = b"%" in text.data
    return text
