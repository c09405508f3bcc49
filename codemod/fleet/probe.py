"""What the charts of one release read: they are executed with marks, as they are or with some templates edited."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import groupby

from msgspec import Struct

from codemod.charts.forms import REF
from codemod.fleet.chartfile import chart_at
from codemod.fleet.marks import Marks
from codemod.fleet.reading import ImageMapAt, Reading
from codemod.fleet.render import Changers, Renderer, instances_of, template_paths
from codemod.fleet.scalars import Plain
from codemod.fleet.stack import Stack
from codemod.fleet.tree import Tree
from codemod.transform import Keys

Readings = Mapping[ImageMapAt, Reading]


class Probed(Struct, frozen=True):
    """What the charts of a release read, the templates in which tags or digests show, and those that change values."""

    readings: Readings
    paths: frozenset[str] = frozenset()
    changers: Changers = {}


def probe(
    renderer: Renderer, stack: Stack, values: dict[str, Plain], asked: Collection[ImageMapAt], *, asks_refs: bool
) -> Probed:
    """How the charts spell each image map. Of those `asked` about it is found out, too, why they may not show."""
    marks, paths = Marks(values, stack.subcharts), frozenset[str]()
    if marks.readings:
        paths = marks.read(renderer.render(stack, marks.marked(tag=True, digest=True)), "both")
        marks.read(renderer.render(stack, marks.marked(tag=True), paths), "tagged")
        marks.read(renderer.render(stack, marks.marked(digest=True), paths), "pinned")
    if marks.have_shared:
        marks.lend(renderer.render(stack, marks.marked_names(), paths))
        marks.read(renderer.render(stack, marks.marked_shared()), "shared")
    if marks.readings and asks_refs:
        marks.read(renderer.render(stack, marks.marked(ref=True)), "refs")
    paths |= _look_deeper(marks, renderer, stack, asked)
    if path := renderer.cut(stack):
        return Probed({place: Reading(is_unclear=True, is_computed=True, given_up=path) for place in marks.readings})
    return Probed(marks.readings, paths, renderer.changers)


def probe_again(
    renderer: Renderer,
    stack: Stack,
    values: dict[str, Plain],
    paths: Collection[str],
    hidden: Mapping[ImageMapAt, bool],
    *,
    is_ref: bool,
) -> Readings:
    """How the charts spell each image map with a digest alone: all that an edit in one of these templates can change.

    Or with a whole reference, if `is_ref`. Those that are `hidden` show only in branches of helpers, or (True) with
    everything switched on.
    """
    marks, kind = Marks(values, stack.subcharts), "refs" if is_ref else "pinned"
    marks.read(renderer.render(stack, marks.marked(digest=not is_ref, ref=is_ref), paths), kind)
    for is_off, places in groupby(sorted(hidden, key=hidden.__getitem__), hidden.__getitem__) if not is_ref else ():
        asked = list(places)
        marks.forget(kind, asked)
        marks.read(
            renderer.render(stack, marks.marked(digest=True, is_off=is_off), paths, deep=not is_off, gives_up=False),
            kind,
            asked,
        )
    return marks.readings


def shown(
    renderer: Renderer, stack: Stack, values: dict[str, Plain], places: Collection[ImageMapAt], contract: str
) -> tuple[int, int]:
    """How often digests of some maps, or whole references, come out; and how often in branches of whatever helper."""
    marks = Marks(values, stack.subcharts)
    marked = marks.marked(ref=contract == REF, digest=contract != REF)
    plain, deep = (renderer.render(stack, marked, deep=deep, gives_up=not deep) for deep in (False, True))
    return marks.count(plain, places), marks.count(deep, places)


def _look_deeper(marks: Marks, renderer: Renderer, stack: Stack, asked: Collection[ImageMapAt]) -> frozenset[str]:
    """Look for maps that show nowhere in what is switched off, and for what is printed in their place."""
    places = [place for place in asked if place in marks.readings]
    hidden = [place for place in places if not (marks.readings[place].tagged or marks.readings[place].shared)]
    absent = _absent(renderer.tree, stack) if hidden else ()
    for place in hidden:
        marks.readings[place].is_elsewhere = _is_below(place.keys, absent)
        marks.readings[place].is_hidden = True
    paths = frozenset[str]()
    for is_off in (True, False):
        readings = {place: marks.readings[place] for place in hidden}
        unread = [place for place, reading in readings.items() if not (reading.tagged or reading.is_elsewhere)]
        for place in unread:
            marks.readings[place].is_off = is_off
        paths |= _read_hidden(marks, renderer, stack, unread, is_off=is_off) if unread else frozenset()
    if dead := [place for place in places if not marks.readings[place].is_live]:
        marks.note_others(renderer.render(stack, marks.marked(tag=True), explores=False), dead)
    return paths


def _read_hidden(
    marks: Marks, renderer: Renderer, stack: Stack, places: Collection[ImageMapAt], *, is_off: bool
) -> frozenset[str]:
    """Read some maps with everything switched on, or in the branches of all helpers; the templates that show them."""
    paths: frozenset[str] | None = None
    for kind, tag, digest in (("tagged", True, False), ("pinned", False, True), ("both", True, True)):
        marks.forget(kind, places)
        marked = marks.marked(tag=tag, digest=digest, is_off=is_off)
        found = marks.read(renderer.render(stack, marked, paths, deep=not is_off, gives_up=False), kind, places)
        paths = found if paths is None else paths
        if not any(marks.readings[place].tagged for place in places):
            break
    return paths or frozenset()


def _absent(tree: Tree, stack: Stack) -> Collection[Keys]:
    """The places in the values of a release whose charts are not in the repository: subcharts, or all."""
    if not any(template_paths(instance.chart.folder, tree) for instance in instances_of(stack, tree)):
        return ((),)
    found: list[Keys] = []
    for place, folder in {(): stack.chart or "", **stack.subcharts}.items():
        chart = chart_at(tree, folder)
        for dependency in chart.dependencies if chart is not None else ():
            if (below := (*place, dependency.place)) not in stack.subcharts:
                found.append(below)
    return found


def _is_below(keys: Keys, places: Collection[Keys]) -> bool:
    """Whether some of these charts sees a place of the values."""
    return any(keys[: len(place)] == place or "global" in keys for place in places)
