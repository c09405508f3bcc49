"""Pin the images that builds of compose files start from.

Why: a build context that is an image, or a Dockerfile inside the compose file, moves like any other base.

     services:
       web:
         build:
           additional_contexts:
    -        base: docker-image://ghcr.io/acme/base:main
    +        base: docker-image://ghcr.io/acme/base@<digest>

Texts under `dockerfile_inline` are read as Dockerfiles.

Leaves alone: contexts that are folders, repositories or other services, caches, tags of what is built.
Reports: an image that variables make up (`computed-reference`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import dockerfile, yaml
from codemod.source import Source, Span
from codemod.transform import Embedded, Fact, Image, Rendering, Transform
from transforms._documents import surface
from transforms._keys import candidate, is_computed
from transforms._whole import pin_edits

_SCHEME = "docker-image://"

transform = Transform(__name__, reads=yaml.LANGUAGE, words=(b"dockerfile_inline", b"docker-image://"))


@transform.scan
def builds(source: Source, fleet: Fleet) -> Iterator[Fact]:
    for document in yaml.documents(source):
        for mapping in document.mappings if surface(document) == "compose" else ():
            build = mapping.get("build")
            if build is not None and isinstance(build.value, yaml.Mapping):
                yield from _inline(document, build.value)
                for _, value in _contexts(build.value):
                    yield from _context(source, value, fleet)


def _contexts(build: yaml.Mapping) -> Iterator[tuple[str, yaml.Node]]:
    """The named contexts of a build; an item of a list is `name=context`."""
    entry = build.get("additional_contexts")
    value = entry.value if entry is not None else None
    if isinstance(value, yaml.Mapping):
        yield from ((str(entry.value.key), entry.value) for entry in value.entries)
    elif isinstance(value, yaml.Sequence):
        yield from ((item.value.partition("=")[0], item) for item in value.items if isinstance(item, yaml.Scalar))


def _inline(document: yaml.Document, build: yaml.Mapping) -> Iterator[Fact]:
    entry = build.get("dockerfile_inline")
    if entry is not None and isinstance(entry.value, yaml.Scalar):
        text = yaml.nested(document, entry.value, dockerfile.LANGUAGE.name)
        if text is not None:
            text.memo[dockerfile.CONTEXTS] = frozenset(name for name, _ in _contexts(build))
            yield Embedded(text)


def _context(source: Source, value: yaml.Node, fleet: Fleet) -> Iterator[Fact]:
    """A context `docker-image://…`, or an item `name=docker-image://…` of a list."""
    if not isinstance(value, yaml.Scalar):
        return
    before, scheme, text = value.value.partition(_SCHEME)
    if not scheme or (before and not before.endswith("=")):
        return
    span = Span(value.inner.start + len(f"{before}{scheme}".encode()), value.inner.end)
    if is_computed(text):
        yield Image(span, "compose", text, (Rendering(None),), reason="computed-reference")
    elif (reference := candidate(text)) is not None:
        yield Image(span, "compose", text, (Rendering(reference),), pin_edits(source, span, text, fleet.config.floats))
