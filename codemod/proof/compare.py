"""Two renderings of one release: what differs, and whether a migration may change it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from codemod.patterns import on_use
from codemod.proof import allowed
from codemod.proof.allowed import Planned
from codemod.proof.objects import Object, hashless, load, pairs
from codemod.proof.places import Path, holds_values, is_label, is_metadata, item, name_of, names_image, step

TEXT_MAX = 1 << 20
"""A longer string is compared as a string, not as the documents it may hold."""
_PEM = on_use(r"(-----BEGIN [A-Z0-9 ]+-----)\n(?:[A-Za-z0-9+/=]+\n)*(?=-----END )")


class _Absent:
    def __repr__(self) -> str:
        return "(absent)"


ABSENT = _Absent()
"""What stands where one side has nothing."""


class Change(Struct, frozen=True):
    """One difference between two renderings.

    `object` is `Deployment/web`, `path` the way to the value (`spec.containers[web].image`; empty: the object itself),
    `before` and `after` what stands there, `ABSENT` for nothing. `allowed` says as what it is allowed (`image`,
    `pull-policy`, `checksum`, `name`), empty where it is not.
    """

    object: str
    path: str
    before: Any
    after: Any
    allowed: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """Object and path."""
        return self.object, self.path


class Comparison(Struct, frozen=True):
    """What may have changed and did, and what may not have."""

    allowed: tuple[Change, ...] = ()
    differences: tuple[Change, ...] = ()

    def without(self, places: Collection[tuple[str, str]]) -> Comparison:
        """The same without the differences at some places."""
        return replace(self, differences=tuple(change for change in self.differences if change.place not in places))


def compare(
    before: Sequence[Object], after: Sequence[Object], planned: Planned | None = None, value_keys: Collection[str] = ()
) -> Comparison:
    """Compare two renderings object by object.

    With `planned` an image may only gain the digest planned for it; without, any. `value_keys` are the keys of
    ConfigMaps and Secrets that releases take values from, where an image's tag may become its digest though its
    repository stands elsewhere. Checksums of other objects are allowed to change where an image or a pull policy of the
    same release did.
    """
    matched = list(pairs(before, after))
    renamed = {one.name: other.name for one, other in matched if one and other and _is_rehashed(one, other)}
    rules = _Rules(planned, frozenset(value_keys), renamed)
    found = [change for one, other in matched for change in _changes(one, other, rules)]
    if not any(change.allowed in (allowed.IMAGE, allowed.PULL_POLICY) for change in found):
        found = [replace(change, allowed="") if change.allowed == allowed.CHECKSUM else change for change in found]
    return Comparison(
        tuple(change for change in found if change.allowed), tuple(change for change in found if not change.allowed)
    )


def _is_rehashed(one: Object, other: Object) -> bool:
    """Whether the names differ in nothing but the hash that kustomize appends."""
    return one.name != other.name and hashless(one.name) is not None and hashless(one.name) == hashless(other.name)


class _Rules(Struct, frozen=True):
    planned: Planned | None
    value_keys: frozenset[str]
    renamed: Mapping[str, str]


def _changes(one: Object | None, other: Object | None, rules: _Rules) -> Iterator[Change]:
    if one is None or other is None:
        present = one or other
        assert present is not None
        there = f"a {present.kind or 'document'}"
        yield Change(present.label, "", ABSENT if one is None else there, ABSENT if other is None else there)
        return
    walk = _Walk(one.label, one.kind, rules)
    yield from walk.values(one.content, other.content, ())


class _Walk:
    """One object, recursively."""

    def __init__(self, label: str, kind: str, rules: _Rules) -> None:
        self.label, self.kind, self.rules = label, kind, rules

    def values(self, before: Any, after: Any, path: Path) -> Iterator[Change]:
        """What differs between two values."""
        if isinstance(before, dict) and isinstance(after, dict):
            yield from self.maps(before, after, path)
        elif isinstance(before, list) and isinstance(after, list):
            yield from self.lists(before, after, path)
        elif isinstance(before, str) and isinstance(after, str):
            if before != after:
                yield from self.texts(*self.readable(before, after, path), path)
        elif isinstance(before, bool) is not isinstance(after, bool) or before != after:
            yield self.change(before, after, path)

    def maps(self, before: dict[Any, Any], after: dict[Any, Any], path: Path) -> Iterator[Change]:
        """What differs between two maps, key by key."""
        is_image = "repository" in before or holds_values(self.kind, path, self.rules.value_keys)
        pinned = allowed.pinned_keys(before, after, self.rules.planned) if is_image else frozenset()
        for key in dict.fromkeys([*before, *after]):
            old, new = before.get(key, ABSENT), after.get(key, ABSENT)
            here = (*path, step(key))
            if key in pinned:
                yield self.change(old, new, here, allowed.IMAGE)
            elif _is_policy(key, before) and allowed.is_calming("Always" if old is ABSENT else old, new):
                governs = "" if allowed.has_floating_image(after) else allowed.PULL_POLICY
                yield self.change(old, new, here, governs)
            elif old != new and is_metadata(path) and allowed.is_checksum(key, old, new):
                yield self.change(old, new, here, allowed.CHECKSUM)
            else:
                yield from self.values(old, new, here)

    def lists(self, before: list[Any], after: list[Any], path: Path) -> Iterator[Change]:
        """What differs between two lists: item by item, by name where items came or went."""
        if len(before) != len(after):
            old, new = _by_name(before), _by_name(after)
            if old is not None and new is not None:
                for name in dict.fromkeys([*old, *new]):
                    yield from self.values(old.get(name, ABSENT), new.get(name, ABSENT), item(path, name))
                return
        for at, (one, other) in enumerate(zip_longest(before, after, fillvalue=ABSENT)):
            yield from self.values(one, other, item(path, name_of(one) or name_of(other) or str(at)))

    def texts(self, before: str, after: str, path: Path) -> Iterator[Change]:
        """What differs between two texts: as images, as documents, word by word, line by line."""
        if is_label(path):
            yield self.change(before, after, path)
            return
        if allowed.is_pinning(before, after, self.rules.planned, is_image=names_image(path)):
            yield self.change(before, after, path, allowed.IMAGE)
            return
        if self.rules.renamed.get(before) == after:
            yield self.change(before, after, path, allowed.NAME)
            return
        old, new = _documents(before), _documents(after)
        if old is not None and new is not None and len(old) == len(new):
            for one, other in zip(old, new, strict=True):
                yield from self.inside(one).values(one, other, path)
            return
        lines, others = _lines(before), _lines(after)
        if len(lines) != len(others):
            yield self.change(before, after, path)
            return
        for number, (line, other_line) in enumerate(zip(lines, others, strict=True), 1):
            if line != other_line:
                yield self.line(line, other_line, path if len(lines) == 1 else (*path, f" line {number}"))

    def readable(self, before: str, after: str, path: Path) -> tuple[str, str]:
        """What two texts of a Secret's `data` say, which holds them in Base64; other texts as they are."""
        if self.kind != "Secret" or path[:1] != (".data",):
            return before, after
        old, new = _decoded(before), _decoded(after)
        return (before, after) if old is None or new is None else (old, new)

    def line(self, before: str, after: str, path: Path) -> Change:
        """Two lines that differ."""
        pinned = allowed.are_pinnings(before, after, self.rules.planned)
        return self.change(before, after, path, allowed.IMAGE if pinned else "")

    def inside(self, document: Any) -> _Walk:
        """The walk of a document that stands in a string: of its own kind if it is an object."""
        kind = document.get("kind") if isinstance(document, dict) else None
        return self if not isinstance(kind, str) else _Walk(self.label, kind, self.rules)

    def change(self, before: Any, after: Any, path: Path, reason: str = "") -> Change:
        """One change of this object."""
        return Change(self.label, "".join(path).lstrip("."), before, after, reason)


def _documents(text: str) -> list[Any] | None:
    """The documents that a string holds, None where it holds plain text."""
    if len(text) > TEXT_MAX or not ("\n" in text.strip() or text.lstrip()[:1] in ("{", "[")):
        return None
    found = load(text)
    return found if found and all(isinstance(document, dict | list) for document in found) else None


def _decoded(text: str) -> str | None:
    try:
        return b64decode(text, validate=True).decode()
    except ValueError:
        return None


def _is_policy(key: object, container: Mapping[str, Any]) -> bool:
    """Whether a key is a pull policy's, or the value of an environment variable that is named so."""
    return allowed.is_policy_key(key) or (key == "value" and allowed.is_policy_key(container.get("name")))


def _by_name(items: list[Any]) -> dict[str, Any] | None:
    """The items by their names, None where some have none or two have the same."""
    named = {name_of(value): value for value in items}
    return named if len(named) == len(items) and "" not in named else None


def _lines(text: str) -> list[str]:
    """The lines of a text, each certificate or key in it being one: chance decides in which of its lines two differ."""
    return _PEM.sub(lambda block: block[0].replace("\n", ""), text).split("\n")
