"""Print values as Go's `fmt` does."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from codemod.charts.errors import TemplateError
from codemod.charts.functions.values import Stringer, bounded, type_of
from codemod.patterns import on_use

_VERB = on_use(r"%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?(?:\[(\d+)\])?(.)?", re.DOTALL)
_ESCAPES = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", '"': '\\"', "\\": "\\\\",
}  # fmt: skip


def go_print(value: object) -> str:
    """The value as Go's `%v` prints it: `map[a:1 b:x]`, `[a b]`, `1.2e+07`, `<nil>`; maps are sorted by key."""
    return _formatted(_Spec("v"), value)


def go_float(value: float, smallest: int = -4, largest: int = 5) -> str:
    """The shortest digits that read back as the float; with an exponent where it is not in `smallest` to `largest`.

    By default that is Go's `%v` (strconv.FormatFloat with `g` and -1): 100000, but 1e+06 and 1.2345675e+06.
    """
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    sign = "-" if math.copysign(1, value) < 0 else ""
    mantissa, _, power = _scientific(abs(value)).partition("e")
    digits, exponent = mantissa.replace(".", ""), int(power)
    if not smallest <= exponent <= largest:
        return f"{sign}{mantissa}e{exponent:+03}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    whole, fraction = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
    return f"{sign}{whole}{'.' + fraction if fraction else ''}"


def go_quote(text: str, only_ascii: bool = False) -> str:
    """The text as a Go string literal in double quotes (strconv.Quote, `%q`)."""
    return f'"{"".join(_escaped(character, only_ascii) for character in text)}"'


def sprintf(format: str, *args: object) -> str:  # noqa: A002 - the name that Go gives it
    """The arguments put into the format, as Go's `fmt.Sprintf`.

    A verb that does not fit its argument prints as in Go (`%!s(int=5)`), as do arguments that are missing or too many.
    """
    run = _Run(args)
    text = _VERB.sub(run.verb, format)
    return text + run.extra()


class _Run:
    """The arguments of one call, and how far they are used up."""

    def __init__(self, args: tuple[object, ...]) -> None:
        self._args = args
        self._next = 0
        self._reordered = False

    def verb(self, match: re.Match[str]) -> str:
        flags, width, precision, index, verb = match.groups()
        if verb is None:
            return "%!(NOVERB)"
        flags = flags.replace("+", "") if verb == "v" else flags
        spec = _Spec(verb, flags, self._number(width) or 0, 0 if precision == "" else self._number(precision))
        if spec.width < 0:
            spec = replace(spec, flags=spec.flags + "-", width=-spec.width)
        if verb == "%":
            return "%"
        if index is not None:
            self._reordered = True
            self._next = int(index[:9]) - 1
        if not 0 <= self._next < len(self._args):
            return f"%!{verb}(BADINDEX)" if index is not None else f"%!{verb}(MISSING)"
        self._next += 1
        return _formatted(spec, self._args[self._next - 1])

    def extra(self) -> str:
        rest = self._args[self._next :]
        if self._reordered or not rest:
            return ""
        return f"%!(EXTRA {', '.join(_typed(value) for value in rest)})"

    def _number(self, text: str | None) -> int | None:
        if text != "*":
            return bounded("printf", int(text[:9])) if text else None
        if self._next >= len(self._args) or not isinstance(self._args[self._next], int):
            raise TemplateError("printf: a width that is no number")
        self._next += 1
        return bounded("printf", int(str(self._args[self._next - 1])))


class _Spec(Struct, frozen=True):
    """One verb of a format with its flags."""

    verb: str
    flags: str = ""
    width: int = 0
    precision: int | None = None

    def pad(self, text: str) -> str:
        if "0" in self.flags and "-" not in self.flags:
            return text.rjust(self.width, "0")
        return text.ljust(self.width) if "-" in self.flags else text.rjust(self.width)

    def pad_number(self, negative: bool, digits: str) -> str:
        sign = "-" if negative else "+" if "+" in self.flags else " " if " " in self.flags else ""
        if "0" in self.flags and "-" not in self.flags:
            return sign + digits.rjust(self.width - len(sign), "0")
        return self.pad(sign + digits)


