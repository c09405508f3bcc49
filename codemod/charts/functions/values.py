"""What Go calls the plain values that templates work on.

A value is None (Go's nil), a bool, an int, a float, a str, a list or a dict with str keys. Numbers of values files are
floats, as in Helm. Go's `int` and `int64` print alike but are different types: `Int64` is the latter.
"""

from __future__ import annotations

from collections.abc import Callable

from codemod.charts.errors import TemplateError

Function = Callable[..., object]


class Int64(int):
    """Go's int64: what `--set` gives for a number, and what Sprig's arithmetic returns."""


class NilList(list[object]):
    """Go's nil slice: an empty list that JSON calls null."""


class Stringer(dict[str, object]):
    """A Go struct that prints as `text`; its entries are the fields and methods that a template may ask for."""

    def __init__(self, text: str, fields: dict[str, object]) -> None:
        super().__init__(fields)
        self.text = text


_MOST = 1_000_000
_LOW, _SPAN = -(2**63), 2**64


def int64(number: int) -> Int64:
    """The number as an int64; what does not fit wraps around as in Go."""
    return Int64((number - _LOW) % _SPAN + _LOW)


def kind_of(value: object) -> str:
    """The name of the value's reflect.Kind, as Sprig's `kindOf`: `invalid` for nil."""
    match value:
        case None:
            return "invalid"
        case bool():
            return "bool"
        case Int64():
            return "int64"
        case int():
            return "int"
        case float():
            return "float64"
        case str():
            return "string"
        case list():
            return "slice"
        case Stringer():
            return "ptr"
        case dict():
            return "map"
    raise TemplateError(f"no value of a template: {type(value).__name__}")


_COMPOSITE = {"invalid": "<nil>", "slice": "[]interface {}", "map": "map[string]interface {}"}


def type_of(value: object) -> str:
    """The name of the value's Go type, as Sprig's `typeOf`; every list is an `[]interface {}`."""
    kind = kind_of(value)
    return _COMPOSITE.get(kind, kind)


def is_empty(value: object) -> bool:
    """Whether the value is what a Go template takes for false: nil, false, zero, or without length."""
    return not value


def bounded(name: str, size: int) -> int:
    """The size of what the function `name` is about to make, which must not be too much to hold."""
    if size > _MOST:
        raise TemplateError(f"{name}: {size} is too much to be evaluated")
    return size


def as_list(name: str, value: object) -> list[object]:
    """The value, which must be a list; `name` is the function that asks."""
    if isinstance(value, list):
        return value
    raise TemplateError(f"{name}: not a list but {type_of(value)}")


def same(one: object, other: object) -> bool:
    """Whether two values are equal and of the same type all through, as reflect.DeepEqual."""
    if kind_of(one) != kind_of(other):
        return False
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    return one == other
