"""Literals of structs in Go code, their elements by key, and edits that add an element as gofmt has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from codemod import syntax
from codemod.edits import Edit
from codemod.patterns import on_use
from codemod.source import Source, Span

if TYPE_CHECKING:
    from tree_sitter import Node

_GRAMMAR = "tree_sitter_go"
_FUNCTIONS = ("function_declaration", "method_declaration")
_DECLARING = ("parameter_declaration", "var_spec")
_TYPE = on_use(r"\*?(?:(\w+)\.)?(\w+)")
_MADE = on_use(r"&?(?:\w+\.)?(\w+)\{|new\((?:\w+\.)?(\w+)\)")


class Element(Struct, frozen=True):
    """`key: value` of a literal, with the place of each."""

    key: str
    value: str
    key_span: Span
    value_span: Span


class Composite(Struct, frozen=True):
    """A literal with keys: its type as written, its elements, and the text of the function around it."""

    type: str
    elements: tuple[Element, ...]
    node: Node
    function: Node | None

    def get(self, key: str) -> Element | None:
        """The element of a key."""
        return next((one for one in self.elements if one.key == key), None)

    @property
    def function_text(self) -> str:
        """The function around it, empty outside of any."""
        return syntax.text(self.function) if self.function is not None else ""

    def type_of(self, name: str) -> str | None:
        """The type that the function around gives a variable, by its name without package; None if that is unseen."""
        waiting = [self.function] if self.function is not None else []
        found = set()
        while waiting:
            node = waiting.pop()
            waiting += node.named_children
            if node.type in _DECLARING and name in map(syntax.text, node.children_by_field_name("name")):
                kind = syntax.field(node, "type")
                match = _TYPE.fullmatch(syntax.text(kind)) if kind is not None else None
                found.add(match[2] if match is not None else None)
            elif node.type == "short_var_declaration":
                left, right = syntax.field(node, "left"), syntax.field(node, "right")
                if left is not None and right is not None and syntax.text(left) == name:
                    match = _MADE.match(syntax.text(right))
                    found.add((match[1] or match[2]) if match is not None else None)
        return found.pop() if len(found) == 1 else None


def composites(source: Source) -> Iterator[Composite]:
    """The literals with keys of a file, those in lists included, with the type that they are of."""
    if syntax.root(source, _GRAMMAR) is None:
        return
    for node in syntax.nodes(source, _GRAMMAR, ("literal_value",)):
        elements = tuple(_element(child) for child in node.named_children if child.type == "keyed_element")
        written = _type(node) if elements else None
        if written is not None:
            yield Composite(written, elements, node, _function(node))


def add_element(composite: Composite, source: Source, after: Element, key: str, value: str) -> tuple[Edit, ...]:
    """Edits that add an element behind another one, and align its neighbours with it."""
    data, end = source.data, after.value_span.end
    line = data.rfind(b"\n", 0, after.key_span.start) + 1
    if data[line : after.key_span.start].strip():
        return (Edit(end, end, f", {key}: {value}".encode()),)
    section = _section(composite, data, after)
    wide = max(len(one.key) for one in (*section, Element(key, value, after.key_span, after.value_span)))
    edits = []
    for one in section:
        colon = one.key_span.end + 1
        gap = b" " * (wide - len(one.key) + 1)
        if data[colon : one.value_span.start] != gap:
            edits.append(Edit(colon, one.value_span.start, gap))
    rest = data.find(b"\n", end)
    newline = b"\r\n" if data[rest - 1 : rest] == b"\r" else b"\n"
    added = data[line : after.key_span.start] + f"{key}:{' ' * (wide - len(key) + 1)}{value},".encode() + newline
    return (*edits, Edit(rest + 1, rest + 1, added))


def _section(composite: Composite, data: bytes, one: Element) -> list[Element]:
    """The elements that gofmt aligns with one: on lines of their own that follow one another."""
    at = composite.elements.index(one)
    section = [one]
    for step in (-1, 1):
        number, last = at + step, one
        while 0 <= number < len(composite.elements):
            other = composite.elements[number]
            first, second = (other, last) if step < 0 else (last, other)
            between = data[first.value_span.end : second.key_span.start]
            if between.count(b"\n") != 1 or not _is_line(data, other):
                break
            section.append(other)
            number, last = number + step, other
    return section


def _is_line(data: bytes, one: Element) -> bool:
    line = data.rfind(b"\n", 0, one.key_span.start) + 1
    is_first = not data[line : one.key_span.start].strip()
    return is_first and b"\n" not in data[one.key_span.start : one.value_span.end]


def _element(node: Node) -> Element:
    key, value = node.named_children[0], node.named_children[-1]
    spans = (Span(key.start_byte, key.end_byte), Span(value.start_byte, value.end_byte))
    return Element(syntax.text(key), syntax.text(value), *spans)


def _type(node: Node) -> str | None:
    """The type of a literal: its own, or that of the elements of the list that it stands in."""
    above = node.parent
    if above is not None and above.type == "composite_literal":
        kind = syntax.field(above, "type")
        return syntax.text(kind) if kind is not None else None
    if above is not None and above.type == "literal_element" and above.parent is not None:
        outer = above.parent.parent
        kind = syntax.field(outer, "type") if outer is not None and outer.type == "composite_literal" else None
        element = syntax.field(kind, "element") if kind is not None and kind.type == "slice_type" else None
        return syntax.text(element) if element is not None else None
    return None


def _function(node: Node) -> Node | None:
    above = node.parent
    while above is not None and above.type not in _FUNCTIONS:
        above = above.parent
    return above
