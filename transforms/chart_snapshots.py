"""Keep the snapshots of helm-unittest as the chart prints them once its images are pinned.

Why: a snapshot that shows the tag fails every test that is compared with it.

    # file: charts/web/Chart.yaml
     apiVersion: v2
     name: web
     version: 1.0.0
    # file: charts/web/templates/pod.yaml
     spec:
       containers:
         - name: web
    -      image: ghcr.io/acme/web:main
    +      image: ghcr.io/acme/web@<digest>
           args: {{ .Values.args }}
    # file: charts/web/values.yaml
     args: []
    # file: charts/web/tests/pod_test.yaml
     suite: pod
     tests:
       - it: looks as it did
         asserts:
           - matchSnapshot: {}
    # file: charts/web/tests/__snapshot__/pod_test.yaml.snap
     looks as it did:
       1: |
         spec:
           containers:
             - args: []
    -          image: ghcr.io/acme/web:main
    +          image: ghcr.io/acme/web@<digest>
               name: web

The test is executed before and after; what its images become is written where they stand as a whole.

Leaves alone: snapshots of tests that set the image themselves, pull policies, suites of vendored charts.
Reports: nothing of its own; the image says why it stays as it is (`digest-unknown`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codemod.edits import Edit
from codemod.fleet import Fleet
from codemod.formats import helm, yaml
from codemod.source import Source, Span
from codemod.transform import Change, Fact, Transform

if TYPE_CHECKING:
    from transforms._suites import Trial

transform = Transform(__name__, reads=helm.SNAPSHOT, words=(b"mage",), looks_at_path=True)


@transform.scan
def snapshots(source: Source, fleet: Fleet) -> Iterator[Fact]:
    from codemod.fleet.suites import cases, stack_of
    from transforms._suites import Trial

    beside, is_below, name = source.path.rpartition("/__snapshot__/")
    folder, is_test, _ = f"{beside}/".rpartition("/tests/")
    suite = fleet.tree.source(f"{beside}/{name.removesuffix('.snap')}")
    stack = stack_of(folder, fleet.tree) if is_below and is_test else None
    if suite is None or stack is None or fleet.config.is_vendored(source.path):
        return
    recorded = {case.name: case for document in yaml.documents(suite) for case in cases(document) if case.is_recorded}
    for root in (document.root for document in yaml.documents(source)):
        for entry in root.entries if isinstance(root, yaml.Mapping) else ():
            case = recorded.get(entry.key.value) if isinstance(entry.key, yaml.Scalar) else None
            if case is not None:
                yield from _changes(source, entry.value, Trial(suite, case, stack, fleet))


def _changes(source: Source, shown: yaml.Node, trial: Trial) -> Iterator[Change]:
    from transforms._suite_texts import standing

    text = source.text(shown.span)
    for old, (new, site) in (trial.swaps() if trial.sites else {}).items():
        for match in standing(old).finditer(text):
            start = shown.start + len(text[: match.start()].encode())
            span = Span(start, start + len(old.encode()))
            yield Change(span, "helm-test", (Edit(*span, new),), follows=(site,))
