"""From plain values to structs: every fault is one line that names the place, the fault and the mend.

msgspec finds the fault; this module finds its line and puts it into the user's words. The struct's own descriptions,
examples and allowed values say what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import msgspec

from codemod.errors import InputError
from codemod.patterns import on_use

Shape = TypeVar("Shape", bound=msgspec.Struct)
Keys = tuple[str | int, ...]

_STEP = on_use(r"\.([^.\[\]]+)|\[(\d+)\]|\[(\.\.\.)\]")
_KINDS = {
    "array": "a list",
    "object": "a map",
    "str": "text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "null": "empty",
    "date": "a date",
    "datetime": "a time",
}
_MENDS = {
    "array": "write a list, `[a, b]`",
    "object": "write a map, `key: value`",
    "str": "put it in quotes",
    "bool": "write `true` or `false`",
    "int": "write a whole number",
}


class Located(Protocol):
    """A value that knows the lines of its parts (`codemod.formats.records.Record`)."""

    @property
    def value(self) -> Any:
        """The plain value."""

    def error(self, keys: Keys, problem: str, mend: str) -> InputError:
        """The error that names the place of a part."""


def convert(record: Located, shape: type[Shape]) -> Shape:
    """The value as a struct; raises `InputError` for the first thing in it that does not fit."""
    try:
        return msgspec.convert(record.value, shape)
    except msgspec.ValidationError as error:
        message, _, steps = str(error).partition(" - at `$")
        keys = _keys(record.value, shape, message, steps.removesuffix("`"))
    raise _explain(record, shape, keys, message)


def dotted(keys: Keys) -> str:
    """The way to a value as people write it: `stacks[0].layers`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return text.removeprefix(".")


def alternative(word: str, known: Sequence[str]) -> str:
    """The mend for a misspelt word: the one that is meant, or all there are."""
    import difflib

    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean `{close[0]}`?" if close else f"write one of {_listed(known)}"


def _keys(value: Any, shape: type[Shape], message: str, steps: str) -> Keys:
    """The way that msgspec's path means. It hides the keys of free maps (`[...]`): the one at fault faults alone."""
    keys: Keys = ()
    for name, index, hidden in _STEP.findall(steps):
        if hidden:
            free = _at(value, keys)
            faulty = (key for key in free if _faults(_replaced(value, keys, {key: free[key]}), shape, message))
            keys = (*keys, next(faulty))
        else:
            keys = (*keys, name or int(index))
    return keys


def _at(value: Any, keys: Keys) -> Any:
    for key in keys:
        value = value[key]
    return value


def _replaced(value: Any, keys: Keys, part: Any) -> Any:
    """The value with another part at `keys`."""
    if not keys:
        return part
    copy = value.copy()
    copy[keys[0]] = _replaced(value[keys[0]], keys[1:], part)
    return copy


def _faults(value: Any, shape: type[Shape], message: str) -> bool:
    try:
        msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        return str(error).startswith(message)
    return False


def _explain(record: Located, shape: type[Shape], keys: Keys, message: str) -> InputError:
    """msgspec's message in the user's words."""
    value, (kind, notes) = _at(record.value, keys), _wanted(shape, keys)
    name = f"`{dotted(keys)}`" if keys else "the file"
    words = re.findall(r"`([^`]*)`", message)
    if message.startswith("Object contains unknown field"):
        known = [field.encode_name for field in getattr(kind, "fields", ())]
        problem = f"unknown key `{words[0]}`" + (f" in {name}" if keys else "")
        return record.error((*keys, words[0]), problem, alternative(words[0], known))
    if message.startswith("Object missing required field"):
        return record.error(keys, f"{name} has no `{words[0]}`", "add it")
    if message.startswith("Invalid enum value"):
        return record.error(keys, f"{name} is `{value}`", f"write one of {_listed(kind.values)}")
    if " of length >= " in message:
        return record.error(keys, f"{name} is empty", "list at least one")
    if notes.get("examples") and value is not None:
        problem = f"{name} is `{value}`" if str(value).strip() else f"{name} is blank"
        return record.error(keys, problem, f"write it like `{notes['examples'][0]}`")
    if message.startswith("Expected") and len(words) == 2:
        wanted, got = words[0].partition(" | ")[0], words[1]
        mend = "give it a value or leave the key out" if got == "null" else _MENDS.get(wanted, "correct it")
        return record.error(keys, f"{name} is {_KINDS.get(got, got)}, not {_KINDS.get(wanted, wanted)}", mend)
    return record.error(keys, f"{name}: {message}", "correct it")


def _wanted(shape: type[Shape], keys: Keys) -> tuple[Any, dict[str, Any]]:
    """What type the struct wants at `keys`, and the notes on it (description, examples)."""
    from msgspec import inspect

    kind: Any = inspect.type_info(shape)
    notes: dict[str, Any] = {}
    for key in (*keys, None):
        while isinstance(kind, inspect.Metadata | inspect.UnionType):
            if isinstance(kind, inspect.Metadata):
                notes, kind = kind.extra_json_schema or {}, kind.type
            else:
                kind = next(one for one in kind.types if not isinstance(one, inspect.NoneType))
        if key is None:
            break
        notes = {}
        if isinstance(kind, inspect.StructType):
            kind = next(field.type for field in kind.fields if field.encode_name == key)
        else:
            kind = getattr(kind, "value_type", None) or getattr(kind, "item_type", None)
    return kind, notes


def _listed(words: Sequence[Any]) -> str:
    return ", ".join(f"`{word}`" for word in words)
