"""Pin the images of containers that programs name without a tag.

Why: a name without a tag is `latest`, and moves with it.

     const pod = { containers: [{
       name: "cache",
    -  image: "valkey/valkey",
    +  image: "valkey/valkey@<digest>",
       ports: [{ containerPort: 6379 }],
     }] };

Only where the code around says that it is a container: an object, a struct or a call below `containers`, `container`,
`corev1.Container{…}`, `ContainerArgs(…)` and the like, or `ContainerImage.fromRegistry("…")`, in TypeScript,
JavaScript, Python and Go. Names with a tag are the business of the transforms of each language.

Leaves alone: images of machines and disks, names beside a tag or a version, variables, and names that nothing says are
a container's.
Reports: such names in an object that only looks like a container, since it may put a tag behind them
(`purpose-unknown`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import ecma, go, python
from codemod.patterns import on_use
from codemod.program import Binding
from codemod.source import Source
from codemod.transform import Fact, Left, Transform
from transforms._bare import bare, image, is_container, plain

_NAME = rb"[a-z0-9][a-z0-9._/-]*(?::\d+/[a-z0-9._/-]+)?"
_SAID = on_use(rb"[uUrR]?([\"'`])(" + _NAME + rb")\1")
_HINTS = tuple(
    on_use(hint + rb"[uUrR]?[\"'`]" + _NAME + rb"[\"'`]")
    for hint in (rb"mage[\"'`]?[ \t]*[:=]\s*(?:[\w.]+\(\s*)?", rb"egistry\(\s*")
)
"""What a file must hold for any fact; each begins with literal bytes, so that a search is a scan of memory."""
_FUNCTION = "fromregistry"
_OF_CONTAINERS = frozenset(
    "imagepullpolicy volumemounts envfrom livenessprobe readinessprobe startupprobe portmappings essential".split()
)

transform = Transform(__name__, reads=(go.LANGUAGE, python.LANGUAGE, ecma.LANGUAGE), words=(b"mage", b"egistry"))


@transform.scan
def names(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if not any(hint.search(source.data) for hint in _HINTS):
        return
    for given in _bindings(source):
        text, called = source.text(given.span), plain(given.name)
        reference = bare(text, given.beside) if called in ("image", _FUNCTION) else None
        if reference is None:
            continue
        if called == _FUNCTION or is_container(given.within):
            yield image(source.language, given.span, text, reference)
        elif _OF_CONTAINERS & set(map(plain, given.beside)):
            message = "it has no tag, and what takes it may put one behind it"
            yield Left(given.span, source.language, "purpose-unknown", text, message)


def _bindings(source: Source) -> Iterator[Binding]:
    if source.language == go.LANGUAGE.name:
        return go.bindings(source, _SAID, go.Package([source]).lookup)
    if source.language == python.LANGUAGE.name:
        return python.bindings(source, _SAID, python.Constants(source))
    return ecma.bindings(source, _SAID, ecma.Constants(source))
