"""Databases, messaging, search, computation and models."""

from __future__ import annotations

from codemod.kinds.kind import Kind, Parts

_K8SSANDRA = "k8ssandra/cass-operator: apis/config, v1beta1 (references) and v1beta2 (parts, with defaults for each)"

DATA = (
    Kind(
        "acid.zalan.do",
        "OperatorConfiguration",
        "zalando/postgres-operator: pkg/apis/acid.zalan.do/v1/operator_configuration_type.go",
        images=("configuration.sidecar_docker_images.*",),
    ),
    Kind(
        "kafka.strimzi.io",
        "Kafka",
        "strimzi/strimzi-kafka-operator: KafkaVersion.Lookup.image takes `image` whole, whatever `version` says",
        images=("spec.kafka.image",),
    ),
    Kind(
        "kafka.strimzi.io",
        "KafkaConnect KafkaMirrorMaker2",
        "strimzi/strimzi-kafka-operator: KafkaVersion.Lookup.image; `build.output` is what the build pushes",
        images=("spec.image",),
        left=("spec.build.output",),
    ),
    Kind(
        "config.k8ssandra.io",
        "ImageConfig",
        _K8SSANDRA,
        images=("images.*", "images.*.*"),
        parts=(
            Parts("images.*", "registry/repository/name"),
            Parts("types.*", "registry/repository/name"),
        ),
        left=("defaults", "overrides"),
    ),
    Kind(
        "cassandra.datastax.com",
        "CassandraDatacenter",
        "k8ssandra/cass-operator: CassandraDatacenterSpec.ServerImage is taken as it is",
        images=("spec.serverImage",),
    ),
    Kind(
        "scylla.scylladb.com",
        "ScyllaCluster",
        'scylladb/scylla-operator: pkg/controller/scyllacluster/migrate.go, "%s:%s"',
        parts=(Parts("spec", "repository", "version"), Parts("spec", "agentRepository", "agentVersion")),
    ),
    Kind(
        "solr.apache.org",
        "SolrCloud SolrPrometheusExporter",
        "apache/solr-operator: ContainerImage.ToImageName, repository:tag",
        parts=(
            Parts("spec.solrImage"),
            Parts("spec.busyBoxImage"),
            Parts("spec.image"),
            Parts("spec.zookeeperRef.provided.image"),
        ),
    ),
    Kind(
        "zookeeper.pravega.io",
        "ZookeeperCluster",
        "pravega/zookeeper-operator: ContainerImage.ToString, repository:tag",
        parts=(Parts("spec.image"),),
    ),
    Kind(
        "elasticsearch.k8s.elastic.co",
        "Elasticsearch",
        "elastic/cloud-on-k8s: PodTemplateBuilder.WithDockerImage takes `image` as it is",
        images=("spec.image",),
    ),
    Kind(
        "kibana.k8s.elastic.co",
        "Kibana",
        "elastic/cloud-on-k8s: PodTemplateBuilder.WithDockerImage takes `image` as it is",
        images=("spec.image",),
    ),
    Kind(
        "apm.k8s.elastic.co",
        "ApmServer",
        "elastic/cloud-on-k8s: PodTemplateBuilder.WithDockerImage takes `image` as it is",
        images=("spec.image",),
    ),
    Kind(
        "agent.k8s.elastic.co",
        "Agent",
        "elastic/cloud-on-k8s: PodTemplateBuilder.WithDockerImage takes `image` as it is",
        images=("spec.image",),
    ),
    Kind(
        "beat.k8s.elastic.co",
        "Beat",
        "elastic/cloud-on-k8s: PodTemplateBuilder.WithDockerImage takes `image` as it is",
        images=("spec.image",),
    ),
    Kind(
        "logstash.k8s.elastic.co",
        "Logstash",
        "elastic/cloud-on-k8s: PodTemplateBuilder.WithDockerImage takes `image` as it is",
        images=("spec.image",),
    ),
    Kind(
        "ray.io",
        "RayCluster RayJob RayService RayCronJob",
        "ray-project/kuberay: AutoscalerOptions.Version is the autoscaler's generation, no tag",
        images=("**.autoscalerOptions.image",),
    ),
    Kind(
        "serving.kserve.io",
        "InferenceService ClusterServingRuntime ServingRuntime InferenceGraph TrainedModel",
        "kserve/kserve: pkg/constants OciURIPrefix, OciNativeURIPrefix, OciFetchURIPrefix",
        images=("**.storageUri", "**.storageUris[*].uri"),
    ),
    Kind(
        "serving.kserve.io",
        "LLMInferenceService LLMInferenceServiceConfig",
        "kserve/kserve: pkg/controller/v1alpha2/llmisvc/workload_storage.go",
        images=("spec.model.uri",),
    ),
)
