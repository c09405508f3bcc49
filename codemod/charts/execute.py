"""Walking a template: its actions executed, and the branches that are not taken looked into as well."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from codemod.charts.builtins import truth
from codemod.charts.calls import Function
from codemod.charts.errors import TemplateError
from codemod.charts.functions.printing import go_print
from codemod.charts.rendered import NO_VALUE, Chunk, Problem, Shadow, finished, joined
from codemod.charts.templates import Body, Templates
from codemod.charts.unknown import Unknown, settled
from codemod.formats.gotemplate import (
    Action,
    Block,
    Branch,
    Break,
    Comment,
    Continue,
    Define,
    Identifier,
    If,
    Node,
    Pipe,
    Range,
    Template,
    TemplateCall,
    Text,
    With,
)

STOPS_AFTER = 10


class Exhausted(Exception):
    """More nodes were executed than the budget allows."""


class Execution(Templates):
    """One template being executed.

    `certain` says whether Helm would come by here. `spent` counts the nodes that were executed; once there are more
    than `budget`, nothing is looked into any more, and past `limit` everything stops.
    """

    def __init__(
        self,
        bodies: Mapping[str, Body],
        functions: Mapping[str, Function],
        parsed: dict[str, Template],
        budget: int,
    ) -> None:
        super().__init__(bodies, functions, parsed)
        self.shadows: dict[Shadow, None] = {}
        self.problems: dict[Problem, None] = {}
        self.guesses: dict[Problem, None] = {}
        self.certain = True
        self.spent = 0
        self.budget = budget
        self.limit = budget * STOPS_AFTER

    def run(self, nodes: list[Node], dot: object) -> type[Node] | None:
        """Execute some nodes into `chunks`; `Break` or `Continue` where one of them ended it. Raises `Exhausted`."""
        self.spent += len(nodes) + 1
        if self.spent > self.limit:
            raise Exhausted
        for node in nodes:
            if type(node) is Text:
                self.chunks.append(Chunk(node.text, self.template, node))
                continue
            signal = _ACTIONS[type(node)](self, node, dot)
            if signal is not None:
                return signal
        return None

    def _print(self, value: object, node: Node) -> None:
        if type(value) is not str:
            value = NO_VALUE if value is None else go_print(settled(value))
        self.chunks.append(Chunk(value, self.template, node))

    def _value(self, pipe: Pipe, dot: object, node: Node) -> object:
        """The value of an action's pipeline; unknown where it fails."""
        around = self.explores, self.alone
        self.explores = False
        try:
            return self.pipeline(pipe, dot)
        except TemplateError as error:
            return self._failed(error, node)
        finally:
            self.explores, self.alone = around

    def _failed(self, error: TemplateError, node: Node) -> Unknown:
        if self.certain:
            self.problems[Problem(self.template.name, self.template.line(node.start), str(error))] = None
        return Unknown(f"error({error})")

    def _guess(self, value: object, node: Branch) -> None:
        """Note that a condition is unknown; what comes of it is not certain."""
        if self.certain:
            self.guesses[Problem(self.template.name, self.template.line(node.start), f"unknown: {value}")] = None
        self.certain = False

    def _action(self, node: Action, dot: object) -> None:
        pipe = node.pipe
        if self.explores and not pipe.variables and self._stands_alone(node):
            self.alone = pipe.commands[0]
        value = self._value(pipe, dot, node)
        self.alone = None
        try:
            if pipe.variables:
                self.bind(pipe, value)
            else:
                self._print(value, node)
        except TemplateError as error:
            self._print(self._failed(error, node), node)

    def _stands_alone(self, node: Action | TemplateCall) -> bool:
        """Whether a call of a template is all that stands on its lines."""
        if isinstance(node, Action):
            called = node.pipe.commands[0].operands[0]
            if not isinstance(called, Identifier) or called.name != "include":
                return False
        data = self.template.data
        before = data[data.rfind(b"\n", 0, node.start) + 1 : node.start]
        after = data[node.end : data.find(b"\n", node.end) + 1 or len(data)]
        return not before.strip() and not after.strip()

    def _if(self, node: If, dot: object) -> type[Node] | None:
        mark, certain = len(self.variables), self.certain
        value = self._value(node.pipe, dot, node)
        self._bind(node, value)
        holds = truth(value)
        if holds is None:
            self._guess(value, node)
        if self._explores():
            self._shadow(node, node.orelse if holds is not False else node.body, dot)
        signal = self.run(node.body if holds is not False else node.orelse, dot)
        del self.variables[mark:]
        self.certain = certain
        return signal

    def _with(self, node: With, dot: object) -> type[Node] | None:
        mark, certain = len(self.variables), self.certain
        value = self._value(node.pipe, dot, node)
        self._bind(node, value)
        holds = truth(value)
        if holds is None:
            self._guess(value, node)
        if holds is False:
            if self._explores():
                self._shadow(node, node.body, self._imagined(node), declares=True)
            signal = self.run(node.orelse, dot)
        else:
            if self._explores():
                self._shadow(node, node.orelse, dot)
            signal = self.run(node.body, value)
        del self.variables[mark:]
        self.certain = certain
        return signal

    def _range(self, node: Range, dot: object) -> type[Node] | None:
        certain = self.certain
        value = self._value(node.pipe, dot, node)
        try:
            pairs = _pairs(value)
        except TemplateError as error:
            value = self._failed(error, node)
            pairs = [(value, value)]
        if type(value) is Unknown:
            self._guess(value, node)
        signal = None
        if self._explores():
            if pairs:
                self._shadow(node, node.orelse, dot)
            else:
                self._shadow(node, node.body, self._imagined(node), declares=True)
        if not pairs:
            signal = self.run(node.orelse, dot)
        for key, element in pairs:
            if self._turn(node, key, element) is Break:
                break
        self.certain = certain
        return signal

    def _turn(self, node: Range, key: object, element: object) -> type[Node] | None:
        mark = len(self.variables)
        self._declare(node, key, element)
        signal = self.run(node.body, element)
        del self.variables[mark:]
        return signal

    def _declare(self, node: Branch, key: object, element: object) -> None:
        names = node.pipe.variables
        for variable, value in zip(names, (key, element) if len(names) > 1 else (element,), strict=False):
            self.set(variable.name, value, node.pipe.assigns)

    def _bind(self, node: Branch, value: object) -> None:
        try:
            self.bind(node.pipe, value)
        except TemplateError as error:
            self._failed(error, node)

    def _imagined(self, node: Branch) -> Unknown:
        """What stands for the value of an empty pipeline while the body is looked into."""
        pipe = node.pipe
        return Unknown(self.template.data[pipe.commands[0].start : pipe.end].decode("utf-8", "replace"))

    def _explores(self) -> bool:
        return self.explores and self.spent <= self.budget

    def _shadow(self, node: Branch, nodes: list[Node], dot: object, declares: bool = False) -> None:
        """Execute a branch that is not taken: its output is kept apart, what it changes is changed back."""
        if not nodes:
            return
        around = self.chunks, self.variables, self.certain, self.journal, self.limit
        self.chunks, self.variables, self.journal = [], list(self.variables), []
        self.certain, self.limit = False, self.budget
        chunks = self.chunks
        with suppress(Exhausted, TemplateError):
            if declares:
                self._declare(node, dot, dot)
            self.run(nodes, dot)
        self.undo()
        self.chunks, self.variables, self.certain, self.journal, self.limit = around
        text = finished(joined(chunks))
        if text.strip():
            begins = nodes[0].start
            self.shadows[Shadow(self.template.name, self.template.line(begins), text)] = None

    def _call_template(self, node: TemplateCall, dot: object) -> None:
        given = self._value(node.pipe, dot, node) if node.pipe else None
        around = self.explores
        self.explores = around and (isinstance(node, Block) or self._stands_alone(node))
        try:
            self.execute(node.name, given)
        except TemplateError as error:
            self._print(self._failed(error, node), node)
        finally:
            self.explores = around


def _pairs(value: object) -> list[tuple[object, object]]:
    """What a `range` goes over: keys or indexes with their values; raises `TemplateError` where it cannot."""
    if value is None:
        return []
    if type(value) is Unknown:
        return [(value.field("key"), value.field("each"))]
    if isinstance(value, dict):
        return sorted(value.items())
    if isinstance(value, list | tuple):
        return list(enumerate(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return [(at, at) for at in range(min(value, 1_000_000))]
    raise TemplateError(f"range can't iterate over {go_print(value)}")


def _nothing(execution: Execution, node: Node, dot: object) -> None:
    return None


def _jump(execution: Execution, node: Node, dot: object) -> type[Node]:
    return type(node)


_ACTIONS: dict[type[Node], Callable[[Execution, Any, object], type[Node] | None]] = {
    Action: Execution._action,
    Block: Execution._call_template,
    Break: _jump,
    Comment: _nothing,
    Continue: _jump,
    Define: _nothing,
    If: Execution._if,
    Range: Execution._range,
    TemplateCall: Execution._call_template,
    With: Execution._with,
}
