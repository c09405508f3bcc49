"""What several renderers need: an order of places, and counts of a plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct

from codemod.codes import ON_SCRIPTS
from codemod.outcome import IMAGE, PULL_POLICY, Plan, Site
from codemod.wording import plural


def place(site: Site) -> tuple[str, int, int, str, str, str, str]:
    """A sort key: sites compare by place, and an absent environment or stack comes first."""
    return (
        site.path,
        site.line,
        site.column,
        site.surface,
        site.transform,
        site.environment or "",
        site.stack or "",
    )


class Tally(Struct, frozen=True):
    """Counts of a plan: changed files, pinned images, flipped pull policies, other changes, and the rest.

    `transitional` and `remarks` count entries by reason code (sorted), `scanned` the files that were read.
    """

    files: int
    images: int
    pull_policies: int
    other: int
    unproven: int
    failed: int
    scanned: int
    transitional: Mapping[str, int]
    remarks: Mapping[str, int]


def tally(plan: Plan) -> Tally:
    """Count a plan."""
    kinds = Counter(change.kind for change in plan.changed)
    left = Counter(entry.code for entry in plan.left)
    remarks = Counter(entry.code for entry in plan.remarks)
    return Tally(
        files=sum(before != after for before, after in plan.files.values()),
        images=kinds[IMAGE],
        pull_policies=kinds[PULL_POLICY],
        other=kinds.total() - kinds[IMAGE] - kinds[PULL_POLICY],
        unproven=sum(change.unproven for change in plan.changed),
        failed=len(plan.failed),
        scanned=plan.scanned,
        transitional=dict(sorted(left.items())),
        remarks=dict(sorted(remarks.items())),
    )


def remarked(counts: Tally) -> dict[str, dict[str, int]]:
    """The remarks by what they are on (`pull policies`, `scripts`), then by reason code; nothing that is not there."""
    found: dict[str, dict[str, int]] = {}
    for subject, is_on_scripts in (("pull policies", False), ("scripts", True)):
        codes = {code: count for code, count in counts.remarks.items() if (code in ON_SCRIPTS) is is_on_scripts}
        if codes:
            found[subject] = codes
    return found


def deeds(counts: Tally) -> str:
    """What is done, or would be: `2 images pinned, 1 pull policy set to IfNotPresent`; empty for nothing."""
    parts = (
        f"{plural(counts.images, 'image')} pinned" if counts.images else "",
        f"{plural(counts.pull_policies, 'pull policy')} set to IfNotPresent" if counts.pull_policies else "",
        plural(counts.other, "other change") if counts.other else "",
    )
    return ", ".join(filter(None, parts))
