"""Argo CD Applications: which chart, which value files and which inline values each of them renders."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from codemod.config import Config
from codemod.fleet.argocd import releases
from codemod.fleet.stack import Layer, Stack
from codemod.fleet.tree import Tree
from codemod.source import Source

CHART = {"charts/web/Chart.yaml": "name: web\n", "charts/web/values.yaml": "tag: a\n"}


def found(files: Mapping[str, str], config: Config | None = None) -> list[Stack]:
    sources = {path: Source(path, text.encode(), "yaml") for path, text in files.items()}
    return list(releases(Tree(sources, sources.get), config or Config()))


def application(spec: str, *, name: str = "web", kind: str = "Application") -> str:
    """A manifest with a spec that stands flush left in the test."""
    body = "".join(f"  {line}\n" for line in spec.strip("\n").splitlines())
    return f"apiVersion: argoproj.io/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\nspec:\n{body}"


def release(spec: str, *others: str, **more: str) -> Stack:
    """The one release of an Application beside the chart and empty files."""
    files = {**CHART, **dict.fromkeys(others, "a: 1\n"), **more}
    (stack,) = found({"apps/web.yaml": application(spec), **files})
    return stack


def layers(stack: Stack) -> list[str]:
    return [str(layer) for layer in stack.layers]


def helm(section: str, path: str = "charts/web") -> str:
    """A single source with a helm section."""
    inner = "".join(f"    {line}\n" for line in section.strip("\n").splitlines())
    return f"source:\n  repoURL: https://git.example/fleet\n  path: {path}\n  helm:\n{inner}"


# What makes no stack


@pytest.mark.parametrize(
    "source",
    [
        "source: {path: plain}",
        "source: {path: charts/web, kustomize: {namePrefix: a-}}",
        "source: {path: charts/web, directory: {recurse: true}}",
        "source: {path: charts/web, plugin: {name: cdk8s}}",
        "source: {path: elsewhere}",
        "source: {repoURL: https://git.example/fleet, ref: values}",
        "source: {}",
        "source: nonsense",
        "sources: nonsense",
        "sources: []",
        "sources: [nonsense, 1, null]",
        "destination: {}",
    ],
)
def test_a_source_that_is_no_helm_release_makes_no_stack(source: str) -> None:
    assert found({"a.yaml": application(source), **CHART, "plain/deployment.yaml": "kind: Deployment\n"}) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "apiVersion: argoproj.io/v1alpha1\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: 1\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: []\nspec: {source: [a]}\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: &s {source: *s}\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {path: charts/web\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nspec: {source: {path: charts/web}}\n",
        "apiVersion: other.io/v1\nkind: Application\nspec: {source: {path: charts/web}}\n",
    ],
)
def test_what_is_no_readable_application_makes_no_stack_and_no_failure(text: str) -> None:
    assert found({"a.yaml": text, **CHART}) == []


@pytest.mark.parametrize("section", ["1", "[]", "[a]", "text"])
def test_a_malformed_helm_section_is_ignored_and_mostly_noted(section: str) -> None:
    stack = release(f"source: {{path: charts/web, helm: {section}}}")
    assert (stack.chart, layers(stack)) == ("charts/web", ["charts/web/values.yaml"])


@pytest.mark.parametrize("files", ["1", "a.yaml", "{a: b}", "[null, [a], {b: c}]"])
def test_malformed_value_files_are_none(files: str) -> None:
    stack = release(helm(f"valueFiles: {files}"), "charts/web/a.yaml")
    assert (layers(stack), stack.missing) == (["charts/web/values.yaml"], ())


# One source


def test_a_chart_in_the_repository_is_a_release_with_its_own_values() -> None:
    assert release("source: {path: charts/web}\ndestination: {namespace: shop}") == Stack(
        "web",
        None,
        (Layer("charts/web/values.yaml"),),
        chart="charts/web",
        origin="apps/web.yaml:1",
        kind="argocd",
        release="web",
        namespace="shop",
        has_namespace=True,
    )


@pytest.mark.parametrize("path", ["./charts/web", "charts/web/", "charts//web", "/charts/web", "charts/x/../web"])
def test_the_path_of_a_chart_is_normalised(path: str) -> None:
    assert release(f"source: {{path: {path}}}").chart == "charts/web"


def test_the_chart_may_be_the_root() -> None:
    (stack,) = found(
        {"a.yaml": application(helm("valueFiles: [b.yaml]", ".")), "Chart.yaml": "", "values.yaml": "", "b.yaml": ""}
    )
    assert (stack.chart, layers(stack)) == ("", ["values.yaml", "b.yaml"])


def test_a_chart_without_values_has_no_layer_of_its_own() -> None:
    (stack,) = found({"a.yaml": application("source: {path: c}"), "c/Chart.yaml": ""})
    assert (stack.chart, stack.layers, stack.missing) == ("c", (), ())


def test_value_files_are_relative_to_the_chart_or_to_the_root() -> None:
    stack = release(
        helm("valueFiles: [prod.yaml, ../../env/a.yaml, /env/b.yaml]"),
        "charts/web/prod.yaml",
        "env/a.yaml",
        "env/b.yaml",
    )
    assert layers(stack) == ["charts/web/values.yaml", "charts/web/prod.yaml", "env/a.yaml", "env/b.yaml"]


def test_value_files_that_are_not_there_are_missing_whether_they_may_or_not() -> None:
    for ignored in ("true", "false"):
        stack = release(
            helm(f"ignoreMissingValueFiles: {ignored}\nvalueFiles: [a.yaml, /b.yaml, ../../../c.yaml]"), "b.yaml"
        )
        assert (layers(stack), stack.missing) == (
            ["charts/web/values.yaml", "b.yaml"],
            ("charts/web/a.yaml", "../c.yaml"),
        )


def test_the_chart_s_own_values_named_first_are_one_layer_and_named_later_win_there() -> None:
    assert layers(release(helm("valueFiles: [values.yaml, a.yaml]"), "charts/web/a.yaml")) == [
        "charts/web/values.yaml",
        "charts/web/a.yaml",
    ]
    assert layers(release(helm("valueFiles: [a.yaml, values.yaml]"), "charts/web/a.yaml")) == [
        "charts/web/values.yaml",
        "charts/web/a.yaml",
        "charts/web/values.yaml",
    ]


def test_a_file_named_twice_counts_where_it_stands_first() -> None:
    stack = release(helm("valueFiles: [a.yaml, b.yaml, a.yaml]"), "charts/web/a.yaml", "charts/web/b.yaml")
    assert layers(stack)[1:] == ["charts/web/a.yaml", "charts/web/b.yaml"]


def test_a_glob_gives_a_folder_s_files_sorted_before_those_of_its_subfolders() -> None:
    stack = release(helm("valueFiles: ['/env/**/*.yaml']"), "env/z.yaml", "env/a.yaml", "env/n/c.yaml", "env/b.json")
    assert layers(stack)[1:] == ["env/a.yaml", "env/z.yaml", "env/n/c.yaml"]


def test_a_glob_skips_what_is_listed_by_name() -> None:
    stack = release(helm("valueFiles: ['env/*.yaml', env/a.yaml]"), "charts/web/env/a.yaml", "charts/web/env/b.yaml")
    assert layers(stack)[1:] == ["charts/web/env/b.yaml", "charts/web/env/a.yaml"]


@pytest.mark.parametrize("glob", ["env/*.yaml", "env/[a-z.yaml", "env/[z-a].yaml"])
def test_a_glob_that_matches_nothing_is_missing(glob: str) -> None:
    assert release(helm(f"valueFiles: ['{glob}']")).missing == (f"charts/web/{glob}",)


@pytest.mark.parametrize("url", ["https://example.com/v.yaml", "secrets://a.yaml"])
def test_a_value_file_with_a_scheme_is_noted(url: str) -> None:
    stack = release(helm(f"valueFiles: ['{url}']"))
    assert stack.notes == (f"The value file {url} is not a file of the repository.",)
    assert stack.missing == ()


def test_inline_values_win_over_files_and_parameters_over_all() -> None:
    section = """
