"""The releases that Argo CD makes of a repository: its Applications and ApplicationSets.

One in a Helm chart's template is read as it stands: what the chart would fill in is unknown, and bound by the files
that exist. A malformed manifest is no failure: it makes no stack, or one with a note.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any

from msgspec.structs import replace

from codemod.config import Config
from codemod.fleet.application import Applications
from codemod.fleet.expand import Expander, unescaped
from codemod.fleet.params import as_map, as_text, plain
from codemod.fleet.sources import Declared
from codemod.fleet.stack import Stack
from codemod.fleet.tree import Manifest, Tree

GROUP = "argoproj.io"
STACKS_MAX = 5_000
"""How many releases of one manifest are told."""


def releases(tree: Tree, config: Config) -> Iterator[Stack]:
    """Every release that an Application or ApplicationSet of the tree makes, in the order of their paths, each once."""
    applications = Applications(tree, config)
    seen: set[tuple[object, ...]] = set()
    for _, apps in groupby(declared(tree), key=lambda app: (app.manifest.path, app.manifest.document)):
        found = (stack for app in apps for stack in applications.stacks_of(app))
        for stack in _at_most(STACKS_MAX, found):
            if stack.identity not in seen:
                seen.add(stack.identity)
                yield stack


def declared(tree: Tree) -> tuple[Declared, ...]:
    """Every Application of the tree, those that ApplicationSets make included."""
    return tree.once(_all_declared)


def _all_declared(tree: Tree) -> tuple[Declared, ...]:
    return tuple(app for manifest in tree.manifests(GROUP) for app in _declared(manifest, tree))


def _at_most(limit: int, stacks: Iterator[Stack]) -> Iterator[Stack]:
    """The first stacks; the last of them says that there are more."""
    last: Stack | None = None
    for stack in islice(stacks, limit):
        if last is not None:
            yield last
        last = stack
    if last is not None and next(stacks, None) is not None:
        last = replace(last, notes=(*last.notes, f"There are more than {limit:,} releases; the others are left out."))
    if last is not None:
        yield last


def _declared(manifest: Manifest, tree: Tree) -> Iterator[Declared]:
    source = tree.source(manifest.path)
    root = as_map(plain(manifest.root, source)) if source is not None else {}
    is_template = _is_chart_template(manifest.path, tree)
    if is_template:
        root = as_map(_unescaped(root))
    name, spec = as_text(as_map(root.get("metadata")).get("name")), as_map(root.get("spec"))
    if manifest.kind == "Application":
        unknown = Expander({}, go=True, complete=False)
        yield Declared(manifest, "argocd", name, spec, ("spec",), unknown, must_bind=is_template)
    elif manifest.kind == "ApplicationSet":
        from codemod.fleet.applicationset import declared_by

        yield from declared_by(manifest, spec, tree, must_bind=is_template)


def _is_chart_template(path: str, tree: Tree) -> bool:
    """Whether a file stands somewhere below the `templates` of a chart."""
    folders = path.split("/")[:-1]
    charts = ("/".join((*folders[:at], "Chart.yaml")) for at, name in enumerate(folders) if name == "templates")
    return any(chart in tree.paths for chart in charts)


def _unescaped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _unescaped(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_unescaped(item) for item in value]
    return unescaped(value) if isinstance(value, str) else value
