"""Parameters of Tekton and Argo Workflows whose value is an image: `image: $(params.builder)` says that they are one.

A parameter's name says nothing: `IMAGE` mostly is what a task builds and pushes. So each use of it has to be the whole
of some container's image.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.formats import yaml
from codemod.patterns import on_use
from transforms._keys import is_image_variable

_TEKTON = on_use(r"\$\((?:inputs\.)?params(?:\.|\[[\"'])([\w-]+)(?:[\"']\])?\)")
_ARGO = on_use(r"\{\{-?\s*(inputs|workflow)\.parameters\.([\w-]+)\s*-?\}\}")
_ANY_USE = r"\b%s(?:\.|\[\\?[\"'])%s(?![\w-])"
_CAPITAL = on_use(r"(?<=[a-z\d])(?=[A-Z])")
_GROUPS = ("tekton.dev", "argoproj.io")


def parameters(document: yaml.Document, root: yaml.Mapping, group: str) -> Iterator[yaml.Scalar]:
    """The values and defaults, in an object, of the parameters that are images and nothing else."""
    if group not in _GROUPS or b"aram" not in document.text:
        return
    for scope, name, found, uses in _declared(document, root, group):
        text = document.source.text(scope.span)
        if len(re.findall(_ANY_USE % (re.escape(uses), re.escape(name)), text)) == found:
            yield from _given(scope, uses, name)


def handed(document: yaml.Document, root: yaml.Mapping, group: str) -> Iterator[yaml.Scalar]:
    """The values, in an object, of parameters whose names say image."""
    if group not in _GROUPS or b"aram" not in document.text:
        return
    for mapping in document.mappings:
        holder = mapping.parent
        if holder is None or holder.key not in ("params", "parameters") or getattr(holder.parent, "key", "") == "helm":
            continue
        if is_image_variable(_CAPITAL.sub("_", mapping.text("name") or "").upper().replace("-", "_")):
            for entry in filter(None, (mapping.get("value"), mapping.get("default"))):
                if isinstance(entry.value, yaml.Scalar) and _is_below(mapping, root):
                    yield entry.value


def _declared(document: yaml.Document, root: yaml.Mapping, group: str) -> Iterator[tuple[yaml.Mapping, str, int, str]]:
    """Parameters that are an image: the map that declares each, its name, how often, and how uses begin."""
    counts: dict[tuple[int, str, str], tuple[yaml.Mapping, int]] = {}
    for mapping in document.mappings:
        entry = mapping.get("image")
        if entry is None or not isinstance(entry.value, yaml.Scalar) or not _is_below(mapping, root):
            continue
        text = document.source.text(entry.value.inner).strip()
        if group == "tekton.dev":
            match = _TEKTON.fullmatch(text)
            uses, name = "params", match[1] if match else ""
        else:
            match = _ARGO.fullmatch(text)
            uses, name = (f"{match[1]}.parameters", match[2]) if match else ("", "")
        scope = _scope(mapping, root, uses, name) if match else None
        if scope is not None:
            key = (id(scope), uses, name)
            counts[key] = (scope, counts.get(key, (scope, 0))[1] + 1)
    for (_, uses, name), (scope, count) in counts.items():
        yield scope, name, count, uses


def _scope(mapping: yaml.Mapping, root: yaml.Mapping, uses: str, name: str) -> yaml.Mapping | None:
    """The nearest map above that declares the parameter."""
    here: yaml.Node | None = mapping
    while here is not None:
        if isinstance(here, yaml.Mapping) and any(_given(here, uses, name)):
            return here
        if here is root:
            return None
        here = here.parent
    return None


def _given(scope: yaml.Mapping, uses: str, name: str) -> Iterator[yaml.Scalar]:
    """The value and the default that a map gives to a parameter."""
    holder = {"inputs.parameters": "inputs", "workflow.parameters": "arguments"}.get(uses)
    place: yaml.Node | None = yaml.lookup(scope, holder) if holder else scope
    listed = yaml.lookup(place, "parameters" if holder else "params") if isinstance(place, yaml.Mapping) else None
    for item in listed.items if isinstance(listed, yaml.Sequence) else ():
        if isinstance(item, yaml.Mapping) and item.text("name") == name:
            for key in ("default", "value"):
                entry = item.get(key)
                if entry is not None and isinstance(entry.value, yaml.Scalar):
                    yield entry.value


def _is_below(node: yaml.Node, root: yaml.Mapping) -> bool:
    here: yaml.Node | None = node
    while here is not None and here is not root:
        here = here.parent
    return here is root
