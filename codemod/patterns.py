"""Regular expressions that are compiled when they are first used.

A run meets few of the languages that it could read; compiling all their patterns took a third of its start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, AnyStr, cast

_METHODS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer", "scanner")
_FACTS = ("flags", "groups", "groupindex")
_compile = re.compile


class _Compiled:
    """An expression whose methods are those of the compiled one, found as fast."""


class _Waiting(_Compiled):
    """An expression that nobody has used yet."""

    def __init__(self, text: Any, flags: int) -> None:
        self.pattern, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS and name not in _FACTS:
            raise AttributeError(name)
        compiled = _compile(self.pattern, self._flags)
        self.__dict__.update((each, getattr(compiled, each)) for each in (*_METHODS, *_FACTS))
        self.__class__ = _Compiled  # type: ignore[assignment]
        return self.__dict__[name]


def on_use(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """An expression with the methods and attributes of `re.compile(text, flags)`; faults in it show on first use.

    The `re` of a match is the compiled expression, not this one.
    """
    return cast("re.Pattern[AnyStr]", _Waiting(text, flags))


@contextmanager
def all_on_use() -> Iterator[None]:
    """Within, whatever is imported makes its expressions `on_use`, too: for libraries of which little is used.

    Nothing imported within may hand its expressions to functions of `re`, which take no others than compiled ones.
    """
    compiled, re.compile = re.compile, on_use  # type: ignore[assignment]
    try:
        yield
    finally:
        re.compile = compiled
