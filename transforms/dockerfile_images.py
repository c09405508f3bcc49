"""Pin the images that Dockerfiles and Containerfiles build and copy from.

Why: a build from a base that moves is another build tomorrow, whatever pins the image that comes out.

    -FROM --platform=$BUILDPLATFORM golang AS build
    +FROM --platform=$BUILDPLATFORM golang@<digest> AS build
     COPY . .
     RUN make web
    -FROM ghcr.io/acme/base:main
    +FROM ghcr.io/acme/base@<digest>
     COPY --from=build /web /web

Looks at `FROM`, `COPY --from=`, `RUN --mount=from=` (also behind `ONBUILD`) and the `# syntax=` directive. Where an
argument stands for the whole name, its default is pinned (`ARG BASE=alpine:edge`), or that in `${BASE:-alpine:edge}`.

Leaves alone: stages by name or number, `scratch`, here-documents, comments, what `RUN` does, other arguments.
Reports: names that arguments make up (`computed-reference`): a digest is none of `ARG TAG=edge`; names without a
registry that a script of the repository builds (`built-here`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import dockerfile
from codemod.source import Source
from codemod.transform import Fact, Image, Left, Rendering, Transform
from transforms._keys import candidate
from transforms._stages import Origin, origins
from transforms._whole import pin_edits

SURFACE = "dockerfile"

transform = Transform(__name__, reads=dockerfile.LANGUAGE)


@transform.scan
def images(source: Source, fleet: Fleet) -> Iterator[Fact]:
    seen = set()
    contexts = source.memo.get(dockerfile.CONTEXTS, ())
    for origin in origins(dockerfile.read(source)):
        if origin.word.span in seen or origin.name in contexts:
            continue
        seen.add(origin.word.span)
        by = fleet.builder(origin.word.text)
        left = Left(origin.word.span, SURFACE, "built-here", origin.word.text, f"{by} builds it")
        yield _fact(source, origin, fleet) if by is None else left


def _fact(source: Source, origin: Origin, fleet: Fleet) -> Image:
    text, span = origin.word.text, origin.word.span
    reference = candidate(origin.name) if origin.name is not None else None
    renders = (Rendering(reference),)
    if origin.how or reference is None:
        return Image(span, SURFACE, text, renders, reason="computed-reference", message=origin.how)
    return Image(span, SURFACE, text, renders, pin_edits(source, span, text, fleet.config.floats))
