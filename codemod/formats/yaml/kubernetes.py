"""What manifests of Kubernetes have in common: their objects, the kinds that run pods, and the containers of these."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.formats.yaml.nodes import Mapping, Sequence, lookup, target
from codemod.formats.yaml.reader import Document

WORKLOADS = frozenset(
    "Pod PodTemplate Deployment ReplicaSet ReplicationController StatefulSet DaemonSet Job CronJob".split()
)
"""The kinds of Kubernetes itself that are pods, or hold the template of some."""
CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
"""The lists of containers of a pod."""


def objects(document: Document) -> Iterator[Mapping]:
    """The objects of a document: the one that it is, or those of a list (`kind: List`, `PodList`); each has a kind."""
    root = document.root
    if not isinstance(root, Mapping) or root.text("kind") is None or root.text("apiVersion") is None:
        return
    items = lookup(root, "items")
    is_list = isinstance(items, Sequence) and (root.text("kind") or "").endswith("List")
    for node in map(target, items.items if isinstance(items, Sequence) and is_list else [root]):
        if isinstance(node, Mapping) and node.text("kind") is not None:
            yield node
