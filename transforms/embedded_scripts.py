"""Read the scripts that shells are handed as a text (`sh -c '…'`) as scripts, so that their images are pinned.

Why: what a shell runs in a container or behind `sudo` is run like everything else.

    # file: hack/lint.sh
    -sudo sh -c 'docker run --rm ghcr.io/acme/lint:main /src'
    +sudo sh -c 'docker run --rm ghcr.io/acme/lint@<digest> /src'

So are the texts of `eval`.

Leaves alone: what is left alone in shell scripts, and texts that the shell around puts together with others.
Reports: nothing of its own; what is in such a text, that is reported as in a script (`computed-reference`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import shell
from codemod.patterns import on_use
from codemod.source import Source
from codemod.transform import Embedded, Fact, Transform

_RUNS = on_use(rb"sh[\"']?[ \t]|\beval[ \t]")

transform = Transform(__name__, reads=shell.LANGUAGE, words=(b"sh ", b"sh\t", b"eval"))


@transform.scan
def scripts(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if _RUNS.search(source.data):
        for text in shell.scripts(source, shell.LANGUAGE.name, source.surface or "shell"):
            yield Embedded(text)
