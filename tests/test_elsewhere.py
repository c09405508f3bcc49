"""GitLab CI, and unfloat from its repository alone: what the pages show is run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from moving import call, digest, lock, locked
from pages import ROOT, a_repository_of_ours, blocks, complaints, offline, program
from proving import commit, git, write

POD = "kind: Pod\nspec:\n  containers:\n    - image: {}\n"
PINNED = POD.format(f"acme/a@{digest('1')}")
GITLAB, ONE_LINER = "gitlab-ci.md", "one-liner.md"
OURS = re.compile(r"git\+https://\S+/acme/unfloat@1{40}")

Ours = tuple[Path, str]


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Ours:
    return a_repository_of_ours(tmp_path_factory.mktemp("ours"))


def from_here(text: str, ours: Ours) -> str:
    """The text with our repository for the one that the pages name."""
    changed, count = OURS.subn(f"git+file://{ours[0]}@{ours[1]}", text)
    assert count == 1
    return changed


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """A repository whose first commit holds an old violation, and whose second one a new one."""
    root = tmp_path / "fleet"
    known = lock(locked("acme/new:dev", digest("1")))
    write(root, {"old.yaml": POD.format("acme/old:dev"), "unfloat.lock": known})
    commit(root)
    write(root, {"new.yaml": POD.format("acme/new:dev")})
    commit(root)
    return root


@pytest.fixture(scope="session")
def container(tmp_path_factory: pytest.TempPathFactory, wheels: Path, ours: Ours) -> dict[str, str]:
    """The environment in the container of a GitLab job, after `before_script`."""
    home = tmp_path_factory.mktemp("home")
    subprocess.run([sys.executable, "-m", "venv", home / "python"], check=True)
    environment = offline(wheels, home)
    environment["PATH"] = f"{home / 'python' / 'bin'}:{environment['PATH']}"
    job = jobs()[0]
    done = gitlab(job["before_script"], job["variables"], home, environment, ours)
    assert done.returncode == 0, done.stderr
    return environment


def jobs() -> list[dict[str, Any]]:
    return [yaml.safe_load(text)["unfloat"] for text in blocks(GITLAB, "yaml")]


def gitlab(
    lines: list[str],
    variables: Mapping[str, str],
    folder: Path,
    environment: Mapping[str, str],
    ours: Ours,
    **more: str,
) -> subprocess.CompletedProcess[str]:
    """Lines of a script as GitLab's runner gives them to a shell: all together, the first that fails ends it."""
    variables = {**variables, "UNFLOAT": from_here(variables["UNFLOAT"], ours)}
    script = "\n".join(["set -eo pipefail", *lines])
    return subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={**environment, **variables, **more},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("text", blocks(GITLAB, "yaml"), ids=["everything", "a merge request"])
def test_the_jobs_of_the_page_are_valid_by_the_published_schema(text: str, tmp_path: Path) -> None:
    file = tmp_path / ".gitlab-ci.yml"
    file.write_text(text)
    assert complaints("vendor.gitlab-ci", file) == ""
    file.write_text(text.replace("when: always", "when: sometimes"))
    assert complaints("vendor.gitlab-ci", file)


def test_both_jobs_install_the_same() -> None:
    first, second = jobs()
    assert first["before_script"] == second["before_script"]
    assert first["variables"]["UNFLOAT"] == second["variables"]["UNFLOAT"]


def test_a_job_that_finds_something_fails_and_leaves_its_artifacts(
    container: dict[str, str], fleet: Path, ours: Ours
) -> None:
    job = jobs()[0]
    for _ in range(2):
        done = gitlab(job["script"], job["variables"], fleet, container, ours)
        assert done.returncode == 1
        assert re.findall(r"^(\S+): UF001", done.stdout, re.MULTILINE) == ["new.yaml:4:14", "old.yaml:4:14"]
        issues = json.loads((fleet / job["artifacts"]["reports"]["codequality"]).read_text())
        places = [(issue["location"]["path"], issue["location"]["lines"]["begin"]) for issue in issues]
        assert places == [("new.yaml", 4), ("old.yaml", 4)]
        assert all(
            {"description", "check_name", "fingerprint", "severity", "location"} == issue.keys() for issue in issues
        )
        (diff,) = job["artifacts"]["paths"]
        assert "+++ b/new.yaml" in (fleet / diff).read_text()