def _formatted(spec: _Spec, value: object) -> str:
    match value:
        case _ if spec.verb == "T":
            return spec.pad(type_of(value))
        case None:
            return spec.pad("<nil>") if spec.verb == "v" else f"%!{spec.verb}(<nil>)"
        case Stringer():
            return _formatted(spec, value.text)
        case list():
            return f"[{' '.join(_element(spec, item) for item in value)}]"
        case dict():
            return f"map[{' '.join(f'{_element(spec, key)}:{_element(spec, value[key])}' for key in sorted(value))}]"
    formatter = _FORMATTERS.get(type_of(value), {}).get(spec.verb)
    if formatter is None:
        return f"%!{spec.verb}({type_of(value)}={_formatted(replace(spec, verb='v'), value)})"
    return formatter(spec, value)


def _element(spec: _Spec, value: object) -> str:
    return "<nil>" if value is None else _formatted(spec, value)


def _typed(value: object) -> str:
    return "<nil>" if value is None else f"{type_of(value)}={go_print(value)}"


def _bool(spec: _Spec, value: bool) -> str:
    return spec.pad("true" if value else "false")


def _text(spec: _Spec, value: str) -> str:
    return spec.pad(value[: spec.precision])


def _quoted(spec: _Spec, value: str) -> str:
    text = value[: spec.precision]
    if "#" in spec.flags and "`" not in text and text.isprintable():
        return spec.pad(f"`{text}`")
    return spec.pad(go_quote(text, only_ascii="+" in spec.flags))


def _literal(spec: _Spec, value: str) -> str:
    return spec.pad(go_quote(value[: spec.precision])) if "#" in spec.flags else _text(spec, value)


def _hex_text(spec: _Spec, value: str) -> str:
    text = value.encode().hex(*(" ",) if " " in spec.flags else ())
    return spec.pad(text.upper() if spec.verb == "X" else text)


def _integer(base: str) -> Callable[[_Spec, int], str]:
    def printed(spec: _Spec, value: int) -> str:
        digits = f"{abs(value):{base}}".rjust(spec.precision or 0, "0")
        prefix = {"x": "0x", "X": "0X", "o": "0", "b": "0b"}.get(base, "") if "#" in spec.flags else ""
        return spec.pad_number(value < 0, prefix + digits)

    return printed


def _character(spec: _Spec, value: int) -> str:
    return spec.pad(_rune(value))


def _quoted_character(spec: _Spec, value: int) -> str:
    text = _rune(value)
    return spec.pad("'" + {"'": "\\'", '"': '"'}.get(text, _escaped(text)) + "'")


def _code_point(spec: _Spec, value: int) -> str:
    return spec.pad(f"U+{value:04X}")


def _rune(value: int) -> str:
    return chr(value) if 0 <= value < 0x110000 else "\ufffd"


def _real(spec: _Spec, value: float) -> str:
    if not math.isfinite(value):
        return spec.pad(go_float(value))
    if spec.precision is None and spec.verb in "vgG":
        digits = go_float(abs(value)).upper() if spec.verb == "G" else go_float(abs(value))
    else:
        kind = "g" if spec.verb == "v" else spec.verb
        digits = f"{abs(value):.{6 if spec.precision is None else spec.precision}{kind}}"
    return spec.pad_number(math.copysign(1, value) < 0, digits)


def _escaped(character: str, only_ascii: bool = False) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable() and (character.isascii() or not only_ascii):
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _scientific(value: float) -> str:
    """The shortest digits of a positive float as `1.5e7`."""
    text = repr(value)
    mantissa, _, power = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    exponent = len(whole) - 1 + int(power or 0)
    if whole == "0":
        exponent -= len(fraction) - len(fraction.lstrip("0")) + 1 if digits else 0
    digits = digits.rstrip("0") or "0"
    return f"{digits[0]}{'.' + digits[1:] if digits[1:] else ''}e{exponent}"


_INTEGERS: dict[str, Callable[..., str]] = {
    "v": _integer("d"), "d": _integer("d"), "x": _integer("x"), "X": _integer("X"), "o": _integer("o"),
    "b": _integer("b"), "c": _character, "q": _quoted_character, "U": _code_point,
}  # fmt: skip
_FORMATTERS: dict[str, dict[str, Callable[..., str]]] = {
    "bool": {"v": _bool, "t": _bool},
    "string": {"v": _literal, "s": _text, "q": _quoted, "x": _hex_text, "X": _hex_text},
    "int": _INTEGERS,
    "int64": _INTEGERS,
    "float64": dict.fromkeys("vgGeEfF", _real),
}
