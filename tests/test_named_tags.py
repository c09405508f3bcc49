"""Tags that releases set by name, or by the elements of generators: shown, checked and reported; references pinned."""

from __future__ import annotations

import datetime

import pytest

from codemod import registry
from codemod.config import Config
from codemod.exceptions import Exceptions
from codemod.gate import violations
from codemod.outcome import Plan
from codemod.testing import plan_of

TRANSFORMS = [transform for transform in registry.load() if transform.reads[0].name == "yaml"]
CHART = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/values.yaml": "image:\n  repository: ghcr.io/acme/web\n  tag: ''\n",
    "charts/web/templates/pod.yaml": (
        'kind: Pod\napiVersion: v1\nspec:\n  containers:\n    - image: "{{ .Values.image.repository }}'
        '{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag }}{{ end }}"\n'
    ),
}
DIGEST = "sha256:" + "ab" * 32
Entry = tuple[str, int, str, str, str | None]


def planned(**texts: str) -> Plan:
    files = {**CHART, **{f"{name}.yaml": text for name, text in texts.items()}}
    return plan_of(TRANSFORMS, {path: text.encode() for path, text in files.items()})


def entries(plan: Plan, path: str) -> list[Entry]:
    """Environment or stack, line, image, status and reason of the sites of a file."""
    return [
        (e.site.environment or e.site.stack or "", e.site.line, str(e.reference or ""), e.status, e.reason)
        for e in plan.images
        if e.site.path == path
    ]


def broken(plan: Plan) -> list[tuple[str, int, str | None]]:
    return [
        (v.code, v.line, v.image) for v in violations(plan, Config(), Exceptions(Config(), datetime.date(2026, 1, 1)))
    ]


def application(*parameters: str, path: str = "path: charts/web") -> str:
    lines = "".join(f"        - {{{parameter}}}\n" for parameter in parameters)
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  source:\n"
        f"    {path}\n    helm:\n      parameters:\n{lines}"
    )


def generated(source: str, elements: str = "[{env: dev, tag: main}, {env: prod, tag: v1}]") -> str:
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: web}\nspec:\n  goTemplate: true\n"
        f"  generators: [{{list: {{elements: {elements}}}}}]\n  template:\n"
        "    metadata: {name: 'web-{{ .env }}'}\n    spec:\n      source:\n        path: charts/web\n        helm:\n"
        f"          {source}\n"
    )


# --- left alone ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parameter",
    [
        "name: replicas, value: '2'",
        "name: release.name, value: main",
        f"name: image.digest, value: '{DIGEST}'",
        "name: image.repository, value: ghcr.io/acme/web",
        "name: title.image, value: web",
    ],
)
@pytest.mark.surface("argocd", left="parameters that name no image")
def test_a_parameter_that_sets_no_floating_tag_stays_and_breaks_no_rule(parameter: str) -> None:
    plan = planned(app=application(parameter))
    assert (plan.files, broken(plan)) == ({}, [])


def test_a_parameter_over_which_a_later_one_wins_is_no_site() -> None:
    plan = planned(app=application("name: image.tag, value: main", "name: image.tag, value: v1"))
    assert [(line, image) for _, line, image, _, _ in entries(plan, "app.yaml")] == [(10, "ghcr.io/acme/web:v1")]
    assert broken(plan) == []


def test_a_tag_that_one_list_sets_twice_stays() -> None:
    plan = planned(app=application("name: image.tag, value: main", "name: image.tag, value: dev"))
    assert [(entry.code, entry.image) for entry in plan.left] == [("tag-in-parameter", "ghcr.io/acme/web:dev")]
    assert "app.yaml" not in plan.files


# --- reported --------------------------------------------------------------------------------------------------------


@pytest.mark.surface("argocd", found="`parameters`, with the image that each release makes of them")
def test_a_floating_tag_of_a_parameter_is_shown_and_checked() -> None:
    plan = planned(app=application("name: image.tag, value: dev"))
    image = "ghcr.io/acme/web:dev"
    assert entries(plan, "app.yaml") == [("web", 9, image, "floating", None)]
    assert broken(plan) == [("UF001", 9, image)]


def test_a_fixed_tag_of_a_parameter_is_tag_only() -> None:
    plan = planned(app=application("name: image.tag, value: v1"))
    assert entries(plan, "app.yaml") == [("web", 9, "ghcr.io/acme/web:v1", "tag-only", "tag-only")]


def test_a_floating_tag_of_a_chart_that_is_elsewhere_is_reported_without_a_name() -> None:
    plan = planned(app=application("name: image.tag, value: main", path="chart: web"))
    assert entries(plan, "app.yaml") == [("web", 9, "", "unknown-repository", "repository-unknown")]
    assert broken(plan) == [("UF001", 9, None)]


