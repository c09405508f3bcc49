"""Variables in the text of an image, as Dockerfiles, compose files, shells and Flux spell them: `$A`, `${A:-b}`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from codemod.patterns import on_use

VARIABLE = on_use(r"\$(?:(\w+)|\{(\w+)(?:(:?[-+=])([^{}$]*))?\})")
"""The name is in one of the first two groups; the third and fourth are the mark and the word of `${A:-word}`."""
_DEFAULTS = ("-", ":-", "=", ":=")


def expanded(text: str, values: Mapping[str, str | None]) -> str | None:
    """A text with its variables filled in, None where one has no value or is more than a name and a default."""
    unknown = False

    def value(match: re.Match[str]) -> str:
        nonlocal unknown
        found, mark, word = values.get(match[1] or match[2]), match[3], match[4] or ""
        if mark and mark[-1] in "-=":
            found = found or word
        elif mark:
            found = word if found else ""
        unknown = unknown or found is None
        return found or ""

    filled = VARIABLE.sub(value, text)
    return None if unknown or "$" in filled else filled


def names(text: str) -> set[str]:
    """The variables of a text."""
    return {match[1] or match[2] for match in VARIABLE.finditer(text)}


def pattern(text: str) -> str:
    """A pattern of what a text may come to; one of nothing where it is nothing but a variable."""
    literals = VARIABLE.split(text.lower())[:: VARIABLE.groups + 1]
    return ".*".join(map(re.escape, literals)) if any(literals) else r"(?!)"


def default(text: str) -> str | None:
    """The image that stands where a variable that is the whole text is not set: `${IMAGE:-alpine:edge}`."""
    match = VARIABLE.fullmatch(text)
    return match[4] if match is not None and match[3] in _DEFAULTS and match[4] else None
