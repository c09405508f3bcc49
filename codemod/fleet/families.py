"""The names under which a values map spells an image: which key holds the tag, and which are its partners."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from msgspec import Struct

from codemod.patterns import on_use

_PREFIXED = on_use(r"(?P<prefix>(?:.*(?:[a-z0-9]I|[_-]i)|i)mage)(?:(?P<camel>Tag|Digest)|(?P<mark>[_-])(?:tag|digest))")
_ENDING = on_use(r"(?P<prefix>.*[a-z0-9])(?:(?:Tag|Digest)|(?P<mark>[_-])(?:tag|digest))")
_NAMED = on_use(r"(?P<prefix>.*[iI]mage)(?:Repository|(?P<mark>[_-])repository)")
_PARTNERS = {
    None: ("Repository", "Repo", "Name", "", "Registry", "Tag", "Digest", "PullPolicy", "Ref"),
    "_": ("_repository", "_repo", "_name", "", "_registry", "_tag", "_digest", "_pull_policy", "_ref"),
    "-": ("-repository", "-repo", "-name", "", "-registry", "-tag", "-digest", "-pull-policy", "-ref"),
}
_COMPLETING = on_use(r"(.*?)(?:image)?(?:tag|digest)")
_NAMING = on_use(r"(.*?)(?:image)?(?:name|ref|reference|url|uri)?")


class Family(Struct, frozen=True):
    """Keys that belong together; `names` are tried in order for the repository."""

    tag: str
    digest: str
    registries: tuple[str, ...]
    names: tuple[str, ...]
    pull_policies: tuple[str, ...]
    is_prefixed: bool
    ref: str
    """The key that may hold a whole reference instead."""


PLAIN = Family(
    tag="tag",
    digest="digest",
    registries=("registry", "hub"),
    names=("repository", "repo", "image", "imageName", "name"),
    pull_policies=("pullPolicy", "imagePullPolicy"),
    is_prefixed=False,
    ref="ref",
)


@lru_cache(maxsize=4096)
def family_of(key: str) -> Family | None:
    """The family whose tag or digest key this is (`tag`, `imageTag`, `proxy_image_digest`, …), None for any other."""
    if key in ("tag", "digest"):
        return PLAIN
    match = _PREFIXED.fullmatch(key)
    if match is None:
        return None
    prefix = match["prefix"]
    *names, registry, tag, digest, policy, ref = (prefix + suffix for suffix in _PARTNERS[match["mark"]])
    if prefix == "image":
        names.append("repository")
    policies = (policy, "imagePullPolicy", "pullPolicy") if prefix == "image" else (policy,)
    return Family(tag, digest, (registry,), tuple(names), policies, True, ref)


@lru_cache(maxsize=4096)
def tag_family(key: str) -> Family | None:
    """The same for any key that ends with the word (`webTag`, `web_digest`), whose name may stand in a template."""
    match = _ENDING.fullmatch(key)
    found = family_of(key)
    if found is not None or match is None:
        return found
    prefix = match["prefix"]
    tag, digest, policy, ref = (prefix + _PARTNERS[match["mark"]][at] for at in (5, 6, 7, 8))
    return Family(tag, digest, (), (), (policy,), False, ref)


def families_in(keys: Collection[str]) -> dict[Family, None]:
    """The families of a map's keys: of its tags and digests, of its repositories where it has neither."""
    found: dict[Family, None] = {family: None for key in keys if (family := tag_family(key)) is not None}
    if found or "repository" in keys:
        return found or {PLAIN: None}
    return {family: None for key in keys if (family := _named_family(key)) is not None}


@lru_cache(maxsize=4096)
def _named_family(key: str) -> Family | None:
    """The family of a key that names an image's repository (`imageRepository`)."""
    match = _NAMED.fullmatch(key)
    return (
        None
        if match is None
        else family_of(f"{match['prefix']}{match['mark'] or ''}{'tag' if match['mark'] else 'Tag'}")
    )


@lru_cache(maxsize=4096)
def partners_of(key: str) -> tuple[str, ...]:
    """The keys that may hold the tag or digest of what an image key names (`tag`, `imageTag`, `proxyImage_tag`, …)."""
    marks = ("Tag", "_tag", "-tag", "Digest", "_digest", "-digest")
    return tuple(dict.fromkeys(("tag", "digest", *(name + mark for name in ("image", key) for mark in marks))))


@lru_cache(maxsize=4096)
def completes(sibling: str, key: str) -> bool:
    """Whether a key beside that of an image holds its tag or digest (`tag`; `proxyTag` beside `proxyImage`)."""
    part, name = (_COMPLETING.fullmatch(_plain(sibling)), _NAMING.fullmatch(_plain(key)))
    return part is not None and name is not None and part[1] in ("", name[1])


def _plain(key: str) -> str:
    return key.lower().replace("_", "").replace("-", "").replace(".", "")
