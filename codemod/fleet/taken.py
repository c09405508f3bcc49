"""The folders that Argo CD's Applications take plain manifests from, and the namespaces that they are for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from codemod.fleet.argocd import declared
from codemod.fleet.chartfile import joined
from codemod.fleet.params import as_map
from codemod.fleet.sources import Declared, sources
from codemod.fleet.stack import is_name
from codemod.fleet.tree import Tree
from codemod.fleet.unify import Pattern, Unifier, captures, fill, says_something


class Taken(NamedTuple):
    """A folder, the namespace of what stands in it, and the file of the Application."""

    folder: str
    namespace: str
    path: str


def taken(tree: Tree) -> Iterator[Taken]:
    """Those of all Applications whose `spec.destination.namespace` is known, generated ones included, each once."""
    yield from dict.fromkeys(one for one in _every(tree) if is_name(one.namespace))


def folders(tree: Tree) -> Iterator[str]:
    """The folders of all Applications, whatever their namespaces."""
    return (one.folder for one in _every(tree))


def _every(tree: Tree) -> Iterator[Taken]:
    known = Unifier(tree.folders)
    return (one for app in declared(tree) for one in _of(app, known))


def _of(app: Declared, folders: Unifier) -> Iterator[Taken]:
    namespace = app.pattern(as_map(app.spec.get("destination")).get("namespace"))
    for source, _ in sources(app.spec):
        if not source.get("path") or source.get("chart"):
            continue
        for folder, where in _bound(app.pattern(source["path"]), namespace, folders):
            known = joined("", folder)
            if known is not None:
                yield Taken(known, where, app.manifest.path)


def _bound(folder: Pattern, namespace: Pattern, folders: Unifier) -> Iterator[tuple[str, str]]:
    """The folders that a pattern means, and the namespace of each; captures are what the folders prove."""
    if not captures(folder):
        yield folder, namespace
    elif says_something(folder):
        for binding in folders.matches(folder):
            yield fill(folder, binding), fill(namespace, binding)
