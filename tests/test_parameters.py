"""Tags that parameters set by name become digests; what the real helm renders differs in the image alone."""

from __future__ import annotations

import difflib
import subprocess
from pathlib import Path
from typing import Any

import proving
import pytest
import toolchain
from ruamel.yaml import YAML

from codemod import registry
from codemod.config import Config
from codemod.outcome import Plan
from codemod.testing import digest_of, plan_of

TRANSFORMS = [transform for transform in registry.load() if transform.reads[0].name == "yaml"]
AWARE = (
    "{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}"
    "{{ else }}:{{ .Values.image.tag }}{{ end }}"
)
BOTH = (
    "{{ .Values.image.repository }}{{ with .Values.image.tag }}:{{ . }}{{ end }}"
    "{{ with .Values.image.digest }}@{{ . }}{{ end }}"
)
TAG_FIRST = (
    "{{ .Values.image.repository }}{{ if .Values.image.tag }}:{{ .Values.image.tag }}"
    "{{ else }}@{{ .Values.image.digest }}{{ end }}"
)
IMAGE = "ghcr.io/acme/web:dev"
DIGEST = "sha256:" + "ab" * 32
Files = dict[str, str]


def chart(image: str = AWARE, label: str = "web", values: str = "tag: ''", folder: str = "charts/web") -> Files:
    return {
        f"{folder}/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        f"{folder}/values.yaml": f"image:\n  repository: ghcr.io/acme/web\n  {values}\n",
        f"{folder}/templates/pod.yaml": (
            f'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  labels:\n    version: "{label}"\nspec:\n'
            f'  containers:\n    - name: web\n      image: "{image}"\n'
        ),
    }


def application(parameters: str, folder: str = "charts/web", more: str = "") -> Files:
    """An Application whose parameters are lines as they stand."""
    lines = "".join(f"        {line}\n" for line in parameters.splitlines())
    return {
        "apps/web.yaml": (
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  source:\n"
            f"    path: {folder}\n    helm:\n{more}      parameters:\n{lines}"
        )
    }


def planned(files: Files, **options: Any) -> Plan:
    return plan_of(TRANSFORMS, {path: text.encode() for path, text in files.items()}, **options)


def after(files: Files, plan: Plan) -> Files:
    return {path: plan.files[path][1].decode() if path in plan.files else text for path, text in files.items()}


def rewritten(files: Files, **options: Any) -> tuple[Files, Plan]:
    """The files after a run; a second one must find nothing to do and nothing new to say."""
    plan = planned(files, **options)
    done = after(files, plan)
    again = planned(done, **options)
    assert not again.files
    assert {entry.code for entry in again.left} <= {entry.code for entry in plan.left}
    return done, plan


def rendered(root: Path, files: Files, folder: str = "charts/web") -> list[str]:
    """What helm makes of the chart with the parameters, handed over as Argo CD does (util/helm/cmd.go)."""
    proving.write(root, files)
    helm = YAML(typ="safe").load(files["apps/web.yaml"])["spec"]["source"]["helm"]
    flags: list[str] = []
    for flag, forced in (("--set", False), ("--set-string", True)):
        given = {item["name"]: item["value"] for item in helm["parameters"] if bool(item.get("forceString")) is forced}
        for name, value in given.items():
            flags += [flag, f"{name}={value}"]
    command = [str(toolchain.helm()), "template", "web", str(root / folder), *flags]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def difference(root: Path, files: Files, done: Files) -> list[str]:
    before, now = rendered(root / "before", files), rendered(root / "after", done)
    return [line for line in difflib.ndiff(before, now) if line.startswith(("-", "+"))]


def left(plan: Plan, path: str = "apps/web.yaml") -> list[str]:
    return [entry.code for entry in plan.left if entry.site.path == path]


