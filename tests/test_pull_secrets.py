"""`unfloat check --pull-secrets`: private images that no pod can pull; what has its secret from anywhere stays."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from moving import OLD, call
from proving import Tree, write

IMAGE = f"ghcr.io/acme/web@{OLD}"
CONFIG = {".unfloat.yaml": "private: ['ghcr.io/acme/**']\n"}
POD = f"""\
apiVersion: v1
kind: Pod
metadata: {{name: web}}
spec:
  containers:
    - name: web
      image: {IMAGE}
"""
ACCOUNT = """\
apiVersion: v1
kind: ServiceAccount
metadata: {name: default}
imagePullSecrets: [{name: ghcr}]
"""
DEPLOYMENT = f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  template:
    spec:
      serviceAccountName: web
      containers: [{{name: web, image: "{IMAGE}"}}]
"""
OTHER_ACCOUNT = ACCOUNT.replace("default", "web")
SECRETS = "  imagePullSecrets: [{name: ghcr}]\n"
KUSTOMIZATION = "resources: [../../base]\npatches:\n  - path: patch.yaml\n"
PATCH = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n{SECRETS}"
JSON_PATCH = """\
resources: [../../base]
patches:
  - target: {kind: Deployment}
    patch: |
      - op: add
        path: /spec/template/spec/imagePullSecrets
        value: [{name: ghcr}]
"""
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  source: {repoURL: x, path: one}
  destination: {namespace: shop}
"""
CHART = {
    "app.yaml": """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  source: {repoURL: x, path: charts/web, helm: {valueFiles: [../../web.yaml]}}
  destination: {namespace: shop}
