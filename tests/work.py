"""How much work something is, counted and not timed: the same on every machine, however busy."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType


def calls(action: Callable[[], object]) -> int:
    """How many functions, Python's own and C's, are called while `action` runs."""
    count = 0

    def watch(frame: FrameType, event: str, arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        action()
    finally:
        sys.setprofile(before)
    return count


def grows_linearly(action: Callable[[int], object], size: int) -> bool:
    """Whether twice the size is not much more than twice the work; quadratic would be four times as much."""
    action(1)
    return calls(lambda: action(2 * size)) < 2.5 * calls(lambda: action(size))
