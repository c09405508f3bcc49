"""Which keys hold pull policies, and which of these are `Always`."""

from __future__ import annotations

from codemod.formats import yaml
from codemod.patterns import on_use

POLICY_KEY = on_use(
    r"pullPolicy|imagePullPolicy|packagePullPolicy|image_?pull_?policy|image-pull-policy|.*ImagePullPolicy|.*_image_pull_policy"
)
ALWAYS, IF_NOT_PRESENT = "Always", b"IfNotPresent"


def is_always(entry: yaml.Entry) -> bool:
    """Whether an entry is a pull policy `Always`, or what a JSON patch puts in the place of one."""
    key, value = entry.key, entry.value
    return (
        isinstance(key, yaml.Scalar)
        and isinstance(value, yaml.Scalar)
        and value.value == ALWAYS
        and (POLICY_KEY.fullmatch(key.value) is not None or (key.value == "value" and patches(entry.mapping)))
    )


def patches(mapping: yaml.Mapping) -> bool:
    """Whether a map is an operation of a JSON patch that sets a pull policy."""
    return (
        mapping.text("op") in ("add", "replace")
        and POLICY_KEY.fullmatch((mapping.text("path") or "").rpartition("/")[2]) is not None
    )


def same_container(one: yaml.Mapping, other: yaml.Mapping) -> bool:
    """Whether two operations of one JSON patch set fields of the same object."""
    one_path, other_path = ((operation.text("path") or "").rpartition("/")[0] for operation in (one, other))
    return one is not other and one.parent is other.parent and one_path == other_path != ""
