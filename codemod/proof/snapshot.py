"""The files of one side; and a plan as the proof takes it: both sides, and the digests that it means to write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec import Struct, field

from codemod.outcome import Changed
from codemod.reference import try_parse

Texts = Mapping[str, tuple[bytes, bytes]]
"""The bytes of edited files before and after, by path (`Plan.files`)."""


class Snapshot(Struct, frozen=True):
    """The files of one side, by how they differ from those below a folder on disk.

    `paths` are all of them, relative to the folder. Those with other bytes than there are in `files` or, where they are
    symbolic links, in `links` with their target.
    """

    paths: frozenset[str]
    files: Mapping[str, bytes] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)


def snapshots(paths: Collection[str], files: Texts) -> tuple[Snapshot, Snapshot]:
    """The two sides of a plan, whether or not it is written already."""
    every = frozenset(paths) | frozenset(files)
    before = {path: texts[0] for path, texts in files.items()}
    after = {path: texts[1] for path, texts in files.items()}
    return Snapshot(every, before), Snapshot(every, after)


def planned_digests(changes: Iterable[Changed]) -> dict[str, str]:
    """The digest that each image may gain, by its normalised reference with the tag and without a digest."""
    return {reference: digest for _, reference, digest in _planned(changes)}


def written_digests(changes: Iterable[Changed]) -> dict[str, dict[str, str]]:
    """The same for each file in which a digest is written."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for path, reference, digest in _planned(changes):
        found[path][reference] = digest
    return dict(found)


def _planned(changes: Iterable[Changed]) -> Iterator[tuple[str, str, str]]:
    for change in changes:
        reference = try_parse(change.image) if change.image is not None else None
        if reference is not None and change.digest is not None:
            yield change.site.path, str(reference.lookup), change.digest
