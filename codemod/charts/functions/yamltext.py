"""Write and read YAML as sigs.k8s.io/yaml (on go.yaml.in/yaml/v2) does it for Helm."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cmp_to_key
from typing import Any

import yaml

from codemod.charts.functions.printing import go_float
from codemod.charts.functions.scalars import key_text, read_text
from codemod.patterns import on_use

_DATE = on_use(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)| \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?)?",
    re.ASCII,
)
_BASE_60 = on_use(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_NO_JSON = on_use(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_PLAIN = "plain"
_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("bool", "float", "int", "null"))
_NO_TAG: Any = None
_WIDTH = 80
_MOST_NODES = 100_000
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def dump(value: object) -> str:
    """The value as YAML without a line break at its end."""
    text = yaml.dump(value, Dumper=_Writer, default_flow_style=False, allow_unicode=True, width=_WIDTH)
    return text.removesuffix("\n").removesuffix("\n...").removeprefix("--- ")


def load(text: str) -> object:
    """The first document, with all numbers as floats; a ValueError if it cannot be read."""
    try:
        loader = _Reader(text)
        return _Values().value(loader.get_node()) if loader.check_node() else None
    except yaml.YAMLError as error:
        raise ValueError(f"error converting YAML to JSON: {' '.join(str(error).split())}") from None
    except binascii.Error:
        raise ValueError("error converting YAML to JSON: illegal base64 data") from None
    except RecursionError:
        raise ValueError("error converting YAML to JSON: nested too deep") from None


class _Writer(yaml.Dumper):
    """PyYAML's writer with the choices of Go's; no node has a tag, so that all is written as it stands."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> Any:
        return _NO_TAG

    def check_simple_key(self) -> bool:
        return super().check_simple_key() or getattr(self.event, "value", None) == ""

    def represent_data(self, data: object) -> yaml.Node:
        match data:
            case dict():
                pairs = ((key, data[key]) for key in sorted(data, key=cmp_to_key(_compare)))
                return self.represent_mapping(_NO_TAG, list(pairs), flow_style=not data)
            case list():
                return self.represent_sequence(_NO_TAG, data, flow_style=not data)
            case str():
                return self.represent_scalar(_NO_TAG, data, style=_style(data))
            case float():
                return self.represent_scalar(_NO_TAG, go_float(data))
        return self.represent_scalar(_NO_TAG, json.dumps(data))


class _Reader(_Loader):  # type: ignore[misc]
    """PyYAML's reader; a plain scalar without a tag gets the tag `plain`."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> Any:
        is_plain = kind is yaml.ScalarNode and implicit[0]
        return _PLAIN if is_plain else super().resolve(kind, value, implicit)


class _Values:
    """Makes values of nodes; what aliases stand for is made anew for each, up to a limit."""

    def __init__(self) -> None:
        self._made = 0

    def value(self, node: yaml.Node) -> object:
        self._made += 1
        if self._made > _MOST_NODES:
            raise ValueError("error converting YAML to JSON: yaml: document contains excessive aliasing")
        match node:
            case yaml.MappingNode():
                return dict(self._entries(node))
            case yaml.SequenceNode():
                return [self.value(item) for item in node.value]
            case yaml.ScalarNode():
                return _scalar(node)
        return None

    def _entries(self, node: yaml.MappingNode) -> Iterator[tuple[str, object]]:
        """Keys and values in order; a later one replaces, also where a merge key brings it in."""
        for key, value in node.value:
            if key.tag == _PLAIN and key.value == "<<":
                sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
                for source in reversed(sources):
                    yield from self._entries(source) if isinstance(source, yaml.MappingNode) else ()
            elif isinstance(key, yaml.ScalarNode) and _scalar(key) is not None:
                yield key_text(str(key.value), "" if key.tag == _PLAIN else '"'), self.value(value)
            else:
                raise ValueError("error converting YAML to JSON: yaml: invalid map key")


def _scalar(node: yaml.ScalarNode) -> object:
    text = str(node.value)
    if node.tag == "tag:yaml.org,2002:binary":
        return base64.b64decode(text).decode(errors="replace")
    if node.tag != _PLAIN and node.tag not in _TAGS:
        return text
    if _NO_JSON.fullmatch(text):
        raise ValueError(f"error converting YAML to JSON: json: unsupported value: {text}")
    return read_text(text)


def _style(text: str) -> str | None:
    """The quotes that Go asks for; it takes what is beyond 16 bits for not printable."""
    if any(character > "\uffff" for character in text):
        return '"'
    return "|" if "\n" in text else '"' if _needs_quotes(text) else None


def _needs_quotes(text: str) -> bool:
    """Whether the text would be read as something else if it stood there plain."""
    if not isinstance(read_text(text), str) or _is_date(text):
        return True
    return any(pattern.fullmatch(text) for pattern in (_NO_JSON, _BASE_60))


def _is_date(text: str) -> bool:
    found = _DATE.fullmatch(text)
    if not found:
        return False
    try:
        date(*map(int, found.groups()))
    except ValueError:
        return False
    return True


def _compare(one: str, other: str) -> int:
    """The order of keys: numbers in them by their value, letters after all other characters."""
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if at is None:
        return len(one) - len(other)
    a, b = one[at], other[at]
    if a.isalpha() or b.isalpha():
        return _sign(a > b) if a.isalpha() and b.isalpha() else _sign(a.isalpha())
    number, number_other = _number(one, at, b), _number(other, at, a)
    if number != number_other:
        return _sign(number > number_other)
    return _sign(a > b)


def _number(text: str, at: int, facing: str) -> tuple[int, int]:
    """The number that begins at a place, and where it ends; a zero after other digits counts as one of them."""
    end = at
    while end < len(text) and text[end].isdecimal():
        end += 1
    before = text[:at]
    digits_before = before[len(before.rstrip("0123456789")) :]
    leading = "1" if "0" in (text[at], facing) and digits_before.strip("0") else ""
    return int(leading + text[at:end] or "0"), end


def _sign(is_greater: bool) -> int:
    return 1 if is_greater else -1
