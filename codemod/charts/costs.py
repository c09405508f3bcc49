"""What a call costs, in actions (what it takes to execute one): no chart may hang a run.

The rates were measured (bench/README.md says how); they only have to be right within a factor of a few.
"""

from __future__ import annotations

from collections.abc import Sequence

from codemod.charts.functions import regexes

CALL = 5
_MANY = 64
"""Values up to this size are part of what a call costs anyway."""
_CHARACTERS, _ITEMS = 512, 4
_SLOW = 8
_STRUCTURED = frozenset(
    """fromJson fromJsonArray fromYaml fromYamlArray mustFromJson mustToJson mustToPrettyJson mustToRawJson print printf
    println quote squote toJson toPrettyJson toRawJson toString toYaml toYamlPretty tpl""".split()
)
"""Functions that read or write a text sign by sign; it tells what they cost."""
_COPIES = frozenset("deepCopy merge mergeOverwrite mustDeepCopy mustMerge mustMergeOverwrite".split())
_QUADRATIC = frozenset({"mustUniq", "mustWithout", "uniq", "without"})
_LOOKUPS = frozenset({"dict", "get", "hasKey", "include", "index", "set", "tpl", "unset"})


def cost_before(name: str, values: Sequence[object]) -> int:
    """What a function will at least cost for some arguments."""
    total = CALL * (1 + 3 * name.startswith("semver"))
    if name.lower().removeprefix("must").startswith("regex"):
        total += regexes.cost(*values[:2]) // 4 if [*map(type, values[:2])] == [str, str] else 0  # type: ignore[arg-type]
    for value in values:
        if isinstance(value, str):
            total += _text(name, len(value))
        elif isinstance(value, dict | list) and name not in _LOOKUPS:
            total += _held(name, value)
    return total


def cost_after(name: str, result: object) -> int:
    """What it cost beyond that, by what came out."""
    if isinstance(result, str):
        return _text(name, len(result))
    is_large = isinstance(result, list | dict) and len(result) > _MANY and name not in _LOOKUPS
    return len(result) // _ITEMS if is_large else 0  # type: ignore[arg-type]


def _text(name: str, length: int) -> int:
    if length <= _MANY:
        return 0
    return length // (_SLOW if name in _STRUCTURED else _CHARACTERS)


def _held(name: str, value: dict[str, object] | list[object]) -> int:
    if name in _COPIES:
        return size_of(value) // 2
    if name in _STRUCTURED:
        return 0
    if len(value) <= _MANY:
        return 0
    return len(value) ** 2 // _CHARACTERS if name in _QUADRATIC else len(value) // _ITEMS


def size_of(value: object, depth: int = 0) -> int:
    """How many values there are in a value."""
    if not isinstance(value, dict | list) or depth > 50:
        return 1
    below = value.values() if isinstance(value, dict) else value
    return 1 + sum(size_of(one, depth + 1) if isinstance(one, dict | list) else 1 for one in below)
