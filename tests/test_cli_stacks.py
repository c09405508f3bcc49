"""`unfloat stacks` and `unfloat explain FILE:LINE`: what releases read, and how they come to an image."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from codemod.cli import main

FLEET = Path(__file__).parents[1] / "examples" / "fleet"
DIGEST = "sha256:" + "5e" * 32
CHART = {
    "chart/Chart.yaml": "name: chart\nversion: 1.0.0\n",
    "chart/values.yaml": 'image:\n  repository: ghcr.io/acme/web\n  tag: ""\n  digest: ""\n  pullPolicy: Always\n',
    "chart/templates/pod.yaml": (
        "kind: Pod\napiVersion: v1\nspec:\n  containers:\n    - image: {{ .Values.image.repository }}"
        "{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag }}{{ end }}\n"
    ),
    "env/dev.yaml": "image:\n  tag: dev\n",
    "env/prod.yaml": "image:\n  tag: main\n  pullPolicy: IfNotPresent\n",
    "env/qa.yaml": "replicas: 1\n",
    "env/uat.yaml": "replicas: 1\n",
    "shared.yaml": "image:\n  tag: edge\n",
    "lone.yaml": "kind: Pod\nspec:\n  containers:\n    - image: busybox:latest\n",
    ".unfloat.yaml": (
        "stacks:\n  - name: web-{env}\n    environment: '{env}'\n    chart: chart\n"
        "    layers: [shared.yaml, 'env/{env}.yaml', 'extra/{env}.yaml']\n"
    ),
}


def run(*arguments: str | Path) -> Result:
    """What a command prints and how it ends; anything raised but an exit is a bug and fails the test."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def complaint(result: Result) -> str:
    """The one line that a bad input must give: on standard error alone, with exit code 2."""
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(r"unfloat: [^\n]+\n", result.stderr), result.stderr
    return result.stderr.removeprefix("unfloat: ").rstrip("\n")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Four releases of one chart over three layers each, and one pod outside of them."""
    for path, text in CHART.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def names(result: Result) -> list[str]:
    return [stack["name"] for stack in json.loads(result.stdout)["stacks"]]


def test_a_release_is_a_block_with_its_layers_from_the_lowest_and_what_is_missing(root: Path) -> None:
    result = run("stacks", root, "--environment", "dev")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "web-dev  dev  explicit  .unfloat.yaml:2",
        "    chart  chart",
        "        1  chart/values.yaml",
        "        2  shared.yaml",
        "        3  env/dev.yaml",
        "  missing  extra/dev.yaml",
    ]
    assert result.stderr == "1 stack, 1 with a chart at hand, 1 with something missing.\n"
    assert run("stacks", root, "-q").stderr == ""


def test_stacks_as_json_have_everything_in_the_same_order(root: Path) -> None:
    found = json.loads(run("stacks", root, "--format", "json").stdout)
    assert found["schema"] == 1
    first = found["stacks"][0]
    assert (first["name"], first["environment"], first["kind"], first["chart"]) == (
        "web-dev",
        "dev",
        "explicit",
        "chart",
    )
    assert first["layers"] == ["chart/values.yaml", "shared.yaml", "env/dev.yaml"]
    assert (first["missing"], first["notes"], first["origin"]) == (["extra/dev.yaml"], [], ".unfloat.yaml:2")


@pytest.mark.parametrize(
    ("file", "count"),
    [("env/dev.yaml", 1), ("shared.yaml", 4), ("chart/templates/pod.yaml", 4), ("extra/qa.yaml", 1), ("lone.yaml", 0)],
)
def test_stacks_can_be_asked_who_reads_a_file(root: Path, file: str, count: int) -> None:
    assert len(names(run("stacks", root, "--reads", file, "--format", "json"))) == count


def test_a_file_may_be_named_from_where_one_stands(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "env")
    assert names(run("stacks", root, "--reads", "dev.yaml", "--format", "json")) == ["web-dev"]
    assert run("explain", "dev.yaml:2", root).stdout.startswith("env/dev.yaml:2:8: image")


def test_filters_that_name_nothing_are_one_line(root: Path) -> None:
    assert "there is no environment 'dv'; did you mean 'dev'?" in complaint(run("stacks", root, "--environment", "dv"))
    assert complaint(run("stacks", root, "--reads", "nope.yaml")).startswith("nope.yaml: no such file in ")
    assert "not below" in complaint(run("stacks", root, "--reads", root.parent))


def test_the_example_fleet_lists_flux_and_application_sets_with_what_they_lack() -> None:
    stacks = json.loads(run("stacks", FLEET, "--format", "json").stdout)["stacks"]
    lookout = next(stack for stack in stacks if stack["name"] == "lookout")
    assert (lookout["kind"], lookout["origin"]) == ("flux", "clusters/edge/flux/lookout-helmrelease.yaml:2")
    assert lookout["layers"][-1] == "clusters/edge/flux/lookout-helmrelease.yaml#spec.values"
    assert lookout["notes"] == ["Secret lookout-overrides is not in the repository"]
    assert {"explicit", "applicationset", "flux"} <= {stack["kind"] for stack in stacks}


def test_a_place_is_explained_by_who_sets_what_and_what_would_be_written(root: Path) -> None:
    (root / "digests.yaml").write_text(f"ghcr.io/acme/web:dev: {DIGEST}\n")
    result = run("explain", "env/dev.yaml:2", root, "--digests", root / "digests.yaml")
    assert result.exit_code == 0
    lines = [re.sub(" +", " ", line).strip() for line in result.stdout.splitlines()]
    assert "web-dev (dev), explicit, .unfloat.yaml:2" in lines
    assert "layer 3 of 3: env/dev.yaml" in lines
    assert "image.repository ghcr.io/acme/web chart/values.yaml:2" in lines
    at = lines.index("image.tag dev env/dev.yaml:2 this line")
    assert lines[at + 1 : at + 3] == ["edge shared.yaml:2 overridden", '"" chart/values.yaml:3 overridden']
    assert "renders ghcr.io/acme/web:dev" in lines
    assert "with a digest ghcr.io/acme/web@{digest}" in lines
    at = lines.index("A run writes")
    assert lines[at + 1 : at + 3] == ["- tag: dev", f"+ digest: {DIGEST}"]


def test_a_chart_that_ignores_digests_is_said_to(root: Path) -> None:
    template = (
        "kind: Pod\napiVersion: v1\nspec:\n  containers:\n    - image: ghcr.io/acme/web:{{ .Values.image.tag }}\n"
    )
    (root / "chart" / "templates" / "pod.yaml").write_text(template)
    text = run("explain", "env/dev.yaml:2", root, "--skip", "helm-templates").stdout
    assert re.search(r"chart reads +ghcr\.io/acme/web:\{tag\}\n +with a digest +the digest is ignored\n", text)


def test_a_place_that_stays_is_explained_by_its_code(root: Path) -> None:
    text = run("explain", "env/prod.yaml:2", root).stdout
    assert "Stays: digest-unknown (No digest source knows this reference)" in text
    assert "What to do: " in text


def test_releases_that_are_alike_share_a_block_unless_all_are_asked_for(root: Path) -> None:
    (root / "shared.yaml").write_text("image:\n  tag: edge\n  pullPolicy: Never\n")
    for name in ("dev", "prod"):
        (root / "env" / f"{name}.yaml").write_text("replicas: 2\n")
    folded = run("explain", "shared.yaml:2", root).stdout
    assert "and 3 more: web-prod (prod), web-qa (qa), web-uat (uat)" in folded
    assert folded.count("image.repository") == 1
    every = run("explain", "shared.yaml:2", root, "-v").stdout
    assert every.count("image.repository") == 4
    assert "2 of 3: shared.yaml" in every
    assert " more: " not in every


def test_a_pull_policy_is_explained_by_the_layers_that_set_it(root: Path) -> None:
    text = run("explain", "chart/values.yaml:5", root).stdout
    assert text.startswith("chart/values.yaml:5:15: pull policy, helm-values (transform pull-policies)\n")
    assert re.search(
        r"image\.pullPolicy +IfNotPresent +env/prod\.yaml:3\n +Always +chart/values\.yaml:5 +this line, over", text
    )


def test_a_site_outside_of_releases_counts_as_it_is_written(root: Path) -> None:
    text = run("explain", "lone.yaml:4:14", root).stdout
    assert "No release reads it as a value: it counts as it is written." in text


def test_a_line_without_a_site_names_what_it_is_a_part_of_or_the_nearest(root: Path) -> None:
    part = complaint(run("explain", "chart/values.yaml:2", root))
    assert "it is a part of chart/values.yaml:3:8" in part or "it is a part of shared.yaml:2:8 (edge)" in part
    assert complaint(run("explain", "lone.yaml:1", root)).endswith("the nearest: line 4:14 (busybox:latest)")
    assert complaint(run("explain", "lone.yaml:4:1", root)).startswith("lone.yaml:4:1: no image")
    assert "nor elsewhere in this file" in complaint(run("explain", "chart/Chart.yaml:1", root))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("lone.yaml:0", "the file has 4 lines"),
        ("lone.yaml:5", "the file has 4 lines"),
        ("nope.yaml:1", "no such file in"),
        ("env:1", "no file of the run"),
        ("env/dev.yaml", "name the line, too"),
        ("../x.yaml:1", "not below"),
        ("lone.yaml:x", "there is no code or transform"),
    ],
)
def test_places_that_make_no_sense_are_one_line(root: Path, name: str, words: str) -> None:
    assert words in complaint(run("explain", name, root))


def test_the_inventory_has_one_entry_for_each_site_and_differing_stack_with_its_environment() -> None:
    entries = json.loads(run("images", FLEET, "--format", "json").stdout)["images"]
    keys = [(e["path"], e["line"], e["column"], e["image"], e["status"]) for e in entries]
    assert len(keys) == len(set(keys))
    stacks = json.loads(run("stacks", FLEET, "--format", "json").stdout)["stacks"]
    declared = {(stack["name"], stack["environment"]) for stack in stacks}
    of_files = [entry for entry in entries if entry["surface"] != "shell"]  # a script may install a release of its own
    shown = {(entry["stack"], entry["environment"]) for entry in of_files if entry["stack"]}
    assert shown <= declared
    assert {"dev", "edge", "local", "production", "staging"} <= {environment for _, environment in shown}
    by_site = defaultdict(set)
    for entry in entries:
        by_site[entry["path"], entry["line"], entry["column"]].add(entry["image"])
    assert any(len(images) > 1 for images in by_site.values()), "no site of the fleet differs between stacks"


def test_a_template_string_is_explained_by_the_values_that_it_shows() -> None:
    place = "sources/values/_shared/apps/agent-purser-v0.yaml"
    text = run("explain", f"{place}:16", FLEET).stdout
    assert re.search(rf"image\.tag +main +{re.escape(place)}:4\n", text)
    assert "manifests.spec" not in text
    assert "removes what is below" not in text


def test_a_place_is_explained_as_json(root: Path) -> None:
    (root / "digests.yaml").write_text(f"ghcr.io/acme/web:dev: {DIGEST}\n")
    result = run("explain", "env/dev.yaml:2", root, "--digests", root / "digests.yaml", "--format", "json")
    found = json.loads(result.stdout)
    (site,) = found["sites"]
    assert (found["schema"], site["path"], site["line"], site["kind"]) == (1, "env/dev.yaml", 2, "image")
    assert site["images"] == [{"image": "ghcr.io/acme/web:dev", "status": "floating"}]
    assert site["writes"][0]["after"] == f"digest: {DIGEST}"
    (release,) = site["releases"]
    assert (release["stack"], release["layer"], release["images"]) == (
        "web-dev",
        "env/dev.yaml",
        ["ghcr.io/acme/web:dev"],
    )
    tags = [(s["value"], s["place"], s["wins"]) for s in release["settings"] if s["keys"] == "image.tag"]
    assert tags == [
        ("dev", "env/dev.yaml:2", True),
        ("edge", "shared.yaml:2", False),
        ("", "chart/values.yaml:3", False),
    ]


def test_a_place_that_stays_says_why_as_json(root: Path) -> None:
    (site,) = json.loads(run("explain", "lone.yaml:4", root, "--offline", "--format", "json").stdout)["sites"]
    assert (site["releases"], site["writes"], site["left"][0]["code"]) == ([], [], "digest-unknown")


def test_codes_and_transforms_are_explained_as_json() -> None:
    code = json.loads(run("explain", "tag-only", "--format", "json").stdout)
    assert (code["schema"], code["code"], set(code)) == (1, "tag-only", {"schema", "code", "title", "why", "mend"})
    transform = json.loads(run("explain", "image-maps", "--format", "json").stdout)
    assert transform["transform"] == "image-maps"
    assert "Pin images" in transform["documentation"]


def test_releases_that_say_the_same_are_one_block_whatever_their_charts() -> None:
    result = run("explain", "sources/values/base/globals.yaml:7", FLEET, "--offline")
    assert result.exit_code == 0
    blocks = result.stdout.split("\n\n")
    assert len(blocks) <= 11
    assert "renders" in blocks[1]
    assert any(re.search(r"chart +.* and \d+ more charts", block) for block in blocks)
    assert any(re.match(r" +and \d+ more releases in \d+ more groups; `-v` shows every one", b) for b in blocks)
    every = run("explain", "sources/values/base/globals.yaml:7", FLEET, "--offline", "-v").stdout
    assert every.count("\n\n") > 50
