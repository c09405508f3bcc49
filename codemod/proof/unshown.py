"""Digests that a plan writes and that no rendering shows, though the image is rendered without one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from codemod.proof.compare import Change
from codemod.proof.verdict import DIFFERS, PROVEN, Verdict
from codemod.reference import try_parse

Written = Mapping[str, Mapping[str, str]]
"""For each edited file the digests that are written there, by the reference that they are planned for."""


def refused(verdicts: Sequence[Verdict], written: Written) -> tuple[Verdict, ...]:
    """The verdicts; a proof fails whose rendering keeps the tag of an image that a file of it is to pin."""
    faults: dict[int, list[Change]] = {}
    for path, planned in written.items():
        readers = [verdict for verdict in verdicts if path in verdict.files and verdict.outcome == PROVEN]
        for reference, digest in planned.items():
            if any(_shows(verdict, digest) for verdict in readers):
                continue
            for verdict in readers:
                faults.setdefault(id(verdict), []).extend(_kept(verdict, reference))
    return tuple(_judged(verdict, faults.get(id(verdict), [])) for verdict in verdicts)


def _judged(verdict: Verdict, faults: Sequence[Change]) -> Verdict:
    return replace(verdict, outcome=DIFFERS, differences=tuple(dict.fromkeys(faults))) if faults else verdict


def _shows(verdict: Verdict, digest: str) -> bool:
    return any(digest in text for text in verdict.images or ()) or any(
        isinstance(change.after, str) and digest in change.after for change in verdict.changes
    )


def _kept(verdict: Verdict, reference: str) -> Iterator[Change]:
    """The images of that name that are rendered without a digest."""
    meant = try_parse(reference)
    for text, places in (verdict.images or {}).items():
        found = try_parse(text)
        if found is not None and meant is not None and found.name == meant.name and found.digest is None:
            label, _, path = places[0].partition(" ")
            yield Change(label, path, text, f"{text}, though a digest of {reference} is planned")
