"""Helm's and Sprig's functions that write and read YAML and JSON.

All numbers that are read are float64. Helm's reading functions do not fail: a map gets the key `Error`, a list that
one element (with the words of our parser, not of Go's).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache

from codemod.charts.errors import TemplateError
from codemod.charts.functions import yamltext
from codemod.charts.functions.printing import go_float
from codemod.charts.functions.values import Function, NilList, Stringer, type_of

_HTML = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}
_LINES = {0x2028: "\\u2028", 0x2029: "\\u2029"}
_KEPT = 4_000
"""Texts that are kept: a chart that is executed again writes mostly what it wrote before."""


def to_yaml(value: object) -> str:
    """The value as YAML, as sigs.k8s.io/yaml writes it: by way of JSON, keys sorted; no line break at the end."""
    return _yaml_of(to_json(value))


def to_json(value: object) -> str:
    """The value as JSON on one line, keys sorted; `<`, `>` and `&` are escaped as Go does."""
    return _json(value).translate(_HTML)


def to_raw_json(value: object) -> str:
    """As `toJson`, with `<`, `>` and `&` as they are."""
    return _json(value)


def to_pretty_json(value: object) -> str:
    """As `toJson`, over many lines, two blanks deep."""
    return _json(value, "\n").translate(_HTML)


def from_json(text: str) -> dict[str, object]:
    """The map that the JSON is."""
    return _map(_read_json, text)


def from_json_array(text: str) -> list[object]:
    """The list that the JSON is."""
    return _list(_read_json, text)


def must_from_json(text: str) -> object:
    """Whatever the JSON is; a TemplateError if it cannot be read."""
    try:
        return _read_json(text)
    except (ValueError, RecursionError) as error:
        raise TemplateError(f"mustFromJson: {error}") from None


def from_yaml(text: str) -> dict[str, object]:
    """The map that the first document of the YAML is."""
    return _map(yamltext.load, text)


def from_yaml_array(text: str) -> list[object]:
    """The list that the first document of the YAML is."""
    return _list(yamltext.load, text)


def _map(read: Callable[[str], object], text: str) -> dict[str, object]:
    try:
        found = read(text)
    except (ValueError, RecursionError) as error:
        return {"Error": str(error)}
    if found is None:
        return {}
    return found if isinstance(found, dict) else {"Error": f"cannot unmarshal {type_of(found)} into a map"}


def _list(read: Callable[[str], object], text: str) -> list[object]:
    try:
        found = read(text)
    except (ValueError, RecursionError) as error:
        return [str(error)]
    if found is None:
        return []
    return found if isinstance(found, list) else [f"cannot unmarshal {type_of(found)} into a list"]


def _read_json(text: str) -> object:
    return json.loads(text, parse_int=float, parse_constant=_no_constant)


@lru_cache(maxsize=_KEPT)
def _yaml_of(text: str) -> str:
    return yamltext.dump(json.loads(text, parse_int=_yaml_number))


def _yaml_number(digits: str) -> int | float:
    return int(digits) if -(2**63) <= int(digits) < 2**64 else float(digits)


def _no_constant(name: str) -> object:
    raise ValueError(f"invalid character '{name[0]}' looking for beginning of value")


def _json(value: object, line: str = "") -> str:
    """`line` is the line break with the indentation so far, empty for one line."""
    inner = line and line + "  "
    match value:
        case NilList():
            return "null"
        case Stringer():
            return json.dumps(value.text)
        case dict() if value:
            blank = " " if line else ""
            items = (f"{_json_text(key)}:{blank}{_json(value[key], inner)}" for key in sorted(value))
            return f"{{{inner}{f',{inner}'.join(items)}{line}}}"
        case list() if value:
            return f"[{inner}{f',{inner}'.join(_json(item, inner) for item in value)}{line}]"
        case str():
            return _json_text(value)
        case float():
            return _json_number(value)
    return json.dumps(value)


def _json_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).translate(_LINES)


def _json_number(value: float) -> str:
    text = go_float(value, smallest=-6, largest=20)
    return re.sub(r"e-0", "e-", text)


_MUST: dict[str, Function] = {
    "toJson": to_json,
    "toPrettyJson": to_pretty_json,
    "toRawJson": to_raw_json,
    "toYaml": to_yaml,
}
FUNCTIONS: dict[str, Function] = {
    **_MUST,
    **{f"mustT{name[1:]}": function for name, function in _MUST.items()},
    "fromJson": from_json,
    "fromJsonArray": from_json_array,
    "fromYaml": from_yaml,
    "fromYamlArray": from_yaml_array,
    "mustFromJson": must_from_json,
}
