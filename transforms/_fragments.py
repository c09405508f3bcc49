"""The images of texts that nobody can read as a whole: pieces of JSON, manifests with holes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.patterns import on_use
from codemod.source import Source, Span
from codemod.transform import Image, Rendering
from transforms._literals import Floats, whole
from transforms._whole import pin_edits

_ENTRY = on_use(rb"\\?[\"'](\w*[iI]mage(?:_?[uU]ri)?)\\?[\"']\s*:\s*\\?[\"']([\w./:@-]+)\\?[\"']", re.ASCII)
_LINE = on_use(rb"(?m)^[ \t]*(?:- )?(\w*[iI]mage)[ \t]*:[ \t]+([\"']?)([\w./:@-]+)\2[ \t]*(?:#[^\r\n]*)?\r?$", re.ASCII)


def fragments(source: Source, surface: str, body: Span, floats: Floats) -> Iterator[Image]:
    """The images of a text that is only a piece of JSON, or YAML with holes, so that nobody can read it as a whole."""
    entries = [*_ENTRY.finditer(source.data, *body), *_LINE.finditer(source.data, *body)]
    for entry in sorted(entries, key=lambda found: found.start()):
        last = entry.lastindex or 0
        text = entry[last].decode("utf-8", "replace")
        reference = whole(text, entry[1].decode(), floats)
        if reference is not None:
            span = Span(*entry.span(last))
            yield Image(span, surface, text, (Rendering(reference),), pin_edits(source, span, text, floats))
