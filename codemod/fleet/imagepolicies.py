"""What Flux's `ImagePolicy` objects give to the fields that Git marks for them: a tag, or a digest as well."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from codemod.fleet.kustomization import text_at
from codemod.fleet.tree import Tree

GROUP = "image.toolkit.fluxcd.io"
_REFLECTING = ("Always", "IfNotPresent")


class ImagePolicies:
    """The policies of a repository, by name; their namespace often comes from a kustomization."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def reflects(self, namespace: str, name: str) -> bool | None:
        """Whether a policy has the digest of the image in its status; None where it is not in the repository.

        Without one image-automation-controller writes `name:tag` for the whole, and an empty text for the digest.
        """
        found = [is_reflecting for where, is_reflecting in self._found.get(name, ()) if where in (None, namespace)]
        return all(found) if found else None

    @cached_property
    def _found(self) -> Mapping[str, list[tuple[str | None, bool]]]:
        found: dict[str, list[tuple[str | None, bool]]] = {}
        for manifest in self._tree.manifests(GROUP):
            name = text_at(manifest.root, "metadata", "name")
            if manifest.kind == "ImagePolicy" and name is not None:
                is_reflecting = text_at(manifest.root, "spec", "digestReflectionPolicy") in _REFLECTING
                where = text_at(manifest.root, "metadata", "namespace")
                found.setdefault(name, []).append((where, is_reflecting))
        return found
