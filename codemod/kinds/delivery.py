"""Delivery: what deploys, builds, scans and tests."""

from __future__ import annotations

from codemod.kinds.kind import Kind, Parts

DELIVERY = (
    Kind(
        "argoproj.io",
        "ArgoCD",
        "argoproj-labs/argocd-operator: argoutil.CombineImageTag joins a version with a colon in it by `@`",
        parts=(
            Parts("spec", "image", "version", "version"),
            Parts("spec.applicationSet", "image", "version", "version"),
            Parts("spec.repo", "image", "version", "version"),
            Parts("spec.redis", "image", "version", "version"),
            Parts("spec.dex", "image", "version", "version"),
            Parts("spec.sso.dex", "image", "version", "version"),
            Parts("spec.sso.keycloak", "image", "version", "version"),
            Parts("spec.notifications", "image", "version", "version"),
            Parts("spec.ha", "redisProxyImage", "redisProxyVersion", "redisProxyVersion"),
        ),
    ),
    Kind(
        "argoproj.io",
        "ArgoCDExport",
        "argoproj-labs/argocd-operator: argoutil.CombineImageTag joins a version with a colon in it by `@`",
        parts=(Parts("spec", "image", "version", "version"),),
    ),
    Kind(
        "argocd-image-updater.argoproj.io",
        "ImageUpdater",
        "argoproj-labs/argocd-image-updater: images to look for, with constraints as tags",
        left=("spec",),
    ),
    Kind(
        "image.toolkit.fluxcd.io",
        "ImageRepository ImagePolicy ImageUpdateAutomation",
        "fluxcd/image-reflector-controller: repositories to scan",
        left=("spec",),
    ),
    Kind(
        "kargo.akuity.io",
        "Warehouse Stage Freight",
        "akuity/kargo: repositories to watch and what was found there",
        left=("spec", "images"),
    ),
    Kind(
        "kuik.enix.io",
        "CachedImage Repository",
        "enix/kube-image-keeper: what pods use, written by the controller",
        left=("spec",),
    ),
    Kind(
        "tekton.dev",
        "Pipeline PipelineRun Task TaskRun ClusterTask StepAction",
        "tektoncd/pipeline: docs/bundle-resolver.md, and `bundle:` of v1beta1",
        images=(
            "**.taskRef.bundle",
            "**.pipelineRef.bundle",
            "**.taskRef[resolver=bundles].params[name=bundle].value",
            "**.pipelineRef[resolver=bundles].params[name=bundle].value",
            "**.ref[resolver=bundles].params[name=bundle].value",
        ),
    ),
    Kind(
        "pkg.crossplane.io",
        "Provider Configuration Function",
        "crossplane/crossplane: apis/pkg/v1/package_types.go, tag or digest",
        images=("spec.package",),
    ),
    Kind(
        "pkg.crossplane.io",
        "Lock ImageConfig ProviderRevision ConfigurationRevision FunctionRevision",
        "crossplane/crossplane: written by the package manager, or prefixes of names",
        left=("spec", "packages"),
    ),
    Kind(
        "meta.pkg.crossplane.io",
        "Provider Configuration Function",
        "crossplane/crossplane: apis/pkg/meta/v1, dependencies are names with a range of versions",
        left=("spec.dependsOn", "spec.repository"),
    ),
    Kind(
        "upgrade.cattle.io",
        "Plan",
        "rancher/system-upgrade-controller: pkg/upgrade/container WithLatestTag, for names without tag and digest",
        names=("spec.upgrade.image", "spec.prepare.image"),
    ),
    Kind(
        "image.openshift.io",
        "ImageStream ImageStreamTag ImageStreamImport",
        "openshift/api: image/v1, `from` of kind DockerImage is imported",
        images=("spec.tags[*].from[kind=DockerImage].name", "tag.from[kind=DockerImage].name"),
        left=("spec.dockerImageRepository",),
    ),
    Kind(
        "build.openshift.io",
        "BuildConfig Build",
        "openshift/api: build/v1, `from` is pulled, `output.to` is pushed",
        images=("spec.strategy.*.from[kind=DockerImage].name", "spec.source.images[*].from[kind=DockerImage].name"),
        left=("spec.output",),
    ),
)
