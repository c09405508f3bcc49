"""Releases of Flux: each `HelmRelease`, as it stands and as each kustomization patches it.

Follows helm-controller's `HelmRelease` v2 (and v2beta1, v2beta2): the chart's values, or the `valuesFiles` in their
place, then `valuesFrom` in order, then `spec.values`, which win over a `targetPath` too (`ChartValuesFromReferences`
in fluxcd/pkg). Text substitutions (`${VAR}`) are left as they are; what a JSON patch, a patch inside a kustomization
or a patch of a post-renderer changes is only noted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from msgspec import Struct

from codemod.config import Config
from codemod.fleet.charts import chart_at, chart_layers, joined, subcharts, unresolved
from codemod.fleet.fluxclusters import Clusters
from codemod.fleet.fluxsource import Place, Sources
from codemod.fleet.fluxvalues import Found, Values, read_reference
from codemod.fleet.imagetag import Entry, read
from codemod.fleet.kustomization import Kustomization, Patch, items_at, text_at, texts_at
from codemod.fleet.overlays import Overlays, overlays_of
from codemod.fleet.stack import Layer, Stack, is_name
from codemod.fleet.tree import Manifest, Tree
from codemod.formats import yaml

GROUP = "helm.toolkit.fluxcd.io"
NAME_MAX = 53
_PATCHED = ("values", "valuesFrom", "chart", "chartRef", "releaseName", "targetNamespace", "postRenderers")


class _Release(Struct, frozen=True):
    """A HelmRelease and the patches on it, in order; `overlay` is the kustomization with the last of them."""

    manifest: Manifest
    patches: tuple[Patch, ...] = ()
    overlay: Kustomization | None = None

    @property
    def name(self) -> str:
        return text_at(self.manifest.root, "metadata", "name") or ""

    @property
    def origin(self) -> str:
        return f"{self.patches[-1].path}:{self.patches[-1].line}" if self.patches else self.manifest.origin

    @property
    def roots(self) -> tuple[yaml.Node, ...]:
        """What says something about the release, the last word first."""
        return (*(patch.root for patch in reversed(self.patches)), self.manifest.root)

    def text(self, *keys: str) -> str | None:
        """The text at a way of keys below `spec`."""
        return next((text for root in self.roots if (text := text_at(root, "spec", *keys)) is not None), None)

    def items(self, *keys: str) -> tuple[yaml.Node, ...]:
        """The list at a way of keys below `spec`; a patch replaces it."""
        return next((items for root in self.roots if (items := items_at(root, "spec", *keys))), ())

    @property
    def values(self) -> Iterator[Layer]:
        """The inline values, the object's own first."""
        for path, document, root in (
            (self.manifest.path, self.manifest.document, self.manifest.root),
            *((patch.path, patch.document, patch.root) for patch in self.patches if not patch.is_inline),
        ):
            if _mapping_at(root, "spec", "values") is not None:
                yield Layer(path, document, ("spec", "values"))

    @property
    def notes(self) -> Iterator[str]:
        for patch in self.patches:
            if not isinstance(patch.root, yaml.Mapping):
                yield f"the JSON patch {patch.path}:{patch.line} is not evaluated"
                continue
            values = _mapping_at(patch.root, "spec", "values")
            if patch.is_inline and values is not None:
                yield f"the values of the patch in {patch.path}:{patch.line} are not evaluated"
            elif any(scalar.is_null for scalar in yaml.scalars(values)):
                yield f"what null takes away in the patch {patch.path}:{patch.line} is not evaluated"
        rendering = [yaml.lookup(item, "kustomize") for item in self._renderers]
        if any(not isinstance(one, yaml.Mapping) or set(one.index) - {"images"} for one in rendering):
            yield "its post-renderers are not evaluated"

    @property
    def images(self) -> Iterator[Entry]:
        """The entries of `images` of its post-renderers."""
        for item in self._renderers:
            images = items_at(item, "kustomize", "images")
            yield from (read(entry) for entry in images if isinstance(entry, yaml.Mapping))

    @property
    def _renderers(self) -> list[yaml.Mapping]:
        return [item for item in self.items("postRenderers") if isinstance(item, yaml.Mapping)]


class _World(Struct, frozen=True):
    """What all releases share."""

    tree: Tree
    config: Config
    overlays: Overlays
    sources: Sources
    values: Values
    clusters: Clusters


class _ChartValues(Struct, frozen=True):
    """The chart's part of a release: its place, its layers, and the value files that are missing."""

    place: Place
    layers: tuple[Layer, ...]
    missing: tuple[str, ...]


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
    names = (text_at(item, "name") or "" for release in found for item in release.items("valuesFrom"))
    values = Values(tree, overlays, names)
    world = _World(tree, config, overlays, Sources(tree), values, Clusters(tree, overlays))
    for release in found:
        yield _stack(world, release)


def shortened(name: str) -> str:
    """A release's name, ended by a hash where Helm would refuse it (helm-controller's `ShortenName`)."""
    if len(name) <= NAME_MAX:
        return name
    return f"{name[:40]}-{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:12]}"


