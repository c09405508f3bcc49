"""Where `configurations` of kustomizations say that images of custom resources stand (field specs)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from codemod.fleet.chartfile import joined
from codemod.fleet.kustomization import items_at, text_at, texts_at
from codemod.fleet.overlays import Overlays
from codemod.fleet.tree import Tree
from codemod.formats import yaml


class Field(Struct, frozen=True):
    """The kind of the objects, empty for all, and the keys to the image, those of lists left out."""

    kind: str
    keys: tuple[str, ...]

    def is_at(self, scalar: yaml.Scalar) -> bool:
        """Whether a scalar stands there."""
        if scalar.key != self.keys[-1] or tuple(k for k in yaml.keys_of(scalar) if isinstance(k, str)) != self.keys:
            return False
        here: yaml.Node = scalar
        while here.parent is not None:
            here = here.parent
        return not self.kind or (isinstance(here, yaml.Mapping) and here.text("kind") == self.kind)


def configured(tree: Tree, overlays: Overlays) -> Iterator[Field]:
    """The fields of all configurations."""
    for each in overlays.all:
        for text in texts_at(tree.root(each.path), "configurations") if not each.is_flux else ():
            path = joined(each.folder, text)
            for item in items_at(tree.root(path), "images") if path is not None else ():
                keys = (text_at(item, "path") or "").replace("[]", "").strip("/")
                yield Field(text_at(item, "kind") or "", tuple(keys.split("/")))
