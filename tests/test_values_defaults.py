"""Values that say no tag, or take one away: what runs is what the chart prints then, with the real helm as witness."""

from __future__ import annotations

import datetime
import re
import subprocess
from pathlib import Path

import proving
import pytest

from codemod import registry
from codemod.config import Config, StackSpec
from codemod.exceptions import Exceptions
from codemod.fleet import build
from codemod.gate import violations
from codemod.outcome import Plan
from codemod.source import Source
from codemod.testing import plan_of

TRANSFORMS = [transform for transform in registry.load() if transform.reads[0].name == "yaml"]
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    {{- with .Values.image }}
    - name: web
      image: "{{ .repository }}:{{ .tag | default DEFAULT }}"
    {{- end }}
"""
UNTAGGED = 'image:\n  repository: ghcr.io/acme/web\n  tag: ""\n'
TAGGED = UNTAGGED.replace('""', "main")


def tree(values: str, default: str = "$.Chart.AppVersion", app: str = "'2.0'", **overlays: str) -> dict[str, str]:
    """A chart with values files beside it."""
    return {
        "web/Chart.yaml": f"apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: {app}\n",
        "web/templates/pod.yaml": POD.replace("DEFAULT", default),
        "web/values.yaml": values,
        **{f"web/values-{name}.yaml": text for name, text in overlays.items()},
    }


def planned(files: dict[str, str]) -> Plan:
    return plan_of(TRANSFORMS, {path: text.encode() for path, text in files.items()})


def entries(plan: Plan) -> list[tuple[str, str, str]]:
    """Images of the values: environment, image, status."""
    found = (entry for entry in plan.images if entry.site.surface == "helm-values")
    return [(e.site.environment or "", str(e.reference or ""), e.status) for e in found]


def left(plan: Plan) -> list[tuple[str, str, str]]:
    return [(entry.site.path, entry.code, entry.message) for entry in plan.left]


def images_of(root: Path, files: dict[str, str], overlay: str = "") -> list[str]:
    proving.write(root, files)
    given = ["--values", str(root / f"web/values-{overlay}.yaml")] if overlay else []
    command = [proving.programs()[0], "template", "web", str(root / "web"), *given]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return re.findall(r'image: "?([^"\n]+)', text)


# --- no tag ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("empty", ['""', "null", "~", "''", ""])
def test_an_empty_tag_is_shown_as_the_tag_that_the_chart_prints(tmp_path: Path, empty: str) -> None:
    files = tree(UNTAGGED.replace('""', empty))
    plan = planned(files)
    assert images_of(tmp_path, files) == ["ghcr.io/acme/web:2.0"]
    assert entries(plan) == [("", "ghcr.io/acme/web:2.0", "tag-only")]
    assert (plan.files, left(plan)) == ({}, [("web/values.yaml", "chart-default-tag", "")])
    assert not violations(plan, Config(), Exceptions(Config(), datetime.date(2026, 1, 1)))


@pytest.mark.parametrize(("default", "app"), [("$.Chart.AppVersion", "main"), ('"dev"', "'2.0'")])
def test_a_chart_whose_default_floats_breaks_the_gate(default: str, app: str) -> None:
    plan = planned(tree(UNTAGGED, default, app))
    (found,) = violations(plan, Config(), Exceptions(Config(), datetime.date(2026, 1, 1)))
    assert (found.code, found.image) == ("UF001", f"ghcr.io/acme/web:{'main' if app == 'main' else 'dev'}")


@pytest.mark.parametrize(("default", "app"), [("$.Chart.AppVersion", "main"), ('"dev"', "'2.0'")])
def test_the_gate_executes_charts_whose_default_may_float(default: str, app: str) -> None:
    files = tree(UNTAGGED, default, app)
    fleet = build(Config(), files, lambda path: Source(path, files[path].encode(), "yaml"), names_all=False)
    assert fleet.readings(0)
    files = tree(UNTAGGED)
    fleet = build(Config(), files, lambda path: Source(path, files[path].encode(), "yaml"), names_all=False)
    assert not fleet.readings(0)


def test_an_overlay_that_deletes_the_tag_is_shown_with_the_default_and_the_base_with_its_own(tmp_path: Path) -> None:
    files = tree(TAGGED, prod="image:\n  tag: null\n")
    plan = planned(files)
    assert images_of(tmp_path, files, "prod") == ["ghcr.io/acme/web:2.0"]
    assert entries(plan) == [
        ("prod", "ghcr.io/acme/web:2.0", "tag-only"),
        ("", "ghcr.io/acme/web:main", "floating"),
    ]


def test_a_default_that_cannot_be_told_from_another_image_is_not_guessed() -> None:
    side = '    - {name: side, image: "ghcr.io/acme/web:3.0"}\n'
    files = tree(UNTAGGED)
    files["web/templates/pod.yaml"] += side
    assert entries(planned(files)) == [("", "ghcr.io/acme/web:latest", "templated")]


def test_images_of_other_maps_with_the_same_name_are_told_apart() -> None:
    more = "    {{- with .Values.side }}\n    - {name: side, image: '{{ .repository }}:{{ .tag }}'}\n    {{- end }}\n"
    files = tree(UNTAGGED + "side:\n  repository: ghcr.io/acme/web\n  tag: v3\n")
    files["web/templates/pod.yaml"] += more
    assert ("", "ghcr.io/acme/web:2.0", "tag-only") in entries(planned(files))


def test_a_chart_that_is_elsewhere_leaves_the_default_unknown() -> None:
    plan = plan_of(TRANSFORMS, {"values.yaml": UNTAGGED.encode()})
    assert [(e.status, e.reason) for e in plan.images] == [("templated", "chart-default-tag")]


# --- no map ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("null", ["null", "~", ""])
def test_an_overlay_that_removes_the_image_shows_none(tmp_path: Path, null: str) -> None:
    files = tree(TAGGED, prod=f"image: {null}\n")
    plan = planned(files)
    assert images_of(tmp_path, files, "prod") == []
    assert [entry.site.path for entry in plan.images if entry.site.surface == "helm-values"] == ["web/values.yaml"]
    assert not plan.left
    assert "web/values.yaml" in plan.files


def test_a_null_tag_beside_a_whole_reference_is_no_site() -> None:
    plan = planned(tree("side:\n  image: ghcr.io/acme/side:main\n", prod="side:\n  tag: null\n"))
    assert [entry.site.path for entry in plan.images if entry.site.surface == "helm-values"] == ["web/values.yaml"]
    assert not plan.left


def test_a_tag_whose_repository_no_layer_names_says_in_which_release() -> None:
    plan = planned(tree("other: 1\n", prod="image:\n  tag: main\n"))
    assert left(plan) == [("web/values-prod.yaml", "repository-unknown", "no layer of web-prod names it")]


LIBRARY = POD.replace("{{ .repository }}:", "ghcr.io/{{ .repository }}:")


@pytest.mark.parametrize(
    ("template", "values", "image"),
    [
        (LIBRARY, "repository: acme/web\n  tag: dev", "ghcr.io/acme/web:dev"),
        (POD, "repository: ghcr.io/acme/web\n  tag: dev", "ghcr.io/acme/web:dev"),
        (POD, "repository: acme/other\n  tag: dev", "docker.io/acme/other:dev"),
        (LIBRARY, "registry: quay.io\n  repository: acme/web\n  tag: dev", "quay.io/acme/web:dev"),
    ],
)
def test_values_that_every_release_overrides_are_read_with_the_registry_of_the_template(
    template: str, values: str, image: str
) -> None:
    files = {
        "web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "web/templates/pod.yaml": template.replace("DEFAULT", "'2'"),
        "web/values.yaml": f"image:\n  {values}\n",
        "live.yaml": "image:\n  repository: acme/web\n  tag: main\n",
    }
    release = StackSpec(name="live", chart="web", layers=("web/values.yaml", "live.yaml"))
    plan = plan_of(TRANSFORMS, {path: text.encode() for path, text in files.items()}, config=Config(stacks=(release,)))
    assert [str(one.reference) for one in plan.images if one.site.path == "web/values.yaml"] == [image]


def test_a_tag_beside_a_digest_that_the_chart_prints_alone_is_none_in_values_that_no_release_takes() -> None:
    printing = POD.replace(":{{ .tag", "{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag").replace(
        "T }}", "T }}{{ end }}"
    )
    digests = (f"sha256:{mark * 64}" for mark in "12")
    files = {
        "web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "web/templates/pod.yaml": printing.replace("DEFAULT", "2"),
        "web/values.yaml": f"image:\n  repository: ghcr.io/acme/web\n  tag: main\n  digest: {next(digests)}\n",
        "live.yaml": f"image:\n  tag: main\n  digest: {next(digests)}\n",
    }
    release = StackSpec(name="live", chart="web", layers=("web/values.yaml", "live.yaml"))
    config = Config(stacks=(release,))
    plan = plan_of(TRANSFORMS, {path: text.encode() for path, text in files.items()}, config=config)
    assert {one.status for one in plan.images if one.site.path.endswith(("values.yaml", "live.yaml"))} == {"pinned"}
    assert violations(plan, config, Exceptions(config, datetime.date(2026, 1, 1))) == ()
