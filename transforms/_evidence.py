"""Whether a map with a tag, a digest or a repository is about an image: no Git source, no chart, no `tag:` of a log."""

from __future__ import annotations

from codemod.fleet.families import Family, completes
from codemod.formats import yaml
from codemod.reference import Reference, is_digest
from codemod.transform import Keys
from transforms._keys import LABELS, candidate, is_computed, is_image_key, is_spelled_out, names_host

_VERSION_SIBLINGS = frozenset(("version", "imageVersion", "image_version", "image-version"))
_IMAGE_SIBLINGS = frozenset("pullPolicy imagePullPolicy pullSecrets imagePullSecrets registry digest".split())
_GIT_SIBLINGS = frozenset("branch revision commit chart repoURL targetRevision ref gitRef submodules".split())
_GIT_PARENTS = frozenset("git source ref chart helm repo scm checkout sync gitSync oci release with version".split())


def is_image_map(mapping: yaml.Mapping, family: Family, keys: Keys, name: str | None) -> bool:
    """Whether a map is about an image; `name` is the repository that it, or a release, spells for it."""
    index = mapping.index
    if mapping.key in LABELS:
        return False
    place = is_image_place(keys)
    evident = place or family.is_prefixed or not _IMAGE_SIBLINGS.isdisjoint(index)
    if name is None:
        return evident and family.tag in index and not (_is_gitlike(mapping) and not place)
    if "://" in name or name.endswith(".git") or name.startswith("git@"):
        return False
    if not is_computed(name) and candidate(name) is None:
        return False
    untagged = not mapping.text(family.tag)
    if untagged and is_complete(name):
        return False
    whole = [key for key in family.names if is_image_key(key) or (place and (key == "name" or untagged))]
    if any(is_complete(mapping.text(key) or "") for key in whole):
        return False
    if family.tag not in index:
        near = place or "pullPolicy" in index
        has_digest = family.digest in index and (near or family.is_prefixed or "image" in index)
        is_pinned = is_digest(mapping.text(family.digest) or "") and not _is_gitlike(mapping)
        return has_digest or is_pinned or (near and "repository" in index)
    return evident or is_spelled_out(name) or not _is_gitlike(mapping)


def is_image_place(keys: Keys) -> bool:
    """Whether the nearest map key on the way names images: then `name` is a repository, too."""
    last = next((key for key in reversed(keys) if isinstance(key, str)), "")
    return is_image_key(last) or last == "images"


def is_git_place(keys: Keys) -> bool:
    """Whether a tag at these keys is by all appearance one of Git or of a chart: `git.tag`."""
    return len(keys) > 1 and keys[-2] in _GIT_PARENTS


def is_complete(text: str) -> bool:
    """Whether a text is a reference that needs no tag from elsewhere."""
    reference = candidate(text)
    return reference is not None and (reference.tag is not None or reference.digest is not None)


def partner_beside(mapping: yaml.Mapping, key: str, reference: Reference) -> str | None:
    """The key beside an image that says more about what it names: tag or version of a bare name, else a digest."""
    partners = (sibling for sibling in mapping.index if completes(sibling, key))
    if not is_bare(reference):
        return next((name for name in partners if name.lower().endswith("digest") and mapping.text(name)), None)
    is_part = "repository" in mapping.index and not names_host(mapping.text(key) or "")
    known = next(partners, None) or ("repository" if is_part else None)
    return known or next((name for name in mapping.index if name in _VERSION_SIBLINGS), None)


def is_bare(reference: Reference) -> bool:
    """Whether a name has neither a tag nor a digest."""
    return reference.tag is None and reference.digest is None


def _is_gitlike(mapping: yaml.Mapping) -> bool:
    return mapping.key in _GIT_PARENTS or not _GIT_SIBLINGS.isdisjoint(mapping.index)
