"""Names under which scripts put images into a local cluster, past every registry: `kind load`, `k3d image import`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from codemod.fleet.scripts import scripts
from codemod.fleet.tree import Tree
from codemod.formats.assignments import MAKEFILE, assignments
from codemod.patterns import on_use
from codemod.place import TESTS, place_of
from codemod.source import Source

_WORDS = (b"docker-image", b"k3d", b"minikube")
_LOADS = on_use(
    rb"^[^#\n]*?(?:\bkind|\$[({]\w*KIND\w*[)}]|\bk3d|\$[({]\w*K3D\w*[)}]|\bminikube)[\"']?[ \t]+(?:[^\n;&|]*?[ \t])??"
    rb"(?:load[ \t]+(?:[^\n;&|]*?[ \t])?docker-image|images?[ \t]+import|image[ \t]+load)[ \t]([^\n;&|]*)",
    re.MULTILINE,
)
_CONTINUED = on_use(rb"\\\r?\n")
_EACH = on_use(r"\$\(foreach \w+,[^,]*,((?:\$\(\w+\)|[^()])*)\)")
_VARIABLE = on_use(r"\$\$?(?:[({](\w+)[)}]|(\w+))")
_NAME = on_use(r"[a-z0-9][\w.:-]*/[\w./*-]*:[\w.*-]+")


class Loaded:
    """The names, as patterns in which `*` stands for what a script fills in, each with the script's path."""

    def __init__(self, tree: Tree) -> None:
        self._patterns = [
            (re.compile(r"[\w.-]+".join(map(re.escape, name.split("*")))), path)
            for path in scripts(tree)
            for name in _names(tree.source(path))
        ]

    def by(self, path: str, text: str) -> str | None:
        """The script that loads what a file of tests names; what other files name, other clusters pull."""
        if not self._patterns or TESTS not in place_of(path):
            return None
        return next((script for pattern, script in self._patterns if pattern.fullmatch(text)), None)


def _names(source: Source | None) -> Iterator[str]:
    if source is None or not any(word in source.data for word in _WORDS):
        return
    is_make = source.language == MAKEFILE.name
    values = {found.name: found.value for found in assignments(source)} if is_make else {}
    for command in _LOADS.finditer(_CONTINUED.sub(b" ", source.data)):
        words = _EACH.sub(r" \1 ", command[1].decode("utf-8", "replace"))
        for word in words.split():
            name = _filled(_filled(word.strip("\"'"), values), {})
            if _NAME.fullmatch(name):
                yield name


def _filled(text: str, values: Mapping[str, str]) -> str:
    """The text with the values of its variables, `*` in place of those that are not known, once there are no values."""
    return _VARIABLE.sub(lambda use: values.get(use[1] or use[2], use[0] if values else "*"), text)
