"""Explicit stacks: layer patterns with `{name}` captures, unified against the files that exist.

A capture stands for one path segment or a part of it (the shortest that fits) and binds to the same text in every
layer. A stack exists for every binding that files prove: one pattern that has all captures, or the fewest patterns that
have them together (`env/{env}/globals.yaml` and `_shared/{name}.yaml` prove every component in every environment, as
an ApplicationSet's matrix does). No other layer has to exist: those that do are read, as with Argo CD's
`ignoreMissingValueFiles`. A binding under which two patterns are one file proves
nothing: `env/{env}/{name}.yaml` makes no release of `env/dev/globals.yaml` if that is a layer of its own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from codemod.config import StackSpec

_CAPTURE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
Binding = dict[str, str]


@dataclass(frozen=True, slots=True)
class Stack:
    """One release: `layers` from the lowest to the highest, the chart's own `values.yaml` first where it is known."""

    name: str
    environment: str | None
    layers: tuple[str, ...]
    missing: tuple[str, ...] = ()
    chart: str | None = None


def stacks_of_spec(spec: StackSpec, paths: Collection[str]) -> Iterator[Stack]:
    """Every stack that a specification makes of the files at hand, sorted by binding."""
    present = frozenset(paths)
    for binding in _bindings(spec, present):
        chart = _fill(spec.chart, binding) if spec.chart else None
        own = [f"{chart.rstrip('/')}/values.yaml"] if chart else []
        wanted = own + [_fill(layer, binding) for layer in spec.layers]
        layers = tuple(dict.fromkeys(layer for layer in wanted if layer in present))
        if layers:
            name = _fill(spec.name, binding) if spec.name else "-".join(binding.values()) or layers[-1]
            environment = _fill(spec.environment, binding) if spec.environment else binding.get("env")
            missing = tuple(layer for layer in wanted if layer not in present)
            yield Stack(name, environment, layers, missing, chart)


def _bindings(spec: StackSpec, paths: frozenset[str]) -> list[Binding]:
    """The bindings that one pattern proves, and those that as few of the others as possible prove together."""
    proofs: dict[frozenset[str], list[Binding]] = defaultdict(list)
    for layer in dict.fromkeys(spec.layers):
        names = frozenset(_CAPTURE.findall(layer))
        if names:
            proofs[names] += _matches(layer, paths)
    wanted = frozenset().union(*proofs)
    if not wanted:
        return [{}]
    whole = proofs.pop(wanted, [])
    return [binding for binding in _distinct([*whole, *_joined(proofs, wanted)]) if _keeps_apart(spec.layers, binding)]


def _joined(proofs: Mapping[frozenset[str], list[Binding]], wanted: frozenset[str]) -> list[Binding]:
    """The natural joins of the fewest capture sets that together are all that is wanted and agree anywhere."""
    for size in range(2, len(proofs) + 1):
        found: list[Binding] = []
        for chosen in combinations(sorted(proofs, key=sorted), size):
            if frozenset().union(*chosen) == wanted:
                found += _join_all([_distinct(proofs[names]) for names in chosen])
        if found:
            return found
    return []


def _join_all(tables: list[list[Binding]]) -> list[Binding]:
    joined: list[Binding] = [{}]
    for table in tables:
        joined = _join(joined, table)
    return joined


def _join(left: list[Binding], right: list[Binding]) -> list[Binding]:
    """Every pair that agrees on the captures of both; all bindings of one side have the same captures."""
    if not left or not right:
        return []
    shared = sorted(left[0].keys() & right[0].keys())
    index: dict[tuple[str, ...], list[Binding]] = defaultdict(list)
    for binding in right:
        index[tuple(binding[name] for name in shared)].append(binding)
    return [one | other for one in left for other in index.get(tuple(one[name] for name in shared), ())]


def _matches(layer: str, paths: Iterable[str]) -> Iterator[Binding]:
    pieces = _CAPTURE.split(layer)
    seen: set[str] = set()
    pattern = ""
    for at, piece in enumerate(pieces):
        if at % 2 == 0:
            pattern += re.escape(piece)
        else:
            pattern += rf"(?P={piece})" if piece in seen else rf"(?P<{piece}>[^/]+?)"
            seen.add(piece)
    compiled = re.compile(pattern)
    for path in paths:
        if path.startswith(pieces[0]) and path.endswith(pieces[-1]):
            match = compiled.fullmatch(path)
            if match is not None:
                yield match.groupdict()


def _keeps_apart(layers: Iterable[str], binding: Binding) -> bool:
    """Whether no two patterns stand for the same file."""
    patterns = dict.fromkeys(layers)
    return len({_fill(layer, binding) for layer in patterns}) == len(patterns)


def _distinct(bindings: list[Binding]) -> list[Binding]:
    unique = {tuple(sorted(binding.items())): binding for binding in bindings}
    return [dict(items) for items in sorted(unique)]


def _fill(template: str, binding: Binding) -> str:
    return _CAPTURE.sub(lambda match: binding.get(match[1], match[0]), template)