def _found(manifests: Iterable[Manifest], overlays: Overlays) -> Iterator[_Release]:
    for manifest in manifests:
        base = _Release(manifest)
        if manifest.path in overlays.patched_with or not _is_named(manifest) or not _has_chart(base):
            continue
        yield base
        for each in overlays.reaching(manifest.path):
            if any(map(_matters, overlays.own_patches(each, manifest))):
                yield _Release(manifest, tuple(filter(_matters, overlays.patches(each, manifest))), each)


def _is_named(manifest: Manifest) -> bool:
    """Whether an object has a name of its own, not one that a template makes."""
    node, depth = yaml.descend(manifest.root, ("metadata", "name"))
    return depth == 2 and isinstance(node, yaml.Scalar) and not node.is_null and not node.templated


def _has_chart(release: _Release) -> bool:
    return release.text("chart", "spec", "chart") is not None or release.text("chartRef", "name") is not None


def _matters(patch: Patch) -> bool:
    """Whether a patch touches what a release renders."""
    if isinstance(patch.root, yaml.Mapping):
        spec = _mapping_at(patch.root, "spec")
        return spec is not None and any(yaml.lookup(spec, key) is not None for key in _PATCHED)
    starts = tuple(f"/spec/{key}" for key in _PATCHED)
    operations = patch.root.items if isinstance(patch.root, yaml.Sequence) else ()
    return any((text_at(operation, "path") or "").startswith(starts) for operation in operations)


def _stack(world: _World, release: _Release) -> Stack:
    chart = _chart_values(world, release)
    folder = chart.place.folder
    target = release.text("targetNamespace")
    own = world.overlays.namespace(release.overlay, release.manifest)
    said = own or text_at(release.manifest.root, "metadata", "namespace")
    namespace = said or "default"
    found = list(_references(world, release, namespace))
    found_chart = chart_at(world.tree, folder) if folder is not None else None
    notes = (
        *((chart.place.note,) if chart.place.note else ()),
        *(unresolved(world.tree, found_chart) if found_chart is not None else ()),
        *(each.note for each in found if each.note),
        *release.notes,
        *(("the template that it stands in is not rendered",) if _is_template(world.tree, release.manifest) else ()),
    )
    path = release.overlay.path if release.overlay is not None else release.manifest.path
    return Stack(
        release.name,
        world.config.environment_of(path) or world.clusters.of(release.manifest, release.overlay),
        (*chart.layers, *(each.layer for each in found if each.layer is not None), *release.values),
        (*chart.missing, *(each.missing for each in found if each.missing)),
        folder,
        notes,
        release.origin,
        "flux",
        shortened(release.text("releaseName") or (f"{target}-{release.name}" if target else release.name)),
        target or namespace,
        subcharts(world.tree, found_chart) if found_chart is not None else {},
        images=tuple(release.images),
        has_namespace=is_name(target or said),
    )


def _is_template(tree: Tree, manifest: Manifest) -> bool:
    return bool(tree.documents(manifest.path)[manifest.document].masks)


def _chart_values(world: _World, release: _Release) -> _ChartValues:
    """The chart of `spec.chart`, of a `HelmChart` object, or of another source; `valuesFiles` replace its values."""
    kind, name = release.text("chartRef", "kind") or "", release.text("chartRef", "name") or ""
    roots: tuple[tuple[yaml.Node, tuple[str, ...]], ...]
    roots = tuple((root, ("spec", "chart", "spec")) for root in release.roots)
    if name:
        chart = world.sources.helm_chart(name) if kind == "HelmChart" else None
        if chart is None:
            return _ChartValues(world.sources.referred(kind, name), (), ())
        roots = ((chart, ()),)

    def text(*keys: str) -> str:
        return next((text for root, above in roots if (text := text_at(root, *above, *keys)) is not None), "")

    place = world.sources.place(text("chart"), text("sourceRef", "kind"), text("sourceRef", "name"))
    own = chart_layers(world.tree, place.folder) if place.folder is not None else ()
    listed = next((texts for root, above in roots if (texts := texts_at(root, *above, "valuesFiles"))), ())
    files = listed or ((text("valuesFile"),) if text("valuesFile") else ())
    if not files or not place.is_here:
        return _ChartValues(place, own, ())
    paths = [joined("", file.lstrip("/")) or file for file in files]
    layers = tuple(Layer(path) for path in paths if path in world.tree.paths)
    missing = tuple(path for path in paths if path not in world.tree.paths)
    is_lenient = text("ignoreMissingValuesFiles") == "true"
    return _ChartValues(place, (*(layer for layer in own if layer.prefix), *layers), () if is_lenient else missing)


def _references(world: _World, release: _Release, namespace: str) -> Iterator[Found]:
    around = world.overlays.reaching(release.manifest.path) if release.overlay is None else (release.overlay,)
    for item in release.items("valuesFrom"):
        reference = read_reference(item)
        if reference is not None:
            yield world.values.find(reference, around, namespace)


def _mapping_at(root: yaml.Node | None, *keys: str) -> yaml.Mapping | None:
    node, depth = yaml.descend(root, keys)
    return node if depth == len(keys) and isinstance(node, yaml.Mapping) else None
