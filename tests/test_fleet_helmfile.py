"""Releases of helmfile, as far as they can be read without running its templates."""

from __future__ import annotations

import pytest

from codemod.config import Config, Environment
from codemod.fleet.helmfile import releases
from codemod.fleet.helmstate import fill
from codemod.fleet.stack import Stack
from codemod.fleet.tree import Tree
from codemod.source import Source

CHART = {"charts/web/Chart.yaml": "name: web\nversion: 1.0.0\n", "charts/web/values.yaml": "tag: a\n"}
ENVIRONMENTS = "environments:\n  dev: {}\n  prod:\n    values: [x.yaml]\n"


def stacks(files: dict[str, str], config: Config | None = None) -> list[Stack]:
    sources = {path: Source(path, text.encode(), "yaml") for path, text in files.items()}
    return list(releases(Tree(list(sources), sources.get), config or Config()))


def stack_of(release: str, *paths: str, **files: str) -> Stack:
    """The one stack of a `helmfile.yaml` with this release beside a chart and some value files."""
    text = "releases:\n- name: web\n" + "".join(f"  {line}\n" for line in release.splitlines())
    (stack,) = stacks({"helmfile.yaml": text, **CHART, **dict.fromkeys(paths, "a: 1\n"), **files})
    return stack


def layers_of(stack: Stack) -> list[str]:
    return [str(layer) for layer in stack.layers]


def test_a_release_of_a_local_chart_has_its_layers_in_order() -> None:
    stack = stack_of(
        "namespace: site\nchart: ./charts/web\nvalues:\n- a.yaml\n- image: {tag: b}\n- b.yaml\n"
        "setString:\n- {name: x, value: '1'}\nset:\n- {name: y, value: '2'}",
        "a.yaml",
        "b.yaml",
    )
    assert (stack.name, stack.release, stack.namespace, stack.kind) == ("web", "web", "site", "helmfile")
    assert (stack.chart, stack.environment, stack.origin) == ("charts/web", None, "helmfile.yaml:2")
    assert (stack.missing, stack.notes) == ((), ())
    assert layers_of(stack) == [
        "charts/web/values.yaml",
        "a.yaml",
        "helmfile.yaml#releases.0.values.1",
        "b.yaml",
        "helmfile.yaml#releases.0.set",
        "helmfile.yaml#releases.0.setString",
    ]
    assert [(layer.parameters, layer.is_text) for layer in stack.layers[-2:]] == [(True, False), (True, True)]
    assert stack.layers[2].document == 0


@pytest.mark.parametrize(
    "path",
    ["helmfile.yaml", "deep/helmfile.yml", "helmfile.yaml.gotmpl", "helmfile.d/10-x.yaml", "a/helmfile.d/x.gotmpl"],
)
def test_state_files_are_known_by_their_name(path: str) -> None:
    assert [stack.origin for stack in stacks({path: "releases:\n- {name: a, chart: x/a}\n"})] == [f"{path}:2"]


@pytest.mark.parametrize("path", ["my-helmfile.yaml", "helmfile.yaml.txt", "helmfile.d/a/x.yaml", "helmfile.lock"])
def test_other_files_are_no_state_files(path: str) -> None:
    assert stacks({path: "releases:\n- {name: a, chart: x/a}\n"}) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "releases\n",
        "releases: {a: b}\n",
        "releases: [a, [b], null, {}]\n",
        "releases:\n- name: a\n",
        "releases:\n- {name: a, chart: }\n",
        "releases:\n- {name: a, chart: x/a, installed: false}\n",
        "releases: [\n",
        "- releases\n",
        "\0",
        "bases: [helmfile.yaml, ../../x.yaml]\nhelmfiles: [{}, [], helmfile.yaml, '[', ../x]\n",
    ],
)
def test_what_is_no_state_or_installs_nothing_is_no_release(text: str) -> None:
    assert stacks({"helmfile.yaml": text}) == []


