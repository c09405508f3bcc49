"""Pin image references in the strings of Jsonnet files.

Why: what Jsonnet generates is deployed as it is written there, tags and all.

     local defaults = {
    -  image: 'ghcr.io/acme/web:dev',
    +  image: 'ghcr.io/acme/web@<digest>',
     };

Strings and text blocks that hold manifests, values or Dockerfiles are read as such.

Leaves alone: comments, imports, and every text that nothing marks as an image: neither a registry host, a floating tag
or a digest behind a slash, nor a field, a variable or an object (`_images`) that says image or container.
Reports: references that are put together by `+` or `%`, and tags that are set (`computed-reference`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from codemod.formats import jsonnet
from codemod.patterns import on_use
from codemod.source import Source
from codemod.transform import Embedded, Fact, Transform
from transforms._manifests import language_of, may_be_document
from transforms._programs import fact, may_matter

if TYPE_CHECKING:
    from codemod.fleet import Fleet

SURFACE = "jsonnet"
_HINT = on_use(
    rb":[\w.%][\w.%()-]*[\"']|:[\"']|@sha256:|[iI]mage[\w.-]*[\"']?[ \t]*:|(?:tag|Tag)[\"']?[ \t]*:|\n[ \t]*FROM[ \t]"
)

transform = Transform(__name__, reads=jsonnet.LANGUAGE)


@transform.scan
def images_in_strings(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if not _HINT.search(source.data):
        return
    holders = jsonnet.holders(source) if b"mages" in source.data else {}
    for literal in jsonnet.literals(source):
        data = source.data[slice(*literal.body)]
        if may_be_document(data):
            text = jsonnet.nested(source, literal, "yaml", SURFACE)
            if text is not None and (language := language_of(text.data)) is not None:
                text.language = language
                text.memo["printf"] = b"%" in text.data
                yield Embedded(text)
                continue
        if b"\n" not in data and may_matter(source, literal.body, data, fleet.config.floats):
            found = jsonnet.expression(source, literal)
            if holders.get(literal.body.start, "").endswith(("images", "Images")):
                found = replace(found, names=(*found.names, "image"))
            stated = fact(source, SURFACE, found, fleet.config.floats)
            if stated is not None:
                yield stated
