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

Whole references under the name of an image are pinned in place. A tag gives way to a digest (`image.tag` to
`image.digest`) under the same rules as one in a map of values: the layers name its repository, the chart says whether
it takes a digest, and a tag that it needs elsewhere stays. It is shown with the image that each release makes of it,
at the element of a generator where the template of an ApplicationSet takes it from one.

Leaves alone: parameters that name no image, those over which another one wins.
Reports: a floating tag of a `targetPath` or of a template (`tag-in-parameter`), one whose repository no layer names, or
that no known release reads, as in a `templatePatch` (`repository-unknown`), one that is not known
(`computed-reference`), a tag in an element (`generator-element`), and what is reported of maps of values, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from codemod.fleet import Fleet, Place
from codemod.fleet.families import Family, family_of
from codemod.formats import yaml
from codemod.source import Source
from codemod.transform import Fact, Transform
from transforms._documents import documents, surface
from transforms._evidence import is_git_place
from transforms._keys import is_image_key
from transforms._references import references
from transforms._unread import unread

if TYPE_CHECKING:
    from transforms._parameter_edits import Named

transform = Transform(__name__, reads=yaml.LANGUAGE)

Uses = list[tuple[Place, yaml.Scalar]]


@transform.scan
def named(source: Source, fleet: Fleet) -> Iterator[Fact]:
    known = set()
    if source.outer is None:
        known = {scalar.inner.start for _, scalar in fleet.named(source.path)}
        yield from _of_releases(source, fleet)
    yield from unread(source, fleet, known)


def _of_releases(source: Source, fleet: Fleet) -> Iterator[Fact]:
    found: dict[int, Uses] = defaultdict(list)
    for place, scalar in fleet.named(source.path):
        is_site = place.view.keys and not fleet.handed.is_expression(source, scalar)
        if is_site and fleet.is_effective(place, scalar):
            found[scalar.start].append((place, scalar))
    handed = fleet.handed.taken(source.path)
    for one in handed:
        place = Place(fleet.stacks[one.view.stack], one.layer, one.view)
        if fleet.is_effective(place, one.expression):
            found[one.scalar.start].append((place, one.scalar))
    if not found:
        return
    from transforms._parameters import part, whole

    telling = documents(source, fleet.config.words)
    known = {whole.scalar.start for document in telling for whole in references(document, fleet)}
    for uses in (uses for start, uses in found.items() if start not in known):
        key, scalar = str(uses[0][0].view.keys[-1]), uses[0][1]
        places = [place for place, _ in uses if place.view.keys[-1] == key]
        family = family_of(key)
        where = _surface(source, scalar)
        if family is not None:
            if (tag := _part(key, scalar, places, family, found, fleet)) is not None:
                tag = tag._replace(is_handed=any(one.scalar is scalar for one in handed))
                image = part(source, tag, where, fleet)
                if image.reason != "repository-unknown" or not is_git_place(places[0].view.keys):
                    yield image
        elif is_image_key(key) and (fact := whole(source, scalar, places, where, fleet)) is not None:
            yield fact


def _part(
    key: str,
    scalar: yaml.Scalar,
    places: list[Place],
    family: Family,
    found: Mapping[int, Uses],
    fleet: Fleet,
) -> Named | None:
    """A tag or a digest; None for a digest that is empty, or whose tag stands in the same list."""
    maps = tuple(place._replace(view=place.view._replace(keys=place.view.keys[:-1])) for place in places)
    other = _beside(maps, family.digest if key == family.tag else family.tag, found, fleet)
    if key == family.digest and not (scalar.value and (other is None or not other.value)):
        return None
    from transforms._parameter_edits import Named

    return Named(scalar, maps, family, other if key == family.tag else None)


def _beside(maps: tuple[Place, ...], key: str, found: Mapping[int, Uses], fleet: Fleet) -> yaml.Scalar | None:
    """What the same layer sets at another key of the same map, in every release."""
    setters = {fleet.effective(place.view.stack, (*place.view.keys, key)) for place in maps}
    layers = {place.layer for place in maps}
    starts = {setter.start for setter in setters if setter.layer in layers}
    uses = found.get(starts.pop() or 0) if len(starts) == 1 else None
    return uses[0][1] if uses else None


def _surface(source: Source, scalar: yaml.Scalar) -> str:
    found = (document for document in yaml.documents(source) if document.span.start <= scalar.start < document.span.end)
    return next((surface(document) for document in found), "helm-values")
