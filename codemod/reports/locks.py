"""What became of the lock, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from codemod.wording import plural, printable

if TYPE_CHECKING:
    from codemod.digests.lock import Lock
    from codemod.moving.checking import Fault
    from codemod.reference import Reference


def changes(before: Lock, after: Lock) -> str:
    """One line for each entry that is new (`+`) or has another digest (`~`)."""
    lines = []
    for reference in sorted(after.images, key=str):
        old, new = before.images.get(reference), after.images[reference]
        if old is None:
            lines.append(f"+ {reference} {new.digest}")
        elif old.digest != new.digest:
            lines.append(f"~ {reference} {old.digest} -> {new.digest}")
    return "".join(f"{line}\n" for line in lines)


def summary(before: Lock, after: Lock) -> str:
    """How much is locked, and how much of it is new."""
    new = len(after.images.keys() - before.images.keys())
    moved = sum(after.images[name].digest != locked.digest for name, locked in before.images.items())
    return f"{plural(len(after.images), 'image')} locked: {new} new, {moved} moved.\n"


def faults(found: Iterable[Fault], moved: Iterable[Reference]) -> str:
    """One line for each fault, then one for each tag that means something else by now, which is none."""
    lines = [f"{fault.reference}: {fault.message}" for fault in found]
    lines += [f"{reference}: moved; `unfloat update` takes it along" for reference in sorted(moved, key=str)]
    return "".join(f"{printable(line)}\n" for line in lines)


def verdict(
    lock: Lock, found: Collection[Fault], moved: Collection[Reference], unasked: Collection[Reference] = ()
) -> str:
    """The count of everything, for a person; `unasked` are those whose registries could not be asked."""
    fault = plural(len(found), "fault") if found else "No faults"
    tags = f", {plural(len(moved), 'tag')} moved" if moved else ""
    silent = len({reference.lookup for reference in unasked})
    asked = f", {silent} of them could not be asked for" if silent else ""
    return f"{fault} in {plural(len(lock.images), 'locked image')}{asked}{tags}.\n"
