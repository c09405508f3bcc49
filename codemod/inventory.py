"""The three inventory searches of the migration plan, before and after: on parsed sites, and as plain text.

They are those of the plan for all floating tags that are configured. The text counts are lines, as ripgrep counts them
with the command that is shown; they also see comments, prose and text that happens to look alike. The site counts are
places that a transform understood, and are what must reach zero.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from msgspec import Struct

from codemod.outcome import PULL_POLICY, Changed, ImageEntry, LeftAlone, Plan
from codemod.patterns import on_use

_RG = "rg -n --hidden -g '!.git' -g '!migration-report.md'"
_GLOB = on_use(r"\\.|\[[^]]*\]|\*+|[?{},.]")
_SIGNS = {"?": r"[\w.-]", "{": "(", ",": "|", "}": ")", ".": r"\."}

Place = tuple[str, int, int]
"""Path, 1-based line and column."""


class InventorySearch(Struct, frozen=True):
    """One search: what it looks for, the command that counts the lines, and the counts before and after."""

    title: str
    command: str
    sites_before: int
    sites_after: int
    text_before: int
    text_after: int


class Search(Struct, frozen=True, dict=True):
    """A title, a regular expression that Python and ripgrep read alike, and the sites that it is about.

    The double quotes in it are escaped, so that it can stand between double quotes in a shell. `name` is the title as
    one word.
    """

    name: str
    title: str
    expression: str
    sites: Callable[[Plan], set[Place]]

    @property
    def command(self) -> str:
        """The command line that lists the lines."""
        return f'{_RG} "{self.expression}"'

    def lines(self, text: bytes) -> Iterator[tuple[int, int, bytes]]:
        r"""What ripgrep finds: 1-based line and column (in characters), and the line; a line counts once."""
        number, counted = 1, 0
        for found in self._line.finditer(text):
            number += text.count(b"\n", counted, found.start())
            counted = found.start()
            start = text.rfind(b"\n", 0, counted) + 1
            yield number, len(text[start:counted].decode("utf-8", "replace")) + 1, text[start : found.end()]

    def count(self, text: bytes) -> int:
        """How many lines it finds."""
        return sum(1 for _ in self._line.finditer(text))

    @cached_property
    def _line(self) -> re.Pattern[bytes]:
        r"""The expression up to the end of the line, where `\s` does not leave it."""
        within = self.expression.replace(r"\s", r"[^\S\n]")
        return re.compile(rf"{within}[^\n]*".encode())


def searches_for(floating_tags: Iterable[str]) -> tuple[Search, ...]:
    """The three searches for tags that float (globs): tag fields, pull policies, whole references."""
    moving = f"({'|'.join(map(_expression, floating_tags))})"
    tag = re.compile(rf"(?:\w*[tT]ag:\s*)?[\"']?{moving}[\"']?")
    whole = re.compile(rf"[^\s@]+:{moving}(?:@\S+)?")
    return (
        Search("tags", "Floating tag fields", rf"(?i)tag:\s*[\"']?{moving}\b", lambda plan: _tags(plan, tag)),
        Search("pull-policies", "Pull policy `Always`", r"[pP]ullPolicy:\s*[\"']?Always", _policies),
        Search(
            "references",
            "Whole references with a floating tag",
            rf"(/|image:\s*[\"']?|FROM\s+)[a-z0-9._-]+:{moving}\b",
            lambda plan: _wholes(plan, whole),
        ),
    )


def searches(
    before: Plan,
    after: Plan,
    texts_before: Iterable[bytes],
    texts_after: Iterable[bytes],
    floating_tags: Iterable[str],
) -> tuple[InventorySearch, ...]:
    """Carry the searches out; the texts (whole files, the report itself not among them) are gone through once."""
    wanted = searches_for(floating_tags)
    counts_before, counts_after = (_line_counts(wanted, texts) for texts in (texts_before, texts_after))
    return tuple(
        InventorySearch(
            search.title, search.command, len(search.sites(before)), len(search.sites(after)), text_before, text_after
        )
        for search, text_before, text_after in zip(wanted, counts_before, counts_after, strict=True)
    )


def place_of(outcome: ImageEntry | Changed | LeftAlone) -> Place:
    """Where it stands."""
    return outcome.site.path, outcome.site.line, outcome.site.column


def _expression(glob: str) -> str:
    """A glob over tags as a regular expression of which ripgrep and Python make the same."""
    return _GLOB.sub(lambda found: _sign(found[0]), glob)


def _sign(text: str) -> str:
    if text.startswith("*"):
        return r"[\w.-]*"
    if text.startswith("[!"):
        return rf"[^\n{text[2:]}"
    return _SIGNS.get(text, text)


def _line_counts(wanted: Iterable[Search], texts: Iterable[bytes]) -> list[int]:
    counts = dict.fromkeys(wanted, 0)
    for text in texts:
        for search in counts:
            counts[search] += search.count(text)
    return list(counts.values())


def _tags(plan: Plan, tag: re.Pattern[str]) -> set[Place]:
    return {place_of(entry) for entry in plan.images if _is_bare_tag(entry, tag)}


def _is_bare_tag(entry: ImageEntry, tag: re.Pattern[str]) -> bool:
    """Whether the site is a tag field; a whole reference without a tag (`FROM main`) is spelled alike."""
    reference = entry.reference
    is_whole = reference is not None and reference.tag is None and reference.digest is None
    return not is_whole and tag.fullmatch(entry.written.strip()) is not None


def _policies(plan: Plan) -> set[Place]:
    outcomes: tuple[Changed | LeftAlone, ...] = (*plan.changed, *plan.left)
    return {place_of(outcome) for outcome in outcomes if outcome.kind == PULL_POLICY}


def _wholes(plan: Plan, whole: re.Pattern[str]) -> set[Place]:
    return {place_of(entry) for entry in plan.images if whole.fullmatch(entry.written.strip().strip("\"'"))}