@pytest.mark.parametrize(
    "release",
    [
        "chart: x/a\nvalues: text",
        "chart: x/a\nvalues: [null, [a], 1.5]",
        "chart: x/a\nset: text\nsetString: {a: b}",
        "chart: x/a\ninherit: [1, {}, {template: gone}, {template: [x]}]",
        "chart: [x]\nname: {a: b}\nvalues: *gone",
        "chart: x/a\nset: [a, {name: x}]",
    ],
)
def test_odd_entries_raise_nothing(release: str) -> None:
    text = "releases:\n- name: web\n" + "".join(f"  {line}\n" for line in release.splitlines())
    stacks({"helmfile.yaml": text})


def test_paths_are_relative_to_the_state_file_and_never_leave_the_repository() -> None:
    files = {
        "deploy/helmfile.yaml": "releases:\n- name: a\n  chart: ../charts/web\n"
        "  values: [../v/a.yaml, ../../x.yaml, b.yaml]\n",
        "v/a.yaml": "",
        **CHART,
    }
    (stack,) = stacks(files)
    assert (stack.chart, stack.paths) == ("charts/web", ("charts/web/values.yaml", "v/a.yaml"))
    assert stack.missing == ("../../x.yaml", "deploy/b.yaml")


def test_value_files_may_be_globs() -> None:
    stack = stack_of("chart: x/a\nvalues: ['v/*.yaml', 'w/*.yaml']", "v/b.yaml", "v/a.yaml", "v/more/c.yaml")
    assert (stack.paths, stack.missing) == (("v/a.yaml", "v/b.yaml"), ("w/*.yaml",))


def test_the_prefix_of_the_values_paths_is_put_before_them() -> None:
    stack = stack_of("chart: x/a\nvaluesPathPrefix: v/\nvalues: [a.yaml]", "v/a.yaml")
    assert stack.paths == ("v/a.yaml",)


@pytest.mark.parametrize("chart", ["./charts/web", "charts/web", "charts/web/"])
def test_a_chart_is_local_if_one_is_there(chart: str) -> None:
    assert stack_of(f"chart: {chart}").chart == "charts/web"


@pytest.mark.parametrize(
    ("chart", "note"),
    [
        ("bitnami/redis", "chart bitnami/redis is not in the repository"),
        ("oci://ghcr.io/x/y", "chart oci://ghcr.io/x/y is not in the repository"),
        ("git::https://x.org/charts/web", "chart git::https://x.org/charts/web is not in the repository"),
        ("./charts/none", "there is no chart charts/none"),
        ("./manifests", "manifests is no chart, helmfile makes one of it"),
        ("'./charts/{{ .Values.name }}'", "chart ./charts/{{ .Values.name }} is computed"),
    ],
)
def test_a_chart_that_is_not_here_is_noted(chart: str, note: str) -> None:
    stack = stack_of(f"chart: {chart}", "manifests/a.yaml")
    assert (stack.chart, stack.notes) == (None, (note,))


@pytest.mark.parametrize(
    ("more", "note"),
    [
        ("values: [a.yaml.gotmpl]", "the value file a.yaml.gotmpl is a template"),
        ("values: ['{{ .Values.x }}.yaml']", "the value file {{ .Values.x }}.yaml is computed"),
        ("values: [s3://b/a.yaml]", "the value file s3://b/a.yaml is not in the repository"),
        ("values: [{a: '{{ .Values.x }}'}]", "the template actions in its inline values are not evaluated"),
        ("secrets: [s.yaml]", "the secrets s.yaml are not read"),
        ("strategicMergePatches: []", "its strategicMergePatches are not evaluated"),
        ("set: [{name: a, file: x}]", "lists, files and template actions in its set are not evaluated"),
        ("set: [{name: a, value: '{{ .x }}'}]", "lists, files and template actions in its set are not evaluated"),
    ],
)
def test_what_cannot_be_evaluated_is_noted(more: str, note: str) -> None:
    stack = stack_of(f"chart: ./charts/web\n{more}", "a.yaml.gotmpl")
    assert stack.notes == (note,)


def test_a_value_file_that_is_a_template_is_no_layer() -> None:
    assert stack_of("chart: x/a\nvalues: [a.yaml.gotmpl]", "a.yaml.gotmpl").layers == ()


