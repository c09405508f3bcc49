"""`unfloat run --prove`: what holds is written, what does not is left as it was, with the real helm and kustomize."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from proving import CHART, DEPLOYMENT, DIGEST, PINNED, POD, VALUES, WEB, Tree, git, programs, write

from codemod.cli import main

EXAMPLES = Path(__file__).parent.parent / "examples"
DIGESTS = "".join(f"ghcr.io/acme/{name}: {DIGEST}\n" for name in ("web:dev", "bad:dev", "kay:dev", "web:main"))
HELPER = """\
{{- define "bad.image" -}}
{{- with .Values.image }}{{ .repository }}{{ with .digest }}@{{ . }}{{ else }}:{{ .tag }}{{ end }}{{ end }}
{{- end }}
"""
LABELS = """\
  name: {{ .Release.Name }}
  labels:
    running: {{ include "bad.image" . | replace "/" "-" | replace ":" "_" | replace "@" "_" | trunc 40 }}
"""
BAD: Tree = {
    "charts/bad/Chart.yaml": CHART.format(name="bad"),
    "charts/bad/values.yaml": VALUES.replace("web", "bad"),
    "charts/bad/templates/_helpers.tpl": HELPER,
    "charts/bad/templates/deployment.yaml": DEPLOYMENT.replace("  name: {{ .Release.Name }}\n", LABELS),
}
"""A chart that labels its objects with the whole image, put together in a helper."""
EXPECTING = """\
resources: [base]
patches:
  - target: {kind: Pod}
    patch: |-
      - {op: test, path: /spec/containers/0/image, value: "ghcr.io/acme/kay:dev"}
      - {op: add, path: /metadata/labels, value: {app: kay}}
