"""Which images are built: services of compose, here or by a file beside; names that tools put images in place of."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.place import COMPOSE, place_of
from codemod.source import Source
from transforms._documents import surface
from transforms._variables import VARIABLE

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
    """What builds an image that a file names: a tool, or a compose file beside one that only names the service's."""
    if text in fleet.built or text.startswith("ko://"):
        return fleet.built.get(text, "ko")
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
            return other
    return None


def _beside(source: Source, fleet: Fleet) -> tuple[str, ...]:
    """The other compose files of a compose file's folder."""
    found: tuple[str, ...] | None = source.memo.get(_beside)
    if found is None:
        folder = source.path.rpartition("/")[0]
        paths = (path for path in fleet.tree.below(folder) if path != source.path and COMPOSE in place_of(path))
        found = source.memo[_beside] = tuple(path for path in paths if path.rpartition("/")[0] == folder)
    return found


def default(text: str) -> str | None:
    """The image that stands where a variable that is the whole text is not set: `${IMAGE:-alpine:edge}`."""
    match = VARIABLE.fullmatch(text)
    return match[4] if match is not None and match[3] in ("-", ":-") and match[4] else None


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
