"""What one layer says: its values as Helm reads them, template expressions filled in where they are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from codemod.fleet.merge import Leaf, Values, merged
from codemod.fleet.parameters import assign, read_parameter, way_of
from codemod.fleet.params import parsed
from codemod.fleet.scalars import Plain, key_text, read_scalar
from codemod.fleet.stack import Layer
from codemod.fleet.tree import Tree
from codemod.formats import yaml
from codemod.source import Source
from codemod.transform import Keys

Scalars = Callable[[yaml.Scalar], Plain]
"""Reads a scalar."""


def read(layer: Layer, tree: Tree) -> Values | Leaf:
    """The values of one layer: mostly a map, a single value where the layer is one (`targetPath`)."""
    found: Values = {}
    if layer.parameters:
        return with_parameters(found, layer, tree)
    for node, source in roots(layer, tree):
        scalars = _scalars(layer, source)
        if isinstance(node, yaml.Mapping):
            found = merged(found, _read_map(node, layer, scalars))
        elif isinstance(node, yaml.Scalar) and layer.prefix:
            return Leaf(scalars(node), layer, node)
    return found


def roots(layer: Layer, tree: Tree) -> Iterator[tuple[yaml.Node, Source]]:
    """The roots of a layer's values, one for each YAML document, and the text that each stands in."""
    documents = tree.documents(layer.path)
    if layer.document is not None:
        documents = documents[layer.document : layer.document + 1]
    for document in documents:
        node, depth = yaml.descend(document.root, layer.within)
        if node is None or depth < len(layer.within):
            continue
        if layer.is_text and not layer.parameters:
            text = yaml.nested(document, node) if isinstance(node, yaml.Scalar) else None
            inner = yaml.documents(text) if text is not None else ()
            yield from ((below.root, below.source) for below in inner if below.root is not None)
        else:
            yield node, document.source


def written(scalar: yaml.Scalar, source: Source) -> str:
    """The text of a scalar with its template expressions, which the reader may have masked."""
    return scalar.value if not scalar.templated or "{{" in scalar.value else source.text(scalar.inner)


def parameters_in(layer: Layer, tree: Tree) -> Iterator[tuple[str, yaml.Scalar, Source]]:
    """The names and values of a list of parameters."""
    for node, source in roots(layer, tree):
        for item in node.items if isinstance(node, yaml.Sequence) else ():
            name = item.text("name") if isinstance(item, yaml.Mapping) else None
            value = yaml.lookup(item, "value") if isinstance(item, yaml.Mapping) else None
            if name and isinstance(value, yaml.Scalar):
                yield name, value, source


def named_values(layer: Layer, tree: Tree) -> Iterator[tuple[Keys, yaml.Scalar]]:
    """The single values that a layer gives, each with its keys: of parameters, or what a `targetPath` takes."""
    if layer.parameters:
        yield from ((way_of(name), scalar) for name, scalar, _ in parameters_in(layer, tree))
    elif layer.prefix and layer.within:
        yield from ((layer.prefix, node) for node, _ in roots(layer, tree) if isinstance(node, yaml.Scalar))


def with_parameters(values: Values, layer: Layer, tree: Tree) -> Values:
    """The values as parameters change them: these reach into lists, as files never do.

    Those that are forced to be strings come last, as Helm reads them.
    """
    found, known = dict(values), dict(layer.filled)
    items = [(name, scalar, source, _is_forced(layer, scalar)) for name, scalar, source in parameters_in(layer, tree)]
    for name, scalar, source, forced in sorted(items, key=lambda item: item[3]):
        text = known.get(written(scalar, source), scalar.value)
        assign(found, name, Leaf(text if forced else read_parameter(text), layer, scalar), Leaf)
    return found


def _is_forced(layer: Layer, value: yaml.Scalar) -> bool:
    item = value.parent
    return layer.is_text or (isinstance(item, yaml.Mapping) and item.text("forceString") == "true")


def _scalars(layer: Layer, source: Source) -> Scalars:
    """How the scalars of a layer are read; in a text what is filled in is read as YAML again."""
    if not layer.filled:
        return read_scalar
    known = dict(layer.filled)

    def filled(scalar: yaml.Scalar) -> Plain:
        text = known.get(written(scalar, source)) if scalar.templated else None
        if text is None:
            return read_scalar(scalar)
        return parsed(text) if layer.is_text and not scalar.style else text

    return filled


def _read_map(mapping: yaml.Mapping, layer: Layer, scalars: Scalars, depth: int = 0) -> Values:
    found: Values = {}
    for key, node in _entries(mapping):
        value = yaml.target(node)
        if isinstance(value, yaml.Mapping) and depth < 100:
            found[key] = _read_map(value, layer, scalars, depth + 1)
        elif value is not None:
            found[key] = Leaf(_plain(value, scalars), layer, node)
    return found


def _plain(node: yaml.Node, scalars: Scalars, depth: int = 0) -> Plain:
    value = yaml.target(node)
    if isinstance(value, yaml.Scalar):
        return scalars(value)
    if isinstance(value, yaml.Sequence) and depth < 100:
        return [_plain(item, scalars, depth + 1) for item in value.items]
    if isinstance(value, yaml.Mapping) and depth < 100:
        return {key: _plain(item, scalars, depth + 1) for key, item in _entries(value)}
    return None


def _entries(mapping: yaml.Mapping) -> Iterable[tuple[str, yaml.Node]]:
    """Keys and values, merge keys applied; a key of the map itself wins."""
    found: dict[str, yaml.Node] = {}
    if "<<" in mapping.index:
        for other in reversed(tuple(yaml.merged(mapping))):
            found.update(_entries(other))
    own = {}
    for entry in mapping.entries:
        key = yaml.target(entry.key)
        if isinstance(key, yaml.Scalar) and (key.value != "<<" or key.style):
            own[key_text(key.value, key.style)] = entry.value
    return {**found, **own}.items()
