"""The promises of the contract, kept over the example fleet through the command line: what scripts can rely on."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from codemod.codes import CODES
from codemod.reference import is_digest, parse

PROJECT = Path(__file__).parents[1]
DAY = "2026-11-23"
PAST = "2027-02-16"
MAP = "digests.yaml"
REPORT = "migration-report.md"
IMAGE_KEYS = [
    *("path", "line", "column", "surface", "image", "registry", "repository", "tag", "digest", "status", "stack"),
    *("environment", "reason"),
]
CHANGE_KEYS = ["path", "line", "transform", "before", "after", "image", "digest", "source"]
LEFT_KEYS = ["path", "line", "column", "transform", "code", "image", "message", "expires"]
STATUSES = {"pinned", "readable", "floating", "tag-only", "templated", "unknown-repository"}
POD = "kind: Pod\napiVersion: v1\nspec:\n  containers:\n    - image: {}\n"


def git(folder: Path, *arguments: str, data: bytes | None = None) -> bytes:
    return subprocess.run(["git", "-C", str(folder), *arguments], input=data, check=True, capture_output=True).stdout


def unfloat(
    folder: Path, command: str, *arguments: str, path: str = "fleet", maps: bool = True, code: int | None = 0
) -> subprocess.CompletedProcess[bytes]:
    """A command in a process of its own, standing in the repository's root; its exit code must be `code`, if given."""
    given = [command, path, *arguments, "--offline", *(("--digests", MAP) if maps else ())]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "-m", "codemod", *given], cwd=folder, env=environment, capture_output=True, check=False
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    assert code is None or done.returncode == code, (done.returncode, done.stderr.decode())
    return done


def lines(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    return done.stdout.decode().splitlines()


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Bytes of every file but Git's own, and who may run it: nothing else of a mode is Git's to keep."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mode & 0o111) for path in files}


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "-c", "commit.gpgsign=false", "commit", "--quiet", "--no-verify", "-m", "as it was")


def copy_of(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target, symlinks=True)
    return target


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that holds the fleet in a folder, and beside it the digest map. Nothing may write here."""
    folder = tmp_path_factory.mktemp("origin") / "repository"
    ignored = shutil.ignore_patterns(REPORT)
    shutil.copytree(PROJECT / "examples", folder, ignore=ignored)
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


@pytest.fixture(scope="module")
def migrated(origin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after a run. Nothing may write here."""
    folder = copy_of(origin, tmp_path_factory.mktemp("migrated") / "repository")
    unfloat(folder, "run")
    return folder


@pytest.fixture
def repository(origin: Path, tmp_path: Path) -> Path:
    """A copy of the origin to write in."""
    return copy_of(origin, tmp_path / "repository")


