"""Facts about one file told of another that means the same: only the numbers of its releases differ."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from codemod.transform import Change, Fact, Image, Left, PullPolicy, View

_VIEWS = {Image: ("views", "shows", "renamed", "lower"), PullPolicy: ("views",), Change: ("serves",)}
"""The fields that say how releases see something."""


def is_movable(fact: Fact, stacks: Collection[int], paths: Collection[str]) -> bool:
    """Whether a fact speaks of no release but those numbered, and of none of the files."""
    if any(view.stack not in stacks for view in _views(fact)):
        return False
    if isinstance(fact, Image):
        return not (fact.decided_by or fact.undoes or _names(paths, fact.message, fact.tag))
    if isinstance(fact, Change):
        return not (fact.unless or fact.follows) and (fact.otherwise is None or is_movable(fact.otherwise, (), paths))
    return not isinstance(fact, Left) or not _names(paths, fact.message, fact.text)


def moved(fact: Fact, numbers: Mapping[int, int]) -> Fact:
    """The fact with each release's number as `numbers` says; it must be movable."""
    changed: dict[str, Any] = {}
    for name in _VIEWS.get(type(fact), ()):
        views: tuple[View, ...] = getattr(fact, name)
        if views:
            changed[name] = tuple([View(numbers[view.stack], view.layer, view.keys) for view in views])
    return replace(fact, **changed) if changed else fact


def _views(fact: Fact) -> Iterator[View]:
    for name in _VIEWS.get(type(fact), ()):
        yield from getattr(fact, name)


def _names(paths: Collection[str], *texts: str) -> bool:
    return any(path in text for text in texts for path in paths)
