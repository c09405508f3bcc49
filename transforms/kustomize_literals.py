"""Pin the images that literals of kustomize's generators hold.

Why: what a ConfigMap says of an image, some operator or replacement deploys.

     configMapGenerator:
       - name: images
         literals:
    -      - RUNNER_IMAGE=ghcr.io/acme/runner:main
    +      - RUNNER_IMAGE=ghcr.io/acme/runner@<digest>

So do the literals of a `secretGenerator`. The name has to say that it is an image, as that of an environment variable.

Leaves alone: names that say nothing of an image, values without a tag, values that are pinned.
Reports: values with a placeholder in them, or of which `replacements` take a part (`computed-reference`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.source import Source, Span
from codemod.transform import Fact, Image, Left, Rendering, Transform
from transforms._documents import documents, surface
from transforms._keys import candidate, is_computed, is_image_variable, is_literally_floating
from transforms._whole import pin_edits

transform = Transform(__name__, reads=yaml.LANGUAGE, words=(b"literals",))

_GENERATORS = (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret"))


@transform.scan
def literals(source: Source, fleet: Fleet) -> Iterator[Fact]:
    for document in documents(source):
        if not isinstance(document.root, yaml.Mapping) or surface(document) != "kustomize":
            continue
        for key, kind in _GENERATORS:
            generators = yaml.lookup(document.root, key)
            for item in generators.items if isinstance(generators, yaml.Sequence) else ():
                held = yaml.lookup(item, "literals") if isinstance(item, yaml.Mapping) else None
                name = item.text("name") if isinstance(item, yaml.Mapping) else None
                for literal in held.items if isinstance(held, yaml.Sequence) else ():
                    if isinstance(literal, yaml.Scalar):
                        yield from _fact(source, literal, (kind, name or ""), fleet)


def _fact(source: Source, literal: yaml.Scalar, generated: tuple[str, str], fleet: Fleet) -> Iterator[Fact]:
    key, equals, quoted = literal.value.partition("=")
    if not equals or not is_image_variable(key.upper().replace("-", "_").replace(".", "_")):
        return
    text = quoted.strip("\"'")
    start = literal.inner.start + len(f"{key}={quoted[: quoted.find(text)]}".encode())
    span = Span(start, start + len(text.encode()))
    if literal.templated or is_computed(text):
        if is_literally_floating(text, fleet.config.floats):
            yield Left(literal.inner, "kustomize", "computed-reference", text)
        return
    reference = candidate(text)
    if reference is None or (reference.tag is None and reference.digest is None):
        return
    if source.data[span.start : span.end] != text.encode():
        span = literal.inner
    edits = pin_edits(source, span, text, fleet.config.floats)
    why = fleet.renames.read_apart(*generated, key, text) if edits else ""
    if why:
        yield Image(span, "kustomize", text, (Rendering(reference),), (), "computed-reference", message=why)
    else:
        yield Image(span, "kustomize", text, (Rendering(reference),), edits)
