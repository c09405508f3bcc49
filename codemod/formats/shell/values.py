"""What the variables of a script may be: one plain text, a default, or each of the words of a loop."""

from __future__ import annotations

import re
from collections.abc import Callable

from codemod.formats.shell.words import Variables
from codemod.source import Source

_USE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?[-=]([^{}]*))?\})")
_PLAIN = r"[\w./:@-]+"
_DEFAULT = r"(?m)(?:^|[\s;(])%s=\"?\$\{\w+:?-[\"']?(%s)[\"']?\}\"?(?=[\s;]|$)"
_ASSIGNED = r"(?<![\w.-])%s\+?=|\bread\b[^\n]*\b%s\b"
_LOOP = r"\bfor[ \t]+%s[ \t]+in[ \t]+([^\n;]*)"
_DEPTH = 12
"""So many variables are followed in one text."""

Lookup = Callable[[str], str | None]


class Values:
    """The variables of one script; `outside` knows those that come before them, a makefile's."""

    def __init__(self, source: Source, outside: Lookup | None = None) -> None:
        self._variables = Variables(source)
        self._text = source.data.decode("utf-8", "replace")
        self._outside = outside
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, text: str, depth: int = 0) -> list[str]:
        """The texts that a text with variables may stand for: what is not known stays as it is written."""
        use = next((use for use in _USE.finditer(text) if self._words(use)), None)
        if use is None or depth == _DEPTH:
            return [text]
        filled = (f"{text[: use.start()]}{word}{text[use.end() :]}" for word in self._words(use))
        return list(dict.fromkeys(one for each in filled for one in self.of(each, depth + 1)))

    def _words(self, use: re.Match[str]) -> tuple[str, ...]:
        name = use[1] or use[2]
        if name not in self._known:
            self._known[name] = self._looked_up(name)
        return self._known[name] or ((use[3].strip("\"'"),) if use[3] else ())

    def _looked_up(self, name: str) -> tuple[str, ...]:
        outside = self._outside(name) if self._outside is not None else None
        if outside is not None:
            return (outside,) if outside else ()
        loops = re.findall(_LOOP % re.escape(name), self._text)
        assigned = re.findall(_ASSIGNED % (re.escape(name), re.escape(name)), self._text)
        if loops:
            words = dict.fromkeys(word.strip("\"'") for loop in loops for word in loop.split())
            return tuple(words) if not assigned and all(re.fullmatch(_PLAIN, word) for word in words) else ()
        plain = self._variables.lookup(name)
        if plain is not None:
            return (plain,) if plain else ()
        found = re.findall(_DEFAULT % (re.escape(name), _PLAIN), self._text)
        return tuple(found) if len(found) == len(assigned) == 1 else ()
