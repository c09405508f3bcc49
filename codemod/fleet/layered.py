"""Values looked up through the layers of releases: what comes out at a way of keys, and which layer set it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from codemod.charts.functions.printing import go_print
from codemod.fleet.merge import Leaf, Values
from codemod.fleet.scalars import Plain
from codemod.fleet.stack import Layer, Stack
from codemod.fleet.tree import Tree
from codemod.fleet.values import Reader, find, within
from codemod.transform import Keys, View


class Effective(Struct, frozen=True):
    """A value after all layers: its text as templates print it (None for null, absent and whatever is no scalar).

    `layer` is the layer that set it, or set something that is no map above it, and `start` the offset of its node
    there; both None where none did.
    """

    text: str | None = None
    layer: Layer | None = None
    start: int | None = None


class Layered:
    """Releases, and their values as Helm merges them."""

    def __init__(self, stacks: Sequence[Stack], tree: Tree) -> None:
        self.stacks, self.tree = tuple(stacks), tree
        self._reader = Reader(tree)
        self._values: dict[int, Values] = {}
        self._lower: dict[tuple[int, int], Values] = {}
        self._effective: dict[tuple[int, Keys], Effective] = {}

    def values(self, number: int) -> Values:
        """All values of one release, by its number in `stacks`."""
        found = self._values.get(number)
        if found is None:
            found = self._values[number] = self._reader.values_of(self.stacks[number])
        return found

    def effective(self, number: int, keys: Keys) -> Effective:
        """The scalar that a release (its number in `stacks`) sees at `keys`, and who set it."""
        found = self._effective.get((number, keys))
        if found is None:
            found = self._effective[number, keys] = _effective(self.values(number), keys)
        return found

    def has_map(self, view: View) -> bool:
        """Whether a release sees a map at the view's keys: a null, or anything else, of a higher layer removes it."""
        found, depth = find(self.values(view.stack), view.keys)
        if isinstance(found, Leaf):
            inside = within(found, view.keys[depth:]) if depth < len(view.keys) else None
            return inside is not None and isinstance(inside.value, dict)
        return found is not None

    def is_replaced(self, view: View) -> bool:
        """Whether a place of a layer stands in a list that a release takes from another layer: lists never merge."""
        first = next((depth for depth, key in enumerate(view.keys) if isinstance(key, int)), None)
        if first is None:
            return False
        found, _ = find(self.values(view.stack), view.keys[:first])
        while isinstance(found, Leaf):
            if found.layer == self.stacks[view.stack].layers[view.layer]:
                return False
            found = found.below
        return True

    def is_set_below(self, view: View, key: str) -> bool:
        """Whether a layer below the view's sets the key of the map at the view's keys to something."""
        if any(isinstance(step, int) for step in view.keys):
            return False
        layers = self.stacks[view.stack].layers[: view.layer]
        return any(self._set_by(layer, (*view.keys, key)) not in (None, "") for layer in layers)

    def emptying(self, view: View, digest: str, tag: str) -> Layer | None:
        """The layer above the view's that sets the digest of its map to nothing, and no tag to get one there."""
        found = self.effective(view.stack, (*view.keys, digest))
        layers = self.stacks[view.stack].layers[view.layer + 1 :]
        layer = found.layer or next((one for one in reversed(layers) if self._deletes(one, (*view.keys, digest))), None)
        if layer not in layers or found.text or self.effective(view.stack, (*view.keys, tag)).layer == layer:
            return None
        is_said = found.layer is None or self._set_by(found.layer, (*view.keys, digest)) is not None
        return layer if is_said else None

    def _deletes(self, layer: Layer, keys: Keys) -> bool:
        """Whether a layer says null at the keys, which takes the chart's own value away."""
        values, depth = self._reader.read(layer), len(layer.prefix)
        if not isinstance(values, dict) or keys[:depth] != layer.prefix:
            return False
        leaf, end = find(values, keys[depth:])
        return isinstance(leaf, Leaf) and end == len(keys) - depth and leaf.value is None

    def setters_above(self, view: View) -> Iterator[View]:
        """The place at the view's keys in each layer above the view's that sets something there."""
        for index, layer in enumerate(self.stacks[view.stack].layers[view.layer + 1 :], view.layer + 1):
            if self._set_by(layer, view.keys) is not None:
                yield view._replace(layer=index)

    def setters_below(self, view: View) -> Iterator[View]:
        """The place at the view's keys in each layer below the view's that sets something there, lists excepted."""
        if any(isinstance(step, int) for step in view.keys):
            return
        for index, layer in enumerate(self.stacks[view.stack].layers[: view.layer]):
            if self._set_by(layer, view.keys) not in (None, ""):
                yield view._replace(layer=index)

    def _set_by(self, layer: Layer, keys: Keys) -> Plain:
        """What one layer alone says at the keys; None where it says nothing, or null."""
        values, depth = self._reader.read(layer), len(layer.prefix)
        if not isinstance(values, dict) or keys[:depth] != layer.prefix:
            return None
        leaf, end = find(values, keys[depth:])
        rest = keys[depth + end :]
        if not isinstance(leaf, Leaf) or not rest:
            return leaf.value if isinstance(leaf, Leaf) else None
        inside = within(leaf, rest)
        return inside.value if inside is not None else None

    def below(self, view: View, key: str) -> Effective:
        """What the release would see at the key of the map at the view's keys without the layers above the view's."""
        number, count = view.stack, view.layer + 1
        if (number, count) not in self._lower:
            stack = self.stacks[number]
            self._lower[number, count] = self._reader.values_of(replace(stack, layers=stack.layers[:count]))
        return _effective(self._lower[number, count], (*view.keys, key))


def _effective(values: Values, keys: Keys) -> Effective:
    leaf, depth = find(values, keys)
    if not isinstance(leaf, Leaf):
        return Effective()
    value, node = leaf.value, leaf.node
    if rest := keys[depth:]:
        inside = within(leaf, rest)
        if inside is None:
            return Effective(None, leaf.layer, node.start if node is not None else None)
        value, leaf, node = inside
    start = node.start if node is not None else None
    is_scalar = value is not None and not isinstance(value, (list, dict))
    return Effective(go_print(value) if is_scalar else None, leaf.layer, start)
