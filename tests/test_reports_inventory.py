"""The three inventory searches: places that were understood, and lines of text as ripgrep counts them."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from codemod.outcome import Changed, ImageEntry, LeftAlone, Plan, Site
from codemod.reference import parse
from codemod.reports.inventory import searches

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
LINES = [4, 2, 5]


def entry(written: str, image: str | None, line: int = 1, **extra: Any) -> ImageEntry:
    return ImageEntry(Site("v.yaml", line, 3, "s", "t", **extra), written, parse(image) if image else None, "floating")


def sites(plan: Plan) -> list[int]:
    return [search.sites_before for search in searches(plan, Plan(), (), ())]


def test_nothing_is_found_in_nothing() -> None:
    for search in searches(Plan(), Plan(), (), [b"", b"\n"]):
        assert (search.sites_before, search.sites_after, search.text_before, search.text_after) == (0, 0, 0, 0)


def test_lines_are_counted_once_over_all_texts_before_and_after() -> None:
    found = searches(Plan(), Plan(), iter([TEXT, TEXT]), iter([TEXT]))
    assert [search.text_before for search in found] == [2 * count for count in LINES]
    assert [search.text_after for search in found] == LINES


def test_ripgrep_counts_the_same_lines_with_the_command_that_is_shown(tmp_path: Path) -> None:
    program = shutil.which("rg") or shutil.which("rg", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("ripgrep is not installed")
    for path in ("values.yaml", ".github/workflows/ci.yml", ".git/config", "migration-report.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(TEXT)
    found = searches(Plan(), Plan(), [TEXT, TEXT], ())
    for search in found:
        _, *arguments = shlex.split(search.command)
        lines = subprocess.run([program, *arguments, "."], cwd=tmp_path, check=True, capture_output=True).stdout
        assert len(lines.splitlines()) == search.text_before, search.command


@pytest.mark.parametrize("written", ["dev", '"main"', "'latest'", "tag: dev", "imageTag: main"])
def test_a_tag_field_is_a_site_whatever_its_quotes_and_its_image(written: str) -> None:
    assert sites(Plan(images=(entry(written, "ghcr.io/a/b:dev"),))) == [1, 0, 0]
    assert sites(Plan(images=(entry(written, None),))) == [1, 0, 0]
    assert sites(Plan(images=(entry(written, f"ghcr.io/a/b@{DIGEST}"),))) == [1, 0, 0]


def test_a_repository_that_is_called_main_is_no_tag_field() -> None:
    assert sites(Plan(images=(entry("main", "main"),))) == [0, 0, 0]


@pytest.mark.parametrize(
    "written", ["v1", "develop", DIGEST, "ghcr.io/a/b", f"a/b@{DIGEST}", "a/b:main-1", "{{ .tag }}"]
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
