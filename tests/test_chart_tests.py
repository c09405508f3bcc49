"""Suites of helm-unittest before and after a chart's own tag gives way to a digest."""

from __future__ import annotations

import pytest
from filetrees import check_tree
from test_chart_values import TEMPLATE, chart

from codemod.registry import load
from codemod.testing import plan_of

TRANSFORMS = load()
PINNED = " image:\n   repository: ghcr.io/acme/web\n-  tag: main\n+  digest: <digest>\n"
EQUAL = "       - equal:\n           path: spec.containers[0].image\n"
MATCH = "       - matchRegex:\n           path: spec.containers[0].image\n"
HEAD = "# file: charts/web/tests/image_test.yaml\n suite: web\n templates:\n   - deployment.yaml\n tests:\n"


def check(suite: str, values: str = PINNED) -> None:
    check_tree(TRANSFORMS, chart(values, overlay="") + HEAD + suite)


# --- left alone ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "suite",
    [
        f"   - set:\n       image.digest: x\n     asserts:\n{EQUAL}           value: ghcr.io/acme/web@x\n",
        f"   - asserts:\n{EQUAL}           value: ghcr.io/acme/web:other\n",
        f"   - asserts:\n{MATCH}           pattern: ^ghcr.io/acme/web\n",
        f"   - asserts:\n{MATCH}           pattern: '['\n",
        "   - asserts:\n       - equal:\n           path: spec.replicas\n           value: 1\n",
        "   - asserts:\n       - matchSnapshot: {}\n",
        "   - asserts:\n       - hasDocuments:\n           count: 1\n",
    ],
    ids=["holds after", "fails before", "still matches", "no pattern", "nothing there", "snapshot", "something else"],
)
def test_it_stays(suite: str) -> None:
    check(suite)


def test_a_suite_that_sets_the_tag_stays_where_the_values_hold_no_digest() -> None:
    values = ' image:\n   repository: ghcr.io/acme/web\n   tag: ""\n+  digest: ""\n'
    overlay = "# file: charts/web/values-dev.yaml\n image:\n-  tag: dev\n+  digest: <digest>\n"
    suite = f"   - set:\n       image.tag: main\n     asserts:\n{EQUAL}           value: ghcr.io/acme/web:main\n"
    check_tree(TRANSFORMS, chart(values, overlay=overlay) + HEAD + suite)


def test_an_image_that_a_test_sets_is_not_pinned() -> None:
    suite = "   - set:\n       image:\n         repository: ghcr.io/acme/web\n         tag: main\n         digest: x\n"
    check(f"{suite}     asserts:\n{EQUAL}           value: ghcr.io/acme/web@x\n")


def test_it_stays_where_the_digest_is_not_known() -> None:
    texts = {
        "charts/web/Chart.yaml": b"apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "charts/web/templates/pod.yaml": b"image: {{ .Values.image.repository }}:{{ .Values.image.tag }}\n",
        "charts/web/values.yaml": b"image:\n  repository: ghcr.io/acme/web\n  tag: main\n",
        "charts/web/tests/image_test.yaml": b"suite: web\ntests:\n  - asserts:\n"
        b"      - equal:\n          path: image\n          value: ghcr.io/acme/web:main\n",
    }
    assert "charts/web/tests/image_test.yaml" in plan_of(TRANSFORMS, texts).files
    assert not plan_of(TRANSFORMS, texts, unknown=["ghcr.io/acme/web:main"]).files


# --- mended --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "setting",
    [
        '       image.tag: dev\n+      image.digest: ""\n',
        "       image.tag: 'dev' # the fast lane\n+      image.digest: ''\n",
        '       image:\n         tag: dev\n+        digest: ""\n',
    ],
)
def test_a_test_that_sets_the_tag_goes_on_testing_it(setting: str) -> None:
    check(f"   - set:\n{setting}     asserts:\n{EQUAL}           value: ghcr.io/acme/web:dev\n")


def test_what_a_suite_sets_for_all_tests_is_mended_once() -> None:
    head = HEAD.replace(" tests:\n", ' set:\n   image.tag: dev\n+  image.digest: ""\n tests:\n')
    test = f"   - asserts:\n{EQUAL}           value: ghcr.io/acme/web:dev\n"
    check_tree(TRANSFORMS, chart(PINNED, overlay="") + head + test + test)


