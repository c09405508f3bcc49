"""Charts in the repository: their subcharts, the order of their values, and the releases that they are."""

from __future__ import annotations

import pytest

from codemod.config import Config, Environment
from codemod.fleet.charts import (
    Chart,
    Dependency,
    chart_at,
    chart_layers,
    is_subchart,
    joined,
    releases,
    subcharts,
    unresolved,
)
from codemod.fleet.stack import Stack
from codemod.fleet.tree import Tree
from codemod.source import Source


def tree_of(files: dict[str, str]) -> Tree:
    sources = {path: Source(path, text.encode(), "yaml") for path, text in files.items()}
    return Tree(list(sources), sources.get)


def chart(name: str, *dependencies: str, kind: str = "application") -> str:
    """A `Chart.yaml`; a dependency is `name`, or `name key=value …`."""
    text = f"apiVersion: v2\nname: {name}\nversion: 1.0.0\ntype: {kind}\n"
    for number, dependency in enumerate(dependencies):
        own, *more = dependency.split()
        text += "dependencies:\n" * (number == 0) + f"- name: {own}\n"
        text += "".join(f"  {key}: {value}\n" for key, _, value in (part.partition("=") for part in more))
    return text


def folders_of(tree: Tree, folder: str) -> dict[str, str]:
    found = chart_at(tree, folder)
    assert found is not None
    return {".".join(map(str, place)): below for place, below in subcharts(tree, found).items()}


def stacks(files: dict[str, str], config: Config | None = None, used: tuple[str, ...] = ()) -> dict[str, Stack]:
    found = list(releases(tree_of(files), config or Config(), used))
    assert len({stack.name for stack in found}) == len(found)
    return {stack.name: stack for stack in found}


def names_beside(*paths: str) -> dict[str, str | None]:
    """The stacks of kind `values` of a chart with these files, and their environments."""
    found = stacks({"web/Chart.yaml": chart("web"), **{f"web/{path}": "a: 1\n" for path in paths}})
    return {name: stack.environment for name, stack in found.items() if stack.kind == "values"}


def test_a_folder_without_chart_yaml_is_no_chart() -> None:
    assert chart_at(tree_of({"web/values.yaml": ""}), "web") is None


@pytest.mark.parametrize(
    "text", ["", "- a\n", "name: [\n", "version: 1.0.0\n", "name:\n", "name: {a: b}\n", 'name: "{{ .x }}"\n', "\0"]
)
def test_a_chart_yaml_that_cannot_be_read_or_names_nothing_is_no_chart(text: str) -> None:
    assert chart_at(tree_of({"web/Chart.yaml": text}), "web") is None
    assert stacks({"web/Chart.yaml": text, "web/values-dev.yaml": "a: 1\n"}) == {}


def test_a_chart_is_an_application_unless_it_says_otherwise() -> None:
    found = chart_at(tree_of({"web/Chart.yaml": "name: web\nversion: 1.2.0\nappVersion: '3'\n"}), "web")
    assert found == Chart("web", "web", "1.2.0", "3", "application", ())


def test_a_dependency_with_all_that_it_can_say() -> None:
    text = """\
name: web
dependencies:
- name: redis
  alias: cache
  version: 17.x
  repository: https://charts.example.org
  condition: cache.enabled
  tags: [a, b]
  import-values: [data, {child: x, parent: y}]
"""
    found = chart_at(tree_of({"Chart.yaml": text}), "")
    assert found is not None
    assert found.dependencies == (
        Dependency(
            "redis",
            "cache",
            "17.x",
            "https://charts.example.org",
            "cache.enabled",
            ("a", "b"),
            ("data", ("x", "y")),
        ),
    )


@pytest.mark.parametrize("listed", ["redis", "{name: redis}", "[redis, [x], {alias: a}, {name: }]", "*nowhere"])
def test_dependencies_that_are_none_are_passed_over(listed: str) -> None:
    found = chart_at(tree_of({"Chart.yaml": f"name: web\ndependencies: {listed}\n"}), "")
    assert found is None or found.dependencies == ()


def test_requirements_yaml_replaces_the_dependencies() -> None:
    files = {"web/Chart.yaml": chart("web", "a"), "web/requirements.yaml": "dependencies:\n- name: b\n"}
    found = chart_at(tree_of(files), "web")
    assert found is not None
    assert [dependency.name for dependency in found.dependencies] == ["b"]


@pytest.mark.parametrize(
    ("folder", "path", "expected"),
    [
        ("a/b", "./c", "a/b/c"),
        ("a/b", "../c/", "a/c"),
        ("a", "..", ""),
        ("", "x//y", "x/y"),
        ("a", "../..", None),
        ("", "../x", None),
        ("a", "/x", None),
    ],
)
def test_paths_are_joined_and_never_leave_the_repository(folder: str, path: str, expected: str | None) -> None:
    assert joined(folder, path) == expected


