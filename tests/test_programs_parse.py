"""Edited files of the example fleet still parse, by the real tool of their language; one call a tool."""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from test_example_fleet import FLEET, fleet_plan

from codemod import syntax
from codemod.source import Source

FILES = fleet_plan().files
BEFORE = {path: before for path, (before, _) in FILES.items()}
AFTER = {path: after for path, (_, after) in FILES.items()}
GRAMMARS = {
    ".go": ("tree_sitter_go", "language"),
    ".py": ("tree_sitter_python", "language"),
    ".sh": ("tree_sitter_bash", "language"),
    ".ts": ("tree_sitter_typescript", "language_typescript"),
    ".tf": ("tree_sitter_hcl", "language"),
}
KINDS = {
    "Go": r".*\.go",
    "Python": r".*\.py",
    "shell": r".*\.sh",
    "TypeScript": r".*\.ts",
    "Terraform": r".*\.tf",
    "Dockerfile": r"(.*/)?Dockerfile",
    "makefile": r"(.*/)?Makefile",
    "workflow": r"\.github/workflows/.*\.yml",
    "kustomization": r"(.*/)?kustomization\.yaml",
    "compose": r"(.*/)?compose\.yaml",
    "template": r".*/templates/.*",
    "YAML": r"(?!.*/templates/).*\.ya?ml",
    "JSON": r"(?!\.devcontainer/).*\.json",
}


def edited(kind: str) -> list[str]:
    return [path for path in sorted(FILES) if re.fullmatch(KINDS[kind], path)]


def suffix(path: str) -> str:
    return path[path.rfind(".") :]


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The fleet before the run and after it."""
    found = []
    for name, edits in (("before", BEFORE), ("after", AFTER)):
        root = tmp_path_factory.mktemp(name)
        for path in FLEET.rglob("*"):
            if path.is_file():
                relative = path.relative_to(FLEET)
                (root / relative).parent.mkdir(parents=True, exist_ok=True)
                (root / relative).write_bytes(edits.get(str(relative), path.read_bytes()))
        found.append(root)
    return found[0], found[1]


def packaged(name: str) -> str:
    """A program that comes with the development dependencies on Linux x86_64; elsewhere it is missed, visibly."""
    program = Path(sys.executable).with_name(name)
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.skip(f"{name} comes as a package for Linux x86_64 only")
    assert program.exists(), f"{name} is missing: make sets it up"
    return str(program)


def ran(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_an_edited_file(kind: str) -> None:
    assert edited(kind)


@pytest.mark.parametrize("path", [path for path in sorted(FILES) if suffix(path) in GRAMMARS])
def test_an_edited_program_has_a_syntax_tree_without_errors(path: str) -> None:
    assert syntax.root(Source(path, AFTER[path], "text"), *GRAMMARS[suffix(path)]) is not None


def test_gofmt_reads_edited_go_and_has_no_more_to_format(trees: tuple[Path, Path], gofmt: Path) -> None:
    was, now = (ran(root, str(gofmt), "-e", "-l", *edited("Go")) for root in trees)
    assert (now.returncode, now.stderr) == (0, "")
    assert now.stdout == was.stdout


def test_python_compiles_edited_python(trees: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(trees[1] / ".pycache"))
    done = ran(trees[1], sys.executable, "-m", "py_compile", *edited("Python"))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", edited("shell"))
def test_bash_reads_an_edited_script(trees: tuple[Path, Path], path: str) -> None:
    done = ran(trees[1], "bash", "-n", path)
    assert (done.returncode, done.stderr) == (0, "")


def test_make_reads_edited_makefiles(trees: tuple[Path, Path]) -> None:
    for path in edited("makefile"):
        done = ran(trees[1], "make", "--dry-run", "--file", path)
        assert (done.returncode, done.stderr) == (0, "")
        assert "@sha256:" in done.stdout


def complaints_of_hadolint(root: Path) -> list[tuple[str, str]]:
    done = ran(root, packaged("hadolint"), "--no-fail", "--format", "json", *edited("Dockerfile"))
    assert (done.returncode, done.stderr) == (0, "")
    return sorted((found["file"], found["code"]) for found in json.loads(done.stdout))


def test_hadolint_reads_edited_dockerfiles_and_has_no_more_to_say(trees: tuple[Path, Path]) -> None:
    was, now = map(complaints_of_hadolint, trees)
    assert "DL1000" not in {code for _, code in now}  # it cannot be read
    assert set(now) <= set(was)


def complaints_of_actionlint(root: Path) -> list[tuple[str, str, int]]:
    done = ran(root, packaged("actionlint"), "-no-color", "-format", "{{json .}}", *edited("workflow"))
    assert done.returncode in (0, 1), done.stderr
    return [(found["filepath"], found["kind"], found["line"]) for found in json.loads(done.stdout)]


def test_actionlint_reads_edited_workflows_and_has_no_more_to_say(trees: tuple[Path, Path]) -> None:
    was, now = map(complaints_of_actionlint, trees)
    assert "syntax-check" not in {kind for _, kind, _ in now}
    assert set(now) <= set(was)


def test_kustomize_builds_what_it_built_before(trees: tuple[Path, Path], kustomize: tuple[str, ...]) -> None:
    folders = sorted(str(path.parent.relative_to(trees[0])) for path in trees[0].rglob("kustomization.yaml"))
    assert {path.rpartition("/")[0] for path in edited("kustomization")} <= set(folders)
    for folder in folders:
        was, now = (ran(root, *kustomize, folder) for root in trees)
        assert (was.returncode, now.returncode) == (0, 0), now.stderr
        assert len(list(objects(was.stdout))) == len(list(objects(now.stdout))) > 0


def objects(text: str) -> Iterator[object]:
    return (found for found in yaml.load_all(text, yaml.CSafeLoader) if found is not None)


@pytest.mark.parametrize("path", [*edited("YAML"), *edited("JSON")])
def test_an_edited_document_has_as_many_objects_as_before(path: str) -> None:
    try:
        was = list(objects(BEFORE[path].decode()))
    except yaml.YAMLError:
        pytest.skip(f"{path} cannot be read before, either")
    assert [type(one) for one in objects(AFTER[path].decode())] == [type(one) for one in was]
    if path.endswith(".json"):
        json.loads(AFTER[path])


def test_helm_renders_charts_whose_templates_are_edited(trees: tuple[Path, Path], helm: Path) -> None:
    charts = sorted({path.partition("/templates/")[0] for path in edited("template")})
    for chart in charts:
        was, now = (ran(root, str(helm), "template", "release", chart) for root in trees)
        assert was.returncode == now.returncode, f"{chart}: {now.stderr}"
        assert len(list(objects(was.stdout))) == len(list(objects(now.stdout)))