# --- left alone ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "code"),
    [
        (
            {**chart("{{ .Values.image.repository }}:{{ .Values.image.tag }}", folder="third_party/web")}
            | application("- {name: image.tag, value: dev}", "third_party/web"),
            "chart-ignores-digest",
        ),
        (
            chart(TAG_FIRST, "{{ .Values.image.tag }}", folder="third_party/web")
            | application("- {name: image.tag, value: dev}", "third_party/web"),
            "chart-ignores-digest",
        ),
        (chart() | application("- {name: image.tag, value: &t dev}\n- {name: other, value: *t}"), "anchor-shared"),
        (chart() | application("- {name: image.tag, value: $ARGOCD_APP_REVISION}"), "computed-reference"),
        (chart() | application("- {name: image.tag, value: v1}"), "tag-only"),
        (chart() | application("- {name: &n image.tag, value: dev}\n- {name: other, value: *n}"), "not-spellable"),
        (
            chart(values=f"digest: {DIGEST}") | application("- {name: image.tag, value: dev}"),
            "stale-inherited-digest",
        ),
        (
            chart()
            | application(
                "- {name: image.tag, value: dev}", more="      fileParameters: [{name: image.tag, path: tag.txt}]\n"
            ),
            "higher-layer-sets-tag",
        ),
    ],
    ids=["tag only", "label", "anchor", "variable", "fixed", "name", "digest below", "file parameter"],
)
@pytest.mark.surface("argocd", reported="parameters that no digest can take the place of")
def test_a_parameter_stays_where_a_digest_would_mean_nothing(files: Files, code: str) -> None:
    plan = planned(files)
    assert ("apps/web.yaml" in plan.files, left(plan)) == (False, [code])


def test_a_parameter_of_two_applications_with_different_repositories_stays() -> None:
    app = (
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: web}\nspec:\n  goTemplate: true\n"
        "  generators: [{list: {elements: [{repo: a.test/web}, {repo: b.test/web}]}}]\n  template:\n"
        "    metadata: {name: 'web-{{ .repo }}'}\n    spec:\n      source:\n        path: charts/web\n        helm:\n"
        "          parameters:\n            - {name: image.repository, value: '{{ .repo }}'}\n"
        "            - {name: image.tag, value: dev}\n"
    )
    plan = planned({**chart(), "apps/web.yaml": app})
    assert (plan.files, left(plan)) == ({}, ["ambiguous-repository"])


PATCH = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: web}
spec:
  goTemplate: true
  generators: [{list: {elements: [{env: dev}, {env: prod}]}}]
  template:
    metadata: {name: 'web-{{ .env }}'}
    spec: {source: {path: charts/web}}
  templatePatch: |
    spec:
      source:
        helm:
          parameters:
            - name: image.tag
              value: dev
            {{- if eq .env "prod" }}
            - name: side.image
              value: ghcr.io/acme/side:main
            {{- end }}
            - name: other.tag
              value: {{ .env }}
