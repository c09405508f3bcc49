"""The ways of Kargo's freight: which digests move together, from environment to environment."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, product

from msgspec import Struct

from codemod.emit._held import Held
from codemod.emit._target import Material, Omission
from codemod.moving.promote import without
from codemod.patterns import on_use
from codemod.reference import Reference
from codemod.transform import Keys

_REPOSITORY = on_use(r"(\w+([.-]\w+)*(:\d+)?/)?\w+([.-]\w+)*(/\w+([.-]\w+)*)*", re.ASCII)
"""What a Warehouse takes for the URL of an image (pkg/subscription/schemas/image.json)."""
_NAME_MAX = 63

Identity = tuple[str, ...]
"""A release or a file, whatever its environment."""


class Line(Struct, frozen=True):
    """One release's way through the environments: what each holds, in the order of promotion."""

    name: str
    stages: Mapping[str, list[Held]]


def lines(material: Material, order: Sequence[str], omissions: list[Omission]) -> list[Line]:
    """The releases with what moves in each environment; what does not goes to `omissions`."""
    found: dict[Identity, dict[str, list[Held]]] = defaultdict(lambda: defaultdict(list))
    moving: list[Held] = []
    for one in material.held:
        if one.environment is not None and one.environment not in order:
            if not material.wish.environments:
                omissions.append(
                    Omission(one.pinned, f"{one.environment} has no place in the order of `environments:`")
                )
            continue
        reason = "it belongs to no environment" if one.environment is None else _unwritable(one)
        if reason is not None:
            omissions.append(Omission(one.pinned, reason))
        else:
            moving.append(one)
    identities = _identities(moving)
    for one in moving:
        found[identities[id(one)]][one.environment or ""].append(one)
    names: set[str] = set()
    length = max(_NAME_MAX - max(map(len, order)) - len("--999"), 1)
    ways = []
    for identity, stages in sorted(found.items()):
        kept = _fed(stages, order, omissions)
        if kept:
            name = next(name for name in _numbered(slug(identity[0])[:length].strip("-")) if name not in names)
            names.add(name)
            ways.append(Line(name, kept))
    return ways


def _unwritable(one: Held) -> str | None:
    """Why Kargo cannot write a digest, None where it can."""
    if one.is_shared:
        return "it is in force in other environments, too"
    if one.written is None:
        return "it stands in a text that Kargo's yaml-update does not edit"
    if one.written.document:
        return "Kargo's yaml-update edits the first document of a file only"
    if not one.written.ends_line:
        return "Kargo's yaml-update replaces the rest of the line, and more stands there (or an anchor before it)"
    if key(one.written.keys) is None:
        return "its value path cannot be spelled for Kargo"
    if not _REPOSITORY.fullmatch(one.image.name):
        return f"Kargo takes {one.image.name} for no image"
    return None


def _identities(held: Sequence[Held]) -> Mapping[int, Identity]:
    """By `id`: what the environments have in common; where a name can be read in several ways, as most of them do."""
    ways = {id(one): list(_ways(one)) for one in held}
    shared: dict[Identity, set[str | None]] = defaultdict(set)
    for one in held:
        for way in ways[id(one)]:
            shared[way].add(one.environment)
    return {number: max(those, key=lambda way: len(shared[way])) for number, those in ways.items()}


def _ways(one: Held) -> Iterator[Identity]:
    """The release, or else the file, without the name of its environment."""
    environment = one.environment or ""
    if one.stack is None:
        yield from ((path, "file") for path in without(one.pinned.path.rpartition(".")[0], environment))
    else:
        names, charts = (without(text, environment) for text in (one.stack.name, one.stack.chart or ""))
        yield from product(names, charts)


def _fed(stages: Mapping[str, list[Held]], order: Sequence[str], omissions: list[Omission]) -> Mapping[str, list[Held]]:
    """What the Warehouse of the first stage feeds: it follows one tag for each repository."""
    followed: dict[str, Reference] = {}
    kept: dict[str, list[Held]] = {}
    for stage in order:
        is_first = not kept
        for one in stages.get(stage, ()):
            reason = _unfed(one, followed, next(iter(kept), "") if not is_first else None)
            if reason is not None:
                omissions.append(Omission(one.pinned, reason))
                continue
            if is_first and one.channel is not None:
                followed[one.image.name] = one.channel
            kept.setdefault(stage, []).append(one)
    return kept


def _unfed(one: Held, followed: Mapping[str, Reference], first: str | None) -> str | None:
    """Why no Warehouse feeds a digest; `first` is the environment where new ones enter, None if this is it."""
    known = followed.get(one.image.name)
    if first is not None:
        return None if known is not None else f"{first}, where new digests enter, has no such image"
    if one.channel is None:
        return one.why
    if known not in (None, one.channel):
        return f"a Warehouse follows one tag of a repository, and here that is {known}"
    return None


def key(keys: Keys) -> str | None:
    """A value path in sjson's notation: dots and colons inside keys are escaped; None where that is not enough."""
    parts = []
    for key in keys:
        text = str(key)
        if not text or "\\" in text or text != text.strip() or "${{" in text:
            return None
        parts.append(text if isinstance(key, int) else re.sub(r"([.:])", r"\\\1", text))
    return ".".join(parts) or None


def slug(text: str) -> str:
    """A name as Kubernetes takes it."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:_NAME_MAX].strip("-") or "images"


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in count(2))
