"""Violations as SARIF 2.1.0 (OASIS, with errata 01), for code scanning services.

Fingerprints are made of path, code and image, with an ordinal among equals, so that a result keeps its identity when
lines shift. GitHub's own `primaryLocationLineHash` is left to its upload step, which computes it from the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from codemod.codes import CODES, Code

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
    seen: Counter[tuple[str, str, str]] = Counter()
    results = []
    for violation in violations:
        identity = violation.path, violation.code, violation.image or violation.message
        results.append(_result(violation, index[violation.code], _fingerprint(*identity, str(seen[identity]))))
        seen[identity] += 1
    return results


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


def _fingerprint(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()


def _uri(path: str) -> str:
    """A relative path as a URI reference (RFC 3986): all but unreserved characters and slashes percent-encoded."""
    from urllib.parse import quote

    return quote(path.encode("utf-8", "surrogateescape"), safe="/")
