"""Every scalar, and every map, below a node."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.formats.yaml.nodes import Mapping, Node, Scalar, Sequence, target


def scalars(root: Node | None) -> Iterator[Scalar]:
    """Every scalar below a node, keys included, in the order of the text."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scalar):
            yield node
        elif isinstance(node, Mapping):
            waiting += [part for entry in reversed(node.entries) for part in (entry.value, entry.key)]
        elif isinstance(node, Sequence):
            waiting += reversed(node.items)


def mappings(root: Node | None) -> Iterator[Mapping]:
    """Every map below a node, itself included, aliases followed; each once."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = target(waiting.pop())
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Mapping):
            yield node
            waiting += [entry.value for entry in reversed(node.entries)]
        elif isinstance(node, Sequence):
            waiting += reversed(node.items)
