"""Pin images that take their tag from a place which several of them share: each gets a digest of its own.

Why: one `imageTag` for the whole fleet moves all images at once, and a digest is only ever that of one.

    # file: charts/web/Chart.yaml
     apiVersion: v2
     name: web
     version: 1.0.0
    # file: charts/web/templates/pod.yaml
     spec:
       containers:
         - name: web
           {{- with .Values.image }}
           {{- $tag := .tag | default $.Values.global.imageTag }}
    -      image: "{{ .repository }}:{{ $tag }}"
    +      image: "{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ $tag }}{{ end }}"
           {{- end }}
    # file: charts/web/values.yaml
     global:
       imageTag: dev
     image:
       repository: ghcr.io/acme/web
    +  digest: <digest>

A chart that takes the shared tag where an image has none becomes digest-aware first. The digest goes where every
release that reads the file takes the same image: below the repository, or into the map of a higher layer.

Leaves alone: images with a tag of their own.
Reports: the shared tag and who takes it, and images whose only place is read by releases with different tags
(`shared-tag`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.edits import Edit
from codemod.fleet import Fleet, Place
from codemod.fleet.families import PLAIN, Family
from codemod.formats import yaml
from codemod.source import Source
from codemod.transform import Fact, Image, Rendering, Transform, View
from transforms._documents import documents, surface
from transforms._inherited import naming, place_of
from transforms._map_edits import insert_digest
from transforms._maps import ImageMap, image_maps
from transforms._shared import Borrowed, borrowed, borrowers, borrows, is_apart, is_for_one, own_layer

transform = Transform(__name__, reads=yaml.LANGUAGE)

_NAMED = 12
"""Images that take a shared tag and are named in its message; the others are counted."""


@transform.scan
def shared_tags(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if not fleet.stacks_of(source.path):
        return
    for document in documents(source):
        images = image_maps(document, fleet)
        for image in images:
            if image.tag is not None and is_apart(document, image, fleet):
                yield _shared(source, document, image, fleet)
            elif borrows(document, image, fleet):
                yield from _borrowing(source, document, image, fleet)
        known = {id(image.mapping) for image in images}
        for mapping in document.mappings:
            if id(mapping) not in known and isinstance(mapping.parent, yaml.Mapping) and mapping.entries:
                yield from _overlay(source, document, mapping, fleet)


def _borrowing(source: Source, document: yaml.Document, image: ImageMap, fleet: Fleet) -> Iterator[Image]:
    """The map that names the repository: pinned there if one digest is right for all, and no higher layer is closer."""
    family, places = image.family, fleet.places(document, image.keys)
    found = [(place, one) for place in places if (one := borrowed(fleet, place.view, family))]
    is_here = all(is_for_one(fleet, place.layer, place.view.keys, family) for place in places)
    kept = [(place, one) for place, one in found if is_here or own_layer(fleet, place, family) is None]
    if not kept:
        return
    reason, message = (None, "") if is_here else ("shared-tag", _differing(kept))
    entry = next((entry for entry in image.mapping.entries if entry.value is image.site), None)
    edits = insert_digest(source, image.family, (image.digest, entry)) if reason is None else ()
    assert isinstance(image.site, yaml.Scalar)
    yield _pinned(document, image.site, image.keys, family, kept, edits, fleet, reason, message)


def _overlay(source: Source, document: yaml.Document, mapping: yaml.Mapping, fleet: Fleet) -> Iterator[Image]:
    """The same map in a higher layer, where all releases of the layer take one image and not all of the lower one."""
    keys = yaml.keys_of(mapping)
    found = [(place, one) for place in fleet.places(document, keys) if (one := borrowed(fleet, place.view, PLAIN))]
    for place, _ in found:
        named = naming(fleet, place, PLAIN)
        lower = place._replace(view=named) if named is not None and named.layer < place.view.layer else None
        if lower is None or is_for_one(fleet, place.stack.layers[lower.view.layer], lower.view.keys):
            return
        if own_layer(fleet, lower, PLAIN) != place.layer:
            return
    first = next((entry.value for entry in mapping.entries if isinstance(entry.value, yaml.Scalar)), None)
    if found and first is not None:
        edits = insert_digest(source, PLAIN, (mapping.get(PLAIN.digest), *mapping.entries))
        yield _pinned(document, first, keys, PLAIN, found, edits, fleet, None, "")


def _pinned(
    document: yaml.Document,
    scalar: yaml.Scalar,
    keys: tuple[str | int, ...],
    family: Family,
    found: list[tuple[Place, Borrowed]],
    edits: tuple[Edit, ...],
    fleet: Fleet,
    reason: str | None,
    message: str,
) -> Image:
    if reason is None and not all(one.takes_digest for _, one in found):
        reason, message = "chart-ignores-digest", "the chart takes the shared tag alone"
    renders = tuple(Rendering(one.reference, place.stack.name, place.stack.environment) for place, one in found)
    edits, views = () if reason else edits, fleet.views(document, (*keys, family.tag))
    text = document.source.text(scalar.inner)
    where = surface(document)
    return Image(scalar.inner, where, text, renders, edits, reason, views, is_parted=True, message=message)


def _differing(found: list[tuple[Place, Borrowed]]) -> str:
    tags = sorted({f"{one.reference.tag} in {place.stack.environment or place.stack.name}" for place, one in found})
    keys = ".".join(map(str, found[0][1].keys))
    return f"its tag is {keys} ({', '.join(tags)}); no layer is read by releases of one tag alone"


def _shared(source: Source, document: yaml.Document, image: ImageMap, fleet: Fleet) -> Image:
    """The shared tag itself, which stands for what takes it."""
    assert isinstance(image.site, yaml.Scalar)
    views, renders, takers, unknown = list[View](), list[Rendering](), set[str](), set[str]()
    for place in fleet.places(document, image.keys):
        found, is_known = borrowers(fleet, place, image.family)
        unknown |= set() if is_known else {place.stack.name}
        for view, reference in found.items():
            views.append(view)
            renders.append(Rendering(reference, place.stack.name, place.stack.environment))
            named = fleet.effective(view.stack, (*view.keys[:-1], "repository"))
            takers.add(place_of(fleet, named) if named.layer is not None else place.stack.name)
    listed = ", ".join(sorted(takers)[:_NAMED]) + (f" and {len(takers) - _NAMED} more" if len(takers) > _NAMED else "")
    message = f"taken by {listed}" if takers else "" if unknown else "no image takes it any more; remove it"
    if unknown:
        message += f"{'; ' if takers else ''}what {min(unknown)} makes of it is not known"
    tag, seen = image.site.inner, fleet.views(document, (*image.keys, image.family.tag)) if unknown else ()
    where, shows = surface(document), () if unknown else tuple(dict.fromkeys(views))
    unique = (tuple(dict.fromkeys(renders)) if unknown else ()) or (Rendering(None),)
    return Image(tag, where, source.text(tag), unique, (), "shared-tag", seen, shows=shows, message=message)
