"""Pin images whose repository an overlay changes while it inherits the tag: it gets a digest of its own.

Why: the digest of the layer below is that of another repository; under the overlay's name it would not exist.

    # file: charts/web/Chart.yaml
     apiVersion: v2
     name: web
     version: 1.0.0
    # file: charts/web/templates/deployment.yaml
     spec:
       containers:
         - name: web
           {{- with .Values.image }}
           image: "{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}"
           {{- end }}
    # file: charts/web/values.yaml
     image:
       repository: ghcr.io/acme/web
    -  tag: dev
    +  digest: <digest>
    # file: charts/web/values-prod.yaml
     image:
       repository: mirror.acme.test/web # the tag is that of the layer below
    +  digest: <digest>

The layer below is pinned in the same run, or neither is.

Leaves alone: overlays that set a tag or a digest themselves, those that repeat the name of the layer below.
Reports: a digest of a lower layer that an overlay takes over under another name (`stale-inherited-digest`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from codemod.edits import DIGEST, Edit
from codemod.fleet import Fleet, Place
from codemod.fleet.families import PLAIN, Family, family_of
from codemod.formats import yaml
from codemod.patterns import on_use
from codemod.source import Source
from codemod.transform import Fact, Image, Rendering, Transform, View
from transforms._charts import Charts, charts_of, shown
from transforms._documents import documents, surface
from transforms._inherited import changes_name, naming, stale_digest
from transforms._keys import candidate, is_computed
from transforms._maps import ImageMap, image_maps, repository, values_in

transform = Transform(__name__, reads=yaml.LANGUAGE, words=(b"repo", b"Repo", b"egistry", b"mage"))

_NAMING = on_use(
    r"(?P<prefix>.*[iI]mage)(?:(?:Repository|Repo|Name|Registry)|(?P<mark>[_-])(?:repository|repo|name|registry))?"
)


@transform.scan
def overlays(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if all(len(stack.layers) == 1 for stack in fleet.stacks_of(source.path)):
        return
    for document in documents(source):
        known = {id(image.mapping) for image in image_maps(document, fleet)}
        for mapping in document.mappings:
            if id(mapping) not in known:
                for image in _untagged(mapping):
                    yield from _facts(source, document, image, fleet)


def _untagged(mapping: yaml.Mapping) -> Iterator[ImageMap]:
    """The images that a map names without a tag or a digest of its own, spelled out and not computed."""
    families = (_family(key) for key in mapping.index)
    for family in dict.fromkeys(family for family in families if family is not None):
        named = (mapping.get(key) for key in (*family.names, *family.registries))
        entry = next((entry for entry in named if entry is not None), None)
        if entry is None or not isinstance(entry.value, yaml.Scalar) or is_computed(entry.value.value):
            continue
        if not (mapping.text(family.tag) or mapping.text(family.digest)):
            digest = mapping.get(family.digest)
            yield ImageMap(mapping, family, mapping.get(family.tag), digest, entry.value, yaml.keys_of(mapping))


@lru_cache(maxsize=4096)
def _family(key: str) -> Family | None:
    """The family of a key that names a repository or a registry."""
    if key in PLAIN.names or key in PLAIN.registries:
        return PLAIN
    match = _NAMING.fullmatch(key)
    if match is None:
        return None
    return family_of(match["prefix"] + (f"{match['mark']}tag" if match["mark"] else "Tag"))


def _facts(source: Source, document: yaml.Document, image: ImageMap, fleet: Fleet) -> Iterator[Image]:
    charts = charts_of(document, image, fleet)
    reason, message = stale_digest(fleet, charts, image.family, None)
    decided = [place for place, _ in charts.readings if naming(fleet, place, image.family) == place.view]
    inheriting = [place for place in decided if changes_name(fleet, place, image.family)]
    if reason is None and not inheriting:
        return
    renders = tuple(render for place in decided for render in _renderings(fleet, place, image.family, charts))
    edits: tuple[Edit, ...] = ()
    if reason is None and charts.ignored:
        reason, message = "tag-not-rendered", charts.ignored
    if reason is None and (refusal := charts.refuse(fleet, image.family.tag)):
        reason, message = "chart-ignores-digest", refusal
    if reason is None:
        edits = _edits(source, image)
    scalar = image.site
    assert isinstance(scalar, yaml.Scalar)
    yield Image(
        *(scalar.inner, surface(document), scalar.value, renders, edits, reason),
        views=fleet.views(document, (*image.keys, image.family.tag)),
        is_parted=True,
        unproven=not charts.are_known,
        renamed=_renamed(fleet, image.family, charts),
        message=message,
    )


def _renderings(fleet: Fleet, place: Place, family: Family, charts: Charts) -> Iterator[Rendering]:
    """What a release makes of the name and of what it inherits."""
    value, reading = values_in(fleet, place.view), charts.reading(place)
    tag, digest = value(family.tag), value(family.digest)
    printed = shown(reading, tag, digest) if reading is not None else ()
    name = repository(value, family, place.view.keys) or ""
    plain = candidate(name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else ""))
    for reference in printed or (plain,):
        yield Rendering(reference, place.stack.name, place.stack.environment)


def _renamed(fleet: Fleet, family: Family, charts: Charts) -> tuple[View, ...]:
    """Where still higher layers name a repository, and would inherit the digest."""
    found = ((place.view, naming(fleet, place, family)) for place, _ in charts.readings)
    return tuple(
        view._replace(keys=(*view.keys, family.tag))
        for own, view in found
        if view is not None and view.layer > own.layer
    )


def _edits(source: Source, image: ImageMap) -> tuple[Edit, ...]:
    """A `digest` below the name, or in an empty one; the name of a registry alone is the place, too."""
    if image.digest is not None:
        filled = yaml.fill(source, image.digest, DIGEST)
        return (filled,) if filled is not None else ()
    entry = next(entry for entry in image.mapping.entries if entry.value is image.site)
    inserted = yaml.insert_after(source, entry, image.family.digest, DIGEST)
    return (inserted,) if inserted is not None else ()
