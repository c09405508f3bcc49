"""The names under which a values map spells an image: which key holds the tag, and which are its partners."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_PREFIXED_TAG = re.compile(r"(?P<prefix>(?:.*(?:[a-z0-9]I|[_-]i)|i)mage)(?P<tag>Tag|_tag|-tag)")
_PREFIXED_PARTNERS = {
    "Tag": ("Repository", "Repo", "Name", "", "Registry", "Digest", "PullPolicy"),
    "_tag": ("_repository", "_repo", "_name", "", "_registry", "_digest", "_pull_policy"),
    "-tag": ("-repository", "-repo", "-name", "", "-registry", "-digest", "-pull-policy"),
}


@dataclass(frozen=True, slots=True)
class Family:
    """Keys that belong together; `names` are tried in order for the repository."""

    tag: str
    digest: str
    registries: tuple[str, ...]
    names: tuple[str, ...]
    pull_policies: tuple[str, ...]
    is_prefixed: bool


PLAIN = Family(
    tag="tag",
    digest="digest",
    registries=("registry", "hub"),
    names=("repository", "repo", "image", "imageName", "name"),
    pull_policies=("pullPolicy", "imagePullPolicy"),
    is_prefixed=False,
)


@lru_cache(maxsize=4096)
def family_of(key: str) -> Family | None:
    """The family whose tag key this is (`tag`, `imageTag`, `proxy_image_tag`, …), None for any other key."""
    if key == "tag":
        return PLAIN
    match = _PREFIXED_TAG.fullmatch(key)
    if match is None:
        return None
    prefix = match["prefix"]
    *names, registry, digest, policy = (prefix + suffix for suffix in _PREFIXED_PARTNERS[match["tag"]])
    if prefix == "image":
        names.append("repository")
    policies = (policy, "imagePullPolicy", "pullPolicy") if prefix == "image" else (policy,)
    return Family(key, digest, (registry,), tuple(names), policies, True)
