"""Tags that releases set by name: what each makes of one, and whether it can be pinned there."""

from __future__ import annotations

from collections.abc import Sequence

from codemod.fleet import Fleet, Place
from codemod.formats import yaml
from codemod.reference import is_digest
from codemod.source import Source
from codemod.transform import Image, Rendering
from transforms._charts import Charts, charts_at, shown
from transforms._inherited import renamed, stale_digest
from transforms._keys import is_computed
from transforms._maps import Value, values_in
from transforms._parameter_edits import Named, pin_edits
from transforms._renders import composed


def renderings(named: Named, fleet: Fleet) -> tuple[Rendering, ...]:
    """What each release makes of it, those without a digest first."""
    renders = []
    for place in named.places:
        view, value = place.view, _value(named, place, fleet)
        reading = fleet.reading(view.stack, view.keys, named.family.tag)
        tag, digest = value(named.family.tag), value(named.family.digest)
        printed = shown(reading, tag, digest) if reading is not None else ()
        for reference in printed or (composed(value, named.family, view.keys),):
            renders.append(Rendering(reference, place.stack.name, place.stack.environment))
    return tuple(sorted(renders, key=lambda render: render.reference is not None and bool(render.reference.digest)))


def _value(named: Named, place: Place, fleet: Fleet) -> Value:
    """What a release says at the keys of the map; a tag of another layer beside a digest is that layer's business."""
    value, tag = values_in(fleet, place.view), named.family.tag
    if not is_digest(named.scalar.value):
        return value
    is_own = fleet.effective(place.view.stack, (*place.view.keys, tag)).layer == place.layer
    return lambda key: value(key) if is_own or key != tag else None


def part(source: Source, named: Named, where: str, fleet: Fleet) -> Image:
    """The fact about it."""
    scalar, family, renders = named.scalar, named.family, renderings(named, fleet)
    charts = charts_at(named.places, (), family.tag, fleet)
    tags = [_value(named, place, fleet)(family.tag) or "" for place in named.places]
    floating = next((tag for tag in tags if fleet.gives_way(tag)), "")
    reason, message = _why_not(named, renders, charts, fleet)
    if floating and reason is None:
        reason, message = _why_not_moving(source, named, charts)
    form = fleet.config.contract_of(source.path)
    form = "digest" if form == "ref" and not charts.take_ref else form
    if reason is None and form != "ref" and floating and (refusal := charts.refuse(fleet, family.tag)):
        reason, message = "chart-ignores-digest", refusal
    note = "tag-kept-for-label" if charts.keep_tag else None
    edits = () if reason else pin_edits(source, named, renders[0].reference, fleet.config.floats, form, bool(note))
    views = (place.view._replace(keys=(*place.view.keys, family.tag)) for place in named.places)
    is_filled = named.digest is not None and named.digest.value
    return Image(
        *(scalar.inner, where, source.text(scalar.inner), renders, edits, reason, tuple(views)),
        is_parted=True,
        tag=floating or tags[0],
        unproven=not charts.are_known,
        renamed=renamed(fleet, charts, family),
        lower=charts.lower(fleet, family.tag),
        message=message or ("" if reason else charts.keep_tag),
        note=note if edits else None,
        digest=named.digest.inner if named.digest is not None and is_filled else None,
    )


def _why_not(named: Named, renders: Sequence[Rendering], charts: Charts, fleet: Fleet) -> tuple[str | None, str]:
    """The reason code for one that cannot be pinned whatever its digest, and more about it."""
    is_known = all(render.reference is not None for render in renders)
    if named.scalar.templated or is_computed(named.scalar.value):
        return (None if is_known else "computed-reference"), ""
    return stale_digest(fleet, charts, named.family, None) if is_known else ("repository-unknown", "")


def _why_not_moving(source: Source, named: Named, charts: Charts) -> tuple[str | None, str]:
    """The same for one whose tag floats."""
    if charts.ignored:
        return "tag-not-rendered", charts.ignored
    if charts.computing:
        return "computed-reference", charts.computing
    is_generated = named.scalar.templated or is_computed(named.scalar.value)
    if is_generated or not all(place.layer.parameters for place in named.places):
        return "tag-in-parameter", ""
    is_aliased = any(alias.target is named.scalar for document in yaml.documents(source) for alias in document.aliases)
    return ("anchor-shared" if is_aliased else None), ""