valueFiles: [a.yaml]
parameters: [{name: tag, value: b}]
values: |
  tag: c
"""
    stack = release(helm(section), "charts/web/a.yaml")
    assert stack.layers == (
        Layer("charts/web/values.yaml"),
        Layer("charts/web/a.yaml"),
        Layer("apps/web.yaml", 0, ("spec", "source", "helm", "values"), is_text=True),
        Layer("apps/web.yaml", 0, ("spec", "source", "helm", "parameters"), parameters=True),
    )


def test_a_values_object_takes_the_place_of_a_values_text() -> None:
    stack = release(helm("valuesObject: {tag: a}\nvalues: 'tag: b'"))
    assert stack.layers[1:] == (Layer("apps/web.yaml", 0, ("spec", "source", "helm", "valuesObject")),)


@pytest.mark.parametrize(
    "section", ["valuesObject: {}\nvalues: ''", "valuesObject:\nvalues: 1\nparameters: []", "values: {a: 1}"]
)
def test_empty_or_malformed_inline_values_are_no_layer(section: str) -> None:
    assert layers(release(helm(section))) == ["charts/web/values.yaml"]


def test_parameters_that_are_all_strings_say_so() -> None:
    (layer,) = release(helm("parameters: [{name: a, value: '1', forceString: true}]")).layers[1:]
    assert (layer.parameters, layer.is_text) == (True, True)


def test_of_parameters_that_are_partly_strings_each_says_so_itself() -> None:
    (layer,) = release(helm("parameters: [{name: a, value: '1', forceString: true}, {name: b, value: '1'}]")).layers[1:]
    assert (layer.parameters, layer.is_text) == (True, False)


def test_file_parameters_are_noted() -> None:
    stack = release(helm("fileParameters: [{name: config, path: files/a.json}]"))
    assert stack.notes == ("The file parameter config is not evaluated.",)


def test_a_release_name_and_a_namespace_of_the_helm_section_win() -> None:
    stack = release(helm("releaseName: shop\nnamespace: other") + "destination: {namespace: web}")
    assert (stack.name, stack.release, stack.namespace) == ("web", "shop", "other")


def test_the_number_of_the_document_is_told() -> None:
    text = application("source: {path: plain}") + "---\n" + application(helm("values: 'a: 1'"))
    (stack,) = found({"apps.yaml": text, **CHART})
    assert stack.layers[1].document == 1
    assert stack.origin == "apps.yaml:8"


def test_the_build_environment_is_filled_in_where_the_manifest_says_it() -> None:
    section = (
        "valueFiles: [/env/$ARGOCD_APP_NAME.yaml, '/env/${ARGOCD_APP_NAMESPACE}.yaml', /env/$ARGOCD_APP_REVISION.yaml]"
    )
    stack = release(helm(section) + "destination: {namespace: shop}", "env/web.yaml", "env/shop.yaml")
    assert layers(stack)[1:] == ["env/web.yaml", "env/shop.yaml"]
    assert stack.missing == ("env/$ARGOCD_APP_REVISION.yaml",)


# Charts that are elsewhere


def test_a_packaged_chart_is_noted_and_its_values_still_count() -> None:
    stack = release(
        "source: {chart: redis, repoURL: https://charts.example, helm: {values: 'a: 1', valueFiles: [values.yaml]}}",
        "values.yaml",
    )
    assert stack.chart is None
    assert layers(stack) == ["apps/web.yaml#spec.source.helm.values"]
    assert stack.missing == ("values.yaml",)
    assert stack.notes == ("The chart redis of https://charts.example is not in the repository.",)


def test_a_folder_that_is_not_here_is_noted_if_it_is_a_helm_release() -> None:
    stack = release(helm("values: 'a: 1'", "charts/other"))
    assert (stack.chart, stack.notes) == (None, ("The chart charts/other is not in the repository.",))


# Several sources


SEVERAL = """
sources:
- {repoURL: https://charts.example, chart: redis, helm: {valueFiles: [$values/env/a.yaml, $other/env/b.yaml]}}
- {repoURL: https://git.example/fleet, path: charts/web, helm: {values: 'a: 1', valueFiles: [$values/env/a.yaml]}}
- {repoURL: https://git.example/fleet, ref: values}
source: {path: charts/ignored}
"""


def test_every_helm_source_is_a_release_and_refs_stand_for_the_root() -> None:
    first, second = found({"a.yaml": application(SEVERAL), **CHART, "env/a.yaml": "", "env/b.yaml": ""})
    assert (first.chart, layers(first)) == (None, ["env/a.yaml", "env/b.yaml"])
    assert "No source has the ref other." in first.notes
    assert second.layers == (
        Layer("charts/web/values.yaml"),
        Layer("env/a.yaml"),
        Layer("a.yaml", 0, ("spec", "sources", 1, "helm", "values"), is_text=True),
    )


def test_the_dry_source_of_the_hydrator_is_what_is_rendered() -> None:
    spec = "sourceHydrator: {drySource: {path: charts/web, helm: {values: 'a: 1'}}, syncSource: {path: env/dev}}"
    assert layers(release(spec))[1:] == ["apps/web.yaml#spec.sourceHydrator.drySource.helm.values"]


# Environments


def test_the_environment_is_that_of_the_highest_value_file_that_has_one() -> None:
    stack = release(
        helm("valueFiles: [/env/dev/a.yaml, /env/prod/a.yaml, b.yaml]"),
        "env/dev/a.yaml",
        "env/prod/a.yaml",
        "charts/web/b.yaml",
    )
    assert stack.environment == "prod"


def test_the_environment_is_else_that_of_the_manifest() -> None:
    (stack,) = found({"envs/qa/web.yaml": application("source: {path: charts/web}"), **CHART})
    assert stack.environment == "qa"


def test_a_release_declared_twice_is_given_once() -> None:
    text = application("source: {path: charts/web}")
    assert len(found({"a.yaml": text, "b.yaml": text, **CHART})) == 1


# Applications in the templates of a Helm chart

PARENT = {"parent/Chart.yaml": "name: parent\n", "env/dev.yaml": "", "env/prod.yaml": ""}


def test_what_the_chart_around_an_application_fills_in_is_bound_by_the_files_that_exist() -> None:
    text = application(helm("valueFiles: [../../env/{{ .Values.env }}.yaml]"), name="{{ .Values.env }}-web")
    first, second = found({"parent/templates/web.yaml": text, **PARENT, **CHART})
    assert [first.name, second.name] == ["dev-web", "prod-web"]
    assert layers(first) == ["charts/web/values.yaml", "env/dev.yaml"]


def test_an_application_in_a_chart_whose_paths_nothing_binds_is_no_release() -> None:
    for path in ("{{ .Values.path }}", "apps/{{ .Values.name }}", "{{ .path | default .name | quote }}"):
        text = application(helm("valueFiles: ['{{ .Values.file }}']", path))
        assert found({"parent/templates/web.yaml": text, **PARENT, **CHART}) == []


def test_an_application_in_a_chart_with_a_fixed_path_is_a_release() -> None:
    text = (
        "{{- if .Values.enabled }}\n"
        + application("source: {path: charts/web, repoURL: {{ .Values.repo }}}")
        + "{{- end }}\n"
    )
    (stack,) = found({"parent/templates/web.yaml": text, **PARENT, **CHART})
    assert stack.chart == "charts/web"


def test_a_template_in_inline_values_is_noted() -> None:
    text = application(helm("values: |\n  tag: {{ .Values.tag }}"))
    (stack,) = found({"parent/templates/web.yaml": text, **PARENT, **CHART})
    assert stack.notes == ("The inline values hold template expressions and are taken as they stand.",)


# Overrides beside the chart

TAG = "helm: {parameters: [{name: image.tag, value: v1, forceString: true}]}\n"


def test_overrides_beside_the_chart_replace_parameters_the_application_s_own_last() -> None:
    spec = helm("values: 'a: 1'\nparameters: [{name: a, value: b}]")
    shared, own = "charts/web/.argocd-source.yaml", "charts/web/.argocd-source-web.yaml"
    for files, winner in (({shared: TAG}, shared), ({own: TAG}, own), ({shared: TAG, own: TAG}, own)):
        assert release(spec, **files).layers[1:] == (
            Layer("apps/web.yaml", 0, ("spec", "source", "helm", "values"), is_text=True),
            Layer(winner, 0, ("helm", "parameters"), is_text=True, parameters=True),
        )


def test_overrides_may_name_other_value_files_and_put_a_values_object_above() -> None:
    text = "helm: {valueFiles: [b.yaml], valuesObject: {a: 2}, releaseName: shop}\n"
    spec = helm("valueFiles: [a.yaml]\nvaluesObject: {a: 1}")
    stack = release(spec, "charts/web/a.yaml", "charts/web/b.yaml", **{"charts/web/.argocd-source.yaml": text})
    assert layers(stack)[1:] == [
        "charts/web/b.yaml",
        "apps/web.yaml#spec.source.helm.valuesObject",
        "charts/web/.argocd-source.yaml#helm.valuesObject",
    ]
    assert stack.release == "shop"


@pytest.mark.parametrize("text", ["", "helm: 1\n", "[", "kustomize: {images: [a:b]}\n", "[helm]\n"])
def test_overrides_that_say_nothing_of_helm_are_none(text: str) -> None:
    assert layers(release("source: {path: charts/web}", **{"charts/web/.argocd-source.yaml": text})) == [
        "charts/web/values.yaml"
    ]


def test_overrides_of_another_application_are_none() -> None:
    assert len(release("source: {path: charts/web}", **{"charts/web/.argocd-source-api.yaml": TAG}).layers) == 1


def test_templates_that_make_a_manifest_unreadable_are_kept_where_they_stand() -> None:
    section = "valueFiles:\n- {{ .Values.root }}/env/{{ .Values.env }}.yaml\nvalues: |\n  tag: {{ .Values.tag }}"
    text = "{{- range .Values.apps }}\n" + application(helm(section)) + "{{- end }}\n"
    (stack,) = found(
        {"parent/templates/web.yaml": text, **CHART, "parent/Chart.yaml": "", "charts/web/a/env/dev.yaml": ""}
    )
    assert layers(stack)[:2] == ["charts/web/values.yaml", "charts/web/a/env/dev.yaml"]
    assert len(stack.notes) == 1


def test_anchors_and_merge_keys_are_followed() -> None:
    text = application(
        "common: &common {ignoreMissingValueFiles: true, valueFiles: &files [a.yaml]}\n"
        "sources:\n- {path: charts/web, helm: {<<: *common, releaseName: one}}\n"
        "- {path: charts/web, helm: {valueFiles: *files, releaseName: two, values: 'a: 1'}}"
    )
    one, two = found({"a.yaml": text, **CHART, "charts/web/a.yaml": ""})
    assert (one.release, two.release) == ("one", "two")
    assert one.paths == two.paths[:2] == ("charts/web/values.yaml", "charts/web/a.yaml")
