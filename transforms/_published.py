"""What the commands of a script publish: the references that they push, or give another name in a registry."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.formats import shell
from codemod.patterns import on_use
from transforms._literals import Floats
from transforms._pushes import PROGRAMS, Published, of_engine

__all__ = ["Published", "floating_tag", "published"]

_ENGINE = on_use(r"\$\{?\w*(?:DOCKER|ENGINE|CONTAINER_TOOL|PODMAN)\w*\}?")
_UNKNOWN = on_use(r"\$\{[^{}]*\}|\$\([^()]*\)|\$\w+|`[^`]*`")
_SCHEME = on_use(r"(?:docker|oci|docker-daemon)://")
_LOCAL = on_use(r"(?:(?:[\w-]+\.)*localhost|127\.\d+\.\d+\.\d+|kind-registry|host\.docker\.internal|ttl\.sh)(?:[:/]|$)")
_NAME = on_use(r"[\w./:-]+")


def published(command: shell.Command) -> Iterator[Published]:
    """What one command publishes, in the order of its words."""
    texts, program = command.texts, command.program
    if program in shell.ENGINES or _ENGINE.fullmatch(texts[0]):
        yield from of_engine(texts)
    elif program in PROGRAMS:
        yield from PROGRAMS[program](texts)


def floating_tag(found: Published, values: shell.Values, floats: Floats) -> str | None:
    """The tag that moves by it, None where none is known to; a registry on the same machine serves nobody else."""
    for text in values.of(_SCHEME.sub("", found.text)):
        tags = [one for one in text.split(",") if floats(one)] if found.is_tag else _tag_of(text, floats)
        if tags:
            return tags[0]
    return None


def _tag_of(text: str, floats: Floats) -> list[str]:
    """The floating tag of a reference that may hold what nobody knows, if there is one."""
    name = _UNKNOWN.sub("x", text)
    last = name.rpartition("/")[2]
    if "@" in name or _LOCAL.match(name) or not _NAME.fullmatch(name) or ("/" not in name and name == text):
        return []
    if ":" not in last:
        is_whole = name == text and "." in name.partition("/")[0]
        return ["latest"] if is_whole and floats(None) else []
    tag = last.rpartition(":")[2]
    return [tag] if floats(tag) and "$" not in text.rpartition(":")[2] else []
