"""Tags that the chart at hand does not render are not pinned, and no proof takes a pin that no rendering shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from proving import CHART as HELM_CHART
from proving import DEPLOYMENT, DIGEST, VALUES, differences, stack, verdict
from test_helm_templates import CHART, POD, after, chart, codes, planned
from test_helm_templates import VALUES as WEB

from codemod import registry
from codemod.outcome import Plan
from codemod.proof.verdict import DIFFERS, PROVEN
from codemod.testing import plan_of

SHARED = "global:\n  tag: shared\n" + WEB
FIRST = POD.replace(".Values.image.tag", "coalesce .Values.global.tag .Values.image.tag")
OTHER = "db:\n  image:\n    repository: ghcr.io/acme/db\n    tag: dev\n"
DB = 'image: "{{ .Values.db.image.repository }}:{{ .Values.db.image.tag }}"'


BRANCHES = """\
{{ if .Values.global.tag }}
image: {{ .Values.image.repository }}:{{ .Values.global.tag }}
{{ else if .Values.image.digest }}
image: {{ .Values.image.repository }}@{{ .Values.image.digest }}
{{ else }}
image: {{ .Values.image.repository }}:{{ .Values.image.tag }}
{{ end }}
"""


def message(plan: Plan) -> str:
    (found,) = (entry.message for entry in plan.left if entry.code == "tag-not-rendered")
    return found


@pytest.mark.parametrize(
    "template",
    [
        FIRST,
        POD.replace(".Values.image.tag", ".Values.global.tag | default .Values.image.tag"),
        POD.replace(
            ":{{ .Values.image.tag }}",
            "{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}"
            ":{{ coalesce .Values.global.tag .Values.image.tag }}{{ end }}",
        ),
        BRANCHES,
    ],
    ids=["coalesce", "default", "a chart that reads the digest", "a branch"],
)
def test_a_tag_whose_place_a_shared_one_takes_is_not_pinned(template: str) -> None:
    plan = planned(chart(template, SHARED))
    assert not plan.files
    assert ("web/values.yaml", "tag-not-rendered") in codes(plan)
    assert message(plan) == "web renders ghcr.io/acme/web:shared in its place"


def test_a_tag_that_some_release_does_not_render_is_not_pinned_for_the_others() -> None:
    files = chart(FIRST, "global:\n  tag: ''\n" + WEB) | {"web/values-prod.yaml": "global:\n  tag: v1.2.3\n"}
    plan = planned(files)
    assert not plan.files
    assert message(plan) == "web-prod renders ghcr.io/acme/web:v1.2.3 in its place"


def test_a_fixed_tag_is_tag_only_whether_or_not_the_chart_renders_it() -> None:
    remote = {
        "web/Chart.yaml": f"{CHART}dependencies:\n  - {{name: app, version: 1.0.0, repository: https://x.test}}\n"
    }
    elsewhere = {"web/values.yaml": "app:\n  image:\n    repository: ghcr.io/acme/app\n    tag: v1\n"}
    assert codes(planned(chart(values=WEB) | remote | elsewhere)) == [("web/values.yaml", "tag-only")]
    assert ("web/values.yaml", "tag-only") in codes(planned(chart(values=WEB + OTHER.replace("dev", "v1"))))


def test_a_map_that_no_template_reads_is_not_pinned() -> None:
    plan = planned(chart(values=WEB + OTHER))
    assert "db:\n  image:\n    repository: ghcr.io/acme/db\n    tag: dev\n" in (after(plan, "web/values.yaml") or "")
    assert message(plan) == "no template of the chart web puts it into an image"


def test_a_shared_tag_that_is_empty_takes_no_place() -> None:
    plan = planned(chart(FIRST, SHARED.replace("shared", "''")))
    assert "digest: sha256:" in (after(plan, "web/values.yaml") or "")
    assert "{{ else }}:{{ coalesce" in (after(plan, "web/templates/pod.yaml") or "")


@pytest.mark.parametrize(
    "text",
    [
        f"{{{{ if .Values.db.enabled }}}}\n{DB}\n{{{{ end }}}}\n",
        f"{{{{ with .Values.db.extra }}}}\n{DB.replace('.Values', '$.Values')}\n{{{{ end }}}}\n",
    ],
    ids=["a condition", "a map that is empty"],
)
def test_a_component_that_is_switched_off_is_pinned(text: str) -> None:
    plan = planned(chart(POD + "---\n" + text, WEB + OTHER))
    assert (after(plan, "web/values.yaml") or "").count("digest: sha256:") == 2
    assert not plan.left


def test_a_component_that_a_helper_switches_off_is_pinned() -> None:
    helper = (
        '{{- define "image" -}}\n{{- if .Values.db.enabled -}}\n'
        '{{ printf "%s:%s" .Values.db.image.repository .Values.db.image.tag }}\n'
        "{{- else -}}\nnone\n{{- end -}}\n{{- end -}}\n"
    )
    plan = planned(chart(POD + "  - image: {{ include `image` . }}\n", WEB + OTHER, _helpers=helper))
    assert (after(plan, "web/values.yaml") or "").count("digest: sha256:") == 2
    assert "{{ if .Values.db.image.digest }}" in (after(plan, "web/templates/_helpers.tpl") or "")


def test_a_map_of_a_subchart_that_is_elsewhere_is_pinned_unproven() -> None:
    dependency = "dependencies:\n- {name: db, version: 1.0.0, repository: 'https://charts.acme.test'}\n"
    plan = planned(chart(values=WEB + OTHER) | {"web/Chart.yaml": CHART + dependency})
    assert (after(plan, "web/values.yaml") or "").count("digest: sha256:") == 2
    assert [change.unproven for change in plan.changed if change.digest] == [False, True]


def test_a_map_that_no_template_reads_is_not_pinned_for_a_release_that_sets_a_fixed_tag() -> None:
    files = chart(values=WEB + OTHER) | {"web/values-prod.yaml": "db:\n  image:\n    tag: v1.2.3\n"}
    plan = planned(files)
    assert "tag: dev" in (after(plan, "web/values.yaml") or "")
    assert message(plan) == "no template of the chart web puts it into an image"


def test_an_overlay_that_renames_what_no_template_reads_gets_no_digest() -> None:
    overlay = "db:\n  image:\n    repository: mirror.acme.test/db\n"
    files = chart(values=WEB + OTHER) | {"web/values-prod.yaml": overlay}
    plan = plan_of(registry.load(), {path: text.encode() for path, text in files.items()})
    assert sorted(plan.files) == ["web/templates/pod.yaml", "web/values.yaml"]
    assert ("web/values-prod.yaml", "tag-not-rendered") in codes(plan)


def test_another_component_of_the_same_repository_takes_no_place() -> None:
    off = "old:\n  enabled: false\n  image:\n    repository: ghcr.io/acme/web\n    tag: dev\n"
    image = "image: {{ .Values.old.image.repository }}:{{ .Values.old.image.tag }}"
    template = f"{POD}---\n{{{{ if .Values.old.enabled }}}}\n{image}\n{{{{ end }}}}\n"
    plan = planned(chart(template, WEB + off))
    assert (after(plan, "web/values.yaml") or "").count("digest: sha256:") == 2


@pytest.mark.parametrize("depends", [True, False])
def test_a_fixed_tag_that_nothing_shows_is_no_more_than_fixed(depends: bool) -> None:
    dependency = "dependencies:\n- {name: db, version: 1.0.0, repository: 'https://charts.acme.test'}\n"
    files = chart(values=WEB + OTHER.replace("tag: dev", "tag: v1.2.3"))
    plan = planned(files | {"web/Chart.yaml": CHART + dependency * depends})
    assert codes(plan) == [("web/values.yaml", "tag-only")]


def test_a_map_that_is_printed_as_a_whole_is_pinned_unproven() -> None:
    plan = planned(chart(POD + "---\nkind: Thing\nspec: {{ toJson .Values.db }}\n", WEB + OTHER))
    assert (after(plan, "web/values.yaml") or "").count("digest: sha256:") == 2


AWARE = {
    "charts/web/Chart.yaml": HELM_CHART.format(name="web"),
    "charts/web/templates/deployment.yaml": DEPLOYMENT.replace(":{{ .tag }}", ":{{ $.Values.tag | default .tag }}"),
    "charts/web/values.yaml": VALUES,
}
OWN = "charts/web/values.yaml"
PLANNED = {"ghcr.io/acme/web:dev": DIGEST}
WRITTEN = {OWN: PLANNED}


def test_a_proof_refuses_a_digest_that_no_rendering_shows(tmp_path: Path) -> None:
    ignoring = DEPLOYMENT.replace("{{ with .digest }}@{{ . }}{{ else }}:{{ .tag }}{{ end }}", ":shared")
    tree = AWARE | {"charts/web/templates/deployment.yaml": ignoring}
    edits = {OWN: VALUES.replace("tag: dev", f"digest: {DIGEST}")}
    found = verdict(tmp_path, tree, edits, [stack()], planned=PLANNED, written=WRITTEN)
    assert found.outcome == DIFFERS
    (difference,) = differences(found)
    assert "containers[app].image: ghcr.io/acme/web:shared -> " in difference
    assert difference.endswith(f"ghcr.io/acme/web:shared, though {OWN} sets a digest of ghcr.io/acme/web:dev")


def test_a_proof_takes_a_digest_that_a_rendering_shows(tmp_path: Path) -> None:
    edits = {OWN: VALUES.replace("tag: dev", f"digest: {DIGEST}")}
    assert verdict(tmp_path, AWARE, edits, [stack()], planned=PLANNED, written=WRITTEN).outcome == PROVEN


def test_a_proof_takes_a_digest_of_what_is_switched_off(tmp_path: Path) -> None:
    edits = {OWN: VALUES.replace("tag: dev", f"digest: {DIGEST}")}
    tree = AWARE | {"charts/web/templates/deployment.yaml": f"{{{{ if .Values.on }}}}\n{DEPLOYMENT}{{{{ end }}}}\n"}
    assert verdict(tmp_path, tree, edits, [stack()], planned=PLANNED, written=WRITTEN).outcome == PROVEN


CHOSEN = """\
{{- define "image" -}}
{{- $image := .Values.image -}}
{{- if .Values.db.enabled -}}
{{- $image = merge .Values.db.image .Values.image -}}
{{- end -}}
{{ $image.repository }}:{{ $image.tag }}
{{- end -}}
"""


def test_a_component_that_takes_the_place_of_another_once_it_is_switched_on_is_pinned() -> None:
    off = OTHER.replace("db:\n", "db:\n  enabled: false\n")
    plan = planned(chart("image: {{ include `image` . }}\n", WEB + off, _helpers=CHOSEN))
    assert (after(plan, "web/values.yaml") or "").count("digest: sha256:") == 2
    assert "{{ if $image.digest }}" in (after(plan, "web/templates/_helpers.tpl") or "")


def test_one_that_no_switch_brings_in_is_not() -> None:
    off = OTHER.replace("db:\n", "db:\n  enabled: false\n")
    helper = CHOSEN.replace(".Values.db.image .Values.image", ".Values.image")
    plan = planned(chart("image: {{ include `image` . }}\n", WEB + off, _helpers=helper))
    assert (after(plan, "web/values.yaml") or "").count("digest: sha256:") == 1
    assert message(plan) == "no template of the chart web puts it into an image"


@pytest.mark.parametrize("alias", ["image: *web\n", "image:\n  <<: *web\n  pullPolicy: Always\n"])
def test_a_map_of_which_only_an_alias_is_rendered_says_that_it_is_shared(alias: str) -> None:
    values = "defaults: &web\n  repository: ghcr.io/acme/web\n  tag: main\n" + alias
    plan = planned(chart(values=values))
    assert not plan.files
    assert "anchor-shared" in [code for _, code in codes(plan)]
    assert "tag-not-rendered" not in [code for _, code in codes(plan)]
