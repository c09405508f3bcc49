"""Suites of helm-unittest: the values that a test sets, and what it expects the chart to print.

Read are `equal` and `matchRegex` over a plain path, and the texts in what else is expected; https://github.com/helm-unittest/helm-unittest/blob/main/DOCUMENT.md
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy

from msgspec import Struct

from codemod.fleet.chartfile import chart_at, joined
from codemod.fleet.charts import chart_layers, subcharts
from codemod.fleet.layervalues import read
from codemod.fleet.parameters import way_of
from codemod.fleet.scalars import Plain
from codemod.fleet.stack import Layer, Stack
from codemod.fleet.tree import Tree
from codemod.fleet.values import Reader, plain
from codemod.formats import yaml
from codemod.patterns import on_use
from codemod.source import Source
from codemod.transform import Keys

PlainMap = dict[str, Plain]
_WAY = on_use(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\d+\])*")


class Expectation(Struct, frozen=True):
    """A text, or pattern, that must stand at a path of what some templates print."""

    scalar: yaml.Scalar
    is_pattern: bool
    keys: Keys
    templates: tuple[str, ...]
    index: int | None

    def is_met(self, texts: Iterable[str | None]) -> bool:
        """Whether these are what was expected."""
        found = list(texts)
        return bool(found) and all(text is not None and self._takes(text) for text in found)

    def found(self, outputs: Iterable[tuple[str, str]]) -> list[str | None]:
        """What stands at the path in every object printed; None where nothing does."""
        wanted = tuple(f"templates/{name.removeprefix('templates/')}" for name in self.templates)
        found: list[str | None] = []
        for path, text in outputs:
            if wanted and not path.endswith(wanted):
                continue
            documents = yaml.documents(Source(path, text.encode(), yaml.LANGUAGE.name))
            roots = [document.root for document in documents if isinstance(document.root, yaml.Mapping)]
            for root in roots if self.index is None else roots[self.index : self.index + 1]:
                node, depth = yaml.descend(root, self.keys)
                found.append(node.value if isinstance(node, yaml.Scalar) and depth == len(self.keys) else None)
        return found

    def _takes(self, text: str) -> bool:
        if not self.is_pattern:
            return text == self.scalar.value
        try:
            return re.search(self.scalar.value, text) is not None
        except re.error:
            return False


class Case(Struct, frozen=True):
    """One test: the value files and the maps of values that are set, lowest first, and what is expected."""

    files: tuple[str, ...]
    sets: tuple[Layer, ...]
    maps: tuple[yaml.Mapping, ...]
    expectations: tuple[Expectation, ...]
    name: str = ""
    contents: tuple[yaml.Scalar, ...] = ()
    """The texts in what is expected of lists and maps (`contains`, `isSubset`, `equal`), or over other paths."""
    is_recorded: bool = False
    """Whether what is printed is compared with a snapshot."""

    def values(self, defaults: PlainMap, files: Mapping[str, PlainMap], tree: Tree) -> PlainMap:
        """The values of the test over the chart's."""
        found = deepcopy(defaults)
        for path in self.files:
            lay(files.get(path, {}), found)
        for layer in self.sets:
            values = read(layer, tree)
            for name, value in plain(values).items() if isinstance(values, dict) else ():
                over: Plain = value
                for key in reversed(way_of(name)):
                    over = {str(key): over}
                lay(over if isinstance(over, dict) else {}, found)
        return found


def stack_of(folder: str, tree: Tree) -> Stack | None:
    """The release that a suite renders: the chart alone, under helm-unittest's names."""
    chart = chart_at(tree, folder)
    if chart is None:
        return None
    return Stack(
        "RELEASE-NAME",
        None,
        chart_layers(tree, folder),
        chart=folder,
        release="RELEASE-NAME",
        namespace="NAMESPACE",
        subcharts=subcharts(tree, chart),
    )


def defaults(stack: Stack, tree: Tree) -> PlainMap:
    """The values that a chart comes with."""
    return plain(Reader(tree).values_of(stack))


