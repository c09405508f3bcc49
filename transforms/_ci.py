"""Images of CI jobs: written out, or in a variable that stands for nothing but images."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.source import Source, Span
from codemod.transform import Fact, Image, Left, Rendering
from transforms._keys import candidate, is_computed, is_image_key, is_image_variable
from transforms._places import is_about_pictures
from transforms._scripts import KEYS, floating, scripts
from transforms._whole import pin_edits


class Variable(Struct, frozen=True):
    """A variable that a text consists of: what matches any mention of it, and where its values are written."""

    mention: re.Pattern[bytes]
    values: tuple[yaml.Scalar, ...]


class Place(Struct, frozen=True):
    """Where a job names an image, behind a prefix such as `docker://`."""

    scalar: yaml.Scalar
    prefix: str = ""

    @property
    def text(self) -> str:
        return self.scalar.value[len(self.prefix) :]


def facts(
    document: yaml.Document,
    places: list[Place],
    variable: Callable[[str], Variable | None],
    surface: str,
    fleet: Fleet,
) -> Iterator[Fact]:
    """The images of a CI file, the values of variables that stand for them, and names that may be for anything."""
    variables = {place: variable(place.text) for place in places}
    seen: set[yaml.Scalar] = set()
    for place, found in variables.items():
        whole = [other for other in variables if found and found.mention.search(other.text.encode())]
        if found and found.values and len(found.mention.findall(document.text)) == len(whole):
            sites = [Place(value) for value in found.values]
        else:
            sites = [place]
        for site in sites:
            if site.scalar not in seen and (image := _image(document.source, site, surface, fleet)) is not None:
                yield image
            seen.add(site.scalar)
    yield from _others(document, seen, surface, fleet)


def texts(node: yaml.Node | None, key: str) -> Iterator[yaml.Scalar]:
    """An image that is a text, or a map with the name under a key."""
    found = yaml.lookup(node, key) if isinstance(node, yaml.Mapping) else yaml.target(node)
    if isinstance(found, yaml.Scalar):
        yield found


def values(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """The values of a map or the items of a list, aliases followed."""
    if isinstance(node, yaml.Mapping):
        yield from (found for entry in node.entries if (found := yaml.target(entry.value)) is not None)
    elif isinstance(node, yaml.Sequence):
        yield from (found for item in node.items if (found := yaml.target(item)) is not None)


def _image(source: Source, place: Place, surface: str, fleet: Fleet) -> Image | None:
    scalar, text = place.scalar, place.text
    span = Span(scalar.inner.start + len(place.prefix.encode()), scalar.inner.end)
    if scalar.templated or is_computed(text) or "<<" in text:
        return Image(span, surface, text, (Rendering(None),), reason="computed-reference")
    reference = candidate(text)
    if reference is None:
        return None
    return Image(span, surface, text, (Rendering(reference),), pin_edits(source, span, text, fleet.config.floats))


def _others(document: yaml.Document, seen: set[yaml.Scalar], surface: str, fleet: Fleet) -> Iterator[Fact]:
    """Floating references in scripts, and under image keys elsewhere: a step may pull, build or push those."""
    for mapping in document.mappings:
        for entry in mapping.entries:
            key, value = entry.key, entry.value
            if isinstance(key, yaml.Scalar) and key.value in KEYS:
                for script in scripts(value):
                    yield from floating(document, script, surface, fleet)
            if not isinstance(key, yaml.Scalar) or not isinstance(value, yaml.Scalar) or value in seen:
                continue
            if is_about_pictures(mapping, value.value):
                continue
            if is_image_key(key.value) or is_image_variable(key.value) or _is_default(key.value, mapping):
                reference = None if is_computed(value.value) else candidate(value.value)
                tag = reference.tag if reference is not None else None
                if tag is not None and fleet.config.floats(tag):
                    yield Left(value.inner, surface, "purpose-unknown", value.value)


def _is_default(key: str, mapping: yaml.Mapping) -> bool:
    """Whether a map that is called like an image says under a key what that is by default."""
    name = mapping.key
    return key in ("default", "value") and isinstance(name, str) and (is_image_key(name) or is_image_variable(name))
