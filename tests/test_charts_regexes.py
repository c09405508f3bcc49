"""Regular expressions that Python might try without end come out as Go's, in time that grows with the text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemod.charts.errors import TemplateError
from codemod.charts.functions import regexes
from codemod.charts.functions.automaton import Automaton, ways


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("(a+)+$", "a" * 60 + "b", ""),
        ("(a|a)*b", "a" * 60 + "b", "a" * 60 + "b"),
        ("(a|b|ab)*c", "ab" * 60, ""),
        ("(.*)*x", "y" * 60, ""),
        ("a?" * 30 + "a" * 30, "a" * 30, "a" * 30),
        ("^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 60, ""),
        ("(?i)^(hel+o ?)+$", "HELLO helo " * 9, "HELLO helo " * 9),
        (r"\b(\w+ ?)+\.", "one two three four five six seven. eight", "one two three four five six seven."),
        ("(?m)^([a-z]+ ?)+$", "one two three four five six\nSEVEN", "one two three four five six"),
        ("(?s)(a.?)+c", "a\na\nc" * 10, "a\na\nc"),
        ("([^a-y]|é)+", "x" * 40 + "zéz", "zéz"),
    ],
)
def test_an_expression_that_could_be_tried_for_ever_is_found_at_once(pattern: str, text: str, found: str) -> None:
    assert not regexes.compiled(pattern).is_quick(text)
    assert regexes.find(pattern, text) == found
    assert regexes.match(pattern, text) == bool(found)


def test_groups_of_such_expressions_are_those_of_go() -> None:
    text = "v1.2.3-debian-12.r2 " * 3
    pattern = r"(?P<major>[0-9]+)((\.[0-9]+)*)(-([a-z0-9]+[.-]?)*)?"
    assert not regexes.compiled(pattern).is_quick(text)
    assert regexes.replace_all(pattern, text, "${major}<$2>[$4]$$$9") == "v1<.2.3>[-debian-12.r2]$ " * 3
    assert regexes.find_all("(a|aa)+?b?", "aab ab", -1) == ["a", "ab", "ab"]
    assert regexes.split("( |,)+", "a, b  c,d" + " " * 60, -1) == ["a", "b", "c", "d", ""]


def test_what_takes_too_long_even_so_is_an_error() -> None:
    with pytest.raises(TemplateError, match="too long"):
        regexes.find("(a|b|ab)*c", "ab" * 1_000_000)
    with pytest.raises(TemplateError, match="too large"):
        regexes.find("((a{1,999}){1,999})*", "a" * 1000)


@pytest.mark.parametrize(
    ("pattern", "is_quick"),
    [
        ("[a-z]+", True),
        ("^v?([0-9]+)([.][0-9]+)?$", True),
        ("^(https?|oci)://[^/]+/", True),
        ("(a+)+", False),
        ("(a|b+)*", False),
        ("(a?){30}", False),
        (".*.*.*.*x", False),
    ],
)
def test_python_is_asked_where_it_surely_comes_to_an_end(pattern: str, is_quick: bool) -> None:
    assert regexes.compiled(pattern).is_quick("x" * 60) == is_quick
    assert regexes.cost(pattern, "x" * 60) < 100_000


SIGN = st.sampled_from(["a", "b", "[ab]", ".", r"\w", "[^a]", r"\b", "^", r"\Z"])
EXPRESSION = st.recursive(
    SIGN,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map("".join),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}|{two[1]})"),
        st.tuples(SIGN.filter("ab.[ab][^a]".__contains__), st.sampled_from(["*", "+", "?", "*?", "{1,2}"])).map(
            "".join
        ),
        inner.map(lambda one: f"({one}a)+"),
    ),
    max_leaves=8,
)


@given(EXPRESSION, st.text(alphabet="ab\nc", max_size=8))
def test_both_ways_find_the_same(pattern: str, text: str) -> None:
    expected = re.compile(pattern, re.ASCII).search(text)
    found = Automaton(pattern).search(text)
    assert (found.ends[:2] if found else None) == (expected.span() if expected else None)


def test_ways_multiply_where_repeats_follow_each_other_and_have_no_bound_inside_each_other() -> None:
    assert ways("a*b*").of(9) == 100
    assert ways("(a|b|cd)x").of(9) == 3
    assert ways("a?b?").of(9) == 4
    assert ways("(a*)*").of(9) == float("inf")
