"""Patterns with captures, unified against the files that exist.

A capture stands for one path segment or a part of it (the shortest that fits) and binds to the same text in every
pattern; one named `…basepath` is empty, or folders with a slash at their end (the GitOps Bridge's convention). What
is found are the bindings that files prove: one pattern that has all captures, or the fewest patterns that have them
together (`env/{env}/globals.yaml` and `_shared/{name}.yaml` prove every component in every environment, as an
ApplicationSet's matrix does). A binding under which two patterns are one file proves nothing:
`env/{env}/{name}.yaml` makes no release of `env/dev/globals.yaml` if that is a pattern of its own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, islice

from codemod.patterns import on_use

Pattern = str
"""A path in which every capture stands as `capture(name)`: joining and normalising paths leaves captures whole."""
Binding = dict[str, str]

_CHOSEN_MAX = 12
_OPEN, _CLOSE = "\ue000", "\ue001"
_CAPTURE = on_use(f"{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
_UNNAMED = on_use(r"[^a-z0-9]+")
_LONGEST_NAME = 53
"""What Helm allows of a release's name."""


def capture(name: str) -> Pattern:
    """The pattern that is one capture."""
    return f"{_OPEN}{name.replace('/', ' ')}{_CLOSE}"


def captures(pattern: Pattern) -> tuple[str, ...]:
    """The names of a pattern's captures, once each, in order."""
    return tuple(dict.fromkeys(_CAPTURE.findall(pattern))) if _OPEN in pattern else ()


def fill(pattern: Pattern, binding: Mapping[str, str]) -> Pattern:
    """The pattern with the captures that are bound filled in."""
    return _CAPTURE.sub(lambda match: binding.get(match[1], match[0]), pattern) if _OPEN in pattern else pattern


def shown(pattern: Pattern) -> str:
    """The pattern for people: captures as `{name}`."""
    return _CAPTURE.sub(r"{\1}", pattern)


def as_name(pattern: Pattern) -> str:
    """The pattern as a name that Helm and Kubernetes take: captures stand in it by their own names."""
    if _OPEN not in pattern:
        return pattern
    plain = _UNNAMED.sub("-", _CAPTURE.sub(r"\1", pattern).lower())
    return plain.strip("-")[:_LONGEST_NAME].rstrip("-")


def pieces(pattern: Pattern) -> list[str]:
    """Texts and the names of captures in turn, a text first and last."""
    return _CAPTURE.split(pattern)


def beginning(prefix: str, paths: Sequence[str]) -> Iterator[str]:
    """Of sorted paths those that begin with a text."""
    for at in range(bisect_left(paths, prefix), len(paths)):
        if not paths[at].startswith(prefix):
            return
        yield paths[at]


def says_something(pattern: Pattern) -> bool:
    """Whether files can say what a pattern's captures are; `{a}/{b}` fits anything, `{a}{b}` can be cut anywhere."""
    return _CLOSE + _OPEN not in pattern and any(character.isalnum() for character in _CAPTURE.sub("", pattern))


class Unifier:
    """The files at hand, asked for the bindings that they prove; each pattern is matched once."""

    def __init__(self, paths: Collection[str]) -> None:
        self._paths = sorted(paths)
        self._matched: dict[Pattern, list[Binding]] = {}

    def beginning(self, prefix: str) -> Iterator[str]:
        """The files whose paths begin with a text."""
        return beginning(prefix, self._paths)

    def matches(self, pattern: Pattern) -> list[Binding]:
        """Every binding under which a pattern is a file, sorted."""
        if pattern not in self._matched:
            self._matched[pattern] = _distinct(_matches(pattern, self._paths))
        return self._matched[pattern]

    def bindings(self, patterns: Iterable[Pattern], limit: int | None = None) -> list[Binding]:
        """The bindings of all captures that one pattern proves, and those that as few others as possible prove.

        Sorted; patterns without captures have one, the empty binding. `limit` is how many a join may make.
        """
        proofs: dict[frozenset[str], list[Binding]] = defaultdict(list)
        distinct = tuple(dict.fromkeys(patterns))
        for pattern in distinct:
            names = frozenset(captures(pattern))
            if names:
                proofs[names] += self.matches(pattern)
        wanted = frozenset().union(*proofs)
        if not wanted:
            return [{}]
        whole = proofs.pop(wanted, [])
        found = _distinct([*whole, *_joined(proofs, wanted, limit)])
        return [binding for binding in found if _keeps_apart(distinct, binding)]


def _joined(proofs: Mapping[frozenset[str], list[Binding]], wanted: frozenset[str], limit: int | None) -> list[Binding]:
    """The natural joins of the fewest capture sets that together are all that is wanted and agree anywhere."""
    most = len(proofs)
    for size in range(2 if most <= _CHOSEN_MAX else most, most + 1):
        found: list[Binding] = []
        for chosen in combinations(sorted(proofs, key=sorted), size):
            if frozenset().union(*chosen) == wanted:
                found += _join_all([_distinct(proofs[names]) for names in chosen], limit)
        if found:
            return found
    return []


def _join_all(tables: list[list[Binding]], limit: int | None) -> list[Binding]:
    joined: list[Binding] = [{}]
    for table in tables:
        joined = list(islice(_join(joined, table), limit))
    return joined


def _join(left: list[Binding], right: list[Binding]) -> Iterator[Binding]:
    """Every pair that agrees on the captures of both; all bindings of one side have the same captures."""
    if not left or not right:
        return
    shared = sorted(left[0].keys() & right[0].keys())
    index: dict[tuple[str, ...], list[Binding]] = defaultdict(list)
    for binding in right:
        index[tuple(binding[name] for name in shared)].append(binding)
    for one in left:
        for other in index.get(tuple(one[name] for name in shared), ()):
            yield one | other


def _matches(pattern: Pattern, paths: Sequence[str]) -> Iterator[Binding]:
    parts = pieces(pattern)
    groups = {name: f"c{number}" for number, name in enumerate(dict.fromkeys(parts[1::2]))}
    seen: set[str] = set()
    text = ""
    for at, piece in enumerate(parts):
        if at % 2 == 0:
            text += re.escape(piece)
        else:
            text += f"(?P={groups[piece]})" if piece in seen else f"(?P<{groups[piece]}>{_what(piece)})"
            seen.add(piece)
    compiled = re.compile(text)
    for path in beginning(parts[0], paths):
        match = compiled.fullmatch(path) if path.endswith(parts[-1]) else None
        if match is not None:
            yield {name: match[group] for name, group in groups.items()}


def _what(name: str) -> str:
    return "(?:.*/)?" if name.endswith("basepath") else "[^/]+?"


def _keeps_apart(patterns: Sequence[Pattern], binding: Binding) -> bool:
    """Whether no two patterns stand for the same file."""
    return len({fill(pattern, binding) for pattern in patterns}) == len(patterns)


def _distinct(bindings: Iterable[Binding]) -> list[Binding]:
    unique = {tuple(sorted(binding.items())): binding for binding in bindings}
    return [dict(items) for items in sorted(unique)]
