"""Overrides that stand beside a chart: `.argocd-source.yaml`, and `.argocd-source-NAME.yaml` for one Application.

Argo CD merges them into the source of a chart in Git (`mergeSourceParameters`, a JSON merge patch); its Image Updater
writes the tags of images there.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from codemod.fleet.params import as_map, plain
from codemod.fleet.tree import Tree


class Override(Struct, frozen=True, dict=True):
    """A file of overrides and its helm section."""

    path: str
    helm: dict[str, Any]


def overrides_of(chart: str | None, name: str, tree: Tree) -> tuple[Override, ...]:
    """The overrides of a chart's folder for an Application of that name, the last one wins."""
    if chart is None:
        return ()
    paths = (posixpath.join(chart, file) for file in (".argocd-source.yaml", f".argocd-source-{name}.yaml"))
    found = []
    for path in paths:
        source, root = tree.source(path), tree.root(path)
        helm = as_map(as_map(plain(root, source)).get("helm")) if source is not None and root is not None else {}
        if helm:
            found.append(Override(path, helm))
    return tuple(found)


def overridden(source: Mapping[str, Any], overrides: Iterable[Override]) -> Mapping[str, Any]:
    """The source with the keys of its helm section that are overridden; values objects stay side by side."""
    for override in overrides:
        source = {**source, "helm": {**as_map(source.get("helm")), **override.helm}}
    return source