def test_a_name_that_is_computed_is_kept_as_it_is_written() -> None:
    (stack,) = stacks({"helmfile.yaml": "releases:\n- name: {{ .Values.a }}\n  chart: x/a\n"})
    assert (stack.name, stack.notes) == (
        "{{ .Values.a }}",
        ("chart x/a is not in the repository", "its name is computed"),
    )


def test_conditions_around_releases_are_noted() -> None:
    text = "releases:\n{{ if .Values.x }}\n- name: a\n  chart: ./charts/web\n{{ end }}\n"
    (stack,) = stacks({"helmfile.yaml": text, **CHART})
    assert (stack.name, stack.notes) == ("a", ("the conditions and loops of its helmfile are not evaluated",))


@pytest.mark.parametrize("action", ["{{ .Environment.Name }}", "{{.Environment.Name}}", "{{- .Environment.Name -}}"])
def test_the_environments_name_in_a_path_makes_one_stack_of_each_environment(action: str) -> None:
    text = f"{ENVIRONMENTS}---\nreleases:\n- name: a\n  chart: ./charts/web\n  values:\n  - v/{action}.yaml\n"
    found = stacks({"helmfile.yaml": text, "v/dev.yaml": "", **CHART})
    assert [(stack.name, stack.environment, stack.paths[1:], stack.missing) for stack in found] == [
        ("a", "dev", ("v/dev.yaml",), ()),
        ("a", "prod", (), ("v/prod.yaml",)),
    ]


def test_the_environments_name_may_stand_in_name_namespace_and_chart() -> None:
    text = (
        f"{ENVIRONMENTS}---\nreleases:\n- name: a-{{{{ .Environment.Name }}}}\n"
        "  namespace: n-{{ .Environment.Name }}\n  chart: ./{{ .Environment.Name }}\n"
    )
    files = {"helmfile.yaml": text, "dev/Chart.yaml": "name: x\n"}
    assert [(stack.name, stack.namespace, stack.chart) for stack in stacks(files)] == [
        ("a-dev", "n-dev", "dev"),
        ("a-prod", "n-prod", None),
    ]


def test_a_release_that_does_not_use_the_environment_is_one_stack() -> None:
    text = f"{ENVIRONMENTS}---\nreleases:\n- {{name: a, chart: x/a, values: [a.yaml]}}\n"
    assert [stack.environment for stack in stacks({"helmfile.yaml": text, "a.yaml": ""})] == [None]


def test_without_environments_there_is_the_one_called_default() -> None:
    text = "releases:\n- name: a\n  chart: x/a\n  values: ['{{ .Environment.Name }}.yaml']\n"
    assert [stack.environment for stack in stacks({"helmfile.yaml": text})] == ["default"]


def test_the_configuration_names_the_environment_where_the_helmfile_does_not() -> None:
    config = Config(environments={"live": Environment(globs=("prod/**",))})
    (stack,) = stacks({"prod/helmfile.yaml": "releases:\n- {name: a, chart: x/a}\n"}, config)
    assert stack.environment == "live"


def test_environments_come_from_bases_too() -> None:
    files = {
        "a/helmfile.yaml": "bases: [../common/env.yaml]\n---\nreleases:\n- name: a\n  chart: x/a\n"
        '  values: ["{{ .Environment.Name }}.yaml"]\n',
        "common/env.yaml": ENVIRONMENTS,
    }
    assert [stack.environment for stack in stacks(files)] == ["dev", "prod"]


def test_the_state_files_that_a_state_names_are_read_once_with_its_environments() -> None:
    files = {
        "helmfile.yaml": f"{ENVIRONMENTS}helmfiles:\n- path: apps/one.yaml\n- more/*/state.yaml\n- sub\n- git::https://x\n",
        "apps/one.yaml": "releases:\n- {name: one, chart: x/a, values: ['{{ .Environment.Name }}.yaml']}\n",
        "apps/dev.yaml": "",
        "more/b/state.yaml": "helmfiles: [../../helmfile.yaml]\nreleases:\n- {name: b, chart: x/a}\n",
        "sub/helmfile.yaml": "releases:\n- {name: sub, chart: x/a}\n",
        "not/named.yaml": "releases:\n- {name: no, chart: x/a}\n",
    }
    assert [(stack.name, stack.environment, stack.paths) for stack in stacks(files)] == [
        ("one", "dev", ("apps/dev.yaml",)),
        ("one", "prod", ()),
        ("b", None, ()),
        ("sub", None, ()),
    ]


