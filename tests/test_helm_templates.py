"""Templates of first-party charts become digest-aware, together with the values that need it, and only then."""

from __future__ import annotations

import pytest

from codemod import registry
from codemod.config import Config
from codemod.outcome import Plan
from codemod.testing import digest_of, plan_of

CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: v9\n"
POD = 'kind: Pod\nspec:\n  containers:\n  - image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"\n'
AWARE = POD.replace(
    ":{{ .Values.image.tag }}",
    "{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag }}{{ end }}",
)
VALUES = "image:\n  repository: ghcr.io/acme/web\n  tag: main\n"
PINNED = VALUES.replace("tag: main", f"digest: {digest_of('ghcr.io/acme/web:main')}")
TRANSFORMS = [
    t for t in registry.load() if t.name in ("helm-templates", "image-maps", "image-references", "embedded-yaml")
]


def planned(files: dict[str, str], *, unknown: tuple[str, ...] = (), config: Config | None = None) -> Plan:
    """The plan of a run; one on its result must find nothing to change."""
    data = {path: text.encode() for path, text in files.items()}
    plan = plan_of(TRANSFORMS, data, unknown=unknown, config=config)
    after = {path: plan.files.get(path, (text, text))[1] for path, text in data.items()}
    assert not plan_of(TRANSFORMS, after, unknown=unknown, config=config).files
    return plan


def chart(template: str = POD, values: str = VALUES, folder: str = "web", **more: str) -> dict[str, str]:
    files = {f"{folder}/Chart.yaml": CHART, f"{folder}/templates/pod.yaml": template, f"{folder}/values.yaml": values}
    return files | {f"{folder}/templates/{name}.tpl": text for name, text in more.items()}


def after(plan: Plan, path: str) -> str | None:
    return plan.files[path][1].decode() if path in plan.files else None


def codes(plan: Plan) -> list[tuple[str, str]]:
    return [(entry.site.path, entry.code) for entry in plan.left]


@pytest.mark.parametrize(
    "values",
    [
        VALUES.replace("main", "v1.2.3"),
        "image:\n  repository: ghcr.io/acme/web\n",
        VALUES.replace("tag: main", f"tag: v1\n  digest: {digest_of('x')}"),
    ],
    ids=["a fixed tag", "no tag", "a digest that the chart ignores"],
)
def test_a_chart_that_nothing_floating_goes_through_stays(values: str) -> None:
    assert not planned(chart(values=values)).files


def test_a_chart_whose_image_has_no_known_digest_stays() -> None:
    plan = planned(chart(), unknown=("ghcr.io/acme/web:main",))
    assert not plan.files
    assert codes(plan) == [("web/values.yaml", "digest-unknown")]


@pytest.mark.surface("helm-template", left="vendored charts")
def test_a_vendored_chart_stays_and_its_values_with_it() -> None:
    files = chart(folder="third_party/web") | {
        "values/web.yaml": "image:\n  tag: dev\n",
        "app.yaml": APPLICATION.replace("web/../", "third_party/web"),
    }
    plan = planned(files)
    assert not plan.files
    assert ("values/web.yaml", "chart-ignores-digest") in codes(plan)


@pytest.mark.surface("helm-template", left="expressions that read a digest already")
def test_a_chart_that_reads_digests_already_stays() -> None:
    plan = planned(chart(AWARE))
    assert list(plan.files) == ["web/values.yaml"]
    assert after(plan, "web/values.yaml") == PINNED


@pytest.mark.surface("helm-template", reported="a chart that no edit makes take a digest")
def test_a_template_that_shows_the_tag_through_something_unknown_stays() -> None:
    template = POD.replace(".Values.image.tag", '.Values.image.tag | replace "x" (now | date "2006")')
    plan = planned(chart(template))
    assert "web/templates/pod.yaml" not in plan.files


APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  source:
    repoURL: https://git.acme.test/fleet
    path: web/../
    helm:
      valueFiles: [../../values/web.yaml]
