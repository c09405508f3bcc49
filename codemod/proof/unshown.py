"""Digests that a plan writes and that no rendering shows, though the image is rendered without one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from codemod.proof.compare import Change
from codemod.proof.verdict import DIFFERS, PROVEN, UNPROVEN, Verdict
from codemod.reference import try_parse

Written = Mapping[str, Mapping[str, str]]
"""For each edited file the digests that are written there, by the reference that they are planned for."""


def refused(verdicts: Sequence[Verdict], written: Written) -> tuple[Verdict, ...]:
    """The verdicts; a proof fails whose rendering keeps the tag of an image that a file of it is to pin."""
    faults: dict[int, list[Change]] = {}
    for path, planned in written.items():
        readers = [verdict for verdict in verdicts if path in verdict.files]
        are_known = all(verdict.outcome != UNPROVEN for verdict in readers)
        for reference, digest in planned.items():
            if are_known and not any(_shows(verdict, digest) for verdict in readers):
                for verdict in readers:
                    faults.setdefault(id(verdict), []).extend(_kept(verdict, path, reference))
    return tuple(_judged(verdict, faults.get(id(verdict), [])) for verdict in verdicts)


def _judged(verdict: Verdict, faults: Sequence[Change]) -> Verdict:
    if not faults or verdict.outcome != PROVEN:
        return verdict
    return replace(verdict, outcome=DIFFERS, differences=tuple(dict.fromkeys(faults)))


def _shows(verdict: Verdict, digest: str) -> bool:
    return any(digest in text for text in verdict.images or ()) or any(
        isinstance(change.after, str) and digest in change.after for change in verdict.changes
    )


def _kept(verdict: Verdict, file: str, reference: str) -> Iterator[Change]:
    """The images of that name that are rendered without a digest."""
    meant = try_parse(reference)
    for text, places in (verdict.images or {}).items():
        found = try_parse(text)
        if found is not None and meant is not None and found.name == meant.name and found.digest is None:
            label, _, path = places[0].partition(" ")
            yield Change(label, path, text, f"{text}, though {file} sets a digest of {reference}")