def test_a_job_that_finds_nothing_passes(container: dict[str, str], fleet: Path, ours: Ours) -> None:
    write(fleet, {"old.yaml": PINNED, "new.yaml": PINNED})
    job = jobs()[0]
    done = gitlab(job["script"], job["variables"], fleet, container, ours)
    assert (done.returncode, done.stdout) == (0, "")
    assert json.loads((fleet / job["artifacts"]["reports"]["codequality"]).read_text()) == []
    assert (fleet / "unfloat.diff").read_text() == ""


def test_a_job_that_cannot_judge_is_no_job_that_found_something(
    container: dict[str, str], fleet: Path, ours: Ours
) -> None:
    write(fleet, {".unfloat.yaml": "nonsense: true\n"})
    job = jobs()[0]
    done = gitlab(job["script"], job["variables"], fleet, container, ours)
    assert done.returncode == 2
    assert "unfloat: .unfloat.yaml" in done.stderr


def test_a_merge_request_is_judged_by_what_it_touches(container: dict[str, str], fleet: Path, ours: Ours) -> None:
    job = jobs()[1]
    base = git(fleet, "rev-parse", "HEAD~1").strip()
    done = gitlab(job["script"], job["variables"], fleet, container, ours, CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
    assert done.returncode == 1
    suites = ElementTree.parse(fleet / job["artifacts"]["reports"]["junit"]).getroot()
    assert [suite.get("name") for suite in suites] == ["new.yaml"]
    assert re.findall(r"^\+\+\+ (\S+)", (fleet / "unfloat.diff").read_text(), re.MULTILINE) == ["b/new.yaml"]
    assert job["variables"]["GIT_DEPTH"] == "0"


def test_unfloat_pins_the_image_of_the_job_as_the_page_says(tmp_path: Path) -> None:
    root, text = tmp_path / "root", blocks(GITLAB, "yaml")[0]
    write(root, {".gitlab-ci.yml": text})
    digests = write(tmp_path, {"digests.yaml": f"python:3.13: {digest('1')}\n"}) / "digests.yaml"
    assert call("run", "--pin-all", "--no-report", "--digests", str(digests), str(root)).exit_code == 0
    assert (root / ".gitlab-ci.yml").read_text() == text.replace("python:3.13", f"python:3.13@{digest('1')}")


@pytest.mark.parametrize("number", range(3), ids=["uvx", "pipx", "python"])
def test_one_line_is_enough(
    number: int, ours: Ours, fleet: Path, wheels: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    line = from_here(blocks(ONE_LINER, "sh")[number], ours)
    home = tmp_path_factory.mktemp("home")
    environment = offline(wheels, home) | {
        "UV_CACHE_DIR": str(home / "uv"),
        "UV_FIND_LINKS": str(wheels),
        "UV_OFFLINE": "1",
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
    }
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"

    def ran(more: str = "") -> subprocess.CompletedProcess[str]:
        command = ["sh", "-c", line.rstrip("\n") + more]
        return subprocess.run(command, cwd=fleet, env=environment, capture_output=True, text=True, check=False)

    found = ran()
    assert found.returncode == 1, found.stderr
    assert re.findall(r"^(\S+): UF001", found.stdout, re.MULTILINE) == ["new.yaml:4:14", "old.yaml:4:14"]
    assert ran(" --nonsense").returncode == 2
    write(fleet, {"old.yaml": PINNED, "new.yaml": PINNED})
    clean = ran()
    assert (clean.returncode, clean.stdout) == (0, "")


def test_the_pages_of_ci_are_complete_and_their_links_lead_somewhere() -> None:
    assert (len(blocks(GITLAB, "yaml")), len(blocks(ONE_LINER, "sh"))) == (2, 3)
    for page in (GITLAB, ONE_LINER, "github-action.md", "pre-commit.md"):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
        assert links
        assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
        assert f"docs/{page}" in (ROOT / "README.md").read_text(encoding="utf-8")
        assert f"../{page}" in (ROOT / "docs" / "cli" / "check.md").read_text(encoding="utf-8")


def test_the_programs_that_the_pages_name_are_those_that_are_tried() -> None:
    for name in ("uvx", "pipx", "pre-commit"):
        assert Path(program(name)).exists()
