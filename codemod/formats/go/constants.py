"""The string constants of a Go package: the files of one folder, which see each other's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from codemod import syntax
from codemod.formats.go.expressions import constant, names_of
from codemod.program import Constants
from codemod.source import Source

if TYPE_CHECKING:
    from tree_sitter import Node


class Package(Constants):
    """The constants that the files of one folder declare outside functions; none where two files differ."""

    def __init__(self, files: Iterable[Source]) -> None:
        super().__init__()
        self.files = tuple(files)

    def _evaluated(self, name: str) -> str | None:
        word = name.encode()
        files = [file for file in self.files if word in file.data and b"const" in file.data]
        values = {self._value(file, node) for file in files for node in declared(file, name)}
        return values.pop() if len(values) == 1 else None

    def _value(self, file: Source, node: Node | None) -> str | None:
        return None if node is None else constant(file, node, self.lookup)


def declared(source: Source, name: str) -> Iterator[Node | None]:
    """The expressions that a file gives to a name on its top level; None where it is no constant, or has no value."""
    root = syntax.root(source, "tree_sitter_go")
    for declaration in root.named_children if root is not None else ():
        if declaration.type not in ("const_declaration", "var_declaration", "function_declaration"):
            continue
        for spec in _specs(declaration):
            names = names_of(spec)
            if name in names:
                values = syntax.field(spec, "value") if spec.type == "const_spec" else None
                given = values.named_children if values is not None else []
                yield given[names.index(name)] if len(given) == len(names) else None


def _specs(declaration: Node) -> Iterator[Node]:
    if declaration.type == "function_declaration":
        yield declaration
    for child in declaration.named_children:
        if child.type in ("const_spec", "var_spec"):
            yield child
        elif child.type == "var_spec_list":
            yield from child.named_children
