"""Templates of an ApplicationSet, filled in with parameters: fasttemplate's `{{ key }}`, or Go templates with Sprig.

Of Go templates only pipelines are evaluated (fields, `index`, and the functions of the table below); anything else is
unknown. What is unknown becomes a capture where a template is a path (`pattern`).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from codemod.fleet.params import Params, go_text, sanitized
from codemod.fleet.unify import Pattern, capture

_ACTION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_GO_ACTION = re.compile(
    r"""(?:\s*\{\{-(?=\s)|\{\{)((?:"(?:\\.|[^"\\])*"|`[^`]*`|(?!\}\})[^"`])*?)(?:(?<=\s)-\}\}\s*|\}\})""", re.DOTALL
)
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:\\.|[^"\\])*"|`[^`]*`)|(?P<number>-?\d+)|(?P<field>\$?(?:\.\w+)+|\$|\.(?!\w))"""
    r"""|(?P<word>[A-Za-z_]\w*)|(?P<sign>[|()]))"""
)
_FIELD = re.compile(r"\s*-?\s*\$?\.((?:\w+\.)*\w+)\s*-?\s*")
_INDEXED = re.compile(r"\s*-?\s*index\s+\$?\.((?:\w+\.)*\w+)\s+\"([^\"]+)\"\s*-?\s*")
_CONTROL = re.compile(r"\s*-?\s*(?:if|else|end|range|with|define|block|template|break|continue)\b|.*:=|/\*", re.DOTALL)
_ESCAPED = re.compile(r"\{\{-?\s*`([^`]*)`\s*-?\}\}|\{\{-?\s*\"(\{\{|\}\})\"\s*-?\}\}")


class _UnknownError(Exception):
    """Something that the parameters do not say, or that is not evaluated here."""


@dataclass(frozen=True)
class Expander:
    """Parameters and the language of the templates; `complete`: what is not among the parameters does not exist."""

    params: Params
    go: bool = True
    complete: bool = False

    def text(self, template: str) -> str | None:
        """The template filled in, None where anything in it is unknown."""
        return expand(template, self.params, go=self.go, complete=self.complete)

    def pattern(self, template: str) -> Pattern | None:
        """The template with what is known filled in and a capture for each other action; None for a control structure.

        The capture of a parameter has its name (`env`, `path.basename`), any other that of its whole action.
        """
        if "{{" not in template:
            return template
        whole = self.text(template)
        if whole is not None:
            return _GO_ACTION.sub(lambda match: capture(name_of(match[1])), whole)
        action = _GO_ACTION if self.go else _ACTION
        if self.go and any(_CONTROL.match(match[1]) for match in action.finditer(template)):
            return None
        return action.sub(self._piece, template)

    def _piece(self, match: re.Match[str]) -> str:
        known = self.text(match[0])
        return capture(name_of(match[1])) if known is None else known


def expand(template: str, params: Mapping[str, Any], *, go: bool = True, complete: bool = True) -> str | None:
    """The template filled in, None where anything in it is unknown.

    `go` is the ApplicationSet's `goTemplate`. A parameter that is missing from `complete` ones is nil (`default`
    helps); from others it is unknown.
    """
    if "{{" not in template:
        return template
    try:
        if go:
            return _GO_ACTION.sub(lambda match: _evaluate(match[1], params, complete), template)
        return _ACTION.sub(lambda match: _looked_up(match[1].strip(), params), template)
    except _UnknownError:
        return None


def name_of(action: str) -> str:
    """The parameter that an action is, else its own text: the name of its capture."""
    if field := _FIELD.fullmatch(action):
        return field[1]
    if indexed := _INDEXED.fullmatch(action):
        return f"{indexed[1]}.{indexed[2]}"
    return " ".join(action.strip().strip("-").split())


def unescaped(template: str) -> str:
    """What a Helm template's escapes render to: ``{{`{{ .env }}`}}`` and ``{{ "{{" }} .env {{ "}}" }}``."""
    return _ESCAPED.sub(lambda match: match[1] if match[1] is not None else match[2], template)


def _looked_up(key: str, params: Mapping[str, Any]) -> str:
    found = params.get(key)
    if not isinstance(found, str):
        raise _UnknownError(key)
    return found


def _evaluate(action: str, params: Mapping[str, Any], complete: bool) -> str:
    tokens = list(_tokens(action.strip()))
    value = _Pipeline(tokens, params, complete).value()
    if value is None or isinstance(value, (dict, list)):
        raise _UnknownError(action)
    return go_text(value)


def _tokens(action: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(action):
        match = _TOKEN.match(action, at)
        if match is None or match.lastgroup is None:
            raise _UnknownError(action)
        yield match.lastgroup, match[match.lastgroup]
        at = match.end()


class _Pipeline:
    """Evaluates `command | command`; a command is a value, or a function with values."""

    def __init__(self, tokens: list[tuple[str, str]], params: Mapping[str, Any], complete: bool) -> None:
        self._tokens = tokens
        self._params = params
        self._complete = complete
        self._at = 0

    def value(self) -> Any:
        """The value of the whole; raises `_UnknownError`."""
        value = self._pipeline()
        if self._at < len(self._tokens):
            raise _UnknownError
        return value

    def _pipeline(self) -> Any:
        value = self._command([])
        while self._accept("|"):
            value = self._command([value])
        return value

    def _command(self, piped: list[Any]) -> Any:
        kind, text = self._peek()
        if kind == "word" and text not in _CONSTANTS:
            self._at += 1
            return _call(text, [*self._operands(), *piped])
        operands = list(self._operands())
        if len(operands) != 1 or piped:
            raise _UnknownError
        return operands[0]

    def _operands(self) -> Iterator[Any]:
        while self._at < len(self._tokens) and self._peek()[1] not in ("|", ")"):
            yield self._operand()

    def _operand(self) -> Any:
        kind, text = self._peek()
        self._at += 1
        if kind == "text":
            return text[1:-1] if text[0] == "`" else re.sub(r'\\(["\\])', r"\1", text[1:-1])
        if kind == "number":
            return int(text)
        if kind == "field":
            return self._field(text)
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if text == "(":
            value = self._pipeline()
            if self._accept(")"):
                return value
        raise _UnknownError(text)

    def _field(self, text: str) -> Any:
        here: Any = self._params
        for key in text.strip("$.").split(".") if text.strip("$.") else ():
            if not isinstance(here, Mapping):
                raise _UnknownError(text)
            if key not in here and not self._complete:
                raise _UnknownError(text)
            here = here.get(key)
        return here

    def _peek(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise _UnknownError
        return self._tokens[self._at]

    def _accept(self, sign: str) -> bool:
        is_next = self._at < len(self._tokens) and self._tokens[self._at] == ("sign", sign)
        self._at += is_next
        return is_next


def _call(name: str, values: list[Any]) -> Any:
    function = _FUNCTIONS.get(name)
    if function is None:
        raise _UnknownError(name)
    try:
        return function(*values)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
        raise _UnknownError(name) from error


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if isinstance(value, list) and not (isinstance(key, int) and key >= 0):
            raise TypeError
        value = value[key]
    return value


def _printf(template: str, *values: Any) -> str:
    if len(re.findall(r"%[sdv]", template)) != len(values) or re.search(r"%[^sdv]", template):
        raise ValueError
    rest = iter(values)
    return re.sub(r"%[sdv]", lambda match: go_text(next(rest)), template)


_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "nil": None}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "index": _index,
    "default": lambda default, value=None: value or default,
    "coalesce": lambda *values: next((value for value in values if value), None),
    "ternary": lambda yes, no, test: yes if test else no,
    "lower": lambda text: text.lower(),
    "upper": lambda text: text.upper(),
    "title": lambda text: text.title(),
    "trim": lambda text: text.strip(),
    "trimPrefix": lambda prefix, text: text.removeprefix(prefix),
    "trimSuffix": lambda suffix, text: text.removesuffix(suffix),
    "trimAll": lambda characters, text: text.strip(characters),
    "replace": lambda old, new, text: text.replace(old, new),
    "trunc": lambda size, text: text[:size] if size >= 0 else text[size:],
    "quote": lambda text: f'"{go_text(text)}"',
    "toString": go_text,
    "print": go_text,
    "printf": _printf,
    "normalize": sanitized,
    "splitList": lambda separator, text: text.split(separator),
    "join": lambda separator, items: separator.join(map(go_text, items)),
    "first": lambda items: items[0],
    "last": lambda items: items[-1],
    "base": posixpath.basename,
    "dir": lambda path: posixpath.dirname(path) or ".",
}
