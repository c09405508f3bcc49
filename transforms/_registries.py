"""What stands apart from an image's name and completes it: registries above it, tags in other layers of a release."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.fleet.families import partners_of
from codemod.formats import yaml
from transforms._documents import kind
from transforms._keys import names_host

_REGISTRY_KEYS = ("hub", "imageRegistry", "image_registry", "imageHub", "registry")
_OVERRIDING_KEYS = ("imageRegistry", "image_registry")


def has_registry_apart(document: yaml.Document, mapping: yaml.Mapping, name: str, fleet: Fleet) -> bool:
    """Whether values put a registry before a name without a host: in maps above, their `global`, or other layers."""
    if names_host(name):
        return False
    if any(_texts_in_stacks(document, mapping, fleet, _REGISTRY_KEYS)):
        return True
    return not kind(document) and _stands_above(mapping)


def has_registry_override(document: yaml.Document, mapping: yaml.Mapping, fleet: Fleet) -> bool:
    """Whether `global.imageRegistry` takes the place of the registry that a map spells under a key of its own."""
    if any(_texts_in_stacks(document, mapping, fleet, (), _OVERRIDING_KEYS)):
        return True
    shared = [yaml.lookup(above, "global") for above in (() if kind(document) else _maps_above(mapping))]
    return any(place.text(key) for place in shared if isinstance(place, yaml.Mapping) for key in _OVERRIDING_KEYS)


def releases_with_tag_apart(document: yaml.Document, scalar: yaml.Scalar, fleet: Fleet) -> tuple[int, int]:
    """In how many releases some layer holds the tag or digest of the bare name at a key, and how many there are."""
    *above, key = yaml.keys_of(scalar)
    places, partners = fleet.places(document, tuple(above)), partners_of(str(key))
    views = [place.view for place in places]
    found = (any(fleet.effective(view.stack, (*view.keys, name)).text for name in partners) for view in views)
    return sum(found), len(views)


def _stands_above(mapping: yaml.Mapping) -> bool:
    for above in _maps_above(mapping):
        for place in (above, yaml.lookup(above, "global")):
            if isinstance(place, yaml.Mapping) and any(place.text(key) for key in _REGISTRY_KEYS):
                return True
    return False


def _maps_above(mapping: yaml.Mapping) -> Iterator[yaml.Mapping]:
    here: yaml.Node | None = mapping
    while here is not None:
        if isinstance(here, yaml.Mapping):
            yield here
        here = here.parent


def _texts_in_stacks(
    document: yaml.Document, mapping: yaml.Mapping, fleet: Fleet, keys: tuple[str, ...], shared: tuple[str, ...] = ()
) -> Iterator[str | None]:
    """What every release says at `keys` of the maps above (their `global` included), and at `shared` of `global`."""
    for _, _, (stack, _, way) in fleet.places(document, yaml.keys_of(mapping)):
        for depth in range(len(way) + 1):
            above = way[:depth]
            for key in keys:
                yield fleet.effective(stack, (*above, key)).text
            for key in (*keys, *shared):
                yield fleet.effective(stack, (*above, "global", key)).text


def is_completed_in_chart(document: yaml.Document, scalar: yaml.Scalar, fleet: Fleet) -> bool:
    """Whether a chart puts a registry before, or a tag or a digest behind, the name that stands here."""
    views = fleet.views(document, yaml.keys_of(scalar))
    return any(fleet.wholes.is_completed(view.stack, view.keys) for view in views)
