"""Arguments of builds that name base images, as the Dockerfiles say that they are built from."""

from __future__ import annotations

from collections.abc import Iterable

from codemod.fleet import Fleet
from codemod.fleet.chartfile import joined
from codemod.formats import dockerfile
from codemod.patterns import on_use
from codemod.source import Source, Span
from codemod.transform import Fact, Image, Left, Rendering
from transforms._keys import candidate, is_computed
from transforms._literals import whole
from transforms._stages import Arguments, is_base
from transforms._variables import VARIABLE, names
from transforms._whole import pin_edits

Names = frozenset[str]
_CHECKED_OUT = "{{defaultContext}}:"
"""What actions of Docker call the commit that a workflow runs for."""
_ROOT = on_use(r"\A(?:\$\{?\w+\}?|\$\([^()]*\))/(?=.)")
"""A variable before a path, mostly the root of the repository: the path counts if there is a Dockerfile."""
NONE: Names = frozenset()


def bases(file: dockerfile.Dockerfile) -> Names:
    """The arguments that name whole base images, and nothing else: no part of a name, nothing within a stage."""
    known, in_stages = Arguments(), set[str]()
    whole: set[str] = set()
    is_first = True
    for instruction in file.instructions:
        if is_base(instruction):
            text = instruction.arguments[0].unquoted.text
            match = VARIABLE.fullmatch(text)
            (whole if match is not None and match[3] not in ("+", ":+") else known.in_parts).update(names(text))
            is_first = False
        elif instruction.name == "ARG" and is_first:
            known.declare(instruction)
        elif instruction.name == "ARG":
            in_stages |= {word.text.partition("=")[0] for word in instruction.arguments}
    return frozenset(whole & known.values.keys()) - known.in_parts - in_stages


def fed(fleet: Fleet, paths: Iterable[str | None]) -> Names:
    """The arguments that name a whole base image in every one of some Dockerfiles that is there."""
    sources = [fleet.tree.source(path) for path in paths if path is not None]
    found = [bases(dockerfile.read(source)) for source in sources if source is not None]
    return frozenset.intersection(*found) if found else NONE


def below(folder: str, context: str, file: str | None) -> str | None:
    """Where the Dockerfile of a context is, from the root on; None where that is outside, or nobody knows."""
    context, file = _ROOT.sub("", context.removeprefix(_CHECKED_OUT)), _ROOT.sub("", file) if file else file
    if any("$" in part or "{{" in part or "://" in part for part in (context, file or "")):
        return None
    return joined(folder, f"{context.rstrip('/') or '.'}/{file or 'Dockerfile'}")


def argument(source: Source, surface: str, name: str, span: Span, taken: Names, fleet: Fleet) -> Fact | None:
    """What a build is handed under a name: a base image, a floating name of unknown use, or anything else."""
    text = source.text(span)
    if name in taken:
        if is_computed(text) or "$" in text:
            return Image(span, surface, text, (Rendering(None),), reason="computed-reference")
        reference = candidate(text)
        edits = pin_edits(source, span, text, fleet.config.floats) if reference is not None else ()
        return Image(span, surface, text, (Rendering(reference),), edits) if reference is not None else None
    reference = None if is_computed(text) else whole(text, name, fleet.config.floats)
    if reference is None or reference.digest is not None or not fleet.config.floats(reference.tag):
        return None
    return Left(span, surface, "purpose-unknown", text, unknown(name))


def unknown(name: str) -> str:
    """Why an argument is not pinned."""
    return f"no Dockerfile is known that is built from {name}"
