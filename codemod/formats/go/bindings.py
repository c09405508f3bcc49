"""Values that Go code gives to names: the fields of structs, variables, arguments, with what stands beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from codemod import syntax
from codemod.bindings import Forms, bound, unwrapped
from codemod.formats.go.constants import declared
from codemod.formats.go.expressions import NAMING, Lookup, expression, literal_of, operands
from codemod.patterns import on_use
from codemod.program import Binding, Expression
from codemod.source import Source

if TYPE_CHECKING:
    from tree_sitter import Node

_STRINGS = ("interpreted_string_literal", "raw_string_literal")
_FORMS = Forms(
    naming=NAMING,
    values=(*_STRINGS, "selector_expression"),
    entries={
        **{"keyed_element": ("key", "value"), "assignment_statement": ("left", "right")},
        **{"short_var_declaration": ("left", "right"), "const_spec": ("name", "value"), "var_spec": ("name", "value")},
    },
    listed=frozenset({"keyed_element"}),
    passes=frozenset({"literal_element", "parenthesized_expression", "expression_list"}),
    choices=frozenset(),
    arguments=frozenset({"argument_list"}),
    wraps=on_use(r"(?:\w+\.)?(?:String|StringPtr|To|Ptr|Pointer|PullPolicy|PullPolicyPtr)"),
)
"""`corev1.PullPolicy("…")`, `ptr.To(…)`, and the inputs of Pulumi and jsii (`pulumi.String("…")`) wrap a text."""


def bindings(source: Source, said: re.Pattern[bytes], lookup: Lookup) -> Iterator[Binding]:
    """The values that are written as `said` has it, and what they are given to; none of a file that does not parse."""
    if syntax.root(source, "tree_sitter_go") is None:
        return iter(())
    nodes = syntax.nodes(source, "tree_sitter_go", _FORMS.values)
    return bound(source, nodes, said, _FORMS, partial(_read, source, lookup))


def _read(source: Source, lookup: Lookup, node: Node) -> Expression | None:
    if node.type == "identifier":
        values = list(declared(source, syntax.text(node)))
        node = unwrapped(values[0], _FORMS) if len(values) == 1 and values[0] is not None else node
    text = next((operand for operand in operands(node) if operand.type in _STRINGS), None)
    return expression(source, literal_of(text), lookup) if text is not None else None
