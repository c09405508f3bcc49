"""Charts executed: which of their templates are, and how often what does not change is read."""

from collections.abc import Mapping

import pytest

from codemod.charts.interpret import Interpreter
from codemod.config import Config
from codemod.fleet import Fleet, build
from codemod.fleet.charts import releases
from codemod.fleet.render import Renderer, changes_values
from codemod.fleet.scalars import Plain
from codemod.fleet.tree import Tree
from codemod.source import Source

DIGEST = f"sha256:{'a' * 64}"
CHART = {
    "web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "web/values.yaml": "image:\n  repository: ghcr.io/acme/web\n  tag: v1\n",
    "web/templates/a.yaml": "kind: A\n",
    "web/templates/b.yaml": "image: {{ .Values.image.repository }}:{{ .Values.image.tag }}\n",
}


def tree(files: Mapping[str, str]) -> Tree:
    return Tree(files, lambda path: Source(path, files[path].encode(), "yaml") if path in files else None)


def printed(files: Mapping[str, str], only: tuple[str, ...] | None) -> dict[str, str]:
    found = tree(files)
    (stack,) = releases(found, Config())
    values: dict[str, Plain] = {"image": {"repository": "ghcr.io/acme/web", "tag": "v1"}}
    return {path: rendered.text for path, rendered in Renderer(found).render(stack, values, only)}


def test_every_template_is_executed_where_none_is_named() -> None:
    assert list(printed(CHART, None)) == ["web/templates/a.yaml", "web/templates/b.yaml"]


def test_only_the_templates_that_are_named_are_executed() -> None:
    only = ("web/templates/b.yaml",)
    assert printed(CHART, only) == {"web/templates/b.yaml": "image: ghcr.io/acme/web:v1\n"}


@pytest.mark.parametrize(
    "action", ['$_ := set .Values.image "tag" "v2"', '$_ := mergeOverwrite .Values (dict "image" (dict "tag" "v2"))']
)
def test_what_changes_the_values_is_executed_for_those_that_are_named(action: str) -> None:
    changing = {**CHART, "web/templates/a.yaml": f"{{{{- {action} }}}}\n"}
    assert printed(changing, ("web/templates/b.yaml",))["web/templates/b.yaml"] == "image: ghcr.io/acme/web:v2\n"


