"""String literals of TypeScript and JavaScript, what they say, and what the code around calls them.

Follows ECMA-262, "String Literals" and "Template Literal Lexical Components"; types and JSX by the TypeScript grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from codemod import program, syntax
from codemod.bindings import Forms, bound, unwrapped
from codemod.edits import DIGEST
from codemod.patterns import on_use
from codemod.program import Binding, Expression, Kind, Part, Piece, joined
from codemod.source import Source, Span
from codemod.transform import Language

if TYPE_CHECKING:
    from tree_sitter import Node

LANGUAGE = Language("typescript", suffixes=(".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"))
GRAMMAR = "tree_sitter_typescript"
LINE_MAX = 5000
"""Files with longer lines were written by a program."""

_NAMING = syntax.Naming(
    fields={
        **{"pair": "key", "public_field_definition": "name", "enum_assignment": "name", "jsx_attribute": "name"},
        **{"variable_declarator": "name", "assignment_expression": "left", "required_parameter": "pattern"},
        **{"optional_parameter": "pattern", "object_assignment_pattern": "left", "assignment_pattern": "left"},
        **{"call_expression": "function", "new_expression": "constructor", "switch_statement": "value"},
    },
    final=frozenset({"pair", "public_field_definition", "required_parameter", "optional_parameter"}),
    beside=frozenset({"binary_expression"}),
    arguments=frozenset({"arguments"}),
    elements=frozenset({"array"}),
    functions=frozenset({"function_declaration", "method_definition", "function_expression", "arrow_function"}),
    ends=frozenset({"program", "statement_block", "arrow_function", "subscript_expression", "class_body"}),
)
_FORMS = Forms(
    naming=_NAMING,
    values=("string", "template_string", "member_expression"),
    entries={
        **{
            "pair": ("key", "value"),
            "assignment_expression": ("left", "right"),
            "assignment_pattern": ("left", "right"),
        },
        **{"variable_declarator": ("name", "value"), "public_field_definition": ("name", "value")},
        **{"required_parameter": ("pattern", "value"), "optional_parameter": ("pattern", "value")},
        "object_assignment_pattern": ("left", "right"),
    },
    listed=frozenset({"pair"}),
    passes=frozenset({"parenthesized_expression", "as_expression", "satisfies_expression"}),
    choices=frozenset({"binary_expression", "ternary_expression"}),
    arguments=frozenset({"arguments"}),
    wraps=on_use(r"pulumi\.(?:output|interpolate|secret)"),
)
_NO_VALUE = ("import_statement", "export_statement", "literal_type", "expression_statement", "import_specifier")
_CONSTANT = on_use(r"[A-Z][A-Z0-9_]*")
_SIMPLE = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b"0": b"\0"}


class Constants(program.Constants):
    """The constants of one module: names in capitals that `const` gives a text on its top level."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source

    def _evaluated(self, name: str) -> str | None:
        if not _CONSTANT.fullmatch(name):
            return None
        value = _declared(self._source, name)
        operands = _operands(value) if value is not None else ()
        parts = (part for operand in operands for part in _parts(self._source, operand, self.lookup))
        return program.whole(parts) if value is not None else None


class Quoted:
    """How new text is spelled between quotes of one kind."""

    def __init__(self, quote: bytes) -> None:
        self.quote = quote

    def encode(self, text: bytes) -> bytes | None:
        """The text with its quotes, backslashes, line ends and, in templates, dollars escaped."""
        special = rb"[\\`$]" if self.quote == b"`" else rb"[\\" + self.quote + rb"]"
        parts = (re.sub(special, rb"\\\g<0>", part) for part in text.split(DIGEST))
        spelled = DIGEST.join(parts)
        return spelled if self.quote == b"`" else spelled.replace(b"\n", b"\\n")


def literals(source: Source) -> Iterator[Node]:
    """The string and template literals that are values, in order; none of a file that a program wrote."""
    if is_generated(source):
        return
    for node in syntax.nodes(source, GRAMMAR, ("string", "template_string"), _dialect(source)):
        is_value = node.parent is not None and node.parent.type not in _NO_VALUE and not syntax.is_key(node)
        if is_value and syntax.is_sound(node):
            yield node


