"""Hazards of layers in releases that an ApplicationSet or an Application declares, with the real helm as witness."""

from __future__ import annotations

import datetime
import re
import subprocess
from pathlib import Path

import proving
import pytest

from codemod import registry
from codemod.config import Config
from codemod.exceptions import Exceptions
from codemod.gate import violations
from codemod.outcome import Plan
from codemod.testing import digest_of, plan_of

DIGEST = "sha256:" + "ab" * 32
WEB, MIRROR = "ghcr.io/acme/web:main", "mirror.acme.test/web:main"
SHARED, PROD, CHART = "values/shared/web.yaml", "values/env/prod/web.yaml", "charts/web/templates/pod.yaml"
TAGGED = "image:\n  repository: ghcr.io/acme/web\n  tag: main\n"
PINNED = f"image:\n  repository: ghcr.io/acme/web\n  digest: {DIGEST}\n"
RENAMED = "image:\n  repository: mirror.acme.test/web\n"
SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: fleet}
spec:
  goTemplate: true
  generators:
    - matrix:
        generators:
          - list: {elements: [{env: dev}, {env: prod}]}
          - git: {repoURL: x, revision: main, files: [{path: "apps/*/app.yaml"}]}
  template:
    metadata: {name: "{{ .env }}-{{ .name }}"}
    spec:
      sources:
        - repoURL: https://github.com/acme/fleet
          path: "{{ .chart }}"
          helm:
            ignoreMissingValueFiles: true
            valueFiles:
              - $values/values/base.yaml
              - $values/values/cluster.yaml
              - $values/values/env/{{ .env }}/globals.yaml
              - $values/values/shared/{{ .name }}.yaml
              - $values/values/env/{{ .env }}/{{ .name }}.yaml
        - {repoURL: https://github.com/acme/fleet, ref: values}
"""
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  sources:
    - repoURL: https://github.com/acme/fleet
      path: charts/web
      helm:
        valueFiles: [$values/values/shared/web.yaml]
        %s
    - {repoURL: https://github.com/acme/fleet, ref: values}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: "%s"
      imagePullPolicy: {{ (.Values.global | default dict).imagePullPolicy | default "IfNotPresent" }}
"""
AWARE = (
    "{{ .Values.image.repository }}"
    "{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag }}{{ end }}"
)
BORROWING = "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Values.global.imageTag }}"
TREE = {
    "argocd/set.yaml": SET,
    "apps/web/app.yaml": "name: web\nchart: charts/web\n",
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/values.yaml": "image:\n  repository: ''\n  tag: ''\n",
    CHART: POD % AWARE,
}


def fleet(*unknown: str, **given: str) -> tuple[dict[str, str], Plan]:
    """The five-layered fleet with some files, and the plan for it; `a__b` stands for the path `a/b.yaml`."""
    return planned({**TREE, **{f"{name.replace('__', '/')}.yaml": text for name, text in given.items()}}, *unknown)


def planned(tree: dict[str, str], *unknown: str) -> tuple[dict[str, str], Plan]:
    texts = {path: text.encode() for path, text in tree.items()}
    transforms = [transform for transform in registry.load() if transform.reads[0].name == "yaml"]
    return tree, plan_of(transforms, texts, unknown=unknown)


def application(helm: str, values: str = TAGGED) -> Plan:
    tree = {path: text for path, text in TREE.items() if not path.startswith(("argocd", "apps"))}
    return planned({**tree, "argocd/web.yaml": APPLICATION % helm, SHARED: values})[1]


def after(tree: dict[str, str], plan: Plan) -> dict[str, str]:
    return {path: plan.files[path][1].decode() if path in plan.files else text for path, text in tree.items()}


def left(plan: Plan) -> list[tuple[str, str]]:
    return [(entry.site.path, entry.code) for entry in plan.left]


def image_of(root: Path, tree: dict[str, str], env: str, name: str = "web") -> str:
    """The image that the real helm renders for one release of the fleet."""
    proving.write(root, tree)
    layers = ("base", "cluster", f"env/{env}/globals", f"shared/{name}", f"env/{env}/{name}")
    files = [root / "values" / f"{layer}.yaml" for layer in layers if f"values/{layer}.yaml" in tree]
    command = [proving.programs()[0], "template", name, str(root / "charts/web")]
    command += [word for file in files for word in ("--values", str(file))]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r'image: "?([^"\n]+)', text)
    assert found is not None
    return found[1]


