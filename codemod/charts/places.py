"""Where the nodes of a template stand: among which neighbours, in which branches, with which variables in sight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from codemod.formats.gotemplate import Action, Block, Branch, Define, If, Node, Pipe, Range, Template, With


class Scope:
    """The body of a definition or of a whole file: what its variables are set to, and where.

    `define` is None for the file. `helpers` are the templates, by name, that print nothing but a tag, each with the
    field that it reads it from. A variable that holds no pipeline's value (that of a `range`) is set to None.
    """

    def __init__(self, define: Define | Block | None = None, helpers: Mapping[str, str] | None = None) -> None:
        self.define = define
        self.helpers = helpers or {}
        self.assignments: dict[str, list[tuple[Pipe | None, Place]]] = {}


class Place(Struct, frozen=True):
    """A node is `nodes[index]`; `around` are the branches that hold it, the outermost first, and whether by `else`.

    `at` are the places of those branches.
    """

    scope: Scope
    nodes: list[Node]
    index: int
    around: tuple[tuple[Branch, bool], ...] = ()
    at: tuple[Place, ...] = ()

    @property
    def node(self) -> Node:
        """The node that stands here."""
        return self.nodes[self.index]

    @property
    def dot(self) -> tuple[Branch, ...]:
        """The branches that move the dot, the outermost first; empty where the dot is `$`."""
        return tuple(branch for branch, is_else in self.around if isinstance(branch, Range | With) and not is_else)

    def is_within(self, other: Place) -> bool:
        """Whether whatever executes this also executed the other place, if that stands before it."""
        return self.around[: len(other.around)] == other.around


def places(template: Template, helpers: Mapping[str, str] | None = None) -> list[Place]:
    """The places of all nodes outside expressions, in order."""
    return list(_places(template.nodes, Scope(None, helpers), (), ()))


def _places(
    nodes: list[Node], scope: Scope, around: tuple[tuple[Branch, bool], ...], at: tuple[Place, ...]
) -> Iterator[Place]:
    for index, node in enumerate(nodes):
        place = Place(scope, nodes, index, around, at)
        yield place
        match node:
            case Action():
                _remember(node.pipe, place)
            case Branch():
                _remember(node.pipe, place, is_range=isinstance(node, Range))
                yield from _places(node.body, scope, (*around, (node, False)), (*at, place))
                yield from _places(node.orelse, scope, (*around, (node, True)), (*at, place))
            case Define() | Block():
                yield from _places(node.body, Scope(node, scope.helpers), (), ())
            case _:
                continue


def _remember(pipe: Pipe, place: Place, *, is_range: bool = False) -> None:
    for variable in pipe.variables:
        place.scope.assignments.setdefault(variable.name, []).append((None if is_range else pipe, place))


def conditions(place: Place) -> Iterator[Pipe]:
    """The pipelines that decide whether a place is executed."""
    for branch, is_else in place.around:
        if isinstance(branch, If) or is_else or not isinstance(branch, Range):
            yield branch.pipe
