"""The Applications of an ApplicationSet: its template with each set of parameters that its generators make.

Follows Argo CD's `applicationset/controllers/template`: `goTemplate` decides between Go templates and fasttemplate.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from codemod.fleet.expand import Expander
from codemod.fleet.generators import Generated, Generators
from codemod.fleet.params import as_list, as_map, as_text, flatten, parsed
from codemod.fleet.sources import Declared
from codemod.fleet.tree import Manifest, Tree

_SETS_MAX = 20_000
_INLINE = ("values", "valuesObject", "parameters")
_KEYS = ("spec", "template", "spec")


def declared_by(manifest: Manifest, spec: dict[str, Any], tree: Tree, *, must_bind: bool) -> Iterator[Declared]:
    """One Application for each set of parameters; `spec` is the ApplicationSet's, as plain data."""
    go = spec.get("goTemplate") is True
    found = list(islice(_generated(spec, Generators(tree, go=go)), _SETS_MAX))
    names = frozenset(name for one in found for name in flatten(one.params))
    for one in found:
        absent = names - flatten(one.params).keys() if one.complete else frozenset()
        expander = Expander(one.params, go, one.complete, absent)
        template, notes = _patched(spec, expander)
        name, body = as_text(as_map(template.get("metadata")).get("name")), as_map(template.get("spec"))
        yield Declared(manifest, "applicationset", name, body, _KEYS, expander, one.notes + notes, must_bind)


def _patched(spec: dict[str, Any], expander: Expander) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The template with the `templatePatch` applied; its inline values, which have no place of their own, are noted."""
    template, written = as_map(spec.get("template")), as_text(spec.get("templatePatch"))
    if not written:
        return template, ()
    text = expander.text(written)
    patch = None if text is None else parsed(text)
    if not isinstance(patch, dict):
        return template, ("The templatePatch cannot be evaluated.",)
    bare = _without_inline(patch)
    notes = () if bare == patch else ("The inline values of the templatePatch are not evaluated.",)
    return _merged(template, bare), notes


def _without_inline(patch: dict[str, Any]) -> dict[str, Any]:
    spec = as_map(patch.get("spec"))
    sources = {"source": _bare(spec["source"])} if "source" in spec else {}
    several = {"sources": [_bare(source) for source in as_list(spec["sources"])]} if "sources" in spec else {}
    return {**patch, "spec": {**spec, **sources, **several}} if spec else patch


def _bare(source: Any) -> Any:
    if not isinstance(source, dict) or not isinstance(source.get("helm"), dict):
        return source
    return {**source, "helm": {key: value for key, value in source["helm"].items() if key not in _INLINE}}


def _merged(low: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Maps meet key by key, null deletes, anything else replaces (a JSON merge patch)."""
    found = dict(low)
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = _merged(as_map(found.get(key)), value) if isinstance(value, dict) else value
    return found


def _generated(spec: dict[str, Any], generators: Generators) -> Iterator[Generated]:
    asked = spec.get("generators")
    if not isinstance(asked, list):
        yield Generated({}, complete=False, notes=("The generators are not a list.",))
        return
    for generator in asked:
        yield from generators.generate(generator)
