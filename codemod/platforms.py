"""What the lock knows of the digests that images are pinned by: the platforms that these lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from codemod.config import Config
from codemod.digests import Resolution
from codemod.digests.lock import Lock
from codemod.digests.platforms import lacking
from codemod.exceptions import Exceptions
from codemod.gate import Violation
from codemod.outcome import Plan

_SINGLE = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
"""Media types of a manifest for one platform (OCI image-spec, Docker image manifest version 2 schema 2)."""


def violations(plan: Plan, config: Config, lock: Lock, exceptions: Exceptions) -> Iterator[Violation]:
    """Every place whose digest lacks a platform that `platforms:` requires.

    A digest that the lock does not hold, or holds without platforms, gives none; neither do vendored files.
    """
    known = _known(lock) if config.platforms else {}
    seen: set[tuple[str, int, int]] = set()
    for entry in plan.images:
        site, reference = entry.site, entry.reference
        if reference is None or reference.digest is None or entry.vendored:
            continue
        found = known.get((reference.name, reference.digest))
        fault = _fault(found, config) if found is not None else None
        place = site.path, site.line, site.column
        if fault is None or place in seen:
            continue
        code, why = fault
        if exceptions.excusing(site.path, site.line, str(reference), {code, "platforms-missing"}) is None:
            seen.add(place)
            yield Violation(*place, code, f"{reference} {why}", str(reference))


def _known(lock: Lock) -> Mapping[tuple[str, str], Resolution]:
    return {
        (reference.name, locked.digest): Resolution(locked.digest, "lock", locked.media_type, locked.platforms)
        for reference, locked in lock.images.items()
    }


def _fault(found: Resolution, config: Config) -> tuple[str, str] | None:
    """The code and what is wrong, if anything is."""
    if found.media_type in _SINGLE and len(config.platforms) > 1:
        only = f" ({found.platforms[0]})" if found.platforms else ""
        return "UF009", f"is the manifest of one platform{only}; pin the digest of the index that its tag names"
    missing = lacking(found, config.platforms)
    if missing:
        return "UF006", f"lacks {', '.join(missing)}; publish the image for it, then run `unfloat update`"
    return None
