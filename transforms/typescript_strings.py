"""Pin image references in the string literals of TypeScript and JavaScript files.

Why: programs of cdk8s, Pulumi and the CDK deploy the images that they name, as a manifest does.

    -const IMAGE = "ghcr.io/acme/web:dev";
    +const IMAGE = "ghcr.io/acme/web@<digest>";
     const HUB = "ghcr.io/acme";
    -new Container("api", { image: `${HUB}/api:main` });
    +new Container("api", { image: `${HUB}/api@<digest>` });

Constants of the module are known. Literals that hold manifests, values or Dockerfiles are read as such.

Leaves alone: comments, imports, types, files with lines that no person writes, and every text that nothing marks as an
image: neither a registry host, a floating tag or a digest behind a slash, nor a name (variable, property, argument).
Reports: references that the program puts together, by `+` or a template literal, and tags that it forces
(`computed-reference`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codemod.formats import ecma
from codemod.patterns import on_use
from codemod.source import Source, Span
from codemod.transform import Embedded, Fact, Transform
from transforms._fragments import fragments
from transforms._manifests import is_readable, language_of, may_be_document
from transforms._programs import fact, may_matter

if TYPE_CHECKING:
    from tree_sitter import Node

    from codemod.fleet import Fleet

SURFACE = "typescript"
_HINTS = tuple(
    on_use(hint)
    for hint in (
        rb":[\w.%$][\w.%{}$()\[\]-]*[\"'`]",
        rb"[:/][\"']\s*\+",
        rb"@sha256:",
        rb"(?:[\"'`\n]|\\n)FROM[ \t]",
        rb"(?:[iI]mage|epository|ullPolicy)[\w.-]*[\"'\\]*[ \t]*:",
        rb"(?:tag|Tag|TAG)[\"']?[ \t]*(?::[ \t]*\w+[ \t]*)?[=:,!]=*[ \t]*[\"'`][\w.-]+[\"'`]",
    )
)
"""What a file must hold for any fact."""

transform = Transform(__name__, reads=ecma.LANGUAGE)


@transform.scan
def images_in_literals(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if not any(hint.search(source.data) for hint in _HINTS):
        return
    floats, constants, seen = fleet.config.floats, ecma.Constants(source), set[Span]()
    for node in ecma.literals(source):
        data = source.data[node.start_byte + 1 : node.end_byte - 1]
        text = _embedded(source, node, data)
        if text is not None:
            body = Span(node.start_byte + 1, node.end_byte - 1)
            yield from [] if is_readable(text) else fragments(source, SURFACE, body, floats)
            yield Embedded(text)
        elif b"\n" not in data and may_matter(source, Span(node.start_byte, node.end_byte), data, floats):
            found = ecma.expression(source, node, constants)
            stated = fact(source, SURFACE, found, floats) if found.span not in seen else None
            seen.add(found.span)
            if stated is not None:
                yield stated


def _embedded(source: Source, node: Node, data: bytes) -> Source | None:
    """The manifest, the values or the Dockerfile that a literal holds."""
    if not may_be_document(data):
        return None
    text = ecma.nested(source, node, "yaml", SURFACE)
    if text is None or (language := language_of(text.data)) is None:
        return None
    text.language = language
    text.memo["printf"] = b"%" in text.data
    return text
