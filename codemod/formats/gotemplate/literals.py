"""The values of Go's literals: strings, characters and numbers."""

from __future__ import annotations

import re

from codemod.patterns import on_use

_ESCAPE = on_use(
    rb"\\(?:([abfnrtv\\'\"])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.?))", re.DOTALL
)
_PLAIN = dict(zip(b"abfnrtv\\'\"", b"\a\b\f\n\r\t\v\\'\"", strict=True))
_OCTAL = on_use(r"[+-]?0[0-9_]+")


def unquoted(written: bytes) -> str:
    """The text of an interpreted literal, quotes included, as Go's `strconv.Unquote`; raises `ValueError`."""
    inner = written[1:-1]
    if b"\\" not in inner:
        return inner.decode("utf-8", "replace")
    return _ESCAPE.sub(lambda found: _escaped(found, written[:1]), inner).decode("utf-8", "replace")


def _escaped(found: re.Match[bytes], quote: bytes) -> bytes:
    plain, two, octal, four, eight, wrong = found.groups()
    other_quote = b"'" if quote == b'"' else b'"'
    if wrong is not None or plain == other_quote:
        raise ValueError("invalid escape in a literal")
    if plain:
        return bytes([_PLAIN[plain[0]]])
    if two or octal:
        return bytes([int(two, 16) if two else int(octal, 8)])
    return chr(int(four or eight, 16)).encode("utf-8")


def number(written: str) -> int | float:
    """What Go's templates take a number for: `010` is octal, `1e3` and `1.0` are floats; raises `ValueError`."""
    digits = written.lstrip("+-").lower()
    if digits.startswith("0x") and ("p" in digits or "." in digits):
        return float.fromhex(written.replace("_", ""))
    if digits.startswith(("0x", "0o", "0b")):
        return int(written, 0)
    if any(sign in digits for sign in ".e"):
        return float(written)
    value = int(written.replace("_", ""), 8) if _OCTAL.fullmatch(written) else int(written)
    if not -(2**63) <= value < 2**64:
        raise ValueError("integer overflow")
    return value