def file_values(path: str, tree: Tree) -> PlainMap:
    """The values of one file."""
    found = read(Layer(path), tree)
    return plain(found) if isinstance(found, dict) else {}


def lay(over: Mapping[str, Plain], values: PlainMap) -> None:
    """Put values over others: maps key by key, null deletes."""
    for key, value in over.items():
        below = values.get(key)
        if value is None:
            values.pop(key, None)
        elif isinstance(value, dict) and isinstance(below, dict):
            lay(value, below)
        else:
            values[key] = deepcopy(value)


def cases(document: yaml.Document) -> Iterator[Case]:
    """The tests of a suite; none where the document is no suite."""
    root = document.root
    tests = yaml.lookup(root, "tests") if isinstance(root, yaml.Mapping) else None
    for number, item in enumerate(tests.items if isinstance(tests, yaml.Sequence) else ()):
        test = yaml.target(item)
        if isinstance(root, yaml.Mapping) and isinstance(test, yaml.Mapping):
            maps = [(within, yaml.lookup(owner, "set")) for within, owner in (((), root), (("tests", number), test))]
            set_at = [(within, found) for within, found in maps if isinstance(found, yaml.Mapping)]
            path, folder = document.source.path, document.source.path.rpartition("/")[0]
            names = [*_texts(root, "values"), *_texts(test, "values")]
            yield Case(
                tuple(found for name in names if (found := joined(folder, name)) is not None),
                tuple(Layer(path, document.number, (*within, "set")) for within, _ in set_at),
                tuple(found for _, found in set_at),
                tuple(_expectations(root, test)),
                test.text("it") or "",
                tuple(_contents(test)),
                any("matchSnapshot" in node.index for node in _asserts(test)),
            )


def _asserts(test: yaml.Mapping) -> Iterator[yaml.Mapping]:
    asserts = yaml.lookup(test, "asserts")
    for item in asserts.items if isinstance(asserts, yaml.Sequence) else ():
        node = yaml.target(item)
        if isinstance(node, yaml.Mapping) and node.text("not") != "true":
            yield node


def _contents(test: yaml.Mapping) -> Iterator[yaml.Scalar]:
    for node in _asserts(test):
        for word, key in (("contains", "content"), ("isSubset", "content"), ("equal", "value")):
            said = yaml.lookup(node, word)
            if isinstance(said, yaml.Mapping):
                value, way = yaml.lookup(said, key), said.text("path") or ""
                if not isinstance(value, yaml.Scalar) or _WAY.fullmatch(way) is None:
                    yield from yaml.scalars(value)


def _expectations(root: yaml.Mapping, test: yaml.Mapping) -> Iterator[Expectation]:
    for node in _asserts(test):
        if "documentSelector" in node.index:
            continue
        for word, value in (("equal", "value"), ("matchRegex", "pattern")):
            said = yaml.lookup(node, word)
            scalar = yaml.lookup(said, value) if isinstance(said, yaml.Mapping) else None
            way = said.text("path") if isinstance(said, yaml.Mapping) else None
            if isinstance(scalar, yaml.Scalar) and way is not None and _WAY.fullmatch(way):
                templates = _templates(node) or _templates(test) or _templates(root)
                index = node.text("documentIndex") or test.text("documentIndex")
                keys = tuple(int(key) if isinstance(key, int) else key for key in way_of(way))
                number = int(index) if index is not None and index.isdigit() else None
                yield Expectation(scalar, word == "matchRegex", keys, templates, number)


def _templates(node: yaml.Mapping) -> tuple[str, ...]:
    one = node.text("template")
    return (one,) if one is not None else tuple(_texts(node, "templates"))


def _texts(node: yaml.Mapping, key: str) -> Iterator[str]:
    listed = yaml.lookup(node, key)
    for item in listed.items if isinstance(listed, yaml.Sequence) else ():
        if isinstance(item, yaml.Scalar):
            yield item.value
