"""Globs: what they match, what they leave alone, and that two other readings of them agree."""

from __future__ import annotations

import glob as standard
import re
import sys
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemod.globs import matches, pattern

MATCHING = [
    ("**", "a/b.yaml"),
    ("**", ""),
    ("**/x/**", "x/a"),
    ("**/x/**", "a/x/b"),
    ("**/x/**", "a/b/x/c/d"),
    ("**/x", "x"),
    ("**/**/x", "x"),
    ("a/**/b", "a/b"),
    ("a/**/b", "a/x/y/b"),
    ("a/**", "a/b/c"),
    ("**/charts/*/charts/**", "charts/web/charts/redis/values.yaml"),
    ("**/charts/*/charts/**", "apps/charts/web/charts/redis/values.yaml"),
    ("**/third_party/**", "charts/third_party/redis/values.yaml"),
    ("*.yaml", "values.yaml"),
    ("*.yaml", ".unfloat.yaml"),
    ("env/*/web.yaml", "env/dev/web.yaml"),
    ("?.yaml", "a.yaml"),
    ("**.yaml", "a/b.yaml"),
    ("a**", "a/b"),
    ("***", "a/b"),
    ("{dev,local}/**", "local/web.yaml"),
    ("{a/**,b}/c", "a/x/c"),
    ("{a,**}/b", "b"),
    ("{**/,}b", "x/b"),
    ("{a{b,c},d}", "ac"),
    ("{a}", "a"),
    ("x{,y}", "x"),
    ("a,b", "a,b"),
    ("[ab]c", "bc"),
    ("[!ab]c", "dc"),
    ("[^ab]c", "dc"),
    ("[a-c]", "b"),
    ("[]a]", "]"),
    ("[a-]", "-"),
    ("[&|~[]x", "[x"),
    ("[\\]a]", "]"),
    ("a]", "a]"),
    (r"\*\{\[\\", "*{[\\"),
    ("a.b+c", "a.b+c"),
    ("ghcr.io/acme/*", "ghcr.io/acme/web:dev"),
    ("**:dev", "ghcr.io/acme/web:dev"),
    ("pr-[0-9]*", "pr-12"),
    ("a\nb", "a\nb"),
    ("**", "a\nb"),
]

NOT_MATCHING = [
    ("**/x/**", "x"),
    ("**/x/**", "ax/b"),
    ("a/**", "a"),
    ("a/**/b", "ab"),
    ("a/**/b", "a/xb"),
    ("**/x", "ax"),
    ("**/charts/*/charts/**", "charts/web/values.yaml"),
    ("**/charts/*/charts/**", "charts/web/templates/charts/x.yaml"),
    ("*.yaml", "env/values.yaml"),
    ("*.yaml", "values.yaml.bak"),
    ("?.yaml", "ab.yaml"),
    ("?", "/"),
    ("[!a]", "/"),
    ("[.-0]", "/"),
    ("a?b", "a/b"),
    ("a.b", "axb"),
    ("dev", "Dev"),
    ("dev", "dev-placeholder"),
    ("{dev,local}", "dev,local"),
    ("a,**/b", "a,b"),
    ("ghcr.io/acme/*", "ghcr.io/acme/team/web:dev"),
    ("", "a"),
    ("a", "a\n"),
]


@pytest.mark.parametrize(("glob", "text"), MATCHING)
def test_a_glob_matches(glob: str, text: str) -> None:
    assert matches(text, (glob,))
    assert pattern(glob).fullmatch(text)


@pytest.mark.parametrize(("glob", "text"), NOT_MATCHING)
def test_a_glob_leaves_alone(glob: str, text: str) -> None:
    assert not matches(text, (glob,))
    assert not pattern(glob).fullmatch(text)


def test_any_of_several_globs_is_enough_and_none_matches_nothing() -> None:
    assert matches("main", ("dev", "{main,master}"))
    assert not matches("mainx", ("dev", "main", "x"))
    assert not matches("", ())


@pytest.mark.parametrize(
    ("glob", "problem"),
    [
        ("a{b", "`{` has no `}` after it"),
        ("{a,{b}", "`{` has no `}` after it"),
        ("a}b", "`}` has no `{` before it"),
        ("a[b", "`[` has no `]` after it"),
        ("[]", "`[` has no `]` after it"),
        ("[!]", "`[` has no `]` after it"),
        ("[z-a]", "the range `z-a` is empty"),
        ("env\\dev", "folders are parted by `/`"),
        ("a\\", "a backslash goes before"),
        ("{a,b}" * 9, "more than 256 choices"),
        ("{" * 1000 + "}" * 1000, "more than 256 choices"),
        ("{" * 100_000, "more than 256 choices"),
    ],
)
def test_a_glob_that_means_nothing_says_why(glob: str, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        pattern(glob)


COMPONENTS = st.lists(
    st.sampled_from(["a", "b", ".c", "*", "?", "a*", "*b", "**", "[ab]", "[!a]"]), min_size=1, max_size=5
)
PATHS = st.lists(st.sampled_from(["a", "b", "ab", "ba", ".c", "abb"]), min_size=1, max_size=5)


def naive(globs: list[str], names: list[str]) -> bool:
    """Component by component: two stars are any number of folders, at the end at least one name."""
    if not globs:
        return not names
    if globs[0] == "**":
        least = 1 if len(globs) == 1 else 0
        return any(naive(globs[1:], names[taken:]) for taken in range(least, len(names) + 1))
    return bool(names) and fnmatchcase(names[0], globs[0]) and naive(globs[1:], names[1:])


@given(COMPONENTS, PATHS)
def test_a_naive_matcher_agrees(components: list[str], names: list[str]) -> None:
    assert matches("/".join(names), ("/".join(components),)) == naive(components, names)


@given(st.lists(COMPONENTS | st.just(["**", ""]), max_size=4), PATHS | st.just(["a", ""]))
def test_several_globs_match_what_any_of_them_does(several: list[list[str]], names: list[str]) -> None:
    globs, text = tuple("/".join(components) for components in several), "/".join(names)
    assert matches(text, globs) == any(pattern(glob).fullmatch(text) for glob in globs)


@pytest.mark.skipif(sys.version_info < (3, 13), reason="glob.translate is new in Python 3.13")
@given(COMPONENTS, PATHS)
def test_the_standard_library_agrees(components: list[str], names: list[str]) -> None:
    translate = getattr(standard, "translate")  # noqa: B009 - unknown to the types of older versions
    theirs = re.compile(translate("/".join(components), recursive=True, include_hidden=True, seps="/"))
    assert matches("/".join(names), ("/".join(components),)) == bool(theirs.match("/".join(names)))


@given(st.text(alphabet="ab/*?[]{},!-\\", max_size=12), st.text(alphabet="ab/", max_size=6))
def test_any_text_either_matches_or_is_refused_with_a_value_error(glob: str, text: str) -> None:
    try:
        pattern(glob)
    except ValueError:
        return
    assert matches(text, (glob,)) in (True, False)
