"""Images of CI: GitHub workflows and actions, GitLab pipelines."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from casefiles import Case, cases, check, each_case

from codemod import registry
from codemod.place import place_of
from codemod.testing import check_leaves_alone, plan_of

TRANSFORMS = list(registry.load())
WORKFLOW = b"jobs:\n  a:\n    container: node\n"
PIPELINE = b"image: ruby\n"


@each_case("workflow.txt")
@pytest.mark.surface(
    "github-workflow",
    rewritten="`container`, `services`, `docker://` steps and actions, inputs and matrices that are containers",
)
@pytest.mark.surface("github-workflow", reported="names that expressions make up, images that steps are handed")
@pytest.mark.surface("github-workflow", left="`run`, actions, runners, names that steps build")
def test_a_case_of_a_workflow(case: Case) -> None:
    check(TRANSFORMS, case, ".github/workflows/ci.yaml")


@each_case("gitlab.txt")
@pytest.mark.surface(
    "gitlab-ci",
    rewritten="`image` and `services`, through anchors and `!reference`; variables and inputs that are images",
)
@pytest.mark.surface("gitlab-ci", reported="names that variables make up")
@pytest.mark.surface("gitlab-ci", left="scripts, includes, names that jobs build")
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
@pytest.mark.surface("gitlab-ci", found="parts below `.gitlab/ci`")
def test_files_are_known_by_their_paths(path: str, data: bytes) -> None:
    assert list(plan_of(TRANSFORMS, {path: data}).files) == [path]


@pytest.mark.parametrize("path", [".github/a.yml", ".github/workflows/x/a.yml", "gitlab/ci/a.yml", "reaction.yml"])
def test_other_files_are_none(path: str) -> None:
    assert place_of(path) == ()


@pytest.mark.surface("github-workflow", found="workflows and actions of GitHub, Gitea and Forgejo")
@pytest.mark.surface("gitlab-ci", found="`.gitlab-ci.yml` and its parts")
def test_the_surface_is_named() -> None:
    plan = plan_of(TRANSFORMS, {".github/workflows/a.yml": WORKFLOW, ".gitlab-ci.yml": PIPELINE})
    assert [image.site.surface for image in plan.images] == ["github-workflow", "gitlab-ci"]


PINNED_PIPELINES = {
    ".circleci/config.yml": "executors: {e: {docker: [{image: redis}, {image: 'ghcr.io/acme/x:main'}]}}\n",
    ".woodpecker.yml": "steps: {build: {image: golang}}\nservices: {db: {image: 'postgres:latest'}}\n",
    ".woodpecker/a/b.yaml": "steps: [{name: build, image: golang}]\n",
    ".drone.yml": "kind: pipeline\nsteps: [{name: a, image: golang}]\n",
    "bitbucket-pipelines.yml": "image: {name: node}\ndefinitions: {services: {db: {image: postgres}}}\n",
    "azure-pipelines.yml": "jobs: [{container: 'ghcr.io/acme/x:main'}, {container: {image: ubuntu}}]\n",
    "ci/cloudbuild.yaml": "steps: [{name: gcr.io/cloud-builders/docker, args: [push]}]\n",
    "ci/test.yaml": "steps:\n- {name: bash, id: a, args: [x]}\n- {name: 'gcr.io/acme/shell:main', entrypoint: bash}\n",
}
LEFT_PIPELINES = {
    ".circleci/config.yml": (
        "jobs: {a: {machine: {image: 'ubuntu-2204:latest'}, docker: [{image: cimg/go:1.22}]}}\n",
        "tag-only",
    ),
    ".circleci/a.yml": ("jobs: {a: {docker: [{image: << parameters.image >>}]}}\n", "computed-reference"),
    ".woodpecker.yml": (
        "steps: {a: {commands: ['docker pull a/b:main'], settings: {repo: a/b}}}\n",
        None,
    ),
    ".drone.yml": ("kind: pipeline\nsteps: [{image: '${IMAGE}'}]\n", "computed-reference"),
    "bitbucket-pipelines.yml": ("pipelines: {default: [{step: {name: image, services: [docker]}}]}\n", None),
    "azure-pipelines.yml": ("pool: {vmImage: ubuntu-latest}\njobs: [{container: linux}]\n", None),
    "cloudbuild.yaml": ("steps: []\nimages: ['gcr.io/acme/web:latest']\n", None),
    "ci/build.yaml": (
        "steps: [{name: gcr.io/kaniko@sha256:" + "a" * 64 + ", args: []}]\nimages: ['gcr.io/acme/web:latest']\n",
        None,
    ),
    "ci/no-registry.yaml": ("steps: [{name: build, args: [x]}, {name: test, args: [y]}]\n", None),
    "ci/other-steps.yaml": ("steps: [{name: 'gcr.io/acme/shell:main', command: bash}]\n", None),
    "ci/other-keys.yaml": ("on: push\nsteps: [{name: 'gcr.io/acme/shell:main', args: [x]}]\n", None),
    "ci/nothing-done.yaml": ("steps: [{name: 'gcr.io/acme/shell:main'}]\n", None),
    "ci/named-steps.yaml": ("steps: {a: {name: 'gcr.io/acme/shell:main', args: [x]}}\n", None),
}


@pytest.mark.parametrize("path", PINNED_PIPELINES)
@pytest.mark.surface("ci-pipeline", found="CircleCI, Woodpecker, Drone, Bitbucket, Azure Pipelines, Cloud Build")
@pytest.mark.surface("ci-pipeline", rewritten="the images that their jobs and services run in")
def test_pipelines_of_others_are_pinned(path: str) -> None:
    plan = plan_of(TRANSFORMS, {path: PINNED_PIPELINES[path].encode()})
    text = plan.files[path][1].decode()
    assert {image.site.surface for image in plan.images} == {"ci-pipeline"}
    assert text.count("@sha256:") == len(plan.images)
    assert not plan_of(TRANSFORMS, {path: text.encode()}).files


@pytest.mark.parametrize("path", LEFT_PIPELINES)
@pytest.mark.surface("ci-pipeline", reported="names that parameters make up")
@pytest.mark.surface("ci-pipeline", left="machine images, pools, what Cloud Build pushes")
def test_what_stays_in_pipelines_of_others(path: str) -> None:
    text, code = LEFT_PIPELINES[path]
    check_leaves_alone(TRANSFORMS, text, path=path, code=code)


def complaints(folder: Path, text: str) -> list[tuple[str, int]]:
    """What actionlint says about a workflow, without the messages: images are named in these."""
    path = folder / "ci.yaml"
    path.write_text(text, encoding="utf-8")
    command = [str(Path(sys.executable).with_name("actionlint")), "-format", "{{json .}}", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return [(found["kind"], found["line"]) for found in json.loads(done.stdout)]


@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"),
    reason="actionlint comes as a package for Linux x86_64 only",
)
def test_actionlint_has_nothing_more_to_say_about_what_is_rewritten(tmp_path: Path) -> None:
    fleet = Path(__file__).parents[1] / "examples" / "fleet" / ".github" / "workflows"
    texts = [case.before for case in cases("workflow.txt").values() if case.after is not None]
    texts += [path.read_text("utf-8") for path in sorted(fleet.iterdir())]
    rewritten = 0
    for text in texts:
        plan = plan_of(TRANSFORMS, {".github/workflows/ci.yaml": text.encode()})
        for before, after in plan.files.values():
            said = complaints(tmp_path, before.decode())
            assert [found for found in complaints(tmp_path, after.decode()) if found not in said] == []
            rewritten += 1
    assert rewritten > 5


RUN = """jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          docker run --rm \\
            ghcr.io/acme/tool:main copy "docker://${{ github.repository }}:main"
          IMAGE=ghcr.io/acme/value:dev
          kubectl run probe --image=ghcr.io/acme/probe:dev
          docker pull acme/old:1.2
          docker build -t acme/web:dev . && docker push acme/web:dev
          echo "not ghcr.io/acme/said:main"
          # docker run ghcr.io/acme/comment:main
      - run: docker run ghcr.io/acme/pinned:main@sha256:DIGEST
      - run: docker pull ${{ env.REGISTRY }}/web:latest
"""


@pytest.mark.surface("github-workflow", reported="floating images that `run:` runs or pulls")
def test_what_a_step_runs_is_reported_and_stays() -> None:
    text = RUN.replace("DIGEST", "0" * 64)
    plan = plan_of(TRANSFORMS, {".github/workflows/a.yaml": text.encode()})
    assert plan.files == {}
    found = [(entry.site.line, entry.site.column, entry.code, entry.text) for entry in plan.left]
    assert found == [
        (7, 13, "run-text", "ghcr.io/acme/tool:main"),
        (8, 17, "run-text", "ghcr.io/acme/value:dev"),
        (9, 37, "run-text", "ghcr.io/acme/probe:dev"),
    ]


@pytest.mark.surface("gitlab-ci", reported="floating images that `script:` runs or pulls")
def test_what_the_script_of_a_job_runs_is_reported_and_stays() -> None:
    text = "web:\n  image: alpine@sha256:" + "0" * 64 + "\n  script:\n    - docker run acme/tool:main\n    - make\n"
    plan = plan_of(TRANSFORMS, {".gitlab-ci.yml": text.encode()})
    assert [(entry.site.line, entry.code, entry.text) for entry in plan.left] == [(4, "run-text", "acme/tool:main")]
