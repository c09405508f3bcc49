"""Plain values (maps, lists, scalars): what stands at a way of keys and list indices, and changed copies of them."""

from __future__ import annotations

from codemod.fleet.scalars import Plain
from codemod.transform import Keys


def at(values: Plain, keys: Keys) -> Plain:
    """What stands at a way; None where it leads nowhere."""
    here = values
    for key in keys:
        if isinstance(here, list):
            here = here[key] if isinstance(key, int) and key < len(here) else None
        else:
            here = here.get(str(key)) if isinstance(here, dict) else None
    return here


def copied(values: dict[str, Plain]) -> dict[str, Plain]:
    """The maps and lists anew, the scalars as they are."""
    return {key: _copied(value) for key, value in values.items()}


def _copied(value: Plain) -> Plain:
    if isinstance(value, dict):
        return copied(value)
    return [_copied(item) for item in value] if isinstance(value, list) else value


def switched_on(value: Plain) -> Plain:
    """The maps and lists anew, with everything in them `enabled` that is not."""
    if isinstance(value, list):
        return [switched_on(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: key == "enabled" if below is False else switched_on(below) for key, below in value.items()}


def changed(values: dict[str, Plain], keys: Keys, entries: dict[str, Plain], without: str = "") -> dict[str, Plain]:
    """The values with entries put into the map at a way, or taken away there; as they are where there is no map."""
    found = _changed(values, keys, entries, without)
    return found if isinstance(found, dict) else values


def _changed(here: Plain, keys: Keys, entries: dict[str, Plain], without: str) -> Plain:
    if keys and isinstance(here, list):
        number = keys[0]
        return [_changed(item, keys[1:], entries, without) if at == number else item for at, item in enumerate(here)]
    if not isinstance(here, dict):
        return here
    if keys:
        key = str(keys[0])
        return {**here, key: _changed(here[key], keys[1:], entries, without)} if key in here else here
    return {**{key: value for key, value in here.items() if key != without}, **entries}