def pinned(image: str) -> str:
    return f"{image.rpartition(':')[0]}@{digest_of(image)}"


# --- another repository under an inherited tag -----------------------------------------------------------------------


def test_an_overlay_that_changes_the_repository_gets_a_digest_of_its_own(tmp_path: Path) -> None:
    tree, plan = fleet(values__shared__web=TAGGED, values__env__prod__web=RENAMED)
    done = after(tree, plan)
    assert image_of(tmp_path, tree, "prod") == MIRROR
    assert [image_of(tmp_path, done, env) for env in ("dev", "prod")] == [pinned(WEB), pinned(MIRROR)]
    _, again = planned(done)
    assert (again.files, again.left) == ({}, ())


def test_the_lower_layer_is_left_where_the_overlays_own_digest_is_not_known() -> None:
    _, plan = fleet(MIRROR, values__shared__web=TAGGED, values__env__prod__web=RENAMED)
    assert not plan.files
    assert left(plan) == [(PROD, "digest-unknown"), (SHARED, "higher-layer-sets-repository")]
    assert plan.left[1].message == f"{PROD}:2 names another repository ({MIRROR}), which gets no digest"


def test_an_overlay_that_repeats_the_repository_inherits_the_digest(tmp_path: Path) -> None:
    tree, plan = fleet(values__shared__web=TAGGED, values__env__prod__web="image:\n  repository: ghcr.io/acme/web\n")
    assert set(plan.files) == {SHARED}
    assert image_of(tmp_path, after(tree, plan), "prod") == pinned(WEB)


def test_an_overlay_with_a_tag_of_its_own_is_pinned_in_place(tmp_path: Path) -> None:
    tree, plan = fleet(values__shared__web=TAGGED, values__env__prod__web=f"{RENAMED}  tag: dev\n")
    done = after(tree, plan)
    assert [image_of(tmp_path, done, env) for env in ("dev", "prod")] == [
        pinned(WEB),
        pinned("mirror.acme.test/web:dev"),
    ]


# --- a digest that a lower layer set for another image ---------------------------------------------------------------


@pytest.mark.parametrize("overlay", [RENAMED, f"{RENAMED}  tag: v1\n", "image:\n  tag: v1\n"])
def test_a_stale_digest_is_reported_and_breaks_the_gate_with_the_place_that_sets_it(overlay: str) -> None:
    _, plan = fleet(values__shared__web=PINNED, values__env__prod__web=overlay)
    assert (plan.files, left(plan)) == ({}, [(PROD, "stale-inherited-digest")])
    (found,) = violations(plan, Config(), Exceptions(Config(), datetime.date(2026, 1, 1)))
    assert (found.path, found.code) == (PROD, "UF005")
    assert f"{SHARED}:3 sets the digest" in found.message


@pytest.mark.parametrize("overlay", [f"{RENAMED}  digest: {DIGEST}\n", "image:\n  repository: ghcr.io/acme/web\n"])
def test_a_digest_of_the_overlay_itself_or_under_the_same_name_is_not_stale(overlay: str) -> None:
    _, plan = fleet(values__shared__web=PINNED, values__env__prod__web=overlay)
    assert (plan.files, plan.left) == ({}, ())


@pytest.mark.parametrize(("name", "path"), [("repository", SHARED), ("tag", "argocd/web.yaml")])
def test_a_parameter_that_changes_the_image_over_a_digest_is_reported(name: str, path: str) -> None:
    plan = application(f"parameters: [{{name: image.{name}, value: other}}]", PINNED)
    assert left(plan) == [(path, "stale-inherited-digest")]


