"""Digests that charts begin to read: for each chart, the keys of its values that its templates will look at.

A template that becomes digest-aware serves image maps of releases; the chart in whose section of the values such a map
stands is the one that offers the digest to its users, in its `values.yaml`, its schema and its documentation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from codemod.charts.forms import REF
from codemod.fleet.families import PLAIN, tag_family
from codemod.fleet.stack import Stack
from codemod.transform import Keys, View


class Knob(NamedTuple):
    """A map of a chart's own values that may spell an image: its keys there, and the names of its tag and digest.

    Where the chart takes a whole reference, `digest` is the name of that.
    """

    keys: Keys
    tag: str
    digest: str

    @property
    def is_ref(self) -> bool:
        """Whether a whole reference is offered."""
        return self.digest == (tag_family(self.tag) or PLAIN).ref


Knobs = Mapping[Knob, tuple[View, ...]]
"""For each, the images of releases that need it, at their tags."""


def knobs(stacks: Sequence[Stack], served: Iterable[tuple[View, str]]) -> Mapping[str, Knobs]:
    """The knobs of each chart folder for the images that templates begin to serve, each in the form of a contract."""
    found: dict[str, dict[Knob, dict[View, None]]] = defaultdict(lambda: defaultdict(dict))
    for view, contract in served:
        owner = owner_of(stacks[view.stack], view.keys)
        if owner is not None:
            folder, keys = owner
            tag = str(keys[-1])
            family = tag_family(tag) or PLAIN
            digest = family.ref if contract == REF else family.digest
            found[folder][Knob(keys[:-1], tag, digest)][view] = None
    return {folder: {knob: tuple(views) for knob, views in below.items()} for folder, below in found.items()}


def owner_of(stack: Stack, keys: Keys) -> tuple[str, Keys] | None:
    """The chart folder in whose section of the values a place is, the innermost, and the keys there."""
    return max(charts_at(stack, keys), key=lambda found: -len(found[1]), default=None)


def charts_at(stack: Stack, keys: Keys) -> Iterator[tuple[str, Keys]]:
    """The chart folders of a release that see a place of its values, and the keys under which each does.

    A chart sees its own section, those of its subcharts, and what is `global`.
    """
    if stack.chart is None:
        return
    for place, folder in {(): stack.chart, **stack.subcharts}.items():
        if keys[: len(place)] == place:
            yield folder, keys[len(place) :]
        elif keys[:1] == ("global",):
            yield folder, keys
