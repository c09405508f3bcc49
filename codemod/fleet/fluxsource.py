"""Where Flux takes a chart from: this repository, or somewhere else."""

from __future__ import annotations

from functools import cache

from msgspec import Struct

from codemod.fleet.chartfile import chart_at, joined
from codemod.fleet.kustomization import text_at
from codemod.fleet.tree import Manifest, Tree
from codemod.formats import yaml

GROUP = "source.toolkit.fluxcd.io"
OWN = "flux-system"
"""The `GitRepository` that `flux bootstrap` makes of the repository itself."""


class Place(Struct, frozen=True):
    """The chart's folder, None where it is elsewhere, which `note` then says; `is_here` if its source is this one."""

    folder: str | None
    note: str | None = None
    is_here: bool = False


class Sources:
    """The source objects of a repository (`source.toolkit.fluxcd.io`) by kind and name."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._found: dict[tuple[str, str], list[Manifest]] = {}
        name_of = cache(lambda root: text_at(root, "metadata", "name"))
        for manifest in tree.manifests(GROUP):
            name = name_of(manifest.root)
            if name:
                self._found.setdefault((manifest.kind, name), []).append(manifest)

    def helm_chart(self, name: str) -> yaml.Mapping | None:
        """The `spec` of a `HelmChart` object."""
        for manifest in self._found.get(("HelmChart", name), ()):
            spec = yaml.lookup(manifest.root, "spec")
            if isinstance(spec, yaml.Mapping):
                return spec
        return None

    def place(self, chart: str, kind: str, name: str) -> Place:
        """Where the chart of a `sourceRef` is.

        A `GitRepository` is this repository if it is called `flux-system` or has the same URL; where that cannot be
        told, if a chart stands at that path here.
        """
        if kind != "GitRepository":
            return Place(None, f"chart {chart} comes from {kind or 'a source'} {name}{self._url_of(kind, name)}")
        folder = joined("", chart.lstrip("/"))
        is_here = self._is_own(name)
        if is_here is False:
            return Place(None, f"chart {chart} comes from GitRepository {name}{self._url_of(kind, name)}")
        if folder is not None and chart_at(self._tree, folder) is not None:
            return Place(folder, is_here=True)
        where = "this repository" if is_here else f"GitRepository {name}{self._url_of(kind, name)}"
        return Place(None, f"there is no chart {chart} in {where}", is_here=is_here is True)

    def referred(self, kind: str, name: str) -> Place:
        """Where the chart of a `chartRef` to anything but a `HelmChart` is: never here."""
        return Place(None, f"the chart comes from {kind or 'a source'} {name}{self._url_of(kind, name)}")

    def _is_own(self, name: str) -> bool | None:
        """Whether a `GitRepository` is this repository; None where nothing says so."""
        if name == OWN:
            return True
        own, urls = self._urls("GitRepository", OWN), self._urls("GitRepository", name)
        return bool(own & urls) if own and urls else None

    def _urls(self, kind: str, name: str) -> frozenset[str]:
        texts = (text_at(manifest.root, "spec", "url") for manifest in self._found.get((kind, name), ()))
        return frozenset(_bare(text) for text in texts if text)

    def _url_of(self, kind: str, name: str) -> str:
        found = self._found.get((kind, name), ())
        url = next((url for manifest in found if (url := text_at(manifest.root, "spec", "url"))), None)
        return f" ({url})" if url else ""


def _bare(url: str) -> str:
    """Host and path, whatever the scheme and the user."""
    rest = url.partition("://")[2] or url.replace(":", "/", 1)
    return rest.rpartition("@")[2].removesuffix("/").removesuffix(".git").lower()