def test_a_test_that_sets_nothing_expects_the_digest() -> None:
    old, new = '"ghcr.io/acme/web:main"', '"ghcr.io/acme/web@<digest>"'
    check(f"   - template: deployment.yaml\n     asserts:\n{EQUAL}-          value: {old}\n+          value: {new}\n")


def test_a_pattern_that_matches_no_longer_is_written_anew() -> None:
    old, new = r"^ghcr\.io/acme/web:main$", r"^ghcr\.io/acme/web@<digest>$"
    check(f"   - asserts:\n{MATCH}-          pattern: {old}\n+          pattern: {new}\n")


def test_a_chart_that_read_digests_before_is_no_exception() -> None:
    aware = TEMPLATE.replace('-      image: "{{ .repository }}:{{ .tag }}"\n', "").replace("\n+", "\n ")
    old, new = "ghcr.io/acme/web:main", "ghcr.io/acme/web@<digest>"
    suite = f"   - asserts:\n{EQUAL}-          value: {old}\n+          value: {new}\n"
    check_tree(TRANSFORMS, chart(PINNED, aware, "") + HEAD + suite)


def test_a_file_of_values_that_is_pinned_counts_as_the_charts_own() -> None:
    suite = "   - values:\n       - ../ci/other.yaml\n"
    file = (
        "# file: charts/web/ci/other.yaml\n image:\n   repository: ghcr.io/acme/api\n-  tag: dev\n+  digest: <digest>\n"
    )
    old, new = "ghcr.io/acme/api:dev", "ghcr.io/acme/api@<digest>"
    expected = f"     asserts:\n{EQUAL}-          value: {old}\n+          value: {new}\n"
    check_tree(TRANSFORMS, chart(PINNED, overlay="") + file + HEAD + suite + expected)


# --- pull policies -------------------------------------------------------------------------------------------------

ALWAYS = "       - equal:\n           path: spec.containers[0].imagePullPolicy\n"
POLICY = " image:\n   repository: ghcr.io/acme/web\n-  tag: main\n-  pullPolicy: Always\n+  digest: <digest>\n"
POLICY += "+  pullPolicy: IfNotPresent\n"
PULLING = TEMPLATE.replace("       {{- end }}\n", "       imagePullPolicy: {{ .pullPolicy }}\n       {{- end }}\n")


def check_policy(suite: str, values: str = POLICY) -> None:
    check_tree(TRANSFORMS, chart(values, PULLING.replace("\n       image", "\n       image"), "") + HEAD + suite)


def test_a_test_that_expects_always_follows_the_policy_that_flips() -> None:
    check_policy(f"   - asserts:\n{ALWAYS}-          value: Always\n+          value: IfNotPresent\n")


def test_a_test_that_sets_the_policy_itself_stays() -> None:
    check_policy(f"   - set:\n       image.pullPolicy: Always\n     asserts:\n{ALWAYS}           value: Always\n")


def test_a_test_that_expects_another_policy_stays() -> None:
    check_policy(f"   - asserts:\n{ALWAYS}           value: Never\n")


def test_a_test_that_expects_always_stays_where_the_policy_does() -> None:
    texts = {
        "charts/web/Chart.yaml": b"apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "charts/web/templates/pod.yaml": b"image: {{ .Values.image.repository }}:{{ .Values.image.tag }}\n"
        b"imagePullPolicy: {{ .Values.image.pullPolicy }}\n",
        "charts/web/values.yaml": b"image:\n  repository: ghcr.io/acme/web\n  tag: main\n  pullPolicy: Always\n",
        "charts/web/tests/image_test.yaml": b"suite: web\ntests:\n  - asserts:\n"
        b"      - equal:\n          path: imagePullPolicy\n          value: Always\n",
    }
    assert "charts/web/tests/image_test.yaml" in plan_of(TRANSFORMS, texts).files
    assert not plan_of(TRANSFORMS, texts, unknown=["ghcr.io/acme/web:main"]).files


# --- whole references, lists and maps, snapshots -------------------------------------------------------------------