def test_a_parameter_that_names_a_tag_of_git_is_no_image() -> None:
    names = "name: git.tag, value: main", "name: content.source.tag, value: dev"
    plan = planned(app=application(*names, path="chart: web"))
    assert entries(plan, "app.yaml") == []
    assert "app.yaml" not in {entry.site.path for entry in plan.left}


def test_the_elements_of_a_generator_are_filled_into_parameters() -> None:
    plan = planned(app=generated("parameters: [{name: image.tag, value: '{{ .tag }}'}]"))
    found = [(where, image, status) for where, _, image, status, _ in entries(plan, "app.yaml")]
    assert found == [("dev", "ghcr.io/acme/web:main", "floating"), ("prod", "ghcr.io/acme/web:v1", "tag-only")]
    assert broken(plan) == [("UF001", 6, "ghcr.io/acme/web:main"), ("UF002", 6, "ghcr.io/acme/web:v1")]
    assert {entry.code for entry in plan.left} == {"generator-element", "tag-only"}


@pytest.mark.parametrize(
    "source",
    [
        "valuesObject: {image: {tag: '{{ .tag }}'}}",
        "values: |\n            image:\n              tag: '{{ .tag }}'",
        "values: |\n            image:\n              tag: {{ .tag }}",
    ],
)
@pytest.mark.surface("argocd", found="inline values of ApplicationSets, the elements of generators filled in")
def test_the_elements_of_a_generator_are_filled_into_inline_values(source: str) -> None:
    plan = planned(app=generated(source))
    found = [(where, image, status) for where, _, image, status, _ in entries(plan, "app.yaml")]
    assert found == [("dev", "ghcr.io/acme/web:main", "floating"), ("prod", "ghcr.io/acme/web:v1", "tag-only")]
    assert [code for code, _, _ in broken(plan)] == ["UF001", "UF002"]
    assert [(entry.site.line, entry.code) for entry in plan.left] == [(6, "generator-element"), (6, "tag-only")]


def test_the_elements_of_a_generator_are_filled_into_whole_references() -> None:
    plan = planned(app=generated("valuesObject: {side: {image: 'ghcr.io/acme/side:{{ .tag }}'}}"))
    found = [(where, image, status) for where, _, image, status, _ in entries(plan, "app.yaml")]
    assert found == [("dev", "ghcr.io/acme/side:main", "floating"), ("prod", "ghcr.io/acme/side:v1", "tag-only")]


ELEMENTS = {
    "flat": ("{env: dev, repository: ghcr.io/acme/web, tag: main}", "repository", "tag"),
    "nested": ("{env: dev, image: {repository: ghcr.io/acme/web, tag: main}}", "image.repository", "image.tag"),
    "a name under image": ("{env: dev, image: ghcr.io/acme/web, tag: main}", "image", "tag"),
}


@pytest.mark.parametrize(("element", "name", "tag"), ELEMENTS.values(), ids=ELEMENTS)
@pytest.mark.parametrize("use", ["{{ .%s }}", "{{ .%s | quote }}"])
@pytest.mark.surface("argocd", reported="tags in the elements of generators, which templates read by name")
def test_the_parts_of_an_image_in_an_element_keep_the_names_that_the_template_reads(
    element: str, name: str, tag: str, use: str
) -> None:
    parameters = f"{{name: image.repository, value: '{{{{ .{name} }}}}'}}, {{name: image.tag, value: '{use % tag}'}}"
    plan = planned(app=generated(f"parameters: [{parameters}]", f"[{element}]"))
    assert "app.yaml" not in plan.files
    found = [(line, image, status) for _, line, image, status, _ in entries(plan, "app.yaml") if line == 6]
    assert found == [(6, "ghcr.io/acme/web:main", "floating")]
    assert "generator-element" in {entry.code for entry in plan.left}


@pytest.mark.parametrize("path", ["envs/dev/config.yaml", "envs/dev/config.json"])
def test_a_file_that_a_generator_reads_keeps_the_names_that_the_template_reads(path: str) -> None:
    files = {"git": "{repoURL: x, files: [{path: 'envs/*/config.*'}]}"}
    app = generated("parameters: [{name: image.tag, value: '{{ .image.tag }}'}]")
    app = app.replace("list: {elements: [{env: dev, tag: main}, {env: prod, tag: v1}]}", f"git: {files['git']}")
    config = '{"image": {"repository": "ghcr.io/acme/web", "tag": "main"}, "other": {"image": "ghcr.io/acme/o:dev"}}\n'
    texts = {**CHART, "app.yaml": app, path: config}
    plan = plan_of(TRANSFORMS, {path: text.encode() for path, text in texts.items()})
    assert list(plan.files) == [path]
    assert b'"tag": "main"' in plan.files[path][1]
    assert b"acme/o@sha256" in plan.files[path][1]
    assert [(entry.site.path, entry.code) for entry in plan.left] == [(path, "generator-element")]


