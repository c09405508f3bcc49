"""What executing a template gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from codemod.formats.gotemplate import Node, Template, Text

NO_VALUE = "<no value>"


class Chunk(NamedTuple):
    """One piece of output, and the text or action of a template that printed it."""

    text: str
    template: Template
    node: Node


class Shadow(NamedTuple):
    """What a branch that was not taken would have printed; `line` is where the branch begins."""

    template: str
    line: int
    text: str


class Problem(NamedTuple):
    """Something that went wrong in, or could not be known about, an action of a template."""

    template: str
    line: int
    message: str


class Origin(NamedTuple):
    """The place of the text or action that began a line of output."""

    template: str
    line: int


@dataclass(frozen=True, slots=True)
class Rendered:
    """The output of one template.

    `text` is what Helm prints; what cannot be known stands in it as an `Unknown` prints. `shadows` are the branches
    that were not taken, each with its own output, in the order in which they were met. `problems` are errors with
    which Helm would have stopped; `guesses` are conditions that cannot be known, whose first branch stands in `text`.
    `lines` has one entry for each line of `text`; what follows a last line break counts if it holds anything.
    `cost` is what it took, in actions; what would have gone on without end, or for too long, `is_cut`.
    """

    text: str = ""
    shadows: tuple[Shadow, ...] = ()
    problems: tuple[Problem, ...] = ()
    guesses: tuple[Problem, ...] = ()
    lines: tuple[Origin, ...] = ()
    cost: int = field(default=0, compare=False)
    is_cut: bool = False


def joined(chunks: Sequence[Chunk]) -> str:
    """The text of some output, nil values not yet removed."""
    return "".join([chunk.text for chunk in chunks])


def finished(text: str) -> str:
    """The text as Helm prints it: nil is nothing."""
    return text.replace(NO_VALUE, "") if NO_VALUE in text else text


def origins(chunks: Sequence[Chunk]) -> tuple[Origin, ...]:
    """Where each line of some output comes from."""
    found: list[Origin] = []
    begins = True
    for text, template, node in chunks:
        if not text:
            continue
        is_text = isinstance(node, Text)
        line = template.line(node.text_start if isinstance(node, Text) else node.start)
        breaks = text.count("\n")
        if begins:
            found.append(Origin(template.name, line))
        begins = text.endswith("\n")
        later = breaks - 1 if begins else breaks
        found += [Origin(template.name, line + at + 1 if is_text else line) for at in range(later)]
    return tuple(found)
