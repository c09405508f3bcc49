"""Parsing with tree-sitter grammars: exact byte spans, comments kept apart (see docs/decisions/0019).

A grammar is imported when the first text of its language has to be parsed, and not before: most runs need none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from msgspec import Struct

from codemod.patterns import on_use
from codemod.source import Source

if TYPE_CHECKING:
    from types import ModuleType

    from tree_sitter import Language, Node, Query

_WALK_MAX = 10_000
"""So many nodes are walked before a query is compiled: about what that costs for the largest grammar."""
_WORD_MAX = 80
_CHECKS = on_use(r"assert|require\.|expect|equal", re.IGNORECASE)
"""Functions that compare their arguments: each says what the others are."""
_SPACE = on_use(r"\s")


def root(source: Source, grammar: str, dialect: str = "language") -> Node | None:
    """The syntax tree of a text, parsed once; None where the text does not parse as a whole.

    `grammar` is a package (`tree_sitter_go`), `dialect` the function in it that gives the language.
    """
    top = _tree(source, grammar, dialect)
    return None if top.has_error else top


def text(node: Node) -> str:
    """How a node is written."""
    return (node.text or b"").decode("utf-8", "replace")


def field(node: Node, name: str) -> Node | None:
    """The child that plays a part in a node (`left`, `value`, …)."""
    return node.child_by_field_name(name)


def at(node: Node, start: int, end: int) -> Node | None:
    """The smallest node below that spans the bytes `[start, end)`."""
    return node.descendant_for_byte_range(start, end)


class Naming(Struct, frozen=True):
    """Which parts of a syntax say what a value is for.

    `fields` are kinds of nodes and the field of each that names the values in it; after those of `final` nothing
    further out is asked. The other operands of a comparison (`beside`), the words handed over before a value
    (`arguments`), the option before an element of a list (`elements`) and the function that returns it (`functions`)
    name it, too.
    """

    fields: Mapping[str, str]
    final: frozenset[str]
    beside: frozenset[str]
    arguments: frozenset[str]
    elements: frozenset[str]
    functions: frozenset[str]
    ends: frozenset[str]


def names(node: Node, naming: Naming) -> Iterator[str]:
    """What the code around a value calls it, nearest first, up to its statement."""
    inner, above = node, node.parent
    while above is not None and above.type not in naming.ends:
        kind = above.type
        if kind in naming.fields:
            called = [name for name in above.children_by_field_name(naming.fields[kind]) if name.is_named]
            if inner in called:
                return
            yield from map(text, called)
            if kind in naming.final:
                return
        elif kind in naming.beside:
            yield from (text(operand) for operand in above.named_children if operand != inner)
        elif kind in naming.arguments or kind in naming.elements:
            yield from _before(above, inner, is_call=kind in naming.arguments)
        elif kind == "return_statement":
            yield from _function(above, naming)
            return
        inner, above = above, above.parent


def _before(above: Node, inner: Node, *, is_call: bool) -> Iterator[str]:
    called = None if above.parent is None else field(above.parent, "function")
    is_check = called is not None and _CHECKS.search(text(called)) is not None
    others = (node for node in above.named_children if node != inner and node.type != "comment")
    before = [node for node in others if is_check or node.end_byte <= inner.start_byte]
    for node in before if is_call else before[-1:]:
        word = text(node)
        if len(word) <= _WORD_MAX and not _SPACE.search(word) and (is_call or word.lstrip("\"'`").startswith("-")):
            yield word


def _function(node: Node, naming: Naming) -> Iterator[str]:
    above = node.parent
    while above is not None and above.type not in naming.functions:
        above = above.parent
    name = None if above is None else field(above, "name")
    if name is not None:
        yield text(name)


def is_key(node: Node) -> bool:
    """Whether a value is the key of an entry in a map: what an entry is called is nothing that runs."""
    key = None if node.parent is None else field(node.parent, "key")
    return key is not None and (key == node or key.named_children == [node])


def nodes(source: Source, grammar: str, kinds: tuple[str, ...], dialect: str = "language") -> list[Node]:
    """The nodes of some kinds, in order, also of a text with errors elsewhere."""
    found = _search(grammar, dialect, kinds).found_in(_tree(source, grammar, dialect))
    return sorted(found, key=lambda node: (node.start_byte, -node.end_byte, kinds.index(node.type)))


def is_sound(node: Node) -> bool:
    """Whether no error stands around a node."""
    above: Node | None = node
    while above is not None:
        if above.type == "ERROR" or above.is_missing:
            return False
        above = above.parent
    return True


def _tree(source: Source, grammar: str, dialect: str) -> Node:
    key = ("syntax", grammar, dialect)
    if key not in source.memo:
        from tree_sitter import Parser

        source.memo[key] = Parser(_language(grammar, dialect)).parse(source.data).root_node
    found: Node = source.memo[key]
    return found


class _Search:
    """Looks for nodes of some kinds. A query is quicker, but to compile one for a large grammar is not."""

    def __init__(self, grammar: str, dialect: str, kinds: tuple[str, ...]) -> None:
        self._language, self._kinds = _language(grammar, dialect), kinds
        self._walked = 0
        self._query: Query | None = None

    def found_in(self, top: Node) -> Iterable[Node]:
        """The nodes in a tree."""
        self._walked += top.descendant_count
        if self._walked <= _WALK_MAX:
            return [node for node in _below(top) if node.type in self._kinds and node.is_named]
        from tree_sitter import Query, QueryCursor

        if self._query is None:
            self._query = Query(self._language, " ".join(f"({kind}) @found" for kind in self._kinds))
        return QueryCursor(self._query).captures(top).get("found", [])


_search = cache(_Search)


def _below(top: Node) -> Iterator[Node]:
    """A node and all below it, parents first."""
    cursor = top.walk()
    while (node := cursor.node) is not None:
        yield node
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


@cache
def _language(grammar: str, dialect: str) -> Language:
    from tree_sitter import Language

    return Language(getattr(_compiled(grammar), dialect)())


def _compiled(grammar: str) -> ModuleType:
    """The compiled module of a grammar's package; the package around it imports more than the grammar takes to load."""
    from importlib.machinery import PathFinder
    from importlib.util import find_spec, module_from_spec

    package = find_spec(grammar)
    places = None if package is None else package.submodule_search_locations
    spec = None if places is None else PathFinder.find_spec(f"{grammar}._binding", places)
    if spec is None or spec.loader is None:
        return import_module(grammar)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
