"""Where the layers of releases stand in files: how each release sees a place of a document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import NamedTuple

from codemod.fleet.layered import Layered
from codemod.fleet.layervalues import named_values
from codemod.fleet.stack import Layer, Stack
from codemod.formats import yaml
from codemod.source import Source
from codemod.transform import Keys, View


class Place(NamedTuple):
    """How one release sees a place of a document: the stack, which of its layers this is, the keys in its values."""

    stack: Stack
    layer: Layer
    view: View


class Placed(Layered):
    """Releases, and the places of their layers."""

    @cached_property
    def _by_path(self) -> dict[str, list[tuple[int, int, Layer]]]:
        """For each file the layers that it holds: the stack's number, the layer's number in it, the layer."""
        found: dict[str, list[tuple[int, int, Layer]]] = defaultdict(list)
        for number, stack in enumerate(self.stacks):
            for index, layer in enumerate(stack.layers):
                found[layer.path].append((number, index, layer))
        return dict(found)

    @property
    def files_of_layers(self) -> Collection[str]:
        """The files that any stack reads a layer from."""
        return self._by_path.keys()

    def stacks_of(self, path: str) -> tuple[Stack, ...]:
        """The stacks that a file, or something in it, is a layer of."""
        return tuple(self.stacks[number] for number in self.numbers_of(path))

    def numbers_of(self, path: str) -> tuple[int, ...]:
        """The numbers of these stacks."""
        return tuple(dict.fromkeys([found[0] for found in self._by_path.get(path, ())]))

    def places(self, document: yaml.Document, keys: Keys) -> tuple[Place, ...]:
        """How the releases see the value at `keys` of a document; none where no release reads it as a value.

        Those that take the list that it stands in from another layer do not.
        """
        found = (place for place, depth in self._places(document, keys) if depth == 0)
        return tuple(place for place in found if not self.is_replaced(place.view))

    def named(self, path: str) -> Iterator[tuple[Place, yaml.Scalar]]:
        """The single values that a file gives to releases by name: parameters, and what a `targetPath` takes."""
        for stack, index, layer in self._by_path.get(path, ()):
            for keys, scalar in named_values(layer, self.tree):
                yield Place(self.stacks[stack], layer, View(stack, index, keys)), scalar

    def replaced(self, document: yaml.Document, keys: Keys) -> tuple[Place, ...]:
        """How releases would see the value at `keys`, were the list that it stands in not that of another layer."""
        found = (place for place, depth in self._places(document, keys) if depth == 0)
        return tuple(place for place in found if self.is_replaced(place.view))

    def views(self, document: yaml.Document, keys: Keys) -> tuple[View, ...]:
        """The same for texts inside values, too (`manifests: |`): there the keys go on into the text."""
        return tuple(place.view for place, _ in self._places(document, keys) if not self.is_replaced(place.view))

    def _places(self, document: yaml.Document, keys: Keys) -> Iterator[tuple[Place, int]]:
        """The places, and in how many texts inside the values each is."""
        source, number, depth = document.source, document.number, 0
        if source.path not in self._by_path:
            return
        while source.outer is not None:
            if source.way is None:
                return
            number, keys, depth, source = source.way[0], source.way[1] + keys, depth + 1, source.outer
        for stack, index, layer in self._by_path[source.path]:
            within = len(layer.within)
            if keys[:within] != layer.within or layer.parameters or layer.document not in (None, number):
                continue
            inside = layer.prefix + keys[within:]
            yield Place(self.stacks[stack], layer, View(stack, index, inside)), depth - layer.is_text

    def texts(self, source: Source) -> Iterator[tuple[str, bytes]]:
        """The file itself, then every other layer of its stacks, once each: path and bytes."""
        yield source.path, source.data
        for path in dict.fromkeys(path for stack in self.stacks_of(source.path) for path in stack.paths):
            if path != source.path and (data := self.tree.text(path)) is not None:
                yield path, data

    def is_effective(self, place: Place, node: yaml.Node) -> bool:
        """Whether the release takes the value from this very node."""
        found = self.effective(place.view.stack, place.view.keys)
        return found.layer == place.layer and found.start == node.start
