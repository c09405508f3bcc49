"""Variables in texts as fluxcd/pkg/envsubst reads them: `${A}`, `${A:=word}`; `$$` is a dollar.

The marks `=`, `:=`, `:-`, `:?` and `:+` all put the word where the value is empty (`toDefault`); what else can stand
behind a name (`${A%:*}`, `${A/x/y}`) is not followed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from codemod.patterns import on_use

_DOCUMENT = on_use(r"^---(?=\s|$)", re.MULTILINE)
_DISABLED = on_use(r"kustomize\.toolkit\.fluxcd\.io/substitute[\"']?:[ \t]*[\"']?disabled")
_LINE = on_use(r"[ \t]*(?:- +)*(?:[\"']?([\w./-]+)[\"']?:(?=[ \t]))?[ \t]*(.*?)(?:[ \t]+#.*)?[ \t\r]*")
_NAME = on_use(r"(?<!\$)\$\{(\w+)")
_VARIABLE = on_use(r"\$\{(\w+)(?:(?::[-=?+]|=)([^{}$]*))?\}")
_QUOTES = "\"'"


class Use(Struct, frozen=True):
    """A value with a variable in it: its file, its key (empty in a list or a text), all that is written there."""

    path: str
    key: str
    text: str

    @property
    def is_whole(self) -> bool:
        """Whether it is nothing but one variable."""
        return _VARIABLE.fullmatch(self.text) is not None


def uses(path: str, text: str) -> Iterator[tuple[str, Use]]:
    """The variables of a text by their names; comments have none, nor have objects that Flux shall not fill in."""
    for document in _DOCUMENT.split(text):
        if "${" not in document or _DISABLED.search(document):
            continue
        for line in document.split("\n"):
            match = _LINE.fullmatch(line) if "${" in line and not line.lstrip().startswith("#") else None
            if match is not None:
                value = match[2]
                if value[:1] in _QUOTES and value[:1] == value[-1:]:
                    value = value[1:-1]
                yield from ((name, Use(path, match[1] or "", value)) for name in _NAME.findall(value))


def variable(text: str) -> str | None:
    """The name of the variable that a text consists of."""
    match = _VARIABLE.fullmatch(text)
    return match[1] if match is not None else None


def filled(text: str, value: Callable[[str], str | None]) -> str | None:
    """A text with the values of its variables; None where one is not known, or the text says more than is followed."""
    unknown = "$$" in text

    def said(match: re.Match[str]) -> str:
        nonlocal unknown
        found = value(match[1])
        unknown = unknown or found is None
        return found or match[2] or ""

    result = _VARIABLE.sub(said, text)
    return None if unknown or "${" in result else result
