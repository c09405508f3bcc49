"""First-party templates that ignore digests: which image expressions have to become digest-aware, and for which maps.

Templates are files of charts, and strings in values that charts execute (`tpl`). An expression is chosen where making
it digest-aware lets a floating image of some release take a digest that it could not take before. The choice is tried
out, not guessed: the chart is executed with each edit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from codemod.charts.aware import DIGEST, REF, ImageExpression, image_expressions
from codemod.charts.rendered import Rendered
from codemod.edits import Edit, apply
from codemod.fleet.marks import Marks
from codemod.fleet.reading import ImageMapAt, Reading, Use
from codemod.fleet.render import Renderer, instances_of, template_paths
from codemod.fleet.scalars import Plain
from codemod.fleet.stack import Stack
from codemod.fleet.tree import Tree
from codemod.fleet.uses import differences, pinned, tag_of
from codemod.transform import Keys, View

Readings = Mapping[ImageMapAt, Reading]


@dataclass(slots=True)
class Mending:
    """The edits of one template, in the form of its contract, and the images, as releases see them, that need it."""

    contract: str = DIGEST
    expressions: dict[ImageExpression, None] = field(default_factory=dict)
    serves: dict[View, None] = field(default_factory=dict)

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The edits, in the order of the text."""
        found = [edit for expression in self.expressions for edit in expression.edits]
        return tuple(sorted(found, key=lambda edit: edit.start))

    def carried_out(self, text: bytes) -> bytes:
        """The template as it will be."""
        return apply(text, self.edits)


class Template(NamedTuple):
    """A file of a chart, by its path, or a text in the values, by what it says."""

    path: str
    text: bytes


class Printed(NamedTuple):
    """What a text in the values of a release prints, and the image maps whose tag or digest shows in it."""

    text: str
    maps: frozenset[ImageMapAt]


