"""Sprig's functions on strings. Go counts in bytes where it cuts; so do these."""

from __future__ import annotations

from collections.abc import Sequence

from codemod.charts.errors import TemplateError
from codemod.charts.functions import casing
from codemod.charts.functions.printing import go_print, go_quote
from codemod.charts.functions.values import Function, bounded

_SPACE = " \t\n\v\f\r\x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"


def strings(value: object) -> list[str]:
    """The elements of a list as text, without its nils; of anything else a list of one (`toStrings`)."""
    if value is None:
        return []
    return [go_print(item) for item in value if item is not None] if isinstance(value, list) else [go_print(value)]


def quote(*values: object) -> str:
    """The values in double quotes, escaped as Go does, with blanks between them; nils are left out."""
    return " ".join(go_quote(go_print(value)) for value in values if value is not None)


def squote(*values: object) -> str:
    """The values in single quotes, not escaped, with blanks between them; nils are left out."""
    return " ".join(f"'{go_print(value)}'" for value in values if value is not None)


def cat(*values: object) -> str:
    """The values with blanks between them; nils are left out."""
    return " ".join(go_print(value) for value in values if value is not None)


def indent(spaces: int, text: str) -> str:
    """The text with every line, empty ones too, moved to the right."""
    bounded("indent", spaces * (1 + text.count("\n")))
    pad = " " * _not_negative("indent", spaces)
    return pad + text.replace("\n", "\n" + pad)


def nindent(spaces: int, text: str) -> str:
    """A line break and the indented text."""
    return "\n" + indent(spaces, text)


def repeat(count: int, text: str) -> str:
    """The text, so many times."""
    bounded("repeat", count * len(text))
    return text * _not_negative("repeat", count)


def trim(text: str) -> str:
    """The text without blank space around it."""
    return text.strip(_SPACE)


def trim_all(characters: str, text: str) -> str:
    """The text without the characters around it."""
    return text.strip(characters) if characters else text


def trim_prefix(prefix: str, text: str) -> str:
    """The text without its prefix."""
    return text.removeprefix(prefix)


def trim_suffix(suffix: str, text: str) -> str:
    """The text without its suffix."""
    return text.removesuffix(suffix)


def nospace(text: str) -> str:
    """The text without any blank space, taken byte by byte."""
    return "".join(character for character in casing.as_bytes(text) if character not in _SPACE)


def replace(old: str, new: str, text: str) -> str:
    """The text with every `old` replaced."""
    return text.replace(old, new)


def substr(start: int, end: int, text: str) -> str:
    """The bytes from `start` to before `end`; a negative one means the text's own."""
    data = text.encode()
    first, last = max(start, 0), end if 0 <= end <= len(data) or start < 0 else len(data)
    if not 0 <= first <= last <= len(data):
        raise TemplateError(f"substr: {start} to {end} is out of range of {len(data)} bytes")
    return _decoded(data[first:last])


def trunc(count: int, text: str) -> str:
    """The first bytes, or with a negative count the last ones."""
    data = text.encode()
    return _decoded(data[:count] if count >= 0 else data[count:])


def abbrev(width: int, text: str) -> str:
    """The text, cut to `width` bytes with three dots at its end."""
    return abbrev_both(0, width, text)


def abbrev_both(left: int, width: int, text: str) -> str:
    """The text, cut to `width` bytes with three dots at its ends; `left` is an offset that stays visible."""
    data = text.encode()
    if width < 4 or (left > 0 and width < 7) or len(data) <= width:
        return text
    offset = min(left, len(data) - width + 3)
    if offset <= 4:
        return _decoded(data[: width - 3]) + "..."
    if offset + width - 3 < len(data):
        return "..." + abbrev(width - 3, _decoded(data[offset:]))
    return "..." + _decoded(data[len(data) - width + 3 :])


def contains(part: str, text: str) -> bool:
    """Whether the text contains the part."""
    return part in text


