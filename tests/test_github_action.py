"""The GitHub Action: its steps are run as a runner does, with a GitHub on loopback."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pages import ROOT, blocks, complaints, offline, program
from proving import commit, git, write
from rig import github
from rig.github import BOT, TOKEN, Api, Runner

from codemod import __version__

PAGE = "github-action.md"
POD = "kind: Pod\nspec:\n  containers:\n    - image: acme/{}:dev\n"
DIGESTS = "".join(f"acme/{name}:dev: sha256:{'1' * 64}\n" for name in "abc")
KNOWN = "--digests digests.yaml"
HOSTILE = "$(touch run) `id` ${{ github.token }} ; echo '::error::' \"*\""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the action is for Linux and macOS")


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> Path:
    """The runner's folder after the first step of the action, in a workspace that would take Python's modules over."""
    temp, workspace = tmp_path_factory.mktemp("temp"), tmp_path_factory.mktemp("workspace")
    for name in ("venv.py", "pip.py", "json.py", "click.py"):
        (workspace / name).write_text("raise SystemExit('code of the workspace was run')\n")
    runner = Runner(workspace, temp, tmp_path_factory.mktemp("own"), extra=offline(wheels, temp))
    done = runner.run("Install unfloat", python=sys.executable)
    assert done.code == 0, done.error
    return temp


@pytest.fixture
def api() -> Iterator[Api]:
    with github.api() as served:
        yield served


@pytest.fixture
def runner(installed: Path, api: Api, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """A pull request against main in a repository of two pods that float."""
    root = tmp_path_factory.mktemp("fleet")
    write(root, {"apps/a.yaml": POD.format("a"), "b.yaml": POD.format("b"), "digests.yaml": DIGESTS})
    commit(root)
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD")
    return Runner(root, installed, tmp_path_factory.mktemp("own"), api.url, base="main")


def test_the_action_is_valid_by_its_published_schema(tmp_path: Path) -> None:
    assert complaints("vendor.github-actions", ROOT / "action.yml") == ""
    broken = tmp_path / "action.yml"
    broken.write_text((ROOT / "action.yml").read_text().replace("using: composite", "using: nothing"))
    assert complaints("vendor.github-actions", broken)


def test_no_expression_becomes_part_of_a_script() -> None:
    for step in github.steps().values():
        assert "${{" not in step["run"]
        assert "uses" not in step


@pytest.mark.skipif(not Path(program("shellcheck")).exists(), reason="shellcheck comes for Linux x86_64 only")
@pytest.mark.parametrize("name", github.steps())
def test_shellcheck_has_nothing_to_say_about_a_step(name: str, tmp_path: Path) -> None:
    script = tmp_path / "step.sh"
    script.write_text("#!/usr/bin/env bash\nset -eo pipefail\n" + github.steps()[name]["run"])
    done = subprocess.run([program("shellcheck"), str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.skipif(not Path(program("actionlint")).exists(), reason="actionlint comes for Linux x86_64 only")
@pytest.mark.parametrize("number", range(3))
def test_the_workflows_of_the_page_are_valid_and_give_inputs_that_there_are(number: int, tmp_path: Path) -> None:
    text = blocks(PAGE, "yaml")[number]
    file = tmp_path / ".github" / "workflows" / "images.yml"
    write(tmp_path, {"action.yml": (ROOT / "action.yml").read_text(), ".github/workflows/images.yml": text})
    assert complaints("vendor.github-workflows", file) == ""
    git(tmp_path, "init", "--quiet")
    file.write_text(re.sub(r"acme/unfloat@\S+", "./", text))
    command = [program("actionlint"), "-no-color", str(file)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_page_shows_every_workflow_that_is_tried_and_every_input() -> None:
    assert len(blocks(PAGE, "yaml")) == 3
    page = (ROOT / "docs" / PAGE).read_text()
    for name, about in github.definition()["inputs"].items():
        default = "`github.token`" if name == "token" else f"`{about['default']}`" if about["default"] else ""
        assert f"| `{name}` | {default} |".replace("|  |", "| |") in page


def test_actions_in_the_workflows_are_pinned_and_jobs_have_no_more_than_they_need() -> None:
    for text in blocks(PAGE, "yaml"):
        workflow = yaml.safe_load(text)
        assert workflow["permissions"] == {}
        (job,) = workflow["jobs"].values()
        assert job["permissions"].pop("contents") == "read"
        assert list(job["permissions"].items()) in ([("pull-requests", "write")], [("security-events", "write")])
        for step in job["steps"]:
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"])


def test_what_is_run_beside_unfloat_needs_the_standard_library_alone() -> None:
    tree = ast.parse((ROOT / "action" / "comment.py").read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert "json" in imported
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


def test_the_action_installs_the_commit_that_it_is_of(installed: Path) -> None:
    said = subprocess.run([installed / "unfloat/bin/unfloat", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout == f"unfloat {__version__}\n"


def test_an_old_python_is_one_clear_error(runner: Runner) -> None:
    old = runner.own / "python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = runner.run("Install unfloat", python=str(old))
    assert done.code == 2
    assert done.output.startswith("::error::unfloat needs Python 3.11 or newer")


def test_the_gate_annotates_and_fails(runner: Runner) -> None:
    done = runner.run("Gate")
    assert done.code == 1
    assert re.findall(r"^::error file=(\S+?),line=4,col=14,title=UF001 ", done.output, re.MULTILINE) == [
        "apps/a.yaml",
        "b.yaml",
    ]
    assert done.error.startswith("2 violations (UF001 2) in 3 files.")


def test_the_gate_of_a_folder_annotates_paths_from_the_top(runner: Runner) -> None:
    done = runner.run("Gate", path="apps")
    assert (done.code, done.output.count("::error")) == (1, 1)
    assert done.output.startswith("::error file=apps/a.yaml,")


def test_the_gate_works_where_the_checkout_is_somebody_else_s_as_in_container_jobs(runner: Runner) -> None:
    runner.extra = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    asked = ["git", "-C", str(runner.workspace), "status"]
    refused = subprocess.run(asked, env={**os.environ, **runner.extra}, capture_output=True, text=True, check=False)
    assert "dubious ownership" in refused.stderr
    assert runner.run("Gate").code == 1
    assert runner.run("Preview", args=KNOWN).output == "A comment is made.\n"


def test_the_gate_passes_where_nothing_floats(runner: Runner) -> None:
    pinned = {path: POD.format("a").replace(":dev", f"@sha256:{'1' * 64}") for path in ("apps/a.yaml", "b.yaml")}
    write(runner.workspace, pinned)
    done = runner.run("Gate")
    assert (done.code, done.output) == (0, "")


def test_a_gate_that_cannot_judge_is_exit_code_2(runner: Runner) -> None:
    write(runner.workspace, {".unfloat.yaml": "nonsense: true\n"})
    done = runner.run("Gate", sarif="found.sarif")
    assert (done.code, done.output) == (2, "")
    assert "unfloat: .unfloat.yaml" in done.error
    assert not (runner.workspace / "found.sarif").exists()


def test_violations_are_written_as_sarif_too(runner: Runner) -> None:
    done = runner.run("Gate", sarif="found.sarif")
    log = json.loads((runner.workspace / "found.sarif").read_text())
    assert (done.code, len(log["runs"][0]["results"])) == (1, 2)
    again = runner.run("Gate", sarif="found.sarif")
    assert json.loads((runner.workspace / "found.sarif").read_text()) == log
    assert again.output == done.output


def test_options_of_both_and_of_the_gate_alone_are_handed_over(runner: Runner) -> None:
    write(runner.workspace, {"apps/.unfloat.yaml": "private: [docker.io/acme/**]\n"})
    alone = runner.run("Gate", **{"check-args": "--pull-secrets"})
    assert (alone.code, alone.output) == (2, "")
    assert "nothing says which images are private" in alone.error
    both = {"args": "--config\n  apps/.unfloat.yaml ", "check-args": "--pull-secrets"}
    assert runner.run("Gate", **both).code == 1
    assert (runner.run("Preview", **both).code, "Nothing to change" in runner.summary) == (0, True)


def test_on_pull_requests_only_what_they_touch_can_be_judged(runner: Runner, api: Api) -> None:
    write(runner.workspace, {"b.yaml": POD.format("c")})
    commit(runner.workspace)
    done = runner.run("Gate", changed="true")
    assert (done.code, done.output.count("::error"), "file=b.yaml" in done.output) == (1, 1, True)
    runner.run("Preview", changed="true", args=KNOWN)
    assert re.findall("<code>(.*?)</code>", api.comments[0]["body"]) == ["b.yaml"]
    runner.base = ""
    assert runner.run("Gate", changed="true").output.count("::error") == 2


def test_history_that_is_missing_is_said(runner: Runner) -> None:
    git(runner.workspace, "update-ref", "-d", "refs/remotes/origin/main")
    gate, preview = runner.run("Gate", changed="true"), runner.run("Preview", changed="true")
    assert (gate.code, preview.code) == (2, 0)
    assert "origin/main: no commit of this repository; fetch it" in gate.error
    assert preview.output == "::warning::unfloat has no preview (exit code 2)\n"


def test_registries_are_asked_only_where_the_user_says_so(runner: Runner) -> None:
    write(runner.workspace, {"b.yaml": "image: 127.0.0.1:9/b:dev\n"})
    assert "127.0.0.1:9" not in runner.run("Preview").error
    asked = runner.run("Preview", offline="false")
    assert "127.0.0.1:9" in asked.error


def test_a_preview_makes_one_comment_and_updates_it(runner: Runner, api: Api) -> None:
    api.add("Looks good to me", {"login": "ada", "type": "User"})
    done = runner.run("Preview", args=KNOWN)
    assert (done.code, done.output) == (0, "A comment is made.\n")
    (_, comment) = api.comments
    assert re.match(r"<!-- unfloat:preview [0-9a-f]{16} -->\n### unfloat preview\n", comment["body"])
    assert "**2 of 3 files would change:** 2 images pinned." in comment["body"]

    assert runner.run("Preview", args=KNOWN).output == "The comment says so already.\n"
    write(runner.workspace, {"b.yaml": POD.format("c")})
    assert runner.run("Preview", args=KNOWN).output == "The comment is updated.\n"
    assert len(api.comments) == 2
    assert "acme/c@sha256" in comment["body"]
    assert [line for line in api.asked if not line.startswith("GET")] == [
        "POST /repos/acme/fleet/issues/7/comments",
        f"PATCH /repos/acme/fleet/issues/comments/{comment['id']}",
    ]


def test_the_summary_of_the_run_holds_the_preview_too(runner: Runner, api: Api) -> None:
    runner.run("Preview", args=KNOWN)
    assert runner.summary == api.comments[0]["body"].split("\n", 1)[1]
    runner.base = ""
    done = runner.run("Preview", args=KNOWN)
    assert done.output == "Not for a pull request: the preview is in the summary of this run.\n"
    assert runner.summary.count("### unfloat preview") == 2
    assert len(api.comments) == 1


def test_where_nothing_would_change_a_comment_is_updated_but_none_is_made(runner: Runner, api: Api) -> None:
    assert runner.run("Preview").output == "Nothing to say that would need a comment.\n"
    assert api.comments == []
    runner.run("Preview", args=KNOWN)
    assert runner.run("Preview").output == "The comment is updated.\n"
    assert "Nothing to change in 3 files." in api.comments[0]["body"]


def test_a_comment_can_be_declined(runner: Runner, api: Api) -> None:
    assert runner.run("Preview", args=KNOWN, comment="false").output == ""
    assert api.asked == []
    assert "### unfloat preview" in runner.summary


def test_the_comment_is_found_behind_many_others(runner: Runner, api: Api) -> None:
    for number in range(230):
        api.add(f"comment {number}")
    runner.run("Preview", args=KNOWN)
    assert runner.run("Preview").output == "The comment is updated.\n"
    assert len(api.comments) == 231


def test_each_folder_has_a_comment_of_its_own(runner: Runner, api: Api) -> None:
    runner.run("Preview", args=KNOWN)
    runner.run("Preview", args=KNOWN, path="apps")
    runner.run("Preview", args=KNOWN, path="./apps/")
    assert [comment["body"].count("<details") for comment in api.comments] == [2, 1]


@pytest.mark.parametrize("user", [{"login": "eve", "type": "User"}, None], ids=["a person", "a user who is gone"])
def test_the_comment_of_somebody_else_is_left_alone(runner: Runner, api: Api, user: dict[str, str] | None) -> None:
    runner.run("Preview", args=KNOWN)
    api.comments[0]["user"] = user
    theirs = api.comments[0]["body"]
    write(runner.workspace, {"b.yaml": POD.format("c")})
    assert runner.run("Preview", args=KNOWN).output == "A comment is made.\n"
    assert api.comments[0]["body"] == theirs


def test_with_the_token_of_a_user_the_comment_is_the_user_s(runner: Runner, api: Api) -> None:
    api.users["ghp_of-ada"] = {"login": "ada", "type": "User"}
    runner.run("Preview", args=KNOWN)
    for _ in range(2):
        runner.run("Preview", args=KNOWN, token="ghp_of-ada")
    assert [comment["user"] for comment in api.comments] == [BOT, api.users["ghp_of-ada"]]


def test_a_pull_request_from_a_fork_has_its_preview_in_the_summary(runner: Runner, api: Api) -> None:
    api.readers = (TOKEN,)
    done = runner.run("Preview", args=KNOWN)
    assert (done.code, api.comments) == (0, [])
    assert done.output.startswith("::notice title=unfloat::this token may not comment (a fork's pull request")
    assert "403 Resource not accessible by integration" in done.output
    assert "acme/a@sha256" in runner.summary
    assert runner.run("Gate").code == 1


@pytest.mark.parametrize("status", [301, 307, 401, 500, 502])
def test_a_github_in_trouble_fails_no_gate(runner: Runner, api: Api, status: int) -> None:
    api.broken = status
    done = runner.run("Preview", args=KNOWN)
    assert done.code == 0
    assert re.fullmatch(
        rf"::warning title=unfloat::the preview could not be shown on the pull request: GET /\S+: {status} .*\n",
        done.output,
    )
    assert len(api.asked) == 1


def test_a_github_that_is_not_there_fails_no_gate(runner: Runner) -> None:
    runner.api_url = "http://127.0.0.1:9"
    done = runner.run("Preview", args=KNOWN)
    assert (done.code, done.output.count("::warning title=unfloat::"), done.output.count("\n")) == (0, 1, 1)
    assert "Connection refused" in done.output


def test_a_diff_of_any_length_is_a_comment_that_github_takes(runner: Runner, api: Api) -> None:
    write(runner.workspace, {f"pods/{number:04}.yaml": POD.format("a") for number in range(900)})
    assert runner.run("Preview", args=KNOWN).output == "A comment is made.\n"
    body = api.comments[0]["body"]
    assert 60_000 < len(body) <= github.BODY_MAX
    assert re.search(r"\*\*\d+ more files\*\* would change", body)


def test_inputs_and_paths_are_never_run(runner: Runner, api: Api) -> None:
    write(runner.workspace, {"$(touch run); `touch run`/a\n::error::b.yaml": POD.format("a")})
    for name in ("Preview", "Gate"):
        done = runner.run(name, path=HOSTILE)
        assert done.code == (0 if name == "Preview" else 2)
        done = runner.run(name, args=f"{KNOWN} {HOSTILE}")
        assert done.code == (0 if name == "Preview" else 2)
    preview, gate = runner.run("Preview", args=KNOWN), runner.run("Gate", sarif="$(touch run)")
    assert "::error::b.yaml" not in re.findall(r"^::\S*", preview.output + preview.error, re.MULTILINE)
    assert re.findall(r"^::error(?! file=)", gate.output + gate.error, re.MULTILINE) == []
    assert not (runner.workspace / "run").exists()
    assert (runner.workspace / "$(touch run)").exists()


def test_the_token_is_told_to_nobody_but_github(runner: Runner, api: Api) -> None:
    runs = [runner.run("Preview", args=KNOWN), runner.run("Gate")]
    api.broken = 500
    runs.append(runner.run("Preview", args=KNOWN))
    texts = [text for step in runs for text in (step.output, step.error)]
    files = [path.read_text() for path in runner.own.iterdir()]
    assert not any(TOKEN in text for text in (*texts, *files, *(str(comment) for comment in api.comments)))


def test_the_step_of_the_page_is_what_was_tried(runner: Runner, api: Api) -> None:
    """Every step of the pages that uses the action, with its inputs, over the same tree."""
    for text in blocks(PAGE, "yaml"):
        (job,) = yaml.safe_load(text)["jobs"].values()
        steps: list[dict[str, Any]] = [step for step in job["steps"] if step["uses"].startswith("acme/unfloat@")]
        for step in steps:
            given = {key: json.dumps(value).strip('"') for key, value in step.get("with", {}).items()}
            assert runner.run("Preview", **given).code == 0
            assert runner.run("Gate", **given).code == (0 if "changed" in given else 1)
    assert (runner.workspace / "unfloat.sarif").exists()
