"""What Helm reads a YAML scalar as: YAML 1.1 by way of JSON, so that every number is a float64.

Follows sigs.k8s.io/yaml on go.yaml.in/yaml/v2, as Helm 4 decodes values with it: `tag: 1.10` is the number 1.1, `yes`
and `on` are true, `0o17` and `017` are 15, dates stay text.
"""

from __future__ import annotations

import re

from codemod.formats import yaml

Plain = None | bool | float | int | str | list["Plain"] | dict[str, "Plain"]
"""A value as templates see it."""

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys("y Y yes Yes YES on On ON true True TRUE".split(), True),
    **dict.fromkeys("n N no No NO off Off OFF false False FALSE".split(), False),
}
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DIGITS = ((re.compile(r"0[xX][0-9a-fA-F]+"), 16), (re.compile(r"0[bB][01]+"), 2), (re.compile(r"0[oO][0-7]+"), 8))
_OCTAL, _DECIMAL = re.compile(r"0[0-7]+"), re.compile(r"0|[1-9][0-9]*")
_STRING_TAGS = ("tag:yaml.org,2002:str", "!")
_UINT64 = 2**64


def read_scalar(scalar: yaml.Scalar) -> Plain:
    """The value of a scalar; quoted ones and those tagged `!!str` are text."""
    if scalar.tag in _STRING_TAGS or (scalar.style and scalar.tag is None):
        return scalar.value
    return read_text(scalar.value)


def read_text(text: str) -> None | bool | float | str:
    """What a plain scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    digits = text.replace("_", "")
    whole = _integer(digits)
    if whole is not None and whole < _UINT64 and -whole <= _UINT64 // 2:
        return float(whole)
    if _FLOAT.fullmatch(digits):
        number = float(digits)
        return text if number in (float("inf"), float("-inf")) else number
    return text


def key_text(text: str, style: str) -> str:
    """A map's key as JSON has it: `on:` is the key `true`, `1.0:` the key `1`."""
    value = text if style else read_text(text)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return f"{value:.15g}" if isinstance(value, float) else value


def _integer(digits: str) -> int | None:
    sign = -1 if digits[0] == "-" else 1
    plain = digits[1:] if digits[0] in "+-" else digits
    if _DECIMAL.fullmatch(plain):
        return sign * int(plain)
    if _OCTAL.fullmatch(plain):
        return sign * int(plain, 8)
    return next((sign * int(plain[2:], base) for pattern, base in _DIGITS if pattern.fullmatch(plain)), None)
