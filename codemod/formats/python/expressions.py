"""What a string literal of a Python file is for, by the syntax tree: names around it, and what is joined to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from codemod import program, syntax
from codemod.formats.python.literals import body, pieces, shape
from codemod.patterns import on_use
from codemod.program import Expression, Kind, Part, pieces_of
from codemod.source import Source, Span

if TYPE_CHECKING:
    from tree_sitter import Node

GRAMMAR = "tree_sitter_python"
Lookup = Callable[[str], str | None]

NAMING = syntax.Naming(
    fields={
        **{"pair": "key", "keyword_argument": "name", "default_parameter": "name", "typed_default_parameter": "name"},
        **{"assignment": "left", "augmented_assignment": "left", "named_expression": "name", "for_statement": "left"},
        **{"call": "function", "match_statement": "subject", "decorator": "decorator"},
    },
    final=frozenset({"pair", "keyword_argument", "default_parameter", "typed_default_parameter"}),
    beside=frozenset({"comparison_operator"}),
    arguments=frozenset({"argument_list"}),
    elements=frozenset({"list", "tuple", "set"}),
    functions=frozenset({"function_definition"}),
    ends=frozenset({"module", "lambda", "subscript", "function_definition", "class_definition"}),
)
_VERB = on_use(r"%(?:%|(?:\(\w+\))?[-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?[sdrixXfFeEgGc])")
_FIELD = on_use(r"\{\{|\}\}|\{([\w.\[\]]*)((?:![rsa])?(?::[^{}]*)?)\}")
_ASSIGNED = rb"[ \t]*(?::[^=\n]*)?[-+|&*/%]?=(?!=)"
_CONSTANT = on_use(r"_{0,2}[A-Z][A-Z0-9_]*")


class Constants(program.Constants):
    """The constants of one module: names in capitals that get one text, once, on its top level."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source

    def _evaluated(self, name: str) -> str | None:
        value = declared(self._source, name)
        pieces = operands(value) if value is not None else ()
        parts = (part for one in pieces for part in _parts(self._source, one, self.lookup))
        return program.whole(parts) if value is not None else None


def declared(source: Source, name: str) -> Node | None:
    """What a module gives to a name in capitals, once, on its top level."""
    word = re.escape(name.encode())
    if not _CONSTANT.fullmatch(name) or len(re.findall(rb"(?m)\b" + word + _ASSIGNED, source.data)) != 1:
        return None
    root = syntax.root(source, GRAMMAR)
    for statement in root.named_children if root is not None else ():
        given = statement.named_children[0] if statement.named_child_count == 1 else None
        left = None if given is None or given.type != "assignment" else syntax.field(given, "left")
        if given is not None and left is not None and syntax.text(left) == name:
            return syntax.field(given, "right")
    return None


def strings(source: Source) -> Iterator[Node]:
    """The string literals that are values: no docstrings, no keys, none in broken places."""
    for node in syntax.nodes(source, GRAMMAR, ("string",)):
        is_value = len(node.children) >= 2 and not (_is_statement(node) or syntax.is_key(node))
        if is_value and syntax.is_sound(node):
            yield node


def is_format(node: Node) -> bool:
    """Whether `str.format` is called on a literal."""
    above = node.parent
    name = None if above is None or above.type != "attribute" else syntax.field(above, "attribute")
    return name is not None and syntax.text(name) == "format"


def expression(source: Source, node: Node, lookup: Lookup) -> Expression:
    """The expression that a literal is, or is a part of."""
    top = _top(node)
    parts = tuple(part for operand in operands(top) for part in _parts(source, operand, lookup))
    names = tuple(syntax.names(top, NAMING))
    beside = " ".join(part.code for part in parts if part.body is None and part.code)
    if top == node and not shape(node).is_formatted:
        return Expression(Kind.LITERAL, body(node), source.text(body(node)), parts, names)
    if _is_operator(top, "+"):
        return Expression(Kind.SUM, Span(top.start_byte, top.end_byte), syntax.text(top), parts, names, beside)
    span = Span(top.start_byte, top.end_byte) if top.type == "concatenated_string" else body(node)
    return Expression(Kind.FORMAT, span, source.text(span), parts, names, beside)


def _is_statement(node: Node) -> bool:
    above = node.parent
    if above is not None and above.type == "concatenated_string":
        above = above.parent
    return above is None or above.type == "expression_statement"


def _is_operator(node: Node, operator: str) -> bool:
    found = syntax.field(node, "operator") if node.type == "binary_operator" else None
    return found is not None and found.type == operator