# --- tags of higher layers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("helm", "codes"),
    [
        ("parameters: [{name: image.tag, value: v1}]", ["tag-only", "higher-layer-sets-tag"]),
        ("parameters: [{name: image.repository, value: mirror.acme.test/web}]", ["higher-layer-sets-repository"]),
        ("valuesObject: {image: {tag: v1}}", ["tag-only", "higher-layer-sets-tag"]),
        ("values: |\n          image:\n            tag: v1", ["tag-only", "higher-layer-sets-tag"]),
    ],
)
def test_nothing_is_pinned_below_what_an_application_sets_inline_without_a_digest(helm: str, codes: list[str]) -> None:
    plan = application(helm)
    assert not plan.files
    assert [code for _, code in left(plan)] == codes


@pytest.mark.parametrize(
    "helm",
    [
        "valuesObject: {image: {tag: dev}}",
        "values: |\n          image:\n            tag: dev",
        "parameters: [{name: image.tag, value: dev}]",
    ],
)
def test_a_floating_tag_inline_is_pinned_together_with_the_layer_below(helm: str) -> None:
    plan = application(helm)
    assert (set(plan.files), plan.left) == ({"argocd/web.yaml", SHARED}, ())


# --- one tag that several images share -------------------------------------------------------------------------------


def borrowing(**given: str) -> tuple[dict[str, str], Plan]:
    web, api = (f"image:\n  repository: ghcr.io/acme/{name}\n" for name in ("web", "api"))
    apps = {"apps/api/app.yaml": "name: api\nchart: charts/web\n", CHART: POD % BORROWING}
    more = {f"{name.replace('__', '/')}.yaml": text for name, text in given.items()}
    return planned({**TREE, **apps, SHARED: web, "values/shared/api.yaml": api, **more})


def test_every_image_that_takes_a_shared_tag_gets_its_own_digest(tmp_path: Path) -> None:
    tree, plan = borrowing(values__base="global:\n  imageTag: dev\n  imagePullPolicy: Always\n")
    done = after(tree, plan)
    for name in ("web", "api"):
        image = f"ghcr.io/acme/{name}:dev"
        assert image_of(tmp_path, tree, "dev", name) == image
        assert {image_of(tmp_path, done, env, name) for env in ("dev", "prod")} == {pinned(image)}
    assert left(plan) == []
    assert done["values/base.yaml"] == "global:\n  imagePullPolicy: IfNotPresent\n"
    _, again = planned(done)
    assert (again.files, again.left) == ({}, ())


def test_images_stay_whose_only_layer_is_read_with_different_tags() -> None:
    tags = {"values__base": "global:\n  imageTag: dev\n", "values__env__prod__globals": "global:\n  imageTag: main\n"}
    _, plan = borrowing(**tags)
    assert not plan.files
    assert {code for _, code in left(plan)} == {"shared-tag"}
    messages = {entry.site.path: entry.message for entry in plan.left}
    assert "dev in dev, main in prod" in messages[SHARED]
    assert messages["values/base.yaml"] == "taken by values/shared/api.yaml:2, values/shared/web.yaml:2"


def test_a_digest_goes_into_the_layer_that_one_release_alone_reads(tmp_path: Path) -> None:
    tags = {"values__base": "global:\n  imageTag: dev\n", "values__env__prod__globals": "global:\n  imageTag: main\n"}
    own = {f"values__env__{env}__web": "image:\n  pullSecret: ghcr\n" for env in ("dev", "prod")}
    tree, plan = borrowing(**tags, **own)
    done = after(tree, plan)
    images = {"dev": "ghcr.io/acme/web:dev", "prod": WEB}
    assert {env: image_of(tmp_path, done, env) for env in images} == {env: pinned(i) for env, i in images.items()}
    assert SHARED not in plan.files


# --- policies of all releases ----------------------------------------------------------------------------------------

