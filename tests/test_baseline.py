"""`unfloat baseline`: the violations of today become dated exceptions, and the gate is green."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from click.testing import Result
from moving import CHART, call
from proving import write

from codemod.baseline import exceptions, in_toml, in_yaml
from codemod.configfile import load_file
from codemod.gate import Violation

POD = "kind: Pod\nspec:\n  containers:\n    - image: {}\n      imagePullPolicy: Always\n"
TODAY = "2026-11-26"


def baseline(root: Path, *arguments: str) -> Result:
    return call("baseline", "--owner", "team-web", "--date", TODAY, *arguments, str(root))


def check(root: Path, day: str = TODAY) -> Result:
    return call("check", "--date", day, str(root))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    write(folder, {"a.yaml": POD.format("acme/a:dev"), "b.yaml": POD.format("acme/b:1.0")})
    return folder


def complaint(result: Result) -> str:
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(r"unfloat: [^\n]+\n", result.stderr), result.stderr
    return result.stderr


def test_after_a_baseline_the_gate_is_green_until_the_last_day(root: Path) -> None:
    assert check(root).exit_code == 1
    result = baseline(root)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "Wrote 3 exceptions, until 2027-02-24.\n"
    assert check(root).stdout == ""
    assert check(root, "2027-02-24").stdout == ""
    late = check(root, "2027-02-25")
    assert sorted(re.findall(r" (UF\d+) ", late.stdout)) == ["UF001", "UF004", "UF004", "UF007", "UF007", "UF007"]


def test_the_entries_are_narrow_owned_and_dated(root: Path) -> None:
    baseline(root, "--reason", 'see "X-12"', "--expires", "2026-12-31")
    assert (
        (root / ".unfloat.yaml")
        .read_text()
        .startswith(
            """\
allow:
  - path: "a.yaml"
    image: "docker.io/acme/a:dev"
    code: "UF001"
    reason: "see \\"X-12\\""
    owner: "team-web"
    expires: 2026-12-31
