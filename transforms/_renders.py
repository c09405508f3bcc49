"""What releases make of an image map: the effective reference, in every stack that reads the file."""

from __future__ import annotations

from codemod.fleet import Fleet, Place, Reading
from codemod.fleet.families import Family
from codemod.formats import yaml
from codemod.reference import Reference
from codemod.transform import Keys, Rendering
from transforms._charts import Charts, shown
from transforms._inherited import is_renamed, names_below, renamed_above
from transforms._keys import candidate, is_computed
from transforms._maps import ImageMap, Value, repository, values_in
from transforms._registries import has_registry_apart, has_registry_override


def renderings(document: yaml.Document, image: ImageMap, charts: Charts, fleet: Fleet) -> tuple[Rendering, ...]:
    """What each release makes of the map, those without a digest first; one without a stack where none is known."""
    found: list[Rendering] = []
    meant: list[Rendering] = []
    for place, reading in charts.readings:
        value = _value(place, image, fleet)
        if is_renamed(fleet, place, image.family) if value is None else renamed_above(fleet, place, image.family):
            meant.append(Rendering(composed(names_below(fleet, place.view), image.family, place.view.keys)))
            continue
        if value is None:
            continue
        tag, digest = value(image.family.tag), value(image.family.digest)
        printed = shown(reading, tag, digest) if reading is not None else ()
        if reading is not None and not (tag or digest):
            printed = by_default(fleet, place, reading)
        for reference in printed or (composed(value, image.family, place.view.keys),):
            found.append(Rendering(reference, place.stack.name, place.stack.environment))
    found.sort(key=lambda render: render.reference is not None and render.reference.digest is not None)
    return tuple(found or meant[:1]) or (Rendering(_alone(image, charts)),)


def _alone(image: ImageMap, charts: Charts) -> Reference | None:
    """What the map means by itself, which no release takes.

    Its name may stand in the templates of a chart, and so may the registry of a name that is written without one.
    Where a chart prints the digest alone, the tag beside it names nothing.
    """
    tag, digest = image.mapping.text(image.family.tag), image.mapping.text(image.family.digest)
    own = composed(image.mapping.text, image.family, image.keys)
    found = (shown(reading, tag, digest) for _, reading in charts.readings if reading is not None)
    printed = next((references[0] for references in found if references), None)
    if own is None or printed is None or printed.path != own.path:
        return own or printed
    name = repository(image.mapping.text, image.family, image.keys) or ""
    return printed if own.domain == printed.domain or not name.startswith(f"{own.domain}/") else own


def filled_in(
    document: yaml.Document, image: ImageMap, charts: Charts, fleet: Fleet
) -> tuple[tuple[Rendering, ...], str]:
    """What releases make of a map with template expressions that an ApplicationSet fills in, and its tag there.

    One rendering of nothing where any release does not know them all.
    """
    layers = [place.layer for place, _ in charts.readings]
    renders = renderings(document, image, charts, fleet) if layers and all(layer.filled for layer in layers) else ()
    if not renders or any(render.reference is None for render in renders):
        return (Rendering(None),), ""
    tags = [
        fleet.effective(place.view.stack, (*place.view.keys, image.family.tag)).text for place, _ in charts.readings
    ]
    return renders, next((tag for tag in tags if fleet.gives_way(tag)), None) or ""


def by_default(fleet: Fleet, place: Place, reading: Reading) -> tuple[Reference, ...]:
    """The image that a chart prints where the values say neither a tag nor a digest, if that can be known."""
    text = fleet.default_image(place.view.stack, reading)
    reference = candidate(text) if text is not None else None
    return (reference,) if reference is not None else ()


def _value(place: Place, image: ImageMap, fleet: Fleet) -> Value | None:
    """What a release says at the keys of the map; None where it takes neither the tag nor the digest from this layer.

    A tag of another layer beside a digest of this one is that layer's business; so is a null that removes the map, or
    its tag.
    """
    value = values_in(fleet, place.view)
    tag, digest = (
        fleet.effective(place.view.stack, (*place.view.keys, key)) for key in (image.family.tag, image.family.digest)
    )
    if not fleet.has_map(place.view) or (tag.layer is None and image.mapping.text(image.family.tag)):
        return None
    if tag.layer == place.layer or (tag.layer is None and digest.layer in (None, place.layer)):
        return value
    if not digest.text or digest.layer != place.layer:
        return None
    return lambda key: None if key == image.family.tag else value(key)


def is_computed_map(image: ImageMap) -> bool:
    """Whether a template computes any part of what the map itself spells."""
    parts = [image.mapping.text(key) for key in (image.family.tag, *image.family.registries, *image.family.names)]
    if any(part is not None and is_computed(part) for part in parts):
        return True
    return isinstance(image.site, yaml.Scalar) and image.site.templated


def is_completed_elsewhere(document: yaml.Document, image: ImageMap, fleet: Fleet) -> bool:
    """Whether a chart puts a registry from elsewhere in the values before the name that the map spells."""
    name = repository(image.mapping.text, image.family, image.keys)
    if name is None:
        return False
    if any(image.mapping.text(key) for key in image.family.registries):
        return has_registry_override(document, image.mapping, fleet)
    return has_registry_apart(document, image.mapping, name, fleet)


def composed(value: Value, family: Family, keys: Keys) -> Reference | None:
    """The reference that the parts of a map make by themselves."""
    name = repository(value, family, keys)
    if name is None:
        return None
    tag, digest = value(family.tag) or "", value(family.digest) or ""
    text = name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    return candidate(text)
