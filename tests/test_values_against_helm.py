"""Our effective values are those that a chart printing `.Values` renders with real helm: generated layers, no mock."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codemod.charts.functions.printing import go_print
from codemod.fleet.stack import Layer, Stack
from codemod.fleet.tree import Tree
from codemod.fleet.values import Reader, plain
from codemod.source import Source
from codemod.transform import Keys

PRINT = "values: |\n  {{ toJson .Values }}\n"
CHART = {
    "chart/Chart.yaml": (
        "apiVersion: v2\nname: chart\nversion: 0.1.0\ndependencies:\n"
        "  - {name: sub, version: 0.1.0}\n  - {name: sub, version: 0.1.0, alias: other}\n"
    ),
    "chart/templates/print.yaml": PRINT,
    "chart/charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 0.1.0\n",
    "chart/charts/sub/templates/print.yaml": PRINT,
}
SUBCHARTS: dict[Keys, str] = {("sub",): "chart/charts/sub", ("other",): "chart/charts/sub"}

NUMBERS = "1.10 1.0 007 0x1f 0o17 1_000 1e3 12345678 72044e0 -0 .5 1. +1 0b11 08 _1 1__0 1e400 123456789012345678901"
OTHERS = [
    "dev",
    "yes",
    "off",
    "n",
    "2024-01-01",
    "1:30",
    "=",
    "~",
    "null",
    '""',
    '"1.10"',
    "'on'",
    "!!str 12",
    "a b",
    "é",
]
WORDS = st.sampled_from([*NUMBERS.split(), *OTHERS, "sha256:abc", "-"])
KEYS = st.sampled_from(["a", "image", "tag", "deep"])
NODES = st.recursive(
    WORDS | st.lists(WORDS, max_size=2).map(lambda items: f"[{', '.join(items)}]"),
    lambda children: st.dictionaries(KEYS, children, max_size=3).map(
        lambda entries: "{" + ", ".join(f"{key}: {value}" for key, value in entries.items()) + "}"
    ),
    max_leaves=5,
)


def flow(entries: dict[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in entries.items()) + "}"


def entries(**of: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({}, optional=of)


SHARED = WORDS.filter(lambda word: word not in ("~", "null"))
GLOBAL = entries(a=SHARED, tag=SHARED, image=entries(tag=SHARED, a=SHARED).map(flow)).map(flow)
"""Of one shape and without nulls: where a map or null meets something else under `global`, helm's passes disagree."""
SECTION = entries(a=NODES, image=NODES, tag=WORDS, **{"global": GLOBAL}).map(flow)
FILES = entries(a=NODES, image=NODES, tag=WORDS, sub=SECTION, **{"global": GLOBAL}).map(
    lambda found: "".join(f"{key}: {value}\n" for key, value in found.items())
)


def ours(texts: dict[str, str], layers: list[str]) -> dict[str, Any]:
    """What a parent and its two instances of a subchart see."""
    tree = Tree(texts, lambda path: Source(path, texts[path].encode(), "yaml"))
    defaults = [Layer(f"{folder}/values.yaml", prefix=prefix) for prefix, folder in SUBCHARTS.items()]
    stack = Stack(
        "chart", None, (*defaults, Layer("chart/values.yaml"), *map(Layer, layers)), chart="chart", subcharts=SUBCHARTS
    )
    whole = plain(Reader(tree).values_of(stack))
    return {"chart": whole, "sub": whole["sub"], "other": whole["other"]}


def theirs(helm: Path, folder: str, layers: list[str]) -> dict[str, Any] | None:
    """The same by helm; None where it refuses the values."""
    files = [word for layer in layers for word in ("-f", layer)]
    done = subprocess.run([helm, "template", "chart", *files], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    found = {}
    for text in done.stdout.split("---\n# Source: ")[1:]:
        source, _, body = text.partition("\n")
        found[source.split("/")[-3]] = json.loads(pyyaml.safe_load(body)["values"])
    return found


def normal(value: Any) -> Any:
    """Numbers by their size (JSON tells no 1 from a 1.0) and no nulls, of which Helm's versions keep more or fewer."""
    if isinstance(value, dict):
        return {key: normal(below) for key, below in value.items() if below is not None}
    if isinstance(value, list):
        return [normal(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(FILES, max_size=3), FILES, FILES)
def test_effective_values_are_those_that_helm_renders(helm: Path, given: list[str], own: str, sub: str) -> None:
    texts = {**CHART, "chart/values.yaml": own, "chart/charts/sub/values.yaml": sub}
    layers = [f"layer{number}.yaml" for number in range(len(given))]
    texts.update(zip(layers, given, strict=True))
    with tempfile.TemporaryDirectory() as folder:
        for path, text in texts.items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        expected = theirs(helm, folder, layers)
    if expected is not None:
        found = ours(texts, layers)
        assert normal({name: found[name] for name in expected}) == normal(expected)


@pytest.mark.parametrize(
    "word", ["1.10", "yes", "0o17", "1_000", "12345678", "1e3", "2024-01-01", "08", "1:30", "!!str 1"]
)
def test_a_scalar_is_printed_as_helm_prints_it(helm: Path, tmp_path: Path, word: str) -> None:
    (tmp_path / "chart/templates").mkdir(parents=True)
    (tmp_path / "chart/Chart.yaml").write_text("apiVersion: v2\nname: chart\nversion: 0.1.0\n")
    (tmp_path / "chart/templates/x.yaml").write_text('x: "{{ .Values.tag }}"\n')
    (tmp_path / "v.yaml").write_text(f"tag: {word}\n")
    done = subprocess.run(
        [helm, "template", "chart", "-f", "v.yaml"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    texts = {"v.yaml": f"tag: {word}\n"}
    tree = Tree(texts, lambda path: Source(path, texts[path].encode(), "yaml"))
    leaf = plain(Reader(tree).values_of(Stack("s", None, (Layer("v.yaml"),))))["tag"]
    assert pyyaml.safe_load(done.stdout)["x"] == go_print(leaf)


@pytest.mark.parametrize("name", ["a[0].tag", "a[1]", "a[2].deep.tag", "image.tag", "new[1].tag"])
def test_a_parameter_changes_what_files_say_as_helm_does(helm: Path, tmp_path: Path, name: str) -> None:
    files = {"chart/values.yaml": "new: [{own: 1}]\n", "v.yaml": "a: [{tag: x, own: y}, z]\nimage: {name: n}\ntag: t\n"}
    texts = {**CHART, **files, "p.yaml": f"[{{name: '{name}', value: set}}]\n"}
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    command = [
        str(helm),
        "template",
        "chart",
        "-f",
        "v.yaml",
        "--set",
        f"{name}=set",
        "--show-only",
        "templates/print.yaml",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    tree = Tree(texts, lambda path: Source(path, texts[path].encode(), "yaml"))
    layers = (Layer("chart/values.yaml"), Layer("v.yaml"), Layer("p.yaml", parameters=True))
    found = plain(Reader(tree).values_of(Stack("chart", None, layers, chart="chart")))
    expected = json.loads(pyyaml.safe_load(done.stdout)["values"])
    assert normal(found) == normal({key: value for key, value in expected.items() if key not in ("sub", "other")})
