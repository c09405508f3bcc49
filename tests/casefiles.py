"""Cases that are easier to read as text: `=== name`, the text, then `--- becomes` and a text, or `--- stays: CODE`."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from codemod.testing import check_leaves_alone, check_rewrites
from codemod.transform import Transform

FOLDER = Path(__file__).parent / "cases"


class Case(NamedTuple):
    """`after` is None where the text stays; `code` is what is reported then, if anything."""

    before: str
    after: str | None
    code: str | None


def cases(name: str) -> dict[str, Case]:
    """The cases of a file by their names."""
    _, *found = ("\n" + (FOLDER / name).read_text("utf-8")).split("\n=== ")
    return {title: _case(text + "\n") for title, _, text in (case.partition("\n") for case in found)}


def _case(text: str) -> Case:
    before, _, end = text.partition("--- ")
    verb, _, after = end.partition("\n")
    if verb == "becomes":
        return Case(before, after, None)
    verb, _, code = verb.partition(": ")
    assert verb == "stays"
    return Case(before, None, code or None)


def each_case(name: str) -> pytest.MarkDecorator:
    """Parametrise `case` with the cases of a file; there must be as many that stay as others."""
    found = cases(name)
    stay = sum(case.after is None for case in found.values())
    assert stay * 2 >= len(found), f"{name}: {stay} of {len(found)} cases stay"
    return pytest.mark.parametrize("case", found.values(), ids=list(found))


def check(transform: Transform | list[Transform], case: Case, path: str) -> None:
    """Carry a case out, in all its twins."""
    if case.after is None:
        check_leaves_alone(transform, case.before, path=path, code=case.code)
    else:
        check_rewrites(transform, case.before, case.after, path=path)
