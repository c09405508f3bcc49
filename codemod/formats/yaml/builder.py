"""One document's bytes to nodes: libyaml's events, spans in bytes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from itertools import accumulate
from typing import Any

from codemod.formats.yaml.libyaml import Parser, yaml
from codemod.formats.yaml.nodes import Alias, Mapping, Node, Scalar, Sequence
from codemod.patterns import on_use

_PROPERTIES = on_use(rb"(?:[&!]\S*(?:\s+(?:#[^\r\n]*[\r\n]\s*)*|$))+")
TEXT_LENGTH_MIN = 12
"""A shorter string holds no document of its own."""

_NON_ASCII = on_use("[^\x00-\x7f]")


class ActionFoundError(Exception):
    """A template action stands where YAML would read nested flow mappings."""


def offsets(text: bytes, base: int) -> Callable[[int], int]:
    """From libyaml's character index to the byte offset in the source."""
    if text.isascii():
        return base.__add__
    decoded = text.decode("utf-8")
    marks = [match.start() for match in _NON_ASCII.finditer(decoded)]
    extra = [0, *accumulate(1 if decoded[at] < "\u0800" else 2 if decoded[at] < "\U00010000" else 3 for at in marks)]
    return lambda index: base + index + extra[bisect_left(marks, index)]


class Builder:
    """One pass over the events of one document; the stack is explicit, so depth costs no recursion."""

    def __init__(self, data: bytes, base: int, text: bytes, masks: tuple[tuple[int, int], ...], watch: bool) -> None:
        """Read `text`, which is `data` from `base` on with the spans `masks` masked.

        `watch` gives up with `ActionFoundError` where a template action would be read as a flow mapping.
        """
        self.data, self.base, self.masks = data, base, masks
        self.has_actions = b"{{" in text or bool(masks)
        self.watch = watch and self.has_actions
        self.offset = offsets(text, base)
        self.parser = Parser(text)
        self.anchors: dict[str, Node] = {}
        self.aliases: list[Alias] = []
        self.mappings: list[Mapping] = []
        self.texts: list[Scalar] = []

    def build(self) -> Node | None:
        """Read all events; the root, or None for an empty document. Raises what libyaml raises."""
        get_event = self.parser.get_event
        root: Node | None = None
        stack: list[Mapping | Sequence] = []
        parent: Mapping | Sequence | None = None
        try:
            while (event := get_event()) is not None:
                kind = type(event)
                if kind is yaml.ScalarEvent:
                    node: Node = self.scalar(event)
                elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                    node = self.collection(event, kind is yaml.MappingStartEvent)
                elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                    stack.pop().end = self.offset(event.end_mark.index)
                    parent = stack[-1] if stack else None
                    continue
                elif kind is yaml.AliasEvent:
                    node = self.alias(event)
                elif kind is yaml.DocumentStartEvent and root is not None:
                    raise ValueError("a second document begins behind a line break that YAML 1.2 does not know")
                else:
                    continue
                if parent is not None:
                    parent.add(node)
                elif root is None:
                    root = node
                if kind is not yaml.ScalarEvent and kind is not yaml.AliasEvent:
                    assert isinstance(node, Mapping | Sequence)
                    stack.append(node)
                    parent = node
        finally:
            self.parser.dispose()
        return root

    def scalar(self, event: Any) -> Scalar:
        value, style, offset = event.value, event.style or "", self.offset
        node = Scalar(offset(event.start_mark.index), offset(event.end_mark.index), value, style, False)
        if event.anchor is not None or event.tag is not None:
            self.properties(node, event)
        if self.has_actions:
            node.templated = "{{" in value or self.is_masked(node.start, node.end)
        if style and len(value) >= TEXT_LENGTH_MIN:
            self.texts.append(node)
        return node

    def collection(self, event: Any, is_mapping: bool) -> Mapping | Sequence:
        start, end, flow = (
            self.offset(event.start_mark.index),
            self.offset(event.end_mark.index),
            bool(event.flow_style),
        )
        node: Mapping | Sequence
        if is_mapping:
            node = Mapping(start, end, flow)
            self.mappings.append(node)
        else:
            node = Sequence(start, end, flow)
        if event.anchor is not None or event.tag is not None:
            self.properties(node, event)
        if self.watch and flow and self.data[node.start : node.start + 2] == b"{{":
            raise ActionFoundError
        return node

    def alias(self, event: Any) -> Alias:
        start, end = self.offset(event.start_mark.index), self.offset(event.end_mark.index)
        node = Alias(start, end, event.anchor, self.anchors.get(event.anchor))
        self.aliases.append(node)
        return node

    def properties(self, node: Node, event: Any) -> None:
        """Take anchor and tag, which the event's span includes, out of the node's."""
        node.anchor, node.tag = event.anchor, event.tag
        match = _PROPERTIES.match(self.data, node.start, node.end)
        if match is not None:
            node.start = match.end()
        if node.anchor is not None:
            self.anchors[node.anchor] = node

    def is_masked(self, start: int, end: int) -> bool:
        at = bisect_left(self.masks, (start - self.base, 0))
        return (at < len(self.masks) and self.masks[at][0] + self.base < end) or (
            at > 0 and self.masks[at - 1][1] + self.base > start
        )
