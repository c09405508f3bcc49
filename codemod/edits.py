"""One edit type: a byte span and the bytes that replace it. Applying is pure and refuses overlap."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from codemod.errors import OverlapError
from codemod.patterns import on_use

DIGEST = b"\x00digest\x00"
"""Stands in `Edit.text` where the digest (`sha256:…`) goes once it is known. NUL never occurs in a text file."""

_LINES = on_use(rb"(?:\r\n|\n|\r)[^\r\n]+|[^\r\n]+(?:\r\n|\n|\r)?")


class Edit(Struct, frozen=True, order=True):
    """Replace the bytes `[start, end)` by `text`; an insertion has `start == end`.

    One that `nests` inserts whole lines, from a map down to what it adds there; several may do so at one place.
    """

    start: int
    end: int
    text: bytes
    nests: bool = False

    @property
    def wants_digest(self) -> bool:
        """Whether the text still holds the place of a digest."""
        return DIGEST in self.text

    def filled(self, digest: str) -> Edit:
        """The same edit with the digest in its place."""
        return replace(self, text=self.text.replace(DIGEST, digest.encode()))


def ordered(edits: Iterable[Edit]) -> list[Edit]:
    """Sort edits, merge equal ones, and refuse any two that touch the same bytes or insert at the same place.

    Those that nest may insert at one place, and before what is replaced there.
    """
    result: list[Edit] = []
    for edit in sorted(set(edits)):
        last = result[-1] if result else None
        if last is not None and (edit.start < last.end or (edit.start == last.start and not last.nests)):
            raise OverlapError(f"edits overlap at byte {edit.start}")
        result.append(edit)
    return result


def woven(edits: Iterable[Edit]) -> list[Edit]:
    """The same, with one edit for all that nest at one place: lines with which two begin stand once.

    The deepest come first, since they go on with the map that ends there.
    """
    result: list[Edit] = []
    above: list[bytes] = []
    for edit in ordered(edits):
        lines = _LINES.findall(edit.text) if edit.nests else []
        if edit.nests and result and result[-1].nests and result[-1].start == edit.start:
            new = lines[_known(above, lines) :]
            result[-1] = replace(edit, text=result[-1].text + b"".join(new))
        else:
            result.append(edit)
        above = lines
    return result


def _known(above: list[bytes], lines: list[bytes]) -> int:
    """How many lines stand already, as the first ones above."""
    pairs = enumerate(zip(above, lines, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(above), len(lines)))


def apply(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Return `data` with all edits applied; every byte outside their spans stays as it is."""
    pieces: list[bytes] = []
    position = 0
    for edit in woven(edits):
        pieces += (data[position : edit.start], edit.text)
        position = edit.end
    pieces.append(data[position:])
    return b"".join(pieces)
