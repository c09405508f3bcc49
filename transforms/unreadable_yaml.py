"""Report YAML that names images but cannot be read, so that nothing in it is silent.

Why: what a parser cannot read is neither pinned nor checked; somebody has to look at it.

Leaves alone: everything; documents without a word that concerns images, CustomResourceDefinitions.
Reports: the place where reading stopped (`unparsable`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.source import Source, Span
from codemod.transform import Fact, Left, Transform
from transforms._documents import WORDS, candidates, surface

transform = Transform(__name__, reads=yaml.LANGUAGE, words=WORDS)


@transform.scan
def unreadable(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if source.outer is not None:
        return
    for document in candidates(source):
        if document.problem is not None:
            offset = min(document.problem.offset, max(len(source.data) - 1, 0))
            yield Left(Span(offset, offset), surface(document), "unparsable", message=document.problem.message)
