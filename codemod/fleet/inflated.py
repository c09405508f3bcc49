"""Releases of kustomize: each chart that a kustomization inflates, by `helmCharts` or `helmChartInflationGenerator`.

Follows kustomize's HelmChartInflationGenerator: a chart is looked for in `chartHome`, and fetched where it is not
there. `valuesInline` goes over `valuesFile` (or the chart's own values), below it with `valuesMerge: merge`, and takes
its place with `replace`; `additionalValuesFiles` come last.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from codemod.config import Config
from codemod.fleet.charts import Chart, chart_at, chart_layers, joined, subcharts, unresolved
from codemod.fleet.kustomization import FILES, items_at, text_at, texts_at
from codemod.fleet.stack import Layer, Stack, is_name
from codemod.fleet.tree import Tree
from codemod.formats import yaml

KIND = "kustomize"
_WORD = b"helmChart"


class _Inflation(Struct, frozen=True):
    """One entry: where it stands, its map, the keys that an older kustomize had other names for, and the chart home."""

    path: str
    document: int
    folder: str
    entry: yaml.Mapping
    home: str
    namespace: str
    is_old: bool = False

    def text(self, key: str) -> str:
        """The text of a key, by the name that it has here."""
        return self.entry.text(_OLD.get(key, key) if self.is_old else key) or ""

    @property
    def inline(self) -> yaml.Mapping | None:
        """The inline values."""
        found = yaml.lookup(self.entry, "valuesLocal" if self.is_old else "valuesInline")
        return found if isinstance(found, yaml.Mapping) else None


_OLD = {
    **{"name": "chartName", "version": "chartVersion", "repo": "chartRepoUrl"},
    **{"valuesFile": "values", "namespace": "releaseNamespace"},
}


def releases(tree: Tree, config: Config) -> Iterator[Stack]:
    """A stack for each chart of each kustomization."""
    files = tree.named(*FILES)
    for path in files if tree.mention(files, _WORD) else ():
        source = tree.source(path)
        if source is not None and source.mentions((_WORD,)):
            yield from (_stack(tree, config, each) for each in _inflations(tree, path) if each.text("name"))


def _inflations(tree: Tree, path: str) -> Iterator[_Inflation]:
    for number, document in enumerate(tree.documents(path)):
        root, folder = document.root, path.rpartition("/")[0]
        if not isinstance(root, yaml.Mapping):
            continue
        namespace = root.text("namespace") or ""
        home = text_at(root, "helmGlobals", "chartHome") or "charts"
        for item in items_at(root, "helmCharts"):
            if isinstance(item, yaml.Mapping):
                yield _Inflation(path, number, folder, item, home, namespace)
        old = [item for item in items_at(root, "helmChartInflationGenerator") if isinstance(item, yaml.Mapping)]
        homes = [item.text("chartHome") for item in old if item.text("chartHome")]
        for item in old:
            yield _Inflation(path, number, folder, item, (homes or [home])[-1] or home, namespace, is_old=True)


def _stack(tree: Tree, config: Config, each: _Inflation) -> Stack:
    folder = _chart_folder(tree, each)
    chart = chart_at(tree, folder) if folder is not None else None
    layers, missing = _layers(tree, each, chart)
    name = each.text("releaseName") or each.text("name")
    where = each.text("repo") or "?"
    notes = (
        unresolved(tree, chart) if chart else (f"The chart {each.text('name')} of {where} is not in the repository.",)
    )
    line = tree.documents(each.path)[each.document].source.position(each.entry.start).line
    return Stack(
        name,
        config.environment_of(each.path),
        layers,
        missing,
        chart.folder if chart is not None else None,
        notes,
        f"{each.path}:{line}",
        KIND,
        name,
        each.text("namespace") or each.namespace or "default",
        subcharts(tree, chart) if chart is not None else {},
        has_namespace=is_name(each.text("namespace") or each.namespace),
    )


def _chart_folder(tree: Tree, each: _Inflation) -> str | None:
    """The folder of the chart in the chart home; one that was fetched has its version in the folder above."""
    name, version = each.text("name"), each.text("version")
    above = [each.home] if not (version and each.text("repo")) else [f"{each.home}/{name}-{version}", each.home]
    folders = (joined(each.folder, f"{home}/{name}") for home in above)
    return next((folder for folder in folders if folder is not None and chart_at(tree, folder) is not None), None)


def _layers(tree: Tree, each: _Inflation, chart: Chart | None) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
    """The values, lowest first, and the files that are not there."""
    own = chart_layers(tree, chart.folder) if chart is not None else ()
    inline = (Layer(each.path, each.document, yaml.keys_of(node)),) if (node := each.inline) is not None else ()
    merge = each.text("valuesMerge") if inline else ""
    named = each.text("valuesFile")
    files, missing = _files(tree, each, (named,) if named and merge != "replace" else ())
    if merge == "merge":
        again = own[-1:] if chart is not None and not named else ()
        middle = (*inline, *(again or files))
    else:
        middle = (*files, *inline)
    last, lacking = _files(tree, each, texts_at(each.entry, "additionalValuesFiles"))
    return (*own, *middle, *last), (*missing, *lacking)


def _files(tree: Tree, each: _Inflation, texts: tuple[str, ...]) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
    paths = [joined(each.folder, text) or text for text in texts]
    return tuple(Layer(path) for path in paths if path in tree.paths), tuple(
        path for path in paths if path not in tree.paths
    )
