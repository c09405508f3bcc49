"""Which platforms a digest must offer, and which of them it lacks."""

from __future__ import annotations

from collections.abc import Iterable

from codemod.digests import Resolution

_DEFAULT_VARIANTS = {"linux/arm": "linux/arm/v7", "linux/arm64/v8": "linux/arm64", "linux/amd64/v1": "linux/amd64"}
"""Two spellings of one platform, as containerd's `platforms` package normalises them."""


def lacking(answer: Resolution, wanted: Iterable[str]) -> list[str]:
    """The wanted platforms that a digest does not offer; none where nothing is known about it."""
    offered = {_DEFAULT_VARIANTS.get(platform, platform) for platform in answer.platforms}
    return [platform for platform in wanted if offered and _DEFAULT_VARIANTS.get(platform, platform) not in offered]
