"""Calls that put an image together: `printf "%s:%s" name tag`, `print name ":" tag`, `join ":" (list name tag)`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from codemod.edits import Edit
from codemod.formats.gotemplate import Command, Identifier, Node, Pipe, String, walk
from codemod.patterns import on_use
from codemod.source import Span

_VERB = on_use(r"%[sv]")
_TAG = on_use(r":(?:%[sv]|[\w.-])*%[sv](?:%[sv]|[\w.-])*")
_PLAIN = on_use(r"(?:[^\\%]|%[sv])*")
_FIELD = b"\0"


class Call(Struct, frozen=True):
    """A call, the operands that make its tag, and the edits after which it takes the digest instead.

    `names` are the operands that make the last part of the image's name, none where that is a literal.
    """

    span: Span
    tags: tuple[Node, ...]
    names: tuple[Node, ...]
    _edits: tuple[Edit, ...]

    def swapped(self, digest: str) -> tuple[Edit, ...]:
        """The edits, for the field that holds the digest."""
        return tuple(Edit(edit.start, edit.end, edit.text.replace(_FIELD, digest.encode())) for edit in self._edits)

    def replaced(self, ref: str) -> tuple[Edit, ...]:
        """The edit that puts a field in the place of the call."""
        return (Edit(*self.span, ref.encode()),)


def calls(pipe: Pipe, data: bytes) -> Iterator[Call]:
    """The calls in a pipeline, nested ones too."""
    for node in walk([pipe]):
        commands = node.commands if isinstance(node, Pipe) else ()
        for at, command in enumerate(commands):
            found = _call(command, commands[:at], data)
            if found is not None:
                yield Call(Span(commands[0].start, command.end), *found)


_Parts = tuple[tuple[Node, ...], tuple[Node, ...], tuple[Edit, ...]]


def _call(command: Command, piped: Sequence[Command], data: bytes) -> _Parts | None:
    function, *operands = command.operands
    if not isinstance(function, Identifier) or not operands:
        return None
    first = operands[0]
    if function.name == "printf" and isinstance(first, String):
        return _printf(command, first, operands[1:], piped, data)
    if function.name == "print" and not piped:
        return _print(operands, data)
    if function.name == "join" and isinstance(first, String) and first.value == ":":
        return _join(first, operands[1:] or piped, data)
    return None


def _printf(
    command: Command, template: String, operands: list[Node], piped: Sequence[Command], data: bytes
) -> _Parts | None:
    """One tag in the format; what is piped into the call is its last operand, and has to be the tag."""
    written = data[template.start + 1 : template.end - 1].decode("utf-8", "replace")
    verbs, tags = list(_VERB.finditer(written)), list(_TAG.finditer(written))
    if _PLAIN.fullmatch(written) is None or len(tags) != 1 or len(verbs) != len(operands) + bool(piped):
        return None
    parts = [at for at, verb in enumerate(verbs) if tags[0].start() < verb.start() < tags[0].end()]
    last = written.rfind("/", 0, tags[0].start()) + 1
    names = tuple(operands[at] for at, verb in enumerate(verbs) if last <= verb.start() < tags[0].start())
    spelled = Edit(template.start + 1 + tags[0].start(), template.start + 1 + tags[0].end(), b"@%s")
    if not piped:
        own = [operands[at] for at in parts]
        return tuple(own), names, (spelled, Edit(own[0].start, own[-1].end, _FIELD))
    if parts != [len(operands)]:
        return None
    unpiped = Edit(piped[0].start, command.start, b"")
    return tuple(piped), names, (unpiped, spelled, Edit(command.end, command.end, b" " + _FIELD))


def _print(operands: list[Node], data: bytes) -> _Parts | None:
    """A literal that ends with a colon, then the tag, last of all."""
    if len(operands) < 2:
        return None
    *_, before, tag = operands
    if not isinstance(before, String) or not data[before.start : before.end].endswith((b':"', b":`")):
        return None
    names = tuple(operands[-3:-2]) if before.value == ":" else ()
    return (tag,), names, (Edit(before.end - 2, before.end - 1, b"@"), Edit(tag.start, tag.end, _FIELD))


def _join(colon: String, joined: Sequence[Node], data: bytes) -> _Parts | None:
    """A list of a repository and a tag, in parentheses or piped."""
    found = joined[0] if len(joined) == 1 else None
    command = found.commands[0] if isinstance(found, Pipe) and len(found.commands) == 1 else found
    if not isinstance(command, Command) or len(command.operands) != 3:
        return None
    function, name, tag = command.operands
    if not isinstance(function, Identifier) or function.name != "list":
        return None
    return (tag,), (name,), (Edit(colon.start + 1, colon.end - 1, b"@"), Edit(tag.start, tag.end, _FIELD))
