"""Sources × transforms → findings. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from codemod.fleet import Fleet
from codemod.fleet.company import Companies, Company
from codemod.fleet.loaded import may_be_loaded
from codemod.formats.assignments import DOTENV
from codemod.place import COMPOSE, GITLAB, PIPELINE, WORKFLOW
from codemod.sharing import is_movable, moved
from codemod.source import Source, Span
from codemod.transform import Embedded, Fact, Look, Transform

MAX_DEPTH = 8
"""Texts inside texts inside … are followed this deep."""
_TOGETHER = frozenset({COMPOSE, GITLAB, PIPELINE, WORKFLOW})
"""Files that say more in their folder, or name others from it."""


class Finding(Struct, frozen=True):
    """One fact, the file and the source it is about, and the transform that states it.

    Files of equal bytes share sources and facts; `path` tells them apart.
    """

    path: str
    source: Source
    transform: str
    fact: Fact

    def in_file(self, span: Span) -> Span:
        """A span of the fact in terms of the file."""
        return self.source.in_file(span)


class _Scanned(Struct):
    """What a scan found, which transforms that look at the path it asked, what these saw there, and in what company."""

    found: list[Finding]
    looks: tuple[Look, ...]
    seen: tuple[object, ...]
    stacks: tuple[int, ...]


class Scanner:
    """Scans files, each distinct content once.

    Two files share their facts if their bytes, their `Source.place`, suffix and company are equal, and so is what the
    transforms that are asked look at of their paths; if both are of tests or neither is, no kustomization may rename
    the images of either, and neither is a pipeline, a compose file or an `.env` file, which complete each other. Facts
    about what releases read are told of the releases of the other file, unless they name files.
    """

    def __init__(self, transforms: Sequence[Transform], fleet: Fleet) -> None:
        self.transforms, self.fleet = tuple(transforms), fleet
        self._companies = Companies(fleet)
        self._asked: dict[tuple[bytes, str], tuple[Transform, ...]] = {}
        self._known: dict[tuple[object, ...], list[_Scanned]] = {}

    def findings(self, source: Source) -> list[Finding]:
        """All findings of one file."""
        company = self._company(source)
        if company is None:
            return list(self._scan(source, set()))
        form = self.fleet.config.contract_of(source.path)
        is_test = may_be_loaded(source.path)
        suffix = source.path.rpartition(".")[2]
        key = (source.data, source.language, source.place, suffix, form, is_test, company.said)
        known = self._known.setdefault(key, [])
        for twin in known:
            if not twin.looks or tuple(look(source, self.fleet) for look in twin.looks) == twin.seen:
                return _retold_of(source.path, twin, company)
        looks: set[Look] = set()
        found = list(self._scan(source, looks))
        if _is_movable(found, source.path, company):
            seen = tuple(look(source, self.fleet) for look in looks)
            known.append(_Scanned(found, tuple(looks), seen, company.stacks))
        return found

    def _company(self, source: Source) -> Company | None:
        """The company of a file; None where the facts about it depend on what others say of its path."""
        place = source.place
        is_together = (place and not _TOGETHER.isdisjoint(place)) or source.language == DOTENV.name
        return None if is_together else self._companies.of(source.path)

    def _scan(self, source: Source, looks: set[Look]) -> Iterator[Finding]:
        key = source.data, source.language
        asked = self._asked.get(key)
        if asked is None:
            asked = tuple(transform for transform in self.transforms if transform.is_asked(source, self.fleet))
            self._asked[key] = asked
        return _said(source, asked, self.transforms, self.fleet, looks)


def scan(
    source: Source, transforms: Sequence[Transform], fleet: Fleet, looks: set[Look], depth: int = 0
) -> Iterator[Finding]:
    """All facts about one source and the texts inside it; those asked that look at its path are added to `looks`."""
    asked = [transform for transform in transforms if transform.is_asked(source, fleet)]
    return _said(source, asked, transforms, fleet, looks, depth)


def _is_movable(found: Iterable[Finding], path: str, company: Company) -> bool:
    """Whether all that was found holds in other folders of the same shape."""
    paths = (path, *company.others)
    return all(is_movable(one.fact, company.stacks, paths) for one in found)


def _retold_of(path: str, twin: _Scanned, company: Company) -> list[Finding]:
    """What was found in a file, of another in equal company."""
    if not company.stacks:
        return [Finding(path, one.source, one.transform, one.fact) for one in twin.found]
    numbers = dict(zip(twin.stacks, company.stacks, strict=True))
    return [Finding(path, one.source, one.transform, moved(one.fact, numbers)) for one in twin.found]


def _said(
    source: Source,
    asked: Sequence[Transform],
    transforms: Sequence[Transform],
    fleet: Fleet,
    looks: set[Look],
    depth: int = 0,
) -> Iterator[Finding]:
    for transform in asked:
        look = transform.look(source)
        if look is not None:
            looks.add(look)
        for fact in transform.stated(source, fleet):
            if not isinstance(fact, Embedded):
                yield Finding(source.path, source, transform.name, fact)
            elif depth < MAX_DEPTH and fact.retold is None:
                yield from scan(fact.source, transforms, fleet, looks, depth + 1)
            elif fact.retold is not None:
                yield from _retold(fact, transform, transforms, fleet, looks, depth + 1)


def _retold(
    shown: Embedded, by: Transform, transforms: Sequence[Transform], fleet: Fleet, looks: set[Look], depth: int
) -> Iterator[Finding]:
    """What one transform makes of the facts about a text that shows something."""
    assert shown.retold is not None
    for found in scan(shown.source, by.readers or transforms, fleet, looks, depth):
        fact = shown.retold(found.source, found.fact)
        if fact is not None:
            yield Finding(found.path, found.source, by.name, fact)
