"""Charts as releases: where their subcharts are, which values they come with, and the value files beside them.

Follows Helm's loader and `ProcessDependencies` (helm.sh/helm/v4/pkg/chart): every unpacked chart below `charts/` is a
subchart, declared or not; a declared one stands in the values under its alias, or its name. What `helm dependency
build` would fetch is looked for where `file://` points to; charts of registries and packed ones (`.tgz`) cannot be
read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from codemod.config import Config
from codemod.fleet.chartfile import Chart, Dependency, chart_at, joined, within
from codemod.fleet.stack import Layer, Stack
from codemod.fleet.tree import Tree
from codemod.patterns import on_use
from codemod.transform import Keys

__all__ = [
    "Chart",
    "Dependency",
    "chart_at",
    "chart_layers",
    "is_subchart",
    "joined",
    "releases",
    "subcharts",
    "unresolved",
    "within",
]

_VALUES = on_use(
    r"values[-._](?P<after>[^/]+?)"
    r"|(?!values)(?P<before>[^/]+?)[-._]values"
    r"|values/(?:values[-._])?(?P<inside>[^/]+?)"
    r"|(?:values|envs?|environments?)/(?P<folder>[^/]+)/values"
    r"|(?:envs?|environments?)/(?:values[-._])?(?P<env>[^/]+?)(?:[-._]values)?"
    r"|(?P<ci>ci)/(?P<case>[^/]+)-values"
)
"""How value files beside a chart are called, without `.yaml`; a group is the environment (`ci`: chart-testing)."""
_NO_ENVIRONMENTS = frozenset({"schema", "values"})
_DEPTH_MAX = 16


class _Contents(Struct, frozen=True):
    """What lies in the `charts` folder of each chart folder: unpacked charts and packed ones."""

    unpacked: Mapping[str, tuple[str, ...]]
    packed: Mapping[str, tuple[str, ...]]


def subcharts(tree: Tree, chart: Chart) -> Mapping[Keys, str]:
    """The folders of the subcharts, those of subcharts included, by their place in the chart's values.

    A declared dependency is an unpacked chart of that name below `charts/`, or else what its `file://` names.
    """
    return dict(_subcharts(tree, chart, (), (chart.folder,)))


def unresolved(tree: Tree, chart: Chart) -> tuple[str, ...]:
    """One sentence for each dependency, of the chart or a subchart, that cannot be read here."""
    charts = [chart, *(found for folder in subcharts(tree, chart).values() if (found := chart_at(tree, folder)))]
    return tuple(dict.fromkeys(sentence for each in charts for sentence in _unresolved(tree, each)))


def chart_layers(tree: Tree, folder: str) -> tuple[Layer, ...]:
    """The values that a chart comes with, lowest first: those of its subcharts, deepest first, then its own.

    That is Helm's precedence: what a chart says in a subchart's section, or in `global`, wins over the subchart's own
    values. Conditions, tags and `import-values` are not looked at.
    """
    chart = chart_at(tree, folder)
    own = within(folder, "values.yaml")
    places = subcharts(tree, chart) if chart is not None else {}
    layers = [
        Layer(values, prefix=place)
        for place, below in sorted(places.items(), key=lambda item: (-len(item[0]), item[0]))
        if (values := within(below, "values.yaml")) in tree.paths
    ]
    return (*layers, Layer(own)) if own in tree.paths else tuple(layers)


def are_in(tree: Tree) -> bool:
    """Whether there is a chart in a repository."""
    return bool(tree.named("Chart.yaml"))


def releases(tree: Tree, config: Config, used: Collection[str] = ()) -> Iterator[Stack]:
    """The releases that charts are by themselves.

    One of kind `chart` for each application chart that is neither below another's `charts/` nor in `used` (the folders
    and files that other finders' releases have), and one of kind `values` for each unused file beside such a chart that
    is called as value files of environments are: `values-<env>.yaml`, `<env>-values.yaml`, `env/<env>.yaml` and their
    like.
    """
    beside = _beside(tree)
    for folder in sorted(beside):
        chart = chart_at(tree, folder)
        if chart is None or chart.type == "library" or is_subchart(tree, folder):
            continue
        stack = _chart_stack(tree, config, chart)
        if folder not in used:
            yield stack
        for path in beside[folder]:
            if path not in used:
                yield from _values_stacks(stack, path, config)


def is_subchart(tree: Tree, folder: str) -> bool:
    """Whether a folder is an unpacked chart below another chart's `charts/`."""
    above, _, name = folder.rpartition("/")
    parent, _, word = above.rpartition("/") if "/" in above else ("", "", above)
    return word == "charts" and name[:1] not in "._" and within(parent, "Chart.yaml") in tree.paths


def _chart_stack(tree: Tree, config: Config, chart: Chart) -> Stack:
    path = within(chart.folder, "Chart.yaml")
    name = chart.folder.rpartition("/")[2] or chart.name
    return Stack(
        name,
        config.environment_of(path),
        chart_layers(tree, chart.folder),
        chart=chart.folder,
        notes=unresolved(tree, chart),
        origin=path,
        kind="chart",
        subcharts=subcharts(tree, chart),
    )


