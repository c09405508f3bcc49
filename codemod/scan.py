"""Sources × transforms → findings. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from codemod.fleet import Fleet
from codemod.fleet.company import Companies, Company
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
    seen: list[object]
    stacks: tuple[int, ...]


class Scanner:
    """Scans files, each distinct content once.

    Two files share their facts if their bytes, their names (with a suffix), `Source.place` and company are equal, and
    so is what the transforms that are asked look at of their paths; if no kustomization may rename the images of
    either, and neither is a pipeline, a compose file or an `.env` file, which complete each other. Facts about what
    releases read are told of the releases of the other file, unless they name files.
    """

    def __init__(self, transforms: Sequence[Transform], fleet: Fleet) -> None:
        self.transforms, self.fleet = tuple(transforms), fleet
        self._companies = Companies(fleet)
        self._asked: dict[tuple[bytes, str], Sequence[Transform]] = {}
        self._known: dict[tuple[object, ...], list[_Scanned]] = {}

    def findings(self, source: Source) -> list[Finding]:
        """All findings of one file."""
        path, place = source.path, source.place
        company = None if _is_together(source.language, place) else self._companies.of(path)
        if company is None:
            return list(self._scan(source, set()))
        form = self.fleet.config.contract_of(path) if self.fleet.config.contract else None
        name = path.rpartition("/")[2]
        key = (source.data, source.language, place, name if "." in name else path, form, company.said)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = []
        for twin in known:
            if not twin.looks or twin.seen == self._seen(source, twin.looks):
                return _retold_of(path, twin, company) if twin.found else []
        asking: set[Look] = set()
        found = list(self._scan(source, asking))
        if _is_movable(found, path, company):
            looks = tuple(asking)
            known.append(_Scanned(found, looks, self._seen(source, looks), company.stacks))
        return found

    def _seen(self, source: Source, looks: tuple[Look, ...]) -> list[object]:
        """What some transforms see where they look at the path of a file."""
        return [look(source, self.fleet) for look in looks]

    def _scan(self, source: Source, looks: set[Look]) -> Iterator[Finding]:
        key = source.data, source.language
        some = self._asked.get(key)
        if some is None:
            some = self._asked[key] = asked(self.transforms, source, self.fleet)
        return _said(source, some, self.transforms, self.fleet, looks)


def scan(
    source: Source, transforms: tuple[Transform, ...], fleet: Fleet, looks: set[Look], depth: int = 0
) -> Iterator[Finding]:
    """All facts about one source and the texts inside it; those asked that look at its path are added to `looks`."""
    return _said(source, asked(transforms, source, fleet), transforms, fleet, looks, depth)


def asked(transforms: tuple[Transform, ...], source: Source, fleet: Fleet) -> Sequence[Transform]:
    """Those that read the language of a source and of which a word, or one of the user's own, occurs there."""
    readers = _readers(transforms, source.language)
    if fleet.config.words and source.mentions(fleet.config.words):
        return [one for one, _ in readers]
    return source.mentioned(readers)


@lru_cache(maxsize=256)
def _readers(transforms: tuple[Transform, ...], language: str) -> tuple[tuple[Transform, tuple[bytes, ...]], ...]:
    """The transforms that read a language, with their words."""
    return tuple((one, one.words) for one in transforms if language in one.languages)


def _is_together(language: str, place: tuple[str, ...]) -> bool:
    """Whether the facts about a file depend on what its neighbours say."""
    return language == DOTENV.name or (bool(place) and not _TOGETHER.isdisjoint(place))


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
    some: Sequence[Transform],
    transforms: tuple[Transform, ...],
    fleet: Fleet,
    looks: set[Look],
    depth: int = 0,
) -> Iterator[Finding]:
    for transform in some:
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
    shown: Embedded, by: Transform, transforms: tuple[Transform, ...], fleet: Fleet, looks: set[Look], depth: int
) -> Iterator[Finding]:
    """What one transform makes of the facts about a text that shows something."""
    assert shown.retold is not None
    for found in scan(shown.source, by.readers or transforms, fleet, looks, depth):
        fact = shown.retold(found.source, found.fact)
        if fact is not None:
            yield Finding(found.path, found.source, by.name, fact)
