"""The registry as a digest source (OCI distribution API): what is asked, of whom, with which credentials."""

from __future__ import annotations

from codemod.digests import Failure, Kind


class Unanswered(Exception):
    """A registry gave no digest; `failure` says why."""

    def __init__(self, kind: Kind, message: str) -> None:
        super().__init__(message)
        self.failure = Failure(kind, message)
