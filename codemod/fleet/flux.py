"""Releases of Flux: each `HelmRelease`, as it stands and as each kustomization patches it.

Follows helm-controller's `HelmRelease` v2 (and v2beta1, v2beta2): the chart's values, or the `valuesFiles` in their
place, then `valuesFrom` in order, then `spec.values`, which win over a `targetPath` too (`ChartValuesFromReferences`
in fluxcd/pkg). Text substitutions (`${VAR}`) are left as they are; what a JSON patch, a patch inside a kustomization
or a patch of a post-renderer changes is only noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from msgspec import Struct

from codemod.config import Config
from codemod.fleet.charts import chart_at, chart_layers, joined, subcharts, unresolved
from codemod.fleet.fluxclusters import Clusters
from codemod.fleet.fluxrelease import VALUES, ChartSaid, Said, chart_said, mapping_at, matters, said_by, unevaluated
from codemod.fleet.fluxsource import Place, Sources
from codemod.fleet.fluxvalues import Found, Values
from codemod.fleet.kustomization import Kustomization, Patch
from codemod.fleet.overlays import Overlays, overlays_of
from codemod.fleet.stack import Layer, Stack, is_name
from codemod.fleet.tree import Manifest, Tree
from codemod.transform import Keys

GROUP = "helm.toolkit.fluxcd.io"
NAME_MAX = 53


class _Release(Struct, frozen=True):
    """A HelmRelease and the patches on it, in order; `overlay` is the kustomization with the last of them."""

    manifest: Manifest
    said: Said
    patches: tuple[Patch, ...] = ()
    overlay: Kustomization | None = None

    @property
    def origin(self) -> str:
        return f"{self.patches[-1].path}:{self.patches[-1].line}" if self.patches else self.manifest.origin

    @property
    def values(self) -> list[Layer]:
        """The inline values, the object's own first."""
        places = [(self.manifest.path, self.manifest.document)] if self.said.has_values else []
        for patch in self.patches:
            if not patch.is_inline and mapping_at(patch.root, *VALUES) is not None:
                places.append((patch.path, patch.document))
        return [Layer(path, document, VALUES) for path, document in places]

    @property
    def notes(self) -> list[str]:
        """What is not known of it."""
        notes = [*unevaluated(self.patches)] if self.patches else []
        if self.said.is_rendered:
            notes.append("its post-renderers are not evaluated")
        if self.manifest.is_template:
            notes.append("the template that it stands in is not rendered")
        return notes


class _Chart(Struct, frozen=True):
    """A release's chart: its folder if it is here, its layers, the value files that are missing, its subcharts."""

    folder: str | None
    layers: tuple[Layer, ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    subcharts: Mapping[Keys, str]


class _World:
    """What all releases share."""

    def __init__(self, tree: Tree, config: Config, overlays: Overlays, releases: Iterable[_Release]) -> None:
        self.tree, self.config, self.overlays = tree, config, overlays
        self.sources, self.clusters = Sources(tree), Clusters(tree, overlays)
        self.values = Values(tree, overlays, (each.name for release in releases for each in release.said.references))
        self.chart = cache(self._chart)

    def _chart(self, said: ChartSaid) -> _Chart:
        """The chart of `spec.chart`, of a `HelmChart` object, or of another source."""
        kind, name = said.other
        spec = self.sources.helm_chart(name) if name and kind == "HelmChart" else None
        if name and spec is None:
            return self._placed(self.sources.referred(kind, name), (), ())
        if spec is not None:
            said = chart_said((spec,))
        place = self.sources.place(said.name, *said.source)
        return self._placed(place, *self._layers(place, said))

    def _layers(self, place: Place, said: ChartSaid) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
        """The values, and the files of values that are missing; `valuesFiles` replace the chart's own."""
        own = chart_layers(self.tree, place.folder) if place.folder is not None else ()
        if not said.files or not place.is_here:
            return own, ()
        paths = [joined("", file.lstrip("/")) or file for file in said.files]
        layers = tuple(Layer(path) for path in paths if path in self.tree.paths)
        missing = () if said.is_lenient else tuple(path for path in paths if path not in self.tree.paths)
        return (*(layer for layer in own if layer.prefix), *layers), missing

    def _placed(self, place: Place, layers: tuple[Layer, ...], missing: tuple[str, ...]) -> _Chart:
        chart = chart_at(self.tree, place.folder) if place.folder is not None else None
        notes = (place.note,) if place.note else ()
        if chart is None:
            return _Chart(place.folder, layers, missing, notes, {})
        return _Chart(
            place.folder, layers, missing, (*notes, *unresolved(self.tree, chart)), subcharts(self.tree, chart)
        )


def releases(tree: Tree, config: Config) -> Iterator[Stack]:
    """A stack for each HelmRelease that names a chart, and one more for each kustomization that patches it.

    A HelmRelease that is itself a patch is none. The values that a patch brings are a layer above the object's own.
    The environment is the configured one, else the cluster's (`clusters/<name>/`).
    """
    manifests = [each for each in tree.manifests(GROUP) if each.kind == "HelmRelease"]
    if not manifests:
        return
    overlays = overlays_of(tree)
    found = list(_found(manifests, overlays))
    world = _World(tree, config, overlays, found)
    for release in found:
        yield _stack(world, release)


def shortened(name: str) -> str:
    """A release's name, ended by a hash where Helm would refuse it (helm-controller's `ShortenName`)."""
    if len(name) <= NAME_MAX:
        return name
    import hashlib

    return f"{name[:40]}-{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:12]}"


def _found(manifests: Iterable[Manifest], overlays: Overlays) -> Iterator[_Release]:
    said = cache(said_by)
    for manifest in manifests:
        base = _Release(manifest, said((manifest.root,)))
        if manifest.path in overlays.patched_with or not base.said.is_release:
            continue
        yield base
        for each in overlays.reaching(manifest.path):
            if any(map(matters, overlays.own_patches(each, manifest))):
                patches = tuple(filter(matters, overlays.patches(each, manifest)))
                roots = (*(patch.root for patch in reversed(patches)), manifest.root)
                yield _Release(manifest, said(roots), patches, each)


def _stack(world: _World, release: _Release) -> Stack:
    said, chart = release.said, world.chart(release.said.chart)
    namespace = world.overlays.namespace(release.overlay, release.manifest) or said.namespace
    found = list(_references(world, release, namespace or "default")) if said.references else []
    path = release.overlay.path if release.overlay is not None else release.manifest.path
    return Stack(
        said.name,
        world.config.environment_of(path) or world.clusters.of(release.manifest, release.overlay),
        (*chart.layers, *[each.layer for each in found if each.layer is not None], *release.values),
        (*chart.missing, *[each.missing for each in found if each.missing]),
        chart.folder,
        (*chart.notes, *[each.note for each in found if each.note], *release.notes),
        release.origin,
        "flux",
        shortened(said.release_name or (f"{said.target}-{said.name}" if said.target else said.name)),
        said.target or namespace or "default",
        chart.subcharts,
        images=said.images,
        has_namespace=is_name(said.target or namespace),
    )


def _references(world: _World, release: _Release, namespace: str) -> Iterator[Found]:
    """What stands for the entries of `valuesFrom`."""
    overlay, path = release.overlay, release.manifest.path
    for reference in release.said.references:
        yield world.values.find(
            reference, (overlay,) if overlay is not None else world.overlays.reaching(path), namespace
        )
