"""Keep the helm-unittest suites of a chart green where its own default tag gives way to a digest.

Why: a test that sets a tag alone, or none, gets the digest from `values.yaml` after the migration.

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
    # file: charts/web/tests/image_test.yaml
     suite: image
     tests:
       - it: runs what the values name
         asserts:
           - equal:
               path: spec.containers[0].image
    -          value: ghcr.io/acme/web:main
    +          value: ghcr.io/acme/web@<digest>
       - it: runs the tag that is set
         set:
           image.tag: dev
    +      image.digest: ""
         asserts:
           - equal:
               path: spec.containers[0].image
               value: ghcr.io/acme/web:dev

Every test is executed before and after: only an expectation (`equal`, `matchRegex`) that held, and would hold no
longer, is mended. A test that sets the tag goes on testing the tag; any other expects what is rendered now, in lists
and maps (`contains`, `isSubset`), too. One that expects `Always` follows the pull policy of the values. Snapshots are
the business of `chart-snapshots`.

Leaves alone: tests that hold afterwards or did not hold before, suites of vendored charts.
Reports: nothing of its own; the image in `values.yaml` says why it stays as it is (`digest-unknown`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.edits import Edit
from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.source import Source, Span
from codemod.transform import Change, Fact, SiteId, Transform


def _looks(source: Source, fleet: Fleet) -> object:
    return source.path if "/tests/" in source.path else ""


transform = Transform(__name__, reads=yaml.LANGUAGE, words=(b"asserts",), looks_at_path=_looks)


@transform.scan
def expectations(source: Source, fleet: Fleet) -> Iterator[Fact]:
    folder, is_below, _ = source.path.rpartition("/tests/")
    if not is_below or source.outer is not None or fleet.config.is_vendored(source.path):
        return
    from codemod.fleet.suites import cases, stack_of
    from transforms._suites import Trial

    stack = stack_of(folder, fleet.tree)
    if stack is None:
        return
    for document in yaml.documents(source):
        found: dict[tuple[Edit, SiteId], None] = {}
        for case in cases(document):
            found.update(dict.fromkeys(Trial(source, case, stack, fleet).mended()))
        for edit, site in found:
            yield Change(Span(edit.start, edit.end), "helm-test", (edit,), follows=(site,))
