"""Tags that stand apart from the images that take them (`global.….imageTag`): who takes which, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from codemod.fleet import Fleet, Place
from codemod.fleet.families import PLAIN, Family, tag_family
from codemod.fleet.layervalues import roots
from codemod.fleet.stack import Layer
from codemod.formats import yaml
from codemod.reference import Reference, is_digest
from codemod.transform import Keys, View
from transforms._keys import candidate
from transforms._maps import ImageMap, repository, values_in


class Borrowed(NamedTuple):
    """A tag that a release's chart takes for an image map from elsewhere: its keys, and the image that comes out."""

    keys: Keys
    reference: Reference
    takes_digest: bool


def borrowed(fleet: Fleet, view: View, family: Family) -> Borrowed | None:
    """The tag that completes the name of a map without a tag and a digest; None where none does."""
    value = values_in(fleet, view)
    if value(family.tag) or is_digest(value(family.digest) or ""):
        return None
    reading = fleet.reading(view.stack, view.keys, family.tag)
    if reading is None:
        return None
    for shared, other in fleet.readings(view.stack).items():
        keys = (*shared.keys, shared.tag)
        tag = fleet.effective(view.stack, keys).text or ""
        found = {candidate(text.replace("{tag}", tag)) for text in other.shared.keys() & reading.tagged.keys()}
        if len(found) == 1 and (reference := found.pop()) is not None:
            return Borrowed(keys, reference, reading.takes_digest_alone)
    return None


def borrowers(fleet: Fleet, place: Place, family: Family) -> tuple[dict[View, Reference | None], bool]:
    """The maps of a release that take the tag of another, at the keys of their own tags; whether nothing else does.

    With the images that come out; None for one that has a digest of its own by now.
    """
    stack, readings = place.view.stack, fleet.readings(place.view.stack)
    reading = fleet.reading(stack, place.view.keys, family.tag)
    shared = reading.shared.keys() if reading is not None else set[str]()
    found: dict[View, Reference | None] = {}
    known: set[str] = set()
    for other, its in readings.items() if shared else ():
        own, view = tag_family(other.tag), View(stack, 0, other.keys)
        if own is not None and shared & its.tagged.keys():
            known |= its.tagged.keys()
            if not values_in(fleet, view)(own.tag):
                one = borrowed(fleet, view, own)
                found[view._replace(keys=(*other.keys, other.tag))] = one.reference if one is not None else None
    return found, reading is not None and shared <= known


def is_apart(document: yaml.Document, image: ImageMap, fleet: Fleet) -> bool:
    """Whether a map holds a tag for images that others name: in `global`, or where a chart takes it from."""
    places = fleet.places(document, image.keys)
    if not places or any(repository(values_in(fleet, p.view), image.family, p.view.keys) for p in places):
        return False
    found = (fleet.reading(p.view.stack, p.view.keys, image.family.tag) for p in places)
    readings = [reading for reading in found if reading is not None]
    if not readings or any(reading.is_read for reading in readings):
        return False
    return "global" in image.keys or any(reading.shared for reading in readings)


def borrows(document: yaml.Document, image: ImageMap, fleet: Fleet) -> bool:
    """Whether some release takes the tag of a map that says none from elsewhere."""
    if image.mapping.text(image.family.tag) or image.mapping.text(image.family.digest):
        return False
    return any(borrowed(fleet, place.view, image.family) for place in fleet.places(document, image.keys))


def is_for_one(fleet: Fleet, layer: Layer, keys: Keys, family: Family = PLAIN) -> bool:
    """Whether every release that reads a layer takes one and the same image for a map: its digest may stand there."""
    seen: set[Reference | None] = set()
    for number, stack in enumerate(fleet.stacks):
        if layer in stack.layers:
            one = borrowed(fleet, View(number, 0, keys), family)
            seen.add(one.reference.lookup if one is not None else None)
    return len(seen) == 1 and None not in seen


def own_layer(fleet: Fleet, place: Place, family: Family) -> Layer | None:
    """The highest layer above a place that holds the map and may hold its digest."""
    for layer in reversed(place.stack.layers[place.view.layer + 1 :]):
        if any(_holds(fleet, layer, place.view.keys)) and is_for_one(fleet, layer, place.view.keys, family):
            return layer
    return None


def _holds(fleet: Fleet, layer: Layer, keys: Keys) -> Iterator[bool]:
    inside = keys[len(layer.prefix) :]
    if layer.parameters or keys[: len(layer.prefix)] != layer.prefix:
        return
    for root, _ in roots(layer, fleet.tree):
        node, depth = yaml.descend(root, inside)
        yield isinstance(node, yaml.Mapping) and depth == len(inside) and bool(node.entries)
