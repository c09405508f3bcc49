"""The clusters of a Flux repository, by the folders `clusters/<name>/` that they are bootstrapped from."""

from __future__ import annotations

from codemod.fleet.kustomization import Kustomization
from codemod.fleet.overlays import Overlays
from codemod.fleet.tree import Manifest, Tree
from codemod.patterns import on_use

_CLUSTER = on_use(r"(?:^|/)clusters/([^/]+)/")


class Clusters:
    """Which cluster a release is for, where only one can be meant."""

    def __init__(self, tree: Tree, overlays: Overlays) -> None:
        self._overlays = overlays
        self._names = frozenset(name for path in tree.paths if "clusters/" in path for name in _CLUSTER.findall(path))

    def of(self, manifest: Manifest, overlay: Kustomization | None) -> str | None:
        """The cluster in whose folder it stands, that alone includes it, or that one of its folders is named after."""
        path = overlay.path if overlay is not None else manifest.path
        inside = _CLUSTER.search(path) if "clusters/" in path else None
        if inside is not None:
            return inside[1]
        if not self._names:
            return None
        found = self._including(manifest.path, overlay, frozenset())
        found = found or self._names & set(path.split("/")[:-1])
        return next(iter(found)) if len(found) == 1 else None

    def _including(self, path: str, overlay: Kustomization | None, seen: frozenset[str]) -> frozenset[str]:
        """The clusters whose Flux Kustomizations include a file, through others if need be."""
        found: set[str] = set()
        for each in self._overlays.reaching(path):
            if not each.is_flux or each.path in seen:
                continue
            if overlay is not None and overlay not in self._overlays.chain(each, path):
                continue
            inside = _CLUSTER.search(each.path)
            found |= {inside[1]} if inside is not None else self._including(each.path, None, seen | {each.path})
        return frozenset(found)
