"""Structs of Go files and their fields by the names that JSON gives them, and edits that add one as gofmt has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from codemod import syntax
from codemod.edits import Edit
from codemod.patterns import on_use
from codemod.source import Source, Span

if TYPE_CHECKING:
    from tree_sitter import Node

_GRAMMAR = "tree_sitter_go"
_JSON = on_use(r'json:"([^",]*)((?:,\w+)*)"')
_TYPE = on_use(r"(?:\*|\[\]|map\[\w+\])*(?:\w+\.)?(\w+)")
_FIELD_LINE = on_use(rb"[ \t]*[\w*]")


class Field(NamedTuple):
    """One field: its name (empty where it is embedded), the name in JSON, its type as written and that type's name."""

    name: str
    json: str
    type: str
    type_name: str
    span: Span

    @property
    def is_inline(self) -> bool:
        """Whether its own fields stand in its place."""
        return not self.name and not self.json


class Struct(NamedTuple):
    """A struct type of a file; `is_object` says that it is one of Kubernetes (it holds a `TypeMeta`)."""

    name: str
    fields: tuple[Field, ...]
    is_object: bool


def structs(source: Source) -> tuple[Struct, ...]:
    """The struct types that a file declares; none where it does not parse."""
    if structs not in source.memo:
        source.memo[structs] = tuple(_structs(source))
    found: tuple[Struct, ...] = source.memo[structs]
    return found


def _structs(source: Source) -> Iterator[Struct]:
    root = syntax.root(source, _GRAMMAR)
    for declaration in root.named_children if root is not None else ():
        for spec in declaration.named_children if declaration.type == "type_declaration" else ():
            name, struct = syntax.field(spec, "name"), syntax.field(spec, "type")
            if name is not None and struct is not None and struct.type == "struct_type":
                nodes = struct.named_children[0].named_children if struct.named_children else []
                fields = tuple(_field(node) for node in nodes if node.type == "field_declaration")
                is_object = any(not field.name and field.type_name == "TypeMeta" for field in fields)
                yield Struct(syntax.text(name), fields, is_object)


def _field(node: Node) -> Field:
    name, kind, tag = (syntax.field(node, part) for part in ("name", "type", "tag"))
    match = _JSON.search(syntax.text(tag)) if tag is not None else None
    written = syntax.text(kind) if kind is not None else ""
    type_name = _TYPE.fullmatch(written)
    return Field(
        syntax.text(name) if name is not None else "",
        match[1] if match is not None else "",
        written,
        type_name[1] if type_name is not None else "",
        Span(node.start_byte, node.end_byte),
    )


def add_field(source: Source, after: Field, comments: tuple[str, ...], declaration: str) -> Edit:
    """A new field with comments above, behind the lines that gofmt aligns with those of `after`.

    An empty line sets it apart where one does so for `after`, or where fields would be aligned with it.
    """
    data = source.data
    start = data.rfind(b"\n", 0, after.span.start) + 1
    lines = [data[start : _line_end(data, after.span.end)]]
    end = _line_end(data, after.span.end)
    while _FIELD_LINE.match(line := data[end : _line_end(data, end)]):
        lines.append(line)
        end += len(line)
    newline = b"\r\n" if lines[0].endswith(b"\r\n") else b"\n"
    indent = data[start : after.span.start]
    is_apart = len(lines) > 1 or _is_apart(data, start) or not data[end : _line_end(data, end)].strip()
    added = b"".join(indent + text.encode() + newline for text in (*(f"// {one}" for one in comments), declaration))
    return Edit(end, end, (newline if is_apart else b"") + added)


def _is_apart(data: bytes, start: int) -> bool:
    """Whether an empty line stands above the comments of a field."""
    while start:
        above = data.rfind(b"\n", 0, start - 1) + 1
        line = data[above:start].strip()
        if not line.startswith(b"//"):
            return not line
        start = above
    return False


def _line_end(data: bytes, offset: int) -> int:
    found = data.find(b"\n", offset)
    return len(data) if found < 0 else found + 1


def imported_as(source: Source, path: str) -> str | None:
    """The name by which a file knows a package, None where it does not import it by one."""
    for spec in syntax.nodes(source, _GRAMMAR, ("import_spec",)):
        written, name = syntax.field(spec, "path"), syntax.field(spec, "name")
        if written is not None and syntax.text(written)[1:-1] == path:
            alias = syntax.text(name) if name is not None else path.rpartition("/")[2]
            return alias if alias.isidentifier() and alias != "_" else None
    return None


def add_import(source: Source, alias: str, path: str) -> Edit | None:
    """Import a package by a name, sorted into the group that begins like it; None where the name is taken."""
    specs = syntax.nodes(source, _GRAMMAR, ("import_spec",))
    paths = [(syntax.text(node)[1:-1], spec) for spec in specs if (node := syntax.field(spec, "path")) is not None]
    names = [syntax.text(node) for spec in specs if (node := syntax.field(spec, "name")) is not None]
    if not paths or alias in names or any(one.rpartition("/")[2] == alias for one, _ in paths):
        return None
    host = path.partition("/")[0]
    like = [(one, spec) for one, spec in paths if one.startswith(f"{host}/")] or paths
    before = next((spec for one, spec in like if one > path), None)
    is_listed = like[0][1].parent is not None and like[0][1].parent.type == "import_spec_list"
    at = before if before is not None else like[-1][1]
    line = source.data.rfind(b"\n", 0, at.start_byte) + 1
    end = _line_end(source.data, at.end_byte)
    newline = b"\r\n" if source.data[line:end].endswith(b"\r\n") else b"\n"
    text = f'\t{alias} "{path}"' if is_listed else f'import {alias} "{path}"'
    place = line if before is not None else end
    return Edit(place, place, text.encode() + newline)
