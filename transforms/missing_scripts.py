"""Remark on calls of scripts that the repository does not have.

Why: a bootstrap that builds and pushes "the dev images" by a script that is gone fails on the day it is needed; and
what it would have pushed is a tag that Git does not know.

Seen are commands, `source` and interpreters (`bash`, `python`, `node`, …) in scripts, recipes of makefiles and jobs of
GitHub and GitLab, where the path is certain: behind a variable that says where the script lies (`$(dirname "$0")`,
`BASH_SOURCE`, `git rev-parse --show-toplevel`), or relative in a job that runs in the repository.

Leaves alone: everything; and it does not even remark on paths that Git ignores, below links and submodules, tested for
before (`[ -f … ]`), written or fetched by the same file, relative ones after a `cd`, namesakes of files elsewhere,
whatever is not certain, vendored files, test data.
Reports: each call (`script-missing`), as a remark.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from codemod.fleet import Fleet
from codemod.formats import shell
from codemod.formats.assignments import MAKEFILE
from codemod.patterns import on_use
from codemod.source import Source, Span
from codemod.transform import Fact, Transform
from transforms._script_texts import LANGUAGES, Script, may_run, scripts_of
from transforms._tracked import has_namesake, is_missing, is_only_called, may_fetch
from transforms._workspaces import base_of, folder_before

if TYPE_CHECKING:
    from tree_sitter import Node

CODE = "script-missing"
_ROOTS = {"github-workflow": frozenset({"GITHUB_WORKSPACE"}), "gitlab-ci": frozenset({"CI_PROJECT_DIR"})}
_SHELLS = on_use(r"(?:ba|z|da|k)?sh|source|\.")
_OPTIONS = on_use(r"-[abefhkmptuvxBCEHP]+|--(?:login|norc|noprofile|posix)|[-+]o|pipefail|errexit|nounset")
_INTERPRETERS = on_use(r"python[\d.]*|node|ruby|perl")
_OTHER_OPTIONS = on_use(r"-[uBEIsSOqvw]+|--(?:no-warnings|experimental-[\w-]+)")
_SUFFIX = on_use(r"(?:\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`|[^\s*?~()`])+\.(?:sh|bash|py|pl|rb|js|mjs|cjs|ts)", re.DOTALL)
_RELATIVE = on_use(r"(?:\./)?[\w@+-][\w@+.-]*(?:/[\w@+.-]+)*")
_TOLERATED = on_use(rb"\|\|[ \t]*(?:true|:)\b|2>[ \t]*/dev/null")


def _looks(source: Source, fleet: Fleet) -> object:
    return source.path if may_run(source) else ""


transform = Transform(
    __name__,
    reads=LANGUAGES,
    words=(b".sh", b".py", b".bash", b".js", b".pl", b".rb"),
    looks_at_path=_looks,
    remarks=(CODE,),
)


class Call(Struct, frozen=True):
    """A script that is called: where, and its path from the root; None where that is not certain."""

    script: Script
    node: Node
    path: str | None
    is_exact: bool


@transform.scan
def missing(source: Source, fleet: Fleet) -> Iterator[Fact]:
    calls = [call for script in scripts_of(source, fleet) for call in _calls(script)]
    spans = [call.script.place(_span(call.node)) for call in calls]
    for call in calls:
        if call.path is None or not is_missing(fleet.tree, call.path) or has_namesake(fleet.tree, call.path):
            continue
        folder = posixpath.dirname(call.path)
        is_there = folder in fleet.tree.folders
        if is_only_called(source.data, call.path, spans) and (
            is_there or (call.is_exact and not may_fetch(source.data))
        ):
            yield call.script.remark(_span(call.node), CODE, f"there is no {call.path}")


def _calls(script: Script) -> Iterator[Call]:
    paths = shell.Paths(script.text, _ROOTS.get(script.surface, frozenset()))
    base = base_of(script)
    for command in shell.commands(script.text):
        number = _called(command.texts)
        if number is not None and not _is_tolerated(script, command.node):
            text = command.texts[number]
            path, is_exact = paths.of(text), True
            if path is None and _RELATIVE.fullmatch(text):
                path, is_exact = _relative(script, command.node, text, base, paths), False
            yield Call(script, command.words[number], path, is_exact)


def _called(texts: list[str]) -> int | None:
    """The word of a command that is the script which it runs."""
    if "/" in texts[0] and _SUFFIX.fullmatch(texts[0]):
        return 0
    program = texts[0].rpartition("/")[2] or texts[0]
    options = _OPTIONS if _SHELLS.fullmatch(program) else _OTHER_OPTIONS if _INTERPRETERS.fullmatch(program) else None
    for number, text in enumerate(texts[1:] if options is not None else (), 1):
        if options is None or not options.fullmatch(text):
            return number if _SUFFIX.fullmatch(text) else None
    return None


def _relative(script: Script, node: Node, text: str, base: str | None, paths: shell.Paths) -> str | None:
    """The path of a relative name, None where nobody knows what it is relative to."""
    if _changes_folder(script, node):
        base = folder_before(script, node, paths)
    if base is None:
        return None
    path = posixpath.normpath(posixpath.join(base, text))
    return None if path.startswith("..") else path


def _changes_folder(script: Script, node: Node) -> bool:
    """Whether a `cd` comes before; in a makefile each line of a recipe begins anew."""
    data = script.text.data
    begin = 0
    if script.holder.language == MAKEFILE.name:
        begin = max(data.rfind(b"\n", 0, node.start_byte), 0)
        while begin > 0 and data[:begin].rstrip(b"\r").endswith(b"\\"):
            begin = max(data.rfind(b"\n", 0, begin), 0)
    return re.search(rb"\b(?:cd|pushd|chdir)\b", data[begin : node.start_byte]) is not None


def _is_tolerated(script: Script, node: Node) -> bool:
    """Whether the script goes on quietly where there is no such file."""
    end = script.text.data.find(b"\n", node.end_byte)
    return _TOLERATED.search(script.text.data, node.start_byte, end if end >= 0 else len(script.text.data)) is not None


def _span(node: Node) -> Span:
    return Span(node.start_byte, node.end_byte)
