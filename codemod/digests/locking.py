"""How the lock grows: what was resolved anew is put in, what it replaces is remembered as its past."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping

import msgspec
from msgspec.structs import replace

from codemod.digests import Resolution
from codemod.digests.lock import Earlier, Lock, Locked
from codemod.reference import Reference

HISTORY = 50
"""So many earlier digests of one reference are remembered; what is still older is unknown."""


def recorded(lock: Lock, found: Mapping[Reference, Resolution], now: datetime.datetime) -> Lock:
    """The lock with what was found; a digest that it has already keeps the time at which it was first seen."""
    fresh = {reference: _entry(lock.images.get(reference), answer, now) for reference, answer in found.items()}
    return replace(lock, images={**lock.images, **fresh})


def _entry(known: Locked | None, answer: Resolution, now: datetime.datetime) -> Locked:
    if known is None:
        return Locked(
            digest=answer.digest,
            media_type=answer.media_type,
            platforms=answer.platforms,
            source=answer.source,
            resolved=now,
        )
    if known.digest == answer.digest:
        return msgspec.structs.replace(
            known,
            media_type=answer.media_type or known.media_type,
            platforms=answer.platforms or known.platforms,
            source=known.source or answer.source,
        )
    past = [Earlier(digest=known.digest, resolved=known.resolved), *known.previous]
    return msgspec.structs.replace(
        known,
        digest=answer.digest,
        media_type=answer.media_type,
        platforms=answer.platforms,
        source=answer.source,
        resolved=now,
        previous=tuple(entry for entry in past if entry.digest != answer.digest)[:HISTORY],
    )


def history(lock: Lock, channel: Reference) -> Iterator[str]:
    """The digests that a reference had, as far as the lock knows, from now back."""
    locked = lock.images.get(channel)
    if locked is not None:
        yield locked.digest
        yield from (entry.digest for entry in locked.previous)


def is_older(lock: Lock, channel: Reference, proposed: str, held: str) -> bool:
    """Whether the lock knows that a reference had the proposed digest before the held one, or before its own."""
    known = list(history(lock, channel))
    if proposed not in known[1:]:
        return False
    return held not in known or known.index(held) < known.index(proposed)
