"""What a shell script compares: `[[ $image == *:dev ]]`, `[ "$TAG" = dev ]`, `case $image in *:latest)`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from codemod import syntax
from codemod.formats.shell.words import nodes
from codemod.source import Source

if TYPE_CHECKING:
    from tree_sitter import Node

_EQUAL = frozenset(("=", "==", "!=", "=~"))
_PATTERNS = ("word", "string", "raw_string", "concatenation", "extglob_pattern", "regex", "number")


class Comparison(Struct, frozen=True):
    """A comparison: the text that is looked at, and the pattern that it is compared with, both without quotes."""

    subject: str
    pattern: str
    node: Node


def comparisons(source: Source) -> Iterator[Comparison]:
    """All comparisons of a script, in order; one for each pattern of a `case`."""
    for node in nodes(source, ("binary_expression", "case_item", "command")):
        if not syntax.is_sound(node):
            continue
        if node.type == "command":
            yield from _of_command(node)
        elif node.type == "case_item":
            yield from _of_case(node)
        elif len(node.named_children) == 2 and any(child.type in _EQUAL for child in node.children):
            subject, pattern = node.named_children
            yield Comparison(_text(subject), _text(pattern), node)


def _of_case(item: Node) -> Iterator[Comparison]:
    subject = None if item.parent is None else syntax.field(item.parent, "value")
    for child in item.children_by_field_name("value"):
        if subject is not None and child.type in _PATTERNS:
            yield Comparison(_text(subject), _text(child), child)


def _of_command(command: Node) -> Iterator[Comparison]:
    """`test A = B`; brackets have a node of their own."""
    words = [_text(word) for word in command.named_children]
    if len(words) == 4 and words[0] == "test" and words[2] in _EQUAL:
        yield Comparison(words[1], words[3], command)


def _text(node: Node) -> str:
    return syntax.text(node).replace('"', "").strip("'")
