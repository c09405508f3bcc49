"""The hooks for pre-commit, by pre-commit itself: what it makes of the manifest, and of real commits."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from moving import digest, lock, locked
from pages import ROOT, a_repository_of_ours, blocks, offline, program
from proving import commit, git, write

POD = "kind: Pod\nspec:\n  containers:\n    - image: {}\n"
PAGE = "pre-commit.md"
WEB = "ghcr.io/acme/web"

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    return a_repository_of_ours(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> dict[str, str]:
    """Hooks are installed once, into a home that all tests share."""
    home = tmp_path_factory.mktemp("home")
    return {**offline(wheels, home), "PRE_COMMIT_HOME": str(home / "pre-commit"), "PRE_COMMIT_COLOR": "never"}


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """A repository whose lock knows one image, and whose only commit holds a pod that floats."""
    root = tmp_path / "fleet"
    write(root, {"unfloat.lock": lock(locked(f"{WEB}:dev", digest("1"))), "old.yaml": POD.format("acme/old:dev")})
    commit(root)
    return root


@pytest.fixture
def run(environment: dict[str, str], fleet: Path) -> Run:
    def run(*command: str) -> Done:
        return subprocess.run(command, cwd=fleet, env=environment, capture_output=True, text=True, check=False)

    return run


def configure(fleet: Path, ours: tuple[Path, str], number: int, run: Run) -> None:
    """Use a configuration of the page, with our repository for the one that it names."""
    path, revision = ours
    text = blocks(PAGE, "yaml")[number]
    assert text.count("https://github.com/acme/unfloat") == text.count("1" * 40) == 1
    text = text.replace("https://github.com/acme/unfloat", str(path)).replace("1" * 40, revision)
    write(fleet, {".pre-commit-config.yaml": text})
    assert run(program("pre-commit"), "validate-config").returncode == 0
    assert run(program("pre-commit"), "install").returncode == 0


def verdicts(done: Done) -> dict[str, str]:
    return dict(re.findall(r"^(unfloat \w+)\.+(\w+)$", done.stdout + done.stderr, re.MULTILINE))


def test_pre_commit_takes_the_manifest(tmp_path: Path) -> None:
    command = [program("pre-commit"), "validate-manifest"]
    assert subprocess.run([*command, ROOT / ".pre-commit-hooks.yaml"], check=False).returncode == 0
    broken = tmp_path / "hooks.yaml"
    broken.write_text((ROOT / ".pre-commit-hooks.yaml").read_text().replace("language: python", "language: snake"))
    assert subprocess.run([*command, broken], check=False, capture_output=True).returncode == 1


def test_the_page_names_every_hook_and_what_it_runs() -> None:
    page = (ROOT / "docs" / PAGE).read_text()
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [hook["id"] for hook in hooks] == ["unfloat-check", "unfloat-run"]
    for hook in hooks:
        assert f"| `{hook['id']}` | `{hook['entry']}` |" in page


def test_a_commit_is_pinned_then_judged(ours: tuple[Path, str], fleet: Path, run: Run) -> None:
    git(fleet, "rm", "--quiet", "old.yaml")
    write(fleet, {"web.yaml": POD.format(f"{WEB}:dev")})
    configure(fleet, ours, 0, run)
    git(fleet, "add", ".")

    refused = run("git", "commit", "-m", "web")
    assert refused.returncode == 1
    assert verdicts(refused) == {"unfloat run": "Failed", "unfloat check": "Passed"}
    assert "files were modified by this hook" in refused.stderr
    assert (fleet / "web.yaml").read_text() == POD.format(f"{WEB}@{digest('1')}")
    assert not (fleet / "migration-report.md").exists()

    git(fleet, "add", ".")
    taken = run("git", "commit", "-m", "web")
    assert taken.returncode == 0
    assert verdicts(taken) == {"unfloat run": "Passed", "unfloat check": "Passed"}


def test_a_commit_that_nobody_can_pin_is_refused_with_the_place(ours: tuple[Path, str], fleet: Path, run: Run) -> None:
    write(fleet, {"apps/new.yaml": POD.format("acme/new:dev")})
    configure(fleet, ours, 0, run)
    git(fleet, "add", ".")
    for command in (("git", "commit", "-m", "new"), (program("pre-commit"), "run", "--all-files")):
        refused = run(*command)
        assert refused.returncode == 1
        assert verdicts(refused) == {"unfloat run": "Passed", "unfloat check": "Failed"}
        places = re.findall(r"^(\S+): UF001", refused.stdout + refused.stderr, re.MULTILINE)
        assert places == ["apps/new.yaml:4:14", "old.yaml:4:14"]


def test_a_commit_alone_is_judged_where_the_user_says_so(ours: tuple[Path, str], fleet: Path, run: Run) -> None:
    configure(fleet, ours, 1, run)
    write(fleet, {"notes.txt": "old.yaml floats\n"})
    git(fleet, "add", ".")
    assert verdicts(run("git", "commit", "-m", "notes")) == {"unfloat check": "Passed"}

    write(fleet, {"new.yaml": POD.format("acme/new:dev")})
    git(fleet, "add", ".")
    refused = run("git", "commit", "-m", "new")
    assert (refused.returncode, verdicts(refused)) == (1, {"unfloat check": "Failed"})
    assert re.findall(r"^(\S+): UF001", refused.stderr, re.MULTILINE) == ["new.yaml:4:14"]


def test_changes_that_are_not_staged_are_not_judged(ours: tuple[Path, str], fleet: Path, run: Run) -> None:
    write(fleet, {"old.yaml": POD.format(f"acme/old@{digest('2')}")})
    configure(fleet, ours, 0, run)
    git(fleet, "add", ".")
    write(fleet, {"old.yaml": POD.format("acme/old:main")})
    taken = run("git", "commit", "-m", "pinned")
    assert (taken.returncode, verdicts(taken)["unfloat check"]) == (0, "Passed")
    assert (fleet / "old.yaml").read_text() == POD.format("acme/old:main")


def test_the_hooks_keep_out_of_stages_that_have_no_files() -> None:
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()):
        assert set(hook["stages"]) == {"pre-commit", "pre-merge-commit", "pre-push", "manual"}
        assert hook["pass_filenames"] is False
