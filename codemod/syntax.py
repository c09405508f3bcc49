"""Parsing with tree-sitter grammars: exact byte spans, comments kept apart (see docs/decisions/0015).

A grammar is imported when the first text of its language has to be parsed, and not before: most runs need none.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from codemod.source import Source

if TYPE_CHECKING:
    from tree_sitter import Node, Parser


def root(source: Source, grammar: str, dialect: str = "language") -> Node | None:
    """The syntax tree of a text, parsed once; None where the text does not parse as a whole.

    `grammar` is a package (`tree_sitter_go`), `dialect` the function in it that gives the language.
    """
    key = ("syntax", grammar, dialect)
    if key not in source.memo:
        tree = _parser(grammar, dialect).parse(source.data)
        source.memo[key] = None if tree.root_node.has_error else tree.root_node
    found: Node | None = source.memo[key]
    return found


def text(node: Node) -> str:
    """How a node is written."""
    return (node.text or b"").decode("utf-8", "replace")


def field(node: Node, name: str) -> Node | None:
    """The child that plays a part in a node (`left`, `value`, …)."""
    return node.child_by_field_name(name)


def at(node: Node, start: int, end: int) -> Node | None:
    """The smallest node below that spans the bytes `[start, end)`."""
    return node.descendant_for_byte_range(start, end)


@cache
def _parser(grammar: str, dialect: str) -> Parser:
    from tree_sitter import Language, Parser

    return Parser(Language(getattr(import_module(grammar), dialect)()))
