"""The migration report, `migration-report.md`: made for a pull request, deterministic, without clock time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from codemod.codes import CODES
from codemod.inventory import InventorySearch
from codemod.outcome import (
    FLOATING,
    IMAGE,
    PINNED,
    PULL_POLICY,
    READABLE,
    TAG_ONLY,
    TEMPLATED,
    UNKNOWN_REPOSITORY,
    Changed,
    Failed,
    ImageEntry,
    LeftAlone,
    Plan,
)
from codemod.reports import ignores, proof, remarks, scripts, state
from codemod.reports.mdtext import cell, code, folded, plain, table
from codemod.reports.shared import place, remarked, tally
from codemod.wording import plural

_STANDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("#pinned", (PINNED, READABLE)),
    ("#floating", (FLOATING,)),
    ("#tag-only", (TAG_ONLY,)),
    ("#templated", (TEMPLATED,)),
    ("#unknown", (UNKNOWN_REPOSITORY,)),
)


def report(
    before: Plan,
    after: Plan,
    *,
    inventory: Sequence[InventorySearch] = (),
    title_path: str = ".",
    proved: proof.Proved | None = None,
) -> str:
    """The report of the plan `before`, which was carried out, and of `after`, a plan of the edited tree.

    `title_path` names the folder that all paths are relative to, where that is not the repository's root; `proved` is
    what a proof of the run found.
    """
    where = "" if title_path == "." else f" Paths are relative to {code(title_path)}."
    sections = (
        f"# Migration report\n\nWhat `unfloat run` changed, and what stays behind.{where}\n",
        *_summary(before, after),
        *_changed(before),
        *_transitional(after),
        *_policies(before, after),
        *scripts.section(after),
        *(proof.section(proved) if proved is not None else ()),
        *_inventory(inventory),
        state.mark(after) + "\n",
    )
    return "\n".join(sections)


def _summary(before: Plan, after: Plan) -> Iterator[str]:
    counts = tally(before)
    yield "## Summary\n"
    deeds = [f"{plural(counts.images, 'image')} pinned"]
    deeds += [f"{plural(counts.pull_policies, 'pull policy')} set to `IfNotPresent`"]
    deeds += [plural(counts.other, "other change")] if counts.other else []
    points = [f"- {counts.files:,} of {plural(counts.scanned, 'file')} changed: {', '.join(deeds)}.\n"]
    if counts.unproven:
        points += [f"- {plural(counts.unproven, 'change')} **unproven**: read by charts outside this repository.\n"]
    points += [f"- {plural(len(after.left), 'transitional entry')} left.\n"]
    of = {"pull policies": "pull-policies", "scripts": "scripts-that-assume-tags"}
    for subject, found in remarked(tally(after)).items():
        points += [f"- {plural(sum(found.values()), 'remark')} on [{subject}](#{of[subject]}).\n"]
    yield "".join(points)
    yield from _failures({*before.failed, *after.failed})
    if before.images or after.images:
        yield "By surface, in lines of `unfloat images` (a place counts once for each image that its stacks render):\n"
        yield _standing_table("surface", before, after, lambda entry: entry.site.surface)
        yield "By environment:\n"
        yield _standing_table("environment", before, after, lambda entry: entry.site.environment or "")


def _failures(failed: set[Failed]) -> Iterator[str]:
    if failed:
        rows = [(cell(f.path), plain(f.message)) for f in sorted(failed, key=lambda f: (f.path, f.message))]
        yield f"{plural(len(rows), 'file')} could not be read or written:\n"
        yield folded(plural(len(rows), "failure"), table(("file", "why"), rows), len(rows))


def _standing_table(title: str, before: Plan, after: Plan, group: Callable[[ImageEntry], str]) -> str:
    old, new = _standings(before.images, group), _standings(after.images, group)
    names = sorted({*old, *new})
    total_old, total_new = sum(old.values(), Counter()), sum(new.values(), Counter())
    rows = [(plain(name) or "none", *_standing_cells(old.get(name, {}), new.get(name, {}))) for name in names]
    rows.append(("**all**", *_standing_cells(total_old, total_new)))
    return table((title, "#images", *(name for name, _ in _STANDINGS), "#vendored"), rows)


def _standings(images: Iterable[ImageEntry], group: Callable[[ImageEntry], str]) -> dict[str, Counter[str]]:
    """By group, how many images stand how; vendored ones stand apart, under `vendored`."""
    counts: dict[str, Counter[str]] = {}
    for entry in images:
        counts.setdefault(group(entry), Counter())["vendored" if entry.vendored else entry.status] += 1
    return counts


def _standing_cells(old: Mapping[str, int], new: Mapping[str, int]) -> Iterator[str]:
    yield _arrow(sum(old.values()), sum(new.values()))
    for _, statuses in (*_STANDINGS, ("", ("vendored",))):
        yield _arrow(sum(old.get(s, 0) for s in statuses), sum(new.get(s, 0) for s in statuses))


def _arrow(old: int, new: int) -> str:
    return f"{old:,}" if old == new else f"{old:,} → {new:,}"


def _changed(before: Plan) -> Iterator[str]:
    yield "## Changed\n"
    changes = sorted(before.changed, key=lambda change: (place(change.site), change.kind, change.before))
    if not changes:
        yield "Nothing.\n"
        return
    yield "Lines are those of the file before the run.\n"
    files = [(path, list(group)) for path, group in groupby(changes, key=lambda change: change.site.path)]
    body = "\n".join(_changed_file(path, rows) for path, rows in files)
    yield folded(f"{plural(len(changes), 'change')} in {plural(len(files), 'file')}", body, len(changes))


def _changed_file(path: str, changes: Sequence[Changed]) -> str:
    rows = [(str(c.site.line), cell(c.before), cell(c.after) or "(removed)", _source(c)) for c in changes]
    body = table(("#line", "before", "after", "digest source"), rows)
    return f"### {code(path)}\n\n{folded(plural(len(rows), 'change'), body, len(rows))}"


def _source(change: Changed) -> str:
    """Where the digest came from, and for which image, unless the edited text says that itself."""
    if change.kind == PULL_POLICY:
        return "pull policy"
    parts = [plain(change.source) if change.source else "" if change.kind == IMAGE else plain(change.site.transform)]
    if change.image and change.image not in change.before:
        parts.append(f"for {cell(change.image)}")
    if change.unproven:
        parts.append("**unproven**")
    return " ".join(filter(None, parts))


def _transitional(after: Plan) -> Iterator[str]:
    yield "## Transitional entries\n"
    if not after.left:
        yield "None.\n"
        return
    order = {word: number for number, word in enumerate(CODES)}
    left = sorted(after.left, key=lambda e: (order.get(e.code, len(order)), e.code, place(e.site), e.image or ""))
    for word, group in groupby(left, key=lambda entry: entry.code):
        yield from _transitional_code(word, list(group))


def _transitional_code(word: str, entries: Sequence[LeftAlone]) -> Iterator[str]:
    yield f"### {code(word)} ({len(entries):,})\n"
    if known := CODES.get(word):
        yield f"**{known.title}.** {known.why}\n"
        yield f"*What to do:* {known.mend}\n"
    dated = any(entry.owner or entry.expires for entry in entries)
    rows = [_transitional_row(entry, dated) for entry in entries]
    head = ("place", "image", "message", *(("owner", "expires", "excused because") if dated else ()))
    yield folded(plural(len(rows), "entry"), table(head, rows), len(rows))


def _transitional_row(entry: LeftAlone, dated: bool) -> tuple[str, ...]:
    excuse = (plain(entry.owner or ""), plain(entry.expires or ""), plain(entry.allowed_because or ""))
    where = cell(f"{entry.site.path}:{entry.site.line}")
    image = entry.image or ("" if entry.kind == PULL_POLICY else entry.text)
    return where, cell(image), plain(entry.message), *(excuse if dated else ())


def _policies(before: Plan, after: Plan) -> Iterator[str]:
    flipped = [(c.site.path, c.site.line, "") for c in before.changed if c.kind == PULL_POLICY]
    kept = [(e.site.path, e.site.line, e.code) for e in after.left if e.kind == PULL_POLICY]
    yield "## Pull policies\n"
    yield f"{len(flipped):,} set from `Always` to `IfNotPresent`, {len(kept):,} kept.\n"
    if flipped:
        yield "Set (lines are those of the file before the run):\n"
        rows = [row[:2] for row in _by_file(flipped)]
        yield folded(plural(len(rows), "file") + " with pull policies set", table(("file", "lines"), rows), len(rows))
    if kept:
        yield "Kept:\n"
        rows_kept = list(_by_file(kept))
        body = table(("file", "lines", "kept because"), rows_kept)
        yield folded(plural(len(rows_kept), "file") + " with pull policies kept", body, len(rows_kept))
    yield from remarks.section(after)
    yield from ignores.section(after)


def _by_file(found: Iterable[tuple[str, int, str]]) -> Iterator[tuple[str, str, str]]:
    """One row for each file and reason: file, its lines, the reason code with its title."""
    for (path, word), group in groupby(sorted(set(found), key=_file_first), key=lambda item: (item[0], item[2])):
        title = f": {CODES[word].title}" if word in CODES else ""
        yield cell(path), ", ".join(str(line) for _, line, _ in group), cell(word) + title


def _file_first(found: tuple[str, int, str]) -> tuple[str, str, int]:
    path, line, word = found
    return path, word, line


def _inventory(inventory: Sequence[InventorySearch]) -> Iterator[str]:
    yield "## Inventory\n"
    if not inventory:
        yield "Not searched.\n"
        return
    yield (
        "Places that were understood as images or pull policies, and lines of text that merely match (comments, prose "
        "and vendored files included). Every place that remains is listed above.\n"
    )
    rows = [
        (search.title, _change(search.sites_before, search.sites_after), _change(search.text_before, search.text_after))
        for search in inventory
    ]
    yield table(("search", "#places", "#lines of text"), rows)
    commands = "".join(f"{search.command}\n" for search in inventory)
    yield f"```sh\n{commands}```\n"


def _change(old: int, new: int) -> str:
    return f"{old:,} → {new:,}"
