"""Values that Python code gives to names: entries of dictionaries, keyword arguments, with what stands beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from codemod import syntax
from codemod.bindings import Forms, bound, unwrapped
from codemod.formats.python.expressions import GRAMMAR, NAMING, Constants, declared, expression, operands
from codemod.patterns import on_use
from codemod.program import Binding, Expression
from codemod.source import Source

if TYPE_CHECKING:
    from tree_sitter import Node

_FORMS = Forms(
    naming=NAMING,
    values=("string", "attribute"),
    entries={
        **{"pair": ("key", "value"), "keyword_argument": ("name", "value"), "assignment": ("left", "right")},
        **{"default_parameter": ("name", "value"), "typed_default_parameter": ("name", "value")},
    },
    listed=frozenset({"pair", "keyword_argument"}),
    passes=frozenset({"parenthesized_expression"}),
    choices=frozenset({"boolean_operator", "conditional_expression"}),
    arguments=frozenset({"argument_list"}),
    wraps=on_use(r"(?!)"),
)


def bindings(source: Source, said: re.Pattern[bytes], constants: Constants) -> Iterator[Binding]:
    """The values that are written as `said` has it, and what they are given to."""
    nodes = syntax.nodes(source, GRAMMAR, _FORMS.values)
    return bound(source, nodes, said, _FORMS, partial(_read, source, constants))


def _read(source: Source, constants: Constants, node: Node) -> Expression | None:
    if node.type == "identifier":
        node = unwrapped(declared(source, syntax.text(node)) or node, _FORMS)
    text = next((operand for operand in operands(node) if operand.type == "string"), None)
    return expression(source, text, constants.lookup) if text is not None else None
