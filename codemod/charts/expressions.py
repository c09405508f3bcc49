"""Pipelines and their operands, evaluated as Go's `text/template/exec.go` does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from codemod.charts.builtins import truth
from codemod.charts.errors import TemplateError
from codemod.charts.functions.values import type_of
from codemod.charts.unknown import Unknown
from codemod.formats.gotemplate import (
    Bool,
    Chain,
    Command,
    Dot,
    Field,
    Identifier,
    Nil,
    Node,
    Number,
    Pipe,
    String,
    Variable,
)

MISSING = object()
FAILURES = (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError)


class Expressions:
    """Evaluates expressions: knows the variables in scope; `call` is for whoever knows functions.

    Of two variables with one name the last one counts. All methods raise `TemplateError` where Go stops with an error.
    """

    def __init__(self) -> None:
        self.variables: list[tuple[str, object]] = []

    def call(self, name: str, values: list[object], command: Node) -> object:
        """The result of a function; `command` is where it is called."""
        raise NotImplementedError

    def pipeline(self, pipe: Pipe, dot: object) -> object:
        """The value of a pipeline, its variables left alone."""
        value = MISSING
        for command in pipe.commands:
            value = self.command(command, dot, value)
        return value

    def bind(self, pipe: Pipe, value: object) -> None:
        """Declare or assign the last variable of a pipeline."""
        for variable in pipe.variables[-1:]:
            self.set(variable.name, value, pipe.assigns)

    def set(self, name: str, value: object, assigns: bool) -> None:
        """Declare a variable, or assign to the one that is in scope."""
        if not assigns:
            self.variables.append((name, value))
            return
        for at in range(len(self.variables) - 1, -1, -1):
            if self.variables[at][0] == name:
                self.variables[at] = name, value
                return
        raise TemplateError(f"undefined variable: {name}")

    def variable(self, name: str) -> object:
        """The value of a variable."""
        for known, value in reversed(self.variables):
            if known == name:
                return value
        raise TemplateError(f"undefined variable: {name}")

    def command(self, command: Command, dot: object, final: object) -> object:
        """The value of one command; `final` is what comes through the pipe, or `MISSING`."""
        first, *rest = command.operands
        if not rest and final is MISSING:
            if type(first) is Nil:
                raise TemplateError("nil is not a command")
            return _OPERANDS[type(first)](self, first, dot)
        if isinstance(first, Identifier):
            if first.name in {"and", "or"}:
                return self._cut_short(first.name == "or", rest, dot, final)
            values = [_OPERANDS[type(node)](self, node, dot) for node in rest]
            if final is not MISSING:
                values.append(final)
            return self.call(first.name, values, command)
        if isinstance(first, Field | Variable | Chain):
            values = [_OPERANDS[type(node)](self, node, dot) for node in rest]
            return self._fields(first, dot, values if final is MISSING else [*values, final])
        raise TemplateError("can't give argument to non-function")

    def _cut_short(self, wanted: bool, nodes: list[Node], dot: object, final: object) -> object:
        """`and`, or with `wanted` `or`: the first value that decides, later ones not evaluated; else the last."""
        value: object = None
        for node in nodes:
            value = _OPERANDS[type(node)](self, node, dot)
            known = truth(value)
            if known is None:
                return Unknown(f"{'or' if wanted else 'and'}({value})")
            if known == wanted:
                return value
        return value if final is MISSING else final

    def _fields(self, node: Field | Variable | Chain, dot: object, values: list[object]) -> object:
        if isinstance(node, Field):
            return fields(dot, node.names, values)
        if isinstance(node, Chain):
            return fields(_OPERANDS[type(node.operand)](self, node.operand, dot), node.names, values)
        if values and not node.names:
            raise TemplateError(f"can't give argument to non-function {node.name}")
        return fields(self.variable(node.name), node.names, values)

    def _field(self, node: Field, dot: object) -> object:
        return fields(dot, node.names, [])

    def _variable(self, node: Variable, dot: object) -> object:
        value = self.variable(node.name)
        return fields(value, node.names, []) if node.names else value

    def _chain(self, node: Chain, dot: object) -> object:
        return self._fields(node, dot, [])

    def _identifier(self, node: Identifier, dot: object) -> object:
        if node.name in {"and", "or"}:
            raise TemplateError(f"wrong number of args for {node.name}: want at least 1 got 0")
        return self.call(node.name, [], node)

    def _constant(self, node: Bool | Number | String, dot: object) -> object:
        return node.value

    def _dot(self, node: Dot, dot: object) -> object:
        return dot

    def _nil(self, node: Nil, dot: object) -> object:
        return None


_OPERANDS: dict[type[Node], Callable[[Expressions, Any, object], object]] = {
    Bool: Expressions._constant,
    Chain: Expressions._chain,
    Dot: Expressions._dot,
    Field: Expressions._field,
    Identifier: Expressions._identifier,
    Nil: Expressions._nil,
    Number: Expressions._constant,
    Pipe: Expressions.pipeline,
    String: Expressions._constant,
    Variable: Expressions._variable,
}


def fields(value: object, names: tuple[str, ...], values: list[object]) -> object:
    """Fields of a value, one after the other; the last is called if it is a method, with the `values`.

    A field of a nil that comes from elsewhere is nil, a field of a field that is nil is an error, as in Go.
    """
    if value is None:
        return None
    last = len(names) - 1
    for at, name in enumerate(names):
        if isinstance(value, dict):
            value = value.get(name)
            if callable(value):
                value = called(value, name, values if at == last else [])
            elif values and at == last and type(value) is not Unknown:
                raise TemplateError(f"{name} is not a method but has arguments")
        elif type(value) is Unknown:
            return value.field(".".join(names[at:]))
        elif value is None:
            raise TemplateError(f"nil pointer evaluating interface {{}}.{name}")
        else:
            raise TemplateError(f"can't evaluate field {name} in type {type_of(value)}")
    return value


def called(function: object, name: str, values: list[object]) -> object:
    """What a method gives for some arguments."""
    if not callable(function):
        raise TemplateError(f"{name} is not a method but has arguments")
    if Unknown in map(type, values):
        return Unknown(f"{name}({';'.join(map(str, values))})")
    try:
        return function(*values)
    except FAILURES:
        raise TemplateError(f"error calling {name}: it takes no such arguments") from None