"""
KAY: Tree = {
    "kay/kustomization.yaml": EXPECTING,
    "kay/base/kustomization.yaml": "resources: [pod.yaml]\nimages: [{name: ghcr.io/acme/kay, newTag: dev}]\n",
    "kay/base/pod.yaml": POD.replace("acme/web:dev", "acme/kay:v1"),
}
"""A kustomization that is applied only to the very image that its base sets."""
KAY_OWN = "kay/base/kustomization.yaml"
OWN, BAD_OWN = "charts/web/values.yaml", "charts/bad/values.yaml"


def run(root: Path, *arguments: str, prove: bool = True) -> Result:
    helm, kustomize = programs()
    named = ("--prove", "--helm", helm, "--kustomize", kustomize) if prove else ()
    result = CliRunner().invoke(main, ["run", str(root), "--digests", f"{root}.yaml", *named, *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def tree(tmp_path: Path, *trees: Tree) -> Path:
    write(tmp_path, {"root.yaml": DIGESTS})
    return write(tmp_path / "root", {path: text for each in trees for path, text in each.items()})


def texts(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in sorted(root.rglob("*")) if path.is_file()}


def codes(result: Result) -> set[tuple[str, str]]:
    return {(entry["path"], entry["code"]) for entry in json.loads(result.stdout)["transitional"]}


def test_what_holds_is_written(tmp_path: Path) -> None:
    root = tree(tmp_path, WEB)
    result = run(root)
    assert result.exit_code == 0
    assert (root / OWN).read_text() == PINNED
    assert "Proof: 1 stack proven, 0 unchanged, 0 unproven, 0 rolled back.\n" in result.stderr


def test_what_does_not_hold_stays_and_the_rest_of_the_tree_is_migrated(tmp_path: Path) -> None:
    root = tree(tmp_path, WEB, BAD, KAY)
    result = run(root)
    assert result.exit_code == 1
    assert {path: text for path, text in texts(root).items() if path != "migration-report.md"} == {
        **WEB,
        **BAD,
        **KAY,
        OWN: PINNED,
    }
    label = "Deployment/release-name metadata.labels.running: ghcr.io-acme-bad_dev -> ghcr.io-acme-bad_sha256_5e5e"
    assert f"rolled back: bad: {label}" in result.stderr
    failed = "renders -> does not: testing value /spec/containers/0/image failed: test failed"
    assert f"rolled back: kay: {failed}\n" in result.stderr
    assert f"left as they were: {BAD_OWN}, {KAY_OWN}\n" in result.stderr
    assert "Proof: 1 stack proven, 1 unchanged, 0 unproven, 2 rolled back.\n" in result.stderr


def test_without_a_proof_the_same_tree_is_migrated_whole(tmp_path: Path) -> None:
    root = tree(tmp_path, WEB, BAD, KAY)
    assert run(root, prove=False).exit_code == 0
    assert [path for path, text in texts(root).items() if DIGEST in text and path.endswith(".yaml")] == [
        BAD_OWN,
        OWN,
        KAY_OWN,
    ]


def test_the_places_that_were_to_change_are_entries_with_what_differed(tmp_path: Path) -> None:
    result = run(tree(tmp_path, WEB, BAD), "--format", "json", "--no-report")
    found = [entry for entry in json.loads(result.stdout)["transitional"] if entry["code"] == "proof-failed"]
    assert [(entry["path"], entry["line"], entry["image"]) for entry in found] == [
        (BAD_OWN, 3, "ghcr.io/acme/bad:dev"),
        (BAD_OWN, 4, None),
    ]
    assert all(entry["message"].startswith("bad: Deployment/release-name metadata.labels.running: ") for entry in found)
    assert {change["path"] for change in json.loads(result.stdout)["changes"]} == {OWN}


def test_json_has_the_proof(tmp_path: Path) -> None:
    found = json.loads(run(tree(tmp_path, WEB, BAD), "--format", "json", "--no-report").stdout)["proof"]
    assert (found["proven"], found["unchanged"], found["unproven"]) == (["web"], 0, [])
    assert [(row["stack"], row["object"], row["path"]) for row in found["rolled_back"]] == [
        ("bad", "Deployment/release-name", "metadata.labels.running")
    ]
    assert found["files_rolled_back"] == [BAD_OWN]


def test_a_second_run_rolls_back_the_same_and_changes_no_byte(tmp_path: Path) -> None:
    root = tree(tmp_path, WEB, BAD, KAY)
    first = run(root)
    once = texts(root)
    again = run(root)
    assert (first.exit_code, again.exit_code) == (1, 1)
    assert texts(root) == once
    assert [line for line in again.stderr.splitlines() if line.startswith(("rolled", "left"))] == [
        line for line in first.stderr.splitlines() if line.startswith(("rolled", "left"))
    ]


def test_the_report_has_a_section_on_the_proof(tmp_path: Path) -> None:
    root = tree(tmp_path, WEB, BAD)
    run(root)
    report = (root / "migration-report.md").read_text()
    assert "\n## Proof\n" in report
    assert "| 1 | 0 | 0 | 1 |\n" in report
    assert "| bad | `Deployment/release-name metadata.labels.running` | `ghcr.io-acme-bad_dev` | " in report
    assert "### `proof-failed` (2)\n" in report


def test_without_a_proof_the_report_has_no_section_on_it(tmp_path: Path) -> None:
    root = tree(tmp_path, WEB)
    run(root, prove=False)
    assert "Proof" not in (root / "migration-report.md").read_text()


def test_a_lower_layer_stays_where_the_layer_above_it_was_rolled_back(tmp_path: Path) -> None:
    config = (
        "stacks:\n"
        "  - {name: web-main, chart: charts/web, layers: [both.yaml]}\n"
        "  - {name: bad-main, chart: charts/bad, layers: [both.yaml]}\n"
    )
    both = {".unfloat.yaml": config, "both.yaml": "image:\n  repository: ghcr.io/acme/web\n  tag: main\n"}
    root = tree(tmp_path, WEB, BAD, both)
    result = run(root, "--format", "json")
    assert result.exit_code == 1
    assert {path: (root / path).read_text() for path in (OWN, "both.yaml")} == {
        OWN: VALUES,
        "both.yaml": both["both.yaml"],
    }
    assert {("both.yaml", "proof-failed"), (OWN, "higher-layer-sets-tag")} <= codes(result)
    once = texts(root)
    run(root)
    assert texts(root) == once


def test_what_cannot_be_rendered_is_edited_and_listed_as_unproven(tmp_path: Path) -> None:
    dependency = "dependencies: [{name: redis, version: 1.0.0, repository: 'https://charts.example'}]\n"
    root = tree(tmp_path, WEB, {"charts/web/Chart.yaml": CHART.format(name="web") + dependency})
    result = run(root)
    assert result.exit_code == 0
    assert (root / OWN).read_text() == PINNED
    assert "Proof: 0 stacks proven, 0 unchanged, 1 unproven, 0 rolled back.\n" in result.stderr
    assert "unproven: web: dependency redis is not in the repository\n" in result.stderr
    assert "| web | dependency redis is not in the repository |\n" in (root / "migration-report.md").read_text()


def test_an_edited_file_that_no_stack_is_rendered_from_is_listed(tmp_path: Path) -> None:
    root = tree(tmp_path, WEB, {"loose/pod.yaml": POD})
    assert run(root).exit_code == 0
    report = (root / "migration-report.md").read_text()
    assert "### Rendered by no stack\n" in report
    assert "| `loose/pod.yaml` |\n" in report


def test_a_rendered_image_that_no_place_explains_is_listed(tmp_path: Path) -> None:
    pod = "kind: Pod\nmetadata: {name: x}\nspec: {containers: [{image: '{{ .Values.a }}/{{ .Values.b }}:v1'}]}\n"
    hidden = {"charts/web/templates/pod.yaml": pod, OWN: VALUES + "a: quay.io\nb: hidden\n"}
    root = tree(tmp_path, WEB, hidden)
    assert run(root).exit_code == 0
    row = "| web | `quay.io/hidden:v1` | `Pod/x spec.containers[0].image` |\n"
    assert row in (root / "migration-report.md").read_text()


def test_quiet_still_names_what_was_rolled_back(tmp_path: Path) -> None:
    root = tree(tmp_path, WEB, BAD)
    lines = run(root, "--quiet").stderr.splitlines()
    assert [line.partition(": ")[0] for line in lines] == ["unfloat", "unfloat"]
    assert lines[0].startswith("unfloat: rolled back: bad: Deployment/")


def test_without_helm_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tree(tmp_path, WEB)
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    before = texts(root)
    result = CliRunner().invoke(main, ["run", str(root), "--digests", f"{root}.yaml", "--prove"])
    assert result.exit_code == 2
    assert re.fullmatch(r"unfloat: no helm on PATH, [^\n]+\n", result.stderr), result.stderr
    assert texts(root) == before


def test_programs_without_a_proof_are_a_mistake(tmp_path: Path) -> None:
    result = run(tree(tmp_path, WEB), "--helm", "/nowhere", prove=False)
    assert result.exit_code == 2
    assert "--helm and --kustomize are for --prove." in result.stderr


def test_every_stack_of_the_example_fleet_is_proven_or_listed_with_its_reason(tmp_path: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(EXAMPLES / "fleet", root, ignore=shutil.ignore_patterns("migration-report.md"))
    shutil.copy(EXAMPLES / "digests.yaml", tmp_path / "root.yaml")
    git(tmp_path, "init", "--quiet", str(root))
    result = run(root, "--format", "json")
    found = json.loads(result.stdout)["proof"]
    assert (result.exit_code, found["rolled_back"]) == (0, [])
    assert len(found["proven"]) > 50
    assert {row["reason"] for row in found["unproven"]} == {"the chart is not in the repository"}
    once = texts(root)
    assert run(root).exit_code == 0
    assert texts(root) == once


LIBRARY: Tree = {
    "charts/lib/Chart.yaml": CHART.format(name="lib") + "type: library\n",
    "charts/lib/templates/_image.tpl": '{{- define "lib.image" -}}\n{{ .repository }}:{{ .tag }}\n{{- end }}\n',
}
"""A library chart that ignores digests until it is made digest-aware."""
LABELLED = LABELS.replace('"bad.image" .', '"lib.image" .Values.image')


def consumer(name: str, deployment: str) -> Tree:
    dependency = "dependencies: [{name: lib, version: 1.0.0, repository: 'file://../lib'}]\n"
    start, end = deployment.index('image: "'), deployment.index("          imagePullPolicy")
    return {
        f"charts/{name}/Chart.yaml": CHART.format(name=name) + dependency,
        f"charts/{name}/values.yaml": VALUES.replace("web", name),
        f"charts/{name}/templates/deployment.yaml": (
            f'{deployment[:start]}image: {{{{ include "lib.image" . }}}}\n{deployment[end:]}'
        ),
    }


def test_a_template_that_is_rolled_back_leaves_the_values_of_every_chart_that_uses_it(tmp_path: Path) -> None:
    labelled = consumer("bad", DEPLOYMENT.replace("  name: {{ .Release.Name }}\n", LABELLED))
    root = tree(tmp_path, LIBRARY, labelled, consumer("web", DEPLOYMENT))
    result = run(root, "--format", "json", "--no-report")
    assert (result.exit_code, texts(root)) == (1, {**LIBRARY, **labelled, **consumer("web", DEPLOYMENT)})
    assert codes(result) == {
        ("charts/lib/templates/_image.tpl", "proof-failed"),
        (BAD_OWN, "proof-failed"),
        (OWN, "chart-ignores-digest"),
        (OWN, "pull-policy-governs-unpinned"),
    }


def test_a_template_that_holds_becomes_digest_aware(tmp_path: Path) -> None:
    root = tree(tmp_path, LIBRARY, consumer("web", DEPLOYMENT))
    result = run(root)
    assert (result.exit_code, (root / OWN).read_text()) == (0, PINNED)
    assert "digest" in (root / "charts/lib/templates/_image.tpl").read_text()
    assert "Proof: 1 stack proven" in result.stderr
