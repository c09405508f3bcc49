"""The three inventory searches of the migration plan, before and after: on parsed sites, and as plain text.

The text counts are lines, as ripgrep counts them with the command that is shown; they also see comments, prose and
text that happens to look alike. The site counts are places that a transform understood, and are what must reach zero.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from codemod.outcome import Changed, ImageEntry, LeftAlone, Plan
from codemod.reports.shared import PULL_POLICY

_MOVING = r"(dev|main|latest)"
_TAG_SITE = re.compile(rf"(?:\w*[tT]ag:\s*)?[\"']?{_MOVING}[\"']?")
_WHOLE_SITE = re.compile(rf"[^\s@]+:{_MOVING}(?:@\S+)?")

_RG = "rg -n --hidden -g '!.git' -g '!migration-report.md'"

_Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class InventorySearch:
    """One search: what it looks for, the command that counts the lines, and the counts before and after."""

    title: str
    command: str
    sites_before: int
    sites_after: int
    text_before: int
    text_after: int


@dataclass(frozen=True)
class _Search:
    """A title, a regular expression that Python and ripgrep read alike, and the sites that it is about.

    The double quotes in it are escaped, so that it can stand between double quotes in a shell.
    """

    title: str
    expression: str
    sites: Callable[[Plan], set[_Place]]

    @property
    def command(self) -> str:
        return f'{_RG} "{self.expression}"'

    @cached_property
    def line(self) -> re.Pattern[bytes]:
        r"""What ripgrep finds: `\s` does not leave the line, and a line counts once."""
        within = self.expression.replace(r"\s", r"[^\S\n]")
        return re.compile(rf"{within}[^\n]*".encode())


def searches(
    before: Plan, after: Plan, texts_before: Iterable[bytes], texts_after: Iterable[bytes]
) -> tuple[InventorySearch, ...]:
    """Carry the searches out; the texts (whole files, the report itself not among them) are gone through once."""
    counts_before, counts_after = _line_counts(texts_before), _line_counts(texts_after)
    return tuple(
        InventorySearch(
            search.title, search.command, len(search.sites(before)), len(search.sites(after)), text_before, text_after
        )
        for search, text_before, text_after in zip(_SEARCHES, counts_before, counts_after, strict=True)
    )


def _line_counts(texts: Iterable[bytes]) -> list[int]:
    counts = [0] * len(_SEARCHES)
    for text in texts:
        for number, search in enumerate(_SEARCHES):
            counts[number] += sum(1 for _ in search.line.finditer(text))
    return counts


def _tags(plan: Plan) -> set[_Place]:
    return {_place(entry) for entry in plan.images if _is_bare_tag(entry)}


def _is_bare_tag(entry: ImageEntry) -> bool:
    """Whether the site is a tag field; a whole reference without a tag (`FROM main`) is spelled alike."""
    reference = entry.reference
    is_whole = reference is not None and reference.tag is None and reference.digest is None
    return not is_whole and _TAG_SITE.fullmatch(entry.written.strip()) is not None


def _policies(plan: Plan) -> set[_Place]:
    outcomes: tuple[Changed | LeftAlone, ...] = (*plan.changed, *plan.left)
    return {_place(outcome) for outcome in outcomes if outcome.kind == PULL_POLICY}


def _wholes(plan: Plan) -> set[_Place]:
    return {_place(entry) for entry in plan.images if _WHOLE_SITE.fullmatch(entry.written.strip().strip("\"'"))}


def _place(outcome: ImageEntry | Changed | LeftAlone) -> _Place:
    return outcome.site.path, outcome.site.line, outcome.site.column


_SEARCHES = (
    _Search("Floating tag fields", rf"(?i)tag:\s*[\"']?{_MOVING}\b", _tags),
    _Search("Pull policy `Always`", r"[pP]ullPolicy:\s*[\"']?Always", _policies),
    _Search("Whole references with a floating tag", rf"(/|image:\s*[\"']?|FROM\s+)[a-z0-9._-]+:{_MOVING}\b", _wholes),
)
