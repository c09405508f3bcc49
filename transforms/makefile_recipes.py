"""Read the recipes of makefiles as shell scripts, so that the images that they run are pinned as in any script.

Why: `make lint` runs whatever was pushed last.

    -lint: ; docker run --rm -v $(CURDIR):/src ghcr.io/acme/lint:main /src
    +lint: ; docker run --rm -v $(CURDIR):/src ghcr.io/acme/lint@<digest> /src

Leaves alone: variables (`variable-defaults` reads them), comments, what make itself evaluates, and what is left alone
in shell scripts.
Reports: names with variables of make or of the shell in them (`computed-reference`), images that a recipe builds, tags
or pushes (`built-here`), and what else is reported of shell scripts.
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import recipes, shell
from codemod.formats.assignments import MAKEFILE
from codemod.patterns import on_use
from codemod.source import Source
from codemod.transform import Embedded, Fact, Transform

SURFACE = "makefile"
_IMAGE = on_use(rb"(?m)^[^#\n]*(?::[ \t]*[\w.-]+|@sha256:|image|tag)")

transform = Transform(__name__, reads=MAKEFILE, words=(b"docker", b"podman", b"nerdctl", b"kubectl", b"helm", b"mage"))


@transform.scan
def scripts(source: Source, fleet: Fleet) -> Iterator[Fact]:
    text = recipes.script(source, shell.LANGUAGE.name, SURFACE)
    if text is not None and _IMAGE.search(text.data):
        yield Embedded(text)
