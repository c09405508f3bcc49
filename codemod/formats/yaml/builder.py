"""One document's bytes to nodes: libyaml's events, spans in bytes."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from itertools import accumulate
from typing import Any

import yaml

from codemod.formats.yaml.nodes import Alias, Entry, Mapping, Node, Scalar, Sequence

_Parser: Any
try:
    from yaml._yaml import CParser as _Parser
except ImportError:  # pragma: no cover - depends on how PyYAML was built
    _Parser = yaml.Loader
"""libyaml's event parser; PyYAML's own (18 to 30 times slower) where PyYAML was built without it."""

_PROPERTIES = re.compile(rb"(?:[&!]\S*(?:\s+(?:#[^\n]*\n\s*)*|$))+")
_NON_ASCII = re.compile("[^\x00-\x7f]")


class ActionFoundError(Exception):
    """A template action stands where YAML would read nested flow mappings."""


def _offsets(text: bytes, base: int) -> Callable[[int], int]:
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
        self.watch = watch and b"{{" in text
        self.offset = _offsets(text, base)
        self.parser = _Parser(text)
        self.anchors: dict[str, Node] = {}
        self.aliases: list[Alias] = []

    def build(self) -> Node | None:
        get_event = self.parser.get_event
        root: Node | None = None
        stack: list[Mapping | Sequence] = []
        keys: list[Node | None] = []
        try:
            while (event := get_event()) is not None:
                kind = type(event)
                if kind is yaml.ScalarEvent:
                    node: Node = self.scalar(event)
                elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                    node = self.collection(event, kind is yaml.MappingStartEvent)
                elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                    closed = stack.pop()
                    keys.pop()
                    closed.end = self.offset(event.end_mark.index)
                    continue
                elif kind is yaml.AliasEvent:
                    node = self.alias(event)
                else:
                    continue
                if stack:
                    _attach(node, stack[-1], keys)
                elif root is None:
                    root = node
                if isinstance(node, (Mapping, Sequence)):
                    stack.append(node)
                    keys.append(None)
        finally:
            self.parser.dispose()
        return root

    def place(self, node: Node, event: Any) -> None:
        node.start = self.offset(event.start_mark.index)
        node.end = self.offset(event.end_mark.index)
        node.anchor = event.anchor
        node.tag = getattr(event, "tag", None)
        node.parent, node.key = None, ""
        if node.anchor is not None or node.tag is not None:
            match = _PROPERTIES.match(self.data, node.start, node.end)
            if match is not None:
                node.start = match.end()
        if node.anchor is not None:
            self.anchors[node.anchor] = node

    def scalar(self, event: Any) -> Scalar:
        value = event.value
        node = Scalar(value, event.style or "", "{{" in value)
        self.place(node, event)
        if self.masks:
            node.templated = node.templated or self.is_masked(node.start, node.end)
        return node

    def collection(self, event: Any, is_mapping: bool) -> Mapping | Sequence:
        flow = bool(event.flow_style)
        node = Mapping(flow) if is_mapping else Sequence(flow)
        self.place(node, event)
        if self.watch and flow and self.data[node.start : node.start + 2] == b"{{":
            raise ActionFoundError
        return node

    def alias(self, event: Any) -> Alias:
        node = Alias(event.anchor, self.anchors.get(event.anchor))
        node.start, node.end = self.offset(event.start_mark.index), self.offset(event.end_mark.index)
        node.anchor = node.tag = node.parent = None
        node.key = ""
        self.aliases.append(node)
        return node

    def is_masked(self, start: int, end: int) -> bool:
        at = bisect_left(self.masks, (start - self.base, 0))
        return (at < len(self.masks) and self.masks[at][0] + self.base < end) or (
            at > 0 and self.masks[at - 1][1] + self.base > start
        )


def _attach(node: Node, parent: Mapping | Sequence, keys: list[Node | None]) -> None:
    node.parent = parent
    if isinstance(parent, Sequence):
        node.key = len(parent.items)
        parent.items.append(node)
        return
    key = keys[-1]
    if key is None:
        keys[-1] = node
        return
    node.key = key.value if isinstance(key, Scalar) else ""
    parent.entries.append(Entry(key, node, parent))
    keys[-1] = None
