"""Images of CI: GitHub workflows and actions, GitLab pipelines."""

from __future__ import annotations

import pytest
from casefiles import Case, check, each_case

from codemod import registry
from codemod.place import place_of
from codemod.testing import plan_of

TRANSFORMS = list(registry.load())
WORKFLOW = b"jobs:\n  a:\n    container: node\n"
PIPELINE = b"image: ruby\n"


@each_case("workflow.txt")
def test_a_case_of_a_workflow(case: Case) -> None:
    check(TRANSFORMS, case, ".github/workflows/ci.yaml")


@each_case("gitlab.txt")
def test_a_case_of_a_pipeline(case: Case) -> None:
    check(TRANSFORMS, case, ".gitlab-ci.yml")


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (".github/workflows/a.yml", WORKFLOW),
        ("sub/.forgejo/workflows/a.yaml", WORKFLOW),
        ("lint/action.yml", WORKFLOW),
        (".gitlab-ci.yml", PIPELINE),
        ("ci/test.gitlab-ci.yml", PIPELINE),
        (".gitlab/ci/a/b.yml", PIPELINE),
    ],
)
def test_files_are_known_by_their_paths(path: str, data: bytes) -> None:
    assert list(plan_of(TRANSFORMS, {path: data}).files) == [path]


@pytest.mark.parametrize("path", [".github/a.yml", ".github/workflows/x/a.yml", "gitlab/ci/a.yml", "reaction.yml"])
def test_other_files_are_none(path: str) -> None:
    assert place_of(path) == ()


def test_the_surface_is_named() -> None:
    plan = plan_of(TRANSFORMS, {".github/workflows/a.yml": WORKFLOW, ".gitlab-ci.yml": PIPELINE})
    assert [image.site.surface for image in plan.images] == ["github-workflow", "gitlab-ci"]
