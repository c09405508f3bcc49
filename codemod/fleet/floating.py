"""Which releases hold anything that floats: only the charts of those have to be executed to say what does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from codemod.charts.functions.printing import go_print
from codemod.fleet.chartfile import chart_at, within
from codemod.fleet.families import Family, tag_family
from codemod.fleet.merge import Leaf, Values
from codemod.fleet.scalars import Plain
from codemod.fleet.stack import Layer, Stack
from codemod.fleet.values import Reader, find
from codemod.patterns import on_use
from codemod.transform import Keys

_DEFAULT = on_use(rb"default(?<!\wdefault)\s*\(?\s*[\"`]([\w.-]+)[\"`]")
_POLICY = on_use(r".*pull[-_]?policy", re.IGNORECASE)


class Floating:
    """Answers for releases; `gives_way` says of a tag whether a digest is written in its place.

    A tag counts wherever a layer sets it, also where another one wins, and so does a pull policy `Always`: what it
    governs has to be known. So does a digest below a layer that names another image: whether it goes stale depends on
    whether the chart shows it.
    """

    def __init__(self, reader: Reader, gives_way: Callable[[str | None], bool]) -> None:
        self._reader, self._gives_way = reader, gives_way
        self._known: dict[object, bool] = {}
        self._layers: dict[object, bool] = {}
        self._pinned: dict[object, list[tuple[Keys, Family]]] = {}
        self._charts: dict[str, bool] = {}

    def is_in(self, stack: Stack) -> bool:
        """Whether any layer of a release sets something that floats, or may leave a digest to another image.

        So may what its charts fall back to where the values say no tag.
        """
        folders = (stack.chart, *stack.subcharts.values())
        same = (*map(self._same, stack.layers), *folders)
        found = self._known.get(same)
        if found is None:
            found = self._known[same] = (
                any(map(self._is_in_layer, stack.layers))
                or self._inherits_digests(stack)
                or any(self._is_default_in(folder) for folder in folders if folder is not None)
            )
        return found

    def _is_default_in(self, folder: str) -> bool:
        """Whether the version of a chart's application floats, or a default that its templates spell out."""
        if folder not in self._charts:
            tree = self._reader.tree
            chart = chart_at(tree, folder)
            texts = (tree.text(path) or b"" for path in tree.below(within(folder, "templates")))
            words = (match[1].decode() for text in texts for match in _DEFAULT.finditer(text))
            version = chart.app_version if chart is not None else ""
            self._charts[folder] = self._gives_way(version) or any(map(self._gives_way, words))
        return self._charts[folder]

    def _inherits_digests(self, stack: Stack) -> bool:
        return any(
            any(self._names(above, keys, family) for above in stack.layers[index:])
            for index, layer in enumerate(stack.layers, 1)
            for keys, family in self._digests(layer)
        )

    def _digests(self, layer: Layer) -> list[tuple[Keys, Family]]:
        """The image maps of a layer that hold a digest: their keys in the release's values."""
        same = self._same(layer)
        if same not in self._pinned:
            values = self._reader.read(layer)
            self._pinned[same] = [*_pinned(values, layer.prefix)] if isinstance(values, dict) else []
        return self._pinned[same]

    def _names(self, layer: Layer, keys: Keys, family: Family) -> bool:
        """Whether a layer sets a part of an image's name, or its tag."""
        values = self._reader.read(layer)
        if not isinstance(values, dict) or keys[: len(layer.prefix)] != layer.prefix:
            return False
        here, _ = find(values, keys[len(layer.prefix) :])
        parts = (family.tag, *family.registries, *family.names)
        return isinstance(here, Leaf) or (here is not None and any(part in here for part in parts))

    def _is_in_layer(self, layer: Layer) -> bool:
        same = self._same(layer)
        if same not in self._layers:
            key = str(layer.prefix[-1]) if layer.prefix else ""
            self._layers[same] = self._floats(key, self._reader.read(layer))
        return self._layers[same]

    def _same(self, layer: Layer) -> object:
        """Equal for layers that say the same: they stand in files of equal bytes, at the same place."""
        source = self._reader.tree.source(layer.path)
        if source is None or layer.filled or layer.parameters:
            return layer
        return source.alike, layer.document, layer.within, layer.is_text, layer.prefix

    def _floats(self, key: str, value: Values | Leaf | Plain) -> bool:
        if isinstance(value, Leaf):
            value = value.value
        if isinstance(value, dict):
            return any(self._floats(str(name), below) for name, below in value.items())
        if isinstance(value, list):
            return any(self._floats(key, below) for below in value)
        if value == "Always":
            return _POLICY.fullmatch(key) is not None
        return tag_family(key) is not None and self._gives_way(go_print(value))


def _pinned(values: Values, keys: Keys) -> Iterator[tuple[Keys, Family]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _pinned(value, (*keys, key))
        elif value.value and (family := tag_family(key)) is not None and key == family.digest:
            yield keys, family
