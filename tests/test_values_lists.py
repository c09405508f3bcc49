"""Image maps in lists of a release's values: a list is replaced whole, and charts read its items one by one."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import proving
import pytest

from codemod import registry
from codemod.outcome import Plan
from codemod.testing import digest_of, plan_of

TRANSFORMS = [transform for transform in registry.load() if transform.reads[0].name == "yaml"]
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  sources:
    - repoURL: https://github.com/acme/fleet
      path: CHART
      helm:
        valueFiles: [$values/values/base.yaml, $values/values/dev.yaml]
        ignoreMissingValueFiles: true
        PARAMETERS
    - {repoURL: https://github.com/acme/fleet, ref: values}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    {{- range .Values.sidecars }}
    - name: {{ .name }}
      image: "IMAGE"
    {{- end }}
"""
AWARE = "{{ .image.repository }}{{ if .image.digest }}@{{ .image.digest }}{{ else }}:{{ .image.tag }}{{ end }}"
UNAWARE = "{{ .image.repository }}:{{ .image.tag }}"


def sidecar(name: str, tag: str = "dev") -> str:
    return f"  - name: {name}\n    image:\n      repository: ghcr.io/acme/{name}\n      tag: {tag}\n"


ONE, TWO = f"sidecars:\n{sidecar('one')}{sidecar('two')}", f"sidecars:\n{sidecar('other', 'main')}"


def tree(image: str = AWARE, chart: str = "charts/web", parameters: str = "", **values: str) -> dict[str, str]:
    return {
        "argocd.yaml": APPLICATION.replace("CHART", chart).replace("PARAMETERS", parameters),
        f"{chart}/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        f"{chart}/values.yaml": "sidecars: []\n",
        f"{chart}/templates/pod.yaml": POD.replace("IMAGE", image),
        **{f"values/{name}.yaml": text for name, text in values.items()},
    }


def planned(files: dict[str, str], *unknown: str) -> Plan:
    return plan_of(TRANSFORMS, {path: text.encode() for path, text in files.items()}, unknown=unknown)


def after(files: dict[str, str], plan: Plan) -> dict[str, str]:
    return {path: plan.files[path][1].decode() if path in plan.files else text for path, text in files.items()}


def left(plan: Plan) -> list[tuple[str, str]]:
    return [(entry.site.path, entry.code) for entry in plan.left]


def images_of(root: Path, files: dict[str, str], *options: str) -> list[str]:
    """What the real helm renders for the release."""
    proving.write(root, files)
    given = [root / "values" / f"{name}.yaml" for name in ("base", "dev") if f"values/{name}.yaml" in files]
    command = [proving.programs()[0], "template", "web", str(root / "charts/web"), *options]
    command += [word for path in given for word in ("--values", str(path))]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return re.findall(r'image: "?([^"\n]+)', text)


def pinned(name: str, tag: str = "dev") -> str:
    return f"ghcr.io/acme/{name}@{digest_of(f'ghcr.io/acme/{name}:{tag}')}"


# --- left alone ------------------------------------------------------------------------------------------------------


def test_items_stay_where_a_vendored_chart_ignores_digests() -> None:
    plan = planned(tree(UNAWARE, "third_party/web", base=ONE))
    assert (plan.files, left(plan)) == ({}, [("values/base.yaml", "chart-ignores-digest")] * 2)


def test_items_of_a_list_that_is_replaced_stay_where_the_chart_would_ignore_their_digests_too() -> None:
    plan = planned(tree(UNAWARE, "third_party/web", base=ONE, dev=TWO))
    assert not plan.files
    assert left(plan) == [("values/base.yaml", "chart-ignores-digest")] * 2 + [
        ("values/dev.yaml", "chart-ignores-digest")
    ]


def test_the_repository_of_a_replaced_item_is_not_taken() -> None:
    plan = planned(tree(base=ONE, dev="sidecars:\n  - name: one\n    image:\n      tag: dev\n"), "ghcr.io/acme/one:dev")
    assert left(plan)[-1] == ("values/dev.yaml", "repository-unknown")


