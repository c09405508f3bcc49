"""What tests of a chart set, and what they are made to set beside it."""

from __future__ import annotations

from collections.abc import Iterable

from codemod.edits import Edit
from codemod.fleet.suites import PlainMap
from codemod.formats import yaml
from codemod.source import Source
from codemod.transform import Keys
from transforms._suite_sites import Pin


def placeholder(number: int) -> str:
    """What stands for the digest of a site while a test is executed."""
    return f"sha256:{number:064x}"


def setting(way: Keys, maps: Iterable[yaml.Mapping]) -> yaml.Entry | None:
    """The last entry that sets a value; keys may be joined by dots (`image.tag: dev`)."""
    found = [entry for mapping in maps if (entry := _setting(way, mapping)) is not None]
    return found[-1] if found else None


def _setting(way: Keys, mapping: yaml.Mapping) -> yaml.Entry | None:
    for entry in reversed(mapping.entries):
        keys = tuple(entry.key.value.split(".")) if isinstance(entry.key, yaml.Scalar) else ()
        if keys and keys == way:
            return entry
        if keys and way[: len(keys)] == keys and isinstance(entry.value, yaml.Mapping):
            below = _setting(way[len(keys) :], entry.value)
            if below is not None:
                return below
    return None


def beside(source: Source, entry: yaml.Entry, pin: Pin) -> Edit | None:
    """An empty digest below a tag that is set."""
    key, value = entry.key, entry.value
    if not isinstance(key, yaml.Scalar) or not isinstance(value, yaml.Scalar):
        return None
    name = key.value.removesuffix(pin.tag) + pin.digest
    return yaml.insert_after(source, entry, name, b"" if value.style in ("'", '"') else b'""')


def nested(keys: Keys, value: str | None) -> PlainMap:
    """A value at a way of keys, as a map of maps."""
    found: PlainMap = {str(keys[-1]): value}
    for key in reversed(keys[:-1]):
        found = {str(key): found}
    return found
