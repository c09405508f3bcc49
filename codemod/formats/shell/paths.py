"""Which file of the repository a path in a script is, by the well-known ways to say where the script itself lies."""

from __future__ import annotations

import posixpath
import re

from codemod.patterns import on_use
from codemod.source import Source

_SOURCE = on_use(r"\$\{?BASH_SOURCE(?:\[0\])?\}?|\$\{?0\}?")
_CUT = on_use(r"\$\{(?:BASH_SOURCE(?:\[0\])?|0)%/\*\}")
_CALL = on_use(r"\$\((.*)\)|`(.*)`", re.DOTALL)
_DIRNAME = on_use(r"dirname\s+(?:--\s+)?(.+)")
_REAL = on_use(r"(?:readlink\s+-(?:f|e|m)|realpath|greadlink\s+-f)\s+(?:-\w+\s+|--\s+)*(.+)")
_PWD = on_use(
    r"(?:builtin\s+)?cd\s+(?:-\w+\s+|--\s+)*(.+?)\s*(?:&?>\s*/dev/null\s*(?:2>&1\s*)?)?(?:&&|;)\s*pwd(?:\s+-\w)*"
)
_TOP = on_use(r"git\s+(?:-C\s+.+\s+)?rev-parse\s+--show-toplevel(?:\s+2>\s*/dev/null)?")
_NAME = on_use(r"\$(?:(\w+)|\{(\w+)(?::?-(.*))?\})", re.DOTALL)
_DEFINED = r"(?m)^[ \t]*(?:(?:export|readonly|local|declare(?:[ \t]+-\w+)*|typeset)[ \t]+)*%s="
_CHANGED = r"\b%s\+?=|\bread\b[^\n]*\b%s\b|\bfor %s\b"
_DEPTH = 12


class Paths:
    """The paths that words of one script mean, relative to the root of the repository."""

    def __init__(self, source: Source, roots: frozenset[str] = frozenset()) -> None:
        self._path = source.path
        self._text = source.data.decode("utf-8", "replace")
        self._roots = roots
        self._known: dict[str, str | None] = {}

    def of(self, text: str) -> str | None:
        """The path of a word that says where it begins; None for relative ones, and where it is not known."""
        found = self._value(text.replace('"', ""), 0)
        return found if found is not None and not found.startswith("..") else None

    def _value(self, text: str, depth: int) -> str | None:
        """A path by its beginning, which is a file or a folder that is known, and the plain rest behind it."""
        text = text.strip()
        if depth > _DEPTH:
            return None
        head, rest = _head(text)
        if not head or (rest and not re.fullmatch(r"(?:/[\w.@+-]+)*/?", rest)):
            return None
        found = self._of_head(head, depth)
        return None if found is None else posixpath.normpath(posixpath.join(found or ".", rest.lstrip("/")))

    def _of_head(self, head: str, depth: int) -> str | None:
        if _CUT.fullmatch(head):
            return posixpath.dirname(self._path)
        if _SOURCE.fullmatch(head):
            return self._path
        call = _CALL.fullmatch(head)
        if call is not None:
            return self._of_call((call[1] if call[1] is not None else call[2]).strip(), depth)
        use = _NAME.fullmatch(head)
        if use is None:
            return None
        name = use[1] or use[2]
        if name in self._roots:
            return ""
        found = self._of_variable(name, depth)
        return found if found is not None or not use[3] else self._value(use[3], depth + 1)

    def _of_call(self, call: str, depth: int) -> str | None:
        if _TOP.fullmatch(call):
            return ""
        for pattern in (_PWD, _REAL, _DIRNAME):
            match = pattern.fullmatch(call)
            if match is not None:
                inner = self._value(match[1], depth + 1)
                if inner is None or pattern is not _DIRNAME:
                    return inner
                return ".." if inner in (".", "") else posixpath.dirname(inner)
        return None

    def _of_variable(self, name: str, depth: int) -> str | None:
        """What the one assignment of a variable says."""
        if name not in self._known:
            self._known[name] = None  # what is asked for while it is evaluated refers to itself
            word = re.escape(name)
            defined = list(re.finditer(_DEFINED % word, self._text))
            if len(defined) == 1 and len(re.findall(_CHANGED % (word, word, word), self._text)) == 1:
                self._known[name] = self._value(_word(self._text[defined[0].end() :]).replace('"', ""), depth + 1)
        return self._known[name]


def _head(text: str) -> tuple[str, str]:
    """The first expansion of a text, and what is behind it; no head where the text does not begin with one."""
    if text.startswith(("$(", "${", "`")):
        closing = {"$(": ("(", ")"), "${": ("{", "}")}.get(text[:2])
        if closing is None:
            end = text.find("`", 1)
            return (text[: end + 1], text[end + 1 :]) if end > 0 else ("", "")
        depth = 0
        for number, character in enumerate(text):
            depth += (character == closing[0]) - (character == closing[1])
            if number and not depth and character == closing[1]:
                return text[: number + 1], text[number + 1 :]
        return "", ""
    match = re.match(r"\$\w+", text)
    return (match[0], text[match.end() :]) if match is not None else ("", "")


def _word(text: str) -> str:
    """The value of an assignment: up to the first blank outside of quotes and expansions."""
    depth = 0
    quoted = False
    for number, character in enumerate(text):
        if character in "({":
            depth += 1
        elif character in ")}":
            depth -= 1
        elif character == '"':
            quoted = not quoted
        elif character in " \t\r\n;" and not depth and not quoted:
            return text[:number]
    return text
