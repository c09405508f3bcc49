"""The values of a release, with the layer that set each: read as Helm reads them, merged as Helm merges them."""

from __future__ import annotations

from typing import NamedTuple

from codemod.fleet.layervalues import read, with_parameters
from codemod.fleet.merge import Leaf, Values, coalesce, copied, merged, nested, section_of, take_globals
from codemod.fleet.plain import at
from codemod.fleet.scalars import Plain
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
                given = with_parameters(given, layer, self.tree)
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
