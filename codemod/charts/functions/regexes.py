"""Sprig's functions on regular expressions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import chain

from msgspec import Struct

from codemod.charts.errors import TemplateError
from codemod.charts.functions.automaton import Automaton, Found, Ways, ways
from codemod.charts.functions.re2 import InvalidExpression, translated
from codemod.charts.functions.values import Function, NilList
from codemod.patterns import on_use

_REFERENCE = on_use(r"\$(?:(\$)|(\w+)|\{(\w+)\})", re.ASCII)

_QUICK = 100_000
"""How many steps Python may take at most to search a text; beyond that the automaton does it."""


class Expression(Struct, frozen=True):
    """One expression as Python reads it, and in how many ways Python may try it."""

    compiled: re.Pattern[str]
    ways: Ways

    def work(self, length: int) -> float:
        """How many steps Python may take to search a text of some length."""
        pattern = self.compiled.pattern
        is_anchored = pattern.startswith("^") and not ("|" in pattern or "(?" in pattern)
        return self.ways.of(length) * (1 if is_anchored else length + 1)

    def is_quick(self, text: str) -> bool:
        """Whether Python surely comes to an end soon."""
        return self.work(len(text)) <= _QUICK

    def find_all(self, text: str) -> Iterator[Found]:
        """All matches."""
        if not self.is_quick(text):
            return _automaton(self.compiled.pattern).find_all(text)
        return (Found(text, tuple(chain(*found.regs))) for found in self.compiled.finditer(text))

    def search(self, text: str) -> Found | None:
        """The first match."""
        return next(self.find_all(text), None)


def cost(pattern: str, text: str) -> int:
    """What it takes to search a text, in microseconds, as far as that is known without doing it."""
    try:
        expression = compiled(pattern)
        if expression.is_quick(text):
            return int(expression.work(len(text)) / 100)
        return len(text) * len(_automaton(expression.compiled.pattern).steps)
    except TemplateError:
        return 0


@lru_cache(maxsize=1024)
def _automaton(pattern: str) -> Automaton:
    return Automaton(pattern)


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> Expression:
    """The expression for Python; a TemplateError if Go would not read it, or if Python cannot say it (as `(?U)`)."""
    try:
        text = translated(pattern)
        return Expression(re.compile(text, re.ASCII), ways(text))
    except (re.error, OverflowError):
        raise InvalidExpression(f"error parsing regexp: {pattern}") from None


def match(pattern: str, text: str) -> bool:
    """Whether the expression is found in the text; not if it is none."""
    try:
        return must_match(pattern, text)
    except InvalidExpression:
        return False


def must_match(pattern: str, text: str) -> bool:
    """Whether the expression is found in the text; a TemplateError if it is none."""
    return compiled(pattern).search(text) is not None


def find(pattern: str, text: str) -> str:
    """The first match, empty if there is none."""
    found = compiled(pattern).search(text)
    return found.all if found else ""


def find_all(pattern: str, text: str, count: int) -> list[object]:
    """The matches, at most so many; all if the count is negative."""
    return [found.all for found in _matches(pattern, text, count)] or NilList()


def replace_all(pattern: str, text: str, replacement: str) -> str:
    """The text with every match replaced; `$1`, `${1}` and `${name}` stand for groups."""
    named = compiled(pattern).compiled.groupindex
    return _replaced(pattern, text, lambda found: _REFERENCE.sub(lambda name: _group(found, name, named), replacement))


def replace_all_literal(pattern: str, text: str, replacement: str) -> str:
    """The text with every match replaced by the text as it is."""
    return _replaced(pattern, text, lambda _: replacement)


def split(pattern: str, text: str, count: int) -> list[object]:
    """The parts between the matches, at most so many; all if the count is negative."""
    if count == 0:
        return NilList()
    if pattern and not text:
        return [""]
    parts: list[object] = []
    begin, end = 0, 0
    for found in _matches(pattern, text, count):
        if len(parts) == count - 1:
            break
        end = found.start
        if found.end:
            parts.append(text[begin:end])
        begin = found.end
    return parts if end == len(text) else [*parts, text[begin:]]


def quote_meta(text: str) -> str:
    """The expression that matches the text."""
    return re.sub(r"[\\.+*?()|\[\]{}^$]", r"\\\g<0>", text)


def _matches(pattern: str, text: str, count: int = -1) -> Iterator[Found]:
    """In Go an empty match does not follow upon another match."""
    end = -1
    for found in compiled(pattern).find_all(text):
        if count == 0:
            return
        if found.all or found.start != end:
            yield found
            count -= 1
        end = found.end


def _replaced(pattern: str, text: str, replacement: Callable[[Found], str]) -> str:
    parts, begin = [], 0
    for found in _matches(pattern, text):
        parts += [text[begin : found.start], replacement(found)]
        begin = found.end
    return "".join([*parts, text[begin:]])


def _group(found: Found, name: re.Match[str], named: Mapping[str, int]) -> str:
    if name[1]:
        return "$"
    key = name[2] or name[3]
    return found.group(int(key) if key.isdigit() else named.get(key, -1)) or ""


_MAY_FAIL: dict[str, Function] = {
    "regexFind": find, "regexFindAll": find_all, "regexMatch": match, "regexReplaceAll": replace_all,
    "regexReplaceAllLiteral": replace_all_literal, "regexSplit": split,
}  # fmt: skip
FUNCTIONS: dict[str, Function] = {
    "regexQuoteMeta": quote_meta,
    **_MAY_FAIL,
    **{f"mustR{name[1:]}": function for name, function in _MAY_FAIL.items()},
    "mustRegexMatch": must_match,
}
