"""Whether a file is certainly missing from the repository, and is neither generated nor somebody else's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from codemod.fleet.tree import Tree
from codemod.globs import matches
from codemod.patterns import on_use

_FETCHES = on_use(
    rb"git[ \t]+(?:-C \S+ )?(?:clone|submodule|checkout|worktree)|\b(?:curl|wget|tar|unzip|gh|rsync)\b|download"
)
_SAID = on_use(rb"^[ \t@-]*(?:-[ \t]+)?(?:#|echo\b|printf\b|log\w*\b|chmod\b)|^[^'\"]*[ \t]#")


def is_missing(tree: Tree, path: str) -> bool:
    """Whether the repository has neither the file nor, in the place of a folder of it, a link or a submodule."""
    way = path.split("/")
    above = ("/".join(way[:number]) for number in range(1, len(way) + 1))
    return not any(part in tree.paths for part in above) and not any(_ignores(tree, path))


def has_namesake(tree: Tree, path: str) -> bool:
    """Whether another file of the repository is called like it: what is copied there before it runs, as like as not."""
    name = path.rpartition("/")[2]
    return name in tree.paths or any(other.endswith(f"/{name}") for other in tree.paths)


def is_only_called(data: bytes, path: str, calls: Sequence[tuple[int, int]]) -> bool:
    """Whether a text names a file only where it calls it or says something: else it may make it, or ask for it."""
    for mention in re.finditer(re.escape(path.rpartition("/")[2].encode()), data):
        begin = data.rfind(b"\n", 0, mention.start()) + 1
        is_call = any(start <= mention.start() < end for start, end in calls)
        if not is_call and not _SAID.search(data[begin : mention.start()]):
            return False
    return True


def may_fetch(data: bytes) -> bool:
    """Whether a text gets files from elsewhere."""
    return _FETCHES.search(data) is not None


def _ignores(tree: Tree, path: str) -> Iterator[bool]:
    """Whether each rule of the ignore files on the way would hide the path; what takes a rule back is not asked."""
    way = path.split("/")
    for number in range(len(way)):
        folder = "/".join(way[:number])
        rules = tree.text(f"{folder}/.gitignore" if folder else ".gitignore")
        below = "/".join(way[number:])
        for line in (rules or b"").decode("utf-8", "replace").splitlines():
            rule = line.strip()
            if rule and not rule.startswith(("#", "!")):
                yield _hides(rule.rstrip("/"), below)


def _hides(rule: str, path: str) -> bool:
    anchored = rule.lstrip("/") if "/" in rule else f"**/{rule}"
    return bool(anchored) and matches(path, (anchored, f"{anchored}/**"))
