"""What Helm reads a plain YAML scalar as: YAML 1.1 by way of JSON, so that every number is a float64.

Follows `resolve` of go.yaml.in/yaml/v2: `1.10` is the number 1.1, `yes` and `on` are true, `0o17` and `017` are 15.
Dates, and whatever JSON has no word for (`.inf`), stay text.
"""

from __future__ import annotations

from codemod.charts.functions.printing import go_float
from codemod.patterns import on_use

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys("y Y yes Yes YES on On ON true True TRUE".split(), True),
    **dict.fromkeys("n N no No NO off Off OFF false False FALSE".split(), False),
}
_FLOAT = on_use(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WHOLE = on_use(
    r"(?P<sign>[-+]?)(?:0[xX](?P<b16>[0-9a-fA-F]+)|0[bB](?P<b2>[01]+)|0[oO]?(?P<b8>[0-7]+)|(?P<b10>0|[1-9][0-9]*))"
)
_BASES = {"b16": 16, "b2": 2, "b8": 8, "b10": 10}
_MOST_DIGITS = 80


def read_text(text: str) -> bool | float | str | None:
    """What a plain scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    number = _number(text)
    return text if number is None else float(number)


def key_text(text: str, style: str) -> str:
    """A map's key as JSON has it: `on:` is the key `true`, `1.0:` the key `1`; a key with a `style` is quoted."""
    if style:
        return text
    if text in _WORDS:
        return {True: "true", False: "false", None: "null"}[_WORDS[text]]
    number = _number(text)
    if number is None:
        return text
    return str(number) if isinstance(number, int) else go_float(number)


def _number(text: str) -> int | float | None:
    if text[0] not in "+-.0123456789":
        return None
    digits = text if text[0] == "." else text.replace("_", "")  # Go takes them out only after a sign or a digit
    whole = _whole(digits)
    if whole is not None:
        return whole
    if not _FLOAT.fullmatch(digits):
        return None
    number = float(digits)
    return None if number in (float("inf"), float("-inf")) else number


def _whole(digits: str) -> int | None:
    """The whole number, if 64 bits can hold it."""
    found = _WHOLE.fullmatch(digits)
    if not found or len(digits) > _MOST_DIGITS or found.lastgroup is None:
        return None
    number = int(found["sign"] + found[found.lastgroup], _BASES[found.lastgroup])
    return number if -(2**63) <= number < 2**64 else None
