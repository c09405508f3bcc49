"""The items of Argo CD's `kustomize.images` as facts: the image that comes out of each, and the edits that pin it."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.edits import DIGEST, Edit
from codemod.fleet import Fleet
from codemod.fleet.argokustomize import argument
from codemod.fleet.imagetag import split
from codemod.formats import yaml
from codemod.source import Source, Span
from codemod.transform import Image, Rendering
from transforms._entries import undone
from transforms._keys import candidate, is_computed
from transforms._whole import pin_edits


def arguments(document: yaml.Document) -> Iterator[yaml.Scalar]:
    """The items of `kustomize.images`: `web=mirror/web:main`, `ghcr.io/acme/web:main`."""
    for mapping in document.mappings:
        images = yaml.lookup(mapping, "images") if mapping.key == "kustomize" else None
        for item in images.items if isinstance(images, yaml.Sequence) else ():
            if isinstance(item, yaml.Scalar):
                yield item


def argument_fact(source: Source, scalar: yaml.Scalar, where: str, fleet: Fleet) -> Image | None:
    """What one item says; None for one that only renames. A name of `*` is that of the kustomization's own entry."""
    entry = argument(scalar.value, scalar.inner.start)
    if entry is None or entry.site is None:
        return None
    if scalar.templated or is_computed(scalar.value):
        written = source.text(scalar.inner)
        return Image(scalar.inner, where, written, (Rendering(None),), reason="computed-reference")
    span, text = entry.site.inner, entry.site.value
    if not (entry.new_tag or entry.digest) or source.data[span.start : span.end] != text.encode():
        return None
    reached = fleet.renames.reached(source.path, source.in_file(span).start)
    reference = candidate(text)
    renders: tuple[Rendering, ...] = (Rendering(reference),)
    if reference is None:
        known = dict.fromkeys(Rendering(candidate(one.after)) for one in reached if one.is_now)
        renders = tuple(known) or (Rendering(None),)
    reason = "computed-reference" if any(render.reference is None for render in renders) else None
    message = "the kustomization says what `*` is" if reason else ""
    edits = () if reason else _edits(source, span, text, fleet)
    return Image(span, where, text, renders, edits, reason, message=message, undoes=undone(reached))


def _edits(source: Source, span: Span, text: str, fleet: Fleet) -> tuple[Edit, ...]:
    if not text.startswith("*"):
        return pin_edits(source, span, text, fleet.config.floats)
    name, tag, digest = split(text)
    if digest or not fleet.config.floats(tag):
        return () if digest else (Edit(span.end, span.end, b"@" + DIGEST),)
    return (Edit(span.start + len(name), span.end, b"@" + DIGEST),)
