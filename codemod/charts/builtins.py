"""The functions of Go's `text/template` itself, except `and` and `or`, which only the interpreter can cut short.

Follows https://pkg.go.dev/text/template#hdr-Functions. Values are plain; a wrong use raises `TemplateError`.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote_plus

from codemod.charts.errors import TemplateError
from codemod.charts.functions.printing import go_print, sprintf
from codemod.charts.functions.values import Stringer, type_of
from codemod.charts.unknown import MARK, Unknown
from codemod.patterns import on_use

LONGEST = 16 * 1024 * 1024
MOST_TURNS = 1_000_000
_TOO_WIDE = on_use(r"%[^a-zA-Z]*[0-9]{7}")
_HTML = str.maketrans({"\0": "\ufffd", '"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;"})
_JS = str.maketrans(
    {"\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D"}
    | {chr(code): f"\\u{code:04X}" for code in range(32)}
)


def truth(value: object) -> bool | None:
    """Whether Go takes a value for true (not nil, false, zero or empty); None where that cannot be known."""
    if type(value) is Unknown:
        return None
    if type(value) is str:
        return None if value[:1] == MARK and value.count(MARK) == 2 and value[-1] == MARK else value != ""
    return isinstance(value, Stringer) or callable(value) or bool(value)


def pairs_of(value: object, variables: int = 0) -> list[tuple[object, object]]:
    """What a `range` with some variables goes over: keys or indexes with their values; raises `TemplateError`."""
    if value is None:
        return []
    if type(value) is Unknown:
        return [(value.field("key"), value.field("each"))]
    if isinstance(value, dict):
        return sorted(value.items(), key=lambda pair: str(pair[0]))
    if isinstance(value, list):
        return list(enumerate(value))
    if isinstance(value, int) and not isinstance(value, bool) and variables < 2:
        return [(at, at) for at in range(min(value, MOST_TURNS))]
    raise TemplateError(f"range can't iterate over {go_print(value)}")


def printed(*values: object) -> str:
    """`print`: a blank between two operands of which neither is a text."""
    parts: list[str] = []
    for at, value in enumerate(values):
        if at and not isinstance(value, str) and not isinstance(values[at - 1], str):
            parts.append(" ")
        parts.append(value if type(value) is str else go_print(value))
    return bounded("".join(parts))


def bounded(text: str) -> str:
    """The text; raises `TemplateError` where it is absurdly long."""
    if len(text) > LONGEST:
        raise TemplateError("the text is too long")
    return text


def _println(*values: object) -> str:
    return " ".join([go_print(value) for value in values]) + "\n"


def _printf(pattern: object, *values: object) -> str:
    if not isinstance(pattern, str):
        raise TemplateError(f"wrong type for value; expected string; got {type_of(pattern)}")
    if _TOO_WIDE.search(pattern) or ("*" in pattern and any(isinstance(one, int) and one > 10**6 for one in values)):
        raise TemplateError("the width is too large")
    return bounded(sprintf(pattern, *values))


def _basic(value: object) -> str:
    """The kind by which Go compares; of what it cannot compare the kind is its type."""
    return "int" if isinstance(value, int) and not isinstance(value, bool) else type_of(value)


def _equal(one: object, *others: object) -> bool:
    if not others:
        raise TemplateError("missing argument for comparison")
    return any(_same(one, other) for other in others)


def _same(one: object, other: object) -> bool:
    if one is None or other is None:
        return one is other
    if _basic(one) != _basic(other):
        raise TemplateError(f"incompatible types for comparison: {type_of(one)} and {type_of(other)}")
    if isinstance(one, dict | list):
        raise TemplateError(f"non-comparable type {type_of(one)}")
    return one == other


def _less(one: object, other: object) -> bool:
    kind = _basic(one)
    if one is None or other is None or kind == "bool":
        raise TemplateError("invalid type for comparison")
    if kind != _basic(other):
        raise TemplateError(f"incompatible types for comparison: {type_of(one)} and {type_of(other)}")
    if isinstance(one, str) and isinstance(other, str):
        return one.encode() < other.encode()
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one < other
    raise TemplateError("invalid type for comparison")


def _not_equal(one: object, other: object) -> bool:
    return not _same(one, other)


def _at_most(one: object, other: object) -> bool:
    return _less(one, other) or _same(one, other)


def _greater(one: object, other: object) -> bool:
    return not _at_most(one, other)


def _at_least(one: object, other: object) -> bool:
    return not _less(one, other)


def _not(value: object) -> object:
    known = truth(value)
    return Unknown(f"not({value})") if known is None else not known


def _length(value: object) -> int:
    if isinstance(value, str):
        return len(value.encode("utf-8", "replace"))
    if isinstance(value, list | dict):
        return len(value)
    raise TemplateError("len of nil pointer" if value is None else f"len of type {type_of(value)}")


def _index(value: object, *indexes: object) -> object:
    if value is None:
        raise TemplateError("index of untyped nil")
    for index in indexes:
        value = _item(value, index)
    return value


def _item(value: object, index: object) -> object:
    if isinstance(value, dict):
        if not isinstance(index, str):
            raise TemplateError(f"value has type {type_of(index)}; should be string")
        return value.get(index)
    if isinstance(value, list | str):
        at = _offset(index, len(value) - 1)
        return value.encode()[at] if isinstance(value, str) else value[at]
    raise TemplateError("index of nil pointer" if value is None else f"can't index item of type {type_of(value)}")


def _offset(index: object, most: int) -> int:
    if not isinstance(index, int) or isinstance(index, bool):
        raise TemplateError(f"cannot index slice/array with type {type_of(index)}")
    if not 0 <= index <= most:
        raise TemplateError(f"index out of range: {index}")
    return index


def _slice(value: object, *indexes: object) -> object:
    if not isinstance(value, list | str):
        raise TemplateError(f"can't slice item of type {type_of(value)}")
    bounds = [_offset(index, len(value)) for index in indexes[:2]]
    start = bounds[0] if bounds else 0
    end = bounds[1] if len(bounds) > 1 else len(value)
    if start > end:
        raise TemplateError(f"invalid slice index: {start} > {end}")
    return value[start:end]


def _joined(values: tuple[object, ...]) -> str:
    return values[0] if len(values) == 1 and isinstance(values[0], str) else printed(*values)


def _html(*values: object) -> str:
    return _joined(values).translate(_HTML)


def _js(*values: object) -> str:
    return _joined(values).translate(_JS)


def _urlquery(*values: object) -> str:
    return quote_plus(_joined(values), safe="~")


def _call(function: object, *values: object) -> object:
    if not callable(function):
        raise TemplateError(f"error calling call: non-function of type {type_of(function)}")
    return function(*values)


BUILTINS: dict[str, Callable[..., object]] = {
    "call": _call,
    "eq": _equal,
    "ge": _at_least,
    "gt": _greater,
    "html": _html,
    "index": _index,
    "js": _js,
    "le": _at_most,
    "len": _length,
    "lt": _less,
    "ne": _not_equal,
    "not": _not,
    "print": printed,
    "printf": _printf,
    "println": _println,
    "slice": _slice,
    "urlquery": _urlquery,
}
