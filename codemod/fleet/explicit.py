"""Explicit stacks: layer patterns with `{name}` captures, unified against the files that exist.

A stack exists for every binding that the files prove (`codemod.fleet.unify`). No other layer has to exist: those that
do are read, as with Argo CD's `ignoreMissingValueFiles`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from codemod.config import StackSpec
from codemod.fleet.kustomization import texts_at
from codemod.fleet.stack import Layer, Stack
from codemod.fleet.tree import Tree
from codemod.fleet.unify import Binding, Unifier, capture
from codemod.formats import yaml
from codemod.patterns import on_use

FILES = (".unfloat.yaml", ".unfloat.yml")
_CAPTURE = on_use(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def stacks_of_spec(spec: StackSpec, paths: Collection[str], origin: str = "") -> Iterator[Stack]:
    """Every stack that a specification makes of the files at hand, sorted by binding; `origin` is where it stands."""
    present = frozenset(paths)
    patterns = [_CAPTURE.sub(lambda match: capture(match[1]), layer) for layer in spec.layers]
    for binding in Unifier(present).bindings(patterns):
        chart = _fill(spec.chart, binding) if spec.chart else None
        own = [f"{chart.rstrip('/')}/values.yaml"] if chart else []
        wanted = own + [_fill(layer, binding) for layer in spec.layers]
        layers = tuple(dict.fromkeys(layer for layer in wanted if layer in present))
        if layers:
            name = _fill(spec.name, binding) if spec.name else "-".join(binding.values()) or layers[-1]
            environment = _fill(spec.environment, binding) if spec.environment else binding.get("env")
            missing = tuple(layer for layer in wanted if layer not in present)
            yield Stack(name, environment, tuple(map(Layer, layers)), missing, chart, origin=origin)


def origins(tree: Tree, specs: Sequence[StackSpec]) -> list[str]:
    """Where the configuration declares each of its stacks; empty texts where it is not the one at the root."""
    for document in (document for path in FILES for document in tree.documents(path)):
        listed = yaml.lookup(document.root, "stacks") if isinstance(document.root, yaml.Mapping) else None
        items = listed.items if isinstance(listed, yaml.Sequence) else ()
        if [texts_at(item, "layers") for item in items] == [spec.layers for spec in specs]:
            return [f"{document.source.path}:{document.source.position(item.start).line}" for item in items]
    return ["" for _ in specs]


def _fill(template: str, binding: Binding) -> str:
    return _CAPTURE.sub(lambda match: binding.get(match[1], match[0]), template)
