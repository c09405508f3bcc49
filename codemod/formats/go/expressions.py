"""What a string literal of a Go file is for, by the syntax tree: names around it, and what the program joins to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from codemod import syntax
from codemod.formats.go.literals import Literal, value, verbs
from codemod.patterns import on_use
from codemod.program import Expression, Kind, Part, pieces_of
from codemod.source import Source, Span

if TYPE_CHECKING:
    from tree_sitter import Node

Lookup = Callable[[str], str | None]
"""The value of a constant of the package by its name, None where there is no such constant."""

_STRINGS = ("interpreted_string_literal", "raw_string_literal")
NAMING = syntax.Naming(
    fields={
        **{"keyed_element": "key", "call_expression": "function", "composite_literal": "type"},
        **{"const_spec": "name", "var_spec": "name"},
        **{"short_var_declaration": "left", "assignment_statement": "left", "expression_switch_statement": "value"},
    },
    final=frozenset({"keyed_element"}),
    beside=frozenset({"binary_expression"}),
    arguments=frozenset({"argument_list"}),
    elements=frozenset({"literal_value"}),
    functions=frozenset({"function_declaration", "method_declaration", "func_literal"}),
    ends=frozenset({"block", "statement_list", "func_literal", "source_file", "communication_case"}),
)
_DECLARING = ("parameter_declaration", "variadic_parameter_declaration", "var_spec", "const_spec")
_FORMAT = on_use(r"[\w./:@%+*\[\]#-]+")
_PRINTF = on_use(r"(?:^|\.)\w*[a-z]f$")


def is_parsed(source: Source) -> bool:
    """Whether a file parses as Go as a whole."""
    return syntax.root(source, "tree_sitter_go") is not None


def expression(source: Source, literal: Literal, lookup: Lookup) -> Expression | None:
    """The expression that a literal is, or is an operand of; None where it is no value (an import, a struct tag)."""
    root = syntax.root(source, "tree_sitter_go")
    node = None if root is None else syntax.at(root, *literal.span)
    if node is None or node.type not in _STRINGS:
        return None
    parent = node.parent
    if parent is not None and (parent.type in ("import_spec", "field_declaration") or syntax.is_key(parent)):
        return None
    top = _sum(node)
    if top is not node:
        parts = tuple(_part(source, operand, lookup) for operand in operands(top))
        names, beside = tuple(syntax.names(top, NAMING)), " ".join(part.code for part in parts if part.body is None)
        return Expression(Kind.SUM, Span(top.start_byte, top.end_byte), syntax.text(top), parts, names, beside)
    layout = _format_of(node)
    if layout is not None:
        return _format(source, layout, lookup)
    parts = (_part(source, node, lookup),)
    return Expression(Kind.LITERAL, literal.body, parts[0].code[1:-1], parts, tuple(syntax.names(node, NAMING)))


def constant(source: Source, node: Node, lookup: Lookup) -> str | None:
    """The text that a constant expression is."""
    if node.type in _STRINGS:
        return value(source, literal_of(node))
    if node.type == "identifier":
        return None if _is_local(node) else lookup(syntax.text(node))
    if node.type == "parenthesized_expression" and node.named_child_count == 1:
        return constant(source, node.named_children[0], lookup)
    if _is_plus(node):
        parts = [constant(source, operand, lookup) for operand in operands(node)]
        return None if None in parts else "".join(part or "" for part in parts)
    return None


def names_of(node: Node) -> list[str]:
    """The names that a declaration gives."""
    return [syntax.text(name) for name in node.children_by_field_name("name") if name.is_named]


def literal_of(node: Node) -> Literal:
    """The literal that a node is."""
    return Literal(Span(node.start_byte, node.end_byte), node.type == _STRINGS[1])


def _part(source: Source, node: Node, lookup: Lookup) -> Part:
    text = constant(source, node, lookup)
    body = literal_of(node).body if node.type in _STRINGS else None
    if body is not None and (text is None or source.data[slice(*body)] != text.encode()):
        body = None
    return Part(text, syntax.text(node), body)


def _is_plus(node: Node) -> bool:
    operator = syntax.field(node, "operator") if node.type == "binary_expression" else None
    return operator is not None and operator.type == "+"


def _sum(node: Node) -> Node:
    """The topmost `+` that a node is an operand of; the node itself where it is none."""
    top, above = node, node.parent
    while above is not None and (above.type == "parenthesized_expression" or _is_plus(above)):
        if _is_plus(above):
            top = above
        above = above.parent
    return top


def operands(node: Node) -> Iterator[Node]:
    """The operands of a `+`, or the node itself."""
    if node.type == "parenthesized_expression" and node.named_child_count == 1:
        yield from operands(node.named_children[0])
    elif _is_plus(node):
        for name in ("left", "right"):
            operand = syntax.field(node, name)
            if operand is not None:
                yield from operands(operand)
    else:
        yield node


def _format_of(node: Node) -> Node | None:
    """The format string that a literal is, or is filled into, where that makes one word of it."""
    if verbs(syntax.text(node)):
        return node
    above = node.parent
    call = above.parent if above is not None and above.type == "argument_list" else None
    function = None if call is None else syntax.field(call, "function")
    if above is None or function is None or not _PRINTF.search(syntax.text(function)):
        return None
    layout = next((argument for argument in above.named_children if argument.type in _STRINGS), node)
    text = syntax.text(layout)[1:-1]
    return layout if verbs(text) and _FORMAT.fullmatch(text) else None


def _format(source: Source, layout: Node, lookup: Lookup) -> Expression:
    body = literal_of(layout).body
    text = source.text(body)
    arguments: list[Node] = []
    if layout.parent is not None and layout.parent.type == "argument_list":
        arguments = [node for node in layout.parent.named_children if node.start_byte >= layout.end_byte]
    parts: list[Part] = []
    at, count = 0, 0
    for verb in verbs(text):
        parts += pieces_of(text[at : verb.start()].replace("%%", "%"), text, at, body)
        given = verb["index"]
        count = int(given) if given else count + 1
        argument = arguments[count - 1] if 0 < count <= len(arguments) and "*" not in verb[0] else None
        part = Part(None) if argument is None else _part(source, argument, lookup)
        parts.append(part if verb[0] in ("%s", "%v") else Part(None, part.code))
        at = verb.end()
    parts += pieces_of(text[at:].replace("%%", "%"), text, at, body)
    beside = " ".join(syntax.text(node) for node in arguments)
    return Expression(Kind.FORMAT, body, text, tuple(parts), tuple(syntax.names(layout, NAMING)), beside)


def _is_local(node: Node) -> bool:
    """Whether a function around declares the name, so that it is no constant of the package there."""
    name, function = syntax.text(node), node
    while function.parent is not None and function.parent.type != "source_file":
        function = function.parent
    if function.type not in ("function_declaration", "method_declaration"):
        return False
    waiting = [function]
    while waiting:
        at = waiting.pop()
        targets = names_of(at) if at.type in _DECLARING else []
        if at.type in ("short_var_declaration", "range_clause"):
            left = syntax.field(at, "left")
            targets = [] if left is None else [syntax.text(child) for child in left.named_children]
        if name in targets:
            return True
        waiting += at.named_children
    return False
