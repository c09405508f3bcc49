"""The words of a shell script, by its syntax tree: what each says, and what it is called."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from codemod import syntax
from codemod.patterns import on_use
from codemod.program import Expression, Kind, Part
from codemod.source import Source, Span
from codemod.transform import Language

if TYPE_CHECKING:
    from tree_sitter import Node

LANGUAGE = Language("shell", suffixes=(".sh", ".bash"), interpreters=("sh", "bash", "dash", "ksh"))
GRAMMAR = "tree_sitter_bash"
_WORDS = frozenset({"word", "string", "raw_string", "concatenation"})
_KINDS = (*sorted(_WORDS), "binary_expression", "case_item", "command", "heredoc_redirect")
_INNER = ("string", "concatenation", "command_name", "regex", "heredoc_body", "ansi_c_string")
_DEFAULTS = (":-", "-", ":=", "=")
_TEXT = rb"=(?:\"([^\"$`\\\n]*)\"|'([^'\n]*)'|([\w./:@-]*))(?=[\s;]|$)"
_CHANGED = rb"\bNAME\+?=|\bread\b[^\n]*\bNAME\b|\bfor NAME\b|\$\{NAME:?="
_ESCAPE = on_use(r"\\(.)")


class Variables:
    """The variables of one script that get a plain text, once: `REPO=ghcr.io/acme/web`."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._known: dict[str, str | None] = {}

    def lookup(self, name: str) -> str | None:
        """The value of a variable, None where it is not known."""
        if name not in self._known:
            is_given = name.encode() + b"=" in self._source.data
            self._known[name] = self._text(re.escape(name.encode())) if is_given else None
        return self._known[name]

    def _text(self, word: bytes) -> str | None:
        given = re.findall(rb"(?:^|[\s;(])" + word + _TEXT, self._source.data, re.MULTILINE)
        changed = re.findall(_CHANGED.replace(b"NAME", word), self._source.data)
        return b"".join(given[0]).decode("utf-8", "replace") if len(given) == len(changed) == 1 else None


def nodes(source: Source, kinds: Collection[str]) -> Iterator[Node]:
    """The nodes of some kinds, in order.

    Those of all kinds are asked for together: for so large a grammar a question takes longer to compile than to answer.
    """
    found: list[Node] | None = source.memo.get(nodes)
    if found is None:
        found = source.memo[nodes] = syntax.nodes(source, GRAMMAR, _KINDS)
    return (node for node in found if node.type in kinds)


def words(source: Source) -> Iterator[Node]:
    """The words that stand by themselves: arguments, values of variables, defaults of expansions."""
    for node in nodes(source, _WORDS):
        if node.parent is None or node.parent.type in _INNER:
            continue
        if syntax.is_sound(node) and (node.parent.type != "expansion" or is_default(node)):
            yield node


def expression(source: Source, node: Node, variables: Variables) -> Expression:
    """What a word says, and the variable or option that it is for."""
    parts = tuple(_parts(source, node, variables))
    names = tuple(_names(node))
    if len(parts) == 1 and parts[0].body is not None and parts[0].text is not None:
        body = parts[0].body
        return Expression(Kind.LITERAL, body, source.text(body), parts, names)
    span = Span(node.start_byte + (node.type == "string"), node.end_byte - (node.type == "string"))
    beside = " ".join(part.code for part in parts if part.body is None)
    return Expression(Kind.FORMAT, span, source.text(span), parts, names, beside)


def is_default(node: Node) -> bool:
    """Whether a word is what a variable is taken to be where it is not set."""
    operator = node.prev_sibling
    return operator is not None and operator.type in _DEFAULTS


def _names(node: Node) -> Iterator[str]:
    """The variable that a word is the default or the value of, and the option before it."""
    inner, above = node, node.parent
    while above is not None:
        if above.type == "expansion":
            yield from (syntax.text(child) for child in above.named_children[:1])
        elif above.type == "variable_assignment":
            name = syntax.field(above, "name")
            yield from () if name is None else (syntax.text(name),)
            return
        elif above.type == "command":
            option = inner.prev_named_sibling
            if option is not None and syntax.text(option).startswith("-") and "=" not in syntax.text(option):
                yield syntax.text(option)
            return
        elif above.type == "for_statement":
            variable = syntax.field(above, "variable")
            yield from () if variable is None else (syntax.text(variable),)
            return
        elif above.type == "binary_expression":
            yield from (syntax.text(operand) for operand in above.named_children if operand != inner)
            return
        elif above.type not in ("string", "concatenation", "array"):
            return
        inner, above = above, above.parent


def _parts(source: Source, node: Node, variables: Variables) -> Iterator[Part]:
    if node.type == "word":
        text = syntax.text(node)
        said = _ESCAPE.sub(r"\1", text)
        yield Part(said, text, Span(node.start_byte, node.end_byte) if said == text else None)
    elif node.type == "raw_string":
        body = Span(node.start_byte + 1, node.end_byte - 1)
        yield Part(source.text(body), syntax.text(node), body)
    elif node.type == "string":
        yield from _quoted(source, node, variables)
    elif node.type == "concatenation":
        for child in node.named_children:
            yield from _parts(source, child, variables)
    else:
        yield _expanded(node, variables)


def _quoted(source: Source, node: Node, variables: Variables) -> Iterator[Part]:
    at = node.start_byte + 1
    for child in [*node.named_children, None]:
        end = node.end_byte - 1 if child is None else child.start_byte
        if child is not None and child.type == "string_content":
            continue
        if at < end:
            text = source.text(Span(at, end))
            yield Part(text, text, None if "\\" in text else Span(at, end))
        if child is not None:
            yield _expanded(child, variables)
            at = child.end_byte


def _expanded(node: Node, variables: Variables) -> Part:
    """What an expansion gives: `$NAME` and `${NAME}` of a known variable, else unknown."""
    text = syntax.text(node)
    name = re.fullmatch(r"\$(?:(\w+)|\{(\w+)\})", text)
    return Part(None if name is None else variables.lookup(name[1] or name[2]), text)
