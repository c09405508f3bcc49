"""Sprig's functions on regular expressions: Go's RE2 syntax, translated to Python's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from codemod.charts.errors import TemplateError
from codemod.charts.functions.values import Function, NilList

_POSIX = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7F", "blank": r"\t ", "cntrl": r"\x00-\x1F\x7F",
    "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~", "punct": r"!-/:-@\[-`{-~", "space": r"\t\n\v\f\r ",
    "upper": "A-Z", "word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_TOKEN = re.compile(
    r"(?P<quoted>\\Q.*?(?:\\E|\Z))"
    r"|(?P<code>\\x\{(?P<hex>[0-9a-fA-F]+)\})"
    r"|(?P<escape>\\.)"
    r"|(?P<set>\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\])"
    r"|\(\?(?P<flags>[imsU]*(?:-[imsU]+)?)(?P<scope>[:)])"
    r"|(?P<open>\((?:\?P?<\w+>)?(?!\?))"
    r"|(?P<close>\))|(?P<bar>\|)|(?P<end>\$)|(?P<bad>[\[(])|(?P<other>.)",
    re.DOTALL,
)
_SET = re.compile(r"\[:(?P<not>\^?)(?P<name>\w+):\]|(?P<escape>\\.)|(?P<other>.)", re.DOTALL)
_DASHES = re.compile(r"(?<=.)--|^-")
_REFERENCE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})", re.ASCII)


class InvalidExpression(TemplateError):
    """What Go does not read either."""


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """The expression for Python; a TemplateError if Go would not read it, or if Python cannot say it (as `(?U)`)."""
    try:
        return re.compile(_Translation(pattern).text, re.ASCII)
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
    return found.group() if found else ""


def find_all(pattern: str, text: str, count: int) -> list[object]:
    """The matches, at most so many; all if the count is negative."""
    return [found.group() for found in _matches(pattern, text, count)] or NilList()


def replace_all(pattern: str, text: str, replacement: str) -> str:
    """The text with every match replaced; `$1`, `${1}` and `${name}` stand for groups."""
    return _replaced(pattern, text, lambda found: _REFERENCE.sub(lambda name: _group(found, name), replacement))


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
        end = found.start()
        if found.end():
            parts.append(text[begin:end])
        begin = found.end()
    return parts if end == len(text) else [*parts, text[begin:]]


def quote_meta(text: str) -> str:
    """The expression that matches the text."""
    return re.sub(r"[\\.+*?()|\[\]{}^$]", r"\\\g<0>", text)


def _matches(pattern: str, text: str, count: int = -1) -> Iterator[re.Match[str]]:
    """In Go an empty match does not follow upon another match."""
    end = -1
    for found in compiled(pattern).finditer(text):
        if count == 0:
            return
        if found.group() or found.start() != end:
            yield found
            count -= 1
        end = found.end()


def _replaced(pattern: str, text: str, replacement: Callable[[re.Match[str]], str]) -> str:
    parts, begin = [], 0
    for found in _matches(pattern, text):
        parts += [text[begin : found.start()], replacement(found)]
        begin = found.end()
    return "".join([*parts, text[begin:]])


def _group(found: re.Match[str], name: re.Match[str]) -> str:
    if name[1]:
        return "$"
    key = name[2] or name[3]
    if key.isdigit():
        return found[int(key)] or "" if int(key) <= found.re.groups else ""
    return found[key] or "" if key in found.re.groupindex else ""


def _escaped_dash(found: re.Match[str]) -> str:
    return found[0][:-1] + "\\-"


class _Translation:
    """One expression on its way; flags that are set in the middle of a group become groups of their own."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._open: list[list[str]] = [[]]
        self._lines = False
        self.text = "".join(map(self._token, _TOKEN.finditer(pattern)))
        self.text += ")" * len(self._open[0])

    def _token(self, token: re.Match[str]) -> str:
        kind = token.lastgroup
        if token["quoted"]:
            return re.escape(token["quoted"][2:].removesuffix("\\E"))
        if token["code"]:
            return re.escape(chr(int(token["hex"], 16)))
        if token["scope"]:
            return self._flags(token["flags"], token["scope"])
        if kind == "escape":
            return self._escape(token[0], in_set=False)
        if kind == "set":
            return self._set(token[0])
        if kind == "open":
            self._open.append([])
            return token[0].replace("(?<", "(?P<")
        if kind == "close":
            return self._close()
        if kind == "bar":
            flags = self._open[-1]
            return ")" * len(flags) + "|" + "".join(flags)
        if kind == "bad":
            raise self._invalid("not in Go's syntax")
        return self._end() if kind == "end" else token[0]

    def _close(self) -> str:
        if len(self._open) == 1:
            raise self._invalid("unexpected )")
        return ")" * len(self._open.pop()) + ")"

    def _end(self) -> str:
        return "$" if self._lines else r"\Z"

    def _flags(self, flags: str, scope: str) -> str:
        if "U" in flags:
            raise self._error("(?U) cannot be evaluated")
        self._lines |= "m" in flags.partition("-")[0]
        group = f"(?{flags}:"
        self._open[-1].append(group) if scope == ")" else self._open.append([])
        return group

    def _escape(self, escape: str, in_set: bool) -> str:
        letter = escape[1]
        if letter in "pPC":
            raise self._error(f"{escape} cannot be evaluated")
        if letter == "z" and not in_set:
            return r"\Z"
        if letter in "Z" or (letter.isdigit() and letter != "0") or (in_set and letter in "bBAz"):
            raise self._invalid(f"invalid escape sequence {escape}")
        return escape

    def _set(self, text: str) -> str:
        negated = text[1] == "^"
        body = _DASHES.sub(_escaped_dash, text[2:-1] if negated else text[1:-1])
        return f"[{'^' if negated else ''}{''.join(map(self._set_token, _SET.finditer(body)))}]"

    def _set_token(self, token: re.Match[str]) -> str:
        if token["name"]:
            if token["not"] or token["name"] not in _POSIX:
                raise self._error(f"{token[0]} cannot be evaluated")
            return _POSIX[token["name"]]
        if token["escape"]:
            return self._escape(token["escape"], in_set=True)
        return f"\\{token[0]}" if token[0] in "[]&~|" else token[0]

    def _error(self, reason: str) -> TemplateError:
        return TemplateError(f"regexp {self._pattern}: {reason}")

    def _invalid(self, reason: str) -> InvalidExpression:
        return InvalidExpression(f"error parsing regexp: {self._pattern}: {reason}")


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