def test_a_subchart_stands_under_its_alias_or_its_name_wherever_its_folder_is() -> None:
    tree = tree_of(
        {
            "apps/web/Chart.yaml": chart(
                "web", "redis alias=cache", "redis alias=queue", "lib repository=file://../../lib"
            ),
            "apps/web/charts/some-folder/Chart.yaml": chart("redis"),
            "lib/Chart.yaml": chart("lib", kind="library"),
        }
    )
    assert folders_of(tree, "apps/web") == {
        "cache": "apps/web/charts/some-folder",
        "queue": "apps/web/charts/some-folder",
        "lib": "lib",
    }


def test_an_unpacked_chart_that_nobody_declares_is_a_subchart_too() -> None:
    tree = tree_of({"Chart.yaml": chart("web"), "charts/db/Chart.yaml": chart("database")})
    assert folders_of(tree, "") == {"database": "charts/db"}


def test_an_unpacked_chart_is_taken_before_the_folder_that_the_repository_names() -> None:
    tree = tree_of(
        {
            "web/Chart.yaml": chart("web", "db repository=file://../db"),
            "web/charts/db/Chart.yaml": chart("db"),
            "db/Chart.yaml": chart("db"),
        }
    )
    assert folders_of(tree, "web") == {"db": "web/charts/db"}


@pytest.mark.parametrize("folder", ["_db", ".db"])
def test_folders_that_helm_ignores_are_no_subcharts(folder: str) -> None:
    tree = tree_of({"web/Chart.yaml": chart("web"), f"web/charts/{folder}/Chart.yaml": chart("db")})
    assert folders_of(tree, "web") == {}


def test_subcharts_of_subcharts_have_the_longer_place() -> None:
    tree = tree_of(
        {
            "web/Chart.yaml": chart("web", "a alias=x"),
            "web/charts/a/Chart.yaml": chart("a", "b repository=file://../../../b"),
            "b/Chart.yaml": chart("b"),
        }
    )
    assert folders_of(tree, "web") == {"x": "web/charts/a", "x.b": "b"}


def test_charts_that_depend_on_each_other_end_somewhere() -> None:
    tree = tree_of(
        {
            "a/Chart.yaml": chart("a", "b repository=file://../b"),
            "b/Chart.yaml": chart("b", "a repository=file://../a", "b repository=file://."),
        }
    )
    assert folders_of(tree, "a") == {"b": "b"}


def test_what_is_not_in_the_repository_is_said_of_subcharts_too() -> None:
    tree = tree_of(
        {
            "web/Chart.yaml": chart(
                "web", "redis alias=cache repository=oci://x/y", "db", "sub", "gone repository=file://../q"
            ),
            "web/charts/db-12.1.0.tgz": "",
            "web/charts/sub/Chart.yaml": chart("sub", "common"),
        }
    )
    found = chart_at(tree, "web")
    assert found is not None
    assert folders_of(tree, "web") == {"sub": "web/charts/sub"}
    assert unresolved(tree, found) == (
        "subchart cache (redis) is not in the repository but in oci://x/y",
        "subchart db is packed in web/charts/db-12.1.0.tgz",
        "subchart gone is not in the repository but in file://../q",
        "subchart common is not in the repository",
    )


def test_an_archive_of_a_longer_name_is_another_chart() -> None:
    tree = tree_of({"Chart.yaml": chart("web", "db"), "charts/db-tools-1.0.0.tgz": ""})
    found = chart_at(tree, "")
    assert found is not None
    assert unresolved(tree, found) == ("subchart db is not in the repository",)


def test_the_values_of_a_chart_are_those_of_its_subcharts_deepest_first_and_then_its_own() -> None:
    tree = tree_of(
        {
            "web/Chart.yaml": chart("web", "b alias=x", "a"),
            "web/values.yaml": "",
            "web/charts/a/Chart.yaml": chart("a"),
            "web/charts/a/values.yaml": "",
            "web/charts/a/charts/c/Chart.yaml": chart("c"),
            "web/charts/a/charts/c/values.yaml": "",
            "web/charts/b/Chart.yaml": chart("b"),
        }
    )
    assert [str(layer) for layer in chart_layers(tree, "web")] == [
        "web/charts/a/charts/c/values.yaml as a.c",
        "web/charts/a/values.yaml as a",
        "web/values.yaml",
    ]


def test_a_folder_that_is_no_chart_may_have_values() -> None:
    tree = tree_of({"web/values.yaml": "", "none/x": ""})
    assert [str(layer) for layer in chart_layers(tree, "web")] == ["web/values.yaml"]
    assert chart_layers(tree, "none") == ()


def test_a_chart_is_a_release_named_after_its_folder() -> None:
    found = stacks({"charts/web/Chart.yaml": chart("site", "db"), "charts/web/values.yaml": "a: 1\n"})
    (stack,) = found.values()
    assert (stack.name, stack.kind, stack.environment, stack.chart) == ("web", "chart", None, "charts/web")
    assert stack.paths == ("charts/web/values.yaml",)
    assert stack.origin == "charts/web/Chart.yaml"
    assert stack.notes == ("subchart db is not in the repository",)


