"""What the inventory searches still find: every match with its place, how it stands, and why."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from codemod.cli import main

EXAMPLES = Path(__file__).parents[1] / "examples"
DIGEST = "sha256:" + "5e" * 32
DAY = "2999-12-31"
POD = "kind: Pod\nspec:\n  containers:\n    - image: {image}\n      imagePullPolicy: {policy}\n"
EXCEPTION = f"allow: [{{path: '**/odd.yaml', code: '*', reason: no build yet, owner: team, expires: {DAY}}}]\n"


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def write(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_yaml", ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def inventory(root: Path, *arguments: str | Path) -> dict[str, Any]:
    result = run("report", root, "--inventory", "--offline", "--format", "json", "-q", *arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def standings(root: Path) -> list[str]:
    return [f"{match['path']}:{match['line']} {match['standing']}" for match in inventory(root)["matches"]]


# --- what is no place, and what the gate has nothing to say of -------------------------------------------------------


def test_a_tree_without_a_match_has_no_lines_and_counts_nothing(tmp_path: Path) -> None:
    write(tmp_path, web_yaml=POD.format(image=f"ghcr.io/acme/web@{DIGEST}", policy="IfNotPresent"))
    result = run("report", tmp_path, "--inventory", "--exit-code")
    assert (result.exit_code, result.stderr) == (0, "0 matches.\n")
    assert [line.split()[-6:] for line in result.stdout.splitlines()[1:]] == [["0"] * 6] * 3


@pytest.mark.parametrize(
    ("path", "line", "is_comment"),
    [
        ("a.sh", "# set tag: dev", True),
        ("a.sh", "  --set tag: dev", False),
        ("a.md", "# Then set tag: dev", False),
        ("a.md", "* set tag: dev", False),
        ("a.md", "<!-- set tag: dev -->", True),
        ("a.go", " * set tag: dev", True),
        ("a.go", "// set tag: dev", True),
        ("templates/a.tpl", "{{/* set tag: dev */}}", True),
    ],
)
def test_comments_are_told_from_other_text(tmp_path: Path, path: str, line: str, is_comment: bool) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text(f"{line}\n")
    (match,) = inventory(tmp_path)["matches"]
    assert match["standing"] == "text"
    assert match["why"] == ("a comment" if is_comment else "nothing that is read as an image")


def test_lines_that_name_no_image_are_text_and_say_so(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text(
        "# image: ghcr.io/acme/web:dev was tried\nset `imagePullPolicy: Always` never\n"
    )
    found = inventory(tmp_path)["matches"]
    assert [(match["standing"], match["why"]) for match in found] == [
        ("text", "nothing that is read as an image"),
        ("text", "a comment"),
    ]


def test_a_file_that_cannot_be_parsed_is_kept_line_by_line(tmp_path: Path) -> None:
    write(tmp_path, bad_yaml="a: [\n# tag: dev\ntag: dev\nimagePullPolicy: Always\n")
    assert standings(tmp_path) == ["bad.yaml:2 text", "bad.yaml:3 kept", "bad.yaml:4 kept"]


def test_vendored_files_and_tests_are_kept(tmp_path: Path) -> None:
    pod = POD.format(image="ghcr.io/acme/web:dev", policy="Always")
    write(tmp_path, vendor__pod_yaml=pod, testdata__pod_yaml=pod)
    found = inventory(tmp_path)["matches"]
    assert {(match["path"], match["standing"], match["code"]) for match in found} == {
        ("vendor/pod.yaml", "kept", "vendored"),
        ("testdata/pod.yaml", "kept", "test-data"),
    }


def test_what_an_environment_may_do_is_kept(tmp_path: Path) -> None:
    write(
        tmp_path,
        env__local__web_yaml=POD.format(image="ghcr.io/acme/web:dev", policy="Always"),
        _unfloat_yaml="environments: {local: {floating: report, pull_policy: any}}\n",
    )
    (tmp_path / "_unfloat.yaml").rename(tmp_path / ".unfloat.yaml")
    found = inventory(tmp_path)["matches"]
    assert [(match["standing"], match["environment"]) for match in found] == [("kept", "local")] * 2


def test_a_place_that_an_exception_excuses_has_its_owner_and_last_day(tmp_path: Path) -> None:
    write(tmp_path, odd_yaml=POD.format(image="ghcr.io/acme/odd:dev", policy="Always"))
    (tmp_path / ".unfloat.yaml").write_text(EXCEPTION)
    found = inventory(tmp_path)["matches"]
    assert [(match["standing"], match["owner"], match["expires"]) for match in found] == [("excused", "team", DAY)] * 2
    assert run("report", tmp_path, "--inventory", "--exit-code", "-q").exit_code == 0


def test_an_exception_in_a_comment_excuses_too(tmp_path: Path) -> None:
    comment = f'# unfloat: allow[UF001] until={DAY} reason="no build yet" owner=team\n'
    write(tmp_path, web_yaml=f"{comment}image: ghcr.io/acme/web:dev\n")
    assert standings(tmp_path) == ["web.yaml:2 excused"]


# --- what is open ----------------------------------------------------------------------------------------------------


def test_what_the_gate_objects_to_is_open_with_its_code(tmp_path: Path) -> None:
    write(tmp_path, web_yaml=POD.format(image="ghcr.io/acme/web:dev", policy="Always"))
    floats = "ghcr.io/acme/web:dev floats and no digest is known for it; supply one, then pin it"
    result = run("report", tmp_path, "--inventory", "--exit-code")
    assert (result.exit_code, result.stderr) == (1, "2 matches: 2 open.\n")
    assert result.stdout.splitlines()[:5] == [
        "# Pull policy `Always`",
        "web.yaml:5:24: open: Always (UF004 pull policy Always: pin the images it governs, then set IfNotPresent)",
        "",
        "# Whole references with a floating tag",
        f"web.yaml:4:14: open: ghcr.io/acme/web:dev (UF001 {floats})",
    ]


def test_without_exit_code_open_matches_are_no_failure(tmp_path: Path) -> None:
    write(tmp_path, web_yaml="image: ghcr.io/acme/web:dev\n")
    assert run("report", tmp_path, "--inventory").exit_code == 0


def test_an_expired_exception_excuses_nothing(tmp_path: Path) -> None:
    write(tmp_path, odd_yaml="image: ghcr.io/acme/odd:dev\n")
    (tmp_path / ".unfloat.yaml").write_text(EXCEPTION.replace(DAY, "2020-01-31"))
    assert standings(tmp_path) == ["odd.yaml:1 open"]


def test_a_tag_of_the_configuration_is_searched_for(tmp_path: Path) -> None:
    write(tmp_path, web_yaml="image:\n  repository: ghcr.io/acme/web\n  tag: pr-17\n")
    assert standings(tmp_path) == []
    (tmp_path / ".unfloat.yaml").write_text("floating_tags: ['pr-*']\n")
    assert standings(tmp_path) == ["web.yaml:3 open"]


def test_counts_are_by_search_and_environment_and_lines_count_once(tmp_path: Path) -> None:
    two = "a: {image: {repository: x/a, tag: dev}, b: {image: {repository: x/b, tag: dev}}}\n"
    write(tmp_path, env__dev__two_yaml=two, env__prod__one_yaml="image:\n  repository: x/c\n  tag: main\n")
    counts = [row for row in inventory(tmp_path)["counts"] if row["search"] == "tags"]
    assert [(row["environment"], row["places"], row["open"], row["lines"]) for row in counts] == [
        ("dev", 2, 2, 1),
        ("prod", 1, 1, 1),
    ]


# --- the report ------------------------------------------------------------------------------------------------------


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLES / "fleet", tmp_path / "fleet")
    return tmp_path / "fleet"


def contents(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_report_is_the_one_that_a_run_writes_and_nothing_is_edited(fleet: Path) -> None:
    given = ("--offline", "--digests", EXAMPLES / "digests.yaml")
    before = contents(fleet)
    alone = run("report", fleet, *given)
    assert contents(fleet) == before
    assert alone.stderr.startswith("Would change ")
    assert alone.stdout == run("run", fleet, *given, "--report", "-").stdout


def test_the_report_goes_to_a_file_and_is_json_if_wanted(tmp_path: Path) -> None:
    root = write(tmp_path / "root", web_yaml="image: ghcr.io/acme/web:dev\n")
    result = run("report", root, "--offline", "--report", tmp_path / "report.md", "-q")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert (tmp_path / "report.md").read_text().startswith("# Migration report\n")
    plan = run("report", root, "--offline", "--format", "json").stdout
    assert plan == run("preview", root, "--offline", "--format", "json").stdout


@pytest.mark.parametrize("arguments", [["--exit-code"], ["--inventory", "--pin-all"]], ids=str)
def test_options_that_mean_nothing_together_are_refused(tmp_path: Path, arguments: list[str]) -> None:
    result = run("report", tmp_path, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("unfloat: --")


def test_on_the_fleet_a_run_leaves_no_open_match_that_it_could_have_closed(fleet: Path) -> None:
    given = ("--digests", EXAMPLES / "digests.yaml")
    before = inventory(fleet, *given)
    run("run", fleet, "--offline", *given, "--no-report", "-q")
    after = inventory(fleet, *given)
    changes = json.loads(run("preview", fleet, "--offline", *given, "--format", "json").stdout)["changes"]
    assert changes == []
    assert sum(row["open"] for row in after["counts"]) < sum(row["open"] for row in before["counts"]) / 5
    left = {(match["path"], match["line"]) for match in after["matches"] if match["standing"] == "open"}
    checked = run("check", fleet, "--offline", *given).stdout.splitlines()
    places = {(path, int(line)) for path, line in (text.split(":")[:2] for text in checked)}
    assert left <= places
    assert all(match["why"] for match in after["matches"])
