"""The `values.schema.json` of the charts of all releases: which would refuse a digest, and which are to list it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property

from codemod.charts.forms import REF
from codemod.fleet.chartfile import within
from codemod.fleet.families import PLAIN, tag_family
from codemod.fleet.knobs import Knob, Knobs, charts_at
from codemod.fleet.reading import ImageMapAt
from codemod.fleet.schema import Schema
from codemod.fleet.stack import Stack
from codemod.fleet.tree import Tree
from codemod.transform import Keys, View

NAME = "values.schema.json"


class Schemas:
    """Schemas by their path.

    `maps` are the image maps of a release whose tags give way to digests; `owns` says of a path whether it may be
    edited.
    """

    def __init__(
        self,
        tree: Tree,
        stacks: Sequence[Stack],
        maps: Callable[[int], Collection[ImageMapAt]],
        owns: Callable[[str], bool],
        contract: Callable[[str], str | None] = lambda path: None,
    ) -> None:
        self.tree, self.stacks, self.maps, self.owns, self.contract = tree, stacks, maps, owns, contract
        self._read: dict[str, Schema] = {}

    def schema(self, path: str) -> Schema:
        """The schema in a file."""
        if path not in self._read:
            self._read[path] = Schema(self.tree.root(path))
        return self._read[path]

    def refusing(self, number: int, keys: Keys, tag: str) -> str:
        """The schema by which a release could not set a digest beside the tag; empty where none has to refuse it."""
        for path, inside in self._of(number, keys):
            verdict = self.schema(path).verdict(inside, tag, self._offered(path, tag))
            if verdict.is_refused or (verdict.missing and not self.owns(path)):
                return path
        return ""

    def requiring(self, number: int, keys: Keys, tag: str) -> str:
        """The schema by which the map at `keys` of a release must have the tag; empty where none demands it."""
        return next((path for path, inside in self._of(number, keys) if self.schema(path).requires(inside, tag)), "")

    @cached_property
    def knobs(self) -> Mapping[str, Knobs]:
        """For each schema the maps whose digest it would refuse, and the images for whose sake it has to take it."""
        found: dict[str, dict[Knob, dict[View, None]]] = defaultdict(lambda: defaultdict(dict))
        for number in range(len(self.stacks)):
            for place in self.maps(number) if self._has_any(number) else ():
                for path, inside in self._of(number, place.keys):
                    knob = Knob(inside, place.tag, self._offered(path, place.tag))
                    if self.schema(path).verdict(*knob).missing:
                        found[path][knob][View(number, 0, (*place.keys, place.tag))] = None
        return {path: {knob: tuple(views) for knob, views in below.items()} for path, below in found.items()}

    def _offered(self, path: str, tag: str) -> str:
        """What the maps that a schema sees hold an image by: its digest, or a whole reference."""
        family = tag_family(tag) or PLAIN
        return family.ref if self.contract(path) == REF else family.digest

    def _of(self, number: int, keys: Keys) -> Iterator[tuple[str, Keys]]:
        """The schemas that see a place of a release's values, and its keys there."""
        found = ((within(folder, NAME), inside) for folder, inside in charts_at(self.stacks[number], keys))
        return ((path, inside) for path, inside in found if path in self.tree.paths)

    def _has_any(self, number: int) -> bool:
        stack = self.stacks[number]
        folders = [stack.chart, *stack.subcharts.values()]
        return any(folder is not None and within(folder, NAME) in self.tree.paths for folder in folders)