def _values_stacks(stack: Stack, path: str, config: Config) -> Iterator[Stack]:
    """The release of a chart with one of the files beside it."""
    stem = path.removeprefix(f"{stack.chart}/").rpartition(".")[0]
    match = _VALUES.fullmatch(stem)
    if match is None:
        return
    groups = {key: text for key, text in match.groupdict().items() if text}
    environment = next(iter(groups.values()))
    if environment not in _NO_ENVIRONMENTS:
        yield replace(
            stack,
            name="-".join((stack.name, *groups.values())),
            environment=config.environment_of(path) or environment,
            layers=(*stack.layers, Layer(path)),
            origin=path,
            kind="values",
        )


def _subcharts(tree: Tree, chart: Chart, place: Keys, above: tuple[str, ...]) -> Iterator[tuple[Keys, str]]:
    """Places and folders; a chart that depends on itself ends there."""
    for name, folder in _children(tree, chart):
        here = (*place, name)
        below = chart_at(tree, folder)
        if below is None or folder in above or len(here) > _DEPTH_MAX:
            continue
        yield here, folder
        yield from _subcharts(tree, below, here, (*above, folder))


def _children(tree: Tree, chart: Chart) -> Iterator[tuple[str, str]]:
    unpacked = _unpacked(tree, chart.folder)
    for dependency in chart.dependencies:
        folder = unpacked.get(dependency.name) or _local(tree, chart, dependency)
        if folder is not None:
            yield dependency.place, folder
    declared = {dependency.name for dependency in chart.dependencies}
    yield from ((name, folder) for name, folder in unpacked.items() if name not in declared)


def _unpacked(tree: Tree, folder: str) -> dict[str, str]:
    """The unpacked charts of a chart folder by the name that they have themselves."""
    folders = _contents(tree).unpacked.get(folder, ())
    return {chart.name: below for below in folders if (chart := chart_at(tree, below)) is not None}


def _local(tree: Tree, chart: Chart, dependency: Dependency) -> str | None:
    """The folder of a chart that a `file://` repository names."""
    if not dependency.repository.startswith("file://"):
        return None
    folder = joined(chart.folder, dependency.repository.removeprefix("file://"))
    return folder if folder is not None and chart_at(tree, folder) is not None else None


def _unresolved(tree: Tree, chart: Chart) -> Iterator[str]:
    unpacked = _unpacked(tree, chart.folder)
    packed = _contents(tree).packed.get(chart.folder, ())
    for dependency in chart.dependencies:
        if dependency.name in unpacked or _local(tree, chart, dependency) is not None:
            continue
        archive = next((path for path in packed if _is_archive_of(path, dependency.name)), None)
        label = f"subchart {dependency.place}" + (f" ({dependency.name})" if dependency.alias else "")
        if archive is not None:
            yield f"{label} is packed in {archive}"
        else:
            source = f" but in {dependency.repository}" if dependency.repository else ""
            yield f"{label} is not in the repository{source}"


def _is_archive_of(path: str, name: str) -> bool:
    """Whether a file is called `<name>-<version>.tgz`."""
    rest = path.rpartition("/")[2].removeprefix(f"{name}-")
    return rest[:1] in "v0123456789" and rest.endswith(".tgz")


@lru_cache(maxsize=1)
def _contents(tree: Tree) -> _Contents:
    """One walk over all paths. Folders in `charts/` that begin with a dot or an underscore are none, as in Helm."""
    unpacked: dict[str, list[str]] = defaultdict(list)
    packed: dict[str, list[str]] = defaultdict(list)
    for path in tree.ordered:
        if path.endswith("/Chart.yaml"):
            folder = path.removesuffix("/Chart.yaml")
            if is_subchart(tree, folder):
                unpacked[folder.rpartition("/")[0].removesuffix("charts").removesuffix("/")].append(folder)
        elif path.endswith(".tgz"):
            above = path.rpartition("/")[0]
            if above == "charts" or above.endswith("/charts"):
                packed[above.removesuffix("charts").removesuffix("/")].append(path)
    return _Contents(
        {folder: tuple(found) for folder, found in unpacked.items()},
        {folder: tuple(found) for folder, found in packed.items()},
    )


def _beside(tree: Tree) -> dict[str, list[str]]:
    """The folders with a `Chart.yaml`, and the YAML files up to two folders below each."""
    found: dict[str, list[str]] = {path.rpartition("/")[0]: [] for path in tree.named("Chart.yaml")}
    for path in tree.ordered if found else ():
        if not path.endswith((".yaml", ".yml")):
            continue
        folder = path
        for _ in range(3):
            folder = folder.rpartition("/")[0]
            if folder in found:
                found[folder].append(path)
                break
    return found
