"""What the report remarks on pull policies beside the images: one folded table for each reason code."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from codemod.codes import CODES
from codemod.outcome import LeftAlone, Plan
from codemod.reports.mdtext import cell, code, folded, plain, table
from codemod.reports.shared import place, plural


def section(after: Plan) -> Iterator[str]:
    """The remarks on a plan of the edited tree, by code."""
    for word, group in groupby(
        sorted(after.remarks, key=lambda entry: (entry.code, place(entry.site))), lambda e: e.code
    ):
        yield from _of_code(word, list(group))


def _of_code(word: str, entries: list[LeftAlone]) -> Iterator[str]:
    yield f"### {code(word)} ({len(entries):,})\n"
    if known := CODES.get(word):
        yield f"**{known.title}.** {known.why}\n"
        yield f"*What to do:* {known.mend}\n"
    rows = [
        (cell(f"{entry.site.path}:{entry.site.line}"), cell(entry.image or entry.text), plain(entry.message))
        for entry in entries
    ]
    yield folded(plural(len(rows), "place"), table(("place", "about", "message"), rows), len(rows))
