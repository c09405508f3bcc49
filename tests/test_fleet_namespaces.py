"""In which namespaces a fleet runs images, and which environments say that they must have digests there."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from codemod.config import Config, Environment
from codemod.fleet import build
from codemod.fleet.namespaces import Namespaces
from codemod.source import Source

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: busybox}]}\n"
OWN = POD.replace("{name: web}", "{name: web, namespace: shop}", 1)
ROLE = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: image-reader, namespace: kube-system}\n"
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: image, namespace: kube-system}\ndata: {image: a}\n"
CUSTOM = "apiVersion: acme.io/v1\nkind: Web\nmetadata: {name: web, namespace: shop}\nspec: {image: busybox}\n"
CHART = {"charts/web/Chart.yaml": "name: web\nversion: 1.0.0\n", "charts/web/values.yaml": "image: busybox\n"}


def found(files: Mapping[str, str], config: Config | None = None) -> Namespaces:
    sources = {path: Source(path, text.encode(), "yaml") for path, text in files.items()}
    return Namespaces(build(config or Config(), sources, sources.get))


def application(path: str, namespace: str, kind: str = "Application", more: str = "") -> str:
    destination = f"destination: {{namespace: '{namespace}'}}" if namespace else "project: default"
    spec = f"source: {{repoURL: x, path: '{path}'{more}}}\n{destination}\n"
    body = "".join(f"  {line}\n" for line in spec.splitlines())
    return f"apiVersion: argoproj.io/v1alpha1\nkind: {kind}\nmetadata: {{name: web}}\nspec:\n{body}"


def application_set(generator: str, path: str, namespace: str) -> str:
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: all}\nspec:\n  goTemplate: true\n"
        f"  generators: [{generator}]\n  template:\n    metadata: {{name: web}}\n    spec:\n"
        f"      source: {{repoURL: x, path: '{path}'}}\n      destination: {{namespace: '{namespace}'}}\n"
    )


NOT_STRICT: dict[str, dict[str, str]] = {
    "an environment that needs no digests": {"env/dev/pod.yaml": OWN},
    "files of no environment": {"pod.yaml": OWN},
    "a release of a lenient environment that reads values of the cluster": {
        **CHART,
        "values/cluster/web.yaml": "image: busybox\n",
        "env/dev/web.yaml": application("charts/web", "shop", more=", helm: {valueFiles: [/values/cluster/web.yaml]}"),
    },
    "objects that run nothing": {"env/production/roles.yaml": f"{ROLE}---\n{CONFIG_MAP}"},
    "templates of charts, which are no manifests": {**CHART, "env/production/templates/pod.yaml": OWN},
    "a chart that nothing installs": {"env/production/web/Chart.yaml": "name: web\nversion: 1.0.0\n"},
    "policies, which speak of images": {
        "env/production/policy.yaml": "apiVersion: kyverno.io/v1\nkind: Policy\n"
        "metadata: {name: a, namespace: kyverno}\n"
        "spec: {validate: {pattern: {image: '*'}}}\n"
    },
    "patches, which are no objects": {
        "env/production/kustomization.yaml": "patches: [{path: patch.yaml}]\n",
        "env/production/patch.yaml": OWN,
    },
    "values": {"env/production/web.yaml": "kind: image\nimage: busybox\n"},
    "test data": {"env/production/testdata/pod.yaml": OWN},
}


@pytest.mark.parametrize("case", NOT_STRICT)
def test_no_namespace_is_strict_for(case: str) -> None:
    namespaces = found(NOT_STRICT[case])
    assert (namespaces.strict, namespaces.unknown) == ({}, ())


PRODUCTION = {"production"}
STRICT: dict[str, tuple[dict[str, str], dict[str, set[str]]]] = {
    "the object's own namespace": ({"env/production/pod.yaml": OWN}, {"shop": PRODUCTION}),
    "that of a custom resource with an image": ({"env/production/web.yaml": CUSTOM}, {"shop": PRODUCTION}),
    "those of a list": (
        {"env/production/all.yaml": "apiVersion: v1\nkind: List\nitems:\n  - " + OWN.replace("\n", "\n    ")},
        {"shop": PRODUCTION},
    ),
    "the kustomization's, which replaces the object's": (
        {
            "env/production/kustomization.yaml": "namespace: web\nresources: [pod.yaml]\n",
            "env/production/pod.yaml": OWN,
        },
        {"web": PRODUCTION},
    ),
    "the outermost kustomization's, whose environment counts, too": (
        {
            "base/kustomization.yaml": "namespace: base\nresources: [pod.yaml]\n",
            "base/pod.yaml": OWN,
            "overlays/staging/kustomization.yaml": "namespace: web-staging\nresources: [../../base]\n",
            "overlays/dev/kustomization.yaml": "namespace: web-dev\nresources: [../../base]\n",
        },
        {"web-staging": {"staging"}},
    ),
    "an Application's, for objects that say none": (
        {"env/production/pod.yaml": POD, "apps/web.yaml": application("env/production", "shop")},
        {"shop": PRODUCTION},
    ),
    "an Application's environment": (
        {"web/pod.yaml": POD, "env/production/apps/web.yaml": application("web", "shop")},
        {"shop": PRODUCTION},
    ),
    "a release's destination": (
        {**CHART, "env/production/web.yaml": application("charts/web", "shop", more=", helm: {releaseName: web}")},
        {"shop": PRODUCTION},
    ),
    "what an ApplicationSet generates": (
        {
            "overlays/production/pod.yaml": POD,
            "overlays/dev/pod.yaml": POD,
            "all.yaml": application_set(
                "{list: {elements: [{env: production}, {env: dev}]}}", "overlays/{{.env}}", "web-{{.env}}"
            ),
        },
        {"web-production": PRODUCTION},
    ),
    "what folders prove": (
        {
            "overlays/production/pod.yaml": POD,
            "all.yaml": application_set(
                "{git: {repoURL: x, directories: [{path: overlays/*}]}}", "{{.path.path}}", "{{.path.basename}}"
            ),
        },
        {"production": PRODUCTION},
    ),
    "what folders prove of clusters that are not known": (
        {
            "overlays/production/pod.yaml": POD,
            "overlays/dev/pod.yaml": POD,
            "all.yaml": application_set("{clusters: {}}", "overlays/{{.name}}", "web-{{.name}}"),
        },
        {"web-production": PRODUCTION},
    ),
    "values of the cluster, which belong to no environment": (
        {
            **CHART,
            "values/cluster/web.yaml": "image: busybox\n",
            "web.yaml": application("charts/web", "operators", more=", helm: {valueFiles: [/values/cluster/web.yaml]}"),
        },
        {"operators": {"cluster"}},
    ),
    "a Flux Kustomization's target": (
        {
            "clusters/production/apps.yaml": "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
            "metadata: {name: apps}\nspec: {path: ./env/production, targetNamespace: shop}\n",
            "env/production/pod.yaml": POD,
        },
        {"shop": PRODUCTION},
    ),
    "a HelmRelease's target": (
        {
            "env/production/web.yaml": "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n"
            "metadata: {name: web, namespace: flux-system}\n"
            "spec: {targetNamespace: shop, chart: {spec: {chart: web, sourceRef: {kind: HelmRepository, name: a}}}}\n"
        },
        {"shop": PRODUCTION},
    ),
    "a helmfile's": (
        {
            **CHART,
            "env/production/helmfile.yaml": "releases:\n  - {name: web, namespace: shop, chart: ../../charts/web}\n",
        },
        {"shop": PRODUCTION},
    ),
}


@pytest.mark.parametrize("case", STRICT)
def test_strict_is(case: str) -> None:
    files, expected = STRICT[case]
    namespaces = found(files)
    assert namespaces.strict == expected
    assert namespaces.unknown == ()


UNKNOWN: dict[str, tuple[dict[str, str], str]] = {
    "a pod that says none": ({"env/production/pod.yaml": POD}, "Pod/web"),
    "a release without a destination": (
        {**CHART, "env/production/web.yaml": application("charts/web", "", more=", helm: {releaseName: web}")},
        "web",
    ),
    "a release whose destination nothing fills in": (
        {**CHART, "env/production/web.yaml": application("charts/web", "{{ .x }}", more=", helm: {releaseName: web}")},
        "web",
    ),
    "an object whose namespace a tool fills in": (
        {"env/production/pod.yaml": OWN.replace("shop", "'${namespace}'")},
        "Pod/web",
    ),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_nothing_says_the_namespace_of(case: str) -> None:
    files, name = UNKNOWN[case]
    namespaces = found(files)
    assert [(one.name, one.environment) for one in namespaces.unknown] == [(name, "production")]
    assert namespaces.strict == {}


def test_one_namespace_may_be_strict_and_lenient() -> None:
    namespaces = found({"env/production/pod.yaml": OWN, "env/staging/pod.yaml": OWN, "env/dev/pod.yaml": OWN})
    assert namespaces.strict == {"shop": {"production", "staging"}}
    assert namespaces.lenient == {"shop": {"dev"}}


def test_the_configuration_says_who_is_strict_and_may_name_namespaces() -> None:
    files = {"env/dev/pod.yaml": OWN, "env/production/pod.yaml": POD}
    config = Config(
        environments={
            "dev": Environment(digest="require"),
            "production": Environment(namespaces=("web", "data")),
            "local": Environment(namespaces=("playground",)),
        }
    )
    namespaces = found(files, config)
    assert namespaces.strict == {"data": {"production"}, "shop": {"dev"}, "web": {"production"}}
    assert namespaces.unknown == ()
