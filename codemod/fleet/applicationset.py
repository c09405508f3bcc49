"""The Applications of an ApplicationSet: its template with each set of parameters that its generators make.

Follows Argo CD's `applicationset/controllers/template`: `goTemplate` decides between Go templates and fasttemplate.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from codemod.fleet.expand import Expander
from codemod.fleet.generators import Generated, Generators
from codemod.fleet.params import as_map, as_text, flatten
from codemod.fleet.sources import Declared
from codemod.fleet.tree import Manifest, Tree

_SETS_MAX = 20_000
_KEYS = ("spec", "template", "spec")


def declared_by(manifest: Manifest, spec: dict[str, Any], tree: Tree, *, must_bind: bool) -> Iterator[Declared]:
    """One Application for each set of parameters; `spec` is the ApplicationSet's, as plain data."""
    template = as_map(spec.get("template"))
    name, body = as_text(as_map(template.get("metadata")).get("name")), as_map(template.get("spec"))
    go = spec.get("goTemplate") is True
    patched = ("The templatePatch is not evaluated.",) if spec.get("templatePatch") else ()
    found = list(islice(_generated(spec, Generators(tree, go=go)), _SETS_MAX))
    names = frozenset(name for one in found for name in flatten(one.params))
    for one in found:
        absent = names - flatten(one.params).keys() if one.complete else frozenset()
        expander = Expander(one.params, go, one.complete, absent)
        notes = one.notes + patched
        yield Declared(manifest, "applicationset", name, body, _KEYS, expander, notes, must_bind)


def _generated(spec: dict[str, Any], generators: Generators) -> Iterator[Generated]:
    asked = spec.get("generators")
    if not isinstance(asked, list):
        yield Generated({}, complete=False, notes=("The generators are not a list.",))
        return
    for generator in asked:
        yield from generators.generate(generator)
