"""A proof in words: lines for a person, JSON for a script."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from codemod.proof.compare import ABSENT, Change
from codemod.proof.images import Unexplained, unexplained
from codemod.proof.verdict import DIFFERS, PROVEN, UNCHANGED, UNPROVEN, Proof, Verdict
from codemod.wording import plural

SCHEMA = 1
VALUE_MAX = 120


def lines(proof: Proof, explained: Collection[str] | None = None) -> Iterator[str]:
    """One line for each difference, each target that is unproven, and each image that no site of `explained` names.

    Names and values are as they stand in the tree: whoever prints them escapes what a terminal would obey.
    """
    for verdict in proof.verdicts:
        yield from _lines(verdict, explained)


def difference(verdict: Verdict, change: Change) -> str:
    """`web (dev): Deployment/web metadata.labels.version: dev -> sha256:…`: target, object, path, before, after."""
    place = " ".join(part for part in (change.object, change.path) if part)
    before, after = shown(change)
    return f"{verdict.target}: {place + ': ' if place else ''}{before} -> {after}"


def summary(proof: Proof) -> str:
    """How many targets are proven, unchanged, unproven, and differ."""
    counts = [f"{plural(len(proof.of(PROVEN)), 'stack')} proven"]
    counts += [f"{len(proof.of(UNCHANGED)):,} unchanged", f"{len(proof.of(UNPROVEN)):,} unproven"]
    differing = len(proof.of(DIFFERS))
    if differing:
        counts.insert(0, f"{plural(differing, 'stack')} {'differs' if differing == 1 else 'differ'}")
    pinned = sum(verdict.pinned for verdict in proof.verdicts)
    return f"{', '.join(counts)}; {plural(pinned, 'rendered image')} gained a digest.\n"


def to_json(proof: Proof, explained: Collection[str] | None = None) -> str:
    """`{"schema": 1, "targets": [...], "summary": {...}}`, sorted by target; absent values are null."""
    rows = ",\n    ".join(
        json.dumps(_row(verdict, explained), default=str, skipkeys=True) for verdict in proof.verdicts
    )
    counts = json.dumps({outcome: len(proof.of(outcome)) for outcome in (PROVEN, UNCHANGED, UNPROVEN, DIFFERS)})
    listed = f"[\n    {rows}\n  ]" if rows else "[]"
    return f'{{\n  "schema": {SCHEMA},\n  "targets": {listed},\n  "summary": {counts}\n}}\n'


def _lines(verdict: Verdict, explained: Collection[str] | None) -> Iterator[str]:
    name = verdict.target
    if verdict.outcome == UNPROVEN:
        yield f"{name}: unproven: {verdict.reason}"
    for change in verdict.differences:
        yield difference(verdict, change)
    for image in _unexplained(verdict, explained):
        yield f"{name}: {image.places[0]}: unexplained-image {image.reference}"


def _unexplained(verdict: Verdict, explained: Collection[str] | None) -> Sequence[Unexplained]:
    return () if explained is None or verdict.images is None else unexplained(verdict.images, explained)


def shown(change: Change) -> tuple[str, str]:
    """Both values of a change for one line: texts as they are, of long ones the part where they part."""
    before, after = _plain(change.before), _plain(change.after)
    if not change.object or max(len(before), len(after)) <= VALUE_MAX:
        return before, after
    parting = next((at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), 0)
    start = max(parting - VALUE_MAX // 4, 0)
    return _cut(before, start), _cut(after, start)


def _cut(value: str, start: int) -> str:
    end = start + VALUE_MAX
    return f"{'…' if start else ''}{value[start:end]}{'…' if end < len(value) else ''}"


def _plain(value: Any) -> str:
    if value is ABSENT or isinstance(value, str):
        return str(value) or '""'
    return json.dumps(value, default=str, skipkeys=True)


def _row(verdict: Verdict, explained: Collection[str] | None) -> dict[str, Any]:
    return {
        "target": verdict.target,
        "tool": verdict.tool,
        "outcome": verdict.outcome,
        "reason": verdict.reason or None,
        "pinned": verdict.pinned,
        "changes": [_change(change) for change in verdict.changes],
        "differences": [_change(change) for change in verdict.differences],
        "unstable": list(verdict.unstable),
        "missing": list(verdict.missing),
        "files": list(verdict.files),
        "unexplained": [
            {"image": image.reference, "places": list(image.places)} for image in _unexplained(verdict, explained)
        ],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "object": change.object or None,
        "path": change.path or None,
        "before": None if change.before is ABSENT else change.before,
        "after": None if change.after is ABSENT else change.after,
        "allowed": change.allowed or None,
    }
