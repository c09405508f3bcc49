"""What a violation is recognised by from run to run, whatever lines it moves to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemod.gate import Violation


def fingerprints(violations: Iterable[Violation]) -> list[str]:
    """One for each violation, in order: a hash (hex) of path, code and image, with an ordinal among equals."""
    seen: Counter[tuple[str, str, str]] = Counter()
    found = []
    for violation in violations:
        identity = violation.path, violation.code, violation.image or violation.message
        found.append(_hash(*identity, str(seen[identity])))
        seen[identity] += 1
    return found


def _hash(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()
