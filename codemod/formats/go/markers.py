"""Defaults that Go code carries outside its expressions: markers of code generators, and struct tags.

A struct tag says a default by a key of its own (`default:"…"`, `envDefault:"…"`), or as a part of the one of a library
that reads variables, options or flags (`env:"IMAGE,default=…"`, `conf:"default:…"`, `kong:"default='…'"`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.patterns import on_use
from codemod.program import Expression, Kind, Part, joined
from codemod.source import Source, Span

_MARKER = on_use(
    rb"(?m)^[ \t]*//[ \t]*\+(?:kubebuilder:default|default)[ \t]*:?="
    rb"[ \t]*(?:\"([^\"\\\r\n]*)\"|`([^`\r\n]*)`|(\{[^\r\n]*\})|([^\s\"`{][^\s]*))[ \t]*\r?$"
)
_FIELD = on_use(rb"(?:[ \t]*(?://[^\n]*)?\r?\n)*[ \t]*(\w+)[ \t]")
_TAG = on_use(rb"(?m)^[ \t]*(\w+)[ \t]+[*\w.\[\]]+[ \t]+`([^`\n]*)`")
_DEFAULT = on_use(
    rb"\b(?:(?:env-?)?[dD]efault):\"(?P<own>[^\"\\\n]*)\""
    rb"|\b(?:env|envconfig|conf|config|cfg|kong|arg|flag|cli):\"(?:[^\"\\]*[,;][ \t]*)?"
    rb"default[=:][ \t]*'?(?P<part>[^\"',;\\\n]*)"
)
_VARIABLE = on_use(rb"\benv(?:config)?:\"(\w+)")


def defaults(source: Source) -> Iterator[Expression]:
    """The texts that fields get where nothing is set, each with its field's name."""
    for marker in _MARKER.finditer(source.data):
        which = marker.lastindex or 0
        field = _FIELD.match(source.data, marker.end() + 1)
        name = field[1].decode("utf-8", "replace") if field is not None else ""
        if which and which != 3:
            yield _literal(source, Span(*marker.span(which)), name)
    for tag in _TAG.finditer(source.data) if b"efault" in source.data else ():
        variable = _VARIABLE.search(source.data, *tag.span(2))
        names = [name.decode("utf-8", "replace") for name in (tag[1], variable[1] if variable is not None else b"")]
        for default in _DEFAULT.finditer(source.data, *tag.span(2)):
            yield _literal(source, Span(*default.span(default.lastgroup or 0)), *filter(None, names))


def objects(source: Source, surface: str) -> Iterator[Source]:
    """The objects that markers give as defaults: flow maps that YAML reads as well."""
    for marker in _MARKER.finditer(source.data):
        if marker[3]:
            piece = (marker[3], marker.start(3), len(marker[3]))
            text = joined(source, [piece], "yaml", surface, None)
            if text is not None:
                yield text


def _literal(source: Source, body: Span, *names: str) -> Expression:
    text = source.text(body)
    return Expression(Kind.LITERAL, body, text, (Part(text, text, body),), names)
