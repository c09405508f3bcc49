"""Read the recipes of justfiles as shell scripts, so that the images that they run are pinned as in any script.

Why: `just lint` runs whatever was pushed last.

     lint path=".":
    -    docker run --rm -v {{ path }}:/src ghcr.io/acme/lint:main /src
    +    docker run --rm -v {{ path }}:/src ghcr.io/acme/lint@<digest> /src

Leaves alone: variables (`variable-defaults` reads them), comments, recipes in other languages (`#!/usr/bin/python3`,
`set shell := ["nu"]`), and what is left alone in shell scripts.
Reports: names with `{{ … }}` or variables of the shell in them (`computed-reference`), images that a recipe builds,
tags or pushes (`built-here`), and what else is reported of shell scripts.
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import justfile, shell
from codemod.formats.assignments import JUSTFILE
from codemod.source import Source
from codemod.transform import Embedded, Fact, Transform

SURFACE = "justfile"

transform = Transform(__name__, reads=JUSTFILE, words=(b"docker", b"podman", b"nerdctl", b"kubectl", b"helm", b"mage"))


@transform.scan
def scripts(source: Source, fleet: Fleet) -> Iterator[Fact]:
    text = justfile.script(source, shell.LANGUAGE.name, SURFACE)
    if text is not None:
        yield Embedded(text)
