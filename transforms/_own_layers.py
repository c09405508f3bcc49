"""The layer in which an image that takes a shared tag has its digest: one that only releases with one image read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from codemod.edits import DIGEST, Edit
from codemod.fleet import Fleet, Place
from codemod.fleet.families import PLAIN, Family, tag_family
from codemod.fleet.layervalues import roots
from codemod.fleet.stack import Layer
from codemod.formats import yaml
from codemod.reference import Reference
from codemod.source import Source
from codemod.transform import Keys, View
from transforms._inherited import naming
from transforms._shared import Borrowed, borrowed


@lru_cache(maxsize=16384)
def is_for_one(fleet: Fleet, layer: Layer, keys: Keys, family: Family = PLAIN) -> bool:
    """Whether every release that reads a layer takes one and the same image for a map: its digest may stand there."""
    seen: set[Reference | None] = set()
    for number, stack in enumerate(fleet.stacks):
        if layer in stack.layers:
            one = borrowed(fleet, View(number, 0, keys), family)
            seen.add(one.reference.lookup if one is not None else None)
    return len(seen) == 1 and None not in seen


def own_layer(fleet: Fleet, place: Place, family: Family) -> Layer | None:
    """The highest layer above a place that may hold the digest of its map: it has the map, or room for it."""
    view, layers = place.view, place.stack.layers
    for holds in (_holds, _leaves_room):
        for number in range(len(layers) - 1, view.layer, -1):
            if any(holds(fleet, layers[number], view.keys, family)) and is_for_one(
                fleet, layers[number], view.keys, family
            ):
                return layers[number]
    return None


def taken(document: yaml.Document, keys: Keys, family: Family, fleet: Fleet) -> list[tuple[Place, Borrowed]]:
    """What releases take for a map that lower layers name; nothing where its digest does not belong here."""
    found = [(place, one) for place in fleet.places(document, keys) if (one := borrowed(fleet, place.view, family))]
    return found if all(_belongs(fleet, place, family) for place, _ in found) else []


def added(document: yaml.Document, fleet: Fleet) -> Iterator[tuple[Keys, Family, Edit]]:
    """The maps that a file of values lacks and that belong there: their keys, families, and the edits that add them."""
    source = document.source
    places = fleet.places(document, ()) if source.outer is None else ()
    readings = (other for place in places if not place.view.keys for other in fleet.readings(place.view.stack))
    for other in dict.fromkeys(readings):
        family = tag_family(other.tag)
        edit = _room(source, other.keys, family) if family is not None else None
        if family is not None and edit is not None and taken(document, other.keys, family, fleet):
            yield other.keys, family, edit


def _belongs(fleet: Fleet, place: Place, family: Family) -> bool:
    """Whether the digest of a map that a lower layer names belongs in this one: the tags of that one's releases differ.

    No higher layer is closer.
    """
    named = naming(fleet, place, family)
    if named is None or named.layer >= place.view.layer:
        return False
    lower = place._replace(view=named)
    if is_for_one(fleet, place.stack.layers[named.layer], named.keys, family):
        return False
    return own_layer(fleet, lower, family) == place.layer


def _holds(fleet: Fleet, layer: Layer, keys: Keys, family: Family) -> Iterator[bool]:
    inside = keys[len(layer.prefix) :]
    if layer.parameters or keys[: len(layer.prefix)] != layer.prefix:
        return
    for root, _ in roots(layer, fleet.tree):
        yield _has(root, inside)


def _leaves_room(fleet: Fleet, layer: Layer, keys: Keys, family: Family) -> Iterator[bool]:
    is_plain = not (layer.within or layer.prefix or layer.parameters)
    source = fleet.tree.source(layer.path) if is_plain else None
    if source is not None and fleet.config.is_included(layer.path) and not fleet.config.is_vendored(layer.path):
        yield _room(source, keys, family) is not None


def _room(source: Source, keys: Keys, family: Family) -> Edit | None:
    """The edit that puts a map with a digest into a file of values that has no such map; None where that is unsafe."""
    documents = yaml.documents(source)
    if len(documents) != 1 or _has(documents[0].root, keys):
        return None
    return yaml.add(source, documents[0], (*keys, family.digest), DIGEST)


def _has(root: yaml.Node | None, keys: Keys) -> bool:
    node, depth = yaml.descend(root, keys)
    return isinstance(node, yaml.Mapping) and depth == len(keys) and bool(node.entries)
