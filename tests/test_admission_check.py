"""`unfloat check --admission` as its users call it, and what it finds in the example fleet."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from admitting import kyverno
from click.testing import Result
from moving import call
from proving import write

FLEET = Path(__file__).parents[1] / "examples" / "fleet"
CONFIG = "environments:\n  production:\n    globs: ['**']\n    namespaces: [shop]\n"
AUDIT = {".unfloat.yaml": CONFIG, "p.yaml": kyverno(action="Audit")}
ALLOW = "allow:\n  - {{path: p.yaml, code: '{}', reason: counting, owner: sre, expires: 2026-12-31}}\n"


def check(root: Path, *arguments: str) -> Result:
    return call("check", "--offline", "--date", "2026-11-26", *arguments, str(root))


def codes(result: Result) -> list[str]:
    return re.findall(r"^\S+:\d+:\d+: (UF\d+)", result.stdout, re.MULTILINE)


def test_the_policies_of_the_example_fleet_are_as_the_plan_says() -> None:
    result = check(FLEET, "--admission")
    assert re.findall(r"^(policies/\S+:\d+:\d+): (UF\d+)", result.stdout, re.MULTILINE) == [
        ("policies/deny-latest-tag.yaml:16:52", "UF020"),
        ("policies/deny-latest-tag.yaml:21:13", "UF023"),
        ("policies/require-digest-mutation.yaml:11:52", "UF021"),
        ("policies/require-digest-mutation.yaml:15:16", "UF021"),
        ("policies/require-digest-mutation.yaml:16:25", "UF022"),
    ]


def test_without_the_option_policies_are_not_looked_at(tmp_path: Path) -> None:
    write(tmp_path, AUDIT)
    result = check(tmp_path)
    assert (result.exit_code, result.stdout) == (0, "")


def test_a_fault_is_a_violation_at_the_scalar_to_edit(tmp_path: Path) -> None:
    write(tmp_path, AUDIT)
    result = check(tmp_path, "--admission")
    assert result.exit_code == 1
    assert result.stdout == (
        "p.yaml:5:28: UF024 ClusterPolicy/pins enforces nothing in shop (production) (validationFailureAction: Audit); "
        "let it deny there\n"
    )


@pytest.mark.parametrize("style", ["json", "sarif", "github", "gitlab", "junit"])
def test_every_format_shows_it(tmp_path: Path, style: str) -> None:
    write(tmp_path, AUDIT)
    result = check(tmp_path, "--admission", "--format", style)
    assert result.exit_code == 1
    assert "UF024" in result.stdout


def test_statistics_count_it(tmp_path: Path) -> None:
    write(tmp_path, AUDIT)
    found = json.loads(check(tmp_path, "--admission", "--statistics", "--format", "json").stdout)
    assert "UF024" in json.dumps(found)


@pytest.mark.parametrize("code", ["UF024", "*"])
def test_an_exception_of_the_configuration_excuses_it_and_is_of_use(tmp_path: Path, code: str) -> None:
    write(tmp_path, {**AUDIT, ".unfloat.yaml": CONFIG + ALLOW.format(code)})
    assert codes(check(tmp_path, "--admission")) == []
    assert codes(check(tmp_path)) == []


def test_an_exception_for_nothing_is_called_useless_only_where_that_was_looked_for(tmp_path: Path) -> None:
    write(tmp_path, {"p.yaml": kyverno(), ".unfloat.yaml": CONFIG + ALLOW.format("UF024")})
    assert codes(check(tmp_path, "--admission")) == ["UF008"]
    assert codes(check(tmp_path)) == []


def test_an_exception_for_anything_in_a_tree_without_policies_is_useless(tmp_path: Path) -> None:
    write(tmp_path, {"p.yaml": "a: b\n", ".unfloat.yaml": CONFIG + ALLOW.format("*")})
    assert codes(check(tmp_path)) == ["UF008"]


def test_what_could_not_be_judged_is_said(tmp_path: Path) -> None:
    write(tmp_path, {"p.yaml": kyverno(action="Audit")})
    result = check(tmp_path, "--admission")
    assert result.exit_code == 0
    assert "where admission policies hold and enforce (UF020, UF024) was not judged" in result.stderr
    assert "not judged" not in check(tmp_path, "--admission", "-q").stderr


def test_a_tree_without_policies_says_so(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "a: b\n"})
    assert "No admission policy about images was found." in check(tmp_path, "--admission").stderr


@pytest.mark.parametrize("target", ["validating-admission-policy", "kyverno", "gatekeeper"])
def test_what_unfloat_emits_itself_has_no_fault_unless_an_environment_is_left_out(tmp_path: Path, target: str) -> None:
    root = tmp_path / "fleet"
    shutil.copytree(FLEET, root, ignore=shutil.ignore_patterns("policies"))
    (root / "policies").mkdir()

    def said(*arguments: str) -> list[str]:
        emitted = call("emit", target, "--offline", *arguments, str(root))
        (root / "policies" / "digests.yaml").write_text(emitted.stdout)
        found = check(root, "--admission")
        return sorted(code for code in codes(found) if code >= "UF020")

    assert said() == []
    assert "UF020" in said("--env", "staging")
