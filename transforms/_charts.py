"""What the charts of the releases make of an image map: the forms that they take, and the images that come out."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from codemod.fleet import Fleet, Place, Reading
from codemod.fleet.families import tag_family
from codemod.formats import yaml
from codemod.reference import Reference
from codemod.transform import View
from transforms._keys import candidate
from transforms._maps import ImageMap


class Charts(Struct, frozen=True):
    """The places of a map in the releases, each with its chart's reading; None where the chart cannot be read.

    A reading may say no more than that the chart computes the tag.
    """

    readings: tuple[tuple[Place, Reading | None], ...]
    replaced: tuple[tuple[Place, Reading | None], ...] = ()
    """The same for releases that take the list that the map stands in from another layer: they read its like."""
    ignored: str = ""
    """Why no image depends on the tag of the map, in words; empty where some does, or where that cannot be known."""
    requiring: str = ""
    """The schema by which the map must have a tag; empty where none demands it."""

    def reading(self, place: Place) -> Reading | None:
        """The reading of one release's chart."""
        return next((reading for own, reading in self.readings if own == place), None)

    @property
    def are_known(self) -> bool:
        """Whether every release reads the map in a chart that is at hand."""
        return bool(self.readings) and all(reading is not None for _, reading in self.readings)

    @property
    def keep_tag(self) -> str:
        """Where a chart needs the tag elsewhere than in an image, in words; empty where none does."""
        uses = {use for _, reading in (*self.readings, *self.replaced) if reading is not None for use in reading.others}
        listed = sorted(f"{use.key or 'a text'} in {use.template}:{use.line}" for use in uses)
        more = f" and {len(listed) - 2} more" if len(listed) > 2 else ""
        if listed:
            return f"it is also {', '.join(listed[:2])}{more}"
        return f"{self.requiring} requires it" if self.requiring else ""

    @property
    def computing(self) -> str:
        """That a chart makes of the tag what cannot be known here, in words; empty where none does."""
        for place, reading in self.readings:
            if reading is not None and reading.is_computed:
                chart, path = place.stack.chart or place.stack.name, reading.given_up
                return f"{path} takes too long to be evaluated" if path else f"the chart {chart} computes the tag"
        return ""

    @property
    def take_ref(self) -> bool:
        """Whether a whole reference is what every chart takes; charts that are elsewhere are believed to."""
        return all(reading is None or reading.takes_ref for _, reading in self.readings)

    def refuse(self, fleet: Fleet, tag: str) -> str:
        """Why a release would not render the digest in the place of a tag, in words; empty where all do."""
        for place, reading in (*self.readings, *self.replaced):
            is_below = fleet.is_set_below(place.view, tag)
            if reading is not None and not self._is_taken(reading, is_below):
                prefers = f"takes the tag before a digest, and {self.keep_tag}"
                how = prefers if reading.takes_digest_alone else "renders the tag alone"
                return f"the chart {place.stack.chart or place.stack.name} {how}"
            if schema := fleet.schemas.refusing(place.view.stack, place.view.keys, tag):
                return f"{schema} does not allow a digest"
            if (family := tag_family(tag)) and (layer := fleet.emptying(place.view, family.digest, tag)):
                return f"{layer} sets an empty digest over it for {place.stack.name}"
        return ""

    def _is_taken(self, reading: Reading, is_set_below: bool) -> bool:
        """Whether a digest decides, with the tag that is needed elsewhere, or that a lower layer sets."""
        if self.keep_tag:
            return reading.takes_digest_beside_tag
        return reading.takes_digest_alone or (is_set_below and reading.takes_digest_beside_tag)

    def lower(self, fleet: Fleet, tag: str) -> tuple[View, ...]:
        """Where lower layers set a tag that a chart would take before the digest."""
        prefers = (place.view for place, reading in self.readings if reading is not None and _prefers_tag(reading))
        keyed = (view._replace(keys=(*view.keys, tag)) for view in prefers)
        return tuple(lower for view in keyed for lower in fleet.setters_below(view))


def _prefers_tag(reading: Reading) -> bool:
    return reading.takes_digest_alone and not reading.takes_digest_beside_tag


def charts_of(document: yaml.Document, image: ImageMap, fleet: Fleet) -> Charts:
    """The readings of a map in all releases that read it."""
    places, replaced = fleet.places(document, image.keys), fleet.replaced(document, image.keys)
    return charts_at(places, replaced, image.family.tag, fleet)


def charts_at(places: Sequence[Place], replaced: Sequence[Place], tag: str, fleet: Fleet) -> Charts:
    """The readings of a map, by its places in the releases that read it."""
    found = [(place, fleet.reading(place.view.stack, place.view.keys, tag)) for place in places]
    matter, ignored = _without_ignored(found)
    like = ((place, fleet.reading_of_items(place.view.stack, place.view.keys, tag)) for place in replaced)
    views = (place.view for place in (*places, *replaced))
    demands = (fleet.schemas.requiring(view.stack, view.keys, tag) for view in views)
    return Charts(
        tuple((place, reading if _is_telling(reading) else None) for place, reading in matter),
        tuple((place, reading if _is_telling(reading) else None) for place, reading in like),
        ignored,
        next((schema for schema in demands if schema), ""),
    )


_Found = list[tuple[Place, Reading | None]]


def _without_ignored(found: _Found) -> tuple[_Found, str]:
    """The readings that matter, and why none does, in words, if so: one image in the place of this one is enough."""
    for place, reading in found:
        if reading is not None and reading.is_ignored and reading.instead:
            return found, f"{place.stack.name} renders {reading.instead} in its place"
    ignoring = [place for place, reading in found if reading is not None and reading.is_ignored]
    telling = [(place, reading) for place, reading in found if reading is None or reading.says_something]
    if telling or not ignoring:
        return telling or found, ""
    chart = ignoring[0].stack.chart or ignoring[0].stack.name
    return found, f"no template of the chart {chart} puts it into an image"


def shown(reading: Reading, tag: str | None, digest: str | None) -> tuple[Reference, ...]:
    """The images that a chart prints for a tag and a digest."""
    found = (candidate(text) for text in reading.shown(tag, digest))
    return tuple(reference for reference in found if reference is not None)


def _is_telling(reading: Reading | None) -> bool:
    return reading is not None and (reading.is_computed or (reading.is_read and not reading.is_unclear))
