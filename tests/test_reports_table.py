"""The inventory as a table and as CSV."""

from __future__ import annotations

import csv
import io
from typing import Any
from unicodedata import east_asian_width

import pytest

from codemod.outcome import ImageEntry, Plan, Site
from codemod.reference import parse
from codemod.reports.table import images_csv, images_table

DIGEST = "sha256:" + "ab" * 32


def entry(path: str, image: str | None, status: str, written: str = "dev", **extra: Any) -> ImageEntry:
    return ImageEntry(
        Site(path, 3, 8, "helm-values", "helm-values", **extra), written, parse(image) if image else None, status
    )


PLAN = Plan(
    images=(
        entry("env/prod/web.yaml", f"ghcr.io/acme/web@{DIGEST}", "pinned", environment="prod", stack="web-prod"),
        entry("env/dev/web.yaml", "ghcr.io/acme/web:dev", "floating", environment="dev", stack="web-dev"),
        entry("x.yaml", None, "unknown-repository"),
    )
)


def test_columns_are_aligned_and_rows_sorted() -> None:
    head, dev, prod, unknown = images_table(PLAN).splitlines()
    assert head.split() == ["PLACE", "STATUS", "IMAGE", "ENVIRONMENT", "STACK"]
    for column in head.split()[:-1]:
        at = head.index(column)
        assert all(at == 0 or row.ljust(len(head))[at - 1] == " " for row in (dev, prod, unknown))
    assert dev.split() == ["env/dev/web.yaml:3:8", "floating", "ghcr.io/acme/web:dev", "dev", "web-dev"]
    assert prod.split()[2] == f"ghcr.io/acme/web@{DIGEST}"
    assert unknown.split() == ["x.yaml:3:8", "unknown-repository", "dev"]


def test_columns_that_are_empty_throughout_are_left_out() -> None:
    assert images_table(Plan(images=PLAN.images[2:])).splitlines()[0].split() == ["PLACE", "STATUS", "IMAGE"]
    assert images_table(Plan()) == "PLACE  STATUS  IMAGE\n"


def test_no_line_ends_in_blanks() -> None:
    assert all(line == line.rstrip() for line in images_table(PLAN).splitlines())


def test_nothing_is_shortened_where_there_is_no_terminal_or_room_enough() -> None:
    assert "…" not in images_table(PLAN)
    assert images_table(PLAN, 1000) == images_table(PLAN)


def test_digests_are_shortened_first() -> None:
    table = images_table(PLAN, 110)
    assert "ghcr.io/acme/web@sha256:abababababab…" in table
    assert "env/prod/web.yaml:3:8" in table


@pytest.mark.parametrize("width", [80, 100, 120])
def test_lines_fit_the_terminal(width: int) -> None:
    long = entry("a/" * 60 + "日本語.yaml", "ghcr.io/" + "x/" * 60 + "y:dev", "floating")
    lines = images_table(Plan(images=(*PLAN.images, long)), width).splitlines()
    cells = [sum(2 if east_asian_width(c) in "WF" else 1 for c in line) for line in lines]
    assert max(cells) <= width
    assert lines[1].startswith("…")
    assert "日本語.yaml:3:8" in lines[1]


def test_a_terminal_that_is_far_too_narrow_still_gets_a_table() -> None:
    assert len(images_table(PLAN, 1).splitlines()) == 4


def test_odd_paths_and_texts_stay_on_their_line() -> None:
    table = images_table(Plan(images=(entry("a\n\x1b[31m.yaml", None, "templated", "{{ a }}\n{{ b }}"),)))
    assert table.splitlines()[1] == "a\\n\\x1b[31m.yaml:3:8  templated  {{ a }}\\n{{ b }}"


def test_csv_has_the_fields_of_the_json_form_and_quotes_what_needs_it() -> None:
    odd = entry('a,"b"\n.yaml', "busybox", "floating")
    rows = list(csv.DictReader(io.StringIO(images_csv(Plan(images=(*PLAN.images, odd))), newline="")))
    assert len(rows) == 4
    assert rows[0] == {
        **{"path": 'a,"b"\n.yaml', "line": "3", "column": "8", "surface": "helm-values"},
        **{"image": "docker.io/library/busybox:latest", "registry": "docker.io", "repository": "library/busybox"},
        **{"tag": "latest", "digest": "", "status": "floating", "stack": "", "environment": "", "reason": ""},
    }
    assert rows[3]["image"] == ""
    assert images_csv(Plan()).count("\n") == 1
