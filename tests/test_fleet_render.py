"""Charts executed: which of their templates are, and how often what does not change is read."""

from collections.abc import Mapping

import pytest

from codemod.charts.interpret import Interpreter
from codemod.config import Config
from codemod.fleet import build
from codemod.fleet.charts import releases
from codemod.fleet.render import Renderer
from codemod.fleet.scalars import Plain
from codemod.fleet.tree import Tree
from codemod.source import Source

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


@pytest.mark.parametrize(("tag", "is_executed"), [("v1", False), ("dev", True)])
def test_a_chart_is_asked_for_mendings_where_a_tag_floats(
    monkeypatch: pytest.MonkeyPatch, tag: str, is_executed: bool
) -> None:
    executed: list[str] = []
    render = Interpreter.render

    def noted(self: Interpreter, name: str, *given: object, **named: object) -> object:
        executed.append(name)
        return render(self, name, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Interpreter, "render", noted)
    files = {**CHART, "web/values.yaml": CHART["web/values.yaml"].replace("v1", tag)}
    fleet = build(Config(), files, tree(files).source)
    path = "web/templates/b.yaml"
    assert (fleet.mending(path, files[path].encode()) is not None) == is_executed
    assert bool(executed) == is_executed
