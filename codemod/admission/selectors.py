"""Namespaces by name, as the selectors of policies say them."""

from __future__ import annotations

from codemod.admission.objects import Object, is_unknown, map_at, node_at
from codemod.admission.policy import Scope, Text
from codemod.fleet.kustomization import items_at
from codemod.formats import yaml

NAME = "kubernetes.io/metadata.name"
"""The label that Kubernetes gives every namespace."""


def named(one: Object, node: yaml.Node | None) -> Scope | None:
    """The namespaces of a list; None where it is not there. What is filled in later may be any."""
    texts = one.texts(node) if node is not None else ()
    if not texts or any(is_unknown(text.value) or "{{" in text.value for text in texts):
        return None
    return Scope(texts)


def selected(one: Object, selector: yaml.Mapping | None) -> Scope | None:
    """What a selector of labels says of the names of namespaces; other labels may be on any of them."""
    only: list[Text] = []
    but: list[Text] = []
    labels = map_at(selector, "matchLabels")
    if labels is not None:
        only += one.texts(yaml.lookup(labels, NAME)) if yaml.lookup(labels, NAME) is not None else ()
    for each in items_at(selector, "matchExpressions"):
        if isinstance(each, yaml.Mapping) and each.text("key") == NAME:
            values = [*one.texts(yaml.lookup(each, "values"))] if yaml.lookup(each, "values") is not None else []
            only += values if each.text("operator") == "In" else []
            but += values if each.text("operator") == "NotIn" else []
    known = [text for text in only if not is_unknown(text.value)]
    if len(known) < len(only) or not (only or but):
        return None
    return Scope(tuple(only) if only else None, tuple(text for text in but if not is_unknown(text.value)))


def in_namespace(one: Object) -> Scope | None:
    """The namespace of an object that works in its own; None where it cannot be known."""
    if one.namespace is None or is_unknown(one.namespace) or "{{" in one.namespace:
        return None
    own = node_at(one.root, "metadata", "namespace")
    place = one.place(own) if isinstance(own, yaml.Scalar) else one.named_at
    return Scope((Text(one.namespace, place),))
