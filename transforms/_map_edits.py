"""The edits that pin an image that a values map spells in parts."""

from __future__ import annotations

from collections.abc import Callable

from codemod.edits import DIGEST, Edit
from codemod.formats import yaml
from codemod.reference import Reference
from codemod.source import Source
from transforms._maps import ImageMap


def pin_map_edits(
    source: Source,
    image: ImageMap,
    reference: Reference | None,
    floats: Callable[[str | None], bool],
    keeps_tag: bool = False,
) -> tuple[Edit, ...]:
    """`tag: T` gives way to `digest: sha256:…` where T floats; another tag stays and gets a `digest` below it.

    So does one that is needed elsewhere (`keeps_tag`). No edits where the map is pinned already or where its spelling leaves no safe way.
    """
    if reference is None or image.tag is None or (reference.digest is not None and image.digest is None):
        return ()
    goes = floats(reference.tag) and not keeps_tag
    if image.digest is not None:
        return _beside_digest(source, image, image.tag, image.digest, reference, goes)
    if goes:
        return _in_place(image.tag, image.family.digest)
    return _all(yaml.insert_after(source, image.tag, image.family.digest, DIGEST))


def _in_place(tag: yaml.Entry, digest_key: str) -> tuple[Edit, ...]:
    """Two edits that touch nothing but the two words."""
    value = tag.value
    new_value = yaml.replace(value, DIGEST) if isinstance(value, yaml.Scalar) else Edit(*value.span, DIGEST)
    return _all(yaml.rename(tag, digest_key), new_value)


def _beside_digest(
    source: Source, image: ImageMap, tag: yaml.Entry, digest: yaml.Entry, reference: Reference, goes: bool
) -> tuple[Edit, ...]:
    """An empty digest is filled; a floating tag goes, whether the digest stood there or comes now."""
    if reference.digest is not None:
        return (yaml.remove(source, tag) or ()) if goes else ()
    filled = yaml.fill(source, digest, DIGEST)
    if not goes:
        return _all(filled)
    removed = yaml.remove(source, tag)
    if filled is not None and removed is not None:
        return (filled, *removed)
    removed = yaml.remove(source, digest)
    return (*_in_place(tag, image.family.digest), *removed) if removed is not None else ()


def _all(*edits: Edit | None) -> tuple[Edit, ...]:
    """All of them, or none."""
    return tuple(edit for edit in edits if edit is not None) if None not in edits else ()
