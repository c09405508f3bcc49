"""Which texts of a program are manifests, values or JSON that may name images: they are read as such."""

from __future__ import annotations

import re

from codemod.formats import yaml
from codemod.source import Source

_WORD = re.compile(rb"mage|epository|[tT]ag|ullPolicy")
_KEY = rb"(?:[\w.-]*(?:[iI]mages?|ullPolicy)[\w.-]*|[\w.-]*[rR]epository|\w+Tag|tag)"
_MANIFEST = re.compile(
    rb"(?m)(?:^[ \t]*(?:-[ \t]+)*|[{},][ \t]*)" + _KEY + rb"[ \t]*:(?:[ \t\r\n]|\Z)|[\"']" + _KEY + rb"[\"'][ \t]*:"
)
_LINE = re.compile(
    rb"[ \t]*(?:-[ \t]+)*[\w.-]*[iI]mage[ \t]*:[ \t]+[\"']?[^\s\"']*[\w}]:[\w.-]*[A-Za-z][\w.-]*[\"']?\s*"
)


def may_be_document(data: bytes) -> bool:
    """Whether a text, as it is written, holds any word that such a document needs."""
    return _WORD.search(data) is not None


def is_readable(text: Source) -> bool:
    """Whether any document of a text can be read; a text in another language than YAML is not asked."""
    if text.language != yaml.LANGUAGE.name:
        return True
    return any(document.problem is None and document.root is not None for document in yaml.documents(text))


def is_document(data: bytes) -> bool:
    """Lines or a JSON text with a key that may hold an image; one line of YAML only if its value has a tag."""
    text = data.strip()
    is_json = text[:1] + text[-1:] in (b"{}", b"[]") and not text.startswith(b"{{")
    if b"\n" not in data and not is_json:
        return _LINE.fullmatch(data) is not None
    return _MANIFEST.search(data) is not None
