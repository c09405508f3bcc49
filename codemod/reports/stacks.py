"""The releases as text for people, one block each, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from codemod.wording import plural, printable

if TYPE_CHECKING:
    from codemod.fleet import Stack

SCHEMA = 1
_CONFIGURATION = "the configuration"
_LABELS = 7
"""The width of `missing`, the longest word before a line of a block."""


def text(stacks: Sequence[Stack], color: bool = False) -> str:
    """A head line for each release (name, environment, kind, origin, aligned), and below it what it reads.

    Layers are numbered from the lowest to the highest: of two that set the same, the one with the higher number wins.
    """
    heads = [_head(stack) for stack in stacks]
    widths = [max(map(len, column)) for column in zip(*heads, strict=True)]
    blocks = []
    for stack, cells in zip(stacks, heads, strict=True):
        head = "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()
        lines = (f"  {label:>{_LABELS}}  {printable(said)}".rstrip() for label, said in _lines(stack))
        blocks.append("\n".join([f"\x1b[1m{head}\x1b[0m" if color else head, *lines]) + "\n")
    return "\n".join(blocks)


def to_json(stacks: Sequence[Stack]) -> str:
    """`{"schema": 1, "stacks": [...]}`, one object a line."""
    import json

    rows = ",\n    ".join(json.dumps(_object(stack)) for stack in stacks)
    listed = f"[\n    {rows}\n  ]" if rows else "[]"
    return f'{{\n  "schema": {SCHEMA},\n  "stacks": {listed}\n}}\n'


def summary(stacks: Sequence[Stack]) -> str:
    """How many releases there are, how many charts are at hand, and how many releases are not known in full."""
    charts = sum(stack.chart is not None for stack in stacks)
    lacking = sum(bool(stack.missing or stack.notes) for stack in stacks)
    return f"{plural(len(stacks), 'stack')}, {charts:,} with a chart at hand, {lacking:,} with something missing.\n"


def origin_of(stack: Stack) -> str:
    """What declares a release: `path:line`, or the configuration."""
    return stack.origin or _CONFIGURATION


def chart_of(stack: Stack) -> str:
    """The chart's folder, or that it is none of the repository's."""
    return "elsewhere" if stack.chart is None else stack.chart or "."


def _head(stack: Stack) -> tuple[str, ...]:
    cells = (stack.name, stack.environment or "-", stack.kind, origin_of(stack))
    return tuple(map(printable, cells))


def _lines(stack: Stack) -> Iterator[tuple[str, str]]:
    yield "chart", chart_of(stack)
    for number, layer in enumerate(stack.layers, 1):
        yield str(number), str(layer)
    yield from (("missing", path) for path in stack.missing)
    yield from (("note", note) for note in stack.notes)


def _object(stack: Stack) -> dict[str, Any]:
    return {
        "name": stack.name,
        "environment": stack.environment,
        "kind": stack.kind,
        "origin": stack.origin or None,
        "release": stack.release,
        "namespace": stack.namespace,
        "chart": stack.chart,
        "layers": [str(layer) for layer in stack.layers],
        "missing": list(stack.missing),
        "notes": list(stack.notes),
    }
