"""Images that a values map spells in parts: registry, repository, tag, digest, in all the usual shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from codemod.fleet import Fleet
from codemod.fleet.families import Family, families_in, family_of
from codemod.formats import yaml
from codemod.reference import is_digest
from codemod.source import Span
from codemod.transform import Keys, View
from transforms._custom import told
from transforms._documents import surface
from transforms._evidence import is_complete, is_image_map, is_image_place

INFLATED = (("helmCharts",), ("helmChartInflationGenerator",))
"""Where a kustomization holds values of charts."""
Value = Callable[[str], str | None]


class ImageMap(Struct, frozen=True):
    """A map that spells an image. `tag` and `digest` are its own entries, `site` what a person would edit."""

    mapping: yaml.Mapping
    family: Family
    tag: yaml.Entry | None
    digest: yaml.Entry | None
    site: yaml.Scalar | yaml.Alias
    keys: Keys

    @property
    def written_digest(self) -> Span | None:
        """Where the map's own digest stands, an alias excepted."""
        value = self.digest.value if self.digest is not None else None
        return value.inner if isinstance(value, yaml.Scalar) else None


def image_maps(document: yaml.Document, fleet: Fleet) -> tuple[ImageMap, ...]:
    """All image maps of a document; asked for often, found once."""
    memo = document.source.memo
    key = ("image-maps", document.span)
    if key not in memo:
        memo[key] = tuple(_find(document, fleet))
    found: tuple[ImageMap, ...] = memo[key]
    return found


def repository(value: Value, family: Family, keys: Keys) -> str | None:
    """The repository that the partner keys spell, registry included; None where they spell none."""
    names = [name for name in family.names if name != "name" or is_image_place(keys)]
    first = next(((name, text) for name in names if (text := value(name))), None)
    if first is None:
        return None
    found = first[1]
    if first[0] == "repository" and (image := value("image")) and "/" not in image and ":" not in image:
        found = f"{found}/{image}"
    registry = next((text for key in family.registries if (text := value(key))), None)
    if registry and not found.startswith(f"{registry}/"):
        found = f"{registry.rstrip('/')}/{found}"
    return found


def values_in(fleet: Fleet, view: View) -> Value:
    """What one release says at the keys of a map."""
    return lambda key: fleet.effective(view.stack, (*view.keys, key)).text


def _find(document: yaml.Document, fleet: Fleet) -> Iterator[ImageMap]:
    variables = fleet.substitutions.set_in(document.source.path) if document.source.outer is None else {}
    is_kustomize = surface(document) == "kustomize"
    known = told(document, fleet)
    for mapping in document.mappings:
        if is_kustomize and yaml.keys_of(mapping)[:1] not in INFLATED:
            continue
        if id(mapping) in known.parts or id(mapping) in known.left:
            continue
        for family in families_in(mapping.index.keys()):
            image = _read(document, mapping, family, fleet)
            is_entry = image is not None and image.keys[-3:-1] == ("kustomize", "images")
            if image is not None and not is_entry and image.site.start not in variables:
                yield image


def _read(document: yaml.Document, mapping: yaml.Mapping, family: Family, fleet: Fleet) -> ImageMap | None:
    tag, digest = mapping.get(family.tag), mapping.get(family.digest)
    keys = yaml.keys_of(mapping)
    if tag is None and is_complete(mapping.text(family.ref) or ""):
        return None
    name = repository(mapping.text, family, keys)
    views = tuple(place.view for place in fleet.places(document, keys))
    if name is None:
        name = _name_in_stacks(views, family, fleet)
    is_evident = family_of(family.tag) is not None and is_image_map(mapping, family, keys, name)
    if name is None and not (is_image_place(keys) or mapping.text(family.tag) or mapping.text(family.digest)):
        return None
    is_asked = name is None or yaml.lookup(mapping, family.tag) is None
    if not (is_evident or (is_asked and _is_shown(views, mapping, family, fleet))):
        return None
    site = _site(mapping, family, tag, digest)
    if _is_said_elsewhere(views, mapping, family, fleet):
        return None
    return None if site is None else ImageMap(mapping, family, tag, digest, site, keys)


def _site(
    mapping: yaml.Mapping, family: Family, tag: yaml.Entry | None, digest: yaml.Entry | None
) -> yaml.Scalar | yaml.Alias | None:
    """The tag's scalar; the digest's where that is what counts; the repository's where there is neither."""
    filled = digest is not None and is_digest(mapping.text(family.digest) or "")
    named = next((entry for name in family.names if (entry := mapping.get(name)) is not None), None)
    entry = digest if filled and not (mapping.text(family.tag) or "") else (tag or named)
    value = entry.value if entry is not None else None
    if isinstance(value, yaml.Alias):
        return value if isinstance(value.target, yaml.Scalar) else None
    return value if isinstance(value, yaml.Scalar) else None


def _is_said_elsewhere(views: tuple[View, ...], mapping: yaml.Mapping, family: Family, fleet: Fleet) -> bool:
    """Whether the map says no tag and no digest itself, and some other layer does in every release."""
    if not views or mapping.text(family.tag) or mapping.text(family.digest):
        return False
    said = (values_in(fleet, view) for view in views)
    return all(value(family.tag) or value(family.digest) or is_complete(value(family.ref) or "") for value in said)


def _is_shown(views: tuple[View, ...], mapping: yaml.Mapping, family: Family, fleet: Fleet) -> bool:
    """Whether some release's chart puts the tag that stands here behind a name that it spells itself.

    Or the name that stands here before a tag from elsewhere.
    """
    if not (mapping.text(family.tag) or mapping.text(family.digest) or any(map(mapping.text, family.names))):
        return False
    readings = (fleet.reading(view.stack, view.keys, family.tag) for view in views)
    return any(reading is not None and reading.is_read for reading in readings)


def _name_in_stacks(views: tuple[View, ...], family: Family, fleet: Fleet) -> str | None:
    for view in views:
        name = repository(values_in(fleet, view), family, view.keys)
        if name is not None:
            return name
    return None
