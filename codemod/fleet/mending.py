"""First-party templates that ignore digests: which image expressions have to become digest-aware, and for which maps.

Templates are files of charts, and strings in values that charts execute (`tpl`). An expression is chosen where making
it digest-aware lets a floating image of some release take a digest that it could not take before. The choice is tried
out, not guessed: the chart is executed with each edit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from codemod.charts.aware import Helpers
from codemod.charts.forms import DIGEST
from codemod.charts.helpers import tag_helpers
from codemod.charts.rendered import Rendered
from codemod.fleet.choosing import Release
from codemod.fleet.edited import Mending, Template, replaced, strings_in, texts_of
from codemod.fleet.marked import Marked
from codemod.fleet.marks import Marks
from codemod.fleet.probe import Probed, Readings, probe
from codemod.fleet.reading import ImageMapAt, Reading, Use
from codemod.fleet.render import Renderer, instances_of, template_paths
from codemod.fleet.scalars import Plain
from codemod.fleet.stack import Stack
from codemod.fleet.tree import Tree
from codemod.fleet.uses import differences, pinned, same_images, shared_by, without_shared
from codemod.transform import Keys


class Printed(Struct, frozen=True):
    """What a text in the values of a release prints, and the image maps whose tag or digest shows in it."""

    text: str
    maps: frozenset[ImageMapAt]


class ChartReader:
    """What the charts of the releases read.

    `values` are those of a release by its number; `owns` says of a path whether it may be edited, `wants` of a map of a
    release whether its tag is one that gives way to a digest, `floats` of a release whether it has any such tag.
    `contract_of` gives the form that is wanted at a path; whether whole references are read is asked if `asks_refs`.
    """

    def __init__(
        self,
        tree: Tree,
        stacks: Sequence[Stack],
        values: Callable[[int], dict[str, Plain]],
        owns: Callable[[str], bool],
        wants: Callable[[int, ImageMapAt], bool],
        contract_of: Callable[[str], str | None],
        *,
        floats: Callable[[int], bool],
        asks_refs: bool,
    ) -> None:
        self.tree, self.stacks, self.values, self.owns, self.wants = tree, stacks, values, owns, wants
        self.contract_of, self.floats, self.asks_refs = contract_of, floats, asks_refs
        self._raw, self._mended = Renderer(tree), Renderer(tree)
        self._raw_readings: dict[int, Probed] = {}
        self._readings: dict[int, Readings] = {}
        self._mendings: dict[Template, Mending] | None = None
        self._printed: dict[tuple[int, Keys, str], Printed | None] = {}

    def readings(self, number: int) -> Readings:
        """How the charts of a release, digest-aware where they will be, spell each of its image maps."""
        if number not in self._readings:
            needed = {template: self.mendings[template] for template in self._templates(number) & self.mendings.keys()}
            texts = texts_of(needed)
            found = self._probe(number, self._mended, texts) if needed else self._read(number)
            self._readings[number] = found.readings
            self._note_uses(number, self._mended if needed else self._raw, texts)
        return self._readings[number]

    def _note_uses(self, number: int, renderer: Renderer, texts: Mapping[str, str]) -> None:
        """Note of each tag that is to give way whether anything but images depends on it."""
        stack, found, values = self.stacks[number], self._readings[number], replaced(self.values(number), texts)

        def uses(places: Sequence[ImageMapAt], only: Collection[str] | None = None) -> Iterator[Use]:
            both = (pinned(values, places, tagged=tagged) for tagged in (True, False))
            beside, alone = (renderer.render(stack, each, only, explores=False) for each in both)
            return differences(beside, alone, same)

        sure = (place for place, reading in found.items() if reading.takes_digest_alone and not reading.others)
        places = [place for place in sure if self.wants(number, place)]
        same = same_images(values, {place: found[place] for place in places})
        paths = {use.template for use in uses(places)} if places else set[str]()
        for place in places if paths else ():
            if (one := next(uses([place], paths), None)) is not None:
                found[place].others.add(one)
        for place, takers in shared_by(found).items():
            if self.wants(number, place) and all(found[taker].takes_digest_alone for taker in takers):
                copies = Marked(values, stack.subcharts).copies(place)
                plain, *others = (
                    list(renderer.render(stack, each, explores=False))
                    for each in without_shared(values, takers, place, copies)
                )
                found[place].others.update(use for other in others for use in differences(plain, other, {}))
        path = renderer.cut(stack)
        for reading in found.values() if path else ():
            if not reading.given_up:
                reading.others.add(Use(path, 1, "perhaps a text"))

    def printed(self, number: int, keys: Keys, text: str) -> Printed | None:
        """What a text at `keys` of the values of a release prints, None where that cannot be known."""
        key = (number, keys, text)
        if key not in self._printed:
            self._printed[key] = self._print(number, keys, text)
        return self._printed[key]

    def _print(self, number: int, keys: Keys, text: str) -> Printed | None:
        stack, values = self.stacks[number], self.values(number)
        found = self._raw.printed(stack, keys, text, values)
        if found is None:
            return None
        marks = Marks(values, stack.subcharts)
        marked = (marks.marked(tag=True), marks.marked(digest=True), *([marks.marked(ref=True)] * self.asks_refs))
        texts = (self._raw.printed(stack, keys, text, one) for one in marked)
        return Printed(found, frozenset(place for one in texts if one is not None for place in marks.shown_in(one)))

    def rendered(self, stack: Stack, values: dict[str, Plain], *, mended: bool) -> Iterator[tuple[str, Rendered]]:
        """What the templates of a chart print for some values, as they are or as they will be."""
        renderer = self._mended if mended and self.mendings else self._raw
        return renderer.render(stack, values)

    @property
    def mendings(self) -> dict[Template, Mending]:
        """The templates that are to become digest-aware."""
        if self._mendings is None:
            self._mendings = {}
            for number in range(len(self.stacks)):
                self._mend(number)
            files = {template.path: mending for template, mending in self._mendings.items() if template.path}
            texts = ((path, mending.carried_out(self.tree.text(path) or b"")) for path, mending in files.items())
            self._mended = Renderer(self.tree, dict(texts))
        return self._mendings

    def _read(self, number: int) -> Probed:
        if number not in self._raw_readings:
            self._raw_readings[number] = self._probe(number, self._raw, {})
        return self._raw_readings[number]

    def _probe(self, number: int, renderer: Renderer, texts: Mapping[str, str]) -> Probed:
        stack = self.stacks[number]
        if stack.chart is None:
            return Probed({})
        values = replaced(self.values(number), texts) if texts else self.values(number)
        return probe(renderer, stack, values, self._wanted(number), asks_refs=self.asks_refs)

    def _mend(self, number: int) -> None:
        """Choose what one release needs."""
        assert self._mendings is not None
        templates = self._templates(number) if self._has_wanted(number) else ()
        if not templates:
            return
        before = self._read(number).readings
        shared = {text for place, reading in before.items() if self.wants(number, place) for text in reading.shared}
        wanted = (place for place in before if self.wants(number, place) or shared & before[place].tagged.keys())
        lacking = [place for place in wanted if _lacks(before[place])]
        if lacking:
            contracts = {template: self._contract(number, template) for template in sorted(templates)}
            release = Release(
                *(number, self.stacks[number], self.tree, self.values(number), self._read(number)),
                templates=contracts,
                helpers=self._helpers(number),
                sets_values=self._raw.sets_values(self.stacks[number]),
            )
            release.choose(lacking, self._mendings)

    def _has_wanted(self, number: int) -> bool:
        """Whether any tag of a release gives way to a digest: the charts of others need not be executed."""
        return self.stacks[number].chart is not None and self.floats(number) and bool(self._wanted(number))

    def _wanted(self, number: int) -> list[ImageMapAt]:
        """The image maps of a release whose tags give way to digests."""
        places = Marks(self.values(number), self.stacks[number].subcharts).readings
        return [place for place in places if self.wants(number, place)]

    def _contract(self, number: int, template: Template) -> str:
        """The form that is wanted of a template; of a text in values, that of the first layer for which one is."""
        paths = (template.path,) if template.path else self.stacks[number].paths
        return next((form for path in paths if (form := self.contract_of(path)) is not None), DIGEST)

    def _helpers(self, number: int) -> Helpers:
        """The templates of a release that print nothing but a tag."""
        instances = instances_of(self.stacks[number], self.tree)
        paths = (path for instance in instances for path in template_paths(instance.chart.folder, self.tree))
        return tuple(dict(one for path in paths for one in tag_helpers(self.tree.text(path) or b"")).items())

    def _templates(self, number: int) -> frozenset[Template]:
        """The templates of a release that may be edited and could hold an image expression."""
        instances = instances_of(self.stacks[number], self.tree)
        paths = (path for instance in instances for path in template_paths(instance.chart.folder, self.tree))
        files = (Template(path, self.tree.text(path) or b"") for path in paths if self.owns(path))
        strings = (Template("", text.encode()) for text in strings_in(self.values(number)))
        return frozenset(template for template in (*files, *strings) if b"{{" in template.text)


def _lacks(reading: Reading) -> bool:
    return bool(reading.tagged) and not (reading.takes_digest_alone or reading.takes_ref)
