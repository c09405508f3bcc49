"""The names to which a program gives a value, and what it gives to others beside them: by the syntax tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from codemod import syntax
from codemod.patterns import on_use
from codemod.program import Binding, Expression
from codemod.source import Source, Span

if TYPE_CHECKING:
    from tree_sitter import Node

_WORD = on_use(r"[\w-]+")
_OPERATORS = ("??", "||", "or")

Reader = Callable[["Node"], Expression | None]
"""What a value is as a text, None where it is none."""


class Forms(Struct, frozen=True):
    """The forms in which a syntax gives values to names.

    `values` are the kinds of nodes that are texts or constants. `entries` are kinds of nodes, each with the fields of
    its name and its value; those of `listed` stand beside others of their kind. Nodes of `passes` are what they hold,
    those of `choices` may be (`a ?? b`), and a call of a function in `wraps` is the only one of its `arguments`.
    `naming` says what objects are for.
    """

    naming: syntax.Naming
    values: tuple[str, ...]
    entries: Mapping[str, tuple[str, str]]
    listed: frozenset[str]
    passes: frozenset[str]
    choices: frozenset[str]
    arguments: frozenset[str]
    wraps: re.Pattern[str]


class Entry(Struct, frozen=True):
    """A name that is given a value, and the node that says so; None where nothing stands beside it, or none is sure."""

    name: str
    node: Node | None


def bound(
    source: Source, nodes: list[Node], said: re.Pattern[bytes], forms: Forms, reader: Reader
) -> Iterator[Binding]:
    """The values of a file that are written as `said` has it; its last group is what the value ends in."""
    for node in nodes:
        match = said.fullmatch(source.data, node.start_byte, node.end_byte)
        found = entry(node, forms) if match is not None and syntax.is_sound(node) else None
        if match is not None and found is not None:
            others = dict(_beside(found.node, forms)) if found.node is not None else {}
            texts = {name: reader(value) for name, value in others.items()}
            holder = found.node.parent if found.node is not None else None
            within = tuple(syntax.names(holder, forms.naming)) if holder is not None else ()
            yield Binding(found.name, Span(*match.span(match.lastindex or 0)), syntax.text(node), texts, within)


def entry(node: Node, forms: Forms) -> Entry | None:
    """What a value is given to; None where nothing says so."""
    inner, above, is_sure = node, node.parent, True
    while above is not None:
        if above.type in forms.entries:
            name, value = (syntax.field(above, part) for part in forms.entries[above.type])
            if name is None or value != inner:
                return None
            return Entry(last_word(syntax.text(name)), above if is_sure and above.type in forms.listed else None)
        if above.type in forms.arguments and above.parent is not None:
            if not _is_wrapper(above.parent, forms):
                return _parameter(inner, above)
            above = above.parent
        elif above.type in forms.choices:
            if not _may_be(above, inner):
                return None
            is_sure = False
        elif above.type not in forms.passes or above.named_children[0] != inner:
            return None
        inner, above = above, above.parent
    return None


def unwrapped(node: Node, forms: Forms) -> Node:
    """What a value is without parentheses, casts and functions that only wrap it."""
    while True:
        if _is_wrapper(node, forms):
            node = node.named_children[-1].named_children[0]
        elif node.type in forms.passes and node.named_children:
            node = node.named_children[0]
        else:
            return node


def last_word(text: str) -> str:
    """What a name ends in: `imagePullPolicy` of `spec["imagePullPolicy"]`."""
    words = _WORD.findall(text)
    return words[-1] if words else ""


def _beside(entry: Node, forms: Forms) -> Iterator[tuple[str, Node]]:
    for node in entry.parent.named_children if entry.parent is not None else ():
        if node.type == entry.type and node != entry:
            name, value = (syntax.field(node, part) for part in forms.entries[node.type])
            if name is not None and value is not None:
                yield last_word(syntax.text(name)), unwrapped(value, forms)


def _is_wrapper(call: Node, forms: Forms) -> bool:
    """Whether a call is its only argument in another type."""
    function = syntax.field(call, "function")
    if function is None or call.named_children[-1].type not in forms.arguments:
        return False
    return call.named_children[-1].named_child_count == 1 and forms.wraps.fullmatch(syntax.text(function)) is not None


def _parameter(argument: Node, arguments: Node) -> Entry | None:
    """What an argument is for: the text handed over before it says so, or the function."""
    before, call = argument.prev_named_sibling, arguments.parent
    if before is not None:
        return Entry(last_word(syntax.text(before)), None) if "string" in before.type else None
    function = syntax.field(call, "function") if call is not None else None
    return Entry(last_word(syntax.text(function)), None) if function is not None else None


def _may_be(choice: Node, inner: Node) -> bool:
    """Whether a choice may come to a part of it: not to its condition, and no comparison does."""
    operator, condition = syntax.field(choice, "operator"), syntax.field(choice, "condition")
    if choice.type == "conditional_expression":
        condition = choice.named_children[1]
    return inner != condition and (operator is None or syntax.text(operator) in _OPERATORS)
