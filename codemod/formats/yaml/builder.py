"""One document's bytes to nodes: libyaml's events, spans in bytes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from itertools import accumulate
from typing import Any

from codemod.formats.yaml.libyaml import Parser, yaml
from codemod.formats.yaml.nodes import Alias, Entry, Mapping, Node, Scalar, Sequence
from codemod.patterns import on_use

_PROPERTIES = on_use(rb"(?:[&!]\S*(?:\s+(?:#[^\r\n]*[\r\n]\s*)*|$))+")
TEXT_LENGTH_MIN = 12
"""A shorter string holds no document of its own."""

_NON_ASCII = on_use("[^\x00-\x7f]")

_Place = tuple[int, int, Mapping | Sequence | None, str | int]
"""Start, end, parent and key of a node."""


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
        self.data = data
        self.begins, self.ends = [base + begin for begin, _ in masks], [base + end for _, end in masks]
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
        try:
            return self._build()
        finally:
            self.parser.dispose()

    def _build(self) -> Node | None:
        """Scalars are made here and at once with all that they have: there are very many."""
        get_event, offset, masks, has_actions = self.parser.get_event, self.offset, self.begins, self.has_actions
        a_scalar, a_mapping_end, a_sequence_end = yaml.ScalarEvent, yaml.MappingEndEvent, yaml.SequenceEndEvent
        root: Node | None = None
        parent: Mapping | Sequence | None = None
        name: Node | None = None  # the key of `parent` whose value comes next
        stack: list[tuple[Mapping | Sequence | None, Node | None]] = []
        while (event := get_event()) is not None:
            kind, end = type(event), offset(event.end_mark.index)
            if kind is a_mapping_end or kind is a_sequence_end:
                assert parent is not None
                parent.end = end
                parent, name = stack.pop()
                continue
            start = offset(event.start_mark.index)
            key: str | int = (
                len(parent.items) if type(parent) is Sequence else name.value if type(name) is Scalar else ""
            )
            if kind is a_scalar:
                value, style, anchor, tag = event.value, event.style or "", event.anchor, event.tag
                scalar = Scalar(start, end, parent, key, anchor, tag, value, style)
                if style or anchor is not None or tag is not None or (has_actions and (masks or "{{" in value)):
                    self.look_closer(scalar)
                node: Node | None = scalar
            else:
                node = self.other(event, (start, end, parent, key), root)
            if node is None:
                continue
            if type(parent) is Sequence:
                parent.items.append(node)
            elif type(parent) is not Mapping:
                root = node
            elif name is None:
                name = node
            else:
                entry = Entry(name, node, parent)
                parent.entries.append(entry)
                if type(name) is Scalar:
                    parent.index[name.value] = entry
                name = None
            if type(node) is Mapping or type(node) is Sequence:
                stack.append((parent, name))
                parent, name = node, None
        return root

    def look_closer(self, scalar: Scalar) -> None:
        """At a scalar that is not plain, or that may hold a template action."""
        if scalar.anchor is not None or scalar.tag is not None:
            self.properties(scalar)
        if self.has_actions:
            scalar.templated = "{{" in scalar.value or self.is_masked(scalar.start, scalar.end)
        if scalar.style and len(scalar.value) >= TEXT_LENGTH_MIN:
            self.texts.append(scalar)

    def other(self, event: Any, place: _Place, root: Node | None) -> Node | None:
        """The mapping, the sequence or the alias that begins; None where none does."""
        kind = type(event)
        if kind is yaml.AliasEvent:
            alias = Alias(*place, name=event.anchor, target=self.anchors.get(event.anchor))
            self.aliases.append(alias)
            return alias
        if kind is yaml.DocumentStartEvent and root is not None:
            raise ValueError("a second document begins behind a line break that YAML 1.2 does not know")
        if kind is not yaml.MappingStartEvent and kind is not yaml.SequenceStartEvent:
            return None
        collection = Mapping if kind is yaml.MappingStartEvent else Sequence
        node = collection(*place, event.anchor, event.tag, bool(event.flow_style))
        if isinstance(node, Mapping):
            self.mappings.append(node)
        if node.anchor is not None or node.tag is not None:
            self.properties(node)
        if self.watch and node.flow and self.data[node.start : node.start + 2] == b"{{":
            raise ActionFoundError
        return node

    def properties(self, node: Node) -> None:
        """Take anchor and tag, which the event's span includes, out of the node's."""
        match = _PROPERTIES.match(self.data, node.start, node.end)
        if match is not None:
            node.start = match.end()
        if node.anchor is not None:
            self.anchors[node.anchor] = node

    def is_masked(self, start: int, end: int) -> bool:
        """Whether a template action in these bytes was masked."""
        at = bisect_left(self.begins, start)
        return (at < len(self.begins) and self.begins[at] < end) or (at > 0 and self.ends[at - 1] > start)
