"""Charts that kustomizations inflate; the real kustomize, with the real helm, is the witness."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import proving
import pytest
import toolchain
from test_kustomize_renames import after, left, pinned, planned

from codemod.config import Config
from codemod.fleet.inflated import releases
from codemod.fleet.stack import Stack
from codemod.fleet.tree import Tree
from codemod.source import Source

PATH = "apps/dev/kustomization.yaml"
WEB = {f"apps/dev/{path}": text for path, text in proving.WEB.items()}
ENTRY = "helmCharts:\n- name: web\n  releaseName: site\n"
INLINE = f"{ENTRY}  valuesInline:\n    image:\n      tag: main\n"
OLD = (
    "helmChartInflationGenerator:\n- chartName: web\n  chartHome: charts\n  releaseName: site\n"
    "  valuesLocal:\n    image:\n      tag: main\n"
)


def stacks(files: dict[str, str]) -> list[Stack]:
    sources = {path: Source(path, text.encode(), "yaml") for path, text in files.items()}
    return list(releases(Tree(list(sources), sources.get), Config()))


def layers_of(files: dict[str, str]) -> list[str]:
    (stack,) = stacks(files)
    return [str(layer) for layer in stack.layers]


def built(root: Path, files: dict[str, str], folder: str = "apps/dev") -> list[str]:
    """The images that the real kustomize builds."""
    proving.write(root, files)
    command = [*toolchain.kustomize(), str(root / folder), "--enable-helm", "--helm-command", str(toolchain.helm())]
    done = subprocess.run(
        [*command, "--load-restrictor", "LoadRestrictionsNone"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return re.findall(r"image: (\S+)", done.stdout)


# --- releases ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["helmCharts: []\n", "helmCharts:\n- releaseName: web\n", "helmCharts: web\n", "resources: [helmCharts]\n"]
)
def test_what_inflates_no_chart_is_no_release(text: str) -> None:
    assert stacks({**WEB, PATH: text}) == []


@pytest.mark.surface("kustomize", found="`helmCharts` and their values, as layers of a release")
def test_a_chart_is_a_release_with_its_layers_in_order() -> None:
    text = f"namespace: dev\n{INLINE}  valuesFile: v.yaml\n  additionalValuesFiles: [a.yaml, missing.yaml]\n"
    (stack,) = stacks({**WEB, PATH: text, "apps/dev/v.yaml": "{}\n", "apps/dev/a.yaml": "{}\n"})
    assert (stack.name, stack.kind, stack.chart, stack.origin) == (
        "site",
        "kustomize",
        "apps/dev/charts/web",
        f"{PATH}:3",
    )
    assert (stack.release, stack.namespace, stack.missing) == ("site", "dev", ("apps/dev/missing.yaml",))
    assert [str(layer) for layer in stack.layers] == [
        "apps/dev/charts/web/values.yaml",
        "apps/dev/v.yaml",
        f"{PATH}#helmCharts.0.valuesInline",
        "apps/dev/a.yaml",
    ]


@pytest.mark.parametrize("merge", ["override", "merge", "replace"])
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("more", [True, False])
def test_the_highest_layer_is_the_one_that_kustomize_takes(tmp_path: Path, merge: str, named: bool, more: bool) -> None:
    text = f"{INLINE}  valuesMerge: {merge}\n"
    text += "  valuesFile: v.yaml\n" * named + "  additionalValuesFiles: [a.yaml]\n" * more
    files = {**WEB, PATH: text, "apps/dev/v.yaml": "image: {tag: v}\n", "apps/dev/a.yaml": "image: {tag: a}\n"}
    tags = {f"{PATH}#helmCharts.0.valuesInline": "main", "apps/dev/v.yaml": "v", "apps/dev/a.yaml": "a"}
    assert built(tmp_path, files) == [f"ghcr.io/acme/web:{tags.get(layers_of(files)[-1], 'dev')}"]


def test_a_chart_that_is_elsewhere_is_said_to_be() -> None:
    text = "helmCharts:\n- {name: redis, repo: 'https://charts.acme.test', version: 1.2.3}\n"
    (stack,) = stacks({PATH: text})
    assert (stack.chart, stack.layers) == (None, ())
    assert stack.notes == ("The chart redis of https://charts.acme.test is not in the repository.",)
    fetched = {path.replace("charts/web", "charts/redis-1.2.3/redis"): file for path, file in WEB.items()}
    fetched = {path: file.replace("name: web", "name: redis") for path, file in fetched.items()}
    assert stacks({PATH: text, **fetched})[0].chart == "apps/dev/charts/redis-1.2.3/redis"


def test_a_chart_home_may_be_anywhere_in_the_repository(tmp_path: Path) -> None:
    files = {**proving.WEB, PATH: f"helmGlobals: {{chartHome: ../../charts}}\n{INLINE}"}
    assert stacks(files)[0].chart == "charts/web"
    assert built(tmp_path, files) == ["ghcr.io/acme/web:main"]


# --- values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [INLINE, OLD])
@pytest.mark.surface(
    "kustomize", rewritten="tags in `valuesInline`, with the repository that the chart's own values name"
)
def test_a_tag_of_inline_values_becomes_the_digest_of_the_image_of_the_chart(tmp_path: Path, text: str) -> None:
    files = {**WEB, PATH: text}
    plan = planned(files)
    done = after(files, plan)
    assert done[PATH] == text.replace("tag: main", f"digest: {pinned('ghcr.io/acme/web:main').partition('@')[2]}")
    assert built(tmp_path / "before", files) == ["ghcr.io/acme/web:main"]
    assert built(tmp_path / "after", done) == [pinned("ghcr.io/acme/web:main")]
    assert not planned(done).files
    edits = {path: done[path] for path in plan.files}
    verdict = proving.verdict(tmp_path / "proof", files, edits)
    assert (verdict.outcome, verdict.pinned) == ("proven", 1)


def test_a_file_of_values_is_pinned_with_the_repository_of_the_inline_ones(tmp_path: Path) -> None:
    text = f"{ENTRY}  valuesInline:\n    image:\n      repository: acme.test/api\n  valuesFile: v.yaml\n"
    files = {**WEB, PATH: text, "apps/dev/v.yaml": "image:\n  tag: main\n"}
    assert built(tmp_path, after(files, planned(files))) == [pinned("acme.test/api:main")]


@pytest.mark.surface("kustomize", rewritten="values of a remote chart that hold name and tag (unproven)")
def test_values_of_a_chart_that_is_elsewhere_are_pinned_unproven() -> None:
    text = "helmCharts:\n- name: web\n  repo: https://charts.acme.test\n  valuesInline:\n    image:\n"
    files = {PATH: f"{text}      repository: acme.test/web\n      tag: main\n"}
    (change,) = planned(files).changed
    assert (change.image, change.unproven) == ("acme.test/web:main", True)
    assert [code for _, code, _ in left(planned({PATH: f"{text}      tag: main\n"}))] == ["repository-unknown"]


@pytest.mark.surface("kustomize", rewritten="whole references in `valuesInline`")
def test_whole_references_and_lists_of_them_in_inline_values_are_pinned() -> None:
    text = f"{ENTRY}  valuesInline:\n    sidecarImage: acme.test/side:main\n    images: [acme.test/job:dev]\n"
    assert {change.image for change in planned({PATH: text}).changed} == {"acme.test/side:main", "acme.test/job:dev"}


# --- entries of `images:` over what charts print ---------------------------------------------------------------------


def images(entry: str) -> str:
    return f"{INLINE}images:\n- {entry}\n"


@pytest.mark.surface("kustomize", reported="values of a chart whose image an entry renames")
def test_values_stay_whose_image_an_entry_renames(tmp_path: Path) -> None:
    files = {**WEB, PATH: images("{name: ghcr.io/acme/web, newName: mirror.test/web}")}
    assert built(tmp_path, files) == ["mirror.test/web:main"]
    plan = planned(files)
    message = f"{PATH} makes mirror.test/web:main of what the chart prints"
    assert (plan.files, (PATH, "computed-reference", message) in left(plan)) == ({}, True)


def test_values_below_an_entry_with_a_tag_are_pinned_as_any_other(tmp_path: Path) -> None:
    files = {**WEB, PATH: images("{name: ghcr.io/acme/web, newTag: latest}")}
    assert built(tmp_path, files) == ["ghcr.io/acme/web:latest"]
    assert built(tmp_path, after(files, planned(files))) == [pinned("ghcr.io/acme/web:latest")]


def test_an_entry_of_another_image_is_no_obstacle(tmp_path: Path) -> None:
    files = {**WEB, PATH: images("{name: acme/web, newName: mirror.test/web}")}
    assert built(tmp_path, after(files, planned(files))) == [pinned("ghcr.io/acme/web:main")]
