"""Every release that the repository declares, by whatever tool."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from codemod.config import Config
from codemod.fleet import argocd, charts, flux, helmfile, inflated
from codemod.fleet.chartfile import chart_at
from codemod.fleet.explicit import origins, stacks_of_spec
from codemod.fleet.stack import Stack
from codemod.fleet.tree import Tree
from codemod.fleet.values import is_default

_VALUES = "/values.yaml"


def find_stacks(tree: Tree, config: Config) -> tuple[Stack, ...]:
    """All stacks, those of the configuration first; one that is declared twice is given once, with its chart.

    A release without a chart is the same as one with a chart if both have one environment and one topmost layer. A
    chart that no release renders is a release with its own values, and one with each values file beside it.
    """
    declared = [_with_subcharts(stack, tree) for stack in _declared(tree, config)]
    with_chart = {_top(stack) for stack in declared if stack.chart is not None and stack.layers}
    if with_chart:
        declared = [each for each in declared if each.chart is not None or _top(each) not in with_chart]
    found = {stack.identity: stack for stack in declared}
    if charts.are_in(tree):
        used = {path for stack in found.values() for path in (*stack.paths, *_folders(stack))}
        for stack in charts.releases(tree, config, used):
            found.setdefault(stack.identity, stack)
    return tuple(found.values())


def _declared(tree: Tree, config: Config) -> Iterator[Stack]:
    for spec, origin in zip(config.stacks, origins(tree, config.stacks), strict=True):
        for stack in stacks_of_spec(spec, tree.paths, origin):
            yield _with_chart(stack, tree)
    yield from argocd.releases(tree, config)
    yield from flux.releases(tree, config)
    yield from helmfile.releases(tree, config)
    yield from inflated.releases(tree, config)


def _top(stack: Stack) -> tuple[object, ...]:
    """The environment of a release and its topmost layer, unless that is the chart's own."""
    top = stack.layers[-1] if stack.layers else None
    return stack.environment, None if top is None or is_default(top, stack) else top


def _with_chart(stack: Stack, tree: Tree) -> Stack:
    """An explicit stack with its chart, where its lowest layer is a chart's own values, and the subcharts of that."""
    lowest = stack.layers[0].path
    folder = stack.chart or (lowest.removesuffix(_VALUES) if lowest.endswith(_VALUES) else None)
    chart = chart_at(tree, folder.strip("/")) if folder is not None else None
    if chart is None:
        return stack
    own = charts.chart_layers(tree, chart.folder)
    return replace(stack, chart=chart.folder, layers=(*own, *(layer for layer in stack.layers if layer not in own)))


def _with_subcharts(stack: Stack, tree: Tree) -> Stack:
    """A stack with the subcharts of its chart, and their values below everything else."""
    chart = chart_at(tree, stack.chart) if stack.chart is not None and not stack.subcharts else None
    if chart is None:
        return stack
    below = [layer for layer in charts.chart_layers(tree, chart.folder) if layer.prefix and layer not in stack.layers]
    return replace(stack, layers=(*below, *stack.layers), subcharts=charts.subcharts(tree, chart))


def _folders(stack: Stack) -> Iterator[str]:
    if stack.chart is not None:
        yield stack.chart
    yield from stack.subcharts.values()
