"""Explicit stacks: layer patterns with `{name}` captures, unified against the files that exist.

A capture stands for one path segment or a part of it and binds to the same text in every layer. A stack exists for
every binding of all captures that either one pattern proves by itself or several patterns prove together; of its
layers, those that exist are read (as with Argo CD's `ignoreMissingValueFiles`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

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
    wanted = {name for layer in spec.layers for name in _CAPTURE.findall(layer)}
    partial: dict[frozenset[str], list[Binding]] = {}
    for layer in spec.layers:
        names = frozenset(_CAPTURE.findall(layer))
        if names:
            partial.setdefault(names, []).extend(_matches(layer, paths))
    joined: list[Binding] = [{}]
    for names, bindings in sorted(partial.items(), key=lambda item: sorted(item[0])):
        if names != wanted:
            joined = _join(joined, _distinct(bindings)) or joined
    complete = [binding for binding in joined if binding.keys() == wanted]
    return _distinct([*partial.get(frozenset(wanted), []), *complete])


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
    for path in sorted(paths):
        match = compiled.fullmatch(path)
        if match is not None:
            yield match.groupdict()


def _join(left: list[Binding], right: list[Binding]) -> list[Binding]:
    return [a | b for a in left for b in right if all(a[key] == b[key] for key in a.keys() & b.keys())]


def _distinct(bindings: list[Binding]) -> list[Binding]:
    unique = {tuple(sorted(binding.items())): binding for binding in bindings}
    return [dict(items) for items in sorted(unique)]


def _fill(template: str, binding: Binding) -> str:
    return _CAPTURE.sub(lambda match: binding.get(match[1], match[0]), template)
