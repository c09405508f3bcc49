"""The nodes of a Go template, named after those of Go's `text/template/parse`, with byte spans into the source.

The span of an action is all of its `{{ … }}`, trim markers included; an `if`, `range`, `with`, `block` or `define`
has the span of the action that opens it, and `else_span` and `end_span` are those of the actions that go on with it
and close it. The span of an expression is what is written; that of a pipeline in parentheses holds them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from codemod.source import Span


@dataclass(slots=True, eq=False)
class Node:
    """Anything with a place: the bytes `[start, end)`."""

    start: int
    end: int

    @property
    def span(self) -> Span:
        """The bytes of the node."""
        return Span(self.start, self.end)


@dataclass(slots=True, eq=False)
class Text(Node):
    """What stands between two actions: the span is all of it, `text` what the trim markers beside it leave.

    `text_start` is the offset at which that begins.
    """

    text: str
    text_start: int


@dataclass(slots=True, eq=False)
class Comment(Node):
    """`{{/* … */}}`."""


@dataclass(slots=True, eq=False)
class Break(Node):
    """`{{break}}`."""


@dataclass(slots=True, eq=False)
class Continue(Node):
    """`{{continue}}`."""


@dataclass(slots=True, eq=False)
class Dot(Node):
    """`.`."""


@dataclass(slots=True, eq=False)
class Nil(Node):
    """`nil`."""


@dataclass(slots=True, eq=False)
class Bool(Node):
    """`true` or `false`."""

    value: bool


@dataclass(slots=True, eq=False)
class Number(Node):
    """A number or a character constant: a float where it is written as one (`1.0`, `1e3`), else an int."""

    value: int | float


@dataclass(slots=True, eq=False)
class String(Node):
    """A string literal: `value` is the decoded text; `raw` where it is written in backquotes."""

    value: str
    raw: bool


@dataclass(slots=True, eq=False)
class Identifier(Node):
    """The name of a function."""

    name: str


@dataclass(slots=True, eq=False)
class Field(Node):
    """`.a.b`: `names` are `("a", "b")`."""

    names: tuple[str, ...]


@dataclass(slots=True, eq=False)
class Variable(Node):
    """`$`, `$x` or `$x.a.b`: `name` holds the dollar sign, `names` are the fields."""

    name: str
    names: tuple[str, ...]


@dataclass(slots=True, eq=False)
class Chain(Node):
    """`(pipeline).a.b` or `function.a`: fields of what `operand` gives."""

    operand: Node
    names: tuple[str, ...]


@dataclass(slots=True, eq=False)
class Command(Node):
    """Operands that stand side by side: a function and its arguments, or one value."""

    operands: tuple[Node, ...]


@dataclass(slots=True, eq=False)
class Pipe(Node):
    """Commands with `|` between them, and the variables that the result is declared as or, `assigns`, assigned to."""

    commands: tuple[Command, ...]
    variables: tuple[Variable, ...] = ()
    assigns: bool = False


@dataclass(slots=True, eq=False)
class Action(Node):
    """`{{ pipeline }}`."""

    pipe: Pipe


@dataclass(slots=True, eq=False)
class Branch(Node):
    """What `if`, `range` and `with` share: a pipeline, the body, and what stands after `else`.

    `{{else if}}` and `{{else with}}` are, as in Go, one nested node in `orelse`; its own span is that of the
    `{{else …}}`, and it has no `end_span`, for the outermost node has it.
    """

    pipe: Pipe
    body: list[Node] = field(default_factory=list)
    orelse: list[Node] = field(default_factory=list)
    else_span: Span | None = None
    end_span: Span | None = None


@dataclass(slots=True, eq=False)
class If(Branch):
    """`{{if}}`."""


@dataclass(slots=True, eq=False)
class Range(Branch):
    """`{{range}}`."""


@dataclass(slots=True, eq=False)
class With(Branch):
    """`{{with}}`."""


@dataclass(slots=True, eq=False)
class Define(Node):
    """`{{define "name"}}`, or the definition that a `{{block}}` makes."""

    name: str
    body: list[Node] = field(default_factory=list)
    end_span: Span | None = None


@dataclass(slots=True, eq=False)
class TemplateCall(Node):
    """`{{template "name" pipeline}}`; without a pipeline the dot is nil."""

    name: str
    pipe: Pipe | None


@dataclass(slots=True, eq=False)
class Block(TemplateCall):
    """`{{block "name" pipeline}} … {{end}}`: defines a template, `body`, and calls it."""

    body: list[Node] = field(default_factory=list)
    end_span: Span | None = None


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below a node, in the order in which they stand."""
    match node:
        case Branch():
            return node.pipe, *node.body, *node.orelse
        case Block():
            return (*((node.pipe,) if node.pipe else ()), *node.body)
        case Define():
            return tuple(node.body)
        case TemplateCall():
            return (node.pipe,) if node.pipe else ()
        case Action():
            return (node.pipe,)
        case Pipe():
            return *node.variables, *node.commands
        case Command():
            return node.operands
        case Chain():
            return (node.operand,)
        case _:
            return ()


def walk(nodes: list[Node]) -> Iterator[Node]:
    """Every node of a list and below it, in the order in which they stand."""
    waiting = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))
