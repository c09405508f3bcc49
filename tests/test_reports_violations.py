"""Violations as text, as GitHub annotations and as SARIF."""

from __future__ import annotations

import json
from typing import Any

from codemod.codes import CODES
from codemod.gate import Violation
from codemod.reports.sarif import FINGERPRINT, sarif
from codemod.reports.violations import github, text

FLOATING = Violation("apps/web.yaml", 12, 10, "UF001", "ghcr.io/a/b:dev floats", "ghcr.io/a/b:dev")
ODD = Violation("a,b: 100%|\n.yaml", 1, 1, "UF004", "50% of\r\nit: a, b")


def run_of(*violations: Violation) -> dict[str, Any]:
    log = json.loads(sarif(violations, "1.2.3"))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return dict(run)


def fingerprints(*violations: Violation) -> list[str]:
    return [result["partialFingerprints"][FINGERPRINT] for result in run_of(*violations)["results"]]


def test_no_violation_is_no_output() -> None:
    assert text(()) == ""
    assert github(()) == ""
    assert run_of()["results"] == []


def test_text_has_one_violation_a_line() -> None:
    assert text((FLOATING, FLOATING)) == "apps/web.yaml:12:10: UF001 ghcr.io/a/b:dev floats\n" * 2
    assert text((ODD,)) == "a,b: 100%|\\n.yaml:1:1: UF004 50% of\\r\\nit: a, b\n"


def test_github_commands_name_the_place_and_the_rule() -> None:
    assert github((FLOATING,)) == (
        "::error file=apps/web.yaml,line=12,col=10,title=UF001 Floating tag::ghcr.io/a/b:dev floats\n"
    )


def test_github_commands_are_escaped() -> None:
    assert github((ODD,)) == (
        "::error file=a%2Cb%3A 100%25|%0A.yaml,line=1,col=1,title=UF004 Pull policy Always::50%25 of%0D%0Ait: a, b\n"
    )


def test_sarif_explains_every_rule_of_the_gate() -> None:
    driver = run_of()["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"]) == ("unfloat", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == [code.code for code in CODES.values() if code.is_violation]
    for rule in driver["rules"]:
        code = CODES[rule["id"]]
        assert rule["shortDescription"]["text"] == f"{code.title}."
        assert rule["fullDescription"]["text"] == code.why
        assert rule["help"]["text"] == code.mend


def test_a_sarif_result_points_at_the_place() -> None:
    run = run_of(FLOATING)
    (result,) = run["results"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "UF001"
    assert (result["level"], result["message"]["text"]) == ("error", "ghcr.io/a/b:dev floats")
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "apps/web.yaml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 12, "startColumn": 10},
            }
        }
    ]


def test_a_sarif_path_is_a_uri() -> None:
    odd = Violation("a b:ü/\udce9#.yaml", 1, 1, "UF001", "m")
    location = run_of(odd)["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "a%20b%3A%C3%BC/%E9%23.yaml"


def test_a_fingerprint_stays_when_lines_shift() -> None:
    shifted = Violation(FLOATING.path, 99, 4, FLOATING.code, "other words", FLOATING.image)
    assert fingerprints(FLOATING) == fingerprints(shifted)


def test_a_fingerprint_differs_by_path_code_image_and_ordinal() -> None:
    others = [
        FLOATING,
        FLOATING,
        Violation("other.yaml", 12, 10, "UF001", "m", FLOATING.image),
        Violation(FLOATING.path, 12, 10, "UF003", "m", FLOATING.image),
        Violation(FLOATING.path, 12, 10, "UF001", "m", "other"),
        ODD,
    ]
    assert len(set(fingerprints(*others))) == len(others)


def test_a_code_that_is_not_known_yet_is_still_a_valid_result() -> None:
    new = Violation("a", 1, 1, "UF099", "m")
    run = run_of(new)
    assert run["tool"]["driver"]["rules"][run["results"][0]["ruleIndex"]] == {"id": "UF099"}
    assert github((new,)) == "::error file=a,line=1,col=1,title=UF099::m\n"