def _top(node: Node) -> Node:
    """The adjacent literals, the call of `format` or the topmost `+` that a literal is a part of, else itself."""
    above = node.parent
    top = above if above is not None and above.type == "concatenated_string" else node
    if (above := top.parent) is not None and (is_format(top) or _is_filled(above, top)):
        top = above if above.parent is None or above.type == "binary_operator" else above.parent
    above = top.parent
    while above is not None and (above.type == "parenthesized_expression" or _is_operator(above, "+")):
        top = above if _is_operator(above, "+") else top
        above = above.parent
    return top


def _is_filled(above: Node, inner: Node) -> bool:
    return _is_operator(above, "%") and syntax.field(above, "left") == inner


def operands(node: Node) -> Iterator[Node]:
    """The operands of a `+`, the pieces of adjacent literals, or the node itself."""
    if node.type == "parenthesized_expression" and node.named_child_count == 1:
        yield from operands(node.named_children[0])
    elif node.type == "concatenated_string" or _is_operator(node, "+"):
        for child in node.named_children:
            if child.type != "comment":
                yield from operands(child)
    else:
        yield node


def _parts(source: Source, node: Node, lookup: Lookup) -> Iterator[Part]:
    if node.type == "identifier":
        yield Part(lookup(syntax.text(node)), syntax.text(node))
    elif node.type != "string":
        yield from _filled(source, node, lookup)
    elif shape(node).is_formatted:
        yield from _formatted(source, node, lookup)
    else:
        yield from _plain(source, node, lookup)


def _filled(source: Source, node: Node, lookup: Lookup) -> Iterator[Part]:
    """An operand that is no literal itself: a format string with its arguments, or what only the program knows."""
    function = syntax.field(node, "function") if node.type == "call" else None
    literal = syntax.field(node, "left") if _is_operator(node, "%") else None
    if function is not None and function.type == "attribute":
        literal = syntax.field(function, "object")
    if literal is not None and literal.type == "string" and (function is None or is_format(literal)):
        yield from _plain(source, literal, lookup)
    else:
        yield Part(None, syntax.text(node))


def _formatted(source: Source, node: Node, lookup: Lookup) -> Iterator[Part]:
    for said, start, length in pieces(source, node):
        code = source.data[start : start + length].decode("utf-8", "replace")
        if said == b"%s" and code.startswith("{"):
            name = code[1:-1].strip()
            yield Part(lookup(name) if name.isidentifier() else None, name)
        else:
            text = said.decode("utf-8", "replace")
            yield Part(text, text, Span(start, start + length) if text == code else None)


def _plain(source: Source, node: Node, lookup: Lookup) -> Iterator[Part]:
    """A literal, with the holes that a `%` or a call of `format` fills."""
    inside = body(node)
    text = source.text(inside)
    arguments = _arguments(node)
    holes = _FIELD if is_format(node) else _VERB
    found = (
        [hole for hole in holes.finditer(text) if hole[0] not in ("%%", "{{", "}}")] if arguments is not None else []
    )
    if not found or arguments is None:
        said = b"".join(piece[0] for piece in pieces(source, node)).decode("utf-8", "replace")
        yield Part(said, syntax.text(node), inside if said == text else None)
        return
    at = 0
    for count, hole in enumerate(found):
        yield from pieces_of(text[at : hole.start()], text, at, inside)
        key = (hole[1] or str(count)) if holes is _FIELD else str(count)
        code = arguments.get(key, "")
        yield Part(lookup(code) if code.isidentifier() and hole[0] in ("%s", "{}", f"{{{key}}}") else None, code)
        at = hole.end()
    yield from pieces_of(text[at:], text, at, inside)


def _arguments(node: Node) -> dict[str, str] | None:
    """The code that fills a format string, by number and by name; None where the literal is none."""
    above = node.parent
    if above is None:
        return None
    if is_format(node) and above.parent is not None:
        given = syntax.field(above.parent, "arguments")
        values = [] if given is None else given.named_children
    elif _is_filled(above, node):
        right = syntax.field(above, "right")
        values = [] if right is None else (right.named_children if right.type == "tuple" else [right])
    else:
        return None
    found = {}
    for number, value in enumerate(values):
        name, inner = syntax.field(value, "name"), syntax.field(value, "value")
        is_named = value.type == "keyword_argument" and name is not None and inner is not None
        found[syntax.text(name) if is_named and name else str(number)] = syntax.text(
            inner if is_named and inner else value
        )
    return found
