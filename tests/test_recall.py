"""A small repository in which images are named in every way: each is found and accounted for, and nothing else is."""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from surfaces_page import cells
from test_cli import run

from codemod.codes import CODES
from codemod.testing import digest_of

FOLDER = Path(__file__).parent / "recall"
PLANTED: list[dict[str, Any]] = [
    {"file": path, **row}
    for path, rows in yaml.safe_load((FOLDER / "planted.yaml").read_text("utf-8")).items()
    for row in rows
]
NEGATIVE: list[dict[str, str]] = [
    {"file": path, "text": text, "what": what}
    for path, rows in yaml.safe_load((FOLDER / "negative.yaml").read_text("utf-8")).items()
    for text, what in rows.items()
]
KEPT = ("pinned", "kept", "follows")
SPARED = ("vendored", "docs", "test-data", "built-here")
NAME = re.compile(
    r"(?:ghcr|quay|gcr)\.io/[\w./-]*\w|(?:registry|mirror)\.kestrel\.test(?::5000)?/[\w./-]*\w|\w+\.azurecr\.io/[\w/-]+"
)
"""A name with the host of a registry."""
ALWAYS = re.compile(r"[pP]ull[-_]?[pP]olicy\W.*Always")
Place = tuple[str, int]


@dataclass
class Run:
    """A tree before and after a run, and what the commands said about it; lines are those before the run."""

    before: dict[str, list[str]] = field(default_factory=dict)
    after: dict[str, list[str]] = field(default_factory=dict)
    images: list[dict[str, Any]] = field(default_factory=list)
    images_after: list[dict[str, Any]] = field(default_factory=list)
    transitional: list[dict[str, Any]] = field(default_factory=list)
    violations: list[dict[str, Any]] = field(default_factory=list)
    violations_after: list[dict[str, Any]] = field(default_factory=list)

    def names(self, place: Place) -> set[str | None]:
        """The images that the inventory lists at a line."""
        return {image["image"] for image in self.images if place == (image["path"], image["line"])}

    def codes(self, place: Place) -> set[str]:
        """The reason codes that the run reports at a line."""
        return {entry["code"] for entry in self.transitional if place == (entry["path"], entry["line"])}


def lines_of(root: Path) -> dict[str, list[str]]:
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and path.name != "digests.json")
    return {path.relative_to(root).as_posix(): path.read_text("utf-8").splitlines() for path in files}


def listed(*arguments: str | Path) -> Any:
    return json.loads(run(*arguments, "--format", "json", "--offline").stdout)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return carried_out(FOLDER / "planted", tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="module")
