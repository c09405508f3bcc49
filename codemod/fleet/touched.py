"""Which files a change touches: those that it changes, and those that are rendered together with one of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from codemod.fleet.stack import Stack, is_read_by


def touched(changed: Collection[str], stacks: Iterable[Stack]) -> Callable[[str], bool]:
    """A question about paths: whether it is one of `changed`, or belongs to a release that reads one of them.

    A release reads what declares it, its layers, and its charts; a file that was removed counts where it is named.
    """
    paths = frozenset(changed)
    affected = [stack for stack in stacks if any(is_read_by(path, stack) for path in paths)]

    def is_touched(path: str) -> bool:
        return path in paths or any(is_read_by(path, stack) for stack in affected)

    return is_touched
