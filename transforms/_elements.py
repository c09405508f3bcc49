"""Images in parts among the parameters that generators hand to ApplicationSets: templates read them by their names."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.transform import Image, Rendering
from transforms._documents import surface
from transforms._maps import ImageMap
from transforms._renders import composed, is_computed_map


def element(document: yaml.Document, image: ImageMap, fleet: Fleet) -> Iterator[Image]:
    """The fact about such a map; none where a release takes its tag: there it is shown with what is made of it."""
    if not isinstance(image.site, yaml.Scalar):
        return
    if any(taken.scalar is image.site for taken in fleet.handed.taken(document.source.path)):
        return
    reference = None if is_computed_map(image) else composed(image.mapping.text, image.family, image.keys)
    tag = image.mapping.text(image.family.tag) or ""
    reason = "generator-element" if fleet.gives_way(tag) else None
    reason = "computed-reference" if reference is None else reason
    if image.tag is None and image.digest is None:
        return
    written = document.source.text(image.site.inner)
    yield Image(
        *(image.site.inner, surface(document), written, (Rendering(reference),), (), reason),
        is_parted=True,
        tag=tag,
        digest=image.written_digest,
    )
