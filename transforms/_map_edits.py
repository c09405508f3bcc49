"""The edits that pin an image that a values map spells in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from codemod.edits import DIGEST, Edit
from codemod.fleet.families import Family
from codemod.formats import yaml
from codemod.reference import Reference
from codemod.source import Source
from transforms._maps import ImageMap


def pin_map_edits(
    source: Source,
    image: ImageMap,
    reference: Reference | None,
    floats: Callable[[str | None], bool],
    form: str | None = None,
    keeps_tag: bool = False,
) -> tuple[Edit, ...]:
    """`tag: T` gives way to `digest: sha256:…` where T floats; another tag stays and gets a `digest` below it.

    So does one that is needed elsewhere (`keeps_tag`). With the form `digest` any other tag goes, too; with `ref` a
    whole reference takes the place of the tag. No edits where the map is pinned already or where its spelling leaves no
    safe way.
    """
    if reference is None or image.tag is None or (reference.digest is not None and image.digest is None):
        return ()
    written = image.mapping.text(image.family.tag)
    moves = floats(reference.tag) or (bool(written) and floats(written))
    if form == "ref" and reference.digest is None:
        return _whole(source, image.tag, image.family.ref, reference, moves, keeps_tag)
    goes = (moves or form == "digest") and not keeps_tag
    if image.digest is not None:
        return _beside_digest(source, image, image.tag, image.digest, reference, goes)
    if goes:
        return _in_place(image.tag, image.family.digest, DIGEST)
    return _all(yaml.insert_after(source, image.tag, image.family.digest, DIGEST))


def _whole(
    source: Source, tag: yaml.Entry, key: str, reference: Reference, floats: bool, keeps_tag: bool
) -> tuple[Edit, ...]:
    """A whole reference in the place of the tag, or below one that is needed elsewhere; a fixed tag is part of it."""
    name = f"{reference.domain}/{reference.path}" + ("" if floats else f":{reference.tag}")
    text = name.encode() + b"@" + DIGEST
    return _all(yaml.insert_after(source, tag, key, text)) if keeps_tag else _in_place(tag, key, text)


def _in_place(tag: yaml.Entry, key: str, text: bytes) -> tuple[Edit, ...]:
    """Two edits that touch nothing but the two words."""
    value = tag.value
    new_value = yaml.replace(value, text) if isinstance(value, yaml.Scalar) else Edit(*value.span, text)
    return _all(yaml.rename(tag, key), new_value)


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
    return (*_in_place(tag, image.family.digest, DIGEST), *removed) if removed is not None else ()


def _all(*edits: Edit | None) -> tuple[Edit, ...]:
    """All of them, or none."""
    return tuple(edit for edit in edits if edit is not None) if None not in edits else ()


def insert_digest(source: Source, family: Family, entries: Iterable[yaml.Entry | None]) -> tuple[Edit, ...]:
    """A digest in an empty entry of that name, else below the first entry that leaves room for it."""
    for entry in entries:
        if entry is not None:
            is_own = isinstance(entry.key, yaml.Scalar) and entry.key.value == family.digest
            edit = yaml.fill(source, entry, DIGEST) if is_own else None
            edit = edit or yaml.insert_after(source, entry, family.digest, DIGEST)
            if edit is not None:
                return (edit,)
    return ()
