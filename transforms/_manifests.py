"""Which texts of a program are manifests, values, JSON or Dockerfiles that may name images: they are read as such."""

from __future__ import annotations

from codemod.formats import dockerfile, yaml
from codemod.patterns import on_use
from codemod.source import Source

_WORD = on_use(rb"mage|epository|[tT]ag|ullPolicy|FROM[ \t]")
_KEY = rb"(?:[\w.-]*(?:[iI]mages?|ullPolicy)[\w.-]*|[\w.-]*[rR]epository|\w+Tag|tag)"
_MANIFEST = on_use(
    rb"(?m)(?:^[ \t]*(?:-[ \t]+)*|[{},][ \t]*)" + _KEY + rb"[ \t]*:(?:[ \t\r\n]|\Z)|[\"']" + _KEY + rb"[\"'][ \t]*:"
    rb"|\"path\"[ \t]*:[ \t]*\"/[^\"\s]*/image\""
)
_LINE = on_use(rb"[ \t]*(?:-[ \t]+)*[\w.-]*[iI]mage[ \t]*:[ \t]+[\"']?[^\s\"']*[\w}]:[\w.-]*[A-Za-z][\w.-]*[\"']?\s*")

_DOCKERFILE = on_use(
    rb"(?:[ \t]*(?:#[^\n]*|ARG [^\n]*|\{\{[^\n]*\}\})?\r?\n)*[ \t]*FROM[ \t]+[^\n]*\n"
    rb"(?:.*\n)*?[ \t]*(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|FROM|LABEL|RUN|USER|WORKDIR)[ \t]"
)


def may_be_document(data: bytes) -> bool:
    """Whether a text, as it is written, holds any word that such a document needs."""
    return _WORD.search(data) is not None


def is_readable(text: Source) -> bool:
    """Whether any document of a text can be read; a text in another language than YAML is not asked."""
    if text.language != yaml.LANGUAGE.name:
        return True
    return any(document.problem is None and document.root is not None for document in yaml.documents(text))


def language_of(data: bytes) -> str | None:
    """The language of a text that may name images, as manifests, values and Dockerfiles do; None for others."""
    if is_dockerfile(data):
        return dockerfile.LANGUAGE.name
    return yaml.LANGUAGE.name if is_document(data) else None


def is_dockerfile(data: bytes) -> bool:
    """A `FROM` behind nothing but comments, arguments and empty lines, with other instructions below."""
    return _DOCKERFILE.match(data) is not None


def is_document(data: bytes) -> bool:
    """Lines or a JSON text with a key that may hold an image; one line of YAML only if its value has a tag."""
    text = data.strip()
    is_json = text[:1] + text[-1:] in (b"{}", b"[]") and not text.startswith(b"{{")
    if b"\n" not in data and not is_json:
        return _LINE.fullmatch(data) is not None
    return _MANIFEST.search(data) is not None
