"""Texts that a chart prints before a run and after it, compared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from codemod.formats import yaml
from codemod.source import Source

_Outputs = Sequence[tuple[str, str]]


def standing(text: str) -> re.Pattern[str]:
    """What matches a reference that stands by itself, not as a part of a longer one."""
    return re.compile(rf"(?<![\w./:@-]){re.escape(text)}(?![\w./:@-])")


def swapped(before: _Outputs, after: _Outputs) -> dict[str, str]:
    """The texts in the place of which others are printed, always the same; none that also stays somewhere."""
    found: dict[str, set[str]] = {}
    for (_, was), (_, now) in zip(before, after, strict=False):
        old, new = list(_texts(was)), list(_texts(now))
        for text, other in zip(old, new, strict=False) if len(old) == len(new) else ():
            found.setdefault(text, set()).add(other)
    return {text: next(iter(others)) for text, others in found.items() if len(others) == 1 and text not in others}


def _texts(output: str) -> Iterator[str]:
    for document in yaml.documents(Source("", output.encode(), yaml.LANGUAGE.name)):
        yield from (scalar.value for scalar in yaml.scalars(document.root))
