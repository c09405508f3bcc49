"""The nodes that a path of the table of kinds leads to."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.formats import yaml
from codemod.kinds import ANY, DEEP, Items, Step, steps


def nodes_at(root: yaml.Node, path: str) -> Iterator[yaml.Node]:
    """The nodes at a path, from an object's root; what stands behind an alias is not followed."""
    return _at(root, steps(path))


def _at(node: yaml.Node, way: tuple[Step, ...]) -> Iterator[yaml.Node]:
    """The nodes that a path leads to."""
    if not way:
        yield node
        return
    step, rest = way[0], way[1:]
    if isinstance(step, Items):
        items = node.items if isinstance(node, yaml.Sequence) else [node]
        for item in items:
            if not step.key or (isinstance(item, yaml.Mapping) and item.text(step.key) == step.value):
                yield from _at(item, rest)
    elif step == DEEP:
        for below in everything(node):
            yield from _at(below, rest)
    elif isinstance(node, yaml.Mapping):
        entries = node.entries if step == ANY else [node.index[step]] if step in node.index else []
        for entry in entries:
            yield from _at(entry.value, rest)


def everything(node: yaml.Node) -> Iterator[yaml.Node]:
    """A node and all below it."""
    yield node
    children = [entry.value for entry in node.entries] if isinstance(node, yaml.Mapping) else []
    for child in node.items if isinstance(node, yaml.Sequence) else children:
        yield from everything(child)