""",
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/values.yaml": "image: {repository: ghcr.io/acme/web, digest: ''}\naccount: default\n",
    "charts/web/templates/pod.yaml": """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  serviceAccountName: {{ .Values.account }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - image: "{{ .Values.image.repository }}@{{ .Values.image.digest }}"
""",
    "web.yaml": f"image:\n  digest: {OLD}\n",
}
FIXED = f"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: {IMAGE}\n"
VENDORED = {path.replace("charts/web", "third_party/web"): text for path, text in CHART.items()} | {
    "app.yaml": CHART["app.yaml"].replace("charts/web", "third_party/web"),
    "web.yaml": "a: 1\n",
}
BASE = {"base/kustomization.yaml": "resources: [pod.yaml, account.yaml]\n", "base/pod.yaml": POD}
OVERLAY = {"overlays/dev/kustomization.yaml": KUSTOMIZATION, "overlays/dev/patch.yaml": PATCH}


def found(root: Path, *arguments: str) -> list[str]:
    """The places of the violations that are about pull secrets."""
    result = call("check", str(root), "--offline", "--pull-secrets", *arguments)
    assert result.exit_code in (0, 1), result.stderr
    return re.findall(r"^(\S+): UF010 ", result.stdout, re.MULTILINE)


LEFT: dict[str, Tree] = {
    "a public image": {"pod.yaml": POD.replace("ghcr.io/acme", "ghcr.io/others")},
    "a pod with its secret": {"pod.yaml": POD + SECRETS},
    "a pod with its secret by an anchor": {
        "pod.yaml": POD + "  imagePullSecrets: *x\n".replace("*x", "&x [{name: g}]")
    },
    "a pod whose secret a template or a substitution names": {"pod.yaml": POD + "  imagePullSecrets: ${SECRETS}\n"},
    "a pod whose default service account has it": {"pod.yaml": POD, "account.yaml": ACCOUNT},
    "a workload whose service account has it": {"web.yaml": f"{DEPLOYMENT}---\n{OTHER_ACCOUNT}"},
    "a service account of the same namespace elsewhere": {
        "one/pod.yaml": POD.replace("{name: web}", "{name: web, namespace: shop}"),
        "two/account.yaml": ACCOUNT.replace("{name: default}", "{name: default, namespace: shop}"),
    },
    "a namespace that a kustomization gives": {
        "one/pod.yaml": POD,
        "one/kustomization.yaml": "namespace: shop\nresources: [pod.yaml]\n",
        "two/account.yaml": ACCOUNT.replace("{name: default}", "{name: default, namespace: shop}"),
    },
    "a namespace that an Application gives to a folder": {
        "app.yaml": APPLICATION,
        "one/deep/pod.yaml": POD,
        "two/account.yaml": ACCOUNT.replace("{name: default}", "{name: default, namespace: shop}"),
    },
    "a namespace that an Application gives to an overlay": {
        "app.yaml": APPLICATION.replace("path: one", "path: overlays/dev"),
        "overlays/dev/kustomization.yaml": "resources: [../../base]\n",
        "base/kustomization.yaml": "resources: [pod.yaml]\n",
        "base/pod.yaml": POD,
        "two/account.yaml": ACCOUNT.replace("{name: default}", "{name: default, namespace: shop}"),
    },
    "files of one kustomization": {
        "kustomization.yaml": "resources: [one/pod.yaml, two/account.yaml]\n",
        "one/pod.yaml": POD,
        "two/account.yaml": ACCOUNT,
    },
    "a base that an overlay patches": {**BASE, **OVERLAY},
    "a base that an overlay patches by operations": {
        "base/kustomization.yaml": "resources: [pod.yaml]\n",
        "base/pod.yaml": DEPLOYMENT,
        "overlays/dev/kustomization.yaml": JSON_PATCH,
    },
    "a service account that an overlay patches": {
        **BASE,
        "base/account.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default}\n",
        "overlays/dev/kustomization.yaml": KUSTOMIZATION,
        "overlays/dev/patch.yaml": ACCOUNT,
    },
    "a patch that names the secret and an image": {**BASE, **OVERLAY, "overlays/dev/patch.yaml": POD + SECRETS},
    "a patch with an image of a pod that has its secret": {
        **BASE,
        **OVERLAY,
        "base/pod.yaml": POD.replace("ghcr.io/acme", "ghcr.io/others") + SECRETS,
        "overlays/dev/patch.yaml": POD,
    },
    "a patch with an image of a pod that is not here": {
        "overlays/dev/kustomization.yaml": KUSTOMIZATION.replace("../../base", "https://example.com/base"),
        "overlays/dev/patch.yaml": POD,
    },
    "a pod that a patch gives an account which has it": {
        **BASE,
        **OVERLAY,
        "base/account.yaml": OTHER_ACCOUNT,
        "overlays/dev/patch.yaml": PATCH.replace(SECRETS, "  serviceAccountName: web\n"),
    },
    "a workload that operations give an account which has it": {
        "base/kustomization.yaml": "resources: [pod.yaml]\n",
        "base/pod.yaml": DEPLOYMENT.replace("serviceAccountName: web", "hostNetwork: false"),
        "base/account.yaml": OTHER_ACCOUNT,
        "overlays/dev/kustomization.yaml": JSON_PATCH.replace("imagePullSecrets", "serviceAccountName").replace(
            "value: [{name: ghcr}]", "value: web"
        ),
    },
    "a custom resource that names it elsewhere": {
        "web.yaml": POD.replace("kind: Pod", "kind: Fleet").replace("apiVersion: v1", "apiVersion: acme.io/v1")
        + "image:\n  imagePullSecrets: [ghcr]\n"
    },
    "values, which are no objects": {"values.yaml": f"containers:\n  - image: {IMAGE}\n"},
    "a definition": {"crd.yaml": POD.replace("kind: Pod", "kind: CustomResourceDefinition")},
    "a vendored manifest": {"third_party/pod.yaml": POD},
    "a chart whose values name it": {**CHART, "web.yaml": CHART["web.yaml"] + "imagePullSecrets: [{name: ghcr}]\n"},
    "a chart that prints a service account which has it": {
        **CHART,
        "charts/web/templates/account.yaml": ACCOUNT.replace("default", "{{ .Release.Name }}"),
        "web.yaml": CHART["web.yaml"] + "account: web\n",
    },
    "a chart in whose namespace the default account has it": {
        **CHART,
        "shop.yaml": ACCOUNT.replace("{name: default}", "{name: default, namespace: shop}"),
    },
    "a chart that lacks the library which prints them": {
        **CHART,
        "charts/web/templates/pod.yaml": CHART["charts/web/templates/pod.yaml"].replace(
            "  {{- with", '  {{- include "common.secrets" . | nindent 2 }}\n  {{- with'
        ),
    },
    "an excused one": {
        "pod.yaml": POD,
        ".unfloat.yaml": CONFIG[".unfloat.yaml"]
        + "allow: [{path: pod.yaml, code: UF010, reason: nodes have it, owner: us, expires: 2999-01-01}]\n",
    },
}

REPORTED: dict[str, tuple[Tree, list[str]]] = {
    "a pod without": ({"pod.yaml": POD}, ["pod.yaml:7:14"]),
    "an empty list": ({"pod.yaml": POD + "  imagePullSecrets: []\n"}, ["pod.yaml:7:14"]),
    "a secret without a name": ({"pod.yaml": POD + "  imagePullSecrets: [{}]\n"}, ["pod.yaml:7:14"]),
    "a workload whose service account has none": (
        {"web.yaml": f"{DEPLOYMENT}---\n{OTHER_ACCOUNT.replace('imagePull', 'other')}"},
        ["web.yaml:8:40"],
    ),
    "a workload with an account of its own, and the default one has it": (
        {"web.yaml": f"{DEPLOYMENT}---\n{ACCOUNT}"},
        ["web.yaml:8:40"],
    ),
    "an account of another namespace": (
        {
            "pod.yaml": POD.replace("{name: web}", "{name: web, namespace: shop}"),
            "account.yaml": ACCOUNT.replace("{name: default}", "{name: default, namespace: other}"),
        },
        ["pod.yaml:7:14"],
    ),
    "a namespace that an Application gives to another folder": (
        {
            "app.yaml": APPLICATION.replace("path: one", "path: ones"),
            "other.yaml": APPLICATION.replace("path: one", "ref: values"),
            "one/pod.yaml": POD,
            "two/account.yaml": ACCOUNT.replace("{name: default}", "{name: default, namespace: shop}"),
        },
        ["one/pod.yaml:7:14"],
    ),
    "an account in another folder of which nothing says the namespace": (
        {"one/pod.yaml": POD, "two/account.yaml": ACCOUNT},
        ["one/pod.yaml:7:14"],
    ),
    "an init container, a container and a volume": (
        {
            "pod.yaml": POD
            + f"  initContainers: [{{image: {IMAGE}}}]\n"
            + f"  volumes:\n    - name: v\n      image: {{reference: {IMAGE}}}\n"
        },
        ["pod.yaml:7:14", "pod.yaml:8:28", "pod.yaml:11:26"],
    ),
    "a cron job": (
        {
            "job.yaml": "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\nspec:\n  jobTemplate:\n    spec:\n"
            f"      template:\n        spec:\n          containers:\n            - image: {IMAGE}\n"
        },
        ["job.yaml:10:22"],
    ),
    "a custom resource that holds a pod": (
        {"web.yaml": POD.replace("kind: Pod", "kind: Fleet").replace("apiVersion: v1", "apiVersion: acme.io/v1")},
        ["web.yaml:7:14"],
    ),
    "an item of a list": (
        {"list.yaml": "apiVersion: v1\nkind: List\nitems:\n  - " + POD.replace("\n", "\n    ").rstrip() + "\n"},
        ["list.yaml:10:18"],
    ),
    "a base that an overlay patches otherwise": (
        {
            **BASE,
            **OVERLAY,
            "overlays/dev/patch.yaml": PATCH.replace("imagePullSecrets: [{name: ghcr}]", "hostname: x"),
        },
        ["base/pod.yaml:7:14"],
    ),
    "a base of which an overlay patches something else": (
        {**BASE, **OVERLAY, "overlays/dev/patch.yaml": PATCH.replace("{name: web}", "{name: other}")},
        ["base/pod.yaml:7:14"],
    ),
    "a patch with an image of a pod without": (
        {**BASE, **OVERLAY, "base/pod.yaml": POD.replace("ghcr.io/acme", "ghcr.io/others")}
        | {"overlays/dev/patch.yaml": POD},
        ["overlays/dev/patch.yaml:7:14"],
    ),
    "operations that take a secret away": (
        {
            "base/kustomization.yaml": "resources: [pod.yaml]\n",
            "base/pod.yaml": DEPLOYMENT,
            "overlays/dev/kustomization.yaml": JSON_PATCH.replace("op: add", "op: remove"),
        },
        ["base/pod.yaml:8:40"],
    ),
    "a chart without, at the values of the image": (CHART, ["web.yaml:2:11"]),
    "a chart whose account is another than the one that has it": (
        {**CHART, "shop.yaml": ACCOUNT.replace("{name: default}", "{name: default, namespace: elsewhere}")},
        ["web.yaml:2:11"],
    ),
    "a chart whose template names the image": (
        {**CHART, "web.yaml": "a: 1\n"} | {"charts/web/templates/pod.yaml": FIXED},
        ["charts/web/templates/pod.yaml:5:14"],
    ),
    "a chart whose template puts the name together": (
        {**CHART, "charts/web/values.yaml": "a: 1\n", "web.yaml": "registry: ghcr.io\n"}
        | {
            "charts/web/templates/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n"
            f"    - image: {{{{ .Values.registry }}}}/acme/web@{OLD}\n"
        },
        ["charts/web/templates/pod.yaml:6:1"],
    ),
    "a vendored chart, at what declares its release": (
        {
            **VENDORED,
            "third_party/web/templates/pod.yaml": FIXED,
        },
        ["app.yaml:1:1"],
    ),
    "an exception for another code": (
        {
            "pod.yaml": POD,
            ".unfloat.yaml": CONFIG[".unfloat.yaml"]
            + "allow: [{path: pod.yaml, code: UF001, reason: r, owner: us, expires: 2999-01-01}]\n",
        },
        ["pod.yaml:7:14"],
    ),
    "an image of Docker Hub, by its short name": (
        {"pod.yaml": POD.replace(IMAGE, f"acme/web@{OLD}"), ".unfloat.yaml": "private: ['acme/*']\n"},
        ["pod.yaml:7:14"],
    ),
}


@pytest.mark.parametrize("case", LEFT)
def test_left_alone_is(case: str, tmp_path: Path) -> None:
    assert found(write(tmp_path, {**CONFIG, **LEFT[case]})) == []


@pytest.mark.parametrize("case", REPORTED)
def test_reported_is(case: str, tmp_path: Path) -> None:
    tree, places = REPORTED[case]
    assert found(write(tmp_path, {**CONFIG, **tree})) == places


def test_without_the_option_nothing_is_said_of_secrets(tmp_path: Path) -> None:
    result = call("check", str(write(tmp_path, {**CONFIG, "pod.yaml": POD})), "--offline")
    assert (result.exit_code, result.stdout) == (0, "")


def test_a_violation_names_the_image_what_runs_it_and_the_mend(tmp_path: Path) -> None:
    second = CHART["app.yaml"].replace("{name: web}", "{name: shop}").replace("web.yaml", "web.yaml, ../../more.yaml")
    root = write(tmp_path, {**CONFIG, **CHART, "second.yaml": second, "more.yaml": "a: 1\n"})
    result = call("check", str(root), "--offline", "--pull-secrets")
    assert result.stdout == (
        f"web.yaml:2:11: UF010 {IMAGE} is private, and Pod/web of shop (and 1 more) has no pull secret; "
        "set imagePullSecrets, or a service account that has them\n"
    )


def test_releases_that_cannot_be_rendered_are_counted(tmp_path: Path) -> None:
    packaged = CHART["app.yaml"].replace("path: charts/web", "chart: web, targetRevision: 1.0.0")
    root = write(tmp_path, {**CONFIG, "app.yaml": packaged})
    result = call("check", str(root), "--offline", "--pull-secrets")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "1 release could not be rendered in full, and so not be checked for pull secrets.\n" in result.stderr


def test_a_flux_release_that_is_patched_after_rendering_is_left_alone(tmp_path: Path) -> None:
    release = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: shop}
spec:
  chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: fleet}}}
"""
    renders = "  postRenderers:\n    - kustomize: {patches: [{patch: 'imagePullSecrets: [{name: ghcr}]'}]}\n"
    chart = {path: text for path, text in CHART.items() if path.startswith("charts/")}
    chart["charts/web/values.yaml"] = f"image: {{repository: ghcr.io/acme/web, digest: {OLD}}}\naccount: default\n"
    (tmp_path / "bare").mkdir()
    (tmp_path / "patched").mkdir()
    assert found(write(tmp_path / "bare", {**CONFIG, **chart, "web.yaml": release})) == ["charts/web/values.yaml:1:47"]
    assert found(write(tmp_path / "patched", {**CONFIG, **chart, "web.yaml": release + renders})) == []


def test_it_must_be_said_which_images_are_private(tmp_path: Path) -> None:
    result = call("check", str(write(tmp_path, {"pod.yaml": POD})), "--pull-secrets")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "list them in .unfloat.yaml, such as `private: [ghcr.io/acme/**]`" in result.stderr
