"""The summary for a person."""

from __future__ import annotations

import re
from typing import Any

from codemod.outcome import Changed, Failed, LeftAlone, Plan, Site
from codemod.reports.terminal import summary


def site(line: int = 3) -> Site:
    return Site("values.yaml", line, 8, "helm-values", "helm-values")


def change(kind: str = "image", **extra: Any) -> Changed:
    return Changed(site(), kind, "a", "b", (), **extra)


def left(code: str) -> LeftAlone:
    return LeftAlone(site(), "image", code, "x", "m")


FILES = {"values.yaml": (b"a", b"b")}


def test_nothing_to_do_is_one_line() -> None:
    assert summary(Plan(scanned=1204)) == "Nothing to change in 1,204 files.\n"
    assert summary(Plan()) == "Nothing to change in 0 files.\n"


def test_a_run_says_what_it_did_what_stays_and_what_is_next() -> None:
    plan = Plan(
        changed=(change(), change(unproven=True), change("pull-policy"), change("change")),
        left=(left("docs"), left("digest-unknown"), left("digest-unknown"), left("new-code")),
        files=FILES,
        scanned=40,
    )
    assert summary(plan) == (
        "Changed 1 of 40 files: 2 images pinned, 1 pull policy set to IfNotPresent, 1 other change.\n"
        "1 change unproven: read by charts outside this repository.\n"
        "4 transitional entries:\n"
        "  2  digest-unknown  No digest source knows this reference\n"
        "  1  docs            Example in documentation\n"
        "  1  new-code\n"
        "Next: review `git diff`, render the charts of the unproven changes before and after, then commit.\n"
        "Why something stays: `unfloat explain digest-unknown`.\n"
    )


def test_a_preview_speaks_of_what_would_be() -> None:
    assert summary(Plan(changed=(change(),), files=FILES, scanned=1), preview=True) == (
        "Would change 1 of 1 file: 1 image pinned.\nNext: `unfloat run` carries this out.\n"
    )


def test_failures_are_named_one_a_line() -> None:
    plan = Plan(failed=(Failed("b\n", "gone"), Failed("a", "not permitted")), scanned=2)
    assert summary(plan).splitlines()[1:] == ["Failed: a: not permitted", "Failed: b\\n: gone"]


def test_colour_only_adds_escapes() -> None:
    plan = Plan(
        changed=(change(unproven=True),), left=(left("docs"),), failed=(Failed("a", "b"),), files=FILES, scanned=2
    )
    assert "\x1b" not in summary(plan)
    assert re.sub(r"\x1b\[\d+m", "", summary(plan, color=True)) == summary(plan)
    assert summary(plan, color=True) != summary(plan)
