"""Images that variables stand for: what Flux or compose fills in, and whether that is written elsewhere."""

from __future__ import annotations

from codemod.fleet import Fleet
from codemod.source import Source
from codemod.transform import Rendering
from transforms._keys import candidate, is_spelled_out
from transforms._services import is_set_beside


def by_flux(text: str, source: Source, fleet: Fleet) -> tuple[Rendering, ...]:
    """What the Kustomizations of Flux make of a text; () where they do not say."""
    found = fleet.substitutions.filled(source.path, text) if "${" in text and source.outer is None else ()
    references = [candidate(each) for each in found]
    return tuple(Rendering(reference) for reference in references if None not in references)


def is_set_elsewhere(text: str, where: str, source: Source, fleet: Fleet) -> bool:
    """Whether a text is a variable that another file sets to an image: that is the place to look at, then."""
    if where == "compose":
        return is_set_beside(text, source, fleet)
    if "${" not in text or source.outer is not None or not fleet.substitutions.is_set(source.path, text):
        return False
    found = fleet.substitutions.filled(source.path, text)
    return bool(found) and all(is_spelled_out(each) and candidate(each) is not None for each in found)
