"""The read-only facts about the whole repository that transforms and the engine may ask for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from codemod.config import Config
from codemod.fleet.stacks import Stack, stacks_of_spec
from codemod.formats import yaml
from codemod.source import Source
from codemod.transform import Keys

Read = Callable[[str], Source | None]


@dataclass(frozen=True, slots=True)
class Effective:
    """A value after all layers: its text (None for null or absent) and the layer that set it (None: none did)."""

    text: str | None
    layer: str | None


_ABSENT = Effective(None, None)


class Fleet:
    """Configuration and stacks; values are looked up through a stack's layers as Helm merges them.

    Maps merge key by key, anything else replaces, null deletes (Helm, "Values Files"); lists are never looked into. Of
    a layer the first document that is a map counts: Helm takes an empty one for no values and refuses any other.
    """

    def __init__(self, config: Config, stacks: Sequence[Stack] = (), read: Read | None = None) -> None:
        self.config = config
        self.stacks = tuple(stacks)
        self._read = read
        by_path: dict[str, list[Stack]] = {}
        for stack in self.stacks:
            for layer in stack.layers:
                by_path.setdefault(layer, []).append(stack)
        self._by_path = {path: tuple(found) for path, found in by_path.items()}
        self._sources: dict[str, Source | None] = {}
        self._roots: dict[str, yaml.Node | None] = {}
        self._values: dict[tuple[int, Keys], Effective] = {}

    def stacks_of(self, path: str) -> tuple[Stack, ...]:
        """The stacks that a file is a layer of."""
        return self._by_path.get(path, ())

    def texts(self, source: Source) -> Iterator[tuple[str, bytes]]:
        """The file itself, then every other layer of its stacks, once each: path and bytes."""
        yield source.path, source.data
        layers = dict.fromkeys(layer for stack in self.stacks_of(source.path) for layer in stack.layers)
        for layer in layers:
            if layer != source.path and (found := self._source(layer)) is not None:
                yield layer, found.data

    def effective(self, stack: Stack, keys: Keys) -> Effective:
        """The scalar that a release (one of `stacks`) sees at `keys`, and who set it."""
        found = self._values.get((id(stack), keys))
        if found is None:
            found = self._values[id(stack), keys] = self._effective(stack, keys)
        return found

    def _effective(self, stack: Stack, keys: Keys) -> Effective:
        for layer in reversed(stack.layers):
            node, depth = yaml.descend(self._root(layer), keys)
            if node is None:
                continue
            if depth == len(keys) and isinstance(node, yaml.Scalar) and not node.is_null:
                return Effective(node.value, layer)
            return Effective(None, layer)
        return _ABSENT

    def _source(self, layer: str) -> Source | None:
        if layer not in self._sources:
            self._sources[layer] = self._read(layer) if self._read is not None else None
        return self._sources[layer]

    def _root(self, layer: str) -> yaml.Node | None:
        if layer not in self._roots:
            source = self._source(layer)
            documents = yaml.documents(source) if source is not None else ()
            self._roots[layer] = next((doc.root for doc in documents if isinstance(doc.root, yaml.Mapping)), None)
        return self._roots[layer]


def build(config: Config, paths: Collection[str], read: Read) -> Fleet:
    """The fleet that a configuration and the files at hand make."""
    stacks = dict.fromkeys(stack for spec in config.stacks for stack in stacks_of_spec(spec, paths))
    return Fleet(config, tuple(stacks), read)
