"""The way to a value inside of an object: `.spec`, `.containers`, `[web]`, `.image`; and what it says of the value."""

from __future__ import annotations

from typing import Any

Path = tuple[str, ...]

_VALUE_KINDS = ("HelmRelease", "Application", "ApplicationSet", "HelmChart", "HelmChartConfig")
_VALUE_KEYS = (".values", ".valuesObject", ".valuesContent")
_DATA_KINDS = ("ConfigMap", "Secret")


def step(key: object) -> str:
    """One key as a part of a path: `.image`, or `[checksum/config]` where it holds a dot or a slash."""
    text = str(key)
    return f".{text}" if "." not in text and "/" not in text else f"[{text}]"


def item(path: Path, name: str) -> Path:
    """The path of an item of a list, by its name or number."""
    return (*path, f"[{name}]")


def name_of(value: Any) -> str:
    """The name of an item, empty where it has none."""
    name = value.get("name") if isinstance(value, dict) else None
    return name if isinstance(name, str) else ""


def is_metadata(path: Path) -> bool:
    """Whether the map that a path leads to holds labels or annotations."""
    return path[-1:] in ((".labels",), (".annotations",))


def is_label(path: Path) -> bool:
    """Whether a text is a label's, or selects one: no label can hold a digest."""
    return path[-2:-1] in ((".labels",), (".matchLabels",), (".selector",))


def names_image(path: Path) -> bool:
    """Whether the keys that lead to a text say that it is an image: `.image`, `.env[PROXY_IMAGE].value`."""
    return any("image" in part.lower() for part in path[-3:])


def holds_values(kind: str, path: Path, value_keys: frozenset[str] = frozenset()) -> bool:
    """Whether what stands here are values of a chart, where an image's repository may stand elsewhere.

    In a ConfigMap or a Secret these are what stands at a key that says so, or at one of `value_keys`.
    """
    if kind in _VALUE_KINDS:
        return any(part in _VALUE_KEYS for part in path)
    if kind in _DATA_KINDS:
        return any("values" in part or part in {step(key) for key in value_keys} for part in path[1:2])
    return kind == "Kustomization" and path[:2] == (".spec", ".images")
