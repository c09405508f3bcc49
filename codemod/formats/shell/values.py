"""What the variables of a script may be: one plain text, a default, or each of the words of a loop."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

from codemod.formats.shell.words import Variables
from codemod.patterns import on_use
from codemod.source import Source

_USE = on_use(r"\$(?:(\w+)|\{(\w+)(?::?[-=]([^{}]*))?\})")
_PLAIN = on_use(r"[\w./:@-]+")
_DEFAULT = on_use(r"(?:^|[\s;(])(\w+)=\"?\$\{\w+:?-[\"']?([\w./:@-]+)[\"']?\}\"?(?=[\s;]|$)", re.MULTILINE)
_ASSIGNED = on_use(r"(?<![\w.-])(\w+)\+?=")
_READ = on_use(r"\bread\b([^\n]*)")
_LOOP = on_use(r"\bfor[ \t]+(\w+)[ \t]+in[ \t]+([^\n;]*)")
_DEPTH = 12
"""So many variables are followed in one text."""

Lookup = Callable[[str], str | None]


class Values:
    """The variables of one script; `outside` knows those that come before them, a makefile's."""

    def __init__(self, source: Source, outside: Lookup | None = None) -> None:
        self._variables = Variables(source)
        self._outside = outside
        self._known: dict[str, tuple[str, ...]] = {}
        text = source.data.decode("utf-8", "replace")
        read = (name for names in _READ.findall(text) for name in re.findall(r"\w+", names))
        self._assigned = Counter((*_ASSIGNED.findall(text), *read))
        self._defaults, self._loops = _by_name(_DEFAULT.findall(text)), _by_name(_LOOP.findall(text))

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
        if name in self._loops:
            words = dict.fromkeys(word.strip("\"'") for loop in self._loops[name] for word in loop.split())
            return tuple(words) if not self._assigned[name] and all(map(_PLAIN.fullmatch, words)) else ()
        plain = self._variables.lookup(name)
        if plain is not None:
            return (plain,) if plain else ()
        found = self._defaults.get(name, [])
        return tuple(found) if len(found) == self._assigned[name] == 1 else ()


def _by_name(found: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for name, text in found:
        named.setdefault(name, []).append(text)
    return named