POLICY = "global:\n  imagePullPolicy: Always\n"


def policy(plan: Plan) -> str | None:
    """Why the global policy stays; None where it flips."""
    return next((entry.message for entry in plan.left if entry.kind == "pull-policy"), None)


def test_a_global_policy_flips_where_every_image_of_every_release_is_pinned() -> None:
    tree, plan = fleet(values__base=POLICY, values__shared__web=TAGGED)
    assert policy(plan) is None
    assert "imagePullPolicy: IfNotPresent" in after(tree, plan)["values/base.yaml"]


def test_a_global_policy_counts_what_a_vendored_chart_shows_of_its_own() -> None:
    chart = {path.replace("charts/", "third_party/"): text for path, text in TREE.items() if path.startswith("charts/")}
    chart["third_party/web/values.yaml"] = "image:\n  repository: docker.io/redis\n  tag: latest\n"
    cache = {"apps/cache/app.yaml": "name: cache\nchart: third_party/web\n", **chart}
    _, plan = planned({**TREE, **cache, "values/base.yaml": POLICY, SHARED: TAGGED})
    assert policy(plan) == "it governs docker.io/library/redis:latest in dev-cache"


def test_a_global_policy_counts_the_default_tag_of_a_chart() -> None:
    _, plan = fleet(values__base=POLICY, values__shared__web="image:\n  repository: ghcr.io/acme/web\n")
    assert policy(plan) is not None


def test_a_global_policy_counts_what_a_template_names_in_full() -> None:
    sidecar = {"charts/web/templates/job.yaml": "kind: Job\napiVersion: batch/v1\nspec:\n  image: busybox:1.36\n"}
    _, plan = planned({**TREE, **sidecar, "values/base.yaml": POLICY, SHARED: TAGGED})
    assert policy(plan) == "it governs docker.io/library/busybox:1.36 in dev-web"


def test_a_global_policy_stays_where_a_release_is_not_known_in_full() -> None:
    remote = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: docs}\nspec:\n  sources:\n"
    remote += "    - repoURL: https://charts.acme.test\n      chart: docs\n      targetRevision: 1.0.0\n"
    remote += "      helm: {valueFiles: [$values/values/base.yaml]}\n"
    remote += "    - {repoURL: https://github.com/acme/fleet, ref: values}\n"
    _, plan = planned({**TREE, "argocd/docs.yaml": remote, "values/base.yaml": POLICY, SHARED: TAGGED})
    assert "docs may render more than is known" in (policy(plan) or "")


@pytest.mark.parametrize(
    "inline", ["valuesObject: {image: {pullSecret: x}}", "values: |\n          image:\n            x: 1"]
)
def test_a_digest_goes_into_the_inline_values_that_hold_the_map(inline: str) -> None:
    tags = {env: f"global:\n  imageTag: {tag}\n" for env, tag in (("dev", "dev"), ("prod", "main"))}
    apps = {
        f"argocd/{env}.yaml": (APPLICATION % inline)
        .replace("name: web", f"name: {env}")
        .replace("[$values/values/shared/web.yaml]", f"[$values/values/shared/web.yaml, $values/values/{env}.yaml]")
        for env in tags
    }
    chart = {path: text for path, text in TREE.items() if path.startswith("charts")} | {CHART: POD % BORROWING}
    shared = {SHARED: "image:\n  repository: ghcr.io/acme/web\n"}
    values = {f"values/{env}.yaml": text for env, text in tags.items()}
    tree, plan = planned({**chart, **shared, **apps, **values})
    done = after(tree, plan)
    for env, tag in (("dev", "dev"), ("prod", "main")):
        assert digest_of(f"ghcr.io/acme/web:{tag}") in done[f"argocd/{env}.yaml"]
    assert SHARED not in plan.files
    assert left(plan) == []
    assert {env: done[f"values/{env}.yaml"] for env in tags} == dict.fromkeys(tags, 'global:\n  imageTag: ""\n')
