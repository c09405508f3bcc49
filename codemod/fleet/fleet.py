"""The read-only facts about the whole repository that transforms and the engine may ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from codemod.config import Config
from codemod.fleet.find import find_stacks
from codemod.fleet.floating import Floating
from codemod.fleet.imagepolicies import ImagePolicies
from codemod.fleet.knobs import Knobs, knobs
from codemod.fleet.placed import Placed
from codemod.fleet.renames import Renames
from codemod.fleet.scalars import Plain
from codemod.fleet.stack import Stack
from codemod.fleet.substitutions import Substitutions
from codemod.fleet.tree import Read, Tree
from codemod.fleet.values import plain
from codemod.transform import Keys, View

if TYPE_CHECKING:
    from codemod.fleet.defaults import Defaults
    from codemod.fleet.definitions import Definitions
    from codemod.fleet.edited import Mending
    from codemod.fleet.handed import Handed
    from codemod.fleet.loaded import Loaded
    from codemod.fleet.mending import ChartReader, Printed
    from codemod.fleet.reading import ImageMapAt, Reading
    from codemod.fleet.schemas import Schemas
    from codemod.fleet.wholes import Wholes


class Fleet(Placed):
    """Configuration and stacks; values are looked up through a stack's layers as Helm merges them."""

    def __init__(
        self,
        config: Config,
        stacks: Sequence[Stack] = (),
        tree: Tree | None = None,
        *,
        mends: bool = True,
        lists: bool = True,
        pin_all: bool = False,
        names_all: bool = True,
    ) -> None:
        super().__init__(stacks, tree or Tree((), lambda path: None))
        self.config = config
        self._mends, self._lists, self._pin_all, self._names_all = mends, lists, pin_all, names_all
        self._floating = Floating(self._reader, self.gives_way)

    def reading(self, number: int, keys: Keys, tag: str) -> Reading | None:
        """How the charts of a release spell the image of the map at `keys`; None where no chart of it can be read."""
        readings = self.readings(number).items()
        return next((found for place, found in readings if place.keys == keys and place.tag == tag), None)

    def reading_of_items(self, number: int, keys: Keys, tag: str) -> Reading | None:
        """The same for a map that stands as this one does in any item of the same lists."""
        way = [isinstance(key, int) or key for key in keys]
        found = (
            reading
            for place, reading in self.readings(number).items()
            if place.tag == tag and reading.is_read and [isinstance(key, int) or key for key in place.keys] == way
        )
        return next(found, None)

    def readings(self, number: int) -> Mapping[ImageMapAt, Reading]:
        """How the charts of a release spell the images of all its maps; nothing where that is not asked for."""
        stack = self.stacks[number]
        asked = stack.chart is not None and (self._names_all or self._floating.is_in(stack))
        return self._charts.readings(number) if asked else {}

    def default_image(self, number: int, reading: Reading) -> str | None:
        """The image that the charts of a release print for a map without a tag, as the values are; None if unknown."""
        others = (
            text
            for place, other in self.readings(number).items()
            for text in other.shown(*(self.effective(number, (*place.keys, key)).text for key in place[1:3]))
        )
        return self._defaults.image(number, reading, others)

    @cached_property
    def _defaults(self) -> Defaults:
        from codemod.fleet.defaults import Defaults

        return Defaults(self.tree, self.stacks, lambda number: plain(self.values(number)))

    def mending(self, path: str, text: bytes) -> Mending | None:
        """How a template becomes digest-aware, if it has to: a file of a chart, or (no path) a text in values."""
        if not self._has_floating:
            return None
        from codemod.fleet.edited import Template

        return self._charts.mendings.get(Template(path, text))

    def rendered(self, stack: Stack, values: dict[str, Plain], *, mended: bool) -> Iterator[tuple[str, str]]:
        """Each template of a chart and what it prints for some values, as it is or as it will be after this run."""
        outputs = self._charts.rendered(stack, values, mended=mended)
        return ((path, output.text) for path, output in outputs)

    def gives_way(self, tag: str | None) -> bool:
        """Whether a tag is one that a digest is written for in this run."""
        return bool(tag) and (self._pin_all or self.config.floats(tag))

    def knobs(self, folder: str) -> Knobs:
        """The digests that the chart in a folder begins to read in this run, since templates become digest-aware."""
        return self._knobs.get(folder, {})

    @cached_property
    def _has_floating(self) -> bool:
        """Whether any chart has to be executed to say what becomes of it."""
        return any(stack.chart is not None and self._floating.is_in(stack) for stack in self.stacks)

    @cached_property
    def _knobs(self) -> Mapping[str, Knobs]:
        if not self._has_floating:
            return {}
        files = (mending for template, mending in self._charts.mendings.items() if template.path)
        return knobs(self.stacks, ((view, mending.contract) for mending in files for view in mending.serves))

    @cached_property
    def built(self) -> Mapping[str, str]:
        """The names that tools build and put in the place of images, each with the file that says so."""
        from codemod.fleet.built import built

        return built(self.tree)

    def builder(self, text: str) -> str | None:
        """The file that says how an image is built that is not pulled, by the name that is written."""
        from codemod.fleet.built import local_name

        return self.built.get(text) or self.built.get(local_name(text) or "")

    @cached_property
    def loaded(self) -> Loaded:
        """The images that scripts put into local clusters under names that tests use."""
        from codemod.fleet.loaded import Loaded

        return Loaded(self.tree)

    @cached_property
    def handed(self) -> Handed:
        """What generators of ApplicationSets hand to the values of releases."""
        from codemod.fleet.handed import Handed

        return Handed(self.tree, self.stacks)

    @cached_property
    def renames(self) -> Renames:
        """What kustomizations make of the names of images."""
        return Renames(self.tree)

    @cached_property
    def image_policies(self) -> ImagePolicies:
        """The policies by which Flux writes images into Git."""
        return ImagePolicies(self.tree)

    @cached_property
    def substitutions(self) -> Substitutions:
        """The variables that Flux fills in."""
        return Substitutions(self.tree, lambda: self.renames.overlays)

    @cached_property
    def wholes(self) -> Wholes:
        """The values that charts print as images, whatever their keys."""
        from codemod.fleet.wholes import Wholes

        return Wholes(self, lambda reference: self._names_all or self.gives_way(reference.tag))

    @cached_property
    def definitions(self) -> Definitions:
        """Where the schemas of custom resources hold images, and whose they are."""
        from codemod.fleet.definitions import Definitions

        return Definitions(self.tree, self._is_own)

    @cached_property
    def schemas(self) -> Schemas:
        """What the schemas of the charts say of digests."""
        from codemod.fleet.schemas import Schemas

        return Schemas(
            *(self.tree, self.stacks, self._maps, lambda path: self._lists and self._is_own(path)),
            contract=self.config.contract_of,
        )

    def _maps(self, number: int) -> list[ImageMapAt]:
        if not self._floating.is_in(self.stacks[number]):
            return []
        readings = self._charts.readings(number)
        wanted = [place for place in readings if self._wants(number, place)]
        shared = {text for place in wanted for text in readings[place].shared}
        return [
            *wanted,
            *(place for place in readings if shared & readings[place].tagged.keys() and place not in wanted),
        ]

    def printed(self, view: View, text: str) -> Printed | None:
        """What a template string in the values prints in a release, None where that cannot be known."""
        return self._charts.printed(view.stack, view.keys, text)

    @cached_property
    def _charts(self) -> ChartReader:
        from codemod.fleet.mending import ChartReader

        return ChartReader(
            self.tree,
            self.stacks,
            lambda number: plain(self.values(number)),
            self._owns,
            self._wants,
            self.config.contract_of,
            floats=lambda number: self._floating.is_in(self.stacks[number]),
            asks_refs="ref" in self.config.contract.values(),
        )

    def _owns(self, path: str) -> bool:
        return self._mends and self._is_own(path)

    def _is_own(self, path: str) -> bool:
        return self.config.is_included(path) and not self.config.is_vendored(path)

    def _wants(self, number: int, place: ImageMapAt) -> bool:
        """Whether the tag of a map is one that gives way to a digest."""
        return self.gives_way(self.effective(number, (*place.keys, place.tag)).text)


def build(
    config: Config,
    paths: Collection[str],
    read: Read,
    *,
    mends: bool = True,
    lists: bool = True,
    pin_all: bool = False,
    names_all: bool = True,
) -> Fleet:
    """The fleet that a configuration and the files at hand make.

    `mends` says that first-party charts are made digest-aware in the same run, `lists` that their schemas are made to
    list the digest, `pin_all` that fixed tags are pinned.
    Without `names_all` the charts of releases in which nothing floats are not asked what they call their images.
    """
    tree = Tree(paths, read)
    return Fleet(
        config, find_stacks(tree, config), tree, mends=mends, lists=lists, pin_all=pin_all, names_all=names_all
    )
