"""The files of a repository in which commands stand: scripts, makefiles, justfiles, Taskfiles and workflows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from codemod.fleet.tree import Tree
from codemod.patterns import on_use

_SCRIPT = on_use(r".+\.(?:sh|bash|mk)|(?:GNU)?[Mm]akefile(?:\..+)?|[Jj]ustfile|Taskfile\.ya?ml", re.DOTALL)
_WORKFLOW = on_use(r"(?:.*/)?\.github/workflows/[^/]+\.ya?ml", re.DOTALL)


def scripts(tree: Tree) -> Sequence[str]:
    """Their paths, sorted."""
    return tree.once(_scripts)


def named_like(tree: Tree, pattern: re.Pattern[str]) -> Iterator[str]:
    """The files whose names match; of the same names there are many, and each is looked at once."""
    return (path for name, paths in tree.by_name.items() if pattern.fullmatch(name) for path in paths)


def _scripts(tree: Tree) -> Sequence[str]:
    return sorted({*named_like(tree, _SCRIPT), *_workflows(tree)})


def _workflows(tree: Tree) -> Iterator[str]:
    return (path for path in tree.ordered if ".github/workflows/" in path and _WORKFLOW.fullmatch(path))
