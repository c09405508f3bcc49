"""Which images are built: services of compose, here or by a file beside; names that tools put images in place of."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.formats.assignments import DOTENV, assignments
from codemod.place import COMPOSE, place_of
from codemod.source import Source
from codemod.transform import Rendering
from transforms._documents import surface
from transforms._keys import candidate, is_spelled_out
from transforms._variables import VARIABLE, expanded

_BUILD_KEYS = frozenset("context dockerfile dockerfile_inline target additional_contexts cache_from".split())


def is_built(document: yaml.Document, mapping: yaml.Mapping) -> bool:
    """Whether a service of compose builds the image that it names, so that its tag is what the build is called.

    It may have `build` from a map that it merges, or from a service of the same file that it extends.
    """
    is_service = surface(document) == "compose" or _holder(mapping) == "services"
    for service in _with_bases(mapping) if is_service else (mapping,):
        build = yaml.lookup(service, "build")
        if is_service and build is not None:
            return True
        if isinstance(build, yaml.Mapping) and not _BUILD_KEYS.isdisjoint(build.index):
            return True
        if isinstance(build, yaml.Scalar) and build.value.startswith((".", "/")):
            return True
    return False


def builder(document: yaml.Document, mapping: yaml.Mapping | None, text: str, fleet: Fleet) -> str | None:
    """Says what builds an image that a file names: a tool, or a compose file beside one that only names the service's.

    Tests run what a script loads into a local cluster under the very name, built just before.
    """
    if (by := "ko" if text.startswith("ko://") else fleet.builder(text)) is not None:
        return f"{by} builds it"
    if (by := fleet.loaded.by(document.source.path, text)) is not None:
        return f"{by} loads it into a local cluster"
    if (
        mapping is None
        or surface(document) != "compose"
        or _holder(mapping) != "services"
        or document.source.outer is not None
    ):
        return None
    for other in _beside(document.source, fleet):
        service = yaml.descend(fleet.tree.root(other), ("services", mapping.key))[0]
        if isinstance(service, yaml.Mapping) and yaml.lookup(service, "build") is not None:
            return f"{other} builds it"
    return None


def _beside(source: Source, fleet: Fleet) -> tuple[str, ...]:
    """The other compose files of a compose file's folder."""
    found: tuple[str, ...] | None = source.memo.get(_beside)
    if found is None:
        folder = source.path.rpartition("/")[0]
        paths = (path for path in fleet.tree.below(folder) if path != source.path and COMPOSE in place_of(path))
        found = source.memo[_beside] = tuple(path for path in paths if path.rpartition("/")[0] == folder)
    return found


class Service(Struct, frozen=True):
    """The image that a service of a compose file names, as it is written, and whether it is built."""

    image: str
    is_built: bool


def services_beside(source: Source, fleet: Fleet) -> Iterator[Service]:
    """The services of the compose files in a file's folder that name an image."""
    for path in _beside(source, fleet):
        for document in fleet.tree.documents(path):
            services = yaml.lookup(document.root, "services") if isinstance(document.root, yaml.Mapping) else None
            for entry in services.entries if isinstance(services, yaml.Mapping) else ():
                service = yaml.target(entry.value)
                image = service.text("image") if isinstance(service, yaml.Mapping) else None
                if isinstance(service, yaml.Mapping) and image is not None:
                    yield Service(
                        image, is_built(document, service) or builder(document, service, image, fleet) is not None
                    )


def by_default(text: str, source: Source, fleet: Fleet) -> tuple[Rendering, ...]:
    """What compose makes of an image with the variables of `.env`, and no others; () if they do not say."""
    reference = candidate(expanded(text, _environment(source, fleet)) or "")
    return (Rendering(reference),) if reference is not None else ()


def is_set_beside(text: str, source: Source, fleet: Fleet) -> bool:
    """Whether a text is a variable that `.env` sets to an image: that is the place to look at, then."""
    match = VARIABLE.fullmatch(text)
    value = _environment(source, fleet).get(match[1] or match[2]) if match is not None else None
    return value is not None and is_spelled_out(value) and candidate(value) is not None


def _environment(source: Source, fleet: Fleet) -> dict[str, str]:
    """The variables that the `.env` file beside a compose file sets."""
    folder = source.path[: source.path.rfind("/") + 1]
    data = fleet.tree.text(f"{folder}.env")
    found = Source(f"{folder}.env", data, DOTENV.name) if data is not None else None
    return {each.name: each.value for each in assignments(found)} if found is not None else {}


def _holder(mapping: yaml.Mapping) -> str | int:
    return mapping.parent.key if mapping.parent is not None else ""


def _with_bases(mapping: yaml.Mapping) -> Iterator[yaml.Mapping]:
    """A service and those of the same file that it extends."""
    seen: set[yaml.Mapping] = set()
    here: yaml.Node | None = mapping
    while isinstance(here, yaml.Mapping) and here not in seen:
        seen.add(here)
        yield here
        extends = yaml.lookup(here, "extends")
        name: str | None = extends.value if isinstance(extends, yaml.Scalar) else None
        if isinstance(extends, yaml.Mapping) and extends.get("file") is None:
            name = extends.text("service")
        services = mapping.parent
        here = yaml.lookup(services, name) if name and isinstance(services, yaml.Mapping) else None
