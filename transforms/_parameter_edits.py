"""The edits that pin a tag that a parameter sets by name: other words for its name and its value."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from codemod.edits import DIGEST, Edit
from codemod.fleet import Place
from codemod.fleet.families import Family
from codemod.formats import yaml
from codemod.reference import Reference, is_digest
from codemod.source import Source


class Named(NamedTuple):
    """A tag or a digest that a release sets by name: its scalar, its places, the keys of its map and their names."""

    scalar: yaml.Scalar
    places: tuple[Place, ...]
    family: Family
    digest: yaml.Scalar | None
    """The digest that another parameter of the same list sets for it, empty or not."""
    is_handed: bool = False
    """Whether a generator hands it to the parameter of a template, by another name."""


def pin_parameter_edits(
    source: Source,
    named: Named,
    reference: Reference | None,
    floats: Callable[[str | None], bool],
    form: str | None,
    keeps_tag: bool,
) -> tuple[Edit, ...]:
    """The same rules as for a map of values: a floating tag gives way to the digest, any other gets one below it."""
    tag, family, item = named.scalar, named.family, named.scalar.parent
    entry = item.get("name") if isinstance(item, yaml.Mapping) else None
    name = entry.value if entry is not None else None
    if (
        reference is None
        or tag.templated
        or is_digest(tag.value)
        or not isinstance(item, yaml.Mapping)
        or not isinstance(name, yaml.Scalar)
        or name.anchor is not None
    ):
        return ()
    moves = floats(reference.tag) or floats(tag.value)
    goes = (moves or form == "digest") and not keeps_tag
    if named.digest is not None:
        return _beside_digest(source, named, item, name, reference, goes)
    key, text = family.digest, DIGEST
    if form == "ref":
        fixed = "" if moves else f":{reference.tag}"
        key, text, goes = family.ref, f"{reference.name}{fixed}@".encode() + DIGEST, not keeps_tag
    edits = _renamed(source, name, tag, family, key, text)
    if goes or not edits:
        return edits
    added = yaml.repeat_item(source, item, edits)
    return (added,) if added is not None else ()


def _beside_digest(
    source: Source, named: Named, item: yaml.Mapping, name: yaml.Scalar, reference: Reference, goes: bool
) -> tuple[Edit, ...]:
    """An empty digest is filled; a floating tag goes, whether the digest stood there or comes now."""
    digest = named.digest
    assert digest is not None
    removed = (yaml.remove_item(source, item) or ()) if goes else ()
    if reference.digest is not None:
        return removed
    filled = yaml.replace(digest, DIGEST)
    if filled is not None and (removed or not goes):
        return (filled, *removed)
    other = digest.parent
    removed = (yaml.remove_item(source, other) or ()) if goes and isinstance(other, yaml.Mapping) else ()
    renamed = _renamed(source, name, named.scalar, named.family, named.family.digest, DIGEST)
    return (*renamed, *removed) if removed and renamed else ()


def _renamed(
    source: Source, name: yaml.Scalar, value: yaml.Scalar, family: Family, key: str, text: bytes
) -> tuple[Edit, ...]:
    """Two edits: the last key of the parameter's name, and its value; none where these bytes are not the very words."""
    written, tag = source.data[name.inner.start : name.inner.end], family.tag.encode()
    renamed = yaml.replace(name, written.removesuffix(tag) + key.encode()) if written.endswith(tag) else None
    replaced = yaml.replace(value, text)
    return (renamed, replaced) if renamed is not None and replaced is not None else ()
