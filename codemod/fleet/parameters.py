r"""Values by way of a name, as `helm --set` takes them: `image.tag`, `hosts[0].name`, `labels.a\.b`.

Follows Helm's `pkg/strvals`; Argo CD hands its `helm.parameters` to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from codemod.charts.functions.values import Int64
from codemod.patterns import on_use

_PART = on_use(r"((?:[^.\\\[\]]|\\.)+)|\[(\d+)\]|\.")
_INTEGER = on_use(r"0|[-+]?[1-9][0-9]*")
_INDEX_MAX = 65536
"""Helm refuses larger list indices."""


def read_parameter(text: str) -> bool | int | str | None:
    """The typed value of a parameter that is not forced to be a string."""
    word = text.lower()
    if word in ("true", "false"):
        return word == "true"
    if word == "null":
        return None
    return Int64(text) if _INTEGER.fullmatch(text) and -(2**63) <= int(text) < 2**63 else text


def way_of(name: str) -> tuple[str | int, ...]:
    """The keys and list indices that a parameter's name means."""
    found: list[str | int] = []
    for match in _PART.finditer(name):
        if match[1] is not None:
            found.append(re.sub(r"\\(.)", r"\1", match[1]))
        elif match[2] is not None:
            found.append(int(match[2]))
    return tuple(found)


def assign(values: dict[str, Any], name: str, leaf: Any, leaf_type: Callable[..., Any]) -> None:
    """Put a leaf at the place that a name means; lists are copied and grown as far as needed."""
    way = way_of(name)
    if not way or not isinstance(way[0], str):
        return
    here = values
    for at, key in enumerate(way):
        rest = way[at + 1 :]
        if not rest:
            here[str(key)] = leaf
        elif isinstance(rest[0], int):
            old = here.get(str(key))
            items = getattr(old, "value", None)
            below = old if isinstance(items, list) else None
            here[str(key)] = leaf_type(_in_list(items, rest, leaf.value), leaf.layer, None, below)
            return
        else:
            below = here.get(str(key))
            here[str(key)] = here = dict(below) if isinstance(below, dict) else {}


def _in_list(old: Any, way: tuple[str | int, ...], value: Any) -> Any:
    """A copy of a plain value with another one set at a way below it."""
    if not way:
        return value
    key = way[0]
    if isinstance(key, str):
        found = dict(old) if isinstance(old, dict) else {}
        found[key] = _in_list(found.get(key), way[1:], value)
        return found
    items = list(old) if isinstance(old, list) else []
    items += [None] * (min(key, _INDEX_MAX) + 1 - len(items))
    items[min(key, _INDEX_MAX)] = _in_list(items[min(key, _INDEX_MAX)], way[1:], value)
    return items
