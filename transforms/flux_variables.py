"""Pin the images in variables that Flux puts into manifests (`postBuild`).

Why: `image: ${web_image}` deploys what the variable says, in every place that takes it.

    # file: clusters/dev/web.yaml
     apiVersion: kustomize.toolkit.fluxcd.io/v1
     kind: Kustomization
     metadata:
       name: web
     spec:
       path: ./apps/web
       postBuild:
         substitute:
    -      web: ghcr.io/acme/web:main
    +      web: ghcr.io/acme/web@<digest>
    # file: apps/web/pod.yaml
     apiVersion: v1
     kind: Pod
     metadata:
       name: web
     spec:
       containers:
         - name: web
           image: ${web}

Read are `substitute` and, where it is in the repository, what `substituteFrom` names. A variable is pinned where it is
set if all that takes it is nothing but the variable, and an image.

Leaves alone: variables that no image takes, names without a tag that are a part of images.
Reports: a tag or a reference that is only a part of what takes it (`computed-reference`), with the images that it
makes, one that stands elsewhere, too, or nowhere (`purpose-unknown`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemod.fleet import Fleet, Use
from codemod.fleet.families import family_of
from codemod.formats import yaml
from codemod.reference import Reference
from codemod.source import Source, Span
from codemod.transform import Fact, Image, Left, Rendering, Transform
from transforms._keys import candidate, is_computed, is_image_key, is_spelled_out
from transforms._markers import WRITES_TAG, overwritten
from transforms._whole import pin_edits

transform = Transform(__name__, reads=yaml.LANGUAGE, words=(b"substitute", b"ConfigMap", b"Secret"))


@transform.scan
def variables(source: Source, fleet: Fleet) -> Iterator[Fact]:
    found = fleet.substitutions.set_in(source.path) if source.outer is None else {}
    for document in yaml.documents(source) if found else ():
        for scalar in yaml.scalars(document.root):
            if scalar.start in found and (fact := _fact(source, scalar, found[scalar.start], fleet)) is not None:
                yield fact


def _fact(source: Source, scalar: yaml.Scalar, uses: Sequence[Use], fleet: Fleet) -> Image | Left | None:
    text, span = scalar.value, scalar.inner
    images = [use for use in uses if is_image_key(use.key)]
    parts = [use for use in uses if not use.is_whole]
    reference = candidate(text) if is_spelled_out(text) and not is_computed(text) else None
    moves = reference.tag is not None and fleet.config.floats(reference.tag) if reference else fleet.gives_way(text)
    if not uses:
        return _unused(scalar) if moves else None
    if reference is None or parts:
        made = [use for use in images if not use.is_whole]
        if made and moves:
            return _part(source, scalar, made, fleet)
        return _serving_others(span, text, reference) if reference is not None and images and moves else None
    if not images and not is_image_key(str(scalar.key)):
        return None
    if len(images) < len(uses) and any(use.key not in ("value", "reference") for use in uses if use not in images):
        return _serving_others(span, text, reference) if moves else None
    edits = pin_edits(source, span, text, fleet.config.floats)
    writes = overwritten(source, scalar, fleet) if edits else ""
    note = WRITES_TAG if writes else None
    return Image(span, "flux", text, (Rendering(reference),), edits, message=writes, note=note)


def _serving_others(span: Span, text: str, reference: Reference) -> Image:
    """A whole reference that images take, and something else that a digest may not suit."""
    return Image(span, "flux", text, (Rendering(reference),), reason="purpose-unknown")


def _unused(scalar: yaml.Scalar) -> Left | None:
    """A variable that nothing here takes; one by the name of an image is pinned as any other value."""
    key = str(scalar.key)
    is_seen = is_image_key(key) or (":" not in scalar.value and family_of(key) is None)
    return None if is_seen else Left(scalar.inner, "flux", "purpose-unknown", scalar.value)


def _part(source: Source, scalar: yaml.Scalar, uses: Sequence[Use], fleet: Fleet) -> Image:
    """A variable that makes only a part of images, with what these are."""
    texts = [found for use in uses for found in fleet.substitutions.filled(use.path, use.text)]
    renders = tuple(dict.fromkeys(Rendering(candidate(text)) for text in texts)) or (Rendering(None),)
    message = f"it is a part of {uses[0].text} in {uses[0].path}"
    tag = "" if is_spelled_out(scalar.value) else scalar.value
    return Image(scalar.inner, "flux", scalar.value, renders, (), "computed-reference", message=message, tag=tag)
