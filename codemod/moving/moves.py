"""Moves: digests that give way to others, and those that stay with the reason why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from codemod.digests import Failure
from codemod.edits import Edit, apply
from codemod.moving.pinned import Pinned
from codemod.reference import Reference

UNANSWERED = "registry-failed"


class Move(Struct, frozen=True):
    """One digest in one file that gives way to `digest`; `tag` is the tag beside it, if that changes along.

    `channel` is the reference that was asked; None for a promotion, whose `origin` says what it copies.
    """

    pinned: Pinned
    digest: str
    source: str
    channel: Reference | None = None
    origin: str = ""
    tag: str | None = None

    @property
    def image(self) -> Reference:
        """The repository, without tag and digest being of interest."""
        return self.pinned.references[0]

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The edits of the file."""
        edits = [self.pinned.edit(self.digest)]
        if self.tag is not None and self.pinned.tag_at is not None:
            edits.append(Edit(*self.pinned.tag_at, self.tag.encode()))
        return tuple(edits)


class Stays(Struct, frozen=True):
    """One digest that stays though it was chosen: `code` says why in one word, `message` in a sentence."""

    pinned: Pinned
    code: str
    message: str


class Moves(Struct, frozen=True):
    """What an update or a promotion means to do: the moves, what stays, and how many digests are current."""

    moves: tuple[Move, ...]
    stays: tuple[Stays, ...]
    current: int

    @property
    def unanswered(self) -> tuple[Stays, ...]:
        """What stays because a registry could not be asked."""
        return tuple(stay for stay in self.stays if stay.code == UNANSWERED)

    @property
    def files(self) -> Mapping[str, tuple[bytes, bytes]]:
        """Bytes before and after of every file that changes."""
        edits: dict[str, list[Edit]] = defaultdict(list)
        before: dict[str, bytes] = {}
        for move in self.moves:
            edits[move.pinned.path] += move.edits
            before[move.pinned.path] = move.pinned.source.data
        return {path: (before[path], apply(before[path], edits[path])) for path in sorted(edits)}


def failed(pinned: Pinned, failure: Failure) -> Stays:
    """A digest that stays because a registry has nothing better, or could not be asked."""
    return Stays(pinned, failure.code, failure.message)


def shared(move: Move, environments: Collection[str]) -> Stays | None:
    """Why a move stays undone: its digest is in force elsewhere than in the environments, too."""
    others = sorted(name or "releases without an environment" for name in move.pinned.environments - set(environments))
    return Stays(move.pinned, "environment-shared", f"in force in {', '.join(others)}, too") if others else None


def ordered(stays: Iterable[Stays]) -> tuple[Stays, ...]:
    """In the order of the tree."""
    return tuple(sorted(stays, key=lambda stay: (stay.pinned.path, stay.pinned.at.start, stay.code)))