class ChartReader:
    """What the charts of the releases read.

    `values` are those of a release by its number; `owns` says of a path whether it may be edited, `wants` of a map of a
    release whether its tag is one that gives way to a digest. `contract_of` gives the form that is wanted at a path;
    whether whole references are read is asked only if `asks_refs`.
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
        asks_refs: bool,
    ) -> None:
        self.tree, self.stacks, self.values, self.owns, self.wants = tree, stacks, values, owns, wants
        self.contract_of, self.asks_refs = contract_of, asks_refs
        self._raw, self._mended = Renderer(tree), Renderer(tree)
        self._raw_readings: dict[int, Readings] = {}
        self._readings: dict[int, Readings] = {}
        self._mendings: dict[Template, Mending] | None = None
        self._printed: dict[tuple[int, Keys, str], Printed | None] = {}

    def readings(self, number: int) -> Readings:
        """How the charts of a release, digest-aware where they will be, spell each of its image maps."""
        if number not in self._readings:
            needed = {template: self.mendings[template] for template in self._templates(number) & self.mendings.keys()}
            texts = _texts(needed)
            found = self._probe(number, self._mended, texts) if needed else self._read(number)
            self._readings[number] = found
            self._note_uses(number, self._mended if needed else self._raw, texts)
        return self._readings[number]

    def _note_uses(self, number: int, renderer: Renderer, texts: Mapping[str, str]) -> None:
        """Note of each tag that is to give way whether anything but images depends on it."""
        stack, found, values = self.stacks[number], self._readings[number], _replaced(self.values(number), texts)

        def uses(places: Sequence[ImageMapAt], only: Collection[str] | None = None) -> Iterator[Use]:
            both = (pinned(values, places, tagged=tagged) for tagged in (True, False))
            beside, alone = (renderer.render(stack, each, only, explores=False) for each in both)
            return differences(beside, alone, tags)

        sure = (place for place, reading in found.items() if reading.takes_digest_alone and not reading.others)
        places = [place for place in sure if self.wants(number, place)]
        tags = {str(tag_of(values, place)) for place in places}
        paths = {use.template for use in uses(places)} if places else set[str]()
        for place in places if paths else ():
            if (one := next(uses([place], paths), None)) is not None:
                found[place].others.add(one)

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

    def _read(self, number: int) -> Readings:
        if number not in self._raw_readings:
            self._raw_readings[number] = self._probe(number, self._raw, {})
        return self._raw_readings[number]

    def _probe(self, number: int, renderer: Renderer, texts: Mapping[str, str]) -> Readings:
        stack = self.stacks[number]
        if stack.chart is None:
            return {}
        values = self.values(number)
        marks = Marks(_replaced(values, texts) if texts else values, stack.subcharts)
        if marks.readings:
            paths = marks.read(renderer.render(stack, marks.marked(tag=True, digest=True)), "both")
            marks.read(renderer.render(stack, marks.marked(tag=True), paths), "tagged")
            marks.read(renderer.render(stack, marks.marked(digest=True), paths), "pinned")
        if marks.have_shared:
            marks.read(renderer.render(stack, marks.marked_shared()), "shared")
        if marks.readings and self.asks_refs:
            marks.read(renderer.render(stack, marks.marked(ref=True)), "refs")
        return marks.readings

    def _mend(self, number: int) -> None:
        """Choose what one release needs."""
        assert self._mendings is not None
        templates = self._templates(number) if self._has_wanted(number) else ()
        if not templates:
            return
        before = self._read(number)
        shared = {text for place, reading in before.items() if self.wants(number, place) for text in reading.shared}
        wanted = (place for place in before if self.wants(number, place) or shared & before[place].tagged.keys())
        lacking = [place for place in wanted if _lacks(before[place])]
        for template in sorted(templates) if lacking else ():
            contract = self._contract(number, template)
            for expression in image_expressions(template.text, contract):
                after = self._tried(number, template, Mending(contract, {expression: None}))
                gained = [place for place in lacking if _gains(before[place], after[place], contract)]
                if gained:
                    mending = self._mendings.setdefault(template, Mending(contract))
                    mending.expressions[expression] = None
                    mending.serves.update(dict.fromkeys(View(number, 0, (*place.keys, place.tag)) for place in gained))

    def _has_wanted(self, number: int) -> bool:
        """Whether any tag of a release gives way to a digest: the charts of others need not be executed."""
        stack = self.stacks[number]
        if stack.chart is None:
            return False
        return any(self.wants(number, place) for place in Marks(self.values(number), stack.subcharts).readings)

    def _contract(self, number: int, template: Template) -> str:
        """The form that is wanted of a template; of a text in values, that of the first layer for which one is."""
        paths = (template.path,) if template.path else self.stacks[number].paths
        return next((form for path in paths if (form := self.contract_of(path)) is not None), DIGEST)

    def _tried(self, number: int, template: Template, tried: Mending) -> Readings:
        if template.path:
            return self._probe(number, Renderer(self.tree, {template.path: tried.carried_out(template.text)}), {})
        return self._probe(number, self._raw, _texts({template: tried}))

    def _templates(self, number: int) -> frozenset[Template]:
        """The templates of a release that may be edited and could hold an image expression."""
        instances = instances_of(self.stacks[number], self.tree)
        paths = (path for instance in instances for path in template_paths(instance.chart.folder, self.tree))
        files = (Template(path, self.tree.text(path) or b"") for path in paths if self.owns(path))
        strings = (Template("", text.encode()) for text in _strings(self.values(number)))
        return frozenset(template for template in (*files, *strings) if b"{{" in template.text)


def _lacks(reading: Reading) -> bool:
    return bool(reading.tagged) and not (reading.takes_digest_alone or reading.takes_ref)


def _gains(before: Reading, after: Reading, contract: str) -> bool:
    return after.refs > before.refs if contract == REF else after.digests > before.digests


def _texts(mendings: Mapping[Template, Mending]) -> dict[str, str]:
    """Texts in values, before and after."""
    found = ((template, mending) for template, mending in mendings.items() if not template.path)
    return {template.text.decode(): mending.carried_out(template.text).decode() for template, mending in found}


def _strings(value: Plain) -> Iterator[str]:
    if isinstance(value, str):
        if "{{" in value:
            yield value
    elif isinstance(value, (dict, list)):
        for below in value.values() if isinstance(value, dict) else value:
            yield from _strings(below)


def _replaced(values: Mapping[str, Plain], texts: Mapping[str, str]) -> dict[str, Plain]:
    return {key: _replaced_in(value, texts) for key, value in values.items()}


def _replaced_in(value: Plain, texts: Mapping[str, str]) -> Plain:
    if isinstance(value, str):
        return texts.get(value, value)
    if isinstance(value, list):
        return [_replaced_in(below, texts) for below in value]
    return _replaced(value, texts) if isinstance(value, dict) else value
