"""Expressions that are compiled on first use."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from codemod.patterns import all_on_use, on_use


def test_it_does_what_a_compiled_one_does() -> None:
    late, ready = on_use(r"(?P<name>[a-z]+)=(\d+)", re.IGNORECASE), re.compile(r"(?P<name>[a-z]+)=(\d+)", re.IGNORECASE)
    text = "A=1 b=2"
    for _ in range(2):
        assert late.findall(text) == ready.findall(text) == [("A", "1"), ("b", "2")]
        assert [match.span() for match in late.finditer(text)] == [(0, 3), (4, 7)]
        assert (late.pattern, late.flags, late.groups) == (ready.pattern, ready.flags, ready.groups)
        assert late.groupindex == ready.groupindex == {"name": 1}
        assert late.sub("", text) == " "
    match = late.fullmatch("x=3")
    assert match is not None
    assert match["name"] == "x"


def test_it_is_compiled_on_first_use_only(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []

    def count(text: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append(text)
        return original(text, flags)

    original = re.compile
    monkeypatch.setattr("codemod.patterns._compile", count)
    late = on_use("[a-z]+")
    assert late.pattern == "[a-z]+"
    assert compiled == []
    assert late.match("a") is not None
    assert late.search("1") is None
    assert compiled == ["[a-z]+"]


def test_a_fault_shows_on_first_use() -> None:
    late = on_use("(")
    with pytest.raises(re.error):
        late.match("")


def test_it_has_nothing_else() -> None:
    late = on_use("a")
    with pytest.raises(AttributeError, match="nothing"):
        late.nothing  # type: ignore[attr-defined]  # noqa: B018
    assert copy.copy(late).match("a") is not None


def test_bytes() -> None:
    assert on_use(rb"\w+").findall(b"a b") == [b"a", b"b"]


def test_what_is_made_within_waits_too() -> None:
    ready = re.compile("a")
    with all_on_use():
        late: Any = re.compile("a+")
        assert not isinstance(late, re.Pattern)
        assert late.fullmatch("aa") is not None
    assert isinstance(re.compile("a"), re.Pattern)
    assert re.compile("a") is ready
