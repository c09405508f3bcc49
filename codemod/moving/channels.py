"""The channel of a digest: the tag that it came from, and that says what comes next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from codemod.digests.lock import Lock
from codemod.digests.locking import history
from codemod.moving.pinned import Pinned
from codemod.patterns import on_use
from codemod.reference import Reference, is_tag

_COMMENT = on_use(r"#\s*(?:tag[:=]\s*)?(\S+)\s*\Z")


class Channels:
    """Channels as files and the lock tell them; comments count only where the configuration says so."""

    def __init__(self, lock: Lock, *, comments: bool) -> None:
        self._comments = comments
        self._by_digest: Mapping[tuple[str, str], list[Reference]] = defaultdict(list)
        for reference in sorted(lock.images, key=str):
            for digest in history(lock, reference):
                self._by_digest[reference.name, digest].append(reference)

    def of(self, pinned: Pinned) -> tuple[Reference, ...]:
        """The references that may have led to a digest: none if nobody knows, more than one if it is not certain.

        The tag that stands with the digest says it, else the comment behind it, else the lock.
        """
        return tuple(dict.fromkeys(one for shown in pinned.references for one in self._of(pinned, shown)))

    def _of(self, pinned: Pinned, reference: Reference) -> list[Reference]:
        if reference.tag is not None:
            return [reference.lookup]
        tag = _COMMENT.search(pinned.comment) if self._comments else None
        if tag is not None and is_tag(tag[1]):
            return [Reference(reference.domain, reference.path, tag[1])]
        return self._by_digest.get((reference.name, pinned.digest), [])
