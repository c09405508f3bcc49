"""Violations as SARIF 2.1.0 (OASIS, with errata 01), for code scanning services.

A result keeps its identity when lines shift (`reports.identity`). GitHub's own `primaryLocationLineHash` is
left to its upload step, which computes it from the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from codemod.codes import CODES, Code
from codemod.reports.identity import fingerprints

if TYPE_CHECKING:
    from codemod.gate import Violation

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "unfloatIdentity/v1"


def sarif(violations: Iterable[Violation], version: str) -> str:
    """One SARIF log with one run; `version` is the tool's (a semantic version)."""
    import json

    found = list(violations)
    known = [code for code in CODES.values() if code.is_violation]
    rules = [*map(_rule, known), *({"id": code} for code in sorted({v.code for v in found} - {k.code for k in known}))]
    driver = {"name": "unfloat", "semanticVersion": version, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": _results(found, rules)}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(code: Code) -> dict[str, Any]:
    return {
        "id": code.code,
        "name": code.title.title().replace(" ", ""),
        "shortDescription": {"text": f"{code.title}."},
        "fullDescription": {"text": code.why},
        "help": {"text": code.mend},
        "defaultConfiguration": {"level": "error"},
    }


def _results(violations: list[Violation], rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    pairs = zip(violations, fingerprints(violations), strict=True)
    return [_result(violation, index[violation.code], fingerprint) for violation, fingerprint in pairs]


def _result(violation: Violation, rule: int, fingerprint: str) -> dict[str, Any]:
    location = {
        "artifactLocation": {"uri": _uri(violation.path), "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": violation.line, "startColumn": violation.column},
    }
    return {
        "ruleId": violation.code,
        "ruleIndex": rule,
        "level": "error",
        "message": {"text": violation.message},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {FINGERPRINT: fingerprint},
    }


def _uri(path: str) -> str:
    """A relative path as a URI reference (RFC 3986): all but unreserved characters and slashes percent-encoded."""
    from urllib.parse import quote

    return quote(path.encode("utf-8", "surrogateescape"), safe="/")
