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
    -  imageTag: dev
       imagePullPolicy: IfNotPresent
     image:
       repository: ghcr.io/acme/web
    +  digest: <digest>

A chart that takes the shared tag where an image has none becomes digest-aware first. The digest goes where every
release that reads the file takes the same image: below the repository, or into a higher layer, whose map is added if it
has none.

The shared tag goes once no image takes it (`spent-tags`).

Leaves alone: images with a tag of their own.
Reports: images whose only place is read by releases with different tags (`shared-tag`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.edits import Edit
from codemod.fleet import Fleet, Place
from codemod.fleet.families import Family, tag_family
from codemod.formats import yaml
from codemod.source import Source, Span
from codemod.transform import Fact, Image, Keys, Rendering, Transform
from transforms._documents import surface
from transforms._map_edits import insert_digest
from transforms._maps import ImageMap, image_maps
from transforms._own_layers import added, is_for_one, own_layer, taken
from transforms._shared import Borrowed, borrowed, borrows

transform = Transform(__name__, reads=yaml.LANGUAGE)


@transform.scan
def shared_tags(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if not fleet.stacks_of(source.path):
        return
    is_charted = any(stack.chart is not None for stack in fleet.stacks_of(source.path))
    for document in yaml.documents(source):
        images = image_maps(document, fleet)
        for image in images:
            if borrows(document, image, fleet):
                yield from _borrowing(source, document, image, fleet)
        known = {(id(image.mapping), image.family) for image in images}
        for mapping in document.mappings if is_charted else ():
            if mapping.entries and not isinstance(mapping.parent, yaml.Sequence):
                for family in _families(document, yaml.keys_of(mapping), fleet):
                    if (id(mapping), family) not in known:
                        yield from _overlay(source, document, mapping, family, fleet)
        yield from _added(source, document, fleet)


def _borrowing(source: Source, document: yaml.Document, image: ImageMap, fleet: Fleet) -> Iterator[Image]:
    """The map that names the repository: pinned there if one digest is right for all without a layer of their own."""
    family, places = image.family, fleet.places(document, image.keys)
    found = [(place, one) for place in places if (one := borrowed(fleet, place.view, family))]
    is_for_all = all(is_for_one(fleet, place.layer, place.view.keys, family) for place in places)
    kept = [(place, one) for place, one in found if is_for_all or own_layer(fleet, place, family) is None]
    if not kept:
        return
    are_read = all(fleet.reading(place.view.stack, place.view.keys, family.tag) is not None for place in places)
    is_here = is_for_all or (are_read and len({one.reference.lookup for _, one in kept}) == 1)
    reason, message = (None, "") if is_here else ("shared-tag", _differing(kept))
    entry = next((entry for entry in image.mapping.entries if entry.value is image.site), None)
    edits = insert_digest(source, image.family, (image.digest, entry)) if reason is None else ()
    assert isinstance(image.site, yaml.Scalar)
    yield _pinned(document, image.site.inner, image.keys, family, kept, edits, fleet, reason, message)


def _families(document: yaml.Document, keys: Keys, fleet: Fleet) -> dict[Family, None]:
    """The families of the images that releases see in a map without a tag of its own."""
    return {
        family: None
        for place in fleet.places(document, keys)
        for other in fleet.readings(place.view.stack)
        if other.keys == place.view.keys and (family := tag_family(other.tag)) is not None
    }


def _overlay(
    source: Source, document: yaml.Document, mapping: yaml.Mapping, family: Family, fleet: Fleet
) -> Iterator[Image]:
    """The same map in a higher layer, where all releases of the layer take one image and not all of the lower one."""
    keys = yaml.keys_of(mapping)
    found = taken(document, keys, family, fleet)
    first = next((entry.value for entry in mapping.entries if isinstance(entry.value, yaml.Scalar)), None)
    if found and first is not None:
        edits = insert_digest(source, family, (mapping.get(family.digest), *mapping.entries))
        yield _pinned(document, first.inner, keys, family, found, edits, fleet, None, "")


def _added(source: Source, document: yaml.Document, fleet: Fleet) -> Iterator[Image]:
    """The map is not there yet: it is added, with its digest alone."""
    for keys, family, edit in added(document, fleet):
        line = len(source.data[: edit.start].rstrip(b"\r\n"))
        found = taken(document, keys, family, fleet)
        yield _pinned(document, Span(line, line), keys, family, found, (edit,), fleet, None, "")


def _pinned(
    document: yaml.Document,
    span: Span,
    keys: Keys,
    family: Family,
    found: list[tuple[Place, Borrowed]],
    edits: tuple[Edit, ...],
    fleet: Fleet,
    reason: str | None,
    message: str,
) -> Image:
    if reason is None and not all(one.takes_digest for _, one in found):
        reason, message = "chart-ignores-digest", "the chart takes the shared tag alone"
    refusals = (fleet.schemas.refusing(place.view.stack, place.view.keys, family.tag) for place, _ in found)
    if reason is None and (schema := next((path for path in refusals if path), "")):
        reason, message = "chart-ignores-digest", f"{schema} does not allow a digest"
    renders = tuple(Rendering(one.reference, place.stack.name, place.stack.environment) for place, one in found)
    edits, views = () if reason else edits, fleet.views(document, (*keys, family.tag))
    text = document.source.text(span) or ".".join(map(str, (*keys, family.digest)))
    return Image(span, surface(document), text, renders, edits, reason, views, is_parted=True, message=message)


def _differing(found: list[tuple[Place, Borrowed]]) -> str:
    tags = sorted({f"{one.reference.tag} in {place.stack.environment or place.stack.name}" for place, one in found})
    keys = ".".join(map(str, found[0][1].keys))
    return f"its tag is {keys} ({', '.join(tags)}); no layer is read by releases of one tag alone"