"""


@pytest.mark.surface("argocd", reported="tags in the `parameters` of a `templatePatch`")
@pytest.mark.surface("argocd", rewritten="whole references in a `templatePatch`")
def test_parameters_of_a_template_patch_are_seen_and_whole_references_pinned() -> None:
    done, plan = rewritten({**chart(), "apps/set.yaml": PATCH})
    pinned = f"ghcr.io/acme/side@{digest_of('ghcr.io/acme/side:main')}"
    assert done["apps/set.yaml"] == PATCH.replace("ghcr.io/acme/side:main", pinned)
    assert left(plan, "apps/set.yaml") == ["repository-unknown"]


def test_parameters_of_a_source_that_cannot_be_evaluated_are_seen() -> None:
    text = application("- {name: image.tag, value: dev}")["apps/web.yaml"].replace("path: charts/web", "repoURL: x")
    plan = planned({"apps/web.yaml": text})
    assert left(plan) == ["repository-unknown"]


@pytest.mark.parametrize(
    "above", ["parameters: [{name: image.digest, value: ''}]", "valuesObject: {image: {digest: ''}}"]
)
def test_a_tag_below_a_layer_that_empties_the_digest_stays(above: str) -> None:
    app = application("")["apps/web.yaml"].replace("parameters:\n", f"{above}\n")
    plan = planned({**chart(values="tag: main"), "apps/web.yaml": app})
    assert (plan.files, left(plan, "charts/web/values.yaml")) == ({}, ["chart-ignores-digest"])


def test_a_tag_of_unknown_digest_stays_and_keeps_the_layer_below() -> None:
    files = chart(values="tag: main") | application("- {name: image.tag, value: dev}")
    plan = planned(files, unknown=[IMAGE])
    assert (plan.files, left(plan)) == ({}, ["digest-unknown"])
    assert left(plan, "charts/web/values.yaml") == ["higher-layer-sets-tag"]


# --- rewritten -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("- name: image.tag\n  value: dev # moved", "- name: image.digest\n  value: <digest> # moved"),
        ("- value: 'dev'\n  name: \"image.tag\"", "- value: '<digest>'\n  name: \"image.digest\""),
        (
            "- {name: image.tag, value: dev, forceString: true}",
            "- {name: image.digest, value: <digest>, forceString: true}",
        ),
        ('[{"name": "image.tag", "value": "dev"}]', '[{"name": "image.digest", "value": "<digest>"}]'),
        (
            "- name: image.tag\n  value: dev\n- name: image.digest\n  value: ''",
            "- name: image.digest\n  value: '<digest>'",
        ),
        (
            "- {name: image.digest, value: ''}\n- {name: image.tag, value: dev}",
            "- {name: image.digest, value: '<digest>'}",
        ),
        (
            "[{name: image.tag, value: dev}, {name: image.digest, value: ''}]",
            "[{name: image.digest, value: '<digest>'}]",
        ),
        (
            "- name: image.tag # kept\n  value: dev\n- {name: image.digest, value: ''}",
            "- name: image.digest # kept\n  value: <digest>",
        ),
    ],
)
@pytest.mark.surface("argocd", rewritten="`helm.parameters`: `image.tag` becomes `image.digest`")
def test_the_tag_of_a_parameter_becomes_a_digest(tmp_path: Path, before: str, now: str) -> None:
    files = chart() | application(before)
    done, plan = rewritten(files)
    digest = digest_of(IMAGE)
    assert done["apps/web.yaml"] == application(now.replace("<digest>", digest))["apps/web.yaml"]
    assert [(change.image, change.unproven) for change in plan.changed] == [(IMAGE, False)]
    assert difference(tmp_path, files, done) == [
        f'-       image: "{IMAGE}"',
        f'+       image: "ghcr.io/acme/web@{digest}"',
    ]


@pytest.mark.parametrize(
    ("before", "more"),
    [
        ("- name: image.tag\n  value: dev\n", "- name: image.digest\n  value: <digest>"),
        ("- {name: image.tag, value: 'dev'}\n", "- {name: image.digest, value: '<digest>'}"),
        ("- name: image.tag\n  value: dev\n- name: image.digest\n  value: ''\n", ""),
    ],
)
def test_a_tag_that_is_also_a_label_is_kept(tmp_path: Path, before: str, more: str) -> None:
    files = chart(label="{{ .Values.image.tag }}") | application(before)
    done, plan = rewritten(files)
    digest = digest_of(IMAGE)
    wanted = before.replace("''", f"'{digest}'") + more.replace("<digest>", digest)
    assert done["apps/web.yaml"] == application(wanted)["apps/web.yaml"]
    assert left(plan) == ["tag-kept-for-label"]
    assert difference(tmp_path, files, done) == [
        f'-       image: "{IMAGE}"',
        f'+       image: "ghcr.io/acme/web@{digest}"',
    ]


def test_a_floating_tag_beside_a_digest_goes(tmp_path: Path) -> None:
    tag, digest = "- {name: image.tag, value: dev}\n", f"- {{name: image.digest, value: '{DIGEST}'}}"
    files = chart(BOTH) | application(tag + digest)
    done, _ = rewritten(files)
    assert done["apps/web.yaml"] == application(digest)["apps/web.yaml"]
    assert difference(tmp_path, files, done) == [
        f'-       image: "{IMAGE}@{DIGEST}"',
        f'+       image: "ghcr.io/acme/web@{DIGEST}"',
    ]


def test_the_layer_below_is_pinned_with_its_parameter(tmp_path: Path) -> None:
    files = chart(values="tag: main") | application("- {name: image.tag, value: dev}")
    done, plan = rewritten(files)
    assert {change.image for change in plan.changed} == {IMAGE, "ghcr.io/acme/web:main"}
    assert f'      image: "ghcr.io/acme/web@{digest_of(IMAGE)}"' in rendered(tmp_path, done)


def test_a_lower_tag_that_the_chart_takes_first_goes_with_it(tmp_path: Path) -> None:
    files = chart(TAG_FIRST, values="tag: main") | application("- {name: image.tag, value: dev}")
    done, _ = rewritten(files)
    assert "tag:" not in done["charts/web/values.yaml"]
    assert f'      image: "ghcr.io/acme/web@{digest_of(IMAGE)}"' in rendered(tmp_path, done)


def test_a_fixed_tag_gets_a_digest_behind_it_where_all_are_to_be_pinned(tmp_path: Path) -> None:
    files = chart(BOTH) | application("- {name: image.tag, value: v1}")
    done, _ = rewritten(files, pin_all=True)
    digest = digest_of("ghcr.io/acme/web:v1")
    more = f"- {{name: image.tag, value: v1}}\n- {{name: image.digest, value: {digest}}}"
    assert done["apps/web.yaml"] == application(more)["apps/web.yaml"]
    assert f'      image: "ghcr.io/acme/web:v1@{digest}"' in rendered(tmp_path, done)


def test_a_contract_of_whole_references_holds_for_parameters(tmp_path: Path) -> None:
    image = '{{ .Values.image.ref | default (printf "%s:%s" .Values.image.repository .Values.image.tag) }}'
    files = chart(image.replace('"', '\\"').replace('\\"', '"')) | application("- {name: image.tag, value: dev}")
    files["charts/web/templates/pod.yaml"] = files["charts/web/templates/pod.yaml"].replace(f'"{image}"', f"'{image}'")
    done, _ = rewritten(files, config=Config(contract={"**": "ref"}))
    assert f"{{name: image.ref, value: ghcr.io/acme/web@{digest_of(IMAGE)}}}" in done["apps/web.yaml"]
    assert f"      image: 'ghcr.io/acme/web@{digest_of(IMAGE)}'" in rendered(tmp_path, done)


def test_a_parameter_of_a_chart_that_is_elsewhere_is_pinned_unproven() -> None:
    files = application("- {name: image.repository, value: ghcr.io/acme/web}\n- {name: image.tag, value: dev}")
    files = {path: text.replace("path: charts/web", "chart: web") for path, text in files.items()}
    done, plan = rewritten(files)
    assert f"{{name: image.digest, value: {digest_of(IMAGE)}}}" in done["apps/web.yaml"]
    assert [change.unproven for change in plan.changed] == [True]


def test_the_entries_of_a_helmfile_are_rewritten_alike() -> None:
    release = "releases:\n  - name: web\n    chart: ./charts/web\n    set:\n      - {name: image.tag, value: dev}\n"
    done, _ = rewritten({**chart(), "helmfile.yaml": release})
    wanted = release.replace("image.tag", "image.digest").replace("dev", digest_of(IMAGE))
    assert done["helmfile.yaml"] == wanted


def test_a_forced_parameter_wins_over_another_of_its_name_wherever_it_stands(tmp_path: Path) -> None:
    files = chart() | application("- {name: image.tag, value: v1, forceString: true}\n- {name: image.tag, value: dev}")
    assert '      image: "ghcr.io/acme/web:v1"' in rendered(tmp_path, files)
    plan = planned(files)
    assert [str(entry.reference) for entry in plan.images if entry.site.path == "apps/web.yaml"] == [
        "ghcr.io/acme/web:v1"
    ]
