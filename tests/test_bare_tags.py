"""Tags without a repository beside them, which a template puts behind a name of its own."""

from __future__ import annotations

import pytest
from test_helm_templates import after, chart, codes, planned

from codemod.outcome import Plan
from codemod.testing import digest_of

DIGEST = digest_of("ghcr.io/acme/b:dev")
AWARE = "image: ghcr.io/acme/b{{ if .Values.D }}@{{ .Values.D }}{{ else }}:{{ .Values.T }}{{ end }}\n"


def image(field: str) -> str:
    return f"image: ghcr.io/acme/b:{{{{ .Values.{field} }}}}\n"


def aware(digest: str, tag: str) -> str:
    return AWARE.replace(".D ", f".{digest} ").replace(".T ", f".{tag} ")


def sites(plan: Plan) -> list[tuple[int, str, str]]:
    found = [entry for entry in plan.images if entry.site.surface == "helm-values"]
    return [(entry.site.line, str(entry.reference), entry.status) for entry in found]


@pytest.mark.parametrize(
    ("values", "template"),
    [
        ("tag: dev\n", image("name")),
        ("vlanTag: dev\n", "vlan: {{ .Values.vlanTag }}\n"),
        ("git:\n  tag: main\n", "args: [--branch={{ .Values.git.tag }}]\n"),
        ("webTag: dev\n", "{{- if eq .Values.webTag `dev` }}\nimage: ghcr.io/acme/b@" + DIGEST + "\n{{- end }}\n"),
        ("webTag: dev\n", "env:\n- name: DD_TAGS\n  value: service:web version:{{ .Values.webTag }}\n"),
        ("webTag: dev\n", "metadata:\n  annotations: {release: 'web:{{ .Values.webTag }}'}\n"),
        ("tag: ''\ndigest: ''\n", image("tag")),
    ],
    ids=[
        "a tag that nothing reads",
        "a VLAN",
        "a branch of Git",
        "a condition",
        "tags of a monitor",
        "an annotation",
        "nothing at all",
    ],
)
def test_a_tag_of_no_image_is_none(values: str, template: str) -> None:
    plan = planned(chart(template, values))
    assert not plan.files
    assert not sites(plan)
    assert not codes(plan)


@pytest.mark.parametrize(
    "template",
    [
        "image: busybox:{{ .Values.tag }}\n",
        "containers: [{name: box, image: 'busybox:{{ .Values.tag }}'}]\n",
        "args: ['--proxy-image=busybox:{{ .Values.tag }}']\n",
    ],
)
def test_a_name_of_one_word_is_an_image_where_its_key_says_so(template: str) -> None:
    plan = planned(chart(template, "tag: dev\n"))
    assert after(plan, "web/values.yaml") == f"digest: {digest_of('docker.io/library/busybox:dev')}\n"


def test_a_tag_without_a_chart_is_none() -> None:
    plan = planned({"values.yaml": "tag: dev\nwebTag: dev\n"})
    assert not plan.images


@pytest.mark.parametrize(
    ("field", "digest", "before", "after_run"),
    [
        ("tag", "digest", "tag: dev # moved by CI\n", "digest: {} # moved by CI\n"),
        ("webTag", "webDigest", "webTag: dev\n", "webDigest: {}\n"),
        ("web_tag", "web_digest", "web_tag: 'dev'\n", "web_digest: '{}'\n"),
        ("imageTag", "imageDigest", "imageTag: dev\n", "imageDigest: {}\n"),
        ("web.tag", "web.digest", "web:\n  tag: dev\n", "web:\n  digest: {}\n"),
    ],
)
def test_it_becomes_the_digest_of_what_the_template_names(field: str, digest: str, before: str, after_run: str) -> None:
    files = chart(image(field), before)
    plan = planned(files)
    assert after(plan, "web/values.yaml") == after_run.format(DIGEST)
    assert after(plan, "web/templates/pod.yaml") == aware(digest, field)
    assert not plan.left
    assert [found[1:] for found in sites(plan)] == [("ghcr.io/acme/b:dev", "floating")]


def test_one_that_a_string_in_the_values_puts_behind_a_name_does_so_too() -> None:
    values = "tag: dev\nmanifest: |\n  kind: Thing\n  " + image("tag")
    plan = planned(chart("{{ tpl .Values.manifest . }}\n", values))
    assert after(plan, "web/values.yaml") == (
        f"digest: {DIGEST}\nmanifest: |\n  kind: Thing\n  " + aware("digest", "tag")
    )


def test_the_layer_that_sets_it_is_the_one_that_is_edited() -> None:
    files = chart(image("tag"), "tag: ''\n") | {"web/values-dev.yaml": "tag: dev\n"}
    plan = planned(files)
    assert after(plan, "web/values-dev.yaml") == f"digest: {DIGEST}\n"
    assert "web/values.yaml" not in plan.files


def test_a_label_keeps_its_tag() -> None:
    plan = planned(chart(image("tag") + "version: {{ .Values.tag }}\n", "tag: dev\n"))
    assert after(plan, "web/values.yaml") == f"tag: dev\ndigest: {DIGEST}\n"
    assert codes(plan) == [("web/values.yaml", "tag-kept-for-label")]


def test_one_tag_of_several_images_is_shared() -> None:
    plan = planned(chart(image("tag") + "---\n" + image("tag").replace("acme/b", "acme/c"), "tag: dev\n"))
    assert not plan.files
    assert codes(plan) == [("web/values.yaml", "shared-tag")]
    assert [entry.message for entry in plan.left] == ["web makes ghcr.io/acme/b:dev, ghcr.io/acme/c:dev of it"]
    assert [reference for _, reference, _ in sites(plan)] == ["ghcr.io/acme/b:dev", "ghcr.io/acme/c:dev"]


def test_a_vendored_chart_keeps_it() -> None:
    files = chart(image("tag"), "tag: ''\n", folder="third_party/web")
    app = "kind: Application\napiVersion: argoproj.io/v1alpha1\nmetadata: {name: web}\nspec:\n  source:\n"
    app += "    repoURL: https://git.acme.test/fleet\n    path: third_party/web\n"
    app += "    helm: {valueFiles: [../../dev.yaml]}\n"
    plan = planned(files | {"dev.yaml": "tag: dev\n", "app.yaml": app})
    assert not plan.files
    assert ("dev.yaml", "chart-ignores-digest") in codes(plan)


RELEASE = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  source:
    repoURL: https://git.acme.test/fleet
    path: web
    helm:
"""


@pytest.mark.parametrize(
    "values",
    ["      valuesObject:\n        webTag: dev\n", "      values: |\n        webTag: dev\n"],
    ids=["an object", "a text"],
)
def test_inline_values_of_a_release_hold_it_too(values: str) -> None:
    plan = planned(chart(image("webTag"), "webTag: v1\n") | {"app.yaml": RELEASE + values})
    assert after(plan, "app.yaml") == RELEASE + values.replace("webTag: dev", f"webDigest: {DIGEST}")
    assert sorted((entry.image, entry.code) for entry in plan.left) == [("ghcr.io/acme/b:v1", "tag-only")]


def test_a_release_that_says_none_names_no_image() -> None:
    plan = planned(
        chart("image: ghcr.io/acme/b:{{ .Values.x }}\n", "x: 1\n") | {"app.yaml": RELEASE + "      values: 'a: 1'\n"}
    )
    assert not [entry for entry in plan.images if entry.site.path == "app.yaml"]
