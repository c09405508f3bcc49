"""Both sides of a proof on disk for as long as it takes, and an empty home for the tools."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from codemod.proof.material import material
from codemod.proof.snapshot import Snapshot


class Workspace(Struct, frozen=True):
    """The folders of the two sides, and one that is empty."""

    before: str
    after: str
    home: str


@contextmanager
def workspace(root: str, before: Snapshot, after: Snapshot) -> Iterator[Workspace]:
    """Write both sides of the files below `root`, and remove them in the end. Raises `OSError` on a full disk."""
    with tempfile.TemporaryDirectory(prefix="unfloat-", ignore_cleanup_errors=True) as folder:
        made = [os.path.join(os.path.realpath(folder), name) for name in ("before", "after", "home")]
        for path in made:
            os.mkdir(path)
        place = Workspace(*made)
        material(root, before, place.before)
        material(root, after, place.after)
        yield place
