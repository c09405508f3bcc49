"""Images and pull policies on their way to an outcome."""

from __future__ import annotations

from dataclasses import dataclass, field

from codemod.config import Allowance
from codemod.digests import Resolution
from codemod.edits import Edit
from codemod.outcome import PINNED, READABLE
from codemod.reference import Reference
from codemod.scan import Finding
from codemod.transform import Image, Keys

SiteId = tuple[str, int]
"""Path and byte offset in the file."""


@dataclass(slots=True)
class Candidate:
    """An image or a pull policy on its way to an outcome: `edits` in terms of the file, `code` set once it is left."""

    finding: Finding
    id: SiteId
    status: str = ""
    reference: Reference | None = None
    edits: tuple[Edit, ...] = ()
    code: str | None = None
    message: str = ""
    resolution: Resolution | None = None
    allowance: Allowance | None = None
    vendored: bool = False
    environment: str | None = None
    requires: list[SiteId] = field(default_factory=list)
    above: list[Candidate] = field(default_factory=list)

    @property
    def is_pinned_after(self) -> bool:
        """Whether the image carries a digest once the plan is carried out."""
        return self.status in (PINNED, READABLE) or self.is_changed

    @property
    def is_changed(self) -> bool:
        """Whether the plan edits this site."""
        return self.code is None and bool(self.edits)


def keys_of(image: Candidate) -> Keys | None:
    """The values map that holds an image; None for whole references and for texts inside strings."""
    fact = image.finding.fact
    return fact.keys if isinstance(fact, Image) and image.finding.source.outer is None else None


def is_at_or_below(image: Candidate, keys: Keys) -> bool:
    """Whether the image's values map is at these keys, or one map below."""
    found = keys_of(image)
    return found is not None and keys in (found, found[:-1])


def name_of(image: Candidate) -> str:
    """What to call an image in a message: its effective name, else what is written."""
    fact = image.finding.fact
    return str(image.reference) if image.reference is not None else getattr(fact, "text", "")
