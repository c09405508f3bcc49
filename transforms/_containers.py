"""Containers of workloads: of pods, of the pod templates of any object, and of the steps of workflows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.patterns import on_use
from codemod.place import KUSTOMIZATION

WORDS = (b"ontainer", b"script", b"steps")
"""Without any of these a text holds no container."""

POLICY = "imagePullPolicy"
_LISTS = frozenset(("containers", "initContainers", "ephemeralContainers"))
_OF_GROUPS = {"argoproj.io": frozenset(("container", "script")), "tekton.dev": frozenset(("steps", "sidecars"))}
"""What else holds containers, by the API group of the object."""
_ALONE = on_use(rb"(?m)^[ \t]*\{\{-?((?:(?!\}\}).)*)\}\}[ \t]*\r?$", re.DOTALL)
_PRINTS = on_use(rb"\b(?:include|template|toYaml|tpl)\b")
_INDENT = on_use(rb"indent\s+(\d+)")


def containers(document: yaml.Document) -> Iterator[yaml.Mapping]:
    """The maps of all containers that name an image; patches and values, which may lack the rest, hold none."""
    for mapping in document.mappings:
        if "image" in mapping.index and _is_container(mapping):
            yield mapping


def is_patch(document: yaml.Document, fleet: Fleet) -> bool:
    """Whether a document is a part of an object, which a kustomization lays over the whole."""
    source = document.source
    return KUSTOMIZATION in source.place or (
        source.outer is None and source.path in fleet.renames.overlays.patched_with
    )


def gives_policy(document: yaml.Document, mapping: yaml.Mapping) -> bool:
    """Whether a container has a pull policy, or a template may print one into it."""
    raw = document.source.data[mapping.start : mapping.end]
    if yaml.lookup(mapping, POLICY) is not None or b"ullPolicy" in raw:
        return True
    key = mapping.index["image"].key
    column = key.start - document.source.data.rfind(b"\n", 0, key.start) - 1
    for action in _ALONE.finditer(raw) if document.masks else ():
        indent = _INDENT.search(action[1])
        if _PRINTS.search(action[1]) and (indent is None or int(indent[1]) <= column):
            return True
    return False


def is_conditional(document: yaml.Document, mapping: yaml.Mapping) -> bool:
    """Whether a template decides, on lines of its own, what a container holds."""
    return bool(document.masks) and _ALONE.search(document.source.data, mapping.start, mapping.end) is not None


def _is_container(mapping: yaml.Mapping) -> bool:
    parent = mapping.parent
    key = parent.key if isinstance(parent, yaml.Sequence) else mapping.key
    if key in _LISTS and isinstance(parent, yaml.Sequence):
        return isinstance(parent.parent, yaml.Mapping) and _is_pod(parent.parent)
    if not any(key in keys for keys in _OF_GROUPS.values()):
        return False
    one = _object(mapping)
    return one is not None and key in _OF_GROUPS.get((one.text("apiVersion") or "").partition("/")[0], ())


def _is_pod(spec: yaml.Mapping) -> bool:
    """Whether a map is the `spec` of a pod, or of the template of one, in some object."""
    owner = spec.parent
    if spec.key != "spec" or not isinstance(owner, yaml.Mapping) or (one := _object(owner)) is None:
        return False
    return (owner is one and one.text("kind") == "Pod") or str(owner.key).lower().endswith("template")


def _object(node: yaml.Mapping) -> yaml.Mapping | None:
    """The nearest object that holds a map, itself included."""
    here: yaml.Node | None = node
    while here is not None:
        if isinstance(here, yaml.Mapping) and "kind" in here.index and "apiVersion" in here.index:
            return here
        here = here.parent
    return None
