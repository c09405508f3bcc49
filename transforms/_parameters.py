"""Tags that releases set by name: what each makes of one, and whether it can be pinned there."""

from __future__ import annotations

from collections.abc import Sequence

from codemod.fleet import Fleet, Place
from codemod.fleet.families import partners_of
from codemod.formats import yaml
from codemod.reference import Reference, is_digest
from codemod.source import Source
from codemod.transform import Image, Rendering
from transforms._charts import Charts, charts_at, shown
from transforms._inherited import renamed, stale_digest
from transforms._keys import candidate, is_computed, is_spelled_out
from transforms._maps import Value, values_in
from transforms._parameter_edits import Named, pin_parameter_edits
from transforms._renders import composed
from transforms._whole import pin_edits


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
    edits = (
        ()
        if reason
        else pin_parameter_edits(source, named, renders[0].reference, fleet.config.floats, form, bool(note))
    )
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
    if named.is_handed:
        return "generator-element", ""
    is_generated = named.scalar.templated or is_computed(named.scalar.value)
    if is_generated or not all(place.layer.parameters for place in named.places):
        return "tag-in-parameter", ""
    if _is_repeated(named.scalar):
        return "tag-in-parameter", "the same list sets it twice"
    is_aliased = any(alias.target is named.scalar for document in yaml.documents(source) for alias in document.aliases)
    return ("anchor-shared" if is_aliased else None), ""


def _is_repeated(value: yaml.Scalar) -> bool:
    """Whether another item of the list sets the same parameter: without this one, that one would count."""
    item = value.parent
    listed = item.parent if isinstance(item, yaml.Mapping) else None
    if not isinstance(item, yaml.Mapping) or not isinstance(listed, yaml.Sequence):
        return False
    names = [other.text("name") for other in listed.items if isinstance(other, yaml.Mapping)]
    return names.count(item.text("name")) > 1


def whole(source: Source, scalar: yaml.Scalar, places: list[Place], where: str, fleet: Fleet) -> Image | None:
    """A whole reference under the name of an image; None for anything else, as a name whose tag stands elsewhere."""
    texts = [fleet.effective(*place.view[::2]).text or "" for place in places]
    references = [candidate(text) for text in texts]
    if None in references or not all(map(is_spelled_out, texts)):
        return None
    if any(_has_tag_apart(place, reference, fleet) for reference, place in zip(references, places, strict=True)):
        return None
    if any(fleet.wholes.is_completed(place.view.stack, place.view.keys) for place in places):
        message = "a chart completes this name"
        return Image(scalar.inner, where, scalar.value, (Rendering(None),), (), "computed-reference", message=message)
    pairs = zip(references, places, strict=True)
    renders = tuple(Rendering(reference, place.stack.name, place.stack.environment) for reference, place in pairs)
    views = tuple(place.view for place in places)
    if scalar.templated:
        return Image(scalar.inner, where, source.text(scalar.inner), renders, (), "computed-reference", views)
    edits = pin_edits(source, scalar.inner, scalar.value, fleet.config.floats)
    return Image(scalar.inner, where, scalar.value, renders, edits, views=views)


def _has_tag_apart(place: Place, reference: Reference | None, fleet: Fleet) -> bool:
    """Whether a release holds the tag or the digest of a bare name at a key of its own."""
    if reference is None or reference.tag or reference.digest:
        return False
    *above, key = place.view.keys
    return any(fleet.effective(place.view.stack, (*above, name)).text for name in partners_of(str(key)))
