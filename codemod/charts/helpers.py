"""Helpers of charts that have to do with tags: those that print nothing else, and calls that hand one over by itself.

{{- define "web.tag" -}}{{ .Values.image.tag | default .Chart.AppVersion }}{{- end -}}
image: {{ include "web.image" (dict "repository" .Values.image.repository "tag" .Values.image.tag) }}
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from codemod.charts.aware import Helpers, ImageExpression
from codemod.charts.forms import DIGEST, REF
from codemod.charts.places import Place, places
from codemod.charts.tagfields import TagField, digest_beside, digest_name, is_tag, leaves, mentions_digest, tag_field
from codemod.edits import Edit
from codemod.formats.gotemplate import (
    Action,
    Branch,
    Command,
    Define,
    Identifier,
    Node,
    String,
    TemplateCall,
    Text,
    parse,
    walk,
)
from codemod.source import Span


@lru_cache(maxsize=4096)
def tag_helpers(data: bytes) -> Helpers:
    """The definitions of a template that print nothing but a tag: their names, and the field that each reads.

    The field is spelled from the dot that the definition is given.
    """
    template = parse(data) if b"define" in data else None
    if template is None or template.problem is not None:
        return ()
    found = places(template)
    fields = {name: _field(node, found, data) for name, node in template.defines.items()}
    return tuple((name, field) for name, field in fields.items() if field is not None)


def _field(define: Define, found: list[Place], data: bytes) -> str | None:
    end = define.end_span.end if define.end_span is not None else define.end
    inside = [place for place in found if place.scope.define is define]
    if mentions_digest(data[define.start : end]) or any(_prints_text(place.node) for place in inside):
        return None
    tags = {_read(leaf, place, data) for place in inside for leaf in _leaves(place.node) if is_tag(leaf)}
    return tags.pop() if len(tags) == 1 else None


def _prints_text(node: Node) -> bool:
    return isinstance(node, Text) and bool(node.text.strip())


def _leaves(node: Node) -> Iterator[Node]:
    """What the expression of an action consists of; what stands inside a branch has places of its own."""
    if isinstance(node, Action | Branch):
        for command in node.pipe.commands:
            yield from leaves(command)


def _read(leaf: Node, place: Place, data: bytes) -> str | None:
    """A field from the dot that a definition is given; None for one of another dot, or of a variable."""
    text = data[leaf.start : leaf.end].decode()
    if text.startswith("$."):
        return text[1:]
    return text if text.startswith(".") and not place.dot else None


@lru_cache(maxsize=4096)
def handed_over(data: bytes, contract: str = DIGEST, helpers: Helpers = ()) -> tuple[ImageExpression, ...]:
    """The dictionaries of a template that hold a tag by itself (`dict "tag" .Values.image.tag`) and no digest.

    The edit puts the digest in behind it: whoever is given the dictionary may then read it.
    """
    template = parse(data) if b"dict" in data else None
    if template is None or template.problem is not None:
        return ()
    return tuple(found for place in places(template, dict(helpers)) for found in _dictionaries(place, data, contract))


def _dictionaries(place: Place, data: bytes, contract: str) -> Iterator[ImageExpression]:
    node, define = place.node, place.scope.define
    pipe = node.pipe if isinstance(node, Action | Branch | TemplateCall) else None
    for command in walk([pipe]) if pipe is not None else ():
        if isinstance(command, Command) and (entry := _tag_entry(command)) is not None:
            key, value, names = entry
            field = tag_field(value, place, data, names)
            if field is not None:
                name, asked = _partner(key.value, field, contract)
                edit = Edit(value.end, value.end, f'{_between(key, data)}"{name}" {asked}'.encode())
                within = define.name if define is not None else ""
                yield ImageExpression(Span(command.start, command.end), field.tag, asked, (edit,), within)


def _tag_entry(command: Command) -> tuple[String, Node, list[Node] | None] | None:
    """The key and the value of the one tag in a dictionary without a digest; None where it is no such thing.

    With what there is of the image's name; None where it is not there.
    """
    function, *operands = command.operands
    if not isinstance(function, Identifier) or function.name != "dict" or len(operands) % 2:
        return None
    pairs = [(key, value) for key, value in zip(operands[::2], operands[1::2], strict=True) if isinstance(key, String)]
    tags = [(key, value) for key, value in pairs if digest_name(key.value) is not None]
    is_aware = any(mentions_digest(key.value.encode()) for key, _ in pairs)
    names = [value for key, value in pairs if digest_beside(key.value) is not None]
    return (*tags[0], names or None) if len(tags) == 1 and not is_aware else None


def _partner(key: str, field: TagField, contract: str) -> tuple[str, str]:
    """The key of what is handed over beside the tag, and the field that it is read from."""
    own = TagField(key, digest_name(key) or "")
    return (own.ref, field.ref) if contract == REF else (own.digest, field.digest)


def _between(key: String, data: bytes) -> str:
    """What stands between the entries: a line break and an indent, where the tag begins a line, else a blank."""
    line = data[data.rfind(b"\n", 0, key.start) + 1 : key.start]
    return " " if line.strip() else f"\n{line.decode()}"
