"""Walking a template: its actions executed, and the branches that are not taken looked into as well."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from codemod.charts.builtins import pairs_of, truth
from codemod.charts.calls import Function, undo
from codemod.charts.errors import TemplateError
from codemod.charts.functions.printing import go_print
from codemod.charts.rendered import NO_VALUE, Chunk, Problem, Shadow, finished, joined
from codemod.charts.templates import Body, Exhausted, Templates, stands_alone
from codemod.charts.unknown import Unknown, settled
from codemod.formats.gotemplate import (
    Action,
    Block,
    Branch,
    Break,
    Comment,
    Continue,
    Define,
    If,
    Node,
    Pipe,
    Range,
    Template,
    TemplateCall,
    Text,
    With,
)

STOPS_AFTER = 2
LENGTH, TURNS = 64, 8


class Execution(Templates):
    """One template being executed.

    `spent` counts the nodes that were executed, and what they print. Once it is more than `budget`, nothing is looked
    into any more; past `limit` everything stops.
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
        self.spent = 0
        self.budget = budget
        self.limit = budget * STOPS_AFTER

    def run(self, nodes: list[Node], dot: object) -> type[Node] | None:
        """Execute some nodes into `chunks`; `Break` or `Continue` where one of them ended it. Raises `Exhausted`."""
        self.spend(len(nodes) + 1)
        for node in nodes:
            if type(node) is Text:
                self._write(node.text, node)
                continue
            signal = _ACTIONS[type(node)](self, node, dot)
            if signal is not None:
                return signal
        return None

    def _write(self, text: str, node: Node) -> None:
        self.chunks.append(Chunk(text, self.template, node))
        self.spend(len(text) // LENGTH)

    def spend(self, cost: int) -> None:
        """Note what is executed or printed; raises `Exhausted` past the limit."""
        self.spent += cost
        if self.spent > self.limit:
            raise Exhausted("the template executes too many actions")

    def _print(self, value: object, node: Node) -> None:
        if isinstance(value, str):
            self._write(value, node)
        else:
            self._write(NO_VALUE if value is None else go_print(settled(value)), node)

    def _value(self, pipe: Pipe, dot: object, node: Node) -> object:
        """The value of an action's pipeline; unknown where it fails."""
        around = self.explores, self.alone
        self.explores = self.explores and self.deep
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
        if self.explores and not pipe.variables and stands_alone(node, self.template):
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

    def _branch(self, node: If | With, dot: object) -> type[Node] | None:
        mark, certain = len(self.variables), self.certain
        value = self._value(node.pipe, dot, node)
        self._bind(node, value)
        holds = truth(value)
        if holds is None:
            self._guess(value, node)
        is_with = type(node) is With
        if holds is not False:
            self._shadow(node, node.orelse, dot)
        elif is_with:
            self._shadow(node, node.body, dot, imagines=True)
        else:
            self._shadow(node, node.body, dot)
        signal = self.run(node.orelse, dot) if holds is False else self.run(node.body, value if is_with else dot)
        del self.variables[mark:]
        self.certain = certain
        return signal

    def _range(self, node: Range, dot: object) -> type[Node] | None:
        certain = self.certain
        value = self._value(node.pipe, dot, node)
        try:
            pairs = pairs_of(value, len(node.pipe.variables))
        except TemplateError as error:
            value = self._failed(error, node)
            pairs = [(value, value)]
        if type(value) is Unknown:
            self._guess(value, node)
        signal = None
        self.spend(len(pairs) // TURNS)
        if pairs:
            self._shadow(node, node.orelse, dot)
        else:
            self._shadow(node, node.body, dot, imagines=True)
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

    def _shadow(self, node: Branch, nodes: list[Node], dot: object, imagines: bool = False) -> None:
        """Execute a branch that is not taken: its output is kept apart, what it changes is changed back.

        `imagines`: the dot and the variables of the branch are what an empty pipeline did not give.
        """
        if not (nodes and self.explores and self.spent <= self.budget):
            return
        around = self.chunks, self.variables, self.certain, self.journal, self.limit
        self.chunks, self.variables, self.journal = [], list(self.variables), []
        self.certain, self.limit = False, self.budget
        chunks, journal = self.chunks, self.journal
        try:
            with suppress(Exhausted, TemplateError):
                if imagines:
                    dot = self._imagined(node)
                    self._declare(node, dot, dot)
                self.run(nodes, dot)
        finally:
            self.chunks, self.variables, self.certain, self.journal, self.limit = around
            undo(journal)
        text = finished(joined(chunks))
        if text.strip():
            begins = nodes[0].start
            self.shadows[Shadow(self.template.name, self.template.line(begins), text)] = None

    def _call_template(self, node: TemplateCall, dot: object) -> None:
        given = self._value(node.pipe, dot, node) if node.pipe else None
        around = self.explores
        self.explores = around and (self.deep or isinstance(node, Block) or stands_alone(node, self.template))
        try:
            self.execute(node.name, given)
        except TemplateError as error:
            self._print(self._failed(error, node), node)
        finally:
            self.explores = around


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
    If: Execution._branch,
    Range: Execution._range,
    TemplateCall: Execution._call_template,
    With: Execution._branch,
}
