"""The nodes of a Go template, named after those of Go's `text/template/parse`, with byte spans into the source.

The span of an action is all of its `{{ … }}`, trim markers included; an `if`, `range`, `with`, `block` or `define`
has the span of the action that opens it, and `else_span` and `end_span` are those of the actions that go on with it
and close it. The span of an expression is what is written; that of a pipeline in parentheses holds them.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from codemod.source import Span


class Node(Struct, eq=False):
    """Anything with a place: the bytes `[start, end)`."""

    start: int
    end: int

    @property
    def span(self) -> Span:
        """The bytes of the node."""
        return Span(self.start, self.end)


class Text(Node, eq=False):
    """What stands between two actions: the span is all of it, `text` what the trim markers beside it leave.

    `text_start` is the offset at which that begins.
    """

    text: str
    text_start: int


class Comment(Node, eq=False):
    """`{{/* … */}}`."""


class Break(Node, eq=False):
    """`{{break}}`."""


class Continue(Node, eq=False):
    """`{{continue}}`."""


class Dot(Node, eq=False):
    """`.`."""


class Nil(Node, eq=False):
    """`nil`."""


class Bool(Node, eq=False):
    """`true` or `false`."""

    value: bool


class Number(Node, eq=False):
    """A number or a character constant: a float where it is written as one (`1.0`, `1e3`), else an int."""

    value: int | float


class String(Node, eq=False):
    """A string literal: `value` is the decoded text; `raw` where it is written in backquotes."""

    value: str
    raw: bool


class Identifier(Node, eq=False):
    """The name of a function."""

    name: str


class Field(Node, eq=False):
    """`.a.b`: `names` are `("a", "b")`."""

    names: tuple[str, ...]


class Variable(Node, eq=False):
    """`$`, `$x` or `$x.a.b`: `name` holds the dollar sign, `names` are the fields."""

    name: str
    names: tuple[str, ...]


class Chain(Node, eq=False):
    """`(pipeline).a.b` or `function.a`: fields of what `operand` gives."""

    operand: Node
    names: tuple[str, ...]


class Command(Node, eq=False):
    """Operands that stand side by side: a function and its arguments, or one value."""

    operands: tuple[Node, ...]


class Pipe(Node, eq=False):
    """Commands with `|` between them, and the variables that the result is declared as or, `assigns`, assigned to."""

    commands: tuple[Command, ...]
    variables: tuple[Variable, ...] = ()
    assigns: bool = False


class Action(Node, eq=False):
    """`{{ pipeline }}`."""

    pipe: Pipe


class Branch(Node, eq=False):
    """What `if`, `range` and `with` share: a pipeline, the body, and what stands after `else`.

    `{{else if}}` and `{{else with}}` are, as in Go, one nested node in `orelse`; its own span is that of the
    `{{else …}}`, and it has no `end_span`, for the outermost node has it.
    """

    pipe: Pipe
    body: list[Node] = field(default_factory=list)
    orelse: list[Node] = field(default_factory=list)
    else_span: Span | None = None
    end_span: Span | None = None


class If(Branch, Struct, eq=False):
    """`{{if}}`."""


class Range(Branch, Struct, eq=False):
    """`{{range}}`."""


class With(Branch, Struct, eq=False):
    """`{{with}}`."""


class Define(Node, eq=False):
    """`{{define "name"}}`, or the definition that a `{{block}}` makes."""

    name: str
    body: list[Node] = field(default_factory=list)
    end_span: Span | None = None


class TemplateCall(Node, eq=False):
    """`{{template "name" pipeline}}`; without a pipeline the dot is nil."""

    name: str
    pipe: Pipe | None


class Block(TemplateCall, Struct, eq=False):
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
