"""The whole outcome of a run over the example fleet, file by file, as it was written down from the contract."""

from __future__ import annotations

import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from codemod import registry
from codemod.config import Config
from codemod.configfile import load
from codemod.digests.map import DigestMap, read_maps
from codemod.discover import Tree
from codemod.engine import plan
from codemod.exceptions import Exceptions
from codemod.fleet import build
from codemod.gate import violations
from codemod.judge import fault
from codemod.outcome import Plan
from codemod.source import Source

EXAMPLES = Path(__file__).parent.parent / "examples"
FLEET = EXAMPLES / "fleet"
TODAY = datetime.date(2027, 2, 16)
"""A day past the dated exceptions of the fleet, so that everything that stays has its own reason."""

EXPECTED: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "fleet_expected.yaml").read_text("utf-8"))


def config() -> Config:
    return load({".unfloat.yaml": (FLEET / ".unfloat.yaml").read_bytes()})


def digests() -> DigestMap:
    return read_maps([("digests.yaml", (EXAMPLES / "digests.yaml").read_bytes())])


@lru_cache
def fleet_plan() -> Plan:
    transforms = registry.load()
    languages = [language for transform in transforms for language in transform.reads]
    tree = Tree(str(FLEET), languages, config().is_included)
    facts = build(config(), tree.paths, tree.read)
    return plan(tree.sources, transforms, facts, digests(), today=TODAY, judge=fault)


def expected_bytes(before: bytes, changes: list[dict[str, Any]]) -> bytes:
    """Carry out the expected changes line by line; indentation, quoting around and line ends are the file's."""
    lines = before.splitlines(keepends=True)
    for change in changes:
        line = lines[change["line"] - 1]
        was = change["before"].encode()
        assert was in line, f"line {change['line']} is {line!r}"
        lines[change["line"] - 1] = b"" if change["after"] is None else line.replace(was, change["after"].encode())
    return b"".join(lines)


@pytest.mark.parametrize("path", sorted(path for path, file in EXPECTED["files"].items() if file.get("changed")))
def test_a_file_changes_as_expected_and_nowhere_else(path: str) -> None:
    before, after = fleet_plan().files[path]
    assert before == (FLEET / path).read_bytes()
    assert after == expected_bytes(before, EXPECTED["files"][path]["changed"])


def test_only_the_expected_files_change() -> None:
    assert sorted(fleet_plan().files) == sorted(p for p, file in EXPECTED["files"].items() if file.get("changed"))
    assert not fleet_plan().files.keys() & set(EXPECTED["unchanged"])


def test_every_file_of_the_fleet_has_an_expectation() -> None:
    files = {str(path.relative_to(FLEET)) for path in FLEET.rglob("*") if path.is_file()}
    changed = {path for path, file in EXPECTED["files"].items() if file.get("changed")}
    assert files - {"migration-report.md"} == changed | set(EXPECTED["unchanged"])


def test_the_transitional_entries_are_those_expected_with_their_reasons() -> None:
    got = sorted((entry.site.path, entry.site.line, entry.code) for entry in fleet_plan().left)
    wanted = [
        (path, entry["line"], entry["code"])
        for path, file in EXPECTED["files"].items()
        for entry in file.get("transitional", [])
    ]
    assert got == sorted(wanted)


def test_the_remarks_are_those_expected() -> None:
    got = sorted([entry.site.path, entry.site.line, entry.code] for entry in fleet_plan().remarks)
    assert got == EXPECTED["remarks"]


def test_a_second_run_finds_nothing_to_change() -> None:
    after = {path: change[1] for path, change in fleet_plan().files.items()}
    transforms = registry.load()
    languages = [language for transform in transforms for language in transform.reads]
    tree = Tree(str(FLEET), languages, config().is_included)
    sources = [Source(s.path, after.get(s.path, s.data), s.language) for s in tree.sources]
    facts = build(config(), tree.paths, {source.path: source for source in sources}.get)
    again = plan(sources, transforms, facts, digests(), today=TODAY, judge=fault)
    assert not again.files
    assert not again.changed


def test_the_gate_says_the_same_whether_or_not_all_names_are_asked_for() -> None:
    bare = Config(vendored=config().vendored, environments={})
    transforms = registry.load()
    tree = Tree(str(FLEET), [language for transform in transforms for language in transform.reads], bare.is_included)
    found = []
    for names_all in (True, False):
        facts = build(bare, tree.paths, tree.read, names_all=names_all)
        found.append(
            violations(plan(tree.sources, transforms, facts, digests(), today=TODAY), bare, Exceptions(bare, TODAY))
        )
    assert found[0] == found[1]
    assert len(found[0]) > 50
