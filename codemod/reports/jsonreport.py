"""JSON for scripts, schema 1: one object a line in its list, so that output can be compared and searched by line.

Non-ASCII text is escaped, so that names which are no valid UTF-8 survive too. `null` stands for what is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from codemod.codes import CODES
from codemod.outcome import Changed, Ignored, ImageEntry, LeftAlone, Plan
from codemod.reports.proof import Proved, as_json
from codemod.reports.shared import place, tally

if TYPE_CHECKING:
    from codemod.gate import Violation

SCHEMA = 1


def images_json(plan: Plan) -> str:
    """The inventory: `{"schema": 1, "images": [...]}`, sorted by place."""
    entries = sorted(plan.images, key=lambda entry: (place(entry.site), str(entry.reference or "")))
    return document(images=map(_image, entries))


def plan_json(plan: Plan, proved: Proved | None = None) -> str:
    """The plan: `changes`, `transitional`, `remarks` and a `summary` with their counts.

    And the `ignore_differences` that are proposed and the `proof`, if any.
    """
    changes = sorted(plan.changed, key=lambda change: (place(change.site), change.kind, change.before))
    left, remarks = (
        sorted(entries, key=lambda entry: (place(entry.site), entry.code, entry.image or ""))
        for entries in (plan.left, plan.remarks)
    )
    counts = tally(plan)
    summary = {
        "files": counts.files,
        "images": counts.images,
        "pull_policies": counts.pull_policies,
        "other": counts.other,
        "unproven": counts.unproven,
        "transitional": dict(counts.transitional),
        "remarks": dict(counts.remarks),
        "failed": counts.failed,
        "scanned": counts.scanned,
    }
    proof = {"proof": as_json(proved)} if proved is not None else {}
    lists = {"changes": map(_change, changes), "transitional": map(_left, left), "remarks": map(_left, remarks)}
    proposed = {"ignore_differences": map(_ignored, sorted(plan.ignores))} if plan.ignores else {}
    return document(**lists, **proposed, summary=summary, **proof)


def check_json(violations: Iterable[Violation]) -> str:
    """The violations of the gate, in the order given."""
    return document(violations=map(_violation, violations))


def statistics_json(counts: Iterable[tuple[str, int]]) -> str:
    """How many violations there are of each code, in the order given."""
    rows = ({"code": code, "title": CODES[code].title, "count": count} for code, count in counts)
    return document(statistics=rows)


def document(**parts: Iterable[dict[str, Any]] | dict[str, Any]) -> str:
    """The parts by their names, lists with one object a line."""
    import json

    members = [f'"schema": {SCHEMA}']
    for name, part in parts.items():
        if isinstance(part, dict):
            members.append(f'"{name}": {json.dumps(part)}')
        else:
            rows = ",\n    ".join(json.dumps(row) for row in part)
            members.append(f'"{name}": [\n    {rows}\n  ]' if rows else f'"{name}": []')
    return "{\n  " + ",\n  ".join(members) + "\n}\n"


def _image(entry: ImageEntry) -> dict[str, Any]:
    site, reference = entry.site, entry.reference
    return {
        "path": site.path,
        "line": site.line,
        "column": site.column,
        "surface": site.surface,
        "image": None if reference is None else str(reference),
        "registry": None if reference is None else reference.domain,
        "repository": None if reference is None else reference.path,
        "tag": None if reference is None else reference.effective_tag,
        "digest": None if reference is None else reference.digest,
        "status": entry.status,
        "stack": site.stack,
        "environment": site.environment,
        "reason": entry.reason,
    }


def _change(change: Changed) -> dict[str, Any]:
    return {
        "path": change.site.path,
        "line": change.site.line,
        "transform": change.site.transform,
        "before": change.before,
        "after": change.after,
        "image": change.image,
        "digest": change.digest,
        "source": change.source,
    }


def _left(entry: LeftAlone) -> dict[str, Any]:
    return {
        "path": entry.site.path,
        "line": entry.site.line,
        "column": entry.site.column,
        "transform": entry.site.transform,
        "code": entry.code,
        "image": entry.image,
        "message": entry.message,
        "expires": entry.expires,
    }


def _ignored(entry: Ignored) -> dict[str, Any]:
    return {
        "declared": entry.declared,
        "group": entry.group,
        "kind": entry.kind,
        "name": entry.name,
        "namespace": entry.namespace or None,
        "jqPathExpressions": entry.paths,
    }


def _violation(violation: Violation) -> dict[str, Any]:
    return {
        "path": violation.path,
        "line": violation.line,
        "column": violation.column,
        "code": violation.code,
        "message": violation.message,
        "image": violation.image,
    }