def expression(source: Source, node: Node, constants: Constants) -> Expression:
    """The expression that a literal is, or is an operand of."""
    top, above = node, node.parent
    while above is not None and (above.type == "parenthesized_expression" or _is_plus(above)):
        top, above = (above if _is_plus(above) else top), above.parent
    parts = tuple(part for operand in _operands(top) for part in _parts(source, operand, constants.lookup))
    names = tuple(syntax.names(top, _NAMING))
    beside = " ".join(part.code for part in parts if part.body is None)
    if top != node:
        return Expression(Kind.SUM, Span(top.start_byte, top.end_byte), syntax.text(top), parts, names, beside)
    body = Span(node.start_byte + 1, node.end_byte - 1)
    is_plain = len(parts) == 1 and parts[0].text is not None
    return Expression(Kind.LITERAL if is_plain else Kind.FORMAT, body, source.text(body), parts, names, beside)


def nested(source: Source, node: Node, language: str, surface: str) -> Source | None:
    """What a literal says as a text of its own, substitutions read as `%s`; None where it is empty."""
    return joined(source, _pieces(source, node), language, surface, Quoted((node.text or b"'")[:1]))


def bindings(source: Source, said: re.Pattern[bytes], constants: Constants) -> Iterator[Binding]:
    """The values that are written as `said` has it, and what they are given to; none of a file that a program wrote."""
    if is_generated(source):
        return iter(())
    nodes = syntax.nodes(source, GRAMMAR, _FORMS.values, _dialect(source))
    return bound(source, nodes, said, _FORMS, partial(_read, source, constants))


def _read(source: Source, constants: Constants, node: Node) -> Expression | None:
    if node.type == "identifier" and _CONSTANT.fullmatch(name := syntax.text(node)):
        value = _declared(source, name)
        node = node if value is None else unwrapped(value, _FORMS)
    texts = (operand for operand in _operands(node) if operand.type in ("string", "template_string"))
    text = next(texts, None)
    return expression(source, text, constants) if text is not None else None


def _declared(source: Source, name: str) -> Node | None:
    """What a file gives to a name by its only declaration, a `const`."""
    values = []
    for node in syntax.nodes(source, GRAMMAR, ("variable_declarator",), _dialect(source)):
        called, value = syntax.field(node, "name"), syntax.field(node, "value")
        if called is not None and syntax.text(called) == name:
            is_const = node.parent is not None and syntax.text(node.parent).startswith("const")
            values.append(value if is_const else None)
    return values[0] if len(values) == 1 else None


def is_generated(source: Source) -> bool:
    """Whether a file has lines that no person writes."""
    return max(map(len, source.data.splitlines()), default=0) > LINE_MAX


def _dialect(source: Source) -> str:
    return "language_typescript" if source.path.endswith("ts") else "language_tsx"


def _is_plus(node: Node) -> bool:
    operator = syntax.field(node, "operator") if node.type == "binary_expression" else None
    return operator is not None and operator.type == "+"


def _operands(node: Node) -> Iterator[Node]:
    if _is_plus(node) or node.type in ("parenthesized_expression", "as_expression"):
        for child in node.named_children[: None if _is_plus(node) else 1]:
            yield from _operands(child)
    else:
        yield node


def _parts(source: Source, node: Node, lookup: object) -> Iterator[Part]:
    assert callable(lookup)
    if node.type not in ("string", "template_string"):
        text = syntax.text(node)
        yield Part(lookup(text) if node.type == "identifier" else None, text)
        return
    for said, start, length in _pieces(source, node):
        code = source.data[start : start + length].decode("utf-8", "replace")
        if said == b"%s" and code.startswith("${"):
            yield Part(lookup(code[2:-1].strip()), code[2:-1].strip())
        elif said:
            text = said.decode("utf-8", "replace")
            yield Part(text, text, Span(start, start + length) if text == code else None)


def _pieces(source: Source, node: Node) -> list[Piece]:
    found: list[Piece] = []
    at = node.start_byte + 1
    for child in node.named_children:
        if child.type in ("escape_sequence", "template_substitution"):
            found.append((source.data[at : child.start_byte], at, child.start_byte - at))
            said = b"%s" if child.type == "template_substitution" else _unescaped(child.text or b"")
            found.append((said, child.start_byte, child.end_byte - child.start_byte))
            at = child.end_byte
    return [*found, (source.data[at : node.end_byte - 1], at, node.end_byte - 1 - at)]


def _unescaped(text: bytes) -> bytes:
    kind, digits = text[1:2], text[2:].strip(b"{}")
    if kind in (b"x", b"u"):
        code = int(digits, 16)
        return chr(code).encode() if code < 0xD800 or 0xDFFF < code <= 0x10FFFF else b"?"
    return b"" if kind in (b"\n", b"\r") else _SIMPLE.get(kind, text[1:])
