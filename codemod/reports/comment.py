"""A preview as Markdown, for the comment on a pull request: in short first, then the diff of each file, folded.

GitHub takes comments of up to 65,536 characters. The text stays below that in bytes, so that no way of counting exceeds
it: long lines and long diffs are cut, and files that no longer fit are counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from codemod.codes import CODES
from codemod.outcome import Plan
from codemod.reports.diff import unified
from codemod.reports.mdtext import cell, code, table
from codemod.reports.shared import deeds, tally
from codemod.wording import plural, printable

LIMIT = 65_000
"""Bytes of UTF-8; what is left of GitHub's limit is for whoever posts the text and marks it as theirs."""
OPEN_TO = 40
"""Lines of diff, of all files together, that are shown without a click."""
FILE, WIDTH = 12_000, 400
"""Bytes shown of the diff of one file, and characters of one line."""
FILES = 10
"""Files that are listed without a click."""
FAILURES = 10
"""Failed files that are named."""
_RESERVED = 400
"""Bytes kept for what is put around the files and after them."""


def comment(plan: Plan, prefix: str = "") -> str:
    """The text for a plan that is not carried out; `prefix` is the way from the repository's root to the plan's."""
    head = "\n".join(["### unfloat preview\n", *_summary(plan), *_left(plan), *_failed(plan)])
    diffs = [(path, _diff(plan, path)) for path in sorted(plan.files)]
    changing = [(path, lines) for path, lines in diffs if lines]
    is_open = sum(len(lines) for _, lines in changing) <= OPEN_TO
    room = LIMIT - _RESERVED - _size(head)
    shown = []
    for path, lines in changing:
        part = _file(prefix + path, lines, is_open)
        if _size(part) < room:
            shown.append(part)
            room -= _size(part) + 1
    diff = "\n".join(shown)
    if len(shown) > FILES:
        diff = _folded(f"The diff of {plural(len(shown), 'file')}", diff, is_open)
    return "\n".join([head, *([diff] if diff else []), *_end(len(changing) - len(shown), bool(changing))])


def _summary(plan: Plan) -> Iterator[str]:
    counts = tally(plan)
    done = deeds(counts)
    if not done:
        yield f"Nothing to change in {plural(counts.scanned, 'file')}.\n"
        return
    yield f"**{counts.files:,} of {plural(counts.scanned, 'file')} would change:** {done}.\n"
    if counts.unproven:
        yield f"{plural(counts.unproven, 'change')} **unproven**: read by charts outside this repository.\n"


def _left(plan: Plan) -> Iterator[str]:
    counts = tally(plan).transitional
    if counts:
        order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        rows = [(f"{count:,}", code(word), CODES[word].title if word in CODES else "") for word, count in order]
        yield _folded(
            f"{plural(sum(counts.values()), 'transitional entry')} would stay", table(("#", "code", "why"), rows)
        )


def _failed(plan: Plan) -> Iterator[str]:
    failed = sorted({(failure.path, failure.message) for failure in plan.failed})
    if failed:
        rows = [(cell(_cut(path)), cell(_cut(message))) for path, message in failed[:FAILURES]]
        yield f"{plural(len(failed), 'file')} could not be read:\n"
        yield table(("file", "why"), rows)


def _diff(plan: Plan, path: str) -> list[str]:
    """The hunks of the diff of one file, in lines; none where it would not change."""
    text = unified({path: plan.files[path]}).decode("utf-8", "replace")
    return [_shown(line) for line in text.split("\n")[3:-1]]


def _shown(line: str) -> str:
    """A line as a code block takes it: tabs stay, other controls are written out, a long line loses its end."""
    return _cut("\t".join(printable(piece) for piece in line.removesuffix("\r").split("\t")))


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[:WIDTH]}…"


def _file(path: str, lines: Sequence[str], is_open: bool) -> str:
    """The diff of one file below its name, its first lines where it is long."""
    added, removed = (sum(line.startswith(sign) for line in lines) for sign in "+-")
    shown = list(_first(lines))
    body = "\n".join(shown)
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", f"`{body}")))
    rest = len(lines) - len(shown)
    more = f"\n{plural(rest, 'more line')} of this file.\n" if rest else ""
    summary = f"<code>{escape(printable(path), quote=False)}</code> +{added:,} -{removed:,}"
    return _folded(summary, f"{fence}diff\n{body}\n{fence}\n{more}", is_open)


def _first(lines: Sequence[str]) -> Iterator[str]:
    room = FILE
    for line in lines:
        room -= _size(line) + 1
        if room < 0:
            return
        yield line


def _folded(summary: str, body: str, is_open: bool = False) -> str:
    return f"<details{' open' if is_open else ''}>\n<summary>{summary}</summary>\n\n{body}\n</details>\n"


def _end(missing: int, changes: bool) -> Iterator[str]:
    if missing:
        yield f"**{plural(missing, 'more file')}** would change: a comment has no room for them.\n"
    if changes:
        yield "`unfloat preview` prints the whole diff, `unfloat run` carries it out.\n"


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))