def test_a_chart_at_the_root_is_called_what_it_calls_itself() -> None:
    found = stacks({"Chart.yaml": chart("web"), "values-dev.yaml": ""})
    assert {name: (stack.chart, stack.environment) for name, stack in found.items()} == {
        "web": ("", None),
        "web-dev": ("", "dev"),
    }


def test_a_library_is_no_release_and_neither_are_the_files_beside_it() -> None:
    assert stacks({"lib/Chart.yaml": chart("lib", kind="library"), "lib/values-dev.yaml": "a: 1\n"}) == {}


def test_a_subchart_below_charts_is_no_release_and_neither_are_the_files_beside_it() -> None:
    files = {
        "web/Chart.yaml": chart("web"),
        "web/charts/db/Chart.yaml": chart("db"),
        "web/charts/db/values-dev.yaml": "a: 1\n",
    }
    found = stacks(files)
    assert list(found) == ["web"]
    assert found["web"].subcharts == {("db",): "web/charts/db"}


def test_a_folder_called_charts_without_a_chart_above_holds_releases() -> None:
    assert list(stacks({"charts/a/Chart.yaml": chart("a"), "x/charts/b/Chart.yaml": chart("b")})) == ["a", "b"]
    assert not is_subchart(tree_of({"charts/a/Chart.yaml": ""}), "charts/a")


def test_a_local_dependency_outside_charts_is_a_release_as_well() -> None:
    files = {"web/Chart.yaml": chart("web", "db repository=file://../db"), "db/Chart.yaml": chart("db")}
    assert list(stacks(files)) == ["db", "web"]


def test_a_chart_that_another_release_renders_is_none_by_itself() -> None:
    files = {"web/Chart.yaml": chart("web"), "web/values-dev.yaml": "a: 1\n", "web/values-prod.yaml": "a: 1\n"}
    assert list(stacks(files, used=("web",))) == ["web-dev", "web-prod"]
    assert list(stacks(files, used=("web", "web/values-prod.yaml"))) == ["web-dev"]


@pytest.mark.parametrize(
    ("path", "name", "environment"),
    [
        ("values-dev.yaml", "web-dev", "dev"),
        ("values-prod-eu.yml", "web-prod-eu", "prod-eu"),
        ("values.dev.yaml", "web-dev", "dev"),
        ("values_dev.yaml", "web-dev", "dev"),
        ("dev-values.yaml", "web-dev", "dev"),
        ("dev.values.yaml", "web-dev", "dev"),
        ("values/dev.yaml", "web-dev", "dev"),
        ("values/values-dev.yaml", "web-dev", "dev"),
        ("env/dev.yaml", "web-dev", "dev"),
        ("envs/dev-values.yaml", "web-dev", "dev"),
        ("environments/values.dev.yaml", "web-dev", "dev"),
        ("environments/dev/values.yaml", "web-dev", "dev"),
        ("ci/tls-values.yaml", "web-ci-tls", "ci"),
    ],
)
def test_a_file_beside_a_chart_is_a_release_of_its_environment(path: str, name: str, environment: str) -> None:
    assert names_beside(path) == {name: environment}


@pytest.mark.parametrize(
    "path",
    [
        "values.yaml",
        "values.schema.json",
        "values.schema.yaml",
        "values-.yaml",
        "-values.yaml",
        "values-dev.yaml.tmpl",
        "templates/values-dev.yaml",
        "crds/dev.yaml",
        "ci/dev.yaml",
        "ct.yaml",
        "other/dev/values.yaml",
        "env/dev/more/values.yaml",
    ],
)
def test_other_files_beside_a_chart_are_no_releases(path: str) -> None:
    assert names_beside(path) == {}


def test_the_layers_of_an_environment_are_those_of_the_chart_and_the_file() -> None:
    files = {"web/Chart.yaml": chart("web"), "web/values.yaml": "", "web/values-dev.yaml": "a: 1\n"}
    stack = stacks(files)["web-dev"]
    assert (stack.paths, stack.chart) == (("web/values.yaml", "web/values-dev.yaml"), "web")
    assert stack.origin == "web/values-dev.yaml"


def test_the_configuration_names_the_environment_before_the_file_does() -> None:
    config = Config(environments={"staging": Environment(globs=("**/values-dev.yaml",))})
    found = stacks({"web/Chart.yaml": chart("web"), "web/values-dev.yaml": "a: 1\n"}, config)
    assert {name: stack.environment for name, stack in found.items()} == {"web": None, "web-dev": "staging"}


def test_files_in_folders_of_no_chart_are_no_releases() -> None:
    assert stacks({"web/values-dev.yaml": "a: 1\n", "web/values.yaml": ""}) == {}
