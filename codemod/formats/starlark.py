"""Calls with named arguments in Starlark, the language of Bazel's files: Python's grammar reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from codemod import syntax
from codemod.source import Source, Span
from codemod.transform import Language

if TYPE_CHECKING:
    from tree_sitter import Node

LANGUAGE = Language("starlark", suffixes=(".bazel", ".bzl"), names=("WORKSPACE", "BUILD", "WORKSPACE.bzlmod"))
_GRAMMAR = "tree_sitter_python"


class Argument(Struct, frozen=True):
    """A named argument: where its name stands, its code, and the text between its quotes if it is a plain string."""

    key: Span
    code: str
    text: str | None
    body: Span


class Call(Struct, frozen=True):
    """A call of a function, `oci.pull` say, with the arguments that have names."""

    function: str
    arguments: dict[str, Argument]

    def text(self, name: str) -> str | None:
        """The text of an argument that is a plain string."""
        found = self.arguments.get(name)
        return None if found is None else found.text


def calls(source: Source) -> Iterator[Call]:
    """The calls of a file, in order; none within what cannot be read."""
    for node in syntax.nodes(source, _GRAMMAR, ("call",)):
        function, given = syntax.field(node, "function"), syntax.field(node, "arguments")
        if function is not None and given is not None and syntax.is_sound(node):
            yield Call(syntax.text(function), dict(_arguments(given)))


def _arguments(given: Node) -> Iterator[tuple[str, Argument]]:
    for node in given.named_children:
        name, value = syntax.field(node, "name"), syntax.field(node, "value")
        if node.type == "keyword_argument" and name is not None and value is not None:
            body, text = Span(value.start_byte, value.end_byte), None
            if value.type == "string" and [child.type for child in value.children] in (_PLAIN, _EMPTY):
                body = Span(value.children[0].end_byte, value.children[-1].start_byte)
                text = "" if value.named_child_count < len(_PLAIN) else syntax.text(value.children[1])
            if text is not None and ("\\" in text or "\n" in text):
                text = None
            key = Span(name.start_byte, name.end_byte)
            yield syntax.text(name), Argument(key, syntax.text(value), text, body)


_PLAIN = ["string_start", "string_content", "string_end"]
_EMPTY = ["string_start", "string_end"]
