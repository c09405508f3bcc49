"""Clusters, networks, machines, observability."""

from __future__ import annotations

from codemod.kinds.kind import Kind, Parts

_VICTORIA = "VictoriaMetrics/operator: internal/controller/operator/factory/build, repository:tag"
_NVIDIA = "NVIDIA/gpu-operator: imagePath joins a version that begins with sha256: by `@`"
_PROMETHEUS = "prometheus-operator/prometheus-operator: operator.BuildImagePath takes `image` as it is"


def _nvidia(name: str, digest: str) -> Parts:
    return Parts(f"spec.{name}", "repository/image", "version", digest)


OPERATIONS = (
    Kind(
        "monitoring.coreos.com",
        "Prometheus Alertmanager ThanosRuler PrometheusAgent",
        _PROMETHEUS,
        images=("spec.image", "spec.thanos.image"),
        parts=(Parts("spec", "baseImage", "tag"), Parts("spec.thanos", "baseImage", "tag")),
    ),
    Kind(
        "monitoring.grafana.com",
        "GrafanaAgent",
        "grafana/agent: static/operator, as Prometheus' operator does",
        images=("spec.image",),
    ),
    Kind(
        "grafana.integreatly.org",
        "Grafana",
        "grafana/grafana-operator: getGrafanaImage, a version with one of `:/@` is a whole reference",
        images=("spec.version",),
    ),
    Kind(
        "grafana.integreatly.org",
        "GrafanaDashboard GrafanaLibraryPanel",
        "grafana/grafana-operator: api/v1beta1/content.go, tag or digest",
        images=("spec.oci.reference",),
    ),
    Kind(
        "operator.victoriametrics.com",
        "VMAgent VMAlert VMAlertmanager VMAuth VMSingle VLAgent VLSingle VTSingle VMAnomaly VLogs",
        _VICTORIA,
        parts=(
            Parts("spec.image"),
            Parts("spec.vmBackup.image"),
            Parts("spec", "configReloaderImage", "configReloaderImageTag"),
        ),
    ),
    Kind(
        "operator.victoriametrics.com",
        "VMCluster VLCluster VTCluster VMDistributed VLDistributed",
        _VICTORIA,
        parts=(Parts("**.image"),),
    ),
    Kind(
        "nvidia.com",
        "ClusterPolicy GPUCluster",
        _NVIDIA,
        parts=(
            *(
                _nvidia(name, "version")
                for name in (
                    "ccManager dcgm dcgmExporter devicePlugin draDriver gfd kataManager kataSandboxDevicePlugin "
                    "migManager nodeStatusExporter operator.initContainer sandboxDevicePlugin toolkit validator "
                    "vfioManager vgpuDeviceManager"
                ).split()
            ),
            *(_nvidia(name, "") for name in ("driver", "gdrcopy", "gds", "vgpuManager")),
        ),
    ),
    Kind(
        "nvidia.com",
        "NVIDIADriver",
        "NVIDIA/gpu-operator: the system of the node is put behind the version",
        parts=(Parts("spec", "repository/image", "version"), Parts("spec.gds", "repository/image", "version")),
    ),
    Kind(
        "kubevirt.io",
        "KubeVirt",
        "kubevirt/kubevirt: pkg/virt-operator/util, one tag for all components",
        parts=(Parts("spec", "", "imageTag"),),
    ),
    Kind(
        "kubevirt.io",
        "VirtualMachine",
        "kubevirt/containerized-data-importer: doc/image-from-registry.md",
        images=("spec.dataVolumeTemplates[*].spec.source.registry.url",),
    ),
    Kind(
        "cdi.kubevirt.io",
        "DataVolume VolumeImportSource",
        "kubevirt/containerized-data-importer: doc/image-from-registry.md",
        images=("spec.source.registry.url",),
    ),
    Kind(
        "cdi.kubevirt.io",
        "DataImportCron",
        "kubevirt/containerized-data-importer: doc/os-image-poll-and-update.md, polls the tag",
        left=("spec",),
    ),
    Kind(
        "extensions.istio.io",
        "WasmPlugin",
        "istio/istio: pkg/wasm/cache.go, oci:// with a tag or a digest",
        images=("spec.url",),
    ),
    Kind(
        "install.istio.io",
        "IstioOperator",
        "istio/istio: manifests, hub/NAME:tag for every component",
        parts=(Parts("spec", "", "tag"),),
    ),
    Kind(
        "operator.knative.dev",
        "KnativeServing KnativeEventing",
        "knative/operator: pkg/reconciler/common/images.go",
        images=("spec.registry.override.*",),
    ),
    Kind(
        "bootstrap.cluster.x-k8s.io",
        "KubeadmConfig KubeadmConfigTemplate",
        "kubernetes/kubernetes: kubeadm puts imageRepository, a name and imageTag together",
        parts=(Parts("**.dns", "", "imageTag"), Parts("**.etcd.local", "", "imageTag")),
    ),
    Kind(
        "controlplane.cluster.x-k8s.io",
        "KubeadmControlPlane KubeadmControlPlaneTemplate",
        "kubernetes/kubernetes: kubeadm puts imageRepository, a name and imageTag together",
        parts=(Parts("**.dns", "", "imageTag"), Parts("**.etcd.local", "", "imageTag")),
    ),
)
