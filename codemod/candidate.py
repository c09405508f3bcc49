"""Images, pull policies and plain changes on their way to an outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct, field

from codemod.config import Allowance
from codemod.digests import Resolution
from codemod.edits import Edit
from codemod.outcome import FLOATING, PINNED, READABLE, TAG_ONLY, TEMPLATED, UNKNOWN_REPOSITORY
from codemod.reference import Reference, is_digest
from codemod.scan import Finding
from codemod.transform import Change, Image, SiteId

_BUILT, _LOCAL = "built-here", "localhost"
_WORST_FIRST = (FLOATING, UNKNOWN_REPOSITORY, TEMPLATED, TAG_ONLY, READABLE, PINNED)


class Candidate(Struct):
    """A finding on its way to an outcome: `edits` in terms of the file, `code` set once it is left.

    `status` and `reference` of an image are those of its worst rendering: what floats in one release floats.
    """

    finding: Finding
    id: SiteId
    status: str = ""
    reference: Reference | None = None
    edits: tuple[Edit, ...] = ()
    code: str | None = None
    message: str = ""
    resolution: Resolution | None = None
    allowance: Allowance | None = None
    spared: str | None = None
    environment: str | None = None
    requires: list[SiteId] = field(default_factory=list)
    above: list[Candidate] = field(default_factory=list)
    unseen_above: str = ""
    renamed: list[Candidate | None] = field(default_factory=list)
    lower: list[Candidate | None] = field(default_factory=list)
    decided: list[Candidate] = field(default_factory=list)
    shows: list[Candidate] = field(default_factory=list)
    served: list[Candidate] = field(default_factory=list)
    served_by: list[Candidate] = field(default_factory=list)
    moot_by: list[Candidate] = field(default_factory=list)
    followed: list[Candidate] = field(default_factory=list)
    drops: str = ""
    """The place of an image, pinned now or by this run, whose digest this tag takes off."""

    @property
    def is_pinned_after(self) -> bool:
        """Whether the image carries a digest once the plan is carried out."""
        if any(not image.is_pinned_after for image in self.decided):
            return False
        if self.status in (PINNED, READABLE) or self.is_changed:
            return True
        return bool(self.shows) and all(image.is_pinned_after for image in self.shows)

    @property
    def says_floating(self) -> bool:
        """Whether the place itself goes on to say a tag and no digest, whatever other layers make of it."""
        fact = self.finding.fact
        if self.is_changed or not isinstance(fact, Image) or not fact.is_parted or not fact.tag:
            return False
        return "@" not in fact.tag and (fact.digest is None or not self.finding.source.text(fact.digest))

    @property
    def unspelled(self) -> str | None:
        """Why it has no edits, if it floats: None where all is well once that which decides what runs is pinned."""
        if not self.shows:
            return "not-spellable"
        return None if all(image.is_pinned_after for image in self.shows) else "computed-reference"

    @property
    def depends(self) -> bool:
        """Whether this image can be pinned only if others are."""
        needs = (self.requires, self.above, self.unseen_above, self.renamed, self.lower, self.served_by)
        return self.goes or any(needs)

    @property
    def goes(self) -> bool:
        """Whether this is a tag that several images share, and that goes once all of these are pinned."""
        return isinstance(self.finding.fact, Image) and self.finding.fact.goes

    @property
    def serves_nobody(self) -> bool:
        """Whether this is a change for the sake of images none of which is pinned in this run, or one that is moot."""
        fact = self.finding.fact
        if not isinstance(fact, Change) or any(image.is_changed for image in self.moot_by):
            return True
        if fact.follows and not (self.followed and all(image.is_changed for image in self.followed)):
            return True
        return bool(fact.serves) and not any(image.is_changed for image in self.served)

    @property
    def is_changed(self) -> bool:
        """Whether the plan edits this site."""
        return self.code is None and bool(self.edits)


def status_of(fact: Image, reference: Reference | None, floats: Callable[[str | None], bool]) -> str:
    """How one rendering of an image stands; a digest that is written there stands whatever its repository."""
    if reference is None:
        if is_digest(fact.text):
            return PINNED
        return UNKNOWN_REPOSITORY if fact.reason in ("repository-unknown", "docs") else TEMPLATED
    if reference.digest is not None:
        return READABLE if reference.tag is not None else PINNED
    if (fact.reason == "chart-default-tag" and reference.tag is None) or fact.shows:
        return TEMPLATED
    return FLOATING if floats(reference.tag) or moves_with(fact.tag, reference.tag, floats) else TAG_ONLY


def moves_with(written: str, tag: str | None, floats: Callable[[str | None], bool]) -> bool:
    """Whether a tag is put together around a written one that floats (`main-alpine` around `main`)."""
    return bool(written) and tag is not None and written in tag and floats(written)


def worst(fact: Image, floats: Callable[[str | None], bool]) -> tuple[str, Reference | None]:
    """The status and the reference of the rendering that stands worst, the first of equals."""
    stands = [(status_of(fact, render.reference, floats), render.reference) for render in fact.renders]
    return min(stands, key=lambda found: _WORST_FIRST.index(found[0]), default=(TEMPLATED, None))


def reason_of(fact: Image, reference: Reference | None) -> str | None:
    """The reason code of a fact; `localhost/…` is what a build is called that no registry has."""
    is_local = reference is not None and reference.domain == _LOCAL and reference.digest is None
    return fact.reason or (_BUILT if is_local else None)


def edits_in_file(finding: Finding, edits: Iterable[Edit]) -> tuple[Edit, ...] | None:
    """The edits in terms of the file, without those that change nothing; None where some quoting cannot spell one."""
    data = finding.source.file.data
    moved = [finding.source.edit_in_file(edit) for edit in edits]
    if None in moved:
        return None
    return tuple(edit for edit in moved if edit is not None and data[edit.start : edit.end] != edit.text)


def name_of(image: Candidate) -> str:
    """What to call an image in a message: its effective name, else what is written."""
    fact = image.finding.fact
    return str(image.reference) if image.reference is not None else getattr(fact, "text", "")
