"""Make first-party Helm templates digest-aware: a digest in the values decides the image, the tag if there is none.

Why: a chart that renders `repository:tag` alone ignores `digest` in silence, and without the tag its default would run.

    # file: charts/web/Chart.yaml
     apiVersion: v2
     name: web
     version: 1.0.0
    # file: charts/web/templates/deployment.yaml
     spec:
       containers:
         - name: web
           {{- with .Values.image }}
    -      image: "{{ .repository }}:{{ .tag }}"
    +      image: "{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}"
           {{- end }}
    # file: charts/web/values.yaml
     image:
       repository: ghcr.io/acme/web
    -  tag: main
    +  digest: <digest>

An expression is edited only where an image that some release renders through it is pinned in the same run. Helpers
(`define`), `printf`, variables, and template strings in values (`tpl`) are edited where they stand.

Leaves alone: vendored charts, expressions that read a digest already, charts that nothing floating goes through.
Reports: nothing of its own; an image that no edit of a template lets take a digest says so (`chart-ignores-digest`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codemod.fleet import Fleet
from codemod.formats import helm, yaml
from codemod.place import TEMPLATE
from codemod.source import Source, Span
from codemod.transform import Change, Fact, Transform

if TYPE_CHECKING:
    from codemod.fleet import Mending


def _looks(source: Source, fleet: Fleet) -> object:
    return source.path if TEMPLATE in source.place or source.language == helm.LANGUAGE.name else ""


transform = Transform(__name__, reads=(yaml.LANGUAGE, helm.LANGUAGE), words=(b"{{",), looks_at_path=_looks)


@transform.scan
def image_expressions(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if source.outer is not None:
        return
    if TEMPLATE in source.place or source.language == helm.LANGUAGE.name:
        mending = fleet.mending(source.path, source.data)
        if mending is not None:
            yield from _changes(source, mending, "helm-template")
    elif fleet.stacks_of(source.path):
        for document in yaml.documents(source):
            for scalar in document.texts:
                if "{{" in scalar.value and (mending := fleet.mending("", scalar.value.encode())) is not None:
                    text = yaml.nested(document, scalar)
                    if text is not None:
                        yield from _inside(text, mending)


def _changes(source: Source, mending: Mending, surface: str) -> Iterator[Change]:
    for expression in mending.expressions:
        yield Change(expression.span, surface, expression.edits, tuple(mending.serves))


def _inside(text: Source, mending: Mending) -> Iterator[Change]:
    for change in _changes(text, mending, "embedded-yaml"):
        edits = [text.edit_outward(edit) for edit in change.edits]
        spelled = tuple(edit for edit in edits if edit is not None) if None not in edits else ()
        yield Change(text.outward(Span(*change.span)), change.surface, spelled, change.serves)
