"""What a code is: a word that says why, and what mends it."""

from __future__ import annotations

from msgspec import Struct


class Code(Struct, frozen=True):
    """One code: its word, a title of a few words, why things are so, and what mends them (plain sentences)."""

    code: str
    title: str
    why: str
    mend: str

    @property
    def is_violation(self) -> bool:
        """Whether this is a code of the gate (`UFnnn`) rather than a reason code."""
        return self.code.startswith("UF")
