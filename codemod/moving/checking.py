"""Whether the lock says what a run over the files will ask it for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from codemod.digests import Answer, Failure, Resolution
from codemod.digests.lock import Lock, Locked
from codemod.digests.platforms import lacking
from codemod.reference import Reference


class Fault(Struct, frozen=True):
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


def held(lock: Lock) -> list[Reference]:
    """What the lock holds, as references that carry their digest."""
    return [_held(lock, reference) for reference in lock.images]


def gone(lock: Lock, has: Mapping[Reference, bool | Failure]) -> list[Fault]:
    """Locked digests that their registries say they do not have."""
    answers = {reference: has.get(_held(lock, reference)) for reference in lock.images}
    lost = [reference for reference, answer in answers.items() if answer is False or _is_missing(answer)]
    return [Fault(name, f"the registry has no {lock.images[name].digest}") for name in sorted(lost, key=str)]


def moved(lock: Lock, means: Mapping[Reference, Answer]) -> list[Reference]:
    """Locked references whose tag means another digest by now."""
    return [reference for reference, locked in lock.images.items() if _digest(means.get(reference), locked) is not None]


def _held(lock: Lock, reference: Reference) -> Reference:
    return replace(reference, digest=lock.images[reference].digest)


def _is_missing(answer: bool | Failure | None) -> bool:
    return isinstance(answer, Failure) and answer.kind == "missing"


def _digest(answer: Answer | None, locked: Locked) -> str | None:
    return answer.digest if isinstance(answer, Resolution) and answer.digest != locked.digest else None
