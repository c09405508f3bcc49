"""The Applications of Argo CD as their manifests declare them: namespace, repository, kustomizations."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from msgspec import Struct

from codemod.fleet import Fleet
from codemod.fleet.argocd import GROUP
from codemod.fleet.kustomization import FILES
from codemod.fleet.params import as_map, as_text, plain
from codemod.fleet.sources import sources

KINDS = ("argocd", "applicationset")
"""The kinds of the stacks that Argo CD makes."""


class Declaration(Struct, frozen=True):
    """One Application or ApplicationSet; `repositories` are those of its Git sources that are written out."""

    name: str
    kind: str
    namespace: str | None
    repositories: tuple[str, ...]
    kustomizations: tuple[str, ...]


def declarations(fleet: Fleet) -> Mapping[str, Declaration]:
    """By `path:line`, as `Stack.origin` names them."""
    found = {}
    for manifest in fleet.tree.manifests(GROUP):
        source = fleet.tree.source(manifest.path)
        if source is None or manifest.kind not in ("Application", "ApplicationSet"):
            continue
        root = as_map(plain(manifest.root, source))
        spec, metadata = as_map(root.get("spec")), as_map(root.get("metadata"))
        if manifest.kind == "ApplicationSet":
            spec = as_map(as_map(spec.get("template")).get("spec"))
        git = [one for one, _ in sources(spec) if not one.get("chart")]
        found[manifest.origin] = Declaration(
            as_text(metadata.get("name")),
            manifest.kind,
            as_text(metadata.get("namespace")) or None,
            tuple(dict.fromkeys(url for one in git if _is_known(url := as_text(one.get("repoURL"))))),
            tuple(
                path
                for one in git
                for name in FILES
                if (path := posixpath.normpath(posixpath.join(as_text(one.get("path")), name))) in fleet.tree.paths
            ),
        )
    return found


def _is_known(text: str) -> bool:
    return bool(text) and "{{" not in text