SPELLED = """\
# file: charts/web/Chart.yaml
 apiVersion: v2
 name: web
 version: 1.0.0
# file: charts/web/templates/pod.yaml
 spec:
   containers:
     - name: web
       image: {{ .Values.image | default "ghcr.io/acme/web:main" }}
     - name: side
       image: ghcr.io/acme/side:main
# file: charts/web/values.yaml
 image: ""
"""
PINNING = SPELLED.replace(
    '       image: {{ .Values.image | default "ghcr.io/acme/web:main" }}\n',
    '-      image: {{ .Values.image | default "ghcr.io/acme/web:main" }}\n'
    '+      image: {{ .Values.image | default "ghcr.io/acme/web@<digest>" }}\n',
).replace(
    "       image: ghcr.io/acme/side:main\n",
    "-      image: ghcr.io/acme/side:main\n+      image: ghcr.io/acme/side@<digest>\n",
)
SUITE = "# file: charts/web/tests/pod_test.yaml\n suite: pod\n tests:\n   - it: runs\n"
RECORDED = "# file: charts/web/tests/__snapshot__/pod_test.yaml.snap\n runs:\n   1: |\n"


@pytest.mark.surface("helm-template", rewritten="expectations of references that templates spell themselves")
def test_a_reference_that_a_template_spells_is_expected_with_its_digest() -> None:
    suite = (
        f"     asserts:\n{EQUAL}-          value: ghcr.io/acme/web:main\n+          value: ghcr.io/acme/web@<digest>\n"
        f"{MATCH}-          pattern: ^ghcr.io/acme/web:main$\n+          pattern: ^ghcr\\.io/acme/web@<digest>$\n"
    )
    check_tree(TRANSFORMS, PINNING + SUITE + suite)


def test_a_reference_that_a_test_sets_itself_is_still_expected() -> None:
    setting = "     set:\n       image: ghcr.io/acme/web:main\n"
    check_tree(TRANSFORMS, f"{PINNING}{SUITE}{setting}     asserts:\n{EQUAL}           value: ghcr.io/acme/web:main\n")


@pytest.mark.surface("helm-template", rewritten="images in `contains` and `isSubset`")
def test_an_image_in_a_list_or_a_map_is_expected_with_its_digest() -> None:
    suite = (
        "     asserts:\n       - contains:\n           path: spec.containers\n           content:\n"
        "             name: side\n"
        "-            image: ghcr.io/acme/side:main\n+            image: ghcr.io/acme/side@<digest>\n"
        "       - equal:\n           path: spec.containers\n           value:\n"
        "             - name: web\n"
        "-              image: ghcr.io/acme/web:main\n+              image: ghcr.io/acme/web@<digest>\n"
        "             - name: side\n"
        "-              image: ghcr.io/acme/side:main\n+              image: ghcr.io/acme/side@<digest>\n"
        "       - contains:\n           path: spec.containers\n           content:\n"
        "             image: ghcr.io/acme/side:main\n"
        "         not: true\n"
    )
    check_tree(TRANSFORMS, PINNING + SUITE + suite)


@pytest.mark.surface("helm-template", rewritten="images in snapshots of helm-unittest")
def test_a_snapshot_shows_the_digest() -> None:
    snapshot = (
        "     spec:\n       containers:\n"
        "-        - image: ghcr.io/acme/web:main\n+        - image: ghcr.io/acme/web@<digest>\n           name: web\n"
        "-        - image: ghcr.io/acme/side:main\n+        - image: ghcr.io/acme/side@<digest>\n"
        "           name: side\n"
        " another test:\n   1: |\n     image: ghcr.io/acme/web:main\n"
    )
    check_tree(TRANSFORMS, PINNING + SUITE + "     asserts:\n       - matchSnapshot: {}\n" + RECORDED + snapshot)


def test_a_snapshot_of_values_shows_the_digest() -> None:
    snapshot = "-    image: ghcr.io/acme/web:main\n+    image: ghcr.io/acme/web@<digest>\n"
    snapshot += "     other: ghcr.io/acme/web:main-debug\n"
    recorded = RECORDED.replace("pod_test", "image_test")
    check("   - it: runs\n     asserts:\n       - matchSnapshot: {}\n" + recorded + snapshot)


def test_a_snapshot_of_a_test_that_sets_the_tag_stays() -> None:
    suite = '   - it: runs\n     set:\n       image.tag: dev\n+      image.digest: ""\n'
    suite += "     asserts:\n       - matchSnapshot: {}\n"
    recorded = RECORDED.replace("pod_test", "image_test")
    check(suite + recorded + "     image: ghcr.io/acme/web:dev\n")


def test_a_snapshot_of_a_test_without_one_stays() -> None:
    recorded = RECORDED + "     image: ghcr.io/acme/web:main\n"
    check_tree(TRANSFORMS, PINNING + SUITE + "     asserts:\n       - hasDocuments:\n           count: 1\n" + recorded)
