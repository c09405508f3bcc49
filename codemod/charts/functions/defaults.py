"""Sprig's functions on any value: defaults, choices, types."""

from __future__ import annotations

from codemod.charts.functions.values import Function, is_empty, kind_of, same, type_of


def default(fallback: object, *given: object) -> object:
    """The given value, or the fallback where it is empty or not given."""
    return fallback if not given or is_empty(given[0]) else given[0]


def coalesce(*values: object) -> object:
    """The first that is not empty, else nil."""
    return next((value for value in values if not is_empty(value)), None)


def ternary(yes: object, no: object, choice: bool) -> object:
    """One or the other."""
    return yes if choice else no


def all_given(*values: object) -> bool:
    """Whether none is empty (`all`)."""
    return not any(map(is_empty, values))


def any_given(*values: object) -> bool:
    """Whether one is not empty (`any`)."""
    return not all(map(is_empty, values))


def kind_is(kind: str, value: object) -> bool:
    """Whether the value is of the kind."""
    return kind_of(value) == kind


def type_is(name: str, value: object) -> bool:
    """Whether the value is of the type."""
    return type_of(value) == name


def type_is_like(name: str, value: object) -> bool:
    """Whether the value is of the type, or points to one."""
    return type_of(value) in (name, f"*{name}")


FUNCTIONS: dict[str, Function] = {
    "all": all_given, "any": any_given, "coalesce": coalesce, "deepEqual": same, "default": default, "empty": is_empty,
    "kindIs": kind_is, "kindOf": kind_of, "ternary": ternary, "typeIs": type_is, "typeIsLike": type_is_like,
    "typeOf": type_of,
}  # fmt: skip
