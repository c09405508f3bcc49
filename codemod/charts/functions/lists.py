"""Sprig's functions on lists. They make new lists, except those that hand out what a list holds."""

from __future__ import annotations

from codemod.charts.errors import TemplateError
from codemod.charts.functions.arithmetic import to_int
from codemod.charts.functions.values import Function, NilList, as_list, is_empty, same


def make(*values: object) -> list[object]:
    """The list of the arguments (`list`)."""
    return list(values)


def first(values: object) -> object:
    """The first element, nil of an empty list."""
    found = as_list("first", values)
    return found[0] if found else None


def last(values: object) -> object:
    """The last element, nil of an empty list."""
    found = as_list("last", values)
    return found[-1] if found else None


def rest(values: object) -> list[object]:
    """All but the first."""
    return as_list("rest", values)[1:] or _nil_if_empty(values)


def initial(values: object) -> list[object]:
    """All but the last."""
    return as_list("initial", values)[:-1] or _nil_if_empty(values)


def append(values: object, value: object) -> list[object]:
    """The list with one more at its end."""
    return [*as_list("append", values), value]


def prepend(values: object, value: object) -> list[object]:
    """The list with one more at its begin."""
    return [value, *as_list("prepend", values)]


def concat(*lists: object) -> list[object]:
    """All lists as one."""
    return [value for values in lists for value in as_list("concat", values)] or NilList()


def reverse(values: object) -> list[object]:
    """The list backwards."""
    return as_list("reverse", values)[::-1]


def uniq(values: object) -> list[object]:
    """Each element once, the first of equal ones."""
    found: list[object] = []
    for value in as_list("uniq", values):
        if not has(value, found):
            found.append(value)
    return found


def without(values: object, *others: object) -> list[object]:
    """The list without the given elements."""
    return [value for value in as_list("without", values) if not has(value, list(others))]


def has(value: object, values: object) -> bool:
    """Whether the list has an element that equals the value; nil has none."""
    return values is not None and any(same(value, item) for item in as_list("has", values))


def compact(values: object) -> list[object]:
    """The elements that are not empty."""
    return [value for value in as_list("compact", values) if not is_empty(value)]


def part(values: object, *bounds: object) -> list[object] | None:
    """The elements from the first bound to before the second; nil of an empty list (`slice`)."""
    found = as_list("slice", values)
    if not found:
        return None
    start = to_int(bounds[0]) if bounds else 0
    end = to_int(bounds[1]) if len(bounds) > 1 else len(found)
    if not 0 <= start <= end <= len(found):
        raise TemplateError(f"slice: {start} to {end} is out of range of {len(found)} elements")
    return found[start:end]


def chunk(size: int, values: object) -> list[list[object]]:
    """The list cut into lists of the size, the last one perhaps shorter."""
    found = as_list("chunk", values)
    if size <= 0:
        raise TemplateError(f"chunk: size {size}")
    return [found[begin : begin + size] for begin in range(0, len(found), size)]


def _nil_if_empty(values: object) -> list[object]:
    return [] if values else NilList()


_MAY_FAIL: dict[str, Function] = {
    "append": append, "chunk": chunk, "compact": compact, "first": first, "has": has, "initial": initial, "last": last,
    "prepend": prepend, "push": append, "rest": rest, "reverse": reverse, "slice": part, "uniq": uniq,
    "without": without,
}  # fmt: skip
FUNCTIONS: dict[str, Function] = {
    "concat": concat,
    "list": make,
    "tuple": make,
    **_MAY_FAIL,
    **{f"must{name[0].upper()}{name[1:]}": function for name, function in _MAY_FAIL.items()},
}
