"""The values of a release, with the layer that set each: read as Helm reads them, merged as Helm merges them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from codemod.fleet.merge import Leaf, Values, coalesce, copied, merged, nested, section_of, take_globals
from codemod.fleet.parameters import assign, read_parameter
from codemod.fleet.plain import at
from codemod.fleet.scalars import Plain, key_text, read_scalar
from codemod.fleet.stack import Layer, Stack
from codemod.fleet.tree import Tree
from codemod.formats import yaml
from codemod.transform import Keys


class Reader:
    """Reads layers, each once, and merges those of a stack."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._layers: dict[Layer, Values | Leaf] = {}

    def values_of(self, stack: Stack) -> Values:
        """All values that a release's templates see, from `.Values` down."""
        given: Values = {}
        own: dict[Keys, Values] = {prefix: {} for prefix in ((), *sorted(stack.subcharts, key=len))}
        for layer in stack.layers:
            if is_default(layer, stack):
                own[layer.prefix] = merged(own[layer.prefix], self.read(layer))
            elif layer.parameters:
                given = _with_parameters(given, layer, self.tree)
            else:
                given = merged(given, nested(layer.prefix, self.read(layer)))
        values = copied(given)
        for prefix, defaults in own.items():
            section = section_of(values, prefix)
            if section is None:
                continue
            if prefix:
                take_globals(section, section_of(values, prefix[:-1]) or {})
            children = {str(other[-1]) for other in stack.subcharts if other[:-1] == prefix}
            coalesce(section, copied(defaults), children, is_top=not prefix)
        return values

    def read(self, layer: Layer) -> Values | Leaf:
        """The values of one layer, without its prefix; empty where there are none."""
        if layer not in self._layers:
            self._layers[layer] = read(layer, self.tree)
        return self._layers[layer]


def is_default(layer: Layer, stack: Stack) -> bool:
    """Whether a layer is a chart's own `values.yaml`, which a null above it deletes from."""
    folder = stack.chart if not layer.prefix else stack.subcharts.get(layer.prefix)
    return folder is not None and not layer.within and layer.path == f"{folder}/values.yaml".removeprefix("/")


def read(layer: Layer, tree: Tree) -> Values | Leaf:
    """The values of one layer: mostly a map, a single value where the layer is one (`targetPath`)."""
    found: Values = {}
    if layer.parameters:
        return _with_parameters(found, layer, tree)
    for node in nodes(layer, tree):
        if isinstance(node, yaml.Mapping):
            found = merged(found, _read_map(node, layer))
        elif isinstance(node, yaml.Scalar) and layer.prefix:
            return Leaf(read_scalar(node), layer, node)
    return found


def nodes(layer: Layer, tree: Tree) -> Iterable[yaml.Node]:
    """The roots of a layer's values, one for each YAML document."""
    documents = tree.documents(layer.path)
    if layer.document is not None:
        documents = documents[layer.document : layer.document + 1]
    roots = []
    for document in documents:
        node, depth = yaml.descend(document.root, layer.within)
        if node is None or depth < len(layer.within):
            continue
        if layer.is_text and not layer.parameters:
            text = yaml.nested(document, node) if isinstance(node, yaml.Scalar) else None
            roots += [inner.root for inner in yaml.documents(text)] if text is not None else []
        else:
            roots.append(node)
    return [root for root in roots if root is not None]


def plain(values: Values) -> dict[str, Plain]:
    """The values alone."""
    return {key: value.value if isinstance(value, Leaf) else plain(value) for key, value in values.items()}


def find(values: Values, keys: Keys) -> tuple[Values | Leaf | None, int]:
    """What stands at a way of keys, and how many of them were followed: fewer where the way ends early in a leaf."""
    here: Values | Leaf = values
    for depth, key in enumerate(keys):
        if isinstance(here, Leaf):
            return here, depth
        found = here.get(str(key))
        if found is None:
            return None, depth
        here = found
    return here, len(keys)


def _read_map(mapping: yaml.Mapping, layer: Layer, depth: int = 0) -> Values:
    found: Values = {}
    for key, node in _entries(mapping):
        value = yaml.target(node)
        if isinstance(value, yaml.Mapping) and depth < 100:
            found[key] = _read_map(value, layer, depth + 1)
        elif value is not None:
            found[key] = Leaf(_plain_node(value), layer, node)
    return found


def _entries(mapping: yaml.Mapping) -> Iterable[tuple[str, yaml.Node]]:
    """Keys and values, merge keys applied; a key of the map itself wins."""
    found: dict[str, yaml.Node] = {}
    if "<<" in mapping.index:
        for other in reversed(tuple(yaml.merged(mapping))):
            found.update(_entries(other))
    own = {}
    for entry in mapping.entries:
        key = yaml.target(entry.key)
        if isinstance(key, yaml.Scalar) and (key.value != "<<" or key.style):
            own[key_text(key.value, key.style)] = entry.value
    return {**found, **own}.items()


def _plain_node(node: yaml.Node, depth: int = 0) -> Plain:
    value = yaml.target(node)
    if isinstance(value, yaml.Scalar):
        return read_scalar(value)
    if isinstance(value, yaml.Sequence) and depth < 100:
        return [_plain_node(item, depth + 1) for item in value.items]
    if isinstance(value, yaml.Mapping) and depth < 100:
        return {key: _plain_node(item, depth + 1) for key, item in _entries(value)}
    return None


def _with_parameters(values: Values, layer: Layer, tree: Tree) -> Values:
    """The values as parameters change them: these reach into lists, as files never do."""
    found = dict(values)
    items = (item for node in nodes(layer, tree) if isinstance(node, yaml.Sequence) for item in node.items)
    for item in items:
        if isinstance(item, yaml.Mapping) and (name := item.text("name")):
            value = yaml.lookup(item, "value")
            if isinstance(value, yaml.Scalar):
                forced = layer.is_text or item.text("forceString") == "true"
                assign(found, name, Leaf(value.value if forced else read_parameter(value.value), layer, value), Leaf)
    return found


class Within(NamedTuple):
    """What stands at a way inside a list: the value, the leaf of the list that it is from, and its node there."""

    value: Plain
    leaf: Leaf
    node: yaml.Node | None


def within(leaf: Leaf, keys: Keys) -> Within | None:
    """What stands at a way that begins in a list; None where it leads nowhere."""
    if not isinstance(leaf.value, list) or not _has(leaf.value, keys):
        return None
    value = at(leaf.value, keys)
    lower = within(leaf.below, keys) if leaf.below is not None else None
    if lower is not None and lower.value == value:
        return lower
    node, depth = yaml.descend(leaf.node, keys)
    return Within(value, leaf, node if depth == len(keys) else None)


def _has(value: Plain, keys: Keys) -> bool:
    above, key = at(value, keys[:-1]), keys[-1]
    if isinstance(above, list):
        return isinstance(key, int) and key < len(above)
    return isinstance(above, dict) and str(key) in above
