"""What a release takes over from lower layers while it changes the name: a tag, or the digest of another image."""

from __future__ import annotations

from msgspec.structs import replace

from codemod.fleet import Effective, Fleet, Place
from codemod.fleet.families import Family
from codemod.fleet.stack import Layer
from codemod.reference import is_digest
from codemod.transform import View
from transforms._charts import Charts, shown
from transforms._maps import Value, repository, values_in


def names_below(fleet: Fleet, view: View) -> Value:
    """What one release would say at the keys of a map without the layers above the view's."""
    return lambda key: fleet.below(view, key).text


def renamed_above(fleet: Fleet, place: Place, family: Family) -> View | None:
    """Where a higher layer names another repository for the tag or digest of this layer; None where none does."""
    view = naming(fleet, place, family)
    if view is None or not is_renamed(fleet, place, family):
        return None
    sets_digest = fleet.effective(view.stack, (*view.keys, family.digest)).layer == place.layer
    is_seen = not place.stack.layers[view.layer].parameters
    if not sets_tag(fleet, place, family) and not (sets_digest and is_seen):
        return None
    return view._replace(keys=(*view.keys, family.tag))


def is_renamed(fleet: Fleet, place: Place, family: Family) -> bool:
    """Whether a higher layer names another repository than those up to this one do."""
    view = naming(fleet, place, family)
    return view is not None and view.layer > place.view.layer and _changes(fleet, place.view, family)


def renamed(fleet: Fleet, charts: Charts, family: Family) -> tuple[View, ...]:
    """Where higher layers of the releases name another repository for the tag of this one."""
    found = (renamed_above(fleet, place, family) for place, _ in charts.readings)
    return tuple(view for view in found if view is not None)


def sets_tag(fleet: Fleet, place: Place, family: Family) -> bool:
    """Whether a release takes the tag from this very layer."""
    return fleet.effective(place.view.stack, (*place.view.keys, family.tag)).layer == place.layer


def naming(fleet: Fleet, place: Place, family: Family) -> View | None:
    """The highest layer that has a say in the name that a release sees."""
    keys = (*family.registries, *family.names)
    said = (fleet.effective(place.view.stack, (*place.view.keys, key)) for key in keys)
    layers = [_number(place, found) for found in said if found.text]
    return place.view._replace(layer=max(layers)) if layers else None


def stale_digest(fleet: Fleet, charts: Charts, family: Family, reason: str | None) -> tuple[str | None, str]:
    """The reason code for a digest that a lower layer set for another image, and which one; else the reason given.

    Another image is one of another repository, or of the tag that was there before this layer's.
    """
    for place, _ in charts.readings:
        words, is_renamed = _stale(fleet, place, family, charts)
        if words:
            is_said = reason == "floating-tag-beside-digest" and not is_renamed
            return reason if is_said else "stale-inherited-digest", words
    return reason, ""


def _stale(fleet: Fleet, place: Place, family: Family, charts: Charts) -> tuple[str, bool]:
    view = place.view
    digest = fleet.effective(view.stack, (*view.keys, family.digest))
    if digest.layer is None or not is_digest(digest.text or "") or not _is_rendered(fleet, place, family, charts):
        return "", False
    setter, where = view._replace(layer=_number(place, digest)), place_of(fleet, digest)
    if setter.layer == view.layer and (layer := _overridden(fleet, place, family)) is not None:
        return f"{layer} names another image in {place.stack.name}, which takes this digest for it", True
    if setter.layer >= view.layer:
        return "", False
    if naming(fleet, place, family) == view and _changes(fleet, setter, family):
        then = repository(names_below(fleet, setter), family, view.keys)
        return f"{where} sets the digest for {then}, and {place.stack.name} takes it for this one", True
    was, tag = fleet.below(setter, family.tag).text, fleet.effective(view.stack, (*view.keys, family.tag)).text
    is_other = tag and tag != was and sets_tag(fleet, place, family)
    return (f"{where} sets the digest, which wins over this tag in {place.stack.name}" if is_other else ""), False


def _overridden(fleet: Fleet, place: Place, family: Family) -> Layer | None:
    """The parameters that give the digest of this layer another name, which is no place of an image."""
    named = naming(fleet, place, family)
    if named is None or named.layer <= place.view.layer or not _changes(fleet, place.view, family):
        return None
    layer = place.stack.layers[named.layer]
    return layer if layer.parameters else None


def place_of(fleet: Fleet, found: Effective) -> str:
    """`path:line` of what set a value; the path alone where it stands in a text inside the file."""
    assert found.layer is not None
    source = fleet.tree.source(found.layer.path)
    if source is None or found.start is None or found.layer.is_text:
        return str(found.layer)
    return f"{found.layer.path}:{source.position(found.start).line}"


def changes_name(fleet: Fleet, place: Place, family: Family) -> bool:
    """Whether a layer that names a repository inherits the tag of a lower one, which meant another."""
    view = place.view
    tag, digest = (fleet.effective(view.stack, (*view.keys, key)) for key in (family.tag, family.digest))
    if not tag.text or tag.layer is None or (digest.text and _number(place, digest) >= view.layer):
        return False
    number = _number(place, tag)
    return number < view.layer and _changes(fleet, view._replace(layer=number), family)


def _changes(fleet: Fleet, lower: View, family: Family) -> bool:
    """Whether the layers up to some lower one name a repository, and the release sees another.

    A registry that comes to a name without one completes it.
    """
    then, now = names_below(fleet, lower), values_in(fleet, lower)
    bare = replace(family, registries=())
    name = repository(then, bare, lower.keys)
    if name is None or name != repository(now, bare, lower.keys):
        return name is not None
    registry = _registry(then, family)
    return registry is not None and registry != _registry(now, family)


def _registry(value: Value, family: Family) -> str | None:
    return next((text for key in family.registries if (text := value(key))), None)


def _is_rendered(fleet: Fleet, place: Place, family: Family, charts: Charts) -> bool:
    """Whether the chart puts the digest into an image, as far as that is known."""
    reading = charts.reading(place)
    value = values_in(fleet, place.view)
    printed = shown(reading, value(family.tag), value(family.digest)) if reading is not None else ()
    return not printed or any(reference.digest for reference in printed)


def _number(place: Place, found: Effective) -> int:
    assert found.layer is not None
    return max(index for index, layer in enumerate(place.stack.layers) if layer == found.layer)
