"""Whole image references in a YAML document: under image keys, in lists of images, in environment variables."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from codemod.fleet import Fleet
from codemod.fleet.families import family_of
from codemod.formats import yaml
from codemod.reference import Reference
from transforms._custom import told
from transforms._documents import surface
from transforms._evidence import is_bare, partner_beside
from transforms._keys import (
    candidate,
    is_computed,
    is_image_key,
    is_image_list_key,
    is_no_container_parent,
    is_spelled_out,
    names_host,
)
from transforms._places import GIVEN, anchored, is_about_pictures, is_container, is_given_value, serves_others
from transforms._registries import has_registry_apart, is_completed_in_chart, releases_with_tag_apart
from transforms._services import builder, is_built
from transforms._variables import default
from transforms._wholes import Whole, computed, known


def references(document: yaml.Document, fleet: Fleet) -> tuple[Whole, ...]:
    """All whole references of a document, computed ones included; asked for often, found once."""
    memo = document.source.memo
    key = ("references", document.span)
    if key not in memo:
        memo[key] = tuple(_find(document, fleet))
    found: tuple[Whole, ...] = memo[key]
    return found


def _find(document: yaml.Document, fleet: Fleet) -> Iterator[Whole]:
    for scalar, is_apart in dict(anchored(document)).items():
        if (whole := _read(document, fleet, scalar, None, True)) is not None:
            yield whole if is_apart or whole.reference is None else replace(whole, reason="anchor-shared")
    yield from known(document, fleet)
    scalars = told(document, fleet).scalars
    filled_in = fleet.substitutions.set_in(document.source.path) if document.source.outer is None else {}
    for mapping in document.mappings:
        is_named = is_image_key(str(mapping.key)) or is_image_list_key(str(mapping.key))
        for entry in mapping.entries:
            if not isinstance(entry.key, yaml.Scalar):
                continue
            key, value = entry.key.value, entry.value
            is_likely = is_named or key in GIVEN or is_image_key(key) or not isinstance(value, yaml.Scalar)
            if not is_likely or filled_in.get(value.start) or id(value) in scalars:
                continue
            if isinstance(value, yaml.Scalar):
                strict = not is_image_key(key)
                elsewhere = is_given_value(key, mapping) or _is_below_image_key(key, value, mapping)
                elsewhere = elsewhere or _is_listed(document, value, mapping)
                if (strict and not elsewhere) or is_no_container_parent(key):
                    continue
                whole = _read(document, fleet, value, mapping, strict)
                if whole is not None:
                    yield whole
            elif isinstance(value, yaml.Sequence) and is_image_list_key(key) and not _is_entries(document, mapping):
                for item in value.items:
                    if (
                        isinstance(item, yaml.Scalar)
                        and id(item) not in scalars
                        and (whole := _read(document, fleet, item, None, True)) is not None
                    ):
                        yield whole


def _is_below_image_key(key: str, value: yaml.Scalar, mapping: yaml.Mapping) -> bool:
    """Whether a map under an image key spells the reference as a whole: `image: {reference: …}`, `image: {name: …}`."""
    if key not in ("reference", "ref", "name", "repository", "repo") or not is_image_key(str(mapping.key)):
        return False
    reference = candidate(value.value)
    if reference is None or (key.startswith("repo") and mapping.text("tag")):
        return False
    return key.startswith("ref") or not is_bare(reference)


def _is_listed(document: yaml.Document, value: yaml.Scalar, mapping: yaml.Mapping) -> bool:
    """Whether a map lists images by names of its own: `images: {web: ghcr.io/acme/web:main}`."""
    if not is_image_list_key(str(mapping.key)) or _is_entries(document, mapping):
        return False
    reference = candidate(value.value)
    return reference is not None and names_host(value.value) and not is_bare(reference)


def _is_entries(document: yaml.Document, mapping: yaml.Mapping) -> bool:
    """Whether the lists of a map are those of a kustomization, or of Argo CD for one, whose `images` are no names."""
    return mapping.key == "kustomize" or (mapping.parent is None and surface(document) == "kustomize")


def _read(
    document: yaml.Document, fleet: Fleet, scalar: yaml.Scalar, mapping: yaml.Mapping | None, strict: bool
) -> Whole | None:
    """Decide what a scalar at an image's place is; `strict` wants more than a bare word."""
    if mapping is not None and (is_built(document, mapping) or is_about_pictures(mapping, scalar.value)):
        return None
    text = scalar.value.strip()
    if (by := builder(document, mapping, text, fleet)) is not None:
        return Whole(scalar, mapping, text, None, "built-here", by)
    if scalar.templated or is_computed(text):
        fallback = default(text)
        if fallback is None or (reference := candidate(fallback)) is None:
            return computed(document, fleet, scalar, mapping, strict)
        return Whole(scalar, mapping, fallback, reference)
    reference = candidate(text) if scalar.is_text else None
    if reference is None:
        return None
    spelled_out = is_spelled_out(text)
    if mapping is not None and (partner := partner_beside(mapping, str(scalar.key), reference)) is not None:
        family = family_of(partner)
        if partner == "repository" or (family is not None and scalar.key in family.names and is_bare(reference)):
            return None
        return Whole(scalar, mapping, text, None, "computed-reference", f"{partner!r} beside it completes this name")
    if mapping is not None and is_bare(reference):
        elsewhere, releases = releases_with_tag_apart(document, scalar, fleet)
        if elsewhere:
            message = "another layer of some releases completes this name"
            return Whole(scalar, mapping, text, None, "computed-reference", message) if elsewhere < releases else None
        if is_completed_in_chart(document, scalar, fleet):
            return Whole(scalar, mapping, text, None, "computed-reference", "a chart completes this name")
    if not spelled_out and (strict or not is_container(document, scalar, mapping)):
        return None
    if mapping is not None and has_registry_apart(document, mapping, text, fleet):
        return Whole(scalar, mapping, text, None, "computed-reference", "a chart puts a registry before this name")
    return Whole(scalar, mapping, text, reference, _obstacle(document, scalar, mapping, reference))


def _obstacle(
    document: yaml.Document, scalar: yaml.Scalar, mapping: yaml.Mapping | None, reference: Reference
) -> str | None:
    """Why a reference stays whatever its digest."""
    if reference.digest is None and mapping is not None and mapping.text("imagePullPolicy") == "Never":
        return "never-pulled"
    return "anchor-shared" if serves_others(document, scalar) else None
