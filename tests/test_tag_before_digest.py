"""Charts that take a tag before a digest: the digest decides once the tag is gone, in every layer."""

from __future__ import annotations

from test_helm_templates import PINNED, VALUES, after, chart, codes, planned

from codemod.testing import digest_of

POD = (
    "kind: Pod\nspec:\n  containers:\n  - image: {{ .Values.image.repository }}"
    "{{ if .Values.image.tag }}:{{ .Values.image.tag }}{{ else }}@{{ .Values.image.digest }}{{ end }}\n"
)
OVERLAY = "image:\n  tag: dev\n"


def test_a_tag_gives_way_to_the_digest() -> None:
    plan = planned(chart(POD))
    assert list(plan.files) == ["web/values.yaml"]
    assert after(plan, "web/values.yaml") == PINNED
    assert not plan.left


def test_the_tags_of_all_layers_give_way_together() -> None:
    plan = planned(chart(POD) | {"web/values-dev.yaml": OVERLAY})
    assert after(plan, "web/values.yaml") == PINNED
    assert after(plan, "web/values-dev.yaml") == f"image:\n  digest: {digest_of('ghcr.io/acme/web:dev')}\n"


def test_below_a_tag_that_stays_the_higher_one_stays() -> None:
    plan = planned(chart(POD, VALUES.replace("main", "v1.2.3")) | {"web/values-dev.yaml": OVERLAY})
    assert not plan.files
    assert codes(plan) == [("web/values-dev.yaml", "lower-layer-sets-tag"), ("web/values.yaml", "tag-only")]
    assert "web/values.yaml:3 sets a tag, too (ghcr.io/acme/web:v1.2.3), which gets no digest" in {
        entry.message for entry in plan.left
    }


def test_where_the_lower_digest_is_unknown_both_stay() -> None:
    plan = planned(chart(POD) | {"web/values-dev.yaml": OVERLAY}, unknown=("ghcr.io/acme/web:main",))
    assert not plan.files
    assert codes(plan) == [("web/values-dev.yaml", "lower-layer-sets-tag"), ("web/values.yaml", "digest-unknown")]


def test_where_the_higher_digest_is_unknown_both_stay() -> None:
    plan = planned(chart(POD) | {"web/values-dev.yaml": OVERLAY}, unknown=("ghcr.io/acme/web:dev",))
    assert not plan.files
    assert codes(plan) == [("web/values-dev.yaml", "digest-unknown"), ("web/values.yaml", "higher-layer-sets-tag")]


def test_a_tag_that_is_also_a_label_stays_and_why_is_said() -> None:
    plan = planned(chart(POD + "version: {{ .Values.image.tag }}\n"))
    assert not plan.files
    assert codes(plan) == [("web/values.yaml", "chart-ignores-digest")]
    assert plan.left[0].message == (
        "the chart web takes the tag before a digest, and it is also version in web/templates/pod.yaml:5"
    )
