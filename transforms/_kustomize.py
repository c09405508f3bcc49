"""Images of manifests that kustomizations give another name, or a suffix to their tag."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from codemod.fleet.renames import Renamed
from codemod.formats import yaml
from codemod.place import KUSTOMIZATION
from codemod.reference import Reference, parse, try_parse
from codemod.source import Source
from codemod.transform import SiteId

_LISTS = ("containers", "initContainers")


def is_renamed_by_kustomize(source: Source, scalar: yaml.Scalar) -> bool:
    """Whether a scalar stands where `images:` of a kustomization reaches: an image of a container, or of a volume."""
    if source.outer is not None and KUSTOMIZATION not in source.place:
        return False
    holder = scalar.parent
    if scalar.key == "reference" and isinstance(holder, yaml.Mapping) and holder.key == "image":
        return True
    holder = holder.parent if scalar.key == "image" and holder is not None else None
    return isinstance(holder, yaml.Sequence) and holder.key in _LISTS


def deciding(found: Sequence[Renamed]) -> tuple[SiteId, ...]:
    """The entries that put a tag or a digest of their own in the place of an image's."""
    return tuple(dict.fromkeys(one.decided_by for one in found if one.decided_by is not None))


def are_apart(reference: Reference, found: Sequence[Renamed], floats: Callable[[str | None], bool]) -> bool:
    """Whether the digest of what entries put in the place of a reference would be none of its own.

    It is fixed here and moves there, or is of another repository there: each is pinned by what stands at its own place.
    """
    others = (try_parse(one.text) for one in found)
    names = {other.name for other in others if other is not None}
    return not floats(reference.tag) or bool(names - {reference.name})


def renaming(found: Sequence[Renamed]) -> tuple[str | None, str]:
    """Why what kustomizations make of an image cannot be pinned where it is written, if so: a code and a message."""
    suffixed = next((one for one in found if one.suffixed_by), None)
    if suffixed is not None:
        return "computed-reference", f"{suffixed.suffixed_by} adds a suffix to its tag and drops its digest"
    names = {one.name: one.by for one in reversed(found) if one.decided_by is None}
    computed = next((name for name in names if try_parse(name) is None), None)
    if computed is not None:
        return "computed-reference", f"{names[computed]} calls it {computed}"
    if len(names) < 2:
        return None, ""
    listed = ", ".join(f"{name} in {names[name]}" for name in sorted(names))
    return "ambiguous-repository", f"it is {listed}; set `digest` in the `images:` of each"


def named(reference: Reference, name: str) -> Reference:
    """The reference under another name, tag and digest kept."""
    other = parse(name)
    return Reference(other.domain, other.path, reference.tag, reference.digest)
