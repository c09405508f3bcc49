"""The three inventory searches: places that were understood, and lines of text as ripgrep counts them."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from codemod.config import FLOATING_TAGS
from codemod.inventory import InventorySearch, searches, searches_for
from codemod.outcome import Changed, ImageEntry, LeftAlone, Plan, Site
from codemod.reference import parse

DIGEST = "sha256:" + "a" * 64
TEXT = (
    b"image:\r\n"
    b"  tag: dev\r\n"
    b"  tag: 'main' # tag: latest\n"
    b"  imageTag:   latest\n"
    b"  tag:\n    dev\n"
    b"  tag: v1.2.3\n"
    b"  tag: develop\n"
    b"  tag: dev-123\n"
    b'pullPolicy: "Always"\n'
    b"imagePullPolicy: Always\n"
    b"policy: Always\n"
    b"pullPolicy: IfNotPresent\n"
    b"image: ghcr.io/acme/grpcurl-runner:dev\n"
    b"image: busybox:latest\n"
    b"FROM busybox:latest AS build\n"
    b"npm run build:dev\n"
    b"image: busybox:1.36\n"
    b"\xff caf\xe9 /x:main\n"
    b"last: a/b:main"
)
LINES = [5, 2, 5]


def entry(written: str, image: str | None, line: int = 1, **extra: Any) -> ImageEntry:
    return ImageEntry(Site("v.yaml", line, 3, "s", "t", **extra), written, parse(image) if image else None, "floating")


def search(before: Plan, texts: Iterable[bytes] = (), after: Iterable[bytes] = ()) -> tuple[InventorySearch, ...]:
    return searches(before, Plan(), texts, after, FLOATING_TAGS)


def sites(plan: Plan) -> list[int]:
    return [found.sites_before for found in search(plan)]


def test_nothing_is_found_in_nothing() -> None:
    for found in search(Plan(), (), [b"", b"\n"]):
        assert (found.sites_before, found.sites_after, found.text_before, found.text_after) == (0, 0, 0, 0)


def test_lines_are_counted_once_over_all_texts_before_and_after() -> None:
    found = search(Plan(), iter([TEXT, TEXT]), iter([TEXT]))
    assert [one.text_before for one in found] == [2 * count for count in LINES]
    assert [one.text_after for one in found] == LINES


def test_a_search_names_the_lines_that_it_counts() -> None:
    tags, policies, _ = searches_for(FLOATING_TAGS)
    assert [number for number, _, _ in tags.lines(TEXT)] == [2, 3, 4, 8, 9]
    assert list(policies.lines(TEXT)) == [(10, 1, b'pullPolicy: "Always"'), (11, 6, b"imagePullPolicy: Always")]


@pytest.mark.parametrize(
    ("glob", "found", "others"),
    [
        ("pr-*", ["pr-1", "pr-x.y"], ["pr", "dev"]),
        ("v?", ["v1"], ["v/"]),
        ("rc[0-9]", ["rc1"], ["rcx"]),
        ("[!v]1", ["x1"], ["v1"]),
        ("{pre,post}", ["pre", "post"], ["prepost"]),
        ("v1.x", ["v1.x"], ["v12x"]),
    ],
)
def test_tags_of_the_configuration_are_searched_for(glob: str, found: list[str], others: list[str]) -> None:
    tags, _, wholes = searches_for([glob])
    for tag in found:
        assert tags.count(f"tag: {tag}".encode()) == 1, tag
        assert wholes.count(f"image: a/b:{tag}".encode()) == 1, tag
        assert len(tags.sites(Plan(images=(entry(tag, None),)))) == 1, tag
    for tag in others:
        assert tags.count(f"tag: {tag}".encode()) == 0, tag
        assert len(tags.sites(Plan(images=(entry(tag, None),)))) == 0, tag


def test_ripgrep_counts_the_same_lines_with_the_command_that_is_shown(tmp_path: Path) -> None:
    program = shutil.which("rg") or shutil.which("rg", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("ripgrep is not installed")
    for path in ("values.yaml", ".github/workflows/ci.yml", ".git/config", "migration-report.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(TEXT)
    globs = (*FLOATING_TAGS, "pr-*", "rc[0-9]", "[!v]1", "{pre,post}", "v1.?")
    for found in searches(Plan(), Plan(), [TEXT, TEXT], (), globs):
        _, *arguments = shlex.split(found.command)
        lines = subprocess.run([program, *arguments, "."], cwd=tmp_path, check=True, capture_output=True).stdout
        assert len(lines.splitlines()) == found.text_before, found.command


@pytest.mark.parametrize("written", ["dev", '"main"', "'latest'", "tag: dev", "imageTag: main"])
def test_a_tag_field_is_a_site_whatever_its_quotes_and_its_image(written: str) -> None:
    assert sites(Plan(images=(entry(written, "ghcr.io/a/b:dev"),))) == [1, 0, 0]
    assert sites(Plan(images=(entry(written, None),))) == [1, 0, 0]
    assert sites(Plan(images=(entry(written, f"ghcr.io/a/b@{DIGEST}"),))) == [1, 0, 0]


def test_a_repository_that_is_called_main_is_no_tag_field() -> None:
    assert sites(Plan(images=(entry("main", "main"),))) == [0, 0, 0]


@pytest.mark.parametrize(
    "written", ["v1", "developer", DIGEST, "ghcr.io/a/b", f"a/b@{DIGEST}", "a/b:main-1", "{{ .tag }}"]
)
def test_other_texts_are_no_sites(written: str) -> None:
    assert sites(Plan(images=(entry(written, None),))) == [0, 0, 0]


@pytest.mark.parametrize("written", ["busybox:latest", '"ghcr.io/a/b:dev"', f"a/b:main@{DIGEST}"])
def test_a_whole_reference_with_a_floating_tag_is_a_site(written: str) -> None:
    assert sites(Plan(images=(entry(written, "a/b:dev"),))) == [0, 0, 1]


def test_a_place_counts_once_however_many_stacks_render_it() -> None:
    plan = Plan(images=tuple(entry("dev", f"a/{name}:dev", stack=name) for name in ("x", "y")))
    assert sites(plan) == [1, 0, 0]


def test_pull_policies_count_whether_they_are_flipped_or_kept() -> None:
    places = [Site("v.yaml", line, 3, "s", "t") for line in (1, 2, 3)]
    plan = Plan(
        changed=(
            Changed(places[0], "pull-policy", "Always", "IfNotPresent", ()),
            Changed(places[2], "image", "a", "b", ()),
        ),
        left=(
            LeftAlone(places[1], "pull-policy", "vendored", "Always", "m"),
            LeftAlone(places[2], "image", "docs", "x", "m"),
        ),
    )
    assert sites(plan) == [0, 2, 0]
