"""Whole references under any key of values: images where a chart prints them as one, else nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from moving import NEW, call
from proving import Tree, programs, write

CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"
POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: web}}
spec:
  containers:
    - name: web
      image: {image}
"""
DIGESTS = f"ghcr.io/acme/proxy:dev: {NEW}\nbusybox: {NEW}\n"


def chart(image: str, values: str, **more: str) -> Tree:
    files = {name.replace("__", "/") + ".yaml": text for name, text in more.items()}
    return {
        "charts/web/Chart.yaml": CHART,
        "charts/web/values.yaml": values,
        "charts/web/templates/pod.yaml": POD.format(image=image),
        **files,
    }


def after(root: Path, *arguments: str) -> dict[str, str]:
    """What a run makes of the values files, proven with the real helm."""
    (root.parent / "digests.yaml").write_text(DIGESTS)
    helm, kustomize = programs()
    before = {path: path.read_text() for path in root.rglob("*.yaml")}
    result = call(
        *("run", str(root), "--offline", "--no-report", "--digests", str(root.parent / "digests.yaml")),
        *("--prove", "--helm", helm, "--kustomize", kustomize, *arguments),
    )
    assert result.exit_code == 0, result.stderr
    return {str(path.relative_to(root)): path.read_text() for path, text in before.items() if path.read_text() != text}


FLOATING, PINNED = "ghcr.io/acme/proxy:dev", f"ghcr.io/acme/proxy@{NEW}"

REWRITTEN: dict[str, tuple[Tree, Tree]] = {
    "a plain key": (
        chart("{{ .Values.proxy }}", f"proxy: {FLOATING} # kept\n"),
        {"charts/web/values.yaml": f"proxy: {PINNED} # kept\n"},
    ),
    "quoted, deep, and through a helper's arguments": (
        chart('"{{ .Values.a.b | default "x:1" }}"', f'a: {{b: "{FLOATING}"}}\n'),
        {"charts/web/values.yaml": f'a: {{b: "{PINNED}"}}\n'},
    ),
    "in a list": (
        chart("{{ index .Values.all 1 }}", f"all:\n  - redis:6379\n  - {FLOATING}\n"),
        {"charts/web/values.yaml": f"all:\n  - redis:6379\n  - {PINNED}\n"},
    ),
    "a name without a registry": (
        chart("{{ .Values.proxy }}", "proxy: busybox:latest\n"),
        {"charts/web/values.yaml": f"proxy: busybox@{NEW}\n"},
    ),
    "the layer that is in force": (
        {
            **chart("{{ .Values.proxy }}", "proxy: ghcr.io/acme/proxy:v1\n"),
            "charts/web/values-dev.yaml": f"proxy: {FLOATING}\n",
        },
        {"charts/web/values-dev.yaml": f"proxy: {PINNED}\n"},
    ),
    "a branch that is not taken": (
        chart("{{ if .Values.extra }}{{ .Values.proxy }}{{ else }}a:1{{ end }}", f"extra: false\nproxy: {FLOATING}\n"),
        {"charts/web/values.yaml": f"extra: false\nproxy: {PINNED}\n"},
    ),
}


@pytest.mark.parametrize(("tree", "changed"), REWRITTEN.values(), ids=REWRITTEN)
@pytest.mark.surface("helm-values", rewritten="references under any key that a chart prints as an image")
def test_what_a_chart_prints_as_an_image_is_pinned(tree: Tree, changed: Tree, tmp_path: Path) -> None:
    assert after(write(tmp_path / "root", tree)) == changed


LEFT: dict[str, Tree] = {
    "not printed at all": chart("a:1", f"proxy: {FLOATING}\n"),
    "printed elsewhere than as an image": chart("a:1\n      args: ['{{ .Values.proxy }}']", f"proxy: {FLOATING}\n"),
    "taken apart": chart('{{ .Values.proxy | replace ":dev" ":v1" }}', f"proxy: {FLOATING}\n"),
    "taken from another registry": chart(
        '{{ .Values.proxy | replace "ghcr.io" "mirror.test" }}', f"proxy: {FLOATING}\n"
    ),
    "a branch that prints no image": chart(
        "a:1\n      name: {{ if .Values.extra }}{{ .Values.proxy }}{{ else }}x{{ end }}", f"proxy: {FLOATING}\n"
    ),
    "a part of something longer": chart("mirror.test/{{ .Values.proxy }}", "proxy: acme/proxy:dev\n"),
    "a host with its port": chart("{{ .Values.proxy }}", "proxy: localhost:5000\n"),
    "pinned": chart("{{ .Values.proxy }}", f"proxy: {PINNED}\n"),
    "a chart that is not here": {"values.yaml": f"proxy: {FLOATING}\n"},
}


@pytest.mark.parametrize("tree", LEFT.values(), ids=LEFT)
def test_what_is_no_image_is_left_alone(tree: Tree, tmp_path: Path) -> None:
    assert after(write(tmp_path / "root", tree)) == {}


def test_an_anchor_that_serves_something_else_is_reported(tmp_path: Path) -> None:
    root = write(tmp_path, chart("{{ .Values.proxy }}", f"proxy: &it {FLOATING}\nlabel: *it\n"))
    found = json.loads(call("preview", str(root), "--offline", "--format", "json").stdout)
    assert [(entry["line"], entry["code"]) for entry in found["transitional"]] == [(1, "anchor-shared")]


def test_the_gate_and_the_inventory_name_it_with_its_release(tmp_path: Path) -> None:
    tree = chart("{{ .Values.proxy }}", "proxy: a.test/b:v1\n", **{"charts__web__values-dev": f"proxy: {FLOATING}\n"})
    root = write(tmp_path, tree)
    result = call("check", str(root))
    assert (result.exit_code, result.stdout.partition(" floats")[0]) == (
        1,
        f"charts/web/values-dev.yaml:1:8: UF001 {FLOATING}",
    )
    rows = json.loads(call("images", str(root), "--format", "json").stdout)["images"]
    named = [(row["path"], row["image"], row["environment"]) for row in rows if row["image"]]
    assert named == [("charts/web/values-dev.yaml", FLOATING, "dev"), ("charts/web/values.yaml", "a.test/b:v1", None)]


INLINE = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: web}}
spec:
  source:
    path: charts/web
    helm:
      values: |
        sidecar:
          use: {0}
"""


def test_inline_values_are_looked_into_whatever_their_keys(tmp_path: Path) -> None:
    tree = {**chart("{{ .Values.sidecar.use }}", "{}\n"), "app.yaml": INLINE.format(FLOATING)}
    assert after(write(tmp_path / "root", tree)) == {"app.yaml": INLINE.format(PINNED)}
    other = {**chart("a:1", "{}\n"), "app.yaml": INLINE.format(FLOATING)}
    assert after(write(tmp_path / "other", other)) == {}
