"""One edit type: a byte span and the bytes that replace it. Applying is pure and refuses overlap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from codemod.errors import OverlapError

DIGEST = b"\x00digest\x00"
"""Stands in `Edit.text` where the digest (`sha256:…`) goes once it is known. NUL never occurs in a text file."""


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the bytes `[start, end)` by `text`; an insertion has `start == end`."""

    start: int
    end: int
    text: bytes

    @property
    def wants_digest(self) -> bool:
        """Whether the text still holds the place of a digest."""
        return DIGEST in self.text

    def filled(self, digest: str) -> Edit:
        """The same edit with the digest in its place."""
        return Edit(self.start, self.end, self.text.replace(DIGEST, digest.encode()))


def ordered(edits: Iterable[Edit]) -> list[Edit]:
    """Sort edits, merge equal ones, and refuse any two that touch the same bytes or insert at the same place."""
    result: list[Edit] = []
    for edit in sorted(set(edits)):
        if result and (edit.start < result[-1].end or edit.start == result[-1].start):
            raise OverlapError(f"edits overlap at byte {edit.start}")
        result.append(edit)
    return result


def apply(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Return `data` with all edits applied; every byte outside their spans stays as it is."""
    pieces: list[bytes] = []
    position = 0
    for edit in ordered(edits):
        pieces += (data[position : edit.start], edit.text)
        position = edit.end
    pieces.append(data[position:])
    return b"".join(pieces)
