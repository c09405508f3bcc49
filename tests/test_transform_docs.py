"""The documentation of every transform is its docstring, and its diffs are carried out here as they stand."""

from __future__ import annotations

import re
from itertools import groupby

import pytest
from diffs import before_and_after
from filetrees import check_tree

from codemod import codes
from codemod.registry import documentation, load
from codemod.testing import check_rewrites
from codemod.transform import Transform

TRANSFORMS = load()
_DIFF_LINE = re.compile(r" {4}(?:[ +-]|# file: )")
_WORD = re.compile(r"\(`([a-z]+(?:-[a-z]+)*)`\)")


def diffs(text: str) -> list[str]:
    """The diffs of a docstring: each block of lines that are indented by four and begin with a diff's mark.

    A block may show several files; each begins with a line `# file: path`.
    """
    blocks = groupby(text.splitlines(), key=lambda line: bool(_DIFF_LINE.match(line)))
    return ["".join(f"{line[4:]}\n" for line in lines) for is_diff, lines in blocks if is_diff]


PATHS = {
    "kustomize-images": "kustomization.yaml",
    "kustomize-literals": "kustomization.yaml",
    "compose-builds": "compose.yaml",
    "workflow-images": ".github/workflows/ci.yaml",
    "gitlab-images": ".gitlab-ci.yml",
    "pipeline-images": ".circleci/config.yml",
    "bare-images": "example.ts",
    "program-pull-policies": "example.ts",
}
"""Where the diff of a transform stands that looks at files of certain names."""


def path_for(transform: Transform) -> str:
    if (path := PATHS.get(transform.name)) is not None:
        return path
    if transform.reads[0].name == "yaml":
        return "values.yaml"
    language = transform.reads[0]
    return language.names[0] if language.names else f"example{language.suffixes[0]}"


def by_name(transform: Transform) -> str:
    return transform.name


each = pytest.mark.parametrize("transform", TRANSFORMS, ids=by_name)


def test_all_transforms_of_the_package_are_found() -> None:
    names = {"embedded-yaml", "go-strings", "image-maps", "image-references", "pull-policies", "unreadable-yaml"}
    assert names <= {transform.name for transform in TRANSFORMS}


@each
def test_the_first_line_is_one_sentence(transform: Transform) -> None:
    first, *rest = documentation(transform).splitlines()
    assert re.fullmatch(r"[A-Z].{20,110}[^.]\.", first)
    assert rest[0] == ""


@each
def test_it_says_why_and_what_it_leaves_alone(transform: Transform) -> None:
    text = documentation(transform)
    assert [text.count(f"\n{word}: ") for word in ("Why", "Leaves alone", "Reports")] == [1, 1, 1]


@each
def test_every_code_that_it_reports_is_explained(transform: Transform) -> None:
    reported = documentation(transform).partition("\nReports: ")[2]
    found = _WORD.findall(reported.replace("\n", " "))
    assert found
    assert set(found) <= set(codes.CODES)


@each
def test_it_shows_a_diff_unless_it_changes_nothing(transform: Transform) -> None:
    text = documentation(transform)
    assert bool(diffs(text)) is not ("Leaves alone: everything" in text)


DIFFS = [(transform, diff) for transform in TRANSFORMS for diff in diffs(documentation(transform))]


@pytest.mark.parametrize(("transform", "diff"), DIFFS, ids=[transform.name for transform, _ in DIFFS])
def test_its_diff_is_what_it_does(transform: Transform, diff: str) -> None:
    transforms = [one.named if one is transform else one for one in TRANSFORMS]
    if diff.startswith("# file: "):
        plan = check_tree(transforms, diff)
    else:
        plan = check_rewrites(transforms, *before_and_after(diff), path=path_for(transform))
    within = {change.site.transform for change in plan.changed}
    assert transform.name in within or transform.name.startswith(("embedded-", "makefile-recipes", "just-recipes"))
