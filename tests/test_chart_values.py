"""`digest: ""` in the values of charts whose templates become digest-aware."""

from __future__ import annotations

import pytest
from filetrees import check_tree

from codemod.config import Config
from codemod.registry import load
from codemod.testing import plan_of
from transforms._knobs import digest_words

TRANSFORMS = load()
CHART = """\
# file: charts/web/Chart.yaml
 apiVersion: v2
 name: web
 version: 1.0.0
"""
TEMPLATE = """\
# file: charts/web/templates/deployment.yaml
 spec:
   containers:
     - name: web
       {{- with .Values.image }}
-      image: "{{ .repository }}:{{ .tag }}"
+      image: "{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}"
       {{- end }}
"""
OVERLAY = """\
# file: charts/web/values-dev.yaml
 image:
-  tag: dev
+  digest: <digest>
"""


def chart(values: str, template: str = TEMPLATE, overlay: str = OVERLAY) -> str:
    return f"{CHART}{template}# file: charts/web/values.yaml\n{values}{overlay}"


# --- left alone ----------------------------------------------------------------------------------------------------


def test_a_chart_that_reads_digests_already_is_not_told_to_offer_one() -> None:
    aware = TEMPLATE.replace('-      image: "{{ .repository }}:{{ .tag }}"\n', "").replace("\n+", "\n ")
    check_tree(TRANSFORMS, chart(' image:\n   repository: ghcr.io/acme/web\n   tag: ""\n', aware))


def test_a_tag_that_gives_way_in_place_needs_no_line_beside_it() -> None:
    check_tree(
        TRANSFORMS,
        chart(" image:\n   repository: ghcr.io/acme/web\n-  tag: main\n+  digest: <digest>\n", overlay=""),
    )


def test_a_digest_that_stands_there_stays_as_it_is() -> None:
    check_tree(TRANSFORMS, chart(' image:\n   repository: ghcr.io/acme/web\n   tag: ""\n   digest: ""\n'))


def test_values_without_the_map_stay() -> None:
    overlay = OVERLAY.replace(" image:\n", " image:\n   repository: ghcr.io/acme/web\n")
    check_tree(TRANSFORMS, chart(" replicas: 1\n", overlay=overlay))


def test_nothing_is_added_where_no_digest_is_known() -> None:
    texts = {
        "charts/web/Chart.yaml": b"apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "charts/web/templates/pod.yaml": b"image: {{ .Values.image.repository }}:{{ .Values.image.tag }}\n",
        "charts/web/values.yaml": b'image:\n  repository: ghcr.io/acme/web\n  tag: ""\n',
        "charts/web/values-dev.yaml": b"image:\n  tag: dev\n",
    }
    assert plan_of(TRANSFORMS, texts).files.keys() == texts.keys() - {"charts/web/Chart.yaml"}
    assert not plan_of(TRANSFORMS, texts, unknown=["ghcr.io/acme/web:dev"]).files


def test_a_vendored_chart_stays() -> None:
    texts = {
        "charts/web/Chart.yaml": b"apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "charts/web/templates/pod.yaml": b"image: {{ .Values.image.repository }}:{{ .Values.image.tag }}\n",
        "charts/web/values.yaml": b'image:\n  repository: ghcr.io/acme/web\n  tag: ""\n',
        "charts/web/values-dev.yaml": b"image:\n  tag: dev\n",
    }
    plan = plan_of(TRANSFORMS, texts, config=Config(vendored=("charts/web/{Chart,values}.yaml", "**/templates/**")))
    assert not plan.files
    assert "chart-ignores-digest" in {entry.code for entry in plan.left}


# --- added ---------------------------------------------------------------------------------------------------------


def test_the_line_is_quoted_as_the_tag_is() -> None:
    check_tree(
        TRANSFORMS,
        chart(
            " image:\n   repository: ghcr.io/acme/web\n   tag: '' # set by CI\n+  digest: ''\n   pullPolicy: Never\n"
        ),
    )


def test_a_fixed_tag_that_stays_gets_an_empty_digest_below() -> None:
    check_tree(TRANSFORMS, chart(' image:\n   repository: ghcr.io/acme/web\n   tag: 1.2.3\n+  digest: ""\n'))


def test_a_fixed_tag_that_is_pinned_itself_gets_its_digest_instead() -> None:
    values = " image:\n   repository: ghcr.io/acme/web\n   tag: 1.2.3\n+  digest: <digest>\n"
    template = TEMPLATE.replace("@{{ .digest }}", "@{{ .digest }}")
    check_tree(TRANSFORMS, chart(values, template), pin_all=True)


def test_a_comment_is_written_in_the_words_of_the_tags() -> None:
    check_tree(
        TRANSFORMS,
        chart(
            """\
 image:
   # -- Repository of the image
   repository: ghcr.io/acme/web

   # -- Overrides the image tag whose default is the chart's.
   # Empty means none.
   tag: ""
+
+  # -- Image digest; takes precedence over the tag.
+  digest: ""
"""
        ),
    )


def test_a_list_of_parameters_gets_a_parameter() -> None:
    check_tree(
        TRANSFORMS,
        chart(
            """\
 ## @param image.repository Image repository
 ## @param image.tag Image tag (immutable tags are recommended)
+## @param image.digest Image digest; takes precedence over the tag
 image:
   repository: ghcr.io/acme/web
   tag: ""
+  digest: ""
"""
        ),
    )


def test_flow_style_stays_flow_style() -> None:
    check_tree(
        TRANSFORMS,
        chart(
            """\
-image: {repository: ghcr.io/acme/web, tag: ""}
+image: {repository: ghcr.io/acme/web, tag: "", digest: ""}
"""
        ),
    )


def test_a_subchart_offers_its_digest_at_its_own_keys() -> None:
    check_tree(
        TRANSFORMS,
        """\
# file: charts/top/Chart.yaml
 apiVersion: v2
 name: top
 version: 1.0.0
 dependencies:
   - name: web
     alias: front
     repository: file://../web
"""
        + CHART
        + TEMPLATE
        + """\
# file: charts/web/values.yaml
 image:
   repository: ghcr.io/acme/web
   tag: ""
+  digest: ""
# file: charts/top/values.yaml
 front:
   image:
-    tag: dev
+    digest: <digest>
""",
    )


@pytest.mark.parametrize(
    ("tag", "digest"),
    [
        ("Image tag", "Image digest; takes precedence over the tag"),
        ("The image tag.", "The image digest; takes precedence over the tag."),
        ("Tag of the image; the appVersion if empty", "Digest of the image; takes precedence over the tag"),
        ("Redis image tag (immutable tags are recommended)", "Redis image digest; takes precedence over the tag"),
        ("Overrides the image tag whose default is", "Image digest; takes precedence over the tag"),
        ("", "Image digest; takes precedence over the tag"),
    ],
)
def test_the_digest_is_described_as_its_tag_is(tag: str, digest: str) -> None:
    assert digest_words(tag) == digest
