"""Sprig's functions on maps. `set`, `unset` and the merging ones change their first argument, as in Sprig."""

from __future__ import annotations

import copy

from codemod.charts.errors import TemplateError
from codemod.charts.functions.printing import go_print
from codemod.charts.functions.values import Function, is_empty, type_of


def make(*pairs: object) -> dict[str, object]:
    """The map of keys and values in turn; a last key without a value gets an empty text (`dict`)."""
    values = [*pairs, ""]
    return {go_print(values[at]): values[at + 1] for at in range(0, len(pairs), 2)}


def get(values: dict[str, object], key: str) -> object:
    """The value at a key; an empty text where there is none."""
    return values.get(key, "")


def put(values: dict[str, object], key: str, value: object) -> dict[str, object]:
    """The map, changed (`set`)."""
    values[key] = value
    return values


def unset(values: dict[str, object], key: str) -> dict[str, object]:
    """The map, changed: without the key."""
    values.pop(key, None)
    return values


def has_key(values: dict[str, object], key: str) -> bool:
    """Whether the map has the key."""
    return key in values


def pluck(key: str, *maps: dict[str, object]) -> list[object]:
    """The values that the maps have at the key."""
    return [values[key] for values in maps if key in values]


def keys(*maps: dict[str, object]) -> list[str]:
    """The keys of all maps, those of each sorted (in Go their order changes from call to call)."""
    return [key for values in maps for key in sorted(values)]


def values_of(values: dict[str, object]) -> list[object]:
    """The values, sorted by key (in Go their order changes from call to call)."""
    return [values[key] for key in sorted(values)]


def pick(values: dict[str, object], *names: str) -> dict[str, object]:
    """The map with only these keys."""
    return {name: values[name] for name in names if name in values}


def omit(values: dict[str, object], *names: str) -> dict[str, object]:
    """The map without these keys."""
    return {key: value for key, value in values.items() if key not in names}


def merge(target: dict[str, object], *sources: dict[str, object]) -> dict[str, object]:
    """The first map with what it lacks, or has empty, taken from the others; the first of them that has it wins."""
    for source in sources:
        _merge(target, source, overwrite=False)
    return target


def merge_overwrite(target: dict[str, object], *sources: dict[str, object]) -> dict[str, object]:
    """The first map with everything that the others have; the last of them that has it wins."""
    for source in sources:
        _merge(target, source, overwrite=True)
    return target


def deep_copy(value: object) -> object:
    """A copy all through."""
    return copy.deepcopy(value)


def dig(*path: object) -> object:
    """The value at a way of keys, or a default: the keys, the default, the map."""
    if len(path) < 3:
        raise TemplateError("dig needs at least three arguments")
    *names, default, here = path
    for name in names:
        if not isinstance(here, dict) or not isinstance(name, str):
            raise TemplateError(f"dig: not a map but {type_of(here)} at {go_print(name)}")
        if name not in here:
            return default
        here = here[name]
    return here


def _merge(target: dict[str, object], source: dict[str, object], overwrite: bool) -> None:
    """As the Go library mergo: it goes into maps, takes lists whole, and a nil replaces only if overwriting."""
    for key, value in source.items():
        own = target.get(key)
        if isinstance(value, dict) and isinstance(own, dict):
            _merge(own, value, overwrite)
            if own:
                continue
        if overwrite or (is_empty(own) and value is not None):
            target[key] = value


FUNCTIONS: dict[str, Function] = {
    "deepCopy": deep_copy, "dict": make, "dig": dig, "get": get, "hasKey": has_key, "keys": keys, "merge": merge,
    "mergeOverwrite": merge_overwrite, "mustDeepCopy": deep_copy, "mustMerge": merge,
    "mustMergeOverwrite": merge_overwrite, "omit": omit, "pick": pick, "pluck": pluck, "set": put, "unset": unset,
    "values": values_of,
}  # fmt: skip
