"""The gate on the example fleet: before the migration, after it, and a day past the date of its exceptions."""

from __future__ import annotations

import json
import re
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from moving import call

EXAMPLES = Path(__file__).parent.parent / "examples"
DIGESTS = ("--offline", "--digests", str(EXAMPLES / "digests.yaml"))
TODAY, PAST = "2026-11-23", "2027-02-16"
EXPECTED: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "gate_expected.yaml").read_text("utf-8"))

Row = tuple[str, int, str, str | None]
"""Path, line, code, image."""


def rows(part: str, *, migrated: bool = False) -> list[Row]:
    found = []
    for path, entries in EXPECTED[part].items():
        for line, code, image, moved in ((*entry, None, None)[:4] for entry in entries):
            name = None if image is None else re.sub("^F/", "ghcr.io/fjordline/", image)
            found.append((path, moved["after"] if migrated and moved else line, code, name))
    return sorted(found, key=str)


@lru_cache
def said(root: Path, day: str, *options: str) -> list[Row]:
    """What the gate says of a tree on a day, by the command itself; its exit code must be that of its verdict."""
    result = call("check", str(root), "--date", day, "--format", "json", *(options or DIGESTS))
    found = json.loads(result.stdout)["violations"]
    assert result.exit_code == (1 if found else 0)
    return sorted(((one["path"], one["line"], one["code"], one["image"]) for one in found), key=str)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fleet after a run; the report is left out, since no command reads it."""
    root = tmp_path_factory.mktemp("migrated") / "fleet"
    shutil.copytree(EXAMPLES / "fleet", root, ignore=shutil.ignore_patterns("migration-report.md"))
    result = call("run", str(root), "--no-report", *DIGESTS)
    assert result.exit_code == 0, result.stderr
    return root


def test_before_the_migration_the_gate_names_all_that_was_read_off_the_files_and_nothing_else() -> None:
    assert said(EXAMPLES / "fleet", TODAY) == rows("before")


def test_after_the_migration_it_names_nothing(migrated: Path) -> None:
    assert said(migrated, TODAY) == []


def test_without_the_digests_it_names_nothing_after_the_migration_either(migrated: Path) -> None:
    assert said(migrated, TODAY, "--offline") == []


def test_a_day_past_their_date_it_names_what_was_excused_and_each_exception(migrated: Path) -> None:
    found = said(migrated, PAST)
    assert [row for row in found if row[2] != "UF007"] == rows("excused", migrated=True)
    lines = {(path, line) for path, line, code, _ in found if code == "UF007"}
    assert lines == {
        (str(path.relative_to(migrated)), number)
        for path in migrated.rglob("*")
        if path.is_file()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if "unfloat: allow[" in line or (path.name == ".unfloat.yaml" and line.startswith("  - path: "))
    }


def test_a_day_past_their_date_the_fleet_that_was_not_migrated_shows_both() -> None:
    found = said(EXAMPLES / "fleet", PAST)
    assert [row for row in found if row[2] != "UF007"] == sorted(rows("before") + rows("excused"), key=str)


def test_on_their_last_day_the_exceptions_still_hold(migrated: Path) -> None:
    assert said(migrated, "2027-02-15") == []


def test_every_exception_is_of_use_before_and_after(migrated: Path) -> None:
    for root in (EXAMPLES / "fleet", migrated):
        assert not [row for row in said(root, TODAY) if row[2] in ("UF008", "UF011", "UF012", "UF013")]