def negative(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return carried_out(FOLDER / "negative", tmp_path_factory.mktemp("negative"))


def carried_out(tree: Path, folder: Path) -> Run:
    """Inventory, gate and migration of a copy, with a digest for every name that is not said to be unknown."""
    root, digests = folder / "tree", folder / "digests.json"
    shutil.copytree(tree, root)
    unknown = {row["image"] for row in PLANTED if row.get("unknown")}
    done = Run(
        before=lines_of(root), images=listed("images", root)["images"], violations=listed("check", root)["violations"]
    )
    known = {image["image"] for image in done.images if image["image"] and "@" not in image["image"]} - unknown
    digests.write_text(json.dumps({name: digest_of(name) for name in known}), "utf-8")
    done.transitional = listed("run", root, "--digests", digests, "--no-report")["transitional"]
    done.after, done.images_after = lines_of(root), listed("images", root)["images"]
    done.violations_after = listed("check", root)["violations"]
    assert run("preview", root, "--offline", "--digests", digests).stdout == ""
    return done


def places_of(row: dict[str, Any], tree: Run) -> list[Place]:
    """The lines of a row before the run."""
    if "image" in row:
        found = (image for image in tree.images if (image["path"], image["image"]) == (row["file"], row["image"]))
        return sorted({(image["path"], image["line"]) for image in found})
    lines = enumerate(tree.before[row["file"]], 1)
    return [(row["file"], line) for line, text in lines if row["text"] in text]


def named(row: dict[str, Any]) -> str:
    return f"{row['file']}: {row.get('image') or row['text']}"


# --- planted -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", PLANTED, ids=map(named, PLANTED))
def test_a_planted_image_is_found_and_accounted_for(row: dict[str, Any], planted: Run) -> None:
    places = places_of(row, planted)
    assert places, "it is not found"
    surfaces = {one["surface"] for one in planted.images if (one["path"], one["line"]) in places}
    assert surfaces <= {row["surface"]}
    if row["outcome"] == "follows":
        assert not any(row["text"] in text for text in planted.after[row["file"]])
    elif row["outcome"] == "kept":
        assert not set().union(*map(planted.codes, places))
    elif row["outcome"] == "pinned":
        expected = {row["beside"]} if "beside" in row else set()
        assert set().union(*map(planted.codes, places)) == expected
        after = [one for one in planted.images_after if one["path"] == row["file"]]
        assert row["image"] not in {one["image"] for one in after if one["status"] == "floating"}
        assert digest_of(row["image"]) in {one["digest"] for one in after} or "@" in row["image"]
    else:
        assert len(places) == 1
        assert row["outcome"] in planted.codes(places[0])
        assert row["outcome"] in CODES


def test_nothing_is_found_that_was_not_planted(planted: Run) -> None:
    known = {place for row in PLANTED for place in places_of(row, planted)}
    found = {(one["path"], one["line"]) for one in planted.images if one["image"] or one["reason"]}
    said = {(one["path"], one["line"]) for one in planted.transitional}
    policies = {place for place in said if "ullPolicy" in planted.before[place[0]][place[1] - 1]}
    assert sorted((found | said) - policies - known) == []
    names = {(one["path"], one["image"]) for one in planted.images if one["image"]}
    assert names == {(row["file"], row["image"]) for row in PLANTED if "image" in row}


def test_every_name_that_is_written_down_is_accounted_for(planted: Run) -> None:
    silent = []
    for path, lines in planted.before.items():
        said = " ".join(row.get("image", row.get("text", "")) for row in PLANTED if row["file"] == path)
        said += " ".join(row["text"] for row in NEGATIVE if row["file"] == f"planted/{path}")
        names = (name for line in lines for name in NAME.findall(line))
        silent += [(path, name) for name in names if name not in said]
    assert silent == [], "\n".join(map(str, silent))


def test_no_pull_policy_is_silent(planted: Run) -> None:
    policies = [
        (path, line)
        for path, lines in planted.before.items()
        for line, text in enumerate(lines, 1)
        if ALWAYS.search(text)
    ]
    kinds = {path.rpartition(".")[2] for path, _ in policies}
    assert {"go", "jsonnet", "py", "sh", "tf", "ts", "yaml"} <= kinds
    silent = [
        (path, line)
        for path, line in policies
        if planted.before[path][line - 1] in planted.after[path] and not planted.codes((path, line))
    ]
    assert silent == []


def test_the_gate_names_what_floats_before_and_what_was_left_after(planted: Run) -> None:
    floating = {(one["path"], one["line"]) for one in planted.images if one["status"] == "floating"}
    spared = {place for row in PLANTED if row["outcome"] in SPARED for place in places_of(row, planted)}
    said = {(one["path"], one["line"]) for one in planted.violations}
    assert sorted(floating - spared - said) == []
    left: dict[str, set[str | None]] = defaultdict(set)
    for row in PLANTED:
        if row["outcome"] not in KEPT:
            left[row["file"]].add(row.get("image"))
    images = [(one["path"], one["image"]) for one in planted.violations_after if one["code"] == "UF001"]
    assert images
    assert [(path, image) for path, image in images if image not in left[path]] == []


def test_many_images_are_planted_on_all_surfaces(planted: Run) -> None:
    names = {row.get("image") or row["text"] for row in PLANTED}
    assert len(names) >= 140
    surfaces = {row["surface"] for row in PLANTED}
    assert {image["surface"] for image in planted.images} <= surfaces
    assert surfaces == {cell.surface for cell in cells()}


# --- not planted ---------------------------------------------------------------------------------------------------


def place_names(row: dict[str, str]) -> str:
    return f"{row['file']}: {row['what']}"


@pytest.mark.parametrize("row", NEGATIVE, ids=map(place_names, NEGATIVE))
def test_what_only_looks_like_an_image_stays(row: dict[str, str], planted: Run, negative: Run) -> None:
    folder, _, path = row["file"].partition("/")
    tree = {"planted": planted, "negative": negative}[folder]
    places = [(path, line) for line, text in enumerate(tree.before[path], 1) if row["text"] in text]
    assert places, "it is not there"
    for place in places:
        text = tree.before[path][place[1] - 1]
        assert text in tree.after[path]
        assert tree.names(place) == set()
        assert tree.codes(place) == set()
    broken = {(one["path"], one["line"]) for one in tree.violations}
    assert broken.isdisjoint(places)


def test_no_file_without_images_is_changed(negative: Run) -> None:
    assert negative.after == negative.before
    assert {image["status"] for image in negative.images} <= {"pinned"}
    assert negative.transitional == []


def test_every_file_without_images_is_spoken_of(negative: Run) -> None:
    spoken = {row["file"].partition("/")[2] for row in NEGATIVE if row["file"].startswith("negative/")}
    assert spoken == set(negative.before)


def test_many_things_only_look_like_images() -> None:
    assert len({(row["file"], row["text"]) for row in NEGATIVE}) >= 120