def test_once_all_are_executed_only_what_changes_the_values_is_executed_besides(executed: list[str]) -> None:
    changing = {
        **CHART,
        "web/templates/c.yaml": '{{- $_ := set .Values.image "tag" "v2" }}\n',
        "web/templates/d.yaml": "",
    }
    found = tree(changing)
    (stack,) = releases(found, Config())
    values: dict[str, Plain] = {"image": {"repository": "a/b", "tag": "v1"}}
    renderer = Renderer(found)
    assert len(list(renderer.render(stack, values))) == 4
    executed.clear()
    for again in (renderer, Renderer(found, {}, renderer.changers)):
        outputs = [rendered.text for path, rendered in again.render(stack, values, ("web/templates/d.yaml",))]
        assert outputs[-1] == ""
    assert executed == ["web/templates/c.yaml", "web/templates/d.yaml"] * 2
    assert values["image"] == {"repository": "a/b", "tag": "v1"}


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the templates that are executed, as they are."""
    names: list[str] = []
    render = Interpreter.render

    def noted(self: Interpreter, name: str, *given: object, **named: object) -> object:
        names.append(name)
        return render(self, name, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Interpreter, "render", noted)
    return names


def fleet_of(values: str, **how: bool) -> Fleet:
    files = {**CHART, "web/values.yaml": values}
    return build(Config(), files, tree(files).source, **how)


@pytest.mark.parametrize(("tag", "is_executed"), [("v1", False), ("dev", True)])
def test_a_chart_is_asked_for_mendings_where_a_tag_floats(executed: list[str], tag: str, is_executed: bool) -> None:
    path = "web/templates/b.yaml"
    fleet = fleet_of(CHART["web/values.yaml"].replace("v1", tag))
    assert (fleet.mending(path, CHART[path].encode()) is not None) == is_executed
    assert bool(executed) == is_executed


@pytest.mark.parametrize("names_all", [True, False])
@pytest.mark.parametrize(
    ("values", "floats"),
    [
        ("image:\n  repository: a/b\n  tag: v1\n", False),
        ("image:\n  repository: a/b\n  tag: v1\nrestartPolicy: Always\nbranch: main\n", False),
        ("image:\n  repository: a/b\n  tag: dev\n", True),
        ("image:\n  repository: a/b\n  tag: v1\n  pullPolicy: Always\n", True),
        ("images:\n  - repository: a/b\n    imageTag: dev\n", True),
        ("global:\n  imageTag: latest\n", True),
    ],
)
def test_what_a_chart_calls_its_images_is_asked_where_all_names_count_or_something_floats(
    executed: list[str], values: str, floats: bool, names_all: bool
) -> None:
    fleet_of(values, names_all=names_all).readings(0)
    assert bool(executed) == (floats or (names_all and "image:" in values))


@pytest.mark.parametrize(
    ("low", "high", "is_asked"),
    [
        ("repository: a/b\n  tag: v1", f"digest: {DIGEST}", False),
        (f"repository: a/b\n  digest: {DIGEST}", "pullPolicy: IfNotPresent", False),
        (f"repository: a/b\n  digest: {DIGEST}", "tag: v1", True),
        (f"repository: a/b\n  digest: {DIGEST}", "repository: a/c", True),
    ],
)
def test_a_digest_counts_where_a_higher_layer_says_another_image(
    executed: list[str], low: str, high: str, is_asked: bool
) -> None:
    files = {**CHART, "web/values.yaml": f"image:\n  {low}\n", "web/values-prod.yaml": f"image:\n  {high}\n"}
    fleet = build(Config(), files, tree(files).source, names_all=False)
    for number in range(len(fleet.stacks)):
        fleet.readings(number)
    assert bool(executed) == is_asked


def test_a_tag_floats_where_a_layer_sets_it_though_another_wins(executed: list[str]) -> None:
    files = {**CHART, "web/values.yaml": "image:\n  repository: a/b\n  tag: dev\n"}
    files["web/values-prod.yaml"] = "image:\n  tag: v1\n"
    fleet = build(Config(), files, tree(files).source, names_all=False)
    for number in range(len(fleet.stacks)):
        assert fleet.readings(number)
    assert executed


def test_a_release_whose_chart_takes_too_long_is_not_executed_again(executed: list[str]) -> None:
    files = {**CHART, "web/templates/a.yaml": "{{ range until 1000000 }}{{ . }}{{ end }}\n"}
    files["web/values.yaml"] = "image:\n  repository: a/b\n  tag: dev\n"
    fleet = build(Config(), files, tree(files).source)
    assert {reading.given_up for reading in fleet.readings(0).values()} == {"web/templates/a.yaml"}
    assert fleet.mending("web/templates/b.yaml", files["web/templates/b.yaml"].encode()) is None
    assert executed == ["web/templates/a.yaml"]


@pytest.mark.parametrize(
    "template",
    [
        '{{ $_ := set .Values "a" 1 }}',
        "x: {}\n{{- $x := mustMergeOverwrite\n  .Values.a .Values.b -}}",
        '{{ $_ := unset (index .Values "a") "b" }}',
        '{{ $_ := printf "{x}" | set .Values.a "b" }}',
    ],
)
def test_actions_that_may_change_values_are_seen(template: str) -> None:
    assert changes_values(template.encode())


@pytest.mark.parametrize(
    "template",
    [
        "{{ .Values.set }}",
        '{{ set . "a" 1 }}{{ .Values.a }}',
        "# set this in .Values\n{{ .Chart.Name }}",
        "{{ .Values.a | offset }}: set {{ .Values.b }}",
        "set " * 9,
    ],
)
def test_texts_and_other_actions_change_no_values(template: str) -> None:
    assert not changes_values(template.encode())


def test_long_prose_in_a_template_costs_no_more_than_its_length() -> None:
    prose = b"set " * 2_000_000
    assert not changes_values(prose + b"{{ .Values.a }}" + prose)
