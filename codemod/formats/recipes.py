"""The recipes of a makefile as one shell script; what make fills in is a variable there."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.patterns import on_use
from codemod.program import Piece, filled, joined
from codemod.source import Source

_LINE = on_use(
    rb"(?m)^(?:\xef\xbb\xbf)?(?:\t[ \t]*|[^\s#:=\xef][^\n:=;]*:(?!=)[^\n=;]*;[ \t]*"
    rb"|[ ]*(?=[@+-]*(?:docker|podman|nerdctl)[ \t]+(?:run|create|pull|push|tag|build|buildx)[ \t]))[@+-]*"
)
"""The beginning of a recipe: behind a tab, behind `target: ;`, and of what `define` holds, where an engine is named."""
_LOGICAL = on_use(rb"(?:[^\n]*\\\r?\n)*[^\n]*(?:\n|\Z)")
_SPECIAL = on_use(rb"\r\n|\$(?:\$|[^\s({$]|\((?:[^()\n]|\([^()\n]*\))*\)|\{[^{}\n]*\})")
_NAME = on_use(rb"[A-Za-z_]\w*")


class Escaped:
    """In a recipe, where make takes a dollar for its own."""

    def encode(self, text: bytes) -> bytes | None:
        return text.replace(b"$", b"$$").replace(b"\n", b"\n\t")


def script(source: Source, language: str, surface: str) -> Source | None:
    """The recipes of a makefile, one below the other; None where there are none."""
    return joined(source, _pieces(source.data), language, surface, Escaped())


def _pieces(data: bytes) -> Iterator[Piece]:
    position = 0
    while (line := _LINE.search(data, position)) is not None:
        logical = _LOGICAL.match(data, line.end())
        assert logical is not None
        yield from filled(data, *logical.span(), _SPECIAL, lambda special: _shown(special[0]))
        position = max(logical.end(), line.start() + 1)


def _shown(special: bytes) -> bytes:
    """What the shell sees of `$$`, `$@`, `$(NAME)`, `$(shell …)`: its own dollar, or a variable that nobody knows."""
    if special in (b"$$", b"\r\n"):
        return special[1:]
    name = special[2:-1]
    return b"${%b}" % (name if _NAME.fullmatch(name) else b"_" * max(len(name), 1)) if len(special) > 2 else b"$_"
