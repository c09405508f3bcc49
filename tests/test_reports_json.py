"""JSON output: the keys, their order and their meaning are what the contract says."""

from __future__ import annotations

import json
from typing import Any

from codemod.gate import Violation
from codemod.outcome import Changed, Failed, ImageEntry, LeftAlone, Plan, Site
from codemod.reference import parse
from codemod.reports.jsonreport import check_json, images_json, plan_json

DIGEST = "sha256:" + "a" * 64
IMAGE_KEYS = "path line column surface image registry repository tag digest status stack environment reason".split()
CHANGE_KEYS = "path line transform before after image digest source".split()
LEFT_KEYS = "path line column transform code image message expires".split()


def site(path: str = "values.yaml", line: int = 3, **extra: Any) -> Site:
    return Site(path, line, 8, "helm-values", "helm-values", **extra)


def only_image(entry: ImageEntry) -> dict[str, Any]:
    (found,) = json.loads(images_json(Plan(images=(entry,))))["images"]
    assert list(found) == IMAGE_KEYS
    return dict(found)


def test_an_empty_plan_is_valid_and_says_so() -> None:
    assert images_json(Plan()) == '{\n  "schema": 1,\n  "images": []\n}\n'
    assert json.loads(plan_json(Plan())) == {
        "schema": 1,
        "changes": [],
        "transitional": [],
        "remarks": [],
        "summary": {
            **{"files": 0, "images": 0, "pull_policies": 0, "other": 0, "unproven": 0},
            **{"transitional": {}, "failed": 0, "scanned": 0, "remarks": {}},
        },
    }
    assert json.loads(check_json(())) == {"schema": 1, "violations": []}


def test_an_image_is_spelled_out_with_its_implied_tag() -> None:
    found = only_image(ImageEntry(site(stack="web", environment="dev"), "busybox", parse("busybox"), "floating"))
    assert found == {
        **{"path": "values.yaml", "line": 3, "column": 8, "surface": "helm-values"},
        **{"image": "docker.io/library/busybox:latest", "registry": "docker.io", "repository": "library/busybox"},
        **{"tag": "latest", "digest": None, "status": "floating", "stack": "web", "environment": "dev"},
        "reason": None,
    }


def test_a_pinned_image_has_no_implied_tag() -> None:
    found = only_image(ImageEntry(site(), "x", parse(f"ghcr.io/a/b@{DIGEST}"), "pinned"))
    assert (found["tag"], found["digest"], found["image"]) == (None, DIGEST, f"ghcr.io/a/b@{DIGEST}")


def test_an_unknown_image_is_null_throughout() -> None:
    found = only_image(ImageEntry(site(), "dev", None, "unknown-repository", "repository-unknown"))
    assert [found[key] for key in ("image", "registry", "repository", "tag", "digest")] == [None] * 5
    assert found["reason"] == "repository-unknown"


def test_a_plan_has_changes_transitional_entries_and_their_counts() -> None:
    plan = Plan(
        changed=(
            Changed(site(line=9), "pull-policy", "Always", "IfNotPresent", ()),
            Changed(site(), "image", "tag: dev", f"digest: {DIGEST}", (), "ghcr.io/a/b:dev", DIGEST, "lock", True),
            Changed(site("chart.yaml"), "change", "a\nb", "c", ()),
        ),
        left=(
            LeftAlone(site(line=20), "image", "docs", "x", "prose"),
            LeftAlone(site(line=5), "image", "allowlisted", "x", "why", "a/b:dev", "me", "2026-05-01", "moves"),
        ),
        failed=(Failed("gone.yaml", "no such file"),),
        files={"values.yaml": (b"a", b"b"), "chart.yaml": (b"a", b"b"), "same.yaml": (b"a", b"a")},
        scanned=12,
    )
    document = json.loads(plan_json(plan))
    assert list(document) == ["schema", "changes", "transitional", "remarks", "summary"]
    assert [list(change) for change in document["changes"]] == [CHANGE_KEYS] * 3
    assert [list(left) for left in document["transitional"]] == [LEFT_KEYS] * 2
    assert [(c["path"], c["line"], c["before"]) for c in document["changes"]] == [
        ("chart.yaml", 3, "a\nb"),
        ("values.yaml", 3, "tag: dev"),
        ("values.yaml", 9, "Always"),
    ]
    assert document["changes"][1]["source"] == "lock"
    assert document["transitional"][0]["expires"] == "2026-05-01"
    assert document["transitional"][1]["image"] is None
    assert document["summary"] == {
        **{"files": 2, "images": 1, "pull_policies": 1, "other": 1, "unproven": 1},
        **{"transitional": {"allowlisted": 1, "docs": 1}, "failed": 1, "scanned": 12, "remarks": {}},
    }


def test_one_entry_stands_on_one_line_and_the_order_of_the_plan_does_not_matter() -> None:
    entries = tuple(
        ImageEntry(site(line=line, stack=stack), "x", parse("a"), "floating")
        for line in (10, 9)
        for stack in (None, "web")
    )
    text = images_json(Plan(images=entries))
    assert text == images_json(Plan(images=tuple(reversed(entries))))
    assert [line.count('"path"') for line in text.splitlines()] == [0, 0, 0, 1, 1, 1, 1, 0, 0]


def test_odd_paths_survive() -> None:
    odd = 'a|b"\n\x1b\udce9ü'
    text = images_json(Plan(images=(ImageEntry(site(odd), "x", None, "templated"),)))
    assert json.loads(text)["images"][0]["path"] == odd
    assert text.isascii()


def test_violations_keep_their_order_and_fields() -> None:
    found = (Violation("b", 1, 2, "UF001", "m", "i"), Violation("a", 1, 2, "UF007", "n"))
    assert json.loads(check_json(found))["violations"] == [
        {"path": "b", "line": 1, "column": 2, "code": "UF001", "message": "m", "image": "i"},
        {"path": "a", "line": 1, "column": 2, "code": "UF007", "message": "n", "image": None},
    ]
