"""Where digests come from: map files, the lock, and (later) registries, behind one interface."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from codemod.reference import Reference


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a source answered for one reference: `source` names it (`map digests.yaml`, `lock`, `registry`)."""

    digest: str
    source: str
    media_type: str | None = None
    platforms: tuple[str, ...] = ()


class DigestSource(Protocol):
    """Answers many references at once; what it does not know is absent from the answer."""

    def resolve(self, references: Collection[Reference]) -> Mapping[Reference, Resolution]:
        """Digests for `Reference.lookup` forms (name and tag, no digest)."""


class Chain:
    """Sources in order; each is asked only for what those before it did not know, and each reference once a run."""

    def __init__(self, sources: Sequence[DigestSource]) -> None:
        self._sources = tuple(sources)
        self._known: dict[Reference, Resolution | None] = {}

    def resolve(self, references: Collection[Reference]) -> Mapping[Reference, Resolution]:
        """Digests for the references that any source knows."""
        asked = {reference.lookup for reference in references}
        missing = asked - self._known.keys()
        for source in self._sources:
            if missing:
                found = source.resolve(frozenset(missing))
                self._known.update(found)
                missing -= found.keys()
        self._known.update(dict.fromkeys(missing))
        return {reference: known for reference in asked if (known := self._known[reference]) is not None}
