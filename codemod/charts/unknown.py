"""Values that cannot be known without a cluster, a clock or chance, and how they are told apart.

An unknown value prints as its description between two U+FFFD. The description is made of characters that mean nothing
to YAML, wherever the value is printed; values that differ have descriptions that differ.
"""

from __future__ import annotations

import re
from typing import NoReturn

from codemod.charts.errors import TemplateError
from codemod.patterns import on_use

MARK = "\ufffd"
_LONGEST = 120
_UNSAFE = on_use(r"[^\w./$()=+:;@~-]+", re.ASCII)


class Unknown:
    """A value that cannot be known offline; `description` says where it comes from."""

    __slots__ = ("description",)

    def __init__(self, description: str) -> None:
        self.description = _plain(description)

    def field(self, name: str) -> Unknown:
        """A field of the value, as unknown as the value itself."""
        return Unknown(f"{self.description}.{name}")

    def __str__(self) -> str:
        return f"{MARK}{self.description}{MARK}"

    def __repr__(self) -> str:
        return f"Unknown({self.description!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown) and other.description == self.description

    def __hash__(self) -> int:
        return hash((Unknown, self.description))

    def __bool__(self) -> NoReturn:
        raise TemplateError(f"whether {self.description} is empty is unknown")


def _plain(description: str) -> str:
    """The description in safe characters; what is replaced or cut stays told apart by a hash."""
    bare = description.replace(MARK, "")
    text = _UNSAFE.sub("_", bare)
    if text == bare and len(text) <= _LONGEST:
        return text
    import hashlib

    told_apart = hashlib.sha256(description.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{text[:_LONGEST]}~{told_apart}"


def is_unsure(value: object) -> bool:
    """Whether a value is unknown, or a text with an unknown part."""
    return type(value) is Unknown or (type(value) is str and MARK in value)


def settled(value: object, depth: int = 0) -> object:
    """The value with unknown ones inside it printed; the very same object where there are none."""
    if depth > 50:
        return value
    if isinstance(value, Unknown):
        return str(value)
    if isinstance(value, dict):
        pairs = {key: settled(part, depth + 1) for key, part in value.items()}
        return pairs if any(pairs[key] is not part for key, part in value.items()) else value
    if isinstance(value, list):
        parts = [settled(part, depth + 1) for part in value]
        return parts if any(new is not old for new, old in zip(parts, value, strict=True)) else value
    return value
