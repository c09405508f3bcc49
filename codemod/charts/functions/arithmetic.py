"""Sprig's functions on numbers. What is no number counts as zero, as in the Go library cast."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal, localcontext
from functools import reduce

from codemod.charts.errors import TemplateError
from codemod.charts.functions.printing import go_print
from codemod.charts.functions.values import Function, Int64, bounded, int64
from codemod.patterns import on_use

_BASES = {"0x": 16, "0o": 8, "0b": 2}
_WHOLE = on_use(
    r"([-+]?)(0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|[0-9](?:_?[0-9])*)(?:\.0+)?", re.ASCII
)
_REAL = on_use(r"[-+]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_MAX = 2**63 - 1
_DIGITS = 1000  # what is longer is out of range anyway


def to_int64(value: object) -> Int64:
    """The value as a whole number: fractions are cut off, `010` and `0x8` are eight, other text is zero."""
    if isinstance(value, float):
        fits = math.isfinite(value) and -(2.0**63) <= value < 2.0**63
        return int64(int(value) if fits else -_MAX - 1)
    if isinstance(value, int):
        return int64(int(value))
    found = _WHOLE.fullmatch(value) if isinstance(value, str) else None
    number = _parsed(found[1], found[2]) if found else 0
    return int64(number if -_MAX - 1 <= number <= _MAX else 0)


def to_int(value: object) -> int:
    """As `to_int64`, of Go's type int."""
    return int(to_int64(value))


def to_float(value: object) -> float:
    """The value as a float64; text that is no number is zero."""
    if isinstance(value, str):
        return float(value) if _REAL.fullmatch(value) and math.isfinite(float(value)) else 0.0
    return float(value) if isinstance(value, (int, float)) else 0.0


def atoi(text: str) -> int:
    """The text as a decimal number, zero if it is none."""
    if not re.fullmatch(r"[-+]?[0-9]+", text, re.ASCII):
        return 0
    return max(-_MAX - 1, min(_MAX, int(text[:_DIGITS])))


def to_decimal(value: object) -> Int64:
    """The octal number that the value's text is, zero if it is none."""
    text = go_print(value)
    number = int(text[:_DIGITS], 8) if re.fullmatch(r"[-+]?[0-7]+", text, re.ASCII) else 0
    return int64(number if -_MAX - 1 <= number <= _MAX else 0)


def add(*values: object) -> Int64:
    """The sum."""
    return int64(sum(map(to_int64, values)))


def add1(value: object) -> Int64:
    """One more."""
    return int64(to_int64(value) + 1)


def sub(one: object, other: object) -> Int64:
    """The difference."""
    return int64(to_int64(one) - to_int64(other))


def mul(value: object, *values: object) -> Int64:
    """The product."""
    return int64(math.prod(map(to_int64, (value, *values))))


def div(one: object, other: object) -> Int64:
    """The quotient, cut off towards zero."""
    dividend, divisor = to_int64(one), to_int64(other)
    if divisor == 0:
        raise TemplateError("div: division by zero")
    quotient = abs(dividend) // abs(divisor)
    return int64(quotient if (dividend < 0) == (divisor < 0) else -quotient)


def mod(one: object, other: object) -> Int64:
    """The remainder, with the sign of the dividend."""
    return int64(to_int64(one) - div(one, other) * to_int64(other))


def largest(value: object, *values: object) -> Int64:
    """The largest whole number (`max`)."""
    return max(map(to_int64, (value, *values)))


def smallest(value: object, *values: object) -> Int64:
    """The smallest whole number (`min`)."""
    return min(map(to_int64, (value, *values)))


def maxf(value: object, *values: object) -> float:
    """The largest number."""
    return max(map(to_float, (value, *values)))


def minf(value: object, *values: object) -> float:
    """The smallest number."""
    return min(map(to_float, (value, *values)))


def floor(value: object) -> float:
    """The next whole number below, as a float64."""
    return float(math.floor(to_float(value)))


def ceil(value: object) -> float:
    """The next whole number above, as a float64."""
    return float(math.ceil(to_float(value)))


def rounded(value: object, places: int, limit: float = 0.5) -> float:
    """The number rounded to so many places; a part from `limit` on is rounded up (`round`)."""
    power = 10.0**places
    digits = power * to_float(value)
    fraction = math.modf(digits)[0]
    return float(math.ceil(digits) if fraction >= limit else math.floor(digits)) / power


def until(count: int) -> list[int]:
    """The whole numbers from zero to before the count."""
    return until_step(0, count, -1 if count < 0 else 1)


def until_step(start: int, stop: int, step: int) -> list[int]:
    """The whole numbers from `start` to before `stop`; none if the step leads away from it."""
    if step == 0 or (stop < start) != (step < 0):
        return []
    bounded("until", (stop - start) // step)
    return list(range(start, stop, step))


def seq(*bounds: int) -> str:
    """What the command `seq` prints, on one line: of the end; of begin and end; of begin, step and end."""
    if not bounds or len(bounds) > 3:
        return ""
    start, end = bounds[0] if len(bounds) > 1 else 1, bounds[-1]
    sign = -1 if end < start else 1
    step = bounds[1] if len(bounds) == 3 else sign
    if sign < 0 < step:
        return ""
    return " ".join(map(str, until_step(start, end + sign, step)))


def _exact(operation: Callable[[Decimal, Decimal], Decimal], values: tuple[object, ...]) -> float:
    """The values put together one after the other, as decimal numbers."""
    with localcontext(prec=100):
        return float(reduce(operation, (Decimal(repr(to_float(value))) for value in values)))


def add1f(value: object) -> float:
    """One more."""
    return _exact(Decimal.__add__, (value, 1))


def addf(*values: object) -> float:
    """The sum."""
    return _exact(Decimal.__add__, (0, *values))


def subf(value: object, *values: object) -> float:
    """The difference."""
    return _exact(Decimal.__sub__, (value, *values))


def mulf(value: object, *values: object) -> float:
    """The product."""
    return _exact(Decimal.__mul__, (value, *values))


def divf(value: object, *values: object) -> float:
    """The quotient, to sixteen places."""
    if any(to_float(divisor) == 0 for divisor in values):
        raise TemplateError("divf: division by zero")
    return _exact(lambda one, other: round(one / other, 16), (value, *values))


def _parsed(sign: str, digits: str) -> int:
    plain = digits.replace("_", "").lower()[:_DIGITS]
    base = _BASES.get(plain[:2], 8 if plain[0] == "0" else 10)
    try:
        number = int(plain.removeprefix("0o"), base)
    except ValueError:
        return 0
    return -number if sign == "-" else number


FUNCTIONS: dict[str, Function] = {
    "add": add, "add1": add1, "add1f": add1f, "addf": addf, "atoi": atoi, "biggest": largest, "ceil": ceil, "div": div,
    "divf": divf, "float64": to_float, "floor": floor, "int": to_int, "int64": to_int64, "max": largest, "maxf": maxf,
    "min": smallest, "minf": minf, "mod": mod, "mul": mul, "mulf": mulf, "round": rounded, "seq": seq, "sub": sub,
    "subf": subf, "toDecimal": to_decimal, "until": until, "untilStep": until_step,
}  # fmt: skip
