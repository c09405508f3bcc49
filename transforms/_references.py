"""Whole image references in a YAML document: under image keys, in lists of images, in environment variables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from codemod.formats import yaml
from codemod.place import VALUES
from codemod.reference import Reference
from transforms._documents import has_registry_above, kind, surface
from transforms._keys import (
    candidate,
    is_computed,
    is_image_key,
    is_image_list_key,
    is_image_variable,
    is_no_container_parent,
    is_spelled_out,
)

_TAG_SIBLINGS = ("tag", "imageTag", "image_tag", "image-tag")
_VERSION_SIBLINGS = frozenset(("version", "imageVersion", "image_version", "image-version"))
_CONTAINER_SIBLINGS = frozenset(
    "command args ports env envFrom volumeMounts imagePullPolicy pullPolicy resources livenessProbe readinessProbe "
    "securityContext entrypoint restartPolicy restart workingDir lifecycle serviceAccountName imagePullSecrets "
    "replicas container_name".split()
)
_CONTAINER_LISTS = frozenset(
    "containers initContainers ephemeralContainers sidecars extraContainers extraInitContainers steps "
    "sidecarContainers services".split()
)


@dataclass(frozen=True, slots=True)
class Whole:
    """One scalar that is, or computes, a whole reference. `reference` is None where it is computed."""

    scalar: yaml.Scalar
    mapping: yaml.Mapping | None
    text: str
    reference: Reference | None
    reason: str | None = None
    message: str = ""


def references(document: yaml.Document) -> tuple[Whole, ...]:
    """All whole references of a document, computed ones included; asked for often, found once."""
    memo = document.source.memo
    key = ("references", document.span)
    if key not in memo:
        memo[key] = tuple(_find(document))
    found: tuple[Whole, ...] = memo[key]
    return found


def _find(document: yaml.Document) -> Iterator[Whole]:
    for mapping in document.mappings:
        for entry in mapping.entries:
            if not isinstance(entry.key, yaml.Scalar):
                continue
            key, value = entry.key.value, entry.value
            if isinstance(value, yaml.Scalar):
                strict = not is_image_key(key)
                if (strict and not _is_variable_value(key, mapping)) or is_no_container_parent(key):
                    continue
                whole = _read(document, value, mapping, strict)
                if whole is not None:
                    yield whole
            elif isinstance(value, yaml.Sequence) and is_image_list_key(key) and not _is_kustomize(document):
                for item in value.items:
                    if isinstance(item, yaml.Scalar) and (whole := _read(document, item, None, True)) is not None:
                        yield whole


def _is_variable_value(key: str, mapping: yaml.Mapping) -> bool:
    return key == "value" and is_image_variable(mapping.text("name") or "")


def _is_kustomize(document: yaml.Document) -> bool:
    return surface(document) == "kustomize"


def _read(document: yaml.Document, scalar: yaml.Scalar, mapping: yaml.Mapping | None, strict: bool) -> Whole | None:
    """Decide what a scalar at an image's place is; `strict` wants more than a bare word."""
    if mapping is not None and ("build" in mapping.index or _is_about_pictures(mapping)):
        return None
    if scalar.templated or is_computed(scalar.value):
        return _computed(document, scalar, mapping, strict)
    text = scalar.value.strip()
    reference = candidate(text) if scalar.is_text else None
    if reference is None:
        return None
    spelled_out = is_spelled_out(text)
    if reference.tag is None and reference.digest is None and mapping is not None:
        if any(key in mapping.index for key in _TAG_SIBLINGS) or "repository" in mapping.index:
            return None
        if not _VERSION_SIBLINGS.isdisjoint(mapping.index):
            message = "an operator or chart appends the version beside it to this name"
            return Whole(scalar, mapping, text, None, "computed-reference", message)
    if not spelled_out and (strict or not _is_container(document, scalar, mapping)):
        return None
    if "/" not in text and mapping is not None and not kind(document) and has_registry_above(mapping):
        return Whole(scalar, mapping, text, None, "computed-reference", "a chart puts a registry before this name")
    reason = "anchor-shared" if _serves_others(document, scalar) else None
    return Whole(scalar, mapping, text, reference, reason)


def _computed(document: yaml.Document, scalar: yaml.Scalar, mapping: yaml.Mapping | None, strict: bool) -> Whole | None:
    text = document.source.text(scalar.inner).strip()
    if strict and not ("/" in text or ":" in text):
        return None
    return Whole(scalar, mapping, text, None, "computed-reference", "a template computes this reference")


def _is_about_pictures(mapping: yaml.Mapping) -> bool:
    here: yaml.Node | None = mapping
    for _ in range(2):
        if here is None or here.parent is None:
            return False
        if is_no_container_parent(here.key):
            return True
        here = here.parent if isinstance(here.parent, yaml.Sequence) else None
    return False


def _is_container(document: yaml.Document, scalar: yaml.Scalar, mapping: yaml.Mapping | None) -> bool:
    """Whether a bare word here can only be an image: a Kubernetes object, a compose file, a container's map, values."""
    if mapping is None:
        return False
    if kind(document) or surface(document) in ("compose", "github-workflow"):
        return True
    if not _CONTAINER_SIBLINGS.isdisjoint(mapping.index):
        return True
    holder = mapping.parent.key if isinstance(mapping.parent, yaml.Sequence) else mapping.key
    if holder in _CONTAINER_LISTS:
        return True
    return scalar.key == "image" and VALUES in document.source.place


def _serves_others(document: yaml.Document, scalar: yaml.Scalar) -> bool:
    """Whether an alias puts this scalar's text where no image is named."""
    if scalar.anchor is None:
        return False
    return any(
        alias.target is scalar and not (isinstance(alias.key, str) and is_image_key(alias.key))
        for alias in document.aliases
    )
