"""Paths into an object: `spec.kafka.image`, `spec.steps[*].image`, `**.params[name=bundle].value`.

A step is a key, `*` for any key, or `**` for any depth; `[*]` behind it means each item of the list there, and
`[key=value]` those items that say so.
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from codemod.patterns import on_use

ANY, DEEP = "*", "**"
_STEP = on_use(r"(?P<key>\*\*|\*|[^\s.*\[\]=]+)(?P<items>(?:\[(?:\*|[^\s.*\[\]=]+=[^\s\[\]=]+)\])*)")
_ITEMS = on_use(r"\[(?:\*|(?P<key>[^=\]]+)=(?P<value>[^\]]+))\]")


class Items(Struct, frozen=True):
    """The items of a list: all, or those whose `key` says `value`."""

    key: str = ""
    value: str = ""


Step = str | Items


@lru_cache(maxsize=4096)
def steps(path: str) -> tuple[Step, ...]:
    """The steps of a path; raises `ValueError` for text that is no path."""
    found: list[Step] = []
    at = 0
    while at < len(path) or not found:
        match = _STEP.match(path, at)
        if match is None or (found and path[match.end() - 1] == "."):
            raise ValueError(f"`{path}` is no path")
        found.append(match["key"])
        found += (Items(one["key"] or "", one["value"] or "") for one in _ITEMS.finditer(match["items"]))
        at = match.end()
        if at < len(path):
            if path[at] != "." or at + 1 == len(path):
                raise ValueError(f"`{path}` is no path")
            at += 1
    if found[-1] == DEEP:
        raise ValueError(f"`{path}` ends nowhere")
    return tuple(found)
