"""The inventory as an aligned table for people, and as CSV for spreadsheets."""

from __future__ import annotations

from collections.abc import Sequence

from codemod.outcome import ImageEntry, Plan
from codemod.patterns import on_use
from codemod.reports.shared import place
from codemod.wording import printable

_HEAD = ("PLACE", "STATUS", "IMAGE", "ENVIRONMENT", "STACK", "REASON")
_PLACE, _IMAGE, _STACK = 0, 2, 4
_GAP = "  "
_NARROWEST = 16
_LONG_DIGEST = on_use(r"(@sha\d+:[0-9a-f]{12})[0-9a-f]+")
_CSV_HEAD = "path line column surface image registry repository tag digest status stack environment reason".split()


def images_table(plan: Plan, width: int | None = None) -> str:
    """One line an entry under a heading; columns that are empty throughout are left out.

    `width` is that of the terminal in cells: digests are shortened, then the widest columns, until a line fits. None
    (no terminal) shortens nothing.
    """
    rows = [_HEAD, *map(_row, _sorted(plan))]
    kept = [i for i in range(len(_HEAD)) if i < 3 or any(row[i] for row in rows[1:])]
    if width is not None and _total(rows, kept) > width:
        rows = [tuple(_LONG_DIGEST.sub(r"\1…", cell) for cell in row) for row in rows]
    widths = {i: max(_cells(row[i]) for row in rows) for i in kept}
    if width is not None:
        widths = _fitted(widths, width)
    return "".join(_line(row, widths) for row in rows)


def images_csv(plan: Plan) -> str:
    """The inventory as CSV (RFC 4180, LF line ends): the fields of the JSON form, empty where that has null."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_CSV_HEAD)
    for entry in _sorted(plan):
        site, ref = entry.site, entry.reference
        image = (str(ref), ref.domain, ref.path, ref.effective_tag, ref.digest) if ref else ("",) * 5
        where = (site.path, site.line, site.column, site.surface)
        writer.writerow((*where, *image, entry.status, site.stack, site.environment, entry.reason))
    return out.getvalue()


def _sorted(plan: Plan) -> list[ImageEntry]:
    return sorted(plan.images, key=lambda entry: (place(entry.site), str(entry.reference or "")))


def _row(entry: ImageEntry) -> tuple[str, ...]:
    site = entry.site
    cells = (
        f"{site.path}:{site.line}:{site.column}",
        entry.status,
        entry.written if entry.reference is None else str(entry.reference),
        site.environment or "",
        site.stack or "",
        entry.reason or "",
    )
    return tuple(map(printable, cells))


def _total(rows: Sequence[Sequence[str]], kept: Sequence[int]) -> int:
    return sum(max(_cells(row[i]) for row in rows) for i in kept) + len(_GAP) * (len(kept) - 1)


def _fitted(widths: dict[int, int], width: int) -> dict[int, int]:
    """Widths of which the widest shortenable ones are cut until the line fits, none below 16 cells."""
    fitted = dict(widths)
    room = width - len(_GAP) * (len(widths) - 1)
    while sum(fitted.values()) > room:
        widest = max((i for i in (_PLACE, _IMAGE, _STACK) if i in fitted), key=lambda i: fitted[i])
        if fitted[widest] <= _NARROWEST:
            break
        fitted[widest] -= 1
    return fitted


def _line(row: Sequence[str], widths: dict[int, int]) -> str:
    cells = [_cut(row[i], width, at_start=i == _PLACE) for i, width in widths.items()]
    padded = [cell + " " * (width - _cells(cell)) for cell, width in zip(cells, widths.values(), strict=True)]
    return _GAP.join(padded).rstrip() + "\n"


def _cut(text: str, width: int, *, at_start: bool) -> str:
    """The text in at most `width` cells, with an ellipsis at the cut; of a place the end is kept."""
    if _cells(text) <= width:
        return text
    kept = text[::-1] if at_start else text
    while kept and _cells(kept) > width - 1:
        kept = kept[:-1]
    return f"…{kept[::-1]}" if at_start else f"{kept}…"


def _cells(text: str) -> int:
    """How many terminal cells the text takes: wide East Asian characters two, combining marks none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
