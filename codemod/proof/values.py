"""The values of a layer as Helm takes them: a text for `-f`, or arguments of `--set`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from codemod.fleet.stack import Layer
from codemod.formats import yaml as lossless
from codemod.patterns import on_use
from codemod.source import Source

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_BARE_COMMA = on_use(r"(?<!\\),")


def values_text(layer: Layer, data: bytes) -> bytes | None:
    """The YAML text of a layer that stands inside a file; None where the file does not hold it.

    Scalars keep their spelling (`1.10` stays what it is), so that Helm alone says what they are.
    """
    node = _node(layer, data)
    if node is None:
        return None
    if layer.is_text and not layer.prefix:
        return node.value.encode("utf-8", "replace") if isinstance(node, yaml.ScalarNode) else None
    if layer.is_text:
        node = _compose(node.value) if isinstance(node, yaml.ScalarNode) else None
    for key in reversed(layer.prefix):
        node = None if node is None else yaml.MappingNode("tag:yaml.org,2002:map", [(_key(str(key)), node)])
    return None if node is None else _serialized(node)


def set_arguments(layer: Layer, data: bytes) -> list[str] | None:
    """The `--set` and `--set-string` arguments of a list of `name`/`value` maps; None where there is no such list.

    Commas are escaped and `{lists}` are not, as Argo CD does it (`cleanSetParameters`).
    """
    node = _node(layer, data)
    if not isinstance(node, yaml.SequenceNode):
        return None
    return [word for item in node.value for word in _set(item, layer.is_text)]


def _set(item: yaml.Node, is_text: bool) -> Iterator[str]:
    name, value = _text(_below(item, "name")), _text(_below(item, "value"))
    if not name:
        return
    forced = is_text or _text(_below(item, "forceString")) == "true"
    if not (value.startswith("{") and value.endswith("}")):
        value = _BARE_COMMA.sub(r"\\,", value)
    yield "--set-string" if forced else "--set"
    yield f"{name}={value}"


def _node(layer: Layer, data: bytes) -> yaml.Node | None:
    """The node that the layer means."""
    documents = lossless.documents(Source(layer.path, data, "yaml"))
    number = layer.document or 0
    if number >= len(documents):
        return None
    node = _compose(documents[number].text)
    for key in layer.within:
        node = _below(node, key)
    return node


def _compose(text: str | bytes) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _serialized(node: yaml.Node) -> bytes | None:
    try:
        return yaml.serialize(node, Dumper=_Dumper, encoding="utf-8", allow_unicode=True)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _below(node: yaml.Node | None, key: str | int) -> yaml.Node | None:
    """What stands at a key, merge keys applied."""
    if isinstance(node, yaml.SequenceNode):
        is_there = isinstance(key, int) and key < len(node.value)
        return node.value[key] if is_there else None
    if not isinstance(node, yaml.MappingNode):
        return None
    merged = None
    for name, value in node.value:
        if _text(name) == str(key):
            return value  # type: ignore[no-any-return]
        if name.tag == "tag:yaml.org,2002:merge" and merged is None:
            parts = value.value if isinstance(value, yaml.SequenceNode) else [value]
            merged = next((found for part in parts if (found := _below(part, key)) is not None), None)
    return merged


def _text(node: yaml.Node | None) -> str:
    return node.value if isinstance(node, yaml.ScalarNode) else ""


def _key(name: str) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", name, style="'")
