"""Go's regular expressions, which are RE2's, written as Python's."""

from __future__ import annotations

import re

from codemod.charts.errors import TemplateError
from codemod.patterns import on_use

_POSIX = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7F", "blank": r"\t ", "cntrl": r"\x00-\x1F\x7F",
    "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~", "punct": r"!-/:-@\[-`{-~", "space": r"\t\n\v\f\r ",
    "upper": "A-Z", "word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_TOKEN = on_use(
    r"(?P<quoted>\\Q.*?(?:\\E|\Z))"
    r"|(?P<code>\\x\{(?P<hex>[0-9a-fA-F]+)\})"
    r"|(?P<escape>\\.)"
    r"|(?P<set>\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\])"
    r"|\(\?(?P<flags>[imsU]*(?:-[imsU]+)?)(?P<scope>[:)])"
    r"|(?P<open>\((?:\?P?<\w+>)?(?!\?))"
    r"|(?P<close>\))|(?P<bar>\|)|(?P<end>\$)|(?P<bad>[\[(])|(?P<other>.)",
    re.DOTALL,
)
_SET = on_use(r"\[:(?P<not>\^?)(?P<name>\w+):\]|(?P<escape>\\.)|(?P<other>.)", re.DOTALL)
_DASHES = on_use(r"(?<=.)--|^-")


class InvalidExpression(TemplateError):
    """What Go does not read either."""


def translated(pattern: str) -> str:
    """The expression in Python's syntax; a TemplateError if Go would not read it, or if Python cannot say it."""
    return _Translation(pattern).text


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