def test_an_item_stays_whose_tag_a_parameter_sets(tmp_path: Path) -> None:
    files = tree(parameters="parameters: [{name: 'sidecars[0].image.tag', value: v1}]", base=ONE)
    plan = planned(files)
    assert left(plan) == [("values/base.yaml", "higher-layer-sets-tag")]
    assert list(plan.files) == ["values/base.yaml"]
    found = images_of(tmp_path, after(files, plan), "--set", "sidecars[0].image.tag=v1")
    assert found == ["ghcr.io/acme/one:v1", pinned("two")]


def test_an_item_with_an_unknown_digest_stays() -> None:
    plan = planned(tree(base=TWO), "ghcr.io/acme/other:main")
    assert (plan.files, left(plan)) == ({}, [("values/base.yaml", "digest-unknown")])


# --- rewritten -------------------------------------------------------------------------------------------------------


def test_every_item_is_pinned_where_the_chart_reads_its_digest(tmp_path: Path) -> None:
    files = tree(base=ONE)
    plan = planned(files)
    assert not plan.left
    assert not any(change.unproven for change in plan.changed)
    assert images_of(tmp_path, after(files, plan)) == [pinned("one"), pinned("two")]
    again = planned(after(files, plan))
    assert (again.files, again.left) == ({}, ())


def test_a_list_that_a_higher_layer_replaces_is_pinned_by_what_stands_in_it(tmp_path: Path) -> None:
    files = tree(base=ONE, dev=TWO)
    plan = planned(files)
    done = after(files, plan)
    assert not plan.left
    assert "tag:" not in done["values/base.yaml"] + done["values/dev.yaml"]
    assert images_of(tmp_path, done) == [pinned("other", "main")]
    del done["values/dev.yaml"]
    assert images_of(tmp_path, done) == [pinned("one"), pinned("two")]


def test_a_first_party_chart_that_ignores_the_digests_of_items_is_made_aware_of_them(tmp_path: Path) -> None:
    files = tree(UNAWARE, base=ONE)
    plan = planned(files)
    done = after(files, plan)
    assert not plan.left
    assert set(plan.files) == {"charts/web/templates/pod.yaml", "values/base.yaml"}
    assert images_of(tmp_path, files) == ["ghcr.io/acme/one:dev", "ghcr.io/acme/two:dev"]
    assert images_of(tmp_path, done) == [pinned("one"), pinned("two")]


def test_a_schema_of_items_lists_the_digest(tmp_path: Path) -> None:
    image = '{"type": "object", "additionalProperties": false, "properties": {"repository": {}, "tag": {}}}'
    items = f'{{"type": "object", "properties": {{"name": {{}}, "image": {image}}}}}'
    schema = f'{{"properties": {{"sidecars": {{"type": "array", "items": {items}}}}}}}\n'
    files = {**tree(base=ONE), "charts/web/values.schema.json": schema}
    done = after(files, planned(files))
    assert '"digest"' in done["charts/web/values.schema.json"]
    assert images_of(tmp_path, done) == [pinned("one"), pinned("two")]


def test_a_parameter_reaches_into_a_list_and_leaves_the_other_items(tmp_path: Path) -> None:
    files = tree(parameters="parameters: [{name: 'sidecars[1].name', value: second}]", base=ONE)
    plan = planned(files)
    assert not plan.left
    found = images_of(tmp_path, after(files, plan), "--set", "sidecars[1].name=second")
    assert found == [pinned("one"), pinned("two")]


@pytest.mark.parametrize("key", ["sidecars", "extraContainers", "jobs"])
def test_lists_of_values_whose_chart_is_elsewhere_are_pinned_and_marked_unproven(key: str) -> None:
    chart = APPLICATION.replace("path: CHART", "chart: web").replace(
        "https://github.com/acme/fleet\n      c", "oci\n      c"
    )
    files = {"argocd.yaml": chart.replace("PARAMETERS", ""), "values/base.yaml": TWO.replace("sidecars", key)}
    plan = planned(files)
    assert (list(plan.files), plan.left) == (["values/base.yaml"], ())
    assert all(change.unproven for change in plan.changed)
