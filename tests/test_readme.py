"""What the README and CONTRIBUTING show is what happens."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from codemod import cli

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def unfloat(*arguments: str) -> str:
    result = CliRunner().invoke(cli.main, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_diff_of_the_readme_is_what_preview_prints_for_the_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    printed = unfloat("preview", "examples/fleet", "--offline", "--digests", "examples/digests.yaml")
    hunks = [hunk.partition("--- a/")[0] for shown in blocks(README, "diff") for hunk in shown.split("@@\n")[1:]]
    assert len(hunks) == 3
    for hunk in hunks:
        assert hunk in printed


def test_every_command_that_the_readme_runs_exists() -> None:
    listed = unfloat("--help")
    commands = {line.split()[1] for block in blocks(README, "sh") for line in block.splitlines() if "unfloat " in line}
    shown = "baseline preview run images check explain stacks verify lock update promote emit report init"
    assert commands == {*shown.split()}
    for command in commands | {"explain", "transforms"}:
        assert f"  {command} " in listed


def test_every_link_of_the_readme_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README + CONTRIBUTING)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_transform_of_contributing_passes_its_own_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    written, tests = blocks(CONTRIBUTING, "python")
    module = ModuleType("transforms.tekton_bundles")
    exec(compile(written, "tekton_bundles.py", "exec"), module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    names: dict[str, object] = {}
    exec(compile(tests, "test_tekton_bundles.py", "exec"), names)
    cases = [case for name, case in names.items() if name.startswith("test_") and callable(case)]
    assert len(cases) == 2
    for case in cases:
        case()
