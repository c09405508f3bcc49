"""Pin the images in variables of `.env` files, makefiles and justfiles, where it can be seen that they are pulled.

Why: `make lint` and `docker compose up` pull whatever was pushed last.

    -LINT_IMAGE ?= ghcr.io/acme/lint:main
    +LINT_IMAGE ?= ghcr.io/acme/lint@<digest>
     lint: ; docker run --rm $(LINT_IMAGE) .

A variable of a makefile or justfile is pulled if all that uses it is `docker run`, `pull` or `create`; one of `.env`,
if services of the compose files beside it have it for their whole `image` and are not built, or a kustomization
generates a ConfigMap or Secret of it.

Leaves alone: variables whose names say nothing of an image, values without a tag or a digest.
Reports: what is built, tagged or pushed (`built-here`), as `IMG ?= controller:latest` of Kubebuilder, names with
variables in them (`computed-reference`), and what nothing says the use of (`purpose-unknown`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.fleet.kustomization import Generator
from codemod.formats.assignments import DOTENV, JUSTFILE, MAKEFILE, Assignment, assignments, commands
from codemod.patterns import on_use
from codemod.source import Source
from codemod.transform import Fact, Image, Left, Rendering, Transform
from transforms._keys import candidate, is_computed, is_image_variable, is_literally_floating
from transforms._services import Service, services_beside
from transforms._variables import VARIABLE
from transforms._whole import pin_edits

_SURFACES = {DOTENV.name: "env-file", MAKEFILE.name: "makefile", JUSTFILE.name: "justfile"}
_IMAGE = on_use(r"(?:[A-Z0-9_]*_)?IMG")
_PULLS = frozenset(("run", "pull", "create"))

transform = Transform(__name__, reads=(MAKEFILE, JUSTFILE, DOTENV), words=(b"IMAGE", b"IMG", b"image", b"img"))


@transform.scan
def defaults(source: Source, fleet: Fleet) -> Iterator[Fact]:
    for found in assignments(source):
        name = found.name.upper().replace("-", "_")
        if is_image_variable(name) or _IMAGE.fullmatch(name):
            yield from _fact(source, found, fleet)


def _fact(source: Source, found: Assignment, fleet: Fleet) -> Iterator[Fact]:
    surface, text = _SURFACES[source.language], found.value
    reference = None if is_computed(text) else candidate(text)
    if reference is None and is_literally_floating(text, fleet.config.floats):
        code = _obstacle(source, found, fleet)
        yield Left(found.span, surface, "built-here" if code == "built-here" else "computed-reference", text)
    if reference is None or (reference.tag is None and reference.digest is None):
        return
    code, why = _obstacle(source, found, fleet) if reference.digest is None else "", ""
    if code == "purpose-unknown" and (generators := _generators(source, fleet)):
        parts = (fleet.renames.read_apart(each.kind, each.name, found.name, text) for each in generators)
        why = next(filter(None, parts), "")
        code = "computed-reference" if why else ""
    if not code:
        edits = pin_edits(source, found.span, text, fleet.config.floats)
        yield Image(found.span, surface, text, (Rendering(reference),), edits)
    elif fleet.config.floats(reference.tag):
        yield Left(found.span, surface, code, text, why)


def _generators(source: Source, fleet: Fleet) -> tuple[Generator, ...]:
    """The ConfigMaps and Secrets that kustomizations make of a `.env` file."""
    return fleet.renames.overlays.generators_of(source.path) if source.language == DOTENV.name else ()


def _obstacle(source: Source, found: Assignment, fleet: Fleet) -> str:
    """Why a variable is not known to name nothing but an image that is pulled; empty where it is."""
    if source.language != DOTENV.name:
        verbs = set(commands(source, found.name))
        if verbs - _PULLS - {""}:
            return "built-here"
        return "" if verbs and verbs <= _PULLS else "purpose-unknown"
    uses = [service for service in services_beside(source, fleet) if _mentions(service, found.name)]
    if any(service.is_built for service in uses):
        return "built-here"
    return "" if uses and all(VARIABLE.fullmatch(service.image) for service in uses) else "purpose-unknown"


def _mentions(service: Service, name: str) -> bool:
    return any(name in (match[1], match[2]) for match in VARIABLE.finditer(service.image))
