"""What a HelmRelease says, wherever it stands: read once for all that say the same, patches included."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from codemod.fleet.fluxvalues import Reference, read_reference
from codemod.fleet.imagetag import Entry, read
from codemod.fleet.kustomization import Patch, items_at, text_at, texts_at
from codemod.formats import yaml

_PATCHED = ("values", "valuesFrom", "chart", "chartRef", "releaseName", "targetNamespace", "postRenderers")
VALUES = ("spec", "values")


class ChartSaid(Struct, frozen=True):
    """How a chart is named: by its source, or by another object; and the value files in the place of its own."""

    name: str
    source: tuple[str, str]
    files: tuple[str, ...]
    is_lenient: bool
    other: tuple[str, str] = ("", "")
    """Kind and name of the object that names it (`chartRef`)."""


class Said(Struct, frozen=True):
    """What a HelmRelease says; `namespace` is its own, `has_values` whether the object itself holds inline ones."""

    name: str
    is_release: bool
    """Whether it has a name, not one that a template makes, and a chart."""
    chart: ChartSaid
    release_name: str | None
    target: str | None
    namespace: str | None
    references: tuple[Reference, ...]
    has_values: bool
    images: tuple[Entry, ...]
    """The entries of `images` of its post-renderers."""
    is_rendered: bool
    """Whether its post-renderers do anything else."""


def said_by(roots: tuple[yaml.Node, ...]) -> Said:
    """What comes out of an object, the last root, and the patches on it, the last word first."""
    own = roots[-1]
    other = (_text(roots, "spec", "chartRef", "kind") or "", _text(roots, "spec", "chartRef", "name") or "")
    chart = chart_said(roots, "spec", "chart", "spec")
    has_chart = any(
        _text(roots, "spec", *keys) is not None for keys in (("chart", "spec", "chart"), ("chartRef", "name"))
    )
    renderers = [item for item in _items(roots, "spec", "postRenderers") if isinstance(item, yaml.Mapping)]
    rendering = [yaml.lookup(item, "kustomize") for item in renderers]
    images = (entry for item in renderers for entry in items_at(item, "kustomize", "images"))
    references = map(read_reference, _items(roots, "spec", "valuesFrom"))
    return Said(
        text_at(own, "metadata", "name") or "",
        has_chart and _is_named(own),
        replace(chart, other=other),
        _text(roots, "spec", "releaseName"),
        _text(roots, "spec", "targetNamespace"),
        text_at(own, "metadata", "namespace"),
        tuple(reference for reference in references if reference is not None),
        mapping_at(own, *VALUES) is not None,
        tuple(read(entry) for entry in images if isinstance(entry, yaml.Mapping)),
        any(not isinstance(one, yaml.Mapping) or bool(set(one.index) - {"images"}) for one in rendering),
    )


def chart_said(roots: tuple[yaml.Node, ...], *above: str) -> ChartSaid:
    """What stands at some keys of a chart; the first that says anything counts."""
    listed = next((texts for root in roots if (texts := texts_at(root, *above, "valuesFiles"))), ())
    single = _text(roots, *above, "valuesFile")
    return ChartSaid(
        _text(roots, *above, "chart") or "",
        (_text(roots, *above, "sourceRef", "kind") or "", _text(roots, *above, "sourceRef", "name") or ""),
        listed or ((single,) if single else ()),
        _text(roots, *above, "ignoreMissingValuesFiles") == "true",
    )


def matters(patch: Patch) -> bool:
    """Whether a patch touches what a release renders."""
    if isinstance(patch.root, yaml.Mapping):
        spec = mapping_at(patch.root, "spec")
        return spec is not None and any(yaml.lookup(spec, key) is not None for key in _PATCHED)
    starts = tuple(f"/spec/{key}" for key in _PATCHED)
    operations = patch.root.items if isinstance(patch.root, yaml.Sequence) else ()
    return any((text_at(operation, "path") or "").startswith(starts) for operation in operations)


def unevaluated(patches: tuple[Patch, ...]) -> Iterator[str]:
    """What is not known of some patches."""
    for patch in patches:
        if not isinstance(patch.root, yaml.Mapping):
            yield f"the JSON patch {patch.path}:{patch.line} is not evaluated"
            continue
        values = mapping_at(patch.root, *VALUES)
        if patch.is_inline and values is not None:
            yield f"the values of the patch in {patch.path}:{patch.line} are not evaluated"
        elif any(scalar.is_null for scalar in yaml.scalars(values)):
            yield f"what null takes away in the patch {patch.path}:{patch.line} is not evaluated"


def mapping_at(root: yaml.Node | None, *keys: str) -> yaml.Mapping | None:
    """The map at a way of keys."""
    node, depth = yaml.descend(root, keys)
    return node if depth == len(keys) and isinstance(node, yaml.Mapping) else None


def _text(roots: tuple[yaml.Node, ...], *keys: str) -> str | None:
    return next((text for root in roots if (text := text_at(root, *keys)) is not None), None)


def _items(roots: tuple[yaml.Node, ...], *keys: str) -> tuple[yaml.Node, ...]:
    """A list; a patch replaces it."""
    return next((items for root in roots if (items := items_at(root, *keys))), ())


def _is_named(root: yaml.Node) -> bool:
    node, depth = yaml.descend(root, ("metadata", "name"))
    return depth == 2 and isinstance(node, yaml.Scalar) and not node.is_null and not node.templated