@pytest.fixture(scope="module")
def preview(origin: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(unfloat(origin, "preview", "--format", "json").stdout)
    return found


@pytest.fixture(scope="module")
def images(origin: Path) -> list[dict[str, Any]]:
    document = json.loads(unfloat(origin, "images", "--format", "json").stdout)
    assert list(document) == ["schema", "images"]
    assert document["schema"] == 1
    found: list[dict[str, Any]] = document["images"]
    return found


# --- preview and run -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["preview", "images", "check"])
def test_commands_that_look_write_nothing(repository: Path, command: str) -> None:
    before = contents(repository)
    unfloat(repository, command, code=None)
    assert contents(repository) == before
    assert git(repository, "status", "--porcelain") == b""


def test_a_preview_applied_by_git_is_the_run(repository: Path, migrated: Path) -> None:
    git(repository, "apply", "-", data=unfloat(repository, "preview").stdout)
    expected = {path: found for path, found in contents(migrated).items() if not path.endswith(REPORT)}
    assert contents(repository) == expected


def test_a_preview_can_be_taken_back(repository: Path, origin: Path) -> None:
    patch = unfloat(repository, "preview").stdout
    git(repository, "apply", "-", data=patch)
    git(repository, "apply", "--reverse", "-", data=patch)
    assert contents(repository) == contents(origin)


def test_the_diffs_paths_are_from_the_top_of_the_repository_those_of_json_from_the_path(
    origin: Path, preview: dict[str, Any]
) -> None:
    patch = unfloat(origin, "preview").stdout.decode()
    named = re.findall(r"^diff --git a/(.*) b/(.*)$", patch, re.MULTILINE)
    assert named
    assert all(old == new and old.startswith("fleet/") for old, new in named)
    assert {old.removeprefix("fleet/") for old, _ in named} == {change["path"] for change in preview["changes"]}
    assert all((origin / "fleet" / entry["path"]).is_file() for entry in preview["transitional"])


def test_a_run_leaves_the_rest_of_the_repository_alone(origin: Path, migrated: Path) -> None:
    before, after = contents(origin), contents(migrated)
    changed = {path for path in after if after[path] != before.get(path)}
    assert f"fleet/{REPORT}" in changed
    assert all(path.startswith("fleet/") for path in changed)
    assert before.keys() <= after.keys()


def test_a_second_run_leaves_every_byte_the_report_included(migrated: Path, tmp_path: Path) -> None:
    folder = copy_of(migrated, tmp_path / "again")
    unfloat(folder, "run")
    assert contents(folder) == contents(migrated)


def test_a_preview_after_a_run_is_empty(migrated: Path) -> None:
    done = unfloat(migrated, "preview", "--exit-code")
    assert done.stdout == b""
    assert json.loads(unfloat(migrated, "preview", "--format", "json").stdout)["changes"] == []


def test_a_preview_leaves_with_1_where_asked_and_something_would_change(origin: Path) -> None:
    unfloat(origin, "preview", code=0)
    unfloat(origin, "preview", "--exit-code", code=1)


def test_the_report_carries_no_date_of_today_and_no_place(migrated: Path, repository: Path) -> None:
    unfloat(repository, "run")
    report = (repository / "fleet" / REPORT).read_bytes()
    assert report == (migrated / "fleet" / REPORT).read_bytes()
    assert str(repository.parent).encode() not in report


def test_the_report_has_its_sections_in_order(migrated: Path) -> None:
    report = (migrated / "fleet" / REPORT).read_text(encoding="utf-8")
    assert re.findall(r"^##? .*", report, re.MULTILINE) == [
        *("# Migration report", "## Summary", "## Changed", "## Transitional entries", "## Pull policies"),
        *("## Scripts that assume tags", "## Inventory"),
    ]


def test_the_report_names_every_transitional_entry_of_the_plan(migrated: Path, preview: dict[str, Any]) -> None:
    report = (migrated / "fleet" / REPORT).read_text(encoding="utf-8")
    after = json.loads(unfloat(migrated, "preview", "--format", "json").stdout)["transitional"]
    assert {entry["code"] for entry in preview["transitional"]} == {entry["code"] for entry in after}
    for entry in after:
        assert f"{entry['path']}:{entry['line']}" in report
        assert entry["code"] in report


def test_a_run_without_a_report_writes_none(repository: Path) -> None:
    unfloat(repository, "run", "--no-report")
    assert not (repository / "fleet" / REPORT).exists()
    assert git(repository, "status", "--porcelain") != b""


def test_a_run_as_json_prints_what_a_preview_does(repository: Path, preview: dict[str, Any]) -> None:
    assert json.loads(unfloat(repository, "run", "--format", "json").stdout) == preview


def test_a_rerun_after_a_straggler_changes_only_that(migrated: Path, tmp_path: Path) -> None:
    folder = copy_of(migrated, tmp_path / "straggler")
    (folder / "fleet" / "late.yaml").write_text(POD.format("ghcr.io/fjordline/agents:main"))
    before = contents(folder)
    unfloat(folder, "run")
    after = contents(folder)
    assert {path for path in after if after[path] != before[path]} == {"fleet/late.yaml", f"fleet/{REPORT}"}


def test_a_plain_folder_is_migrated_as_a_repository_is(origin: Path, migrated: Path, tmp_path: Path) -> None:
    folder = copy_of(origin, tmp_path / "plain")
    shutil.rmtree(folder / ".git")
    unfloat(folder, "run")
    got, expected = contents(folder), contents(migrated)
    report = f"fleet/{REPORT}"
    assert {path: got[path] for path in got if path != report} == {p: expected[p] for p in expected if p != report}


def test_one_folder_of_the_fleet_is_migrated_alone(repository: Path) -> None:
    path = "fleet/clusters/edge"
    patch = unfloat(repository, "preview", path=path).stdout.decode()
    assert set(re.findall(r"^diff --git a/(fleet/clusters/edge/)", patch, re.MULTILINE)) == {f"{path}/"}
    unfloat(repository, "run", path=path)
    changed = {line[3:] for line in git(repository, "status", "--porcelain").decode().splitlines()}
    assert changed
    assert all(name.startswith(f"{path}/") for name in changed)


# --- minimal edits, never a guess ----------------------------------------------------------------------------------


def test_only_lines_of_images_pull_policies_and_charts_change(origin: Path) -> None:
    patch = unfloat(origin, "preview").stdout.decode()
    added = [line for line in patch.splitlines() if line.startswith("+") and not line.startswith("+++")]
    assert added
    strange = [line for line in added if not ("igest" in line or "sha256:" in line or "IfNotPresent" in line)]
    assert [line for line in strange if not re.fullmatch(r"\+\s*\{\{-? .* -?\}\}", line)] == []


def test_modes_line_breaks_and_marks_stay(origin: Path, migrated: Path) -> None:
    before, after = contents(origin), contents(migrated)
    for path, (data, mode) in before.items():
        edited, new_mode = after[path]
        assert new_mode == mode
        assert edited.startswith(b"\xef\xbb\xbf") == data.startswith(b"\xef\xbb\xbf")
        assert edited.endswith(b"\n") == data.endswith(b"\n")
        if data.count(b"\r\n") == data.count(b"\n"):
            assert edited.count(b"\r\n") == edited.count(b"\n")


def test_every_digest_is_that_of_the_map_for_that_very_reference(origin: Path, preview: dict[str, Any]) -> None:
    entries = (line.partition(": ") for line in (origin / MAP).read_text().splitlines() if not line.startswith("#"))
    known = {str(parse(key.strip().strip("\"'")).lookup): value.strip().strip("\"'") for key, _, value in entries}
    pinned = [change for change in preview["changes"] if change["digest"] is not None and change["source"] != "written"]
    assert pinned
    for change in pinned:
        assert known[change["image"]] == change["digest"]
        assert change["source"] == f"map {MAP}"


def test_without_a_digest_source_no_image_changes_and_every_floating_one_is_said(origin: Path) -> None:
    plan = json.loads(unfloat(origin, "preview", "--format", "json", maps=False).stdout)
    assert [change for change in plan["changes"] if change["digest"] and change["source"] != "written"] == []
    assert "digest-unknown" in {entry["code"] for entry in plan["transitional"]}


# --- JSON ----------------------------------------------------------------------------------------------------------


def test_the_plan_has_its_keys_in_order(preview: dict[str, Any]) -> None:
    assert list(preview) == ["schema", "changes", "transitional", "remarks", "ignore_differences", "summary"]
    assert preview["schema"] == 1
    assert {tuple(change) for change in preview["changes"]} == {tuple(CHANGE_KEYS)}
    assert {tuple(entry) for entry in preview["transitional"]} == {tuple(LEFT_KEYS)}


def test_the_inventory_has_its_keys_in_order_and_its_six_words(images: list[dict[str, Any]]) -> None:
    assert {tuple(image) for image in images} == {tuple(IMAGE_KEYS)}
    assert {image["status"] for image in images} <= STATUSES


def test_the_parts_of_an_image_are_those_of_its_reference(images: list[dict[str, Any]]) -> None:
    for image in images:
        if image["image"] is None:
            assert (image["registry"], image["repository"], image["tag"], image["digest"]) == (None,) * 4
        else:
            found = parse(image["image"])
            assert str(found) == image["image"]
            assert (found.domain, found.path, found.digest) == (image["registry"], image["repository"], image["digest"])
            assert found.effective_tag == image["tag"]


def test_the_status_says_what_the_image_shows(images: list[dict[str, Any]]) -> None:
    for image in images:
        if image["status"] in ("pinned", "readable") and image["image"] is not None:
            assert is_digest(image["digest"])
            assert (image["tag"] is not None) == (image["status"] == "readable")
        if image["status"] in ("floating", "tag-only"):
            assert (image["digest"], image["tag"] is not None) == (None, True)


def test_one_site_has_one_entry_for_each_different_image(images: list[dict[str, Any]]) -> None:
    keys = [(image["path"], image["line"], image["column"], image["image"]) for image in images]
    assert len(set(keys)) == len(keys)


def test_all_lists_are_sorted_by_place(preview: dict[str, Any], images: list[dict[str, Any]]) -> None:
    for entries in (preview["transitional"], images):
        places = [(entry["path"], entry["line"], entry["column"]) for entry in entries]
        assert places == sorted(places)
    changes = [(change["path"], change["line"]) for change in preview["changes"]]
    assert changes == sorted(changes)


def test_line_and_column_point_at_the_text_that_a_person_would_edit(origin: Path, preview: dict[str, Any]) -> None:
    for entry in preview["transitional"]:
        if entry["image"] is not None and entry["column"] > 1:
            text = (origin / "fleet" / entry["path"]).read_text("utf-8-sig").splitlines()[entry["line"] - 1]
            name = entry["image"].rpartition("/")[2]
            parts = [part for part in re.split(r"[:@]", name) if part]
            here = text[entry["column"] - 1 :]
            is_empty = here.startswith('"') and text[: entry["column"] - 1].endswith(': "')
            assert is_empty or any(part in here for part in parts), (entry, text)


def test_the_text_before_a_change_stands_in_its_line(origin: Path, preview: dict[str, Any]) -> None:
    for change in preview["changes"]:
        data = (origin / "fleet" / change["path"]).read_text("utf-8-sig")
        around = "\n".join(data.splitlines()[max(change["line"] - 2, 0) : change["line"] + 2])
        assert change["before"].partition("\n")[0].strip() in around, change


def test_every_code_is_known_and_explained(origin: Path, preview: dict[str, Any], images: list[dict[str, Any]]) -> None:
    codes = {entry["code"] for entry in preview["transitional"]} | {image["reason"] for image in images} - {None}
    assert codes <= CODES.keys()
    for code in sorted(codes):
        done = subprocess.run(
            [sys.executable, "-m", "codemod", "explain", code],
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0
        assert done.stdout.decode().startswith(code)


def test_excused_entries_carry_their_last_day(origin: Path) -> None:
    shown = json.loads(unfloat(origin, "preview", "--format", "json").stdout)["transitional"]
    for entry in shown:
        assert (entry["expires"] is not None) == (entry["code"] == "allowlisted")


# --- check ---------------------------------------------------------------------------------------------------------


def test_check_finds_what_floats_and_leaves_with_1(origin: Path) -> None:
    done = unfloat(origin, "check", "--date", DAY, code=1)
    found = lines(done)
    assert found
    for line in found:
        match = re.fullmatch(r"([^:]+):[1-9]\d*:[1-9]\d*: (UF\d{3}) \S.*", line)
        assert match is not None, line
        path, code = match.groups()
        assert (origin / "fleet" / path).is_file()
        assert code in CODES


def test_check_as_json_says_what_the_lines_say(origin: Path) -> None:
    text = lines(unfloat(origin, "check", "--date", DAY, code=1))
    document = json.loads(unfloat(origin, "check", "--date", DAY, "--format", "json", code=1).stdout)
    found = document["violations"]
    assert [f"{v['path']}:{v['line']}:{v['column']}: {v['code']} {v['message']}" for v in found] == text


def test_check_needs_no_digest(origin: Path) -> None:
    with_map = lines(unfloat(origin, "check", "--date", DAY, code=1))
    without = lines(unfloat(origin, "check", "--date", DAY, maps=False, code=1))
    found, less = ([line.split(" ")[:2] for line in said] for said in (with_map, without))
    # An exception for a reason, not for a violation, holds for all that stays for it where no digest is known.
    assert [at for at in found if at not in less] == [["tools/cli/internal/scaffold/mcp_adapter.go:19:28:", "UF004"]]
    assert [at for at in less if at not in found] == []


def test_after_a_run_check_objects_only_to_what_the_plan_says_stays(migrated: Path) -> None:
    shown = json.loads(unfloat(migrated, "preview", "--format", "json").stdout)["transitional"]
    said = {(entry["path"], entry["line"]) for entry in shown}
    document = json.loads(unfloat(migrated, "check", "--date", PAST, "--format", "json", code=1).stdout)
    found = {(v["path"], v["line"]) for v in document["violations"] if v["code"] != "UF007"}
    assert found
    assert found <= said


def test_after_its_last_day_an_exception_is_a_violation_itself(origin: Path) -> None:
    before = lines(unfloat(origin, "check", "--date", "2027-02-15", code=1))
    after = lines(unfloat(origin, "check", "--date", PAST, code=1))
    assert not any(" UF007 " in line for line in before)
    assert sum(" UF007 " in line and "www-tilt" in line for line in after) == 1
    assert {line for line in before if "www-tilt" in line} == set()
    assert {line for line in after if "www-tilt" in line and " UF007 " not in line}


def test_a_tree_without_violations_leaves_with_0_and_says_nothing_on_stdout(tmp_path: Path) -> None:
    (tmp_path / "fleet").mkdir()
    (tmp_path / "fleet" / "a.yaml").write_text(POD.format(f"acme/web@sha256:{'1' * 64}"))
    assert unfloat(tmp_path, "check", maps=False).stdout == b""


# --- options -------------------------------------------------------------------------------------------------------


def test_only_and_skip_are_the_two_halves_of_a_run(origin: Path, preview: dict[str, Any]) -> None:
    only = json.loads(unfloat(origin, "preview", "--format", "json", "--only", "image-references").stdout)
    skip = json.loads(unfloat(origin, "preview", "--format", "json", "--skip", "image_references").stdout)
    assert {change["transform"] for change in only["changes"]} == {"image-references"}
    assert {change["transform"] for change in skip["changes"]} == {
        change["transform"] for change in preview["changes"]
    } - {"image-references"}


@pytest.mark.parametrize("arguments", [("--only", "nothing"), ("--skip", "nothing"), ("--no-such-option",)])
def test_wrong_usage_is_one_line_and_2(origin: Path, arguments: tuple[str, ...]) -> None:
    done = unfloat(origin, "preview", *arguments, code=2)
    assert (done.stdout, done.stderr.count(b"\n")) == (b"", 1)


@pytest.mark.parametrize(
    ("name", "text"),
    [(".unfloat.yaml", "floating: []\n"), (".unfloat.yaml", "allow: [\n"), ("unfloat.lock", "version: 99\n")],
)
def test_a_wrong_file_is_named_with_the_mend_and_2(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "fleet").mkdir()
    (tmp_path / "fleet" / name).write_text(text)
    for command in ("preview", "run", "check", "images"):
        done = unfloat(tmp_path, command, maps=False, code=2)
        assert (done.stdout, done.stderr.count(b"\n")) == (b"", 1)
        assert f"fleet/{name}" in done.stderr.decode()
    assert os.listdir(tmp_path / "fleet") == [name]


def test_the_lock_is_read_and_a_map_goes_before_it(tmp_path: Path) -> None:
    (tmp_path / "fleet").mkdir()
    (tmp_path / "fleet" / "a.yaml").write_text(POD.format("acme/web:dev") + "    - image: acme/api:dev\n")
    locked, mapped = (f"sha256:{digit * 64}" for digit in "12")
    entries = "".join(f"  docker.io/acme/{name}:dev:\n    digest: {locked}\n" for name in ("web", "api"))
    (tmp_path / "fleet" / "unfloat.lock").write_text(f"version: 1\nimages:\n{entries}")
    (tmp_path / MAP).write_text(f"acme/web:dev: {mapped}\n")
    changes = json.loads(unfloat(tmp_path, "preview", "--format", "json").stdout)["changes"]
    assert [(change["digest"], change["source"]) for change in changes] == [(mapped, f"map {MAP}"), (locked, "lock")]


def test_what_is_unresolved_can_be_filled_in_and_fed_back(repository: Path) -> None:
    (repository / MAP).write_text("")
    asked = lines(unfloat(repository, "images", "--unresolved"))
    assert asked == sorted(asked)
    assert "docker.io/library/busybox:latest:" in asked
    filled = "".join(f"{line} sha256:{number:064x}\n" for number, line in enumerate(asked))
    (repository / MAP).write_text(filled)
    assert lines(unfloat(repository, "images", "--unresolved")) == ["{}"]
    plan = json.loads(unfloat(repository, "preview", "--format", "json").stdout)
    assert "digest-unknown" not in {entry["code"] for entry in plan["transitional"]}


def test_pin_all_pins_fixed_tags_readably_and_keeps_them(repository: Path) -> None:
    (repository / "fleet" / "fixed.yaml").write_text(POD.format("acme/web:v1.2"))
    (repository / MAP).write_text(f"acme/web:v1.2: sha256:{'3' * 64}\n")
    before = json.loads(unfloat(repository, "preview", "--format", "json").stdout)
    assert ("fixed.yaml", "tag-only") in {(entry["path"], entry["code"]) for entry in before["transitional"]}
    unfloat(repository, "run", "--pin-all", "--no-report")
    assert (repository / "fleet" / "fixed.yaml").read_text() == POD.format(f"acme/web:v1.2@sha256:{'3' * 64}")


def test_a_file_that_cannot_be_parsed_is_an_entry_and_no_failure(tmp_path: Path) -> None:
    (tmp_path / "fleet").mkdir()
    broken = "image: acme/web:dev\nx: [\n"
    (tmp_path / "fleet" / "broken.yaml").write_text(broken)
    (tmp_path / "fleet" / "good.yaml").write_text(POD.format("acme/web:dev"))
    (tmp_path / MAP).write_text(f"acme/web:dev: sha256:{'4' * 64}\n")
    unfloat(tmp_path, "run")
    assert (tmp_path / "fleet" / "broken.yaml").read_text() == broken
    assert "@sha256:" in (tmp_path / "fleet" / "good.yaml").read_text()
    plan = json.loads(unfloat(tmp_path, "preview", "--format", "json").stdout)
    assert [(entry["path"], entry["code"]) for entry in plan["transitional"]] == [("broken.yaml", "unparsable")]


def test_what_git_ignores_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "fleet").mkdir()
    git(tmp_path, "init", "--quiet")
    (tmp_path / ".gitignore").write_text("ignored.yaml\n")
    for name in ("ignored.yaml", "untracked.yaml"):
        (tmp_path / "fleet" / name).write_text(POD.format("acme/web:dev"))
    (tmp_path / MAP).write_text(f"acme/web:dev: sha256:{'4' * 64}\n")
    unfloat(tmp_path, "run", "--no-report")
    assert (tmp_path / "fleet" / "ignored.yaml").read_text() == POD.format("acme/web:dev")
    assert "@sha256:" in (tmp_path / "fleet" / "untracked.yaml").read_text()
