"""Tags that releases set by name: parameters of Argo CD, `set` of helmfiles, `targetPath` of Flux.

Why: a parameter wins over every values file, so that a moving tag there decides what runs.

    # file: apps/web.yaml
     apiVersion: argoproj.io/v1alpha1
     kind: Application
     metadata:
       name: web
     spec:
       source:
         repoURL: https://charts.acme.test
         chart: web
         helm:
           parameters:
             - name: sidecar.image
    -          value: ghcr.io/acme/side:main
    +          value: ghcr.io/acme/side@<digest>

Whole references under the name of an image are pinned in place. A tag is shown with the image that each release makes
of it, the elements of generators filled in.

Leaves alone: parameters that name no image, those over which another one wins.
Reports: a floating tag (`tag-in-parameter`), one whose repository no layer names (`repository-unknown`), one that a
template computes (`computed-reference`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from codemod.fleet import Fleet, Place
from codemod.fleet.families import Family, family_of, partners_of
from codemod.formats import yaml
from codemod.reference import Reference
from codemod.source import Source
from codemod.transform import Fact, Image, Rendering, Transform
from transforms._charts import shown
from transforms._documents import documents, surface
from transforms._evidence import is_git_place
from transforms._keys import candidate, is_computed, is_image_key, is_spelled_out
from transforms._maps import values_in
from transforms._references import references
from transforms._renders import composed
from transforms._whole import pin_edits

transform = Transform(__name__, reads=yaml.LANGUAGE)


@transform.scan
def named(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if source.outer is not None:
        return
    found: dict[int, list[tuple[Place, yaml.Scalar]]] = defaultdict(list)
    for place, scalar in fleet.named(source.path):
        if place.view.keys and fleet.is_effective(place, scalar):
            found[scalar.start].append((place, scalar))
    known = {w.scalar.start for document in documents(source) for w in references(document, fleet)} if found else set()
    for uses in (uses for start, uses in found.items() if start not in known):
        key, scalar = str(uses[0][0].view.keys[-1]), uses[0][1]
        places = [place for place, _ in uses]
        family = family_of(key)
        where = _surface(source, scalar)
        if family is not None:
            part = _part(source, scalar, places, family, where, fleet)
            if part.reason != "repository-unknown" or not is_git_place(places[0].view.keys):
                yield part
        elif is_image_key(key) and (fact := _whole(source, scalar, places, where, fleet)) is not None:
            yield fact


def _part(source: Source, scalar: yaml.Scalar, places: list[Place], family: Family, where: str, fleet: Fleet) -> Image:
    """A tag or a digest, with what each release makes of it."""
    renders = []
    for place in places:
        keys, value = place.view.keys[:-1], values_in(fleet, place.view._replace(keys=place.view.keys[:-1]))
        reading = fleet.reading(place.view.stack, keys, family.tag)
        printed = shown(reading, value(family.tag), value(family.digest)) if reading is not None else ()
        for reference in printed or (composed(value, family, keys),):
            renders.append(Rendering(reference, place.stack.name, place.stack.environment))
    text, tags = source.text(scalar.inner), [fleet.effective(*place.view[::2]).text or "" for place in places]
    floating = next((tag for tag in tags if fleet.gives_way(tag)), "")
    reason = "tag-in-parameter" if floating else None
    if any(render.reference is None for render in renders):
        reason = "computed-reference" if is_computed(tags[0]) else "repository-unknown"
    views = tuple(place.view._replace(keys=(*place.view.keys[:-1], family.tag)) for place in places)
    return Image(
        *(scalar.inner, where, text, tuple(renders), (), reason, views), is_parted=True, tag=floating or tags[0]
    )


def _whole(source: Source, scalar: yaml.Scalar, places: list[Place], where: str, fleet: Fleet) -> Image | None:
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


def _surface(source: Source, scalar: yaml.Scalar) -> str:
    found = (document for document in yaml.documents(source) if document.span.start <= scalar.start < document.span.end)
    return next((surface(document) for document in found), "helm-values")
