"""What a migration may change: an image gains a digest, the pull policy beside it calms down, and what follows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from codemod.patterns import on_use
from codemod.reference import Reference, is_digest, try_parse

IMAGE, PULL_POLICY, CHECKSUM, NAME = "image", "pull-policy", "checksum", "name"


class Known:
    """Digests as far as they are known, by `digest_of` (None: unknown); an image that it does not know may gain any.

    `has_had` says whether a reference is known to have, or to have had, the digest that it carries: to such a one
    another digest of the repository may move, back to an older one as well.
    """

    def __init__(
        self, digest_of: Callable[[Reference], str | None], has_had: Callable[[Reference], bool] = lambda _: False
    ) -> None:
        self._digest_of = digest_of
        self.has_had = has_had

    def allows(self, reference: Reference, digest: str) -> bool:
        """Whether nothing known speaks against a digest of an image."""
        return self._digest_of(reference) in (None, digest)


Planned = Mapping[str, str] | Known
"""Digests by the reference (with its tag, normalised) that they were planned for, and no other; or those known."""

REFERENCE_MAX = 512
"""No image reference is longer: 255 characters of name, 128 of tag, and a digest."""

_POLICY_KEY = on_use(r"(?:.*[_.-])?pull[_.-]?policy|.*PullPolicy", re.IGNORECASE)
_POLICY_FLAG = on_use(r".*pull[_-]?policy", re.IGNORECASE | re.DOTALL)
_HASH = on_use(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PART_OF_HASH = on_use(r"[0-9a-f]{8,64}")
_SEPARATORS = on_use(r"""([\s"'`,;=<>|()\[\]{}\\]+|(?<![A-Za-z0-9])docker://|oci://)""")
_REPOSITORY_KEYS = ("repository", "newName", "name", "image")


def is_pinning(before: str, after: str, planned: Planned | None, *, is_image: bool = True) -> bool:
    """Whether the one text is an image reference and the other the same with a digest, the planned one if there is.

    Where nothing says that an image stands there (`is_image`) and nothing is planned, a bare word (`dev`) is none.
    """
    if "@" not in after or max(len(before), len(after)) > REFERENCE_MAX:
        return False
    if not is_image and (planned is None or isinstance(planned, Known)) and not any(mark in before for mark in "/:@"):
        return False
    old, new = try_parse(before), try_parse(after)
    if old is None or new is None or new.digest is None or old.name != new.name:
        return False
    if old.digest is not None and old.digest != new.digest:
        return (old.tag is None) == (new.tag is None) and _may_move(new, planned)
    if old.digest is not None:
        return new.tag in (None, old.tag)
    return new.tag in (None, old.effective_tag) and _is_planned(old, new.digest, planned)


def are_pinnings(before: str, after: str, planned: Planned | None) -> bool:
    """Whether two texts (a command line, a script) differ only in images that gain a digest, and policies with them."""
    old, new = _SEPARATORS.split(before), _SEPARATORS.split(after)
    if len(old) != len(new):
        return False
    last = ""
    for one, other in zip(old, new, strict=True):
        is_calmed = is_calming(one, other) and _POLICY_FLAG.fullmatch(last) is not None
        if one != other and not is_calmed and not is_pinning(one, other, planned, is_image=False):
            return False
        if not _SEPARATORS.fullmatch(one):
            last = one.strip(":") or last
    return True


def is_policy_key(key: object) -> bool:
    """Whether a key names a pull policy: `imagePullPolicy`, `pullPolicy`, `IMAGE_PULL_POLICY`."""
    return isinstance(key, str) and _POLICY_KEY.fullmatch(key) is not None


def is_calming(before: object, after: object) -> bool:
    """Whether a value goes from `Always` to `IfNotPresent`."""
    return before == "Always" and after == "IfNotPresent"


def has_floating_image(container: Mapping[Any, Any]) -> bool:
    """Whether an image that a pull policy beside it may govern has no digest, in it or under a key of its own."""
    waiting: list[Any] = [container]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
            has_digest = any(isinstance(inner, str) and is_digest(inner) for inner in value.values())
            if not has_digest and any(_is_unpinned(key, inner) for key, inner in value.items()):
                return True
    return False


def _is_unpinned(key: object, value: object) -> bool:
    if not isinstance(key, str) or not key.lower().endswith("image") or not isinstance(value, str) or not value:
        return False
    reference = try_parse(value)
    return reference is None or reference.digest is None


def is_checksum(key: object, before: object, after: object) -> bool:
    """Whether a label or annotation says what another text's hash is: a `checksum/` key, or a SHA-1 or SHA-256."""
    if not isinstance(key, str) or not isinstance(before, str) or not isinstance(after, str):
        return False
    if key.startswith("checksum/"):
        return True
    if len(before) != len(after):
        return False
    names_it = "checksum" in key.lower() or "hash" in key.lower()
    pattern = _PART_OF_HASH if names_it else _HASH
    return pattern.fullmatch(before) is not None and pattern.fullmatch(after) is not None


def pinned_keys(before: Mapping[Any, Any], after: Mapping[Any, Any], planned: Planned | None) -> frozenset[str]:
    """The keys of an image in values by which it gained a digest: the digest's own, and its tag's if that went.

    `tag: dev` becomes `digest: sha256:…`, beside it or in its place, or `dev@sha256:…`.
    """
    found: set[str] = set()
    for key, new in after.items():
        if not isinstance(key, str) or not isinstance(new, str) or before.get(key) == new:
            continue
        old = before.get(key)
        if key.lower().endswith("digest") and is_digest(new) and not old:
            found |= _digest_keys(key, before, after, planned)
        elif key.lower().endswith("digest") and isinstance(old, str) and is_digest(old) and is_digest(new):
            name = _repository(after)
            reference = try_parse(f"{name}@{new}") if name is not None else None
            found |= {key} if reference is not None and _may_move(reference, planned) else set()
        elif key.lower().endswith("tag") and _is_tag_with_digest(before, key, new, planned):
            found.add(key)
    return frozenset(found)


def _digest_keys(
    key: str, before: Mapping[Any, Any], after: Mapping[Any, Any], planned: Planned | None
) -> frozenset[str]:
    stem = key[: -len("digest")].lower()
    tags = [other for other in before if isinstance(other, str) and other.lower() in (f"{stem}tag", f"{stem}newtag")]
    tag = next((str(before[other]) for other in tags if before[other]), None)
    if not _is_digest_of(_repository(before), tag, after[key], planned):
        return frozenset()
    return frozenset({key, *(other for other in tags if not after.get(other))})


def _is_tag_with_digest(before: Mapping[Any, Any], key: str, new: str, planned: Planned | None) -> bool:
    tag, _, digest = new.partition("@")
    same = tag == str(before.get(key, ""))
    return same and is_digest(digest) and _is_digest_of(_repository(before), tag, digest, planned)


def _repository(values: Mapping[Any, Any]) -> str | None:
    """The repository that a map of values names, with its registry."""
    texts = (values.get(key) for key in _REPOSITORY_KEYS)
    repository = next((text for text in texts if isinstance(text, str) and text), None)
    registry = values.get("registry")
    return f"{registry}/{repository}" if repository and isinstance(registry, str) and registry else repository


def _is_digest_of(repository: str | None, tag: str | None, digest: str, planned: Planned | None) -> bool:
    """Whether a digest is the one planned for the image, or for any where the repository stands elsewhere."""
    if planned is None:
        return True
    reference = try_parse(f"{repository}:{tag}" if tag else repository) if repository else None
    if isinstance(planned, Known):
        return reference is None or planned.allows(reference.lookup, digest)
    if reference is not None and str(reference.lookup) in planned:
        return planned[str(reference.lookup)] == digest
    return digest in planned.values()


def _may_move(new: Reference, planned: Planned | None) -> bool:
    """Whether an image that has a digest already may have another one: one that the lock knows it by."""
    return isinstance(planned, Known) and planned.has_had(new)


def _is_planned(old: Reference, digest: str, planned: Planned | None) -> bool:
    if planned is None:
        return True
    if isinstance(planned, Known):
        return planned.allows(old.lookup, digest)
    return planned.get(str(old.lookup)) == digest
