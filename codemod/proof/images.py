"""The images that rendered objects name, and those among them that no site of the inventory explains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from codemod.formats.yaml.definition import DEFINITION
from codemod.formats.yaml.kubernetes import CONTAINERS, WORKLOADS
from codemod.proof.objects import Object
from codemod.reference import try_parse

Rendered = Mapping[str, tuple[str, ...]]
"""References as they are rendered, each with its places (`Deployment/web spec.containers[web].image`)."""


class Unexplained(Struct, frozen=True):
    """An image that a release renders and that no site names."""

    reference: str
    places: tuple[str, ...]


def rendered_images(objects: Iterable[Object]) -> Rendered:
    """Every image of the objects: of containers, of image volumes, and under an `image` key at any place.

    Outside of containers a text counts that can be nothing else than a reference: with a tag, a digest or a path.
    Schemas (`CustomResourceDefinition`) name none.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for item in objects:
        if item.kind != DEFINITION:
            for text, path in _images(item.content, (), item.kind in WORKLOADS):
                found[text].append(f"{item.label} {'.'.join(path)}")
    return {text: tuple(places) for text, places in sorted(found.items())}


def unexplained(rendered: Rendered, explained: Iterable[str]) -> tuple[Unexplained, ...]:
    """The rendered images that are none of `explained`, texts that are no reference included.

    Two references are one image if they have the same digest, whatever their tags, or the same tag and no digest.
    """
    known = {_identity(text) for text in explained}
    return tuple(Unexplained(text, places) for text, places in rendered.items() if _identity(text) not in known)


def _identity(text: str) -> str:
    reference = try_parse(text)
    if reference is None:
        return text
    return f"{reference.name}@{reference.digest}" if reference.digest is not None else str(reference)


def _images(value: Any, path: tuple[str, ...], is_workload: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from _images(item, (*path[:-1], f"{path[-1] if path else ''}[{_name(item) or at}]"), is_workload)
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        here = (*path, str(key))
        if _is_image(key, inner, path, is_workload):
            yield inner, here
        elif key == "image" and isinstance(inner, dict) and _is_reference(inner.get("reference"), path, is_workload):
            yield inner["reference"], (*here, "reference")
        else:
            yield from _images(inner, here, is_workload)


def _is_image(key: object, value: object, path: tuple[str, ...], is_workload: bool) -> bool:
    if key != "image" or not isinstance(value, str) or not value.strip():
        return False
    in_container = bool(path) and path[-1].partition("[")[0] in CONTAINERS
    return in_container or (_looks_like_reference(value) and not _is_metadata(path))


def _is_reference(value: object, path: tuple[str, ...], is_workload: bool) -> bool:
    in_volume = bool(path) and path[-1].partition("[")[0] == "volumes"
    return isinstance(value, str) and (in_volume or (is_workload and _looks_like_reference(value)))


def _is_metadata(path: tuple[str, ...]) -> bool:
    return any(step in ("labels", "annotations") for step in path)


def _looks_like_reference(text: str) -> bool:
    return any(mark in text for mark in "/:@") and try_parse(text) is not None


def _name(item: Any) -> str:
    name = item.get("name") if isinstance(item, dict) else None
    return name if isinstance(name, str) else ""
