"""Which keys hold pull policies, and which of these are `Always`."""

from __future__ import annotations

import re

from codemod.formats import yaml

POLICY_KEY = re.compile(
    r"pullPolicy|imagePullPolicy|packagePullPolicy|image_?pull_?policy|image-pull-policy|.*ImagePullPolicy|.*_image_pull_policy"
)
ALWAYS, IF_NOT_PRESENT = "Always", b"IfNotPresent"


def is_always(entry: yaml.Entry) -> bool:
    """Whether an entry is a pull policy `Always`."""
    key, value = entry.key, entry.value
    return (
        isinstance(key, yaml.Scalar)
        and isinstance(value, yaml.Scalar)
        and value.value == ALWAYS
        and POLICY_KEY.fullmatch(key.value) is not None
    )
