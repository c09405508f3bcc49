"""Whether the lock says what a run over the files will ask it for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from codemod.digests import Resolution
from codemod.digests.lock import Lock
from codemod.digests.platforms import lacking
from codemod.reference import Reference


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one entry of the lock, or that there is none."""

    reference: Reference
    message: str


def check(lock: Lock, wanted: Collection[Reference], platforms: Iterable[str]) -> list[Fault]:
    """Wanted references that are not locked, and locked digests that lack a required platform, by reference."""
    required = tuple(platforms)
    faults = [Fault(reference, "not in the lock") for reference in wanted if reference not in lock.images]
    for reference, locked in lock.images.items():
        answer = Resolution(locked.digest, "lock", locked.media_type, locked.platforms)
        if missing := lacking(answer, required):
            faults.append(Fault(reference, f"{locked.digest} lacks {', '.join(missing)}"))
    return sorted(faults, key=lambda fault: (str(fault.reference), fault.message))