"""
        )
    )


def test_what_comes_after_a_baseline_is_a_violation(root: Path) -> None:
    baseline(root)
    write(root, {"a.yaml": POD.format("acme/new:dev")})
    assert " UF001 docker.io/acme/new:dev" in check(root).stdout


def test_a_second_baseline_has_nothing_to_write(root: Path) -> None:
    baseline(root)
    before = (root / ".unfloat.yaml").read_bytes()
    result = baseline(root)
    assert (result.exit_code, result.stderr) == (0, "No violations, so no exceptions.\n")
    assert (root / ".unfloat.yaml").read_bytes() == before


def test_several_images_of_one_place_all_get_an_exception(tmp_path: Path) -> None:
    write(tmp_path, {**CHART, "charts/web/values.yaml": "image:\n  tag: dev\n"})
    for name in ("one", "two", "three"):
        write(tmp_path, {f"env/{name}/web.yaml": f"image:\n  repository: acme/{name}\n"})
    assert check(tmp_path).exit_code == 1
    baseline(tmp_path)
    assert check(tmp_path).stdout == ""


def test_a_dry_run_prints_the_entries_and_writes_nothing(root: Path) -> None:
    result = baseline(root, "--dry-run")
    assert result.stdout.startswith("allow:\n  - path:")
    assert result.stderr == "Would write 3 exceptions, until 2027-02-24.\n"
    assert not (root / ".unfloat.yaml").exists()


HEAD = "# ours\nfloating_tags: [dev] # all\n"
ENTRY = "- path: old.yaml\n{0}code: '*'\n{0}reason: r\n{0}owner: o\n{0}expires: 2026-12-31 # soon\n"
FOUND = exceptions(
    [Violation("a[1].yaml", 1, 1, "UF001", "m", "acme/a:dev")],
    "o",
    "r",
    load_file("x", f"allow:\n{ENTRY.format('  ')}".encode()).allow[0].expires,
)
ADDED = 'path: "a\\\\[1\\\\].yaml"\n{0}image: "acme/a:dev"\n{0}code: "UF001"\n'
ADDED += '{0}reason: "r"\n{0}owner: "o"\n{0}expires: 2026-12-31\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "allow:\n  - " + ADDED.format("    ")),
        (HEAD, HEAD + "allow:\n  - " + ADDED.format("    ")),
        (HEAD.rstrip("\n"), HEAD + "allow:\n  - " + ADDED.format("    ")),
        (
            f"allow:\n{ENTRY.format('  ')}{HEAD}",
            f"allow:\n{ENTRY.format('  ')}- {ADDED.format('  ')}{HEAD}",
        ),
        (
            f"allow:\n    {ENTRY.format('      ')}\n{HEAD}",
            f"allow:\n    {ENTRY.format('      ')}    - {ADDED.format('      ')}\n{HEAD}",
        ),
        (
            f"allow:\n  {ENTRY.format('    ')}".rstrip("\n"),
            f"allow:\n  {ENTRY.format('    ')}  - {ADDED.format('    ')}",
        ),
    ],
    ids=["empty", "no list", "no final newline", "not indented", "in the middle", "at the end without a newline"],
)
def test_a_configuration_keeps_every_byte_and_gets_the_entries_at_the_end_of_its_list(before: str, after: str) -> None:
    got = in_yaml("x", before.encode(), FOUND)
    assert got.decode() == after
    assert load_file("x.yaml", got).allow[-1:] == FOUND


def test_a_configuration_keeps_its_line_breaks() -> None:
    before = f"allow:\n  {ENTRY.format('    ')}{HEAD}".replace("\n", "\r\n").encode()
    got = in_yaml("x", before, FOUND)
    assert b"\n" not in got.replace(b"\r\n", b"")
    assert load_file("x.yaml", got).allow[-1:] == FOUND


def test_the_configuration_is_no_source_of_images(root: Path) -> None:
    baseline(root)
    assert "unfloat.yaml" not in call("images", str(root)).stdout
    assert "unfloat.yaml" not in call("images", str(root.parent)).stdout


def test_an_image_of_a_name_and_one_without_in_one_file_both_get_an_exception(root: Path) -> None:
    chart = {"Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n"}
    write(root, {**chart, "values.yaml": "image:\n  tag: dev\nother:\n  image: {repository: acme/a, tag: dev}\n"})
    baseline(root)
    assert check(root).stdout == ""


@pytest.mark.parametrize(
    "text",
    ["allow: [{path: a, code: '*', reason: r, owner: o, expires: 2026-12-31}]\n", "allow: []\n"],
)
def test_a_list_that_nothing_can_be_added_to_is_one_clear_line(root: Path, text: str) -> None:
    write(root, {".unfloat.yaml": text})
    assert ".unfloat.yaml: `allow` is " in complaint(baseline(root))
    assert (root / ".unfloat.yaml").read_text() == text


def test_a_pyproject_gets_tables(root: Path) -> None:
    write(root, {"pyproject.toml": "[tool.unfloat]\nfloating_tags = ['dev']\n"})
    baseline(root)
    assert not (root / ".unfloat.yaml").exists()
    assert (root / "pyproject.toml").read_text().count("\n[[tool.unfloat.allow]]\n") == 3
    assert check(root).stdout == ""
    write(root, {"b.yaml": POD.format("acme/b:dev")})
    baseline(root)
    assert check(root).stdout == ""


def test_a_pyproject_of_others_stays(root: Path) -> None:
    write(root, {"pyproject.toml": "[project]\nname = 'x'\n"})
    baseline(root)
    assert (root / "pyproject.toml").read_text() == "[project]\nname = 'x'\n"
    assert (root / ".unfloat.yaml").exists()


def test_an_inline_list_in_pyproject_is_one_clear_line(root: Path) -> None:
    write(root, {"pyproject.toml": "[tool.unfloat]\nallow = []\n"})
    assert "`allow` is an inline list" in complaint(baseline(root))


def test_tables_keep_crlf() -> None:
    assert b"\n" not in in_toml("x", b"[tool.unfloat]\r\n", FOUND).replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--expires", "2026-11-25"], "has passed"),
        (["--expires", "2027-02-25"], "lets exceptions hold, 2027-02-24"),
        (["--reason", " "], "--reason"),
        (["--owner", ""], "--owner"),
    ],
)
def test_bad_words_are_usage_errors(root: Path, arguments: list[str], said: str) -> None:
    assert said in complaint(baseline(root, *arguments))


def test_the_last_day_there_is_is_the_last_one_of_an_exception(root: Path) -> None:
    write(root, {".unfloat.yaml": "exception_days: 99999999999\n"})
    assert baseline(root, "--dry-run").stdout.count("expires: 9999-12-31") == 3


def test_what_cannot_be_read_is_told_and_the_rest_excused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = os.open

    def faulty(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if str(path).endswith("b.yaml"):
            raise PermissionError(13, "Permission denied")
        return genuine(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", faulty)
    result = baseline(root)
    assert result.exit_code == 2
    assert result.stderr == (
        "unfloat: b.yaml: cannot be read: Permission denied\nWrote 2 exceptions, until 2027-02-24.\n"
    )
    assert 'path: "b.yaml"' not in (root / ".unfloat.yaml").read_text()


def test_a_name_that_is_no_utf8_is_excused_by_a_glob() -> None:
    (one,) = exceptions([Violation("a\udce9.yaml", 1, 1, "UF001", "m")], "o", "r", FOUND[0].expires)
    assert one.path == "a?.yaml"
    assert one.image == "**"
