"""In whose company a file stands: two files of equal bytes in equal company mean the same, but for their paths.

The company are the releases that read the file as a layer, with their other layers, and the Kustomizations of Flux that
fill variables into it, or take them from it. Paths count from where they part from the file's own, so that folders of
one shape are alike.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from msgspec import Struct

from codemod.fleet.inflated import KIND
from codemod.fleet.stack import Layer, Stack

if TYPE_CHECKING:
    from codemod.fleet.fleet import Fleet


class Company(Struct, frozen=True):
    """`said` is equal where the company is; `stacks` are the numbers of its releases, `others` the files of these."""

    said: Hashable
    stacks: tuple[int, ...]
    others: tuple[str, ...]


NOBODY = Company(None, (), ())
_HERE = -1, ""
"""The way from a file to itself."""


class Companies:
    """The companies of the files of a fleet."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._alone = {*fleet.renames.touched, *fleet.handed.files}
        self._in_company = {*fleet.files_of_layers, *fleet.substitutions.files, *self._alone}

    def of(self, path: str) -> Company | None:
        """The company of a file; None where more depends on its path: images renamed, parameters handed."""
        return self._found(path) if path in self._in_company else NOBODY

    def _found(self, path: str) -> Company | None:
        fleet = self._fleet
        numbers = fleet.numbers_of(path)
        stacks = [fleet.stacks[number] for number in numbers]
        if path in self._alone or any(map(_is_alone, stacks)):
            return None
        others = dict.fromkeys([layer.path for stack in stacks for layer in stack.layers if layer.path != path])
        said = (
            tuple([_told(path, stack) for stack in stacks]),
            tuple([(_apart(path, other), fleet.tree.text(other)) for other in others]),
            fleet.substitutions.said_of(path),
        )
        return Company(said, numbers, tuple(others))


def _is_alone(stack: Stack) -> bool:
    """Whether more speaks of a release than its layers say.

    A chart at hand is read by other releases, too, whose layers decide what its tags are; what kustomize renders, the
    kustomizations above change; values come from files that no layer names.
    """
    if stack.chart is not None or stack.kind == KIND:
        return True
    return bool(stack.missing or stack.set_by_files or stack.images or [1 for layer in stack.layers if layer.handed])


def _told(path: str, stack: Stack) -> Hashable:
    """All that a release of a chart from elsewhere says, its paths from the file on."""
    declared, colon, line = stack.origin.rpartition(":")
    return (
        stack.name,
        stack.environment,
        stack.kind,
        stack.release,
        stack.namespace,
        stack.has_namespace,
        stack.notes,
        _apart(path, declared),
        colon,
        line,
        tuple([_within(path, layer) for layer in stack.layers]),
    )


def _within(path: str, layer: Layer) -> Hashable:
    return (
        _HERE if layer.path == path else _apart(path, layer.path),
        layer.document,
        layer.within,
        layer.is_text,
        layer.parameters,
        layer.prefix,
        layer.filled,
    )


def _apart(path: str, other: str) -> tuple[int, str]:
    """The way from a file to another: how many folders up from its own, and the rest of the path."""
    if path == other:
        return _HERE
    folders, rest = path.split("/")[:-1], other.split("/")
    common = 0
    while common < len(folders) and common < len(rest) - 1 and folders[common] == rest[common]:
        common += 1
    return len(folders) - common, "/".join(rest[common:])