TEMPLATES = """\
templates:
  base:
    values: [base.yaml]
    namespace: low
  default:
    inherit: [{template: base}]
    namespace: high
    chart: ./charts/web
    valuesTemplate: ["v/{{`{{ .Release.Name }}`}}.yaml"]
    values: [default.yaml]
"""


def test_what_is_inherited_stands_below_and_lists_are_joined() -> None:
    text = f"{TEMPLATES}releases:\n- name: a\n  inherit: [{{template: default}}]\n  values: [own.yaml, {{x: 1}}]\n"
    paths = ("base.yaml", "v/a.yaml", "default.yaml", "own.yaml")
    (stack,) = stacks({"helmfile.yaml": text, **CHART, **dict.fromkeys(paths, "")})
    assert (stack.namespace, stack.chart) == ("high", "charts/web")
    assert layers_of(stack) == [
        "charts/web/values.yaml",
        "v/a.yaml",
        "base.yaml",
        "default.yaml",
        "own.yaml",
        "helmfile.yaml#releases.0.values.1",
    ]


def test_except_keeps_keys_out_of_what_is_inherited() -> None:
    text = f"{TEMPLATES}releases:\n- name: a\n  inherit: [{{template: default, except: [values, valuesTemplate]}}]\n"
    (stack,) = stacks({"helmfile.yaml": text, **CHART, "base.yaml": "", "default.yaml": ""})
    assert stack.paths == ("charts/web/values.yaml",)


def test_all_releases_inherit_the_default_and_none_twice() -> None:
    text = (
        f"{TEMPLATES}defaultInherit: base\nreleases:\n- {{name: a, chart: x/a}}\n"
        "- {name: b, inherit: [{template: base}], chart: x/b}\n"
    )
    files = {"helmfile.yaml": text, "base.yaml": ""}
    assert [layers_of(stack) for stack in stacks(files)] == [["base.yaml"], ["base.yaml"]]


def test_templates_that_inherit_each_other_end_somewhere() -> None:
    text = (
        "templates:\n  a: {inherit: [{template: b}], values: [a.yaml]}\n  b: {inherit: [{template: a}]}\n"
        "releases:\n- {name: a, chart: x/a, inherit: [{template: a}]}\n"
    )
    assert [stack.paths for stack in stacks({"helmfile.yaml": text, "a.yaml": ""})] == [("a.yaml",)]


def test_merge_keys_are_followed_and_values_stand_where_the_anchor_is() -> None:
    text = (
        "templates:\n  default: &default\n    chart: ./charts/web\n    values:\n    - image: {tag: b}\n"
        "releases:\n- name: a\n  <<: *default\n"
    )
    (stack,) = stacks({"helmfile.yaml": text, **CHART})
    assert layers_of(stack) == ["charts/web/values.yaml", "helmfile.yaml#templates.default.values.0"]


def test_inline_values_know_their_document() -> None:
    text = "---\nenvironments: {}\n---\nreleases:\n- name: a\n  chart: x/a\n  values: [{b: 1}]\n"
    (stack,) = stacks({"helmfile.yaml": text})
    assert [(layer.document, layer.within) for layer in stack.layers] == [(1, ("releases", 0, "values", 0))]


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("a/{{ .Environment.Name }}/{{ .Release.Name }}", "a/dev/web"),
        ("{{`{{ .Release.Name }}`}}", "web"),
        ("{{ .Environment.Name | quote }}", "dev"),
        ("{{ .Release.Namespace }}", "{{ .Release.Namespace }}"),
        ("{{ .Environment.Values.x }}", "{{ .Environment.Values.x }}"),
        ('{{ .Environment.Name | default "x" }}', '{{ .Environment.Name | default "x" }}'),
        ("plain", "plain"),
    ],
)
def test_only_names_that_are_known_are_put_into_a_text(text: str, filled: str) -> None:
    assert fill(text, {"Environment.Name": "dev", "Release.Name": "web"}) == filled
