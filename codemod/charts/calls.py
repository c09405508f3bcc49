"""Calling functions: the ones that need the engine, and the rules for values that cannot be known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from codemod.charts.builtins import BUILTINS, truth
from codemod.charts.errors import TemplateError
from codemod.charts.expressions import MISSING, Expressions
from codemod.charts.functions.printing import go_print
from codemod.charts.functions.values import type_of
from codemod.charts.unknown import Unknown, is_unsure, settled
from codemod.formats.gotemplate import Node

Function = Callable[..., object]

_HOLDERS = frozenset({"append", "dict", "list", "mustAppend", "mustPrepend", "prepend", "push", "set", "tuple"})
_MERGES = frozenset({"merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite"})
_LOOKS = _HOLDERS | _MERGES | {"get", "hasKey", "index", "len", "unset", "first", "last", "keys", "dig", "empty"}
_COMPARES = frozenset({"eq", "ge", "gt", "le", "lt", "ne"})
_FAILURES = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError)


class Calls(Expressions):
    """Evaluates expressions with functions.

    An unknown function, or one that is given an unknown value, gives an unknown value. `journal` holds, while it is a
    list, the maps that functions changed, each with a copy of what it was.
    """

    def __init__(self, functions: Mapping[str, Function]) -> None:
        super().__init__()
        self.functions: dict[str, Function] = {**BUILTINS, **functions}
        self.journal: list[tuple[dict[str, object], dict[str, object]]] | None = None
        self.holds_unknown = False

    def call(self, name: str, values: list[object], command: Node) -> object:
        """The result of a function; raises `TemplateError` where the function fails."""
        function = self.functions.get(name)
        if function is None:
            return _unknown(name, values)
        if Unknown in map(type, values):
            found = _decided(name, values)
            if found is not MISSING:
                return found
            if name not in _HOLDERS or (name == "set" and not isinstance(values[0], dict)):
                return _unknown(name, values)
            self.holds_unknown = True
        if name in _COMPARES and any(map(is_unsure, values)):
            return _unknown(name, values)
        if self.journal is not None and values and (name in {"set", "unset"} or name in _MERGES):
            self._remember(values[0], name in _MERGES)
        if self.holds_unknown and name not in _LOOKS:
            values = [settled(value) for value in values]
        return self._result(name, function, values)

    def _result(self, name: str, function: Function, values: list[object]) -> object:
        try:
            return function(*values)
        except TemplateError:
            if any(map(is_unsure, values)):
                return _unknown(name, values)
            raise
        except _FAILURES as error:
            raise TemplateError(f"error calling {name}: {error}") from None

    def _remember(self, value: object, deep: bool) -> None:
        if self.journal is None or not isinstance(value, dict) or len(self.journal) > 10_000:
            return
        self.journal.append((value, dict(value)))
        for part in value.values() if deep else ():
            self._remember(part, deep)

    def undo(self) -> None:
        """Make the maps in the journal what they were."""
        for value, copy in reversed(self.journal or ()):
            value.clear()
            value.update(copy)


def _decided(name: str, values: list[object]) -> object:
    """The result that an unknown value among the arguments does not change; `MISSING` where it could."""
    if name == "default" and len(values) == 2 and truth(values[1]):
        return values[1]
    if name == "ternary" and len(values) == 3 and isinstance(values[2], bool):
        return values[0 if values[2] else 1]
    if name == "coalesce":
        first = next((value for value in values if truth(value) is not False), None)
        return MISSING if is_unsure(first) else first
    return MISSING


def _unknown(name: str, values: list[object]) -> Unknown:
    return Unknown(f"{name}({';'.join([_described(value) for value in values])})")


def _described(value: object) -> str:
    try:
        return str(value) if isinstance(value, str | Unknown) else go_print(settled(value))
    except (TemplateError, RecursionError, TypeError, ValueError):
        return type(value).__name__


def required(message: object, value: object) -> object:
    """Helm's `required`: the value, which must not be nil or an empty text."""
    if value is None or value == "":
        raise TemplateError(go_print(message))
    return value


def fail(message: object) -> object:
    """Helm's `fail`."""
    raise TemplateError(go_print(message))


def lookup(*_: object) -> object:
    """Helm's `lookup` without a cluster: nothing is found."""
    return {}


def text_of(name: str, value: object) -> str:
    """An argument that must be a text."""
    if isinstance(value, str):
        return value
    raise TemplateError(f"error calling {name}: expected string; got {type_of(value)}")
