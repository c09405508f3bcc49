"""Take away tags that several images shared, once each of these has a digest of its own.

Why: a shared tag that no image takes any more still reads as if it moved them.

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

A map that would be empty goes, too; the only entry of a file is emptied instead.

Leaves alone: a tag that anything but images reads (a label, a condition), that is anchored, that a schema requires.
Reports: the shared tag that stays, and who takes it (`shared-tag`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.edits import Edit
from codemod.fleet import Fleet
from codemod.fleet.values import find
from codemod.formats import yaml
from codemod.source import Source
from codemod.transform import Fact, Image, Rendering, Transform, View
from transforms._documents import documents, surface
from transforms._inherited import place_of
from transforms._maps import ImageMap, image_maps
from transforms._own_layers import added
from transforms._shared import borrowers, is_apart, is_known, other_uses

transform = Transform(__name__, reads=yaml.LANGUAGE)

_NAMED = 12
"""Images that take a shared tag and are named in its message; the others are counted."""


@transform.scan
def tags(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if not fleet.stacks_of(source.path):
        return
    for document in documents(source):
        found = [image for image in image_maps(document, fleet) if image.tag and is_apart(document, image, fleet)]
        for image in found:
            together = sum(other.mapping is image.mapping for other in found)
            edits = _edits(source, document, image, together, fleet) if not document.masks else ()
            yield _fact(source, document, image, edits, fleet)


def _edits(source: Source, document: yaml.Document, image: ImageMap, together: int, fleet: Fleet) -> tuple[Edit, ...]:
    """What takes the tag away: its line, with the map that held nothing else; or what is in its quotes.

    A map that releases would miss stays. `together` is how many tags of the map may go.
    """
    entry = image.tag
    if entry is None or not isinstance(entry.value, yaml.Scalar) or entry.value.anchor is not None:
        return ()
    if _is_anchored(image.mapping) or not fleet.gives_way(entry.value.value):
        return ()
    if len(image.mapping.entries) > together:
        return yaml.remove(source, entry) or ()
    views = [place.view for place in fleet.places(document, image.keys)]
    if together == 1 and all(_has_more(fleet, view, image.family.tag) for view in views):
        removed = yaml.remove_with_map(source, entry, is_replaced=any(added(document, fleet)))
        if removed is not None:
            return (removed,)
    is_quoted = entry.value.style in ("'", '"')
    emptied = yaml.replace(entry.value, b"" if is_quoted else b'""')
    return (emptied,) if emptied is not None else ()


def _is_anchored(node: yaml.Node | None) -> bool:
    while node is not None:
        if node.anchor is not None or (isinstance(node, yaml.Mapping) and "<<" in node.index):
            return True
        node = node.parent
    return False


def _has_more(fleet: Fleet, view: View, tag: str) -> bool:
    """Whether a release sees more in a map than a tag."""
    values, depth = find(fleet.values(view.stack), view.keys)
    return isinstance(values, dict) and depth == len(view.keys) and bool(values.keys() - {tag})


def _fact(source: Source, document: yaml.Document, image: ImageMap, edits: tuple[Edit, ...], fleet: Fleet) -> Image:
    """The shared tag itself, which stands for what takes it."""
    assert isinstance(image.site, yaml.Scalar)
    views, renders, takers = list[View](), list[Rendering](), set[str]()
    places = fleet.places(document, image.keys)
    for place in places:
        for view, reference in borrowers(fleet, place, image.family).items():
            views.append(view)
            renders.append(Rendering(reference, place.stack.name, place.stack.environment))
            named = fleet.effective(view.stack, (*view.keys[:-1], "repository"))
            takers.add(place_of(fleet, named) if named.layer is not None else place.stack.name)
    unknown = min((place.stack.name for place in places if not is_known(fleet, place, image.family)), default="")
    uses = sorted({use for place in places for use in other_uses(fleet, place, image.family)})
    listed = ", ".join(sorted(takers)[:_NAMED]) + (f" and {len(takers) - _NAMED} more" if len(takers) > _NAMED else "")
    parts = [
        f"taken by {listed}" if takers else "",
        f"what {unknown} makes of it is not known" if unknown else "",
        f"it is also {uses[0]}" if uses else "",
    ]
    message = "; ".join(filter(None, parts)) or "no image takes it any more; remove it"
    tag, seen = image.site.inner, fleet.views(document, (*image.keys, image.family.tag)) if unknown else ()
    shows = () if unknown else tuple(dict.fromkeys(views))
    edits = edits if shows and not uses else ()
    unique = (tuple(dict.fromkeys(renders)) if unknown else ()) or (Rendering(None),)
    return Image(
        *(tag, surface(document), source.text(tag), unique, edits, None if edits else "shared-tag", seen),
        shows=shows,
        goes=bool(edits),
        message=message,
    )
