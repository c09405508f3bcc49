"""What `run --prove` found, as a section of the report, as lines and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from msgspec import Struct

from codemod.reports.mdtext import cell, folded, plain, table
from codemod.wording import plural


class Unproven(NamedTuple):
    """A stack that changed and could not be rendered, with the tool's reason in one line."""

    stack: str
    reason: str


class RolledBack(NamedTuple):
    """A difference that no migration may make, for which the files of its stack were left as they were."""

    stack: str
    object: str
    path: str
    before: str
    after: str


class Unexplained(NamedTuple):
    """An image that a stack renders and that no line of the inventory names."""

    stack: str
    image: str
    place: str


class Proved(Struct, frozen=True):
    """The outcome of a proof. A stack is a release or the folder of a kustomization.

    `incomplete` are those proven without values that the repository does not hold, `files` those that stayed as they
    were, `unrendered` edited files that no stack is rendered from, `unexplained` the images of proven stacks that no
    site names.
    """

    proven: tuple[str, ...] = ()
    unchanged: int = 0
    unproven: tuple[Unproven, ...] = ()
    incomplete: tuple[Unproven, ...] = ()
    rolled_back: tuple[RolledBack, ...] = ()
    files: tuple[str, ...] = ()
    unrendered: tuple[str, ...] = ()
    unexplained: tuple[Unexplained, ...] = ()


def section(proved: Proved) -> Iterator[str]:
    """`## Proof` of the Markdown report."""
    yield "## Proof\n"
    yield (
        "Each stack (a release, or a kustomization) was rendered with and without the edits, and the objects compared: "
        "only an image that gained its planned digest may differ, and a pull policy that became `IfNotPresent`.\n"
    )
    yield table(
        ("#proven", "#unchanged", "#unproven", "#rolled back"),
        [
            (
                f"{len(proved.proven):,}",
                f"{proved.unchanged:,}",
                f"{len(proved.unproven):,}",
                f"{len(_stacks(proved)):,}",
            )
        ],
    )
    yield from _differing(proved)
    yield from _not_rendered(proved)
    yield from _listed(proved)


def _differing(proved: Proved) -> Iterator[str]:
    if proved.rolled_back:
        yield "### Rolled back\n"
        yield f"{plural(len(proved.files), 'file')} of these stacks stayed as they were (`proof-failed`).\n"
        rows = [(plain(row.stack), cell(_place(row)), cell(row.before), cell(row.after)) for row in proved.rolled_back]
        head = ("stack", "object and path", "before", "after")
        yield folded(plural(len(rows), "difference"), table(head, rows), len(rows))


def _not_rendered(proved: Proved) -> Iterator[str]:
    if proved.unproven:
        yield "### Unproven\n"
        yield "Edited, but not rendered: look at these changes yourself.\n"
        yield _reasons(proved.unproven)
    if proved.incomplete:
        yield "### Proven without some values\n"
        yield "Rendered without what these releases name and the repository does not hold.\n"
        yield _reasons(proved.incomplete)


def _listed(proved: Proved) -> Iterator[str]:
    if proved.unexplained:
        rows_images = [(plain(row.stack), cell(row.image), cell(row.place)) for row in proved.unexplained]
        yield "### Rendered images that no place explains\n"
        yield "They are not in the inventory: look where they come from (`unexplained-image`).\n"
        body = table(("stack", "image", "object and path"), rows_images)
        yield folded(plural(len(rows_images), "image"), body, len(rows_images))
    if proved.proven:
        rows_proven = [(plain(name),) for name in proved.proven]
        yield "### Proven\n"
        yield folded(plural(len(rows_proven), "stack") + " proven", table(("stack",), rows_proven), len(rows_proven))
    if proved.unrendered:
        rows_files = [(cell(path),) for path in proved.unrendered]
        yield "### Rendered by no stack\n"
        yield "No release and no kustomization is rendered from these files, so no proof speaks of their edits.\n"
        yield folded(plural(len(rows_files), "edited file"), table(("file",), rows_files), len(rows_files))


def as_json(proved: Proved) -> dict[str, Any]:
    """The same for a script: the `proof` of the plan in JSON."""
    return {
        "proven": list(proved.proven),
        "unchanged": proved.unchanged,
        "unproven": [row._asdict() for row in proved.unproven],
        "incomplete": [row._asdict() for row in proved.incomplete],
        "rolled_back": [row._asdict() for row in proved.rolled_back],
        "files_rolled_back": list(proved.files),
        "unrendered": list(proved.unrendered),
        "unexplained": [row._asdict() for row in proved.unexplained],
    }


def rolled_back_lines(proved: Proved) -> Iterator[str]:
    """Each difference for which files stayed as they were (stack, object, path, before, after), then those files."""
    for row in proved.rolled_back:
        place = _place(row)
        yield f"rolled back: {row.stack}: {place + ': ' if place else ''}{row.before} -> {row.after}"
    if proved.files:
        yield f"left as they were: {', '.join(proved.files)}"


def lines(proved: Proved) -> Iterator[str]:
    """How many stacks are proven, and for how many there is no proof and why."""
    counts = [f"{plural(len(proved.proven), 'stack')} proven", f"{proved.unchanged:,} unchanged"]
    counts += [f"{len(proved.unproven):,} unproven", f"{len(_stacks(proved)):,} rolled back"]
    yield f"Proof: {', '.join(counts)}."
    for reason, names in _by_reason(proved.unproven).items():
        listed = ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
        yield f"  unproven: {listed}: {reason}"


def _place(row: RolledBack) -> str:
    return " ".join(part for part in (row.object, row.path) if part)


def _stacks(proved: Proved) -> frozenset[str]:
    return frozenset(row.stack for row in proved.rolled_back)


def _reasons(found: tuple[Unproven, ...]) -> str:
    rows = [(plain(row.stack), plain(row.reason)) for row in found]
    return folded(plural(len(rows), "stack"), table(("stack", "reason"), rows), len(rows))


def _by_reason(found: tuple[Unproven, ...]) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for row in found:
        reasons.setdefault(row.reason, []).append(row.stack)
    return reasons