"""


@pytest.mark.surface("helm-template", rewritten="`repository:tag` becomes digest-aware, together with the values")
def test_template_and_values_change_together() -> None:
    plan = planned(chart())
    assert after(plan, "web/templates/pod.yaml") == AWARE
    assert after(plan, "web/values.yaml") == PINNED
    assert not plan.left


def test_only_what_is_read_by_a_floating_image_is_edited() -> None:
    template = POD + '  - image: "{{ .Values.other.repository }}:{{ .Values.other.tag }}"\n'
    values = VALUES + "other:\n  repository: ghcr.io/acme/other\n  tag: v1.2.3\n"
    plan = planned(chart(template, values))
    assert after(plan, "web/templates/pod.yaml") == template.replace(POD, AWARE)
    assert codes(plan) == [("web/values.yaml", "tag-only")]


def test_a_helper_serves_every_image_that_it_is_called_for() -> None:
    helper = '{{- define "image" -}}\n{{ .repository }}:{{ .tag }}\n{{- end -}}\n'
    template = 'a:\n- image: {{ include "image" .Values.image }}\n- image: {{ include "image" .Values.other }}\n'
    values = VALUES + "other:\n  repository: ghcr.io/acme/other\n  tag: dev\n"
    plan = planned(chart(template, values, _helpers=helper))
    assert after(plan, "web/templates/_helpers.tpl") == helper.replace(
        ":{{ .tag }}", "{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}"
    )
    assert "web/templates/pod.yaml" not in plan.files
    assert (after(plan, "web/values.yaml") or "").count("digest: sha256:") == 2


def test_a_helper_that_only_one_of_its_images_can_be_pinned_for_is_edited() -> None:
    helper = '{{- define "image" -}}\n{{ .repository }}:{{ .tag }}\n{{- end -}}\n'
    template = 'a:\n- image: {{ include "image" .Values.image }}\n- image: {{ include "image" .Values.other }}\n'
    values = VALUES + "other:\n  repository: ghcr.io/acme/other\n  tag: dev\n"
    plan = planned(chart(template, values, _helpers=helper), unknown=("ghcr.io/acme/other:dev",))
    assert "web/templates/_helpers.tpl" in plan.files
    assert after(plan, "web/values.yaml") == values.replace(VALUES, PINNED)


def test_all_templates_that_show_a_tag_are_edited_or_none() -> None:
    odd = 'kind: Job\nimage: "{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ now | date `06` }}"\n'
    plan = planned(chart() | {"web/templates/job.yaml": odd})
    assert not plan.files
    assert codes(plan) == [("web/values.yaml", "computed-reference")]


def test_a_label_keeps_its_tag_and_the_image_takes_the_digest() -> None:
    template = POD.replace("spec:", "metadata: {labels: {version: '{{ .Values.image.tag }}'}}\nspec:")
    plan = planned(chart(template))
    assert after(plan, "web/values.yaml") == VALUES + f"  digest: {digest_of('ghcr.io/acme/web:main')}\n"
    assert ":{{ .Values.image.tag }}{{ end }}" in (after(plan, "web/templates/pod.yaml") or "")
    assert codes(plan) == [("web/values.yaml", "tag-kept-for-label")]


def test_an_overlay_that_sets_the_tag_makes_the_chart_digest_aware() -> None:
    files = chart(values=VALUES.replace("main", "v1.2.3")) | {"web/values-dev.yaml": "image:\n  tag: dev\n"}
    plan = planned(files)
    assert after(plan, "web/templates/pod.yaml") == AWARE
    assert after(plan, "web/values-dev.yaml") == f"image:\n  digest: {digest_of('ghcr.io/acme/web:dev')}\n"
    assert "web/values.yaml" not in plan.files


def test_a_subchart_is_edited_for_the_section_of_its_alias() -> None:
    parent = CHART + "dependencies:\n- {name: web, alias: front, version: 1.0.0, repository: 'file://../web'}\n"
    files = {
        f"fleet/{path}": text for path, text in chart(values="image:\n  repository: ghcr.io/acme/web\n").items()
    } | {
        "fleet/top/Chart.yaml": parent.replace("name: web\nversion", "name: top\nversion"),
        "fleet/top/values.yaml": "front:\n  image:\n    tag: main\n",
    }
    plan = planned(files)
    assert after(plan, "fleet/web/templates/pod.yaml") == AWARE
    assert "digest: sha256:" in (after(plan, "fleet/top/values.yaml") or "")


TPL = "{{ range .Values.manifests }}\n---\n{{ tpl . $ }}\n{{ end }}\n"
MANIFESTS = VALUES + (
    "manifests:\n- |\n  kind: Thing\n  spec:\n"
    '    image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}" # the trunk\n'
)


@pytest.mark.surface("embedded-yaml", rewritten="template strings in values that `tpl` renders")
def test_a_template_string_in_values_is_edited_where_it_stands() -> None:
    plan = planned(chart(TPL, MANIFESTS))
    assert after(plan, "web/values.yaml") == MANIFESTS.replace(VALUES, PINNED).replace(
        ":{{ .Values.image.tag }}",
        "{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag }}{{ end }}",
    )
    assert not plan.left


def test_a_template_string_in_double_quotes_is_edited_through_its_escapes() -> None:
    values = (
        VALUES + 'manifests: ["kind: Thing\\nimage: \\"{{ .Values.image.repository }}:{{ .Values.image.tag }}\\"\\n"]\n'
    )
    plan = planned(chart(TPL, values))
    assert '{{ else }}:{{ .Values.image.tag }}{{ end }}\\"\\n' in (after(plan, "web/values.yaml") or "")
    assert not plan.left


def test_a_template_string_is_shown_as_its_releases_render_it() -> None:
    files = chart(TPL, MANIFESTS) | {"web/values-dev.yaml": "image:\n  tag: dev\n"}
    entries = [entry for entry in planned(files).images if entry.site.surface == "embedded-yaml"]
    assert sorted(str(entry.reference) for entry in entries) == ["ghcr.io/acme/web:dev", "ghcr.io/acme/web:main"]
    assert {entry.status for entry in entries} == {"templated"}


def test_a_template_string_that_nothing_executes_is_reported() -> None:
    plan = planned(chart(POD, MANIFESTS))
    assert [code for _, code in codes(plan)] == []
    assert '"{{ .Values.image.repository }}:{{ .Values.image.tag }}" # the trunk' in (
        after(plan, "web/values.yaml") or ""
    )


def test_without_the_transform_a_chart_that_ignores_digests_keeps_its_tags() -> None:
    data = {path: text.encode() for path, text in chart().items()}
    chosen = [transform for transform in TRANSFORMS if transform.name != "helm-templates"]
    plan = plan_of(chosen, data, mends=False)
    assert not plan.files
    assert codes(plan) == [("web/values.yaml", "chart-ignores-digest")]


@pytest.mark.parametrize(
    "line",
    [
        '{{- $_ := required "a tag" .Values.image.tag }}',
        '{{- if not .Values.image.tag }}{{ fail "no tag" }}{{ end }}',
        'replicas: {{ ternary 1 2 (eq .Values.image.tag "main") }}',
        "{{- if .Values.image.tag }}\ntagged: true\n{{- end }}",
        "version: {{ .Values.image.tag | trunc 3 | upper }}",
        "hash: {{ .Values.image.tag | sha256sum }}",
        'keyed: {{ hasKey .Values.image "tag" }}',
        "{{- if len .Values.image.tag | eq 4 }}{{ range until 999 }}{{ range until 999 }}{{ end }}{{ end }}{{ end }}",
    ],
)
def test_a_tag_on_which_something_else_depends_is_kept(line: str) -> None:
    plan = planned(chart(f"{line}\n{POD}"))
    assert after(plan, "web/values.yaml") == VALUES + f"  digest: {digest_of('ghcr.io/acme/web:main')}\n"
    assert codes(plan) == [("web/values.yaml", "tag-kept-for-label")]


BRANCHES = """\
{{- define "image" -}}
{{- if .Values.registry -}}
{{ printf "%s/%s:%s" .Values.registry .Values.image.repository .Values.image.tag }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag }}
{{- end -}}
{{- end -}}
"""
INCLUDED = 'kind: Pod\nspec:\n  containers:\n  - image: {{ include "image" . }}\n'


@pytest.mark.parametrize("values", [VALUES, f"registry: mirror.acme.test\n{VALUES}"])
def test_both_branches_of_a_helper_become_digest_aware(values: str) -> None:
    plan = planned(chart(INCLUDED, values, _helpers=BRANCHES))
    helper = after(plan, "web/templates/_helpers.tpl") or ""
    assert helper.count("{{ if .Values.image.digest }}") == 2
    assert "digest: sha256:" in (after(plan, "web/values.yaml") or "")


def test_a_branch_of_a_helper_that_spells_another_image_stays() -> None:
    helper = BRANCHES.replace(
        "registry .Values.image.repository .Values.image.tag", "registry .Values.b.name .Values.b.tag"
    )
    plan = planned(chart(INCLUDED, VALUES + "b:\n  name: b\n  tag: v1\n", _helpers=helper))
    assert (after(plan, "web/templates/_helpers.tpl") or "").count("digest }}") == 2
    assert "v1" in (after(plan, "web/values.yaml") or "")


def test_a_label_that_is_spelled_as_the_image_is_stays() -> None:
    template = POD + "metadata:\n  annotations:\n    a: v:{{ .Values.image.tag }}\n"
    plan = planned(chart(template))
    assert "a: v:{{ .Values.image.tag }}\n" in (after(plan, "web/templates/pod.yaml") or "")


def test_variables_on_the_line_of_the_image_are_no_block() -> None:
    image = '{{ $tag := .Values.image.tag | default "x" }}{{ $name := .Values.image.repository }}'
    plan = planned(chart(f'image: {image}{{{{ printf "%s:%s" $name $tag }}}}\n'))
    wanted = (
        f"image: {image}{{{{ if .Values.image.digest }}}}"
        '{{ printf "%s@%s" $name .Values.image.digest }}{{ else }}'
    )
    assert after(plan, "web/templates/pod.yaml") == wanted + '{{ printf "%s:%s" $name $tag }}{{ end }}\n'
    assert after(plan, "web/values.yaml") == PINNED
