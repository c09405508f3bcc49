"""ApplicationSets: which Applications their generators make of the files, and what the files say of the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from codemod.config import Config
from codemod.fleet import argocd
from codemod.fleet.argocd import releases
from codemod.fleet.stack import Layer, Stack
from codemod.fleet.tree import Tree
from codemod.source import Source

CHARTS = {f"charts/{name}/{file}": "name: x\n" for name in ("web", "db") for file in ("Chart.yaml", "values.yaml")}


def found(files: Mapping[str, str]) -> list[Stack]:
    sources = {path: Source(path, text.encode(), "yaml") for path, text in files.items()}
    return list(releases(Tree(sources, sources.get), Config()))


def indented(text: str, by: int) -> str:
    return "".join(" " * by + line + "\n" for line in text.strip("\n").splitlines())


def applicationset(generators: str, *, name: str, path: str, helm: str = "", go: bool = True, more: str = "") -> str:
    """An ApplicationSet with one source; generators, helm section and further keys stand flush left in the test."""
    section = f"        helm:\n{indented(helm, 10)}" if helm else ""
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata:\n  name: set\nspec:\n"
        f"  goTemplate: {'true' if go else 'false'}\n  generators:\n{indented(generators, 2)}{indented(more, 2)}"
        f"  template:\n    metadata:\n      name: {name}\n    spec:\n      source:\n        path: {path}\n{section}"
        "      destination: {namespace: apps}\n"
    )


def stacks(generators: str, *, files: Mapping[str, str] | None = None, **more: str | bool) -> dict[str, Stack]:
    """The releases by name of an ApplicationSet beside two charts."""
    text = applicationset(generators, **{"name": "'{{ .name }}'", "path": "'charts/{{ .name }}'", **more})  # type: ignore[arg-type]
    result = found({"set.yaml": text, **CHARTS, **(files or {})})
    assert len({stack.name for stack in result}) == len(result)
    return {stack.name: stack for stack in result}


def flat(generators: str, *, files: Mapping[str, str] | None = None, **more: str | bool) -> dict[str, Stack]:
    """The same in fasttemplate."""
    return stacks(generators, files=files, **{"name": "'{{name}}'", "path": "'charts/{{name}}'", "go": False, **more})


def charts(result: Mapping[str, Stack]) -> dict[str, str | None]:
    return {name: stack.chart for name, stack in result.items()}


# The fleet that this is for

FLEET = {
    **{f"charts/apps/web/{file}": "" for file in ("Chart.yaml", "values.yaml")},
    "charts/db/Chart.yaml": "",
    "components/apps/web/component.yaml": "name: web\ndomain: apps\nchart: {path: charts/apps/web}\n",
    "components/data/db/component.yaml": "name: db\ndomain: data\nchart:\n  path: charts/db\n",
    "values/base/globals.yaml": "",
    "values/cluster/azure/globals.yaml": "",
    "values/env/dev/globals.yaml": "",
    "values/env/prod/globals.yaml": "",
    "values/_shared/apps/web.yaml": "",
    "values/_shared/data/db.yaml": "",
    "values/env/prod/apps/web.yaml": "",
}
FLEET_SET = """
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: fleet}
spec:
  goTemplate: true
  generators:
  - matrix:
      generators:
      - ENVIRONMENTS
      - git:
          repoURL: https://git.example/fleet
          files: [{path: "components/**/component.yaml"}]
  template:
    metadata: {name: "{{ .env }}-{{ .name }}"}
    spec:
      destination: {namespace: "{{ .env }}"}
      sources:
      - repoURL: https://git.example/fleet
        path: "{{ .chart.path }}"
        helm:
          ignoreMissingValueFiles: true
          valueFiles:
          - $values/values/base/globals.yaml
          - $values/values/cluster/{{ .clusterType }}/globals.yaml
          - $values/values/env/{{ .env }}/globals.yaml
          - $values/values/_shared/{{ .domain }}/{{ .name }}.yaml
          - $values/values/env/{{ .env }}/{{ .domain }}/{{ .name }}.yaml
      - {repoURL: https://git.example/fleet, ref: values}
"""
LISTED = "list: {elements: [{env: dev, clusterType: azure}, {env: prod, clusterType: local}]}"
READ = "git: {repoURL: https://git.example/fleet, files: [{path: environments/*.json}], pathParamPrefix: e}"
ENVIRONMENTS = {
    "environments/dev.json": '{"env": "dev", "clusterType": "azure"}',
    "environments/prod.json": '{"env": "prod", "clusterType": "local"}',
}


def fasttemplate(text: str) -> str:
    return text.replace("goTemplate: true", "goTemplate: false").replace("{{ .", "{{").replace(" }}", "}}")


def escaped(text: str) -> str:
    return text.replace("{{ .", "{{`{{ .").replace(" }}", " }}`}}")


@pytest.mark.parametrize("environments", [LISTED, READ], ids=["list", "git files"])
@pytest.mark.parametrize("spell", [str, fasttemplate, escaped], ids=["go", "fasttemplate", "in a Helm chart"])
def test_environments_and_components_make_every_release_with_its_layers_in_order(
    environments: str, spell: Callable[[str], str]
) -> None:
    text = spell(FLEET_SET).replace("ENVIRONMENTS", environments)
    where = "sets/templates/fleet.yaml" if spell is escaped else "sets/fleet.yaml"
    result = found({where: text, "sets/Chart.yaml": "", **FLEET, **ENVIRONMENTS})
    assert [stack.name for stack in result] == ["dev-web", "dev-db", "prod-web", "prod-db"]
    assert [stack.environment for stack in result] == ["dev", "dev", "prod", "prod"]
    assert all(stack.notes == () for stack in result)
    assert result[0] == Stack(
        "dev-web",
        "dev",
        tuple(
            map(
                Layer,
                (
                    "charts/apps/web/values.yaml",
                    "values/base/globals.yaml",
                    "values/cluster/azure/globals.yaml",
                    "values/env/dev/globals.yaml",
                    "values/_shared/apps/web.yaml",
                ),
            )
        ),
        ("values/env/dev/apps/web.yaml",),
        "charts/apps/web",
        (),
        f"{where}:2",
        "applicationset",
        "dev-web",
        "dev",
        has_namespace=True,
    )
    assert result[3].chart == "charts/db"
    assert result[3].missing == ("values/cluster/local/globals.yaml", "values/env/prod/data/db.yaml")


def test_environments_that_only_a_cluster_knows_are_bound_by_the_files_that_exist() -> None:
    text = FLEET_SET.replace("ENVIRONMENTS", "clusters: {}")
    result = {stack.name: stack for stack in found({"fleet.yaml": text, **FLEET})}
    assert list(result) == ["dev-web", "prod-web", "dev-db", "prod-db"]
    assert result["prod-web"].paths[1:] == (
        "values/base/globals.yaml",
        "values/cluster/azure/globals.yaml",
        "values/env/prod/globals.yaml",
        "values/_shared/apps/web.yaml",
        "values/env/prod/apps/web.yaml",
    )
    assert result["prod-web"].notes == ("The clusters generator cannot be evaluated from files.",)


# Lists

LIST = "- list: {elements: [{name: web}, {name: db}]}"


def test_a_list_makes_a_release_of_each_element() -> None:
    assert charts(stacks(LIST)) == charts(flat(LIST)) == {"web": "charts/web", "db": "charts/db"}


def test_generators_add_up() -> None:
    assert list(stacks("- list: {elements: [{name: web}]}\n- list: {elements: [{name: db}]}")) == ["web", "db"]


@pytest.mark.parametrize("generators", ["- list: {elements: []}", "- list: {}", "- {}", "- null", "- 1", "[]"])
def test_generators_that_make_nothing_make_no_release(generators: str) -> None:
    assert stacks(generators) == {}


def test_generators_that_are_no_list_are_noted() -> None:
    text = applicationset("", name="web", path="charts/web").replace("generators:", "generators: 1")
    (stack,) = found({"set.yaml": text, **CHARTS})
    assert (stack.chart, stack.notes) == ("charts/web", ("The generators are not a list.",))


def test_values_inside_an_element_are_parameters() -> None:
    generator = "- list: {elements: [{values: {name: web}}]}"
    assert charts(stacks(generator, name="a", path="'charts/{{ .values.name }}'")) == {"a": "charts/web"}
    assert charts(flat(generator, name="a", path="'charts/{{ values.name }}'")) == {"a": "charts/web"}


def test_elements_as_text_are_elements() -> None:
    assert list(stacks("- list:\n    elementsYaml: |\n      - {name: web}\n      - name: db")) == ["web", "db"]


def test_elements_as_a_text_that_cannot_be_evaluated_are_noted() -> None:
    (stack,) = stacks("- list: {elementsYaml: '{{ .apps | toJson }}'}", path="charts/web").values()
    assert stack.notes == ("The list generator's elementsYaml cannot be evaluated.",)


@pytest.mark.parametrize(
    ("number", "text"), [("1.10", "1.1"), ("7", "7"), ("'007'", "007"), ("1234567", "1.234567e+06"), ("true", "true")]
)
def test_scalars_are_printed_as_go_prints_what_json_has_of_them(number: str, text: str) -> None:
    generator = f"- list: {{elements: [{{name: web, version: {number}}}]}}"
    assert list(stacks(generator, name="'v{{ .version }}'")) == [f"v{text}"]


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("{matchLabels: {tier: front}}", ["web"]),
        ("{matchLabels: {tier: other}}", []),
        ("{matchExpressions: [{key: tier, operator: In, values: [front, back]}]}", ["web", "db"]),
        ("{matchExpressions: [{key: tier, operator: NotIn, values: [front]}]}", ["db"]),
        ("{matchExpressions: [{key: labels.a, operator: Exists}]}", ["web"]),
        ("{matchExpressions: [{key: labels.a, operator: DoesNotExist}]}", ["db"]),
    ],
)
def test_a_selector_takes_the_sets_whose_flat_parameters_it_matches(selector: str, names: list[str]) -> None:
    elements = "[{name: web, tier: front, labels: {a: b}}, {name: db, tier: back}]"
    assert list(stacks(f"- list: {{elements: {elements}}}\n  selector: {selector}")) == names


def test_a_selector_is_no_reason_against_a_set_that_does_not_say() -> None:
    generator = "- clusters: {values: {tier: front}}\n  selector: {matchLabels: {LABEL}}"
    for label, number in (("env: dev", 1), ("values.tier: front", 1), ("values.tier: back", 0)):
        assert len(stacks(generator.replace("LABEL", label), name="a", path="charts/web")) == number


# Git files

APPS = {
    "apps/web/config.yaml": "name: web\nowner: {team: a}\n",
    "apps/data/db/config.yaml": "name: db\n",
    "apps/web/config.json.txt": "name: nothing\n",
}


def git(kind: str, *paths: str, more: str = "") -> str:
    return f"- git: {{repoURL: x, {kind}: [{', '.join(paths)}]{more}}}"


def test_files_are_matched_as_git_matches_a_pathspec() -> None:
    for path in (
        "apps/*/config.yaml",
        "apps/**/config.yaml",
        "apps/*.yaml",
        "apps/*config.?aml",
        "./apps/*/c[o]nfig.yaml",
    ):
        assert list(stacks(git("files", f"{{path: '{path}'}}"), files=APPS)) == ["db", "web"]
    assert list(stacks(git("files", "{path: apps/web/config.yaml}"), files=APPS)) == ["web"]


def test_files_that_are_excluded_are_none_whatever_the_order() -> None:
    paths = ["{path: 'apps/**/config.yaml'}", "{path: 'apps/data/*', exclude: true}"]
    for given in (paths, paths[::-1]):
        assert list(stacks(git("files", *given), files=APPS)) == ["web"]


def test_a_file_says_where_it_is() -> None:
    name = "'{{ .path.path }}|{{ .path.basename }}|{{ index .path.segments 1 }}|{{ .path.filename }}'"
    assert list(stacks(git("files", "{path: apps/data/*}"), files=APPS, name=name)) == [
        "apps/data/db|db|data|config.yaml"
    ]
    name = "'{{path}}|{{path.basename}}|{{path[1]}}|{{path.filename}}|{{path.filenameNormalized}}'"
    assert list(flat(git("files", "{path: apps/data/*}"), files=APPS, name=name)) == [
        "apps/data/db|db|data|config.yaml|config.yaml"
    ]


def test_the_path_parameters_may_have_a_prefix() -> None:
    generator = git("files", "{path: apps/data/*}", more=", pathParamPrefix: my")
    assert list(stacks(generator, files=APPS, name="'{{ .my.path.basename }}'")) == ["db"]
    assert list(flat(generator, files=APPS, name="'{{my.path[0]}}'")) == ["apps"]


def test_a_file_of_a_list_makes_a_release_of_each_map() -> None:
    assert list(stacks(git("files", "{path: a.json}"), files={"a.json": '[{"name": "web"}, {"name": "db"}]'})) == [
        "web",
        "db",
    ]


def test_nested_maps_and_lists_are_flat_in_fasttemplate() -> None:
    files = {"a.yaml": "name: web\nowner: {teams: [p, q]}\n"}
    assert list(flat(git("files", "{path: a.yaml}"), files=files, name="'{{owner.teams.1}}'")) == ["q"]


def test_a_file_that_cannot_be_read_is_noted() -> None:
    (stack,) = stacks(git("files", "{path: a/web.yaml}"), files={"a/web.yaml": "a: [\n"}, path="charts/web").values()
    assert stack.notes == ("a/web.yaml cannot be read.",)


def test_the_generator_s_own_values_may_use_what_it_found() -> None:
    generator = git(
        "files", "{path: apps/web/*.yaml}", more=", values: {where: '{{ .path.basename }}-x', who: '{{ .none }}'}"
    )
    assert list(stacks(generator, files=APPS, name="'{{ .values.where }}'")) == ["web-x"]


def test_files_that_are_not_here_may_be_in_another_repository() -> None:
    (web, db) = stacks(git("files", "{path: 'other/*.yaml'}")).values()
    assert [web.chart, db.chart] == ["charts/db", "charts/web"]
    note = "The git generator finds nothing here for `other/*.yaml`: it may read another repository."
    assert web.notes == db.notes == (note,)


# Git directories


def test_directories_are_matched_segment_by_segment() -> None:
    files = {"charts/web/templates/a.yaml": "", "charts/.hidden/Chart.yaml": "", "charts/x.yaml": ""}
    more = {"name": "'{{ .path.basename }}'", "path": "'{{ .path.path }}'"}
    assert charts(stacks(git("directories", "{path: 'charts/*'}"), files=files, **more)) == {
        "db": "charts/db",
        "web": "charts/web",
    }
    assert stacks(git("directories", "{path: '*'}"), files=files, **more) == {}


def test_a_directory_that_is_excluded_is_none() -> None:
    generator = git("directories", "{path: 'charts/*'}", "{path: 'charts/[d]*', exclude: true}")
    assert charts(flat(generator, name="'{{path.basename}}'", path="'{{path}}'")) == {"web": "charts/web"}


@pytest.mark.parametrize("path", ["charts/[z-a]*", "[", ""])
def test_a_glob_that_is_none_matches_nothing(path: str) -> None:
    (stack,) = stacks(git("directories", f"{{path: '{path}'}}"), name="a", path="charts/web").values()
    assert "may read another repository" in stack.notes[0]


# Matrix and merge


def matrix(one: str, other: str) -> str:
    return f"- matrix:\n    generators:\n{indented(one, 4)}{indented(other, 4)}"


def test_the_second_child_of_a_matrix_may_use_what_the_first_one_says() -> None:
    files = {"env/dev/web.yaml": "name: web\n", "env/prod/db.yaml": "name: db\n"}
    one, other = "- list: {elements: [{env: dev}, {env: prod}]}", git("files", "{path: 'env/{{ .env }}/*.yaml'}")
    assert list(stacks(matrix(one, other), files=files, name="'{{ .env }}-{{ .name }}'")) == ["dev-web", "prod-db"]


def test_of_a_matrix_with_go_templates_the_first_child_wins() -> None:
    generator = matrix("- list: {elements: [{name: web, a: {b: 1}}]}", "- list: {elements: [{name: db, a: {c: 2}}]}")
    assert list(stacks(generator, name="'{{ .name }}{{ .a.b }}{{ .a.c }}'")) == ["web12"]


def test_a_matrix_that_says_one_thing_twice_in_fasttemplate_is_noted() -> None:
    (stack,) = flat(matrix("- list: {elements: [{name: web}]}", "- list: {elements: [{name: db}]}")).values()
    assert stack.notes == ("Both generators of a matrix say what name is: Argo CD refuses that.",)


def test_a_matrix_may_hold_a_matrix() -> None:
    inner = matrix("- list: {elements: [{a: x}]}", "- list: {elements: [{b: p}, {b: q}]}")
    assert list(stacks(matrix("- list: {elements: [{name: web}]}", inner), name="'{{ .name }}{{ .a }}{{ .b }}'")) == [
        "webxp",
        "webxq",
    ]


@pytest.mark.parametrize("children", ["[]", "[{list: {}}]", "[1, 2, 3]", "no"])
def test_a_matrix_without_two_children_is_noted(children: str) -> None:
    (stack,) = stacks(f"- matrix: {{generators: {children}}}", name="a", path="charts/web").values()
    assert stack.notes == ("The matrix generator needs two children.",)


def test_an_unknown_parameter_in_a_git_path_is_bound_by_what_is_found() -> None:
    files = {"clusters/eu/web.yaml": "name: web\n", "clusters/us/db.yaml": "name: db\n"}
    generator = matrix("- clusters: {}", git("files", "{path: 'clusters/{{ .cluster }}/*.yaml'}"))
    assert list(stacks(generator, files=files, name="'{{ .cluster }}-{{ .name }}'")) == ["eu-web", "us-db"]


def test_an_unknown_parameter_that_comes_twice_in_a_git_path_is_one_text() -> None:
    files = {"clusters/eu/eu.yaml": "name: web\n", "clusters/us/eu.yaml": "name: db\n"}
    generator = matrix("- clusters: {}", git("files", "{path: 'clusters/{{ .cluster }}/{{ .cluster }}.yaml'}"))
    assert list(stacks(generator, files=files, name="'{{ .cluster }}-{{ .name }}'")) == ["eu-web"]


MERGE = """
- merge:
    mergeKeys: [name]
    generators:
    - list: {elements: [{name: web, size: s}, {name: db, size: s}]}
    - list: {elements: [{name: db, size: l}, {name: other, size: l}]}
"""


def test_a_merge_overrides_the_sets_that_have_the_same_keys_and_adds_none() -> None:
    assert list(stacks(MERGE, name="'{{ .name }}-{{ .size }}'")) == ["web-s", "db-l"]
    assert list(flat(MERGE, name="'{{name}}-{{size}}'")) == ["web-s", "db-l"]


def test_a_merge_with_what_cannot_be_evaluated_keeps_the_base_and_is_noted() -> None:
    generator = MERGE.replace("- list: {elements: [{name: db, size: l}, {name: other, size: l}]}", "- clusters: {}")
    result = stacks(generator, name="'{{ .name }}-{{ .size }}'")
    assert list(result) == ["web-s", "db-s"]
    assert result["web-s"].notes == ("The clusters generator cannot be evaluated from files.",)


def test_a_merge_without_keys_is_noted() -> None:
    (stack,) = stacks(MERGE.replace("[name]", "[]"), name="a", path="charts/web").values()
    assert stack.notes == ("The merge generator needs two children and merge keys.",)


# What files cannot evaluate


@pytest.mark.parametrize("kind", ["clusters", "clusterDecisionResource", "scmProvider", "pullRequest", "plugin"])
def test_a_generator_that_asks_elsewhere_is_noted_and_the_charts_say_what_there_is(kind: str) -> None:
    result = stacks(f"- {kind}: {{}}")
    assert charts(result) == {"db": "charts/db", "web": "charts/web"}
    assert result["db"].notes == (f"The {kind} generator cannot be evaluated from files.",)


def test_a_generator_that_nobody_knows_is_noted() -> None:
    assert stacks("- horoscope: {}", name="a", path="charts/web")["a"].notes == ("The horoscope generator is unknown.",)


def test_the_values_of_a_cluster_generator_are_known() -> None:
    generator = "- clusters: {values: {chart: web}}"
    assert charts(stacks(generator, name="a", path="'charts/{{ .values.chart }}'")) == {"a": "charts/web"}
    assert charts(flat(generator, name="a", path="'charts/{{values.chart}}'")) == {"a": "charts/web"}


FILES = {"env/dev/web.yaml": "", "env/prod/web.yaml": "", "env/dev/globals.yaml": "", "env/prod/db.yaml": ""}


def test_captures_bind_to_one_text_over_chart_and_value_files() -> None:
    files = "['/env/{{ .env }}/globals.yaml', '/env/{{ .env }}/{{ .name }}.yaml']"
    helm = f"ignoreMissingValueFiles: true\nvalueFiles: {files}"
    result = stacks("- clusters: {}", helm=helm, name="'{{ .env }}-{{ .name }}'", files=FILES)
    assert list(result) == ["dev-db", "dev-web", "prod-db", "prod-web"]
    assert result["dev-web"].environment == "dev"
    assert result["dev-web"].paths == ("charts/web/values.yaml", "env/dev/globals.yaml", "env/dev/web.yaml")


def test_a_binding_under_which_a_file_that_must_exist_is_missing_is_none() -> None:
    helm = "valueFiles: ['/env/{{ .env }}/{{ .name }}.yaml']"
    result = stacks("- clusters: {}", helm=helm, name="'{{ .env }}-{{ .name }}'", files=FILES)
    assert list(result) == ["dev-web", "prod-db", "prod-web"]


def test_a_pattern_that_no_file_matches_is_missing_and_says_nothing() -> None:
    helm = "ignoreMissingValueFiles: true\nvalueFiles: ['/region/{{ .region }}.yaml']"
    result = stacks("- clusters: {}", helm=helm)
    assert list(result) == ["db", "web"]
    assert result["web"].missing == ("region/{region}.yaml",)
    assert result["web"].notes[-1] == "Nothing says what region is in its value files."


def test_a_path_that_is_nothing_but_a_parameter_fits_no_chart() -> None:
    (stack,) = stacks("- clusters: {}", path="'{{ .path }}'", name="a").values()
    assert (stack.chart, stack.notes[-1]) == (None, "The chart's path {path} cannot be evaluated.")


@pytest.mark.parametrize(
    "file", ["{{ .file }}", "{{ .a }}/{{ .b }}", "{{ .a }}.yaml", "/env/{{ .a }}{{ .b }}/web.yaml"]
)
def test_a_value_file_that_is_nothing_but_parameters_fits_no_file(file: str) -> None:
    (stack,) = stacks(
        "- clusters: {}", path="charts/web", helm=f"valueFiles: ['{file}']", files=FILES, name="a"
    ).values()
    assert stack.paths == ("charts/web/values.yaml",)


def test_a_value_file_with_a_base_path_of_the_cluster_is_found_in_folders_too() -> None:
    helm = "ignoreMissingValueFiles: true\nvalueFiles: ['/{{ .base.repo_basepath }}env/{{ .env }}/web.yaml']"
    for folder in ("", "gitops/fleet/"):
        files = {f"{folder}env/dev/web.yaml": ""}
        (stack,) = stacks("- clusters: {}", path="charts/web", helm=helm, files=files, name="'{{ .env }}'").values()
        assert stack.paths == ("charts/web/values.yaml", f"{folder}env/dev/web.yaml")


def test_the_environment_may_be_a_label_of_the_cluster() -> None:
    helm = "valueFiles: ['/env/{{ index .metadata.labels \"env\" }}/globals.yaml']"
    (stack,) = stacks(
        "- clusters: {}", path="charts/web", helm=helm, files=FILES, name="'{{ .metadata.labels.env }}'"
    ).values()
    assert (stack.name, stack.environment) == ("dev", "dev")


def test_a_generator_s_own_template_is_noted() -> None:
    (stack,) = stacks("- list: {elements: [{name: web}], template: {spec: {project: a}}}").values()
    assert stack.notes == ("The template of the list generator is not evaluated.",)


def patch(text: str) -> str:
    return f"templatePatch: |\n{indented(text, 2)}"


PATCH = """
spec:
  source:
    helm:
      valueFiles:
      {{- range .files }}
      - {{ . }}
      {{- end }}
"""


def test_a_template_patch_may_give_each_application_its_own_value_files() -> None:
    generator = "- list: {elements: [{name: web, files: [/a.yaml, /b.yaml]}, {name: db, files: []}]}"
    files = {"a.yaml": "", "b.yaml": "", "c.yaml": ""}
    result = stacks(generator, more=patch(PATCH), files=files, helm="values: 'a: 1'\nvalueFiles: [/c.yaml]")
    assert [str(layer) for layer in result["web"].layers] == [
        "charts/web/values.yaml",
        "a.yaml",
        "b.yaml",
        "set.yaml#spec.template.spec.source.helm.values",
    ]
    assert "c.yaml" not in result["db"].paths


def test_a_template_patch_may_name_the_application_and_take_a_section_away() -> None:
    text = "metadata: {name: '{{ .name }}-patched'}\nspec: {source: {helm: null}}"
    result = stacks(LIST, more=patch(text), helm="values: 'a: 1'")
    assert {name: stack.paths for name, stack in result.items()} == {
        "web-patched": ("charts/web/values.yaml",),
        "db-patched": ("charts/db/values.yaml",),
    }


@pytest.mark.parametrize(
    "text",
    [
        "spec: {source: {helm: {releaseName: x, values: 'a: 1'}}}",
        "spec: {sources: [{path: charts/web, helm: {releaseName: x, parameters: [{name: a, value: b}]}}]}",
    ],
)
def test_inline_values_of_a_template_patch_are_noted(text: str) -> None:
    (stack,) = stacks(LIST.replace(", {name: db}", ""), more=patch(text)).values()
    assert (stack.release, stack.paths) == ("x", ("charts/web/values.yaml",))
    assert stack.notes == ("The inline values of the templatePatch are not evaluated.",)


@pytest.mark.parametrize("text", ["{{ if }}", "[a]", "a", "{{ .none }}: a", "a: ["])
def test_a_template_patch_that_cannot_be_evaluated_is_noted(text: str) -> None:
    (stack,) = stacks(LIST.replace(", {name: db}", ""), more=patch(text)).values()
    assert (stack.chart, stack.notes) == ("charts/web", ("The templatePatch cannot be evaluated.",))


@pytest.mark.parametrize("text", ["spec: 1", "spec: {source: 1}", "spec: {sources: 1}", "spec: {source: {helm: 1}}"])
def test_a_malformed_template_patch_is_no_failure(text: str) -> None:
    assert set(charts(stacks(LIST, more=patch(text))).values()) <= {"charts/web", "charts/db", None}


# Templates


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ .name }}", "web"),
        ("{{.name}}", "web"),
        ("a-{{- .name -}} -b", "a-web-b"),
        ("{{ index .list 1 }}", "q"),
        ('{{ index .map "a-b" }}', "c"),
        ('{{ default "x" .none }}', "x"),
        ('{{ .none | default "x" | upper }}', "X"),
        ("{{ .map.none | default .name }}", "web"),
        ("{{ lower (upper .name) }}", "web"),
        ('{{ printf "%s-%v" .name .size }}', "web-2"),
        ('{{ .name | replace "e" "o" | trimSuffix "b" }}', "wo"),
        ('{{ splitList "-" "a-b" | last }}', "b"),
        ('{{ normalize "A_b" }}', "a-b"),
        ("{{ $.name }}", "web"),
        ("{{ if .none }}a{{ else if eq .name `web` }}b{{ end }}", "b"),
        ("{{ range .list }}{{ . }}{{ end }}", "pq"),
        ("{{ $x := .name }}{{ $x }}", "web"),
        ("{{ with .map }}{{ index . `a-b` }}{{ end }}", "c"),
        ('{{ regexReplaceAll "b$" .name "x" }}', "wex"),
        ("{{ .map }}", "map[a-b:c]"),
    ],
)
def test_pipelines_are_evaluated(template: str, text: str) -> None:
    generator = "- list: {elements: [{name: web, list: [p, q], map: {a-b: c}, size: 2}]}"
    name = "'" + template + "'"
    assert list(stacks(generator, name=name)) == [text]


@pytest.mark.parametrize(
    "template",
    [
        "{{ .none }}",
        "{{ .name.none }}",
        "{{ index .list 9 }}",
        "{{ index .list -1 }}",
        "{{ index .list .name }}",
        "{{ unknown .name }}",
        "{{ upper .size }}",
        "{{ lower }}",
        "{{ .name .name }}",
        "{{ .name | }}",
        "{{ (.name }}",
        "{{ }}",
        "{{ ; }}",
        "{{ now }}",
        "{{ normalize .size }}",
        "{{ if .name }}",
        "{{ range $i := until 1000000 }}a{{ end }}",
    ],
)
def test_what_cannot_be_evaluated_is_no_path(template: str) -> None:
    generator = "- list: {elements: [{name: web, list: [p, q], map: {a: c}, size: 2}]}"
    (stack,) = stacks(generator, name="a", path=f"'{template}'").values()
    assert stack.chart is None
    assert "cannot be evaluated" in stack.notes[0]


@pytest.mark.parametrize(
    ("template", "chart"),
    [
        ('{{ if eq .env "prod" }}web{{ else }}db{{ end }}', None),
        ('{{ default "web" .env }}', None),
        ('{{ default "web" .values.env }}', None),
        ("{{ if .values.name }}{{ .values.name }}{{ end }}", "charts/web"),
        ("{{ range .regions }}{{ . }}{{ end }}", None),
    ],
)
def test_what_depends_on_what_only_a_cluster_knows_is_not_evaluated(template: str, chart: str | None) -> None:
    result = stacks("- clusters: {values: {name: web}}", name="a", path=f"'{template}/x'")
    path = f"'{{{{ $x := `` }}}}charts/{template}'"
    (stack,) = stacks("- clusters: {values: {name: web}}", name="a", path=path).values()
    assert (stack.chart, len(result)) == (chart, 0 if chart else 1)


def test_a_key_that_fasttemplate_does_not_know_stays() -> None:
    (stack,) = flat(
        LIST.replace(", {name: db}", ""), path="'charts/{{name}}'", helm="valueFiles: ['{{ .name }}.yaml']"
    ).values()
    assert stack.missing == ("charts/web/{name}.yaml",)


def test_a_parameter_that_only_other_applications_have_is_bound_by_no_file() -> None:
    files = {"region/eu.yaml": "", "region/us.yaml": ""}
    elements = "- list: {elements: [{name: web}, {name: db, region: eu}]}"
    go = stacks(elements, helm="valueFiles: ['/region/{{ .region }}.yaml']", files=files)
    fast = flat(elements, helm="valueFiles: ['/region/{{region}}.yaml']", files=files)
    assert go["db"].paths == fast["db"].paths == ("charts/db/values.yaml", "region/eu.yaml")
    assert (go["web"].missing, fast["web"].missing) == (("region/<no value>.yaml",), ("region/{{region}}.yaml",))


def test_a_parameter_that_no_application_has_is_bound_by_the_files_that_exist() -> None:
    files = {"region/eu.yaml": "", "region/us.yaml": ""}
    text = applicationset(
        "- list: {elements: [{a: b}]}",
        name="'web-{{ .region }}'",
        path="charts/web",
        helm="valueFiles: ['/region/{{ .region }}.yaml']",
    )
    assert [stack.name for stack in found({"set.yaml": text, **CHARTS, **files})] == ["web-eu", "web-us"]


def test_templates_in_inline_values_are_noted() -> None:
    (stack,) = stacks("- list: {elements: [{name: web}]}", helm="valuesObject: {image: {tag: '{{ .tag }}'}}").values()
    assert stack.layers[1] == Layer("set.yaml", 0, ("spec", "template", "spec", "source", "helm", "valuesObject"))
    assert stack.notes == ("The inline values hold template expressions and are taken as they stand.",)


# In a Helm chart


@pytest.mark.parametrize("spelling", ["{{`{{ .name }}`}}", "{{ `{{ .name }}` }}", '{{ "{{" }} .name {{ "}}" }}'])
def test_escapes_of_a_helm_chart_are_the_applicationset_s_own_templates(spelling: str) -> None:
    text = applicationset(LIST, name=f"'{spelling}-{{{{ .Release.Name }}}}'", path=f"'charts/{spelling}'")
    result = found({"sets/Chart.yaml": "", "sets/templates/set.yaml": text, **CHARTS})
    assert [(stack.name, stack.chart) for stack in result] == [
        ("web-{Release.Name}", "charts/web"),
        ("db-{Release.Name}", "charts/db"),
    ]


def test_an_element_that_a_helm_chart_fills_in_is_bound_by_the_files_that_exist() -> None:
    text = applicationset(
        "- list: {elements: [{name: '{{ .Values.app }}'}]}",
        name="'{{`{{ .name }}`}}'",
        path="'charts/{{`{{ .name }}`}}'",
    )
    result = found({"sets/Chart.yaml": "", "sets/templates/set.yaml": text, **CHARTS})
    assert [stack.name for stack in result] == ["db", "web"]


def test_an_applicationset_in_a_helm_chart_that_nothing_binds_is_no_release() -> None:
    text = applicationset("- list: {elements: [{a: b}]}", name="a", path="'{{ .Values.path }}'")
    assert found({"sets/Chart.yaml": "", "sets/templates/set.yaml": text, **CHARTS}) == []


# Limits


def test_releases_beyond_the_limit_are_left_out_and_the_last_one_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(argocd, "STACKS_MAX", 3)
    elements = ", ".join(f"{{n: '{number}'}}" for number in range(5))
    result = stacks(f"- list: {{elements: [{elements}]}}", name="'a{{ .n }}'", path="charts/web")
    assert list(result) == ["a0", "a1", "a2"]
    assert [stack.notes for stack in result.values()] == [
        (),
        (),
        ("There are more than 3 releases; the others are left out.",),
    ]


def test_as_many_releases_as_the_limit_are_all_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(argocd, "STACKS_MAX", 2)
    assert all(stack.notes == () for stack in stacks(LIST).values())


def test_value_files_that_are_each_about_something_else_make_no_endless_work() -> None:
    files = {f"f{number}/a.yaml": "" for number in range(30)}
    paths = ", ".join(f"'/f{number}/{{{{ .x{number} }}}}.yaml'" for number in range(30))
    (stack,) = stacks(
        "- clusters: {}", path="charts/web", helm=f"valueFiles: [{paths}]", files=files, name="a"
    ).values()
    assert len(stack.paths) == 31


def test_aliases_that_multiply_make_no_endless_work() -> None:
    lines = ["a0: &a0 {name: web}", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))]
    text = "\n".join(lines) + "\n" + applicationset(LIST, name="a", path="charts/web")
    assert len(found({"set.yaml": text, **CHARTS})) <= 2


def test_functions_of_what_the_files_bound_are_evaluated_with_it() -> None:
    files = {"env/Dev/a.yaml": "", "env/Prod/a.yaml": "", "low/dev.yaml": "", "low/prod.yaml": ""}
    helm = "valueFiles: ['/env/{{ .env }}/a.yaml', '/low/{{ .env | lower }}.yaml']"
    result = stacks("- clusters: {}", path="charts/web", helm=helm, files=files, name="'{{ .env | lower }}-web'")
    assert {name: stack.paths[1:] for name, stack in result.items()} == {
        "dev-web": ("env/Dev/a.yaml", "low/dev.yaml"),
        "prod-web": ("env/Prod/a.yaml", "low/prod.yaml"),
    }


def test_a_function_of_what_the_files_bound_may_name_a_missing_file() -> None:
    helm = "ignoreMissingValueFiles: true\nvalueFiles: ['/env/{{ .env }}/a.yaml', '/low/{{ .env | lower }}.yaml']"
    (stack,) = stacks("- clusters: {}", path="charts/web", helm=helm, files={"env/Dev/a.yaml": ""}, name="a").values()
    assert (stack.missing, stack.notes[1:]) == (("low/dev.yaml",), ())


@pytest.mark.parametrize(
    ("name", "release"),
    [
        ("'web-{{name}}'", "web-name"),
        ("'{{metadata.labels.Region}}-web'", "metadata-labels-region-web"),
        ("'{{name}}-" + "a" * 60 + "'", "name-" + "a" * 48),
        ("web", "web"),
    ],
)
def test_a_release_whose_name_only_a_cluster_knows_has_one_that_helm_takes(name: str, release: str) -> None:
    files = {
        "set.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s}\nspec:\n"
        "  generators: [{clusters: {}}]\n"
        f"  template: {{metadata: {{name: {name}}}, spec: {{source: {{path: charts/web}}, "
        "destination: {namespace: '{{name}}'}}}\n",
        "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "charts/web/values.yaml": "a: 1\n",
    }
    (stack,) = (one for one in found(files) if one.kind == "applicationset")
    assert (stack.release, stack.namespace) == (release, "name")
