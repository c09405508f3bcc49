"""What single nodes of a regular expression ask for: a sign, or a place between two signs. ASCII only, as in Go."""

from __future__ import annotations

import re
from collections.abc import Callable
from re import _constants as op  # type: ignore[attr-defined]
from typing import Any

from codemod.charts.errors import TemplateError

_CATEGORIES: dict[Any, tuple[str, bool]] = {
    op.CATEGORY_DIGIT: (r"\d", True), op.CATEGORY_NOT_DIGIT: (r"\d", False),
    op.CATEGORY_SPACE: (r"\s", True), op.CATEGORY_NOT_SPACE: (r"\s", False),
    op.CATEGORY_WORD: (r"\w", True), op.CATEGORY_NOT_WORD: (r"\w", False),
}  # fmt: skip

Test = Callable[[str], bool]
At = Callable[[str, int], bool]


def test_of(code: Any, value: Any, flags: int) -> Test:
    """Whether a sign is one that a node stands for."""
    if code is op.ANY:
        return (lambda sign: True) if flags & re.DOTALL else (lambda sign: sign != "\n")
    items = value if code is op.IN else [(op.LITERAL, value)]
    negated = code is op.NOT_LITERAL or items[0][0] is op.NEGATE
    tests = [_item(*item) for item in items if item[0] is not op.NEGATE]

    def one_of(sign: str) -> bool:
        signs = {sign, sign.lower(), sign.upper()} if flags & re.IGNORECASE else (sign,)
        return any(test(one) for test in tests for one in signs) != negated

    return one_of


def _item(code: Any, value: Any) -> Test:
    if code is op.LITERAL or code is op.NOT_LITERAL:
        return chr(value).__eq__
    if code is op.RANGE:
        low, high = map(chr, value)
        return lambda sign: low <= sign <= high
    if code is not op.CATEGORY:
        raise TemplateError("a regular expression cannot be evaluated")
    text, holds = _CATEGORIES[value]
    pattern = re.compile(text, re.ASCII)
    return lambda sign: (pattern.fullmatch(sign) is not None) == holds


def place_of(code: Any, flags: int) -> At:
    """Whether an anchor holds at an offset."""
    if code is op.AT_BEGINNING and flags & re.MULTILINE:
        return lambda text, here: here == 0 or text[here - 1] == "\n"
    if code in (op.AT_BEGINNING, op.AT_BEGINNING_STRING):
        return lambda text, here: here == 0
    if code is op.AT_END and flags & re.MULTILINE:
        return lambda text, here: here == len(text) or text[here] == "\n"
    if code is op.AT_END_STRING:
        return lambda text, here: here == len(text)
    if code not in (op.AT_BOUNDARY, op.AT_NON_BOUNDARY):
        raise TemplateError("a regular expression cannot be evaluated")
    return lambda text, here: _is_boundary(text, here) == (code is op.AT_BOUNDARY)


def _is_boundary(text: str, here: int) -> bool:
    signs = text[here - 1 : here] if here else "", text[here : here + 1]
    before, after = (sign.isascii() and (sign.isalnum() or sign == "_") and sign != "" for sign in signs)
    return before != after
