"""Copies of other repositories within one: read, never edited."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from moving import call
from proving import write

from codemod.place import copies, holding, place_of

JOB = "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    container: acme/ci:dev\n"
WORKFLOW = "lib/zstd-1.5/.github/workflows/ci.yml"
TREE = {WORKFLOW: JOB, "lib/zstd-1.5/LICENSE": "", "lib/zstd-1.5/a.yaml": "image: acme/a:dev\n"}


@pytest.mark.parametrize("licence", ["LICENSE", "LICENSE.md", "COPYING", "licence.txt", "LICENSE-APACHE"])
def test_a_folder_with_a_licence_and_workflows_of_its_own_is_a_copy(licence: str) -> None:
    assert copies(["a.yaml", WORKFLOW, f"lib/zstd-1.5/{licence}"]) == ["lib/zstd-1.5"]


@pytest.mark.parametrize(
    "paths",
    [
        [".github/workflows/ci.yml", "LICENSE"],
        [WORKFLOW, "LICENSE"],
        [WORKFLOW, "lib/LICENSE"],
        [WORKFLOW, "lib/zstd-1.5/licenses.yaml"],
        ["lib/zstd-1.5/LICENSE", "lib/zstd-1.5/a.yaml"],
    ],
    ids=["the root", "no licence", "the licence of all", "another file", "no workflows"],
)
def test_others_are_none(paths: list[str]) -> None:
    assert copies(paths) == []


def test_what_is_in_a_copy_stays_and_is_said_to_be_vendored(tmp_path: Path) -> None:
    write(tmp_path, {**TREE, "b.yaml": "image: acme/b:dev\n"})
    assert re.findall(r"^(\S+?):\d", call("check", str(tmp_path)).stdout, re.MULTILINE) == ["b.yaml"]
    shown = call("preview", "--format", "json", str(tmp_path)).stdout
    assert shown.count('"vendored"') >= 2


def test_a_list_of_the_user_s_own_says_all_that_is_vendored(tmp_path: Path) -> None:
    write(tmp_path, {**TREE, ".unfloat.yaml": "vendored: ['third/**']\n"})
    found = re.findall(r"^(\S+?):\d", call("check", str(tmp_path)).stdout, re.MULTILINE)
    assert found == [WORKFLOW, "lib/zstd-1.5/a.yaml"]


def test_workflows_that_forks_take_are_workflows() -> None:
    assert place_of(".github/fork_workflows/ci.yml") == place_of(".github/workflows/ci.yml") == ("workflow",)
    assert place_of(".github/ISSUE_TEMPLATE/bug.yml") == ()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("a\nb/.github/workflows/ci.yml", ("workflow",)),
        ("a/values/kustomization.yaml", ("kustomization", "values")),
        ("a/templates/docker-compose.yml", ("template", "compose")),
        ("a/.gitlab/ci/build.yml", ("gitlab-ci",)),
        ("a/.circleci/config.yml", ("pipeline",)),
        ("a/.woodpecker/deep/build.yaml", ("pipeline",)),
        ("a/woodpecker/build.yaml", ()),
        ("a/b/.drone.yml", ("pipeline",)),
        ("a/e2e-kind/values.yaml", ("values", "tests")),
        ("a/tests/deep/web.yaml", ("tests",)),
        ("a/latest/test.yaml", ()),
    ],
)
def test_folders_speak_beside_names(path: str, words: tuple[str, ...]) -> None:
    assert place_of(path) == words


def test_paths_with_a_word_are_found_among_all() -> None:
    paths = ["a/prod/x", "b", "c/prod/y\n", "prod/", "reprod/z", "e/prod/stage/prod/"]
    assert list(holding(("prod/", "none"), paths)) == [path for path in paths if "prod/" in path]
    assert list(holding(("a/", "b"), ("a/b", "b"))) == ["a/b", "a/b", "b"]
    assert list(holding(("prod/",), ())) == []