def has_prefix(prefix: str, text: str) -> bool:
    """Whether the text begins so."""
    return text.startswith(prefix)


def has_suffix(suffix: str, text: str) -> bool:
    """Whether the text ends so."""
    return text.endswith(suffix)


def plural(one: str, many: str, count: int) -> str:
    """The word for so many."""
    return one if count == 1 else many


def wrap(width: int, text: str) -> str:
    """The text with line breaks at blanks so that lines are no longer than `width`; long words stay whole."""
    return "\n".join(_lines(max(width, 1), text, cut_words=False))


def wrap_with(width: int, joint: str, text: str) -> str:
    """As `wrap`, with `joint` for the line break; long words are cut."""
    return (joint or "\n").join(_lines(max(width, 1), text, cut_words=True))


def join(joint: str, values: object) -> str:
    """The elements of a list as text with a joint between them."""
    return joint.join(strings(values))


def split_list(separator: str, text: str) -> list[str]:
    """The parts between the separators; an empty one splits into characters."""
    return text.split(separator) if separator else list(text)


def split(separator: str, text: str) -> dict[str, str]:
    """The parts as a map with the keys `_0`, `_1` and so on."""
    return _numbered(split_list(separator, text))


def splitn(separator: str, count: int, text: str) -> dict[str, str]:
    """As `split`, with at most `count` parts; all of them if it is negative."""
    if count <= 0:
        return {} if count == 0 else split(separator, text)
    if separator:
        return _numbered(text.split(separator, count - 1))
    return _numbered([*text[: count - 1], *filter(None, [text[count - 1 :]])])


def sort_alpha(values: object) -> list[str]:
    """The elements as text, sorted."""
    return sorted(strings(values)) if isinstance(values, list) else [go_print(values)]


def lower(text: str) -> str:
    """The text in small letters."""
    return text.lower()


def upper(text: str) -> str:
    """The text in capitals."""
    return text.upper()


def _lines(width: int, text: str, cut_words: bool) -> list[str]:
    lines = []
    while len(text) > width:
        if text[0] == " ":
            text = text[1:]
            continue
        blank = text.rfind(" ", 0, width + 1)
        if blank < 0 and not cut_words:
            blank = text.find(" ", width)
            if blank < 0:
                break
        lines.append(text[:blank] if blank >= 0 else text[:width])
        text = text[blank + 1 :] if blank >= 0 else text[width:]
    return [*lines, text]


def _numbered(parts: Sequence[str]) -> dict[str, str]:
    return {f"_{number}": part for number, part in enumerate(parts)}


def _not_negative(name: str, count: int) -> int:
    if count < 0:
        raise TemplateError(f"{name}: negative count {count}")
    return count


def _decoded(data: bytes) -> str:
    return data.decode(errors="replace")


FUNCTIONS: dict[str, Function] = {
    "abbrev": abbrev, "abbrevboth": abbrev_both, "camelcase": casing.camelcase, "cat": cat, "contains": contains,
    "hasPrefix": has_prefix, "hasSuffix": has_suffix, "indent": indent, "initials": casing.initials, "join": join,
    "kebabcase": casing.kebabcase, "lower": lower, "nindent": nindent, "nospace": nospace, "plural": plural,
    "quote": quote, "repeat": repeat, "replace": replace, "snakecase": casing.snakecase, "sortAlpha": sort_alpha,
    "split": split, "splitList": split_list, "splitn": splitn, "squote": squote, "substr": substr,
    "swapcase": casing.swapcase, "title": casing.title, "toString": go_print, "toStrings": strings, "trim": trim,
    "trimAll": trim_all, "trimall": trim_all, "trimPrefix": trim_prefix, "trimSuffix": trim_suffix, "trunc": trunc,
    "untitle": casing.untitle, "upper": upper, "wrap": wrap, "wrapWith": wrap_with,
}  # fmt: skip
