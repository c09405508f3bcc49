"""Variables of `.env` files, makefiles and justfiles that have one word for a value, and where recipes use them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from codemod.patterns import on_use
from codemod.source import Source, Span
from codemod.transform import Language

DOTENV = Language("dotenv", suffixes=(".env",), names=(".env",), prefixes=(".env.",))
MAKEFILE = Language(
    "makefile",
    suffixes=(".mk", ".make"),
    names=("Makefile", "makefile", "GNUmakefile"),
    prefixes=("Makefile.",),
)
JUSTFILE = Language("justfile", suffixes=(".just",), names=("justfile", "Justfile", "JUSTFILE", ".justfile"))

_BOM = rb"^(?:\xef\xbb\xbf)?"
_LINES = {
    DOTENV.name: on_use(
        _BOM + rb"[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*"
        rb"(?:\"([^\"\r\n]*)\"|'([^'\r\n]*)'|([^\s#\"']\S*))[ \t]*(?:(?<=[ \t])#[^\r\n]*)?\r?$",
        re.MULTILINE,
    ),
    MAKEFILE.name: on_use(
        _BOM + rb" *(?:(?:export|override|private)[ \t]+)*([A-Za-z_][\w.-]*)[ \t]*(?:\?|:{1,3})?=[ \t]*"
        rb"([^\s#]+)[ \t]*(?:#[^\r\n]*)?\r?$",
        re.MULTILINE,
    ),
    JUSTFILE.name: on_use(
        _BOM + rb"(?:export[ \t]+)?([A-Za-z_][\w-]*)[ \t]*:=[ \t]*(?:env(?:_var_or_default)?\([^,\n]+,[ \t]*)?"
        rb"(?:\"([^\s\"\\]+)\"|'([^\s']+)')\)?[ \t]*(?:#[^\r\n]*)?\r?$",
        re.MULTILINE,
    ),
}
_USES = {MAKEFILE.name: rb"\$(?:\(%b\)|\{%b\})", JUSTFILE.name: rb"\{\{[ \t]*%b[ \t]*\}\}"}
_CONTINUED = on_use(rb"\\\r?\n")
_BUILD_ARGUMENT = on_use(rb"--build-arg[= ]\s*[\"']?\w+=[\"']?\Z")
"""What goes into a build is not what is built."""
_END = on_use(rb"\n|&&|;|\|")
_COMMAND = on_use(
    rb"(?:\b(?:docker|podman|nerdctl|buildah|crane|skopeo|kind|k3d|minikube)|\$[({]\w+[)}])[ \t\"']+"
    rb"(?:(?:image|container|buildx|-\S+)[ \t]+)*([a-z][\w-]*)"
)


class Assignment(Struct, frozen=True):
    """A variable, its value without quotes, and where that stands."""

    name: str
    value: str
    span: Span


def assignments(source: Source) -> Iterator[Assignment]:
    """The variables of a file, in order."""
    for match in _LINES[source.language].finditer(source.data):
        group = next(group for group in range(2, (match.lastindex or 0) + 1) if match[group] is not None)
        yield Assignment(match[1].decode(), match[group].decode("utf-8", "replace"), Span(*match.span(group)))


def commands(source: Source, name: str) -> Iterator[str]:
    """What each use of a variable in recipes is an argument of: the verb of a container tool, empty for all else."""
    data = _CONTINUED.sub(b" ", source.data)
    for use in re.finditer(_USES[source.language].replace(b"%b", re.escape(name.encode())), data):
        line = data.rfind(b"\n", 0, use.start()) + 1
        if data.startswith(b"#", line):
            continue
        begin = max((end.end() for end in _END.finditer(data, line, use.start())), default=line)
        command = _COMMAND.search(data, begin, use.start())
        is_whole = data[use.start() - 1 : use.start()] in _EDGES and data[use.end() : use.end() + 1] in _EDGES
        is_argument = _BUILD_ARGUMENT.search(data, begin, use.start()) is not None
        yield command[1].decode() if command is not None and is_whole and not is_argument else ""


_EDGES = frozenset((b"", b" ", b"\t", b"\n", b"\r", b'"', b"'", b"="))
