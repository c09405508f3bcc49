"""Violations as a GitLab Code Quality report, which GitLab shows in merge requests.

The shape is that of the subset of the Code Climate format that GitLab reads (docs.gitlab.com/ci/testing/code_quality).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from codemod.reports.identity import fingerprints
from codemod.wording import printable

if TYPE_CHECKING:
    from codemod.gate import Violation


def code_quality(violations: Iterable[Violation]) -> str:
    """One JSON array, one issue a violation; `[]` for none."""
    import json

    found = list(violations)
    issues = [_issue(*pair) for pair in zip(found, fingerprints(found), strict=True)]
    return json.dumps(issues, indent=2) + "\n"


def _issue(violation: Violation, fingerprint: str) -> dict[str, Any]:
    return {
        "description": f"{violation.code} {printable(violation.message)}",
        "check_name": violation.code,
        "fingerprint": fingerprint,
        "severity": "major",
        "location": {"path": printable(violation.path), "lines": {"begin": violation.line}},
    }
