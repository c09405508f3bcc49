"""Tags that stand apart from the images that take them (`global.….imageTag`): who takes which, and where."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from codemod.fleet import Fleet, Place
from codemod.fleet.families import Family, tag_family
from codemod.fleet.reading import ImageMapAt
from codemod.formats import yaml
from codemod.reference import Reference, is_digest
from codemod.transform import Keys, View
from transforms._keys import candidate
from transforms._maps import ImageMap, repository, values_in


class Borrowed(Struct, frozen=True):
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


def borrowers(fleet: Fleet, place: Place, family: Family) -> dict[View, Reference | None]:
    """The maps of a release that take the tag of another, at the keys of their own tags, with the images that come out.

    None for one that has a digest of its own by now.
    """
    stack, found = place.view.stack, dict[View, Reference | None]()
    for other, own in _takers(fleet, place, family):
        view = View(stack, 0, other.keys)
        if not values_in(fleet, view)(own.tag):
            one = borrowed(fleet, view, own)
            found[view._replace(keys=(*other.keys, other.tag))] = one.reference if one is not None else None
    return found


def is_known(fleet: Fleet, place: Place, family: Family) -> bool:
    """Whether all images are known that a release makes with the tag of a map that names none."""
    reading, readings = fleet.reading(place.view.stack, place.view.keys, family.tag), fleet.readings(place.view.stack)
    if reading is None:
        return False
    known = {text for other, _ in _takers(fleet, place, family) for text in readings[other].tagged}
    return reading.shared.keys() <= known


def other_uses(fleet: Fleet, place: Place, family: Family) -> Iterator[str]:
    """What keeps a shared tag in a release though its images have digests, in words."""
    view = place.view
    reading = fleet.reading(view.stack, view.keys, family.tag)
    for use in reading.others if reading is not None else ():
        yield f"{use.key or 'a text'} in {use.template}:{use.line}"
    if reading is not None and (reading.is_unclear or reading.is_passed_on):
        yield f"in what {place.stack.name} computes"
    if place.stack.notes:
        yield f"in {place.stack.name}, of which not all is known: {place.stack.notes[0].rstrip('.')}"
    if schema := fleet.schemas.requiring(view.stack, view.keys, family.tag):
        yield f"required by {schema}"


def _takers(fleet: Fleet, place: Place, family: Family) -> Iterator[tuple[ImageMapAt, Family]]:
    """The maps of a release whose images may have the tag of another."""
    stack = place.view.stack
    reading = fleet.reading(stack, place.view.keys, family.tag)
    for other, its in fleet.readings(stack).items() if reading is not None and reading.shared else ():
        own = tag_family(other.tag)
        if reading is not None and own is not None and reading.shared.keys() & its.tagged.keys():
            yield other, own


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