@pytest.mark.parametrize("key", ["sidecarImage", "img"])
@pytest.mark.surface("argocd", rewritten="whole references in the elements of generators")
def test_a_whole_reference_in_an_element_is_pinned_there(key: str) -> None:
    app = generated(
        f"parameters: [{{name: side.image, value: '{{{{ .{key} }}}}'}}]",
        f"[{{env: dev, {key}: ghcr.io/acme/side:main}}]",
    )
    plan = planned(app=app)
    assert plan.files["app.yaml"][1].decode() == app.replace(":main", f"@{plan.changed[0].digest}")
    assert [entry for entry in plan.left if entry.site.path == "app.yaml"] == []
    assert [line for _, line, *_ in entries(plan, "app.yaml")] == [6]


def test_an_element_that_is_not_known_leaves_the_reference_computed() -> None:
    plan = planned(app=generated("parameters: [{name: image.tag, value: '{{ .missing }}'}]", "[{env: dev}]"))
    assert [(status, reason) for *_, status, reason in entries(plan, "app.yaml")] == [
        ("templated", "computed-reference")
    ]


FLUX = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web}
spec:
  chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: fleet}}}
  valuesFrom: [{kind: ConfigMap, name: web, valuesKey: tag, targetPath: image.tag}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data:
  tag: TAG
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet}
spec: {url: https://github.com/acme/fleet}
"""


@pytest.mark.parametrize(("tag", "codes"), [("main", ["UF001"]), ("v1", [])])
@pytest.mark.surface("flux", reported="a floating tag that a `targetPath` takes")
def test_a_value_that_flux_takes_for_a_target_path_is_a_site(tag: str, codes: list[str]) -> None:
    plan = planned(web=FLUX.replace("TAG", tag))
    (found,) = entries(plan, "web.yaml")
    assert found[:3] == ("web", 12, f"ghcr.io/acme/web:{tag}")
    assert [code for code, _, _ in broken(plan)] == codes


@pytest.mark.surface("helm-values", found="`set` of helmfiles")
def test_a_parameter_of_a_helmfile_is_a_site() -> None:
    release = "releases:\n  - name: web\n    chart: ./charts/web\n    set:\n      - {name: image.tag, value: main}\n"
    plan = planned(helmfile=release)
    assert [image for _, _, image, *_ in entries(plan, "helmfile.yaml")] == ["ghcr.io/acme/web:main"]


@pytest.mark.parametrize(
    ("values", "image", "value", "reasons"),
    [
        ("image: ghcr.io/acme/web\ntag: dev\n", "{{ .Values.image }}:{{ .Values.tag }}", "ghcr.io/acme/side", []),
        (
            "global: {imageTag: dev}\nweb: {image: x}\n",
            "{{ .Values.web.image }}:{{ .Values.global.imageTag }}",
            "ghcr.io/acme/side",
            ["computed-reference"],
        ),
        ("hub: ghcr.io\n", "{{ .Values.hub }}/{{ .Values.web.image }}", "acme/side:main", ["computed-reference"]),
    ],
    ids=["a tag beside it", "a shared tag", "a registry"],
)
def test_a_name_in_a_parameter_that_a_chart_completes_is_not_pinned(
    values: str, image: str, value: str, reasons: list[str]
) -> None:
    name = "image" if "image: gh" in values else "web.image"
    files = {
        **CHART,
        "charts/web/values.yaml": values,
        "charts/web/templates/pod.yaml": f'kind: Pod\nspec:\n  containers:\n    - image: "{image}"\n',
        "app.yaml": application(f"name: {name}, value: {value}"),
    }
    plan = plan_of(TRANSFORMS, {path: text.encode() for path, text in files.items()})
    assert "app.yaml" not in plan.files
    assert [entry.code for entry in plan.left if entry.site.path == "app.yaml"] == reasons


# --- rewritten -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sidecar.image", "image", "initImage"])
@pytest.mark.surface("argocd", rewritten="whole references in parameters")
def test_a_whole_reference_in_a_parameter_is_pinned(name: str) -> None:
    text = application(f"name: {name}, value: 'ghcr.io/acme/side:main'")
    plan = planned(app=text)
    assert [entry for entry in plan.left if entry.site.path == "app.yaml"] == []
    after = plan.files["app.yaml"][1].decode()
    assert after == text.replace(":main", f"@{plan.changed[0].digest}")
    assert [change.image for change in plan.changed] == ["ghcr.io/acme/side:main"]


def test_a_reference_that_stands_under_the_name_of_an_image_is_one_site() -> None:
    text = FLUX.replace("valuesKey: tag, targetPath: image.tag", "valuesKey: image, targetPath: side.image")
    plan = planned(web=text.replace("tag: TAG", "image: ghcr.io/acme/side:main"))
    assert [(change.site.path, change.site.line) for change in plan.changed] == [("web.yaml", 12)]
    assert len(entries(plan, "web.yaml")) == 1
