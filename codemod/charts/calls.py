"""Calling functions: the ones that need the engine, and the rules for values that cannot be known."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from codemod.charts.builtins import BUILTINS, LONGEST, truth
from codemod.charts.costs import cost_after, cost_before
from codemod.charts.errors import TemplateError
from codemod.charts.expressions import FAILURES, MISSING, Expressions
from codemod.charts.functions.printing import go_print
from codemod.charts.functions.values import type_of
from codemod.charts.unknown import Unknown, is_unsure, settled
from codemod.formats.gotemplate import Node

Function = Callable[..., object]
Change = tuple[dict[str, object], dict[str, object]]

_HOLDERS = frozenset({"append", "dict", "list", "mustAppend", "mustPrepend", "prepend", "push", "set", "tuple"})
_MERGES = frozenset({"merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite"})
_REPEATS = frozenset({"indent", "nindent", "repeat", "seq", "until", "untilStep"})
_WEIGHS = frozenset(
    """abbrev abbrevboth adler32sum atoi b32dec b32enc b64dec b64enc contains eq float64 ge gt hasPrefix hasSuffix int
    int64 le len lt mustRegexFind mustRegexMatch mustRegexReplaceAll mustRegexSplit ne regexFind regexFindAll regexMatch
    regexReplaceAll regexReplaceAllLiteral regexSplit semver semverCompare sha1sum sha256sum sha512sum split splitList
    splitn substr toDecimal trunc""".split()
)


class Calls(Expressions):
    """Evaluates expressions with functions.

    An unknown function, or one that is given an unknown value, gives an unknown value; so does one that weighs, cuts or
    encodes a text that is unknown in part. `journal` holds, while it is a list, the maps that functions changed, each
    with a copy of what it was.
    """

    def __init__(self, functions: Mapping[str, Function]) -> None:
        super().__init__()
        self.functions: dict[str, Function] = {**BUILTINS, **functions}
        self.journal: list[Change] | None = None

    def spend(self, cost: int) -> None:
        """Note what is executed; whoever has a limit stops there."""

    def call(self, name: str, values: list[object], command: Node) -> object:
        """The result of a function; raises `TemplateError` where the function fails."""
        self.spend(cost_before(name, values))
        function = self.functions.get(name)
        if function is None:
            return _unknown(name, values)
        if Unknown in map(type, values):
            found = _decided(name, values)
            if found is not MISSING:
                return found
            if name not in _HOLDERS or (name == "set" and not isinstance(values[0], dict)):
                return _unknown(name, values)
        if name in _WEIGHS and any(map(is_unsure, values)):
            return _unknown(name, values)
        if self.journal is not None and values and (name in {"set", "unset"} or name in _MERGES):
            self._remember(values[0], name in _MERGES)
        return self._result(name, function, values)

    def _result(self, name: str, function: Function, values: list[object]) -> object:
        if name in _REPEATS and _is_excessive(values):
            raise TemplateError(f"error calling {name}: the result is too long")
        try:
            result = function(*values)
        except (TemplateError, *FAILURES) as error:
            plain = [settled(value) for value in values]
            if any(new is not old for new, old in zip(plain, values, strict=True)):
                return self._result(name, function, plain)
            if name != "fail" and any(map(is_unsure, values)):
                return _unknown(name, values)
            if isinstance(error, TemplateError):
                raise
            raise TemplateError(f"error calling {name}: it takes no such arguments") from None
        if isinstance(result, str | list) and len(result) > LONGEST:
            raise TemplateError(f"error calling {name}: the result is too long")
        self.spend(cost_after(name, result))
        return result

    def _remember(self, value: object, deep: bool) -> None:
        if self.journal is None or not isinstance(value, dict) or len(self.journal) > 10_000:
            return
        self.journal.append((value, dict(value)))
        for part in value.values() if deep else ():
            self._remember(part, deep)


def undo(journal: list[Change]) -> None:
    """Make the maps that were changed what they were."""
    for value, copy in reversed(journal):
        value.clear()
        value.update(copy)


def _is_excessive(values: list[object]) -> bool:
    """Whether a function that repeats what it is given would make something absurdly long of it."""
    times = max([value for value in values if isinstance(value, int | float)], default=0)
    return times * max([len(value) for value in values if isinstance(value, str)], default=1) > LONGEST


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
    if isinstance(value, str | Unknown):
        return str(value)
    try:
        return json.dumps(value, default=_opaque, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        return type(value).__name__


def _opaque(value: object) -> str:
    return str(value) if isinstance(value, Unknown) else type(value).__name__


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
