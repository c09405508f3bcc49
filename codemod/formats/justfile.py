"""The recipes of a justfile as one shell script; what just fills in (`{{ … }}`) is a variable there.

Follows https://just.systems/man/en/: a recipe is what is indented below its header; one that begins with `#!` is a
script of its own, in whatever language that names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.patterns import on_use
from codemod.program import Piece, filled, joined
from codemod.source import Source

_RECIPE = on_use(
    rb"(?m)^(?:\xef\xbb\xbf)?@?(?!(?:set|alias|export|unexport|import|mod)\b(?![^\n:]*:(?!=)))[A-Za-z_][\w-]*+"
    rb"(?![ \t]*:=)(?:[ \t][^\n]*?)?:(?!=)[^\n]*\n((?:[ \t]*\r?\n|[ \t]+[^\n]*(?:\n|\Z))+)"
)
"""`name parameters: dependencies`, which is no assignment, and the lines below that are blank or indented."""
_SHEBANG = on_use(rb"\s*#!([^\n]*)")
_SHELL = on_use(rb"[/ \t](?:ba|da|z|k|a)?sh(?:[ \t]|\r|\Z)")
_SETTING = on_use(rb"(?m)^(?:\xef\xbb\xbf)?set[ \t]+shell[ \t]*:=[ \t]*\[[ \t]*[\"']([^\"'\n]*)")
_LINE = on_use(rb"([ \t]*[@-]{0,2})((?:[^\n]*\\\r?\n)*[^\n]*(?:\n|\Z))")
_SCRIPT_LINE = on_use(rb"([ \t]*)([^\n]*(?:\n|\Z))")
_FILLED = on_use(rb"\{\{(?!\{)[ \t]*(.*?)[ \t]*\}\}|\r(?=\n)")
_NAME = on_use(rb"[A-Za-z_]\w*")


class Escaped:
    """In a recipe, where just takes `{{` for its own and a line without indentation for the end."""

    def encode(self, text: bytes) -> bytes | None:
        return None if b"\n" in text else text.replace(b"{{", b"{{{{")


def script(source: Source, language: str, surface: str) -> Source | None:
    """The recipes of a justfile that a shell runs, one below the other; None where there are none."""
    setting = _SETTING.search(source.data)
    runs_shell = setting is None or _SHELL.search(b"/" + setting[1]) is not None
    return joined(source, _pieces(source.data, runs_shell), language, surface, Escaped())


def _pieces(data: bytes, runs_shell: bool) -> Iterator[Piece]:
    for recipe in _RECIPE.finditer(data):
        shebang = _SHEBANG.match(recipe[1])
        if _SHELL.search(shebang[1]) is not None if shebang is not None else runs_shell:
            for line in (_LINE if shebang is None else _SCRIPT_LINE).finditer(data, *recipe.span(1)):
                yield from filled(data, *line.span(2), _FILLED, _shown)


def _shown(special: re.Match[bytes]) -> bytes:
    """What the shell sees of `{{ … }}`: a variable; of the first half of a line's end nothing."""
    name: bytes | None = special[1]
    return b"" if name is None else b"${%b}" % (name if _NAME.fullmatch(name) else b"__")
