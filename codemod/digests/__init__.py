"""Where digests come from: map files, the lock and registries, behind one interface."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, Protocol

from msgspec import Struct

from codemod.reference import Reference


class Resolution(Struct, frozen=True):
    """What a source answered for one reference: `source` names it (`map digests.yaml`, `lock`, `registry`)."""

    digest: str
    source: str
    media_type: str | None = None
    platforms: tuple[str, ...] = ()


Kind = Literal["missing", "denied", "busy", "unreachable", "malformed"]


class Failure(Struct, frozen=True):
    """Why a source that should know has no digest. The message names the host, and never holds a secret.

    `missing`: it was asked and has no such image. All else means that it could not be asked: access is `denied`, the
    host is `busy` (429) beyond patience or `unreachable`, or what it answers is `malformed`.
    """

    kind: Kind
    message: str

    @property
    def code(self) -> str:
        """The reason code of an image that has no digest because of it."""
        return "digest-unknown" if self.kind == "missing" else "registry-failed"


Answer = Resolution | Failure


def resolutions(answers: Mapping[Reference, Answer]) -> Mapping[Reference, Resolution]:
    """Those of the answers that are digests."""
    return {reference: answer for reference, answer in answers.items() if isinstance(answer, Resolution)}


class DigestSource(Protocol):
    """Answers many references at once; what it does not know is absent from the answer."""

    def resolve(self, references: Collection[Reference]) -> Mapping[Reference, Answer]:
        """Digests for `Reference.lookup` forms (name and tag, no digest)."""


class Chain:
    """Sources in order; each is asked only for what those before it did not know, and each reference once a run."""

    def __init__(self, sources: Sequence[DigestSource]) -> None:
        self._sources = tuple(sources)
        self._known: dict[Reference, Answer | None] = {}

    def resolve(self, references: Collection[Reference]) -> Mapping[Reference, Answer]:
        """Digests for the references that any source knows, and why there is none where a source should know."""
        asked = {reference.lookup for reference in references}
        missing = asked - self._known.keys()
        for source in self._sources:
            if missing:
                found = source.resolve(frozenset(missing))
                self._known.update(found)
                missing -= {reference for reference, answer in found.items() if isinstance(answer, Resolution)}
        self._known.update((reference, None) for reference in missing if reference not in self._known)
        return {reference: known for reference in asked if (known := self._known[reference]) is not None}
