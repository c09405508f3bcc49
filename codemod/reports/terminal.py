"""The few lines that a person wants after a run."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.codes import CODES
from codemod.outcome import Plan
from codemod.reports.shared import Tally, deeds, remarked, tally
from codemod.wording import plural, printable

_STYLES = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "dim": "2"}


def summary(plan: Plan, color: bool = False, *, preview: bool = False) -> str:
    """What was done (or would be, in a preview), what stays and why, what went wrong, and what to do next."""
    counts = tally(plan)
    left = (*_left(counts, color), *_remarks(counts))
    lines = [*_done(counts, color, preview), *left, *_failed(plan, color), *_next(counts, preview)]
    return "".join(f"{line}\n" for line in lines)


def _done(counts: Tally, color: bool, preview: bool) -> Iterator[str]:
    done = deeds(counts)
    if not done:
        yield _styled(f"Nothing to change in {plural(counts.scanned, 'file')}.", "green", color)
        return
    lead = "Would change" if preview else "Changed"
    head = _styled(f"{lead} {counts.files:,} of {plural(counts.scanned, 'file')}", "bold", color)
    yield f"{head}: {done}."
    if counts.unproven:
        unproven = f"{plural(counts.unproven, 'change')} unproven: read by charts outside this repository."
        yield _styled(unproven, "yellow", color)


def _left(counts: Tally, color: bool) -> Iterator[str]:
    if not counts.transitional:
        return
    total = sum(counts.transitional.values())
    yield _styled(f"{plural(total, 'transitional entry')}:", "bold", color)
    wide = max(map(len, counts.transitional))
    digits = max(len(f"{count:,}") for count in counts.transitional.values())
    for code, count in sorted(counts.transitional.items(), key=lambda item: (-item[1], item[0])):
        title = CODES[code].title if code in CODES else ""
        yield f"  {count:>{digits},}  {code:<{wide}}  {title}".rstrip()


def _remarks(counts: Tally) -> Iterator[str]:
    for subject, codes in remarked(counts).items():
        listed = ", ".join(f"{count:,} {code}" for code, count in codes.items())
        yield f"{plural(sum(codes.values()), 'remark')} on {subject}: {listed}."


def _failed(plan: Plan, color: bool) -> Iterator[str]:
    for failure in sorted(plan.failed, key=lambda failure: (failure.path, failure.message)):
        yield _styled("Failed", "red", color) + f": {printable(failure.path)}: {printable(failure.message)}"


def _next(counts: Tally, preview: bool) -> Iterator[str]:
    if counts.images or counts.pull_policies or counts.other:
        if preview:
            yield "Next: `unfloat run` carries this out."
        else:
            proof = "render the charts of the unproven changes before and after, " if counts.unproven else ""
            yield f"Next: review `git diff`, {proof}then commit."
    if counts.transitional:
        code = max(sorted(counts.transitional), key=lambda code: counts.transitional[code])
        yield f"Why something stays: `unfloat explain {code}`."


def _styled(text: str, style: str, color: bool) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if color else text
