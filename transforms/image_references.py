"""Pin whole image references in YAML and JSON: manifests, custom resources, values, at any depth.

Why: `:latest`, `:main` and no tag at all deploy whatever was pushed last.

     containers:
       - name: web
    -    image: "ghcr.io/acme/web:main" # moved by CI
    +    image: "ghcr.io/acme/web@<digest>" # moved by CI

Looks under image keys (`image`, `sidecarImage`, `init_image`, `imageName`, …) and in maps below them (`name`,
`reference`), in lists of images, and in environment variables such as `RELATED_IMAGE_PROXY`. The spelling of the
repository is kept: `busybox` becomes `busybox@sha256:…`. Where kustomizations rename the image (`newName`), the digest
is that of the new name. What a JSON patch puts in an image's place is one, too.

Leaves alone: CustomResourceDefinitions, JSON schemas, admission policies, prose, URLs, pictures, disk and machine
images, services that are built (`build:`), references that are pinned.
Reports: references that a template computes or an operator completes (`computed-reference`), an anchor that also serves
something else (`anchor-shared`), an image that kustomizations give different names (`ambiguous-repository`), a service
of a compose file that another one beside it builds, a name that Skaffold, Tilt or ko replaces by what it builds
(`built-here`), an image that is never pulled (`never-pulled`), an image of which `replacements` take, set or seek a
part (`computed-reference`).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.reference import Reference
from codemod.source import Source
from codemod.transform import Fact, Image, Rendering, Transform, View
from transforms._documents import WORDS, documents, surface
from transforms._keys import candidate, is_literally_floating
from transforms._kustomize import changed_later, is_renamed_by_kustomize, standing
from transforms._markers import WRITES_TAG, overwritten
from transforms._references import references
from transforms._services import by_default
from transforms._substituted import by_flux, is_set_elsewhere
from transforms._whole import pin_scalar
from transforms._wholes import Whole, kept

transform = Transform(__name__, reads=yaml.LANGUAGE, words=WORDS)


@transform.scan
def whole_references(source: Source, fleet: Fleet) -> Iterator[Fact]:
    for document in documents(source, fleet.config.words):
        where = surface(document)
        for whole in references(document, fleet):
            if whole.reason in ("built-here", "purpose-unknown"):
                yield kept(whole, where, whole.reason)
                continue
            if whole.reference is None and is_set_elsewhere(whole.text, where, source, fleet):
                continue
            views = fleet.views(document, yaml.keys_of(whole.scalar))
            fact = _shown(whole, where, views, fleet) or _fact(source, document, whole, where, fleet)
            if whole.reference is None:
                found = by_default(whole.text, source, fleet) if where == "compose" else _filled_in(views, fleet)
                fact = replace(fact, renders=found or by_flux(whole.text, source, fleet) or fact.renders)
            yield replace(fact, views=views)


def _shown(whole: Whole, where: str, views: tuple[View, ...], fleet: Fleet) -> Image | None:
    """A template string in values that shows one image map of each release; None where any is not known to."""
    if whole.reference is not None or where != "embedded-yaml" or not views:
        return None
    renders, shows = [], []
    for view in views:
        printed = fleet.printed(view, whole.text)
        reference = candidate(printed.text.strip().strip("\"'")) if printed is not None else None
        if printed is None or reference is None or len(printed.maps) != 1:
            return None
        stack = fleet.stacks[view.stack]
        renders.append(Rendering(reference, stack.name, stack.environment))
        shows += [View(view.stack, view.layer, (*place.keys, place.tag)) for place in printed.maps]
    return Image(whole.scalar.inner, where, whole.text, tuple(renders), shows=tuple(shows))


def _filled_in(views: tuple[View, ...], fleet: Fleet) -> tuple[Rendering, ...]:
    """What releases make of a reference whose template expressions an ApplicationSet fills in; () if unknown."""
    stacks = [fleet.stacks[view.stack] for view in views]
    if not all(stack.layers[view.layer].filled for stack, view in zip(stacks, views, strict=True)):
        return ()
    references = [candidate(fleet.effective(view.stack, view.keys).text or "") for view in views]
    pairs = zip(references, stacks, strict=True)
    return tuple(
        Rendering(reference, stack.name, stack.environment) for reference, stack in pairs if None not in references
    )


def _fact(source: Source, document: yaml.Document, whole: Whole, where: str, fleet: Fleet) -> Image:
    span = whole.scalar.inner
    if whole.reference is None:
        reason = whole.reason
        if where == "helm-template" and not is_literally_floating(whole.text, fleet.config.floats):
            reason = None
        return Image(span, where, whole.text, (Rendering(None),), reason=reason, message=whole.message)
    renders = _in_releases(whole.reference, document, whole.scalar, fleet)
    if whole.reason is not None:
        return Image(span, where, whole.text, renders, reason=whole.reason)
    found = fleet.renames.of(source.path, whole.text) if is_renamed_by_kustomize(source, whole.scalar, fleet) else ()
    stands = standing(whole.reference, found, fleet.config.floats)
    change = changed_later((whole.reference,), fleet.stacks_of(source.path), fleet)
    if change := change or ("" if source.outer else fleet.renames.taken_apart(source.path, span.start, whole.text)):
        stands = replace(stands, reason=stands.reason or "computed-reference", message=change)
    edits = () if stands.reason or stands.stays else pin_scalar(document, whole.scalar, whole.text, fleet.config.floats)
    writes = overwritten(source, whole.scalar, fleet) if edits else ""
    return Image(
        span,
        where,
        whole.text,
        stands.renders or renders,
        edits,
        stands.reason,
        message=stands.message or writes,
        note=WRITES_TAG if writes else None,
        decided_by=stands.sites,
        is_decided=stands.is_decided,
    )


def _in_releases(
    reference: Reference, document: yaml.Document, scalar: yaml.Scalar, fleet: Fleet
) -> tuple[Rendering, ...]:
    """The reference in every release that takes the value from here; without one where none is known to."""
    places = fleet.places(document, yaml.keys_of(scalar)) if fleet.stacks_of(document.source.path) else ()
    found = (place.stack for place in places if fleet.is_effective(place, scalar))
    return tuple(Rendering(reference, stack.name, stack.environment) for stack in found) or (Rendering(reference),)
