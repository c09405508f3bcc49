"""Tags that take a digest off which stands elsewhere, or will after this run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from codemod.candidate import Candidate
from codemod.outcome import TAG_ONLY
from codemod.transform import Image, SiteId

CODE = "digest-taken-off"


def may_undo(image: Candidate) -> bool:
    """Whether an image may have to be pinned for the sake of a digest that it takes off."""
    fact = image.finding.fact
    return isinstance(fact, Image) and bool(fact.undoes)


def undo(image: Candidate, sites: Mapping[SiteId, Sequence[Candidate]], pin_all: bool) -> None:
    """Say what digest a tag takes off; a fixed one that takes none off stays as others do."""
    fact = image.finding.fact
    if not isinstance(fact, Image) or not fact.undoes:
        return
    now = next((place for _, place in fact.undoes if place), "")
    pinned = (other for site, _ in fact.undoes for other in sites.get(site, ()) if other.is_changed)
    image.drops = now or next(map(_place, pinned), "")
    if image.status != TAG_ONLY or pin_all or image.code in ("allowlisted", "vendored"):
        return
    if not image.drops:
        image.code, image.edits = "tag-only", ()
    elif image.code == "digest-unknown":
        image.code, image.message = CODE, f"it takes the digest off the image at {image.drops}"


def _place(image: Candidate) -> str:
    return f"{image.finding.path}:{image.finding.source.file.position(image.id[1]).line}"
