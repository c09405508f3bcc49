"""Kustomizations as far as releases need them: what each includes, patches, generates, and in which namespace.

Read are `kustomization.yaml` files and Flux's `Kustomization` objects, which are one more layer around a folder. Flux
takes all manifests below a folder that has no `kustomization.yaml` (fluxcd.io, "Generate a kustomization.yaml file").
Remote resources and what `replacements` and other transformers do are not looked at.
"""

from __future__ import annotations

import re

from msgspec import Struct

from codemod.fleet.tree import Manifest
from codemod.formats import yaml

FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
FLUX_GROUP = "kustomize.toolkit.fluxcd.io"


class Patch(Struct, frozen=True):
    """One document of a patch: a part of an object, or a list of operations (JSON patch).

    `target` is the selector that stands beside it, None where the patch names its object itself. `is_inline` says that
    it is a text inside the kustomization, whose place then is `path` and `line`.
    """

    path: str
    document: int
    line: int
    root: yaml.Node
    target: yaml.Mapping | None = None
    is_inline: bool = False

    def is_for(self, manifest: Manifest) -> bool:
        """Whether it patches an object, as kustomize selects it: whole texts match the selector's expressions."""
        if self.target is not None:
            return _selects(self.target, manifest)
        root = self.root
        return (
            isinstance(root, yaml.Mapping)
            and root.text("kind") == manifest.kind
            and text_at(root, "metadata", "name") == text_at(manifest.root, "metadata", "name")
        )


class Generator(Struct, frozen=True):
    """A `configMapGenerator` or `secretGenerator`: kind and name of what it makes, and the file of each key.

    `envs` are files whose variables are keys.
    """

    kind: str
    name: str
    files: tuple[tuple[str, str], ...]
    envs: tuple[str, ...] = ()


class Kustomization(Struct, frozen=True, eq=False):
    """One layer: `resources` and `components` are paths of files and folders in the repository."""

    path: str
    line: int
    folder: str
    resources: tuple[str, ...]
    components: tuple[str, ...]
    patches: tuple[Patch, ...]
    namespace: str | None
    generators: tuple[Generator, ...]
    images: tuple[yaml.Mapping, ...] = ()
    is_flux: bool = False
    """Whether it is an object of Flux, and `folder` its `spec.path`."""


def text_at(root: yaml.Node | None, *keys: str) -> str | None:
    """The text of the scalar at a way of keys."""
    node, depth = yaml.descend(root, keys)
    return node.value if depth == len(keys) and isinstance(node, yaml.Scalar) and not node.is_null else None


def items_at(root: yaml.Node | None, *keys: str) -> tuple[yaml.Node, ...]:
    """The items of the list at a way of keys, aliases followed; none where there is no list."""
    node, depth = yaml.descend(root, keys)
    found = node.items if depth == len(keys) and isinstance(node, yaml.Sequence) else ()
    return tuple(item for each in found if (item := yaml.target(each)) is not None)


def texts_at(root: yaml.Node | None, *keys: str) -> tuple[str, ...]:
    """The scalars of the list at a way of keys."""
    return tuple(item.value for item in items_at(root, *keys) if isinstance(item, yaml.Scalar))


def _selects(target: yaml.Mapping, manifest: Manifest) -> bool:
    names = {
        "kind": manifest.kind,
        "group": manifest.group,
        "name": text_at(manifest.root, "metadata", "name") or "",
    }
    if any((wanted := target.text(key)) and not matches(wanted, text) for key, text in names.items()):
        return False
    for key, place in (("labelSelector", "labels"), ("annotationSelector", "annotations")):
        for term in filter(None, (target.text(key) or "").split(",")):
            name, _, value = term.replace("==", "=").partition("=")
            if text_at(manifest.root, "metadata", place, name.strip()) != value.strip():
                return False
    return True


def matches(expression: str, text: str) -> bool:
    """Whether an expression of a selector's name or kind is that of a whole text; one that is none matches nothing."""
    try:
        return re.fullmatch(expression, text) is not None
    except re.error:
        return False
