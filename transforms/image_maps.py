"""Pin images that a values map spells in parts: the floating tag gives way to a digest, in place.

Why: `tag: main` deploys whatever was pushed last; the chart that reads `digest` deploys what Git says.

     image:
       repository: ghcr.io/acme/web
    -  tag: main # moved by CI
    +  digest: <digest> # moved by CI
       pullPolicy: IfNotPresent

Shapes: `repository`+`tag` with or without `registry` and `digest`, `image`+`tag`, `name`+`tag` under an image key, flat
`imageRepository`/`imageTag` in camel, snake and kebab case; the repository may stand in a lower layer of a stack. A tag
without any (`tag`, `webTag`) is one where a chart puts it behind a name of its own.

Leaves alone: Git sources, Helm charts, `tag` keys that belong to no image, maps that are pinned.
Reports: no repository known (`repository-unknown`), several repositories at one place (`ambiguous-repository`), values
that a template computes (`computed-reference`), anchors that serve several images (`anchor-shared`), numbers that
change when they are read (`ambiguous-tag`), a floating tag whose digest stands in the tag field or in another layer
(`floating-tag-beside-digest`), no tag at all (`chart-default-tag`), a key that stands twice (`unparsable`), an image
that is never pulled (`never-pulled`), a tag that Flux writes (`controller-writes-tag`); where its ImagePolicy knows the
digest, the marker becomes `:digest`.
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.source import Source, Span
from codemod.transform import Fact, Image, Transform
from transforms._charts import charts_of
from transforms._custom import controller_of
from transforms._documents import WORDS, documents, surface
from transforms._elements import element
from transforms._inherited import renamed, stale_digest
from transforms._kustomize import changed_later
from transforms._map_edits import pin_map_edits
from transforms._map_reasons import affix, repeated_key, why_not
from transforms._maps import ImageMap, image_maps
from transforms._markers import WRITES_TAG, follow
from transforms._places import is_aliased, merging
from transforms._readers import template_reader
from transforms._renders import filled_in, is_completed_elsewhere, is_computed_map, renderings
from transforms._shared import borrows, is_apart

transform = Transform(__name__, reads=yaml.LANGUAGE, words=WORDS)


@transform.scan
def maps(source: Source, fleet: Fleet) -> Iterator[Fact]:
    for document in documents(source, fleet.config.words):
        for image in image_maps(document, fleet):
            if fleet.handed.is_parameter(document, image.keys):
                yield from element(document, image, fleet)
            elif isinstance(image.site, yaml.Scalar) and fleet.handed.is_expression(source, image.site):
                continue
            elif not (is_apart(document, image, fleet) or borrows(document, image, fleet)):
                yield _fact(source, document, image, fleet)


def _fact(source: Source, document: yaml.Document, image: ImageMap, fleet: Fleet) -> Image:
    span = image.site.inner if isinstance(image.site, yaml.Scalar) else image.site.span
    where, views = surface(document), fleet.views(document, (*image.keys, image.family.tag))
    written = source.text(span)
    charts = charts_of(document, image, fleet)
    if is_computed_map(image) or (not charts.are_known and is_completed_elsewhere(document, image, fleet)):
        reason = None if where == "helm-template" else "computed-reference"
        renders, tag = filled_in(document, image, charts, fleet)
        return Image(span, where, written, renders, reason=reason, views=views, is_parted=True, tag=tag)
    renders = renderings(document, image, charts, fleet)
    reason, said = why_not(image, document, renders, fleet)
    reason, message = stale_digest(fleet, charts, image.family, reason)
    message = message or said
    if repeated := repeated_key(image):
        reason, message = "unparsable", f"the key {repeated!r} stands twice in one map"
    if reason is None and not charts.are_known and (part := affix(image)) is not None:
        reason, message = "computed-reference", f"{part!r} beside it changes the tag"
    if reason is None and not charts.are_known and (reader := template_reader(source, image, fleet)) is not None:
        reason, message = "computed-reference", f"a template in {reader} reads the tag and no digest"
    if (
        reason is None
        and not charts.are_known
        and image.digest is None
        and (kind := controller_of(document, image.mapping))
    ):
        reason, message = "computed-reference", f"whether the controller of {kind} takes a digest is not known"
    tag = image.mapping.text(image.family.tag) or ""
    if reason is None and charts.ignored and image.tag is not None and fleet.gives_way(tag):
        reason, message = "tag-not-rendered", charts.ignored
        if is_aliased(document, image.mapping):
            reason, message = "anchor-shared", "no image is made of it here, but an alias stands for it elsewhere"
    if reason is None and charts.computing:
        reason, message = "computed-reference", charts.computing
    stacks = [place.stack for place, _ in charts.readings]
    if reason is None and (change := changed_later((render.reference for render in renders), stacks, fleet)):
        reason, message = "computed-reference", change
    form = fleet.config.contract_of(source.path)
    form = "digest" if form == "ref" and not charts.take_ref else form
    if reason is None and form != "ref" and (refusal := charts.refuse(fleet, image.family.tag)):
        reason, message = "chart-ignores-digest", refusal
    note = "tag-kept-for-label" if charts.keep_tag and image.tag is not None else None
    edits = () if reason else pin_map_edits(source, image, renders[0].reference, fleet.config.floats, form, bool(note))
    edits, writes = follow(source, image.tag, image.digest, edits, fleet)
    if writes:
        reason, message = WRITES_TAG, writes
    return Image(
        *(span, where, written, renders, edits, reason, views),
        is_parted=True,
        tag=tag,
        unproven=not charts.are_known,
        renamed=renamed(fleet, charts, image.family),
        lower=charts.lower(fleet, image.family.tag),
        requires=_required(document, image),
        message=message or ("" if reason else charts.keep_tag),
        note=note,
        digest=image.written_digest,
    )


def _required(document: yaml.Document, image: ImageMap) -> tuple[Span, ...]:
    """The places that would go wrong if this map alone were pinned.

    They are the aliases of its tag, which would show the digest as a tag, and maps that merge it and say another tag.
    """
    tag = image.tag.value if image.tag is not None else None
    spans = [alias.span for alias in document.aliases if tag is not None and tag.anchor and alias.target is tag]
    for other in merging(document, image.mapping):
        entry = other.get(image.family.tag)
        if entry is not None:
            spans.append(entry.value.inner if isinstance(entry.value, yaml.Scalar) else entry.value.span)
    return tuple(spans)
