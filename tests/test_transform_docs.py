"""The documentation of a transform is executed: the diff in its docstring is what it does."""

from __future__ import annotations

import re

import pytest

from codemod import registry
from codemod.registry import documentation
from codemod.testing import check_rewrites
from codemod.transform import Transform

TRANSFORMS = registry.load()
_DIFF = re.compile(r"(?m)(?:^    [ +-][^\n]*\n)+")


def diff(transform: Transform) -> tuple[str, str]:
    """Text before and after, from the lines of the docstring's diff."""
    match = _DIFF.search(documentation(transform))
    if match is None:
        return "", ""
    lines = [line[4:] for line in match[0].splitlines()]
    before = "".join(line[1:] + "\n" for line in lines if line[0] in " -")
    after = "".join(line[1:] + "\n" for line in lines if line[0] in " +")
    return before, after


@pytest.mark.parametrize("transform", TRANSFORMS, ids=lambda transform: transform.name)
def test_a_docstring_says_in_one_sentence_what_and_then_why_and_what_stays(transform: Transform) -> None:
    text = documentation(transform)
    first = text.splitlines()[0]
    assert first.endswith(".")
    assert len(first) <= 120
    for word in ("Why:", "Leaves alone:", "Reports:"):
        assert word in text, f"{transform.name} does not say {word}"


@pytest.mark.parametrize(
    "transform", [t for t in TRANSFORMS if diff(t)[0] != diff(t)[1]], ids=lambda transform: transform.name
)
def test_the_diff_of_a_docstring_is_what_the_transforms_do(transform: Transform) -> None:
    before, after = diff(transform)
    path = "example.go" if transform.reads.name == "go" else "values.yaml"
    chosen = [other for other in TRANSFORMS if other.reads.name == transform.reads.name]
    result = check_rewrites(chosen, before, after, path=path)
    assert result.changed


def test_all_but_the_reporting_transform_show_a_diff() -> None:
    assert [t.name for t in TRANSFORMS if diff(t)[0] == diff(t)[1]] == ["unreadable-yaml"]
