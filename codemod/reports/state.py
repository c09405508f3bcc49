"""The state that a report describes, so that a run that changes nothing leaves the report as it is."""

from __future__ import annotations

from hashlib import sha256

from codemod.outcome import Plan
from codemod.patterns import on_use

_MARK = on_use(r"(?:^|\n)<!-- unfloat:state ([0-9a-f]{64}) -->\s*\Z")


def state_of(after: Plan) -> str:
    """A hash (64 hex digits) over the inventory, transitional entries, remarks and proposals, in whatever order."""
    entries = (*after.left, *after.remarks, *after.ignores)
    lines = (*sorted(map(repr, after.images)), "", *sorted(map(repr, entries)))
    return sha256("\n".join(lines).encode("utf-8", "backslashreplace")).hexdigest()


def state_in(text: str) -> str | None:
    """The state that a report's last line records; None where the text is no such report, or was added to."""
    mark = _MARK.search(text)
    return mark[1] if mark else None


def mark(after: Plan) -> str:
    """The last line of a report, without its line end."""
    return f"<!-- unfloat:state {state_of(after)} -->"
