"""Pin whole references in values whose keys do not say that they are images, where a chart prints them as one.

Why: `proxy: ghcr.io/acme/proxy:dev` is as much an image as any, once a template says `image: {{ .Values.proxy }}`.

    # file: charts/web/Chart.yaml
     apiVersion: v2
     name: web
     version: 1.0.0
    # file: charts/web/templates/deployment.yaml
     spec:
       containers:
         - name: proxy
           image: {{ .Values.proxy }}
    # file: charts/web/values.yaml
    -proxy: ghcr.io/acme/proxy:dev # beside the app
    +proxy: ghcr.io/acme/proxy@<digest> # beside the app

The chart is executed to see it; a value that the release does not print as an image, or that a template takes apart, is
none.

Leaves alone: what stands under image keys (`image-references`), references that are pinned, hosts with a port.
Reports: an anchor that also serves something else (`anchor-shared`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet, Place
from codemod.formats import yaml
from codemod.source import Source
from codemod.transform import Fact, Image, Rendering, Transform
from transforms._documents import documents, surface
from transforms._keys import candidate
from transforms._places import serves_others
from transforms._references import references
from transforms._whole import pin_edits

transform = Transform(__name__, reads=yaml.LANGUAGE)


@transform.scan
def values(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if all(stack.chart is None for stack in fleet.stacks_of(source.path)):
        return
    telling = documents(source, fleet.config.words)
    known = {id(whole.scalar) for document in telling for whole in references(document, fleet)}
    for document in yaml.documents(source):
        for scalar in yaml.scalars(document.root) if document.problem is None else ():
            may_be_one = not scalar.templated and fleet.wholes.may_be_one(scalar.value)
            if may_be_one and id(scalar) not in known and scalar.is_text:
                yield from _fact(source, document, scalar, fleet)


def _fact(source: Source, document: yaml.Document, scalar: yaml.Scalar, fleet: Fleet) -> Iterator[Image]:
    reference = candidate(scalar.value)
    if reference is None:
        return
    keys = yaml.keys_of(scalar)
    printed = [place for place in fleet.places(document, keys) if _is_printed(place, scalar, fleet)]
    if not printed:
        return
    renders = tuple(Rendering(reference, place.stack.name, place.stack.environment) for place in printed)
    reason = "anchor-shared" if serves_others(document, scalar) else None
    edits = () if reason else pin_edits(source, scalar.inner, scalar.value, fleet.config.floats)
    views = fleet.views(document, keys)
    yield Image(scalar.inner, surface(document), scalar.value, renders, edits, reason, views=views)


def _is_printed(place: Place, scalar: yaml.Scalar, fleet: Fleet) -> bool:
    """Whether the release takes the value from here, and prints it as an image."""
    return fleet.is_effective(place, scalar) and place.view.keys in fleet.wholes.printed(place.view.stack)
