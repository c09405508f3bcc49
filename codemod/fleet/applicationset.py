"""The Applications of an ApplicationSet: its template with each set of parameters that its generators make.

Follows Argo CD's `applicationset/controllers/template`: `goTemplate` decides between Go templates and fasttemplate.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from codemod.fleet.expand import Expander
from codemod.fleet.generators import Generated, Generators
from codemod.fleet.params import as_map, as_text
from codemod.fleet.sources import Declared
from codemod.fleet.tree import Manifest, Tree

_KEYS = ("spec", "template", "spec")


def declared_by(manifest: Manifest, spec: dict[str, Any], tree: Tree, *, must_bind: bool) -> Iterator[Declared]:
    """One Application for each set of parameters; `spec` is the ApplicationSet's, as plain data."""
    template = as_map(spec.get("template"))
    name, body = as_text(as_map(template.get("metadata")).get("name")), as_map(template.get("spec"))
    go = spec.get("goTemplate") is True
    patched = ("The templatePatch is not evaluated.",) if spec.get("templatePatch") else ()
    for one in _generated(spec, Generators(tree, go=go)):
        expander = Expander(one.params, go, one.complete)
        notes = one.notes + patched
        yield Declared(manifest, "applicationset", name, body, _KEYS, expander, notes, must_bind)


def _generated(spec: dict[str, Any], generators: Generators) -> Iterator[Generated]:
    asked = spec.get("generators")
    if not isinstance(asked, list):
        yield Generated({}, complete=False, notes=("The generators are not a list.",))
        return
    for generator in asked:
        yield from generators.generate(generator)
