"""Strings of HCL files (Terraform, OpenTofu, Terragrunt, Bake), with spans, and what the code around calls them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from codemod import syntax
from codemod.source import Segment, Source, Span
from codemod.transform import Language

if TYPE_CHECKING:
    from tree_sitter import Node

LANGUAGE = Language("hcl", suffixes=(".tf", ".tfvars", ".tofu", ".hcl"))
GRAMMAR = "tree_sitter_hcl"

_KINDS = ("string_lit", "quoted_template", "heredoc_template")
_THROUGH = frozenset(("expression", "literal_value", "template_expr", "collection_value", "conditional"))
"""Nodes around a string whose value it may be as a whole."""
_CHOOSING = frozenset(("coalesce", "try"))
"""Functions that give one of their arguments as it is."""


class Text(Struct, frozen=True):
    """A string: what is between its quotes, and where.

    `name` is the attribute or key that it is the value of, directly or as one of several (`is_item`: of a list); empty
    where something else is made of it. `beside` are the names next to that one, with their texts; `blocks` the blocks
    around it, outermost first, each with its labels; `around` is where the block or object begins whose name that is.
    """

    text: str
    span: Span
    name: str
    is_item: bool
    is_heredoc: bool
    is_literal: bool
    beside: dict[str, str]
    blocks: tuple[tuple[str, ...], ...]
    around: int = -1

    @property
    def called(self) -> str:
        """Its key; the variable that it is the default of; the `name` beside a `value`."""
        if self.name == "default" and self.blocks and self.blocks[-1][0] == "variable":
            return self.blocks[-1][-1]
        return self.beside.get("name", "") if self.name == "value" else self.name


def texts(source: Source) -> Iterator[Text]:
    """Every string of a file that is a value, in order; those inside of interpolations and around errors left out."""
    for node in syntax.nodes(source, GRAMMAR, _KINDS):
        if node.parent is not None and node.parent.type != "block" and syntax.is_sound(node):
            holder, is_item = _holder(node)
            span = _inner(node)
            if span is not None and (holder is None or not _is_key(holder, node)):
                text, is_literal = source.text(span), node.type == "string_lit" or b"${" not in (node.text or b"")
                name, beside = _key(holder), _beside(holder)
                around = holder.parent.start_byte if holder is not None and holder.parent is not None else -1
                is_heredoc = node.type == _KINDS[2]
                yield Text(text, span, name, is_item, is_heredoc, is_literal, beside, _blocks(node), around)


def nested(source: Source, text: Text, language: str, surface: str) -> Source:
    """What a here-document holds as a text of its own; its indentation stays."""
    start, end = text.span
    segments = (Segment(0, end - start, start, end - start),)
    return Source(source.path, source.data[start:end], language, surface=surface, outer=source, segments=segments)


def _holder(node: Node) -> tuple[Node | None, bool]:
    """The attribute or element of an object whose value a string is, and whether as an item of a list."""
    is_item = False
    above = node.parent
    while above is not None and above.type not in ("attribute", "object_elem"):
        is_choice = above.type == "function_call" and syntax.text(above.named_children[0]) in _CHOOSING
        is_item = is_item or above.type == "tuple"
        if above.type not in _THROUGH and above.type not in ("tuple", "function_arguments") and not is_choice:
            return None, is_item
        above = above.parent
    return above, is_item


def _is_key(holder: Node, node: Node) -> bool:
    return holder.type == "object_elem" and node.end_byte <= holder.named_children[0].end_byte


def _key(holder: Node | None) -> str:
    return "" if holder is None else syntax.text(holder.named_children[0]).strip('"')


def _beside(holder: Node | None) -> dict[str, str]:
    around = holder.parent if holder is not None else None
    if around is None:
        return {}
    elements = [node for node in around.named_children if node.type == (holder.type if holder is not None else "")]
    blocks = {syntax.text(node.named_children[0]): "" for node in around.named_children if node.type == "block"}
    return blocks | {_key(node): syntax.text(node.named_children[-1]).strip('"') for node in elements if node != holder}


def _blocks(node: Node) -> tuple[tuple[str, ...], ...]:
    found: list[tuple[str, ...]] = []
    above = node.parent
    while above is not None:
        if above.type == "block":
            labels = (n for n in above.named_children if n.type in ("identifier", "string_lit"))
            found.append(tuple(syntax.text(label).strip('"') for label in labels))
        above = above.parent
    return tuple(reversed(found))


def _inner(node: Node) -> Span | None:
    """The bytes between the quotes, or the lines of a here-document."""
    if node.type != _KINDS[2]:
        return Span(node.start_byte + 1, node.end_byte - 1)
    data = node.text or b""
    first, last = data.find(b"\n") + 1, data.rfind(b"\n") + 1
    return Span(node.start_byte + first, node.start_byte + last) if first < last else None
