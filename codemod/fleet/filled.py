"""Template expressions in the inline values of an ApplicationSet, filled in for each of its Applications."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from codemod.fleet.expand import Expander
from codemod.fleet.layervalues import roots, written
from codemod.fleet.stack import Layer
from codemod.fleet.tree import Tree
from codemod.formats import yaml

NOTE = "The inline values hold template expressions and are taken as they stand."


def filled(layers: Iterable[Layer], expander: Expander, tree: Tree) -> tuple[tuple[Layer, ...], bool]:
    """The layers with what their expressions say, and whether all of them are known."""
    found, is_known = [], True
    for layer in layers:
        texts: dict[str, str] = {}
        standing = tuple(roots(layer, tree))
        is_known = is_known and bool(standing)
        for node, source in standing:
            scalars = [scalar for scalar in yaml.scalars(node) if scalar.templated]
            for text in {written(scalar, source) for scalar in scalars}:
                if (said := expander.text(text)) is not None:
                    texts[text] = said
            here = source.data[node.start : node.end].count(b"{{")
            is_known = is_known and here == sum(written(scalar, source).count("{{") for scalar in scalars)
            is_known = is_known and all(written(scalar, source) in texts for scalar in scalars)
        origins = ((text, expander.origin(text)) for text in sorted(texts))
        handed = tuple((text, site) for text, site in origins if site is not None)
        found.append(replace(layer, filled=tuple(sorted(texts.items())), handed=handed) if texts else layer)
    return tuple(found), is_known
