"""What generators of ApplicationSets hand to the values of releases: list elements, and the files that they read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from codemod.fleet.argocd import declared
from codemod.fleet.layervalues import named_values, roots, written
from codemod.fleet.params import Written
from codemod.fleet.stack import Layer, Stack
from codemod.fleet.tree import Tree
from codemod.formats import yaml
from codemod.source import Source
from codemod.transform import Keys, View

_ELEMENTS = ("spec", "generators")


class Taken(Struct, frozen=True):
    """A value of a release that is a parameter: how the release sees it, the expression, and the parameter's text."""

    view: View
    layer: Layer
    expression: yaml.Scalar
    scalar: yaml.Scalar


class Handed:
    """All parameters of generators; what stands there is read by name, and by no chart."""

    def __init__(self, tree: Tree, stacks: Sequence[Stack]) -> None:
        self._tree = tree
        self.files = frozenset(_files(tree))
        """The files that generators read."""
        self._taken: dict[str, list[Taken]] = defaultdict(list)
        self._expressions: set[tuple[str, Keys, int]] = set()
        nodes: dict[str, dict[int, yaml.Scalar]] = {}
        for number, stack in enumerate(stacks):
            for index, layer in enumerate(stack.layers):
                known = dict(layer.handed)
                for keys, expression, text in _values(layer, tree) if known else ():
                    path, start = known.get(text, ("", 0))
                    if path and (scalar := _scalars(path, tree, nodes).get(start)) is not None:
                        self._taken[path].append(Taken(View(number, index, keys), layer, expression, scalar))
                        text_at = layer.within if layer.is_text and not layer.parameters else ()
                        self._expressions.add((layer.path, text_at, expression.start))

    def taken(self, path: str) -> Sequence[Taken]:
        """What releases take from a file by way of generators."""
        return self._taken.get(path, ())

    def is_expression(self, source: Source, scalar: yaml.Scalar) -> bool:
        """Whether a text in the values of releases is a parameter and nothing else: that one's place is the image's."""
        text_at = source.way[1] if source.way is not None else ()
        return (source.path, text_at, scalar.start) in self._expressions

    def is_parameter(self, document: yaml.Document, keys: Keys) -> bool:
        """Whether what stands at some keys of a document is read by the template of an ApplicationSet."""
        if document.source.outer is not None:
            return False
        if document.source.path in self.files:
            return True
        root = document.root
        is_set = isinstance(root, yaml.Mapping) and root.text("kind") == "ApplicationSet"
        return is_set and keys[:2] == _ELEMENTS


def _files(tree: Tree) -> Iterator[str]:
    for app in declared(tree):
        if app.kind == "applicationset":
            yield from (site[0] for site in _sites(app.expander.params) if site[0] != app.manifest.path)


def _sites(value: object) -> Iterator[tuple[str, int]]:
    if isinstance(value, Written):
        yield value.site
    below: Iterable[object] = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in below:
        yield from _sites(item)


def _values(layer: Layer, tree: Tree) -> Iterator[tuple[Keys, yaml.Scalar, str]]:
    """The scalars of a layer that hold template expressions: their keys in the release's values, and their texts."""
    if layer.parameters:
        for keys, scalar in named_values(layer, tree):
            source = tree.source(layer.path)
            if source is not None:
                yield keys, scalar, written(scalar, source)
        return
    for root, source in roots(layer, tree):
        above = 0 if layer.is_text else len(layer.within)
        for scalar in yaml.scalars(root):
            if scalar.templated:
                yield (*layer.prefix, *yaml.keys_of(scalar)[above:]), scalar, written(scalar, source)


def _scalars(path: str, tree: Tree, known: dict[str, dict[int, yaml.Scalar]]) -> dict[int, yaml.Scalar]:
    if path not in known:
        documents = tree.documents(path)
        known[path] = {scalar.start: scalar for document in documents for scalar in yaml.scalars(document.root)}
    return known[path]
