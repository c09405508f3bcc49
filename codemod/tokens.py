"""The events of a YAML document as ruamel.yaml reads it, with their places in bytes: what the judge compares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from codemod.formats import yaml
from codemod.formats.yaml.builder import offsets
from codemod.patterns import on_use

MAX_DEPTH = 500
"""Collections nested deeper are not judged: ruamel.yaml's time grows with the square of the depth and more."""

_PROPERTIES = on_use(r"(?:[&!]\S*(?:\s+(?:#[^\r\n]*[\r\n]\s*)*|$))+")
_STARTS, _ENDS = ("MappingStartEvent", "SequenceStartEvent"), ("MappingEndEvent", "SequenceEndEvent")
_COLON = on_use(r"\s*:")

Extent = tuple[int, int]
Event = tuple[str, str, str, str]
"""Class, value, anchor and tag of one event; of an alias also which event it stands for."""


class Token(Struct, frozen=True):
    """Byte offsets of an event, anchor and tag left out, and what it says."""

    start: int
    end: int
    said: Event

    @property
    def is_text(self) -> bool:
        """Whether an edit can change it: scalars and aliases."""
        return self.said[0] in ("ScalarEvent", "AliasEvent")


def tokens_of(document: yaml.Document) -> list[Token] | None:
    """The events of a document; None where ruamel.yaml cannot read it, or might take long: unreadable, or deep."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if document.problem is not None or _is_deep(document.root):
        return None
    try:
        text = document.text.decode("utf-8")
        stream = list(YAML(typ="safe", pure=True).parse(text))
    except (YAMLError, ValueError, RecursionError):
        return None
    offset = offsets(document.text, document.span.start)
    return [Token(offset(start), offset(end), said) for start, end, said in _placed(stream, text)]


def _is_deep(root: yaml.Node | None) -> bool:
    waiting = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            return True
        if isinstance(node, yaml.Mapping):
            waiting += [(part, depth + 1) for entry in node.entries for part in (entry.key, entry.value)]
        elif isinstance(node, yaml.Sequence):
            waiting += [(item, depth + 1) for item in node.items]
    return False


def _placed(stream: list[Any], text: str) -> Iterator[tuple[int, int, Event]]:
    """Events with their places in characters.

    Anchor and tag are left out, and the line breaks behind a block scalar; an implied null is right behind its colon.
    """
    before = 0
    for event in stream:
        start, end = event.start_mark.index, event.end_mark.index
        if type(event).__name__ == "ScalarEvent":
            if start == end and (colon := _COLON.match(text, before, end)) is not None:
                start = end = colon.end()
            elif (properties := _PROPERTIES.match(text, start, end)) is not None:
                start = properties.end()
        before = end
        if getattr(event, "style", None) in ("|", ">"):
            end = start + len(text[start:end].rstrip())
        yield start, end, _said(event)


def _said(event: Any) -> Event:
    return (
        type(event).__name__,
        str(getattr(event, "value", "")),
        str(getattr(event, "anchor", "")),
        str(getattr(event, "ctag", "")),
    )


def without(tokens: list[Token], spans: Sequence[Extent]) -> list[Token]:
    """The events without the collections that begin within some spans and hold nothing outside of them."""
    gone: set[int] = set()
    open_ones: list[tuple[int, bool]] = []
    for number, token in enumerate(tokens if spans else ()):
        is_inside = any(overlap(token, span) for span in spans)
        if token.said[0] in _STARTS:
            open_ones.append((number, is_inside))
        elif token.said[0] in _ENDS:
            first, is_inside = open_ones.pop()
            gone |= {first, number} if is_inside else set()
        if open_ones and not is_inside:
            open_ones[-1] = (open_ones[-1][0], False)
    return [token for number, token in enumerate(tokens) if number not in gone]


def overlap(token: Token, span: Extent) -> bool:
    """Whether an event and a span have bytes in common, or the event is inside the span."""
    return token.start < span[1] and token.end > span[0]
