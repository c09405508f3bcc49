"""Where a scalar stands: in a container's map, among pictures, behind an anchor that serves something else, too."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.formats import yaml
from codemod.place import VALUES
from transforms._documents import kind, surface
from transforms._keys import is_image_key, is_image_variable, is_no_container_parent

_CONTAINER_SIBLINGS = frozenset(
    "command args ports env envFrom volumeMounts imagePullPolicy pullPolicy resources livenessProbe readinessProbe "
    "securityContext entrypoint restartPolicy restart workingDir lifecycle serviceAccountName imagePullSecrets "
    "replicas container_name".split()
)
_CONTAINER_LISTS = frozenset(
    "containers initContainers ephemeralContainers sidecars extraContainers extraInitContainers steps "
    "sidecarContainers container services".split()
)


_PARAMETER_LISTS = frozenset(("params", "parameters", "results"))
GIVEN = ("value", "source")
"""The keys whose values may take the place of an image (`is_given_value`)."""


def is_about_pictures(mapping: yaml.Mapping, text: str) -> bool:
    """Whether `text` in a map, or in a list that holds it, stands under a key about pictures, disks or machines."""
    here: yaml.Node | None = mapping
    for _ in range(2):
        if here is None or here.parent is None:
            return False
        if is_no_container_parent(here.key, text):
            return True
        here = here.parent if isinstance(here.parent, yaml.Sequence) else None
    return False


def is_container(document: yaml.Document, scalar: yaml.Scalar, mapping: yaml.Mapping | None) -> bool:
    """Whether a bare word here can only be an image: a Kubernetes object, a compose file, a container's map, values."""
    if mapping is None:
        return False
    if kind(document) or surface(document) in ("compose", "devcontainer"):
        return True
    if not _CONTAINER_SIBLINGS.isdisjoint(mapping.index):
        return True
    holder = mapping.parent.key if isinstance(mapping.parent, yaml.Sequence) else mapping.key
    if holder in _CONTAINER_LISTS:
        return True
    return scalar.key == "image" and VALUES in document.source.place


def merging(document: yaml.Document, mapping: yaml.Mapping) -> Iterator[yaml.Mapping]:
    """The maps that merge this one (`<<: *anchor`, alone or in a list)."""
    for alias in document.aliases:
        if alias.target is mapping:
            holder = alias.parent.parent if isinstance(alias.parent, yaml.Sequence) else alias.parent
            key = alias.parent.key if isinstance(alias.parent, yaml.Sequence) else alias.key
            if key == "<<" and isinstance(holder, yaml.Mapping):
                yield holder


def is_aliased(document: yaml.Document, mapping: yaml.Mapping) -> bool:
    """Whether an alias stands for a map, or for one that it stands in."""
    targets = [alias.target for alias in document.aliases]
    here: yaml.Node | None = mapping if targets else None
    while here is not None and here not in targets:
        here = here.parent
    return here is not None


def serves_others(document: yaml.Document, scalar: yaml.Scalar) -> bool:
    """Whether an alias puts this scalar's text where no image is named."""
    if scalar.anchor is None:
        return False
    return any(
        alias.target is scalar and not (isinstance(alias.key, str) and is_image_key(alias.key))
        for alias in document.aliases
    )


def anchored(document: yaml.Document) -> Iterator[tuple[yaml.Scalar, bool]]:
    """Texts under other keys whose aliases stand under image keys; whether nothing reads them where they are written.

    That is so for extensions of compose (`x-…`).
    """
    for alias in document.aliases:
        scalar = alias.target
        if isinstance(scalar, yaml.Scalar) and isinstance(alias.key, str) and is_image_key(alias.key):
            keys = yaml.keys_of(scalar)
            if not any(isinstance(key, str) and is_image_key(key) for key in keys[-1:]):
                yield scalar, str(keys[0]).startswith("x-") and surface(document) == "compose"


def is_given_value(key: str, mapping: yaml.Mapping) -> bool:
    """Whether the value of an environment variable, or of a JSON patch, takes the place of an image.

    So does the source of a volume that compose makes of an image (`type: image`).
    The name of a parameter of Tekton or of Argo Workflows does not tell: its image may be what is built and pushed.
    """
    if key == "source" and mapping.text("type") == "image":
        return isinstance(mapping.parent, yaml.Sequence) and mapping.parent.key == "volumes"
    if key != "value" or (mapping.parent is not None and mapping.parent.key in _PARAMETER_LISTS):
        return False
    is_patch = mapping.text("op") in ("add", "replace")
    return (is_patch and is_image_key((mapping.text("path") or "").rpartition("/")[2])) or is_image_variable(
        mapping.text("name") or ""
    )
