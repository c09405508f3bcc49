"""The report's section on scripts that assume tags: what they expect, move and miss, and what to do instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from codemod.codes import CODES, ON_SCRIPTS
from codemod.outcome import Plan
from codemod.reports import remarks
from codemod.reports.mdtext import cell, table

_SURFACES = frozenset("shell makefile justfile github-workflow gitlab-ci ci-pipeline".split())


def section(after: Plan) -> Iterator[str]:
    """The remarks on scripts of a plan of the edited tree: an overview, then each code with its places."""
    found = [entry for entry in after.remarks if entry.code in ON_SCRIPTS]
    yield "## Scripts that assume tags\n"
    if not found:
        yield "None.\n"
        yield from _named(after)
        return
    yield (
        "They deploy nothing by that, and `unfloat check` does not object to them. But once digests are in Git they "
        "look for tags that are gone, move tags that nothing follows, or restart what runs the same image again.\n"
    )
    places, files = Counter(entry.code for entry in found), Counter(code for code, _ in _files(after))
    rows = [(cell(word), CODES[word].title, f"{places[word]:,}", f"{files[word]:,}") for word in sorted(places)]
    yield table(("code", "what it is", "#places", "#files"), rows)
    yield from _named(after)
    yield from remarks.of_codes(found, "line")


def _files(after: Plan) -> set[tuple[str, str]]:
    return {(entry.code, entry.site.path) for entry in after.remarks}


def _named(after: Plan) -> Iterator[str]:
    """Where the images stand that scripts name themselves and that stay."""
    count = sum(entry.site.surface in _SURFACES for entry in after.left)
    if count:
        where = "[transitional entries](#transitional-entries)"
        yield f"Images and tags that scripts and pipelines name themselves stand under {where} ({count:,}).\n"
