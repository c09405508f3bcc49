"""Codes explain themselves, and their page is what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from codemod.codes import CODES, Code, page

PAGE = Path(__file__).parents[1] / "docs" / "codes.md"
CONTRACT = (
    "digest-taken-off",
    *("digest-unknown", "repository-unknown", "chart-ignores-digest", "tag-kept-for-label", "tag-only", "docs"),
    *(
        "pull-policy-governs-unpinned",
        "computed-reference",
        "vendored",
        *("test-data", "run-text"),
        "allowlisted",
        "platforms-missing",
    ),
    *("unparsable", "higher-layer-sets-tag", "too-large", "ambiguous-repository", "anchor-shared", "ambiguous-tag"),
    *("ambiguous-image", "tag-in-parameter", "generator-element"),
    *(
        "floating-tag-beside-digest",
        "overlapping-edits",
        "not-spellable",
        "unsafe-edit",
        "chart-default-tag",
        "proof-failed",
    ),
    *(
        "higher-layer-sets-repository",
        "stale-inherited-digest",
        "shared-tag",
        "tag-not-rendered",
        "lower-layer-sets-tag",
    ),
    *("pull-policy-defaulted", "crd-lacks-pull-policy", "controller-drops-pull-policy"),
    *("resource-lacks-pull-policy", "brittle-lookup"),
    *("tag-assumed", "restart-for-tag", "alias-published", "script-missing"),
    *("registry-failed", "built-here", "never-pulled", "purpose-unknown", "controller-writes-tag"),
    *(f"UF{number:03}" for number in (*range(1, 16), *range(20, 25))),
)


def test_every_code_of_the_contract_is_explained_and_no_other() -> None:
    assert sorted(CODES) == sorted(CONTRACT)


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.code)
def test_a_code_says_why_and_what_to_do_in_whole_sentences(code: Code) -> None:
    assert CODES[code.code] is code
    assert re.fullmatch(r"UF\d{3}|[a-z]+(-[a-z]+)*", code.code)
    assert not code.title.endswith(".")
    for text in (code.why, code.mend):
        assert text.endswith(".")
        assert text[0].isupper()
        assert "  " not in text
        assert 40 <= len(text) <= 400


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.code)
def test_texts_can_stand_in_markdown_as_they_are(code: Code) -> None:
    for text in (code.title, code.why, code.mend):
        assert not set("<>|*[]\n") & set(text)
        assert text.count("`") % 2 == 0


def test_codes_cannot_be_changed_at_run_time() -> None:
    with pytest.raises(TypeError):
        CODES["new"] = CODES["docs"]  # type: ignore[index]


def test_codes_of_the_gate_are_told_from_reason_codes() -> None:
    violations = [code.code for code in CODES.values() if code.is_violation]
    assert violations == [f"UF{number:03}" for number in (*range(1, 16), *range(20, 25))]


def test_the_page_of_codes_is_up_to_date() -> None:
    mend = "python -c \"from codemod.codes import page; print(page(), end='')\" > docs/codes.md"
    assert PAGE.read_text(encoding="utf-8") == page(), f"write it anew: {mend}"
