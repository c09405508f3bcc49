"""Images of manifests that kustomizations give another name, or a suffix to their tag."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from codemod.fleet import Fleet
from codemod.fleet.imagetag import renamed_by
from codemod.fleet.inflated import KIND
from codemod.fleet.renames import Renamed
from codemod.fleet.stack import Stack
from codemod.formats import yaml
from codemod.place import KUSTOMIZATION
from codemod.reference import DEFAULT_DOMAIN, Reference, parse, try_parse
from codemod.source import Source
from codemod.transform import Rendering, SiteId
from transforms._keys import candidate

_BARE = f"{DEFAULT_DOMAIN}/library/"


def is_renamed_by_kustomize(source: Source, scalar: yaml.Scalar, fleet: Fleet) -> bool:
    """Whether a scalar stands where `images:` of a kustomization reaches: an image of a container, or of a volume."""
    if source.outer is not None and KUSTOMIZATION not in source.place:
        return False
    return fleet.renames.reaches(scalar)


class Standing(Struct, frozen=True):
    """What kustomizations make of an image, as far as it matters where the image is written.

    `sites` are the entries that put a tag or a digest of their own in its place, `is_decided` says that one does on
    every way. `renders` is None where the image is what it is.
    """

    renders: tuple[Rendering, ...] | None = None
    sites: tuple[SiteId, ...] = ()
    is_decided: bool = False
    reason: str | None = None
    message: str = ""
    stays: bool = False
    """Whether what is written must stay as it is, whatever becomes of the entries."""


def standing(reference: Reference, found: Sequence[Renamed], floats: Callable[[str | None], bool]) -> Standing:
    """What entries make of an image, and why it cannot be pinned where it is written, if so."""
    by_tag = next((one.by_tag for one in found if one.by_tag), None)
    renamed = [one for one in found if one.decided_by is None]
    if by_tag is not None:
        why = f"{by_tag} knows it by its tag, and not by a digest; leave the tag out of `name` there"
        return Standing(_rendered(found), reason="computed-reference", message=why)
    whole_by = next((one.whole_by for one in found if one.whole_by), None)
    if whole_by is not None:
        why = f"{whole_by} gives it a name with a tag or a digest, to which its own would be added"
        return Standing(
            _rendered(found), _sites(found), not renamed, "computed-reference" if renamed else None, why, True
        )
    if found and not renamed and _is_placeholder(reference, found):
        return Standing(_rendered(found), _sites(found), True, stays=True)
    if found and not renamed and (reference.digest or _are_apart(reference, found, floats)):
        return Standing(sites=_sites(found))
    reason, message = _obstacle(renamed or found)
    if renamed:
        own = (Rendering(_named(reference, renamed[0].name)),) if reason is None else None
        return Standing(own, _sites(found), False, reason, message)
    if not found:
        return Standing()
    renders = _rendered(found)
    computed = any(render.reference is None for render in renders)
    return Standing(renders, _sites(found), True, reason or ("computed-reference" if computed else None), message)


def changed_later(references: Iterable[Reference | None], stacks: Iterable[Stack], fleet: Fleet) -> str:
    """Why the values of a chart are no place for a digest: the kustomization that inflates it changes the image.

    One that sets a tag or a digest of its own does so whatever the values say.
    """
    images = [text for reference in references if reference is not None for text in _spellings(reference)]
    for stack in stacks:
        if (later := renamed_by(stack.images, images)) is not None:
            return f"a post-renderer of {stack.name} makes {later} of what the chart prints"
        path = stack.origin.rpartition(":")[0]
        found = [one for text in images if stack.kind == KIND for one in fleet.renames.of_output(path, text)]
        for one in found:
            other = one.whole_by or one.by_tag or one.suffixed_by
            if other or (one.decided_by is None and one.text not in images):
                return f"{other or one.by} makes {one.text} of what the chart prints"
    return ""


def _spellings(reference: Reference) -> Iterator[str]:
    """How a chart may spell an image."""
    text = str(reference)
    for prefix in ("", "docker.io/", "docker.io/library/"):
        if text.startswith(prefix):
            yield text.removeprefix(prefix)


def _sites(found: Sequence[Renamed]) -> tuple[SiteId, ...]:
    return tuple(dict.fromkeys(one.decided_by for one in found if one.decided_by is not None))


def _rendered(found: Sequence[Renamed]) -> tuple[Rendering, ...]:
    return tuple(dict.fromkeys(Rendering(candidate(one.text)) for one in found))


def _are_apart(reference: Reference, found: Sequence[Renamed], floats: Callable[[str | None], bool]) -> bool:
    """Whether the digest of what entries put in the place of a reference would be none of its own.

    It is fixed here and moves there, or is of another repository there: each is pinned by what stands at its own place.
    """
    others = (try_parse(one.text) for one in found)
    names = {other.name for other in others if other is not None}
    return not floats(reference.tag) or bool(names - {reference.name})


def _is_placeholder(reference: Reference, found: Sequence[Renamed]) -> bool:
    """Whether a bare name (`controller`, as Kubebuilder writes) only marks where entries put another repository."""
    others = [try_parse(one.text) for one in found]
    is_bare = reference.digest is None and reference.name.startswith(_BARE)
    return is_bare and all(other is not None and other.name != reference.name for other in others)


def _obstacle(found: Sequence[Renamed]) -> tuple[str | None, str]:
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


def _named(reference: Reference, name: str) -> Reference:
    """The reference under another name, tag and digest kept."""
    other = parse(name)
    return Reference(other.domain, other.path, reference.tag, reference.digest)
