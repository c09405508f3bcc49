"""Custom resources: what the table, the shapes of pods and the user's own rows make of them."""

from __future__ import annotations

import pytest
from diffs import before_and_after

from codemod.config import Config
from codemod.customresources import CustomResource, ImageParts
from codemod.testing import check_leaves_alone, check_rewrites, plan_of
from transforms import custom_resources, embedded_yaml, image_maps, image_references, pull_policies

YAML = [m.transform for m in (custom_resources, embedded_yaml, image_maps, image_references, pull_policies)]
HEX = "0123456789abcdef" * 4


def resource(api: str, kind: str, *lines: str) -> str:
    return f"apiVersion: {api}\nkind: {kind}\nspec:\n" + "".join(f"  {line}\n" for line in lines)


LEFT_SILENTLY = {
    "what Strimzi builds and pushes": resource(
        "kafka.strimzi.io/v1",
        "KafkaConnect",
        "build:",
        "  output: {type: docker, image: 'ghcr.io/acme/connect:latest'}",
    ),
    "what OpenShift builds and pushes": resource(
        "build.openshift.io/v1", "BuildConfig", "output: {to: {kind: DockerImage, name: 'ghcr.io/acme/web:latest'}}"
    ),
    "a builder that is a stream of images": resource(
        "build.openshift.io/v1",
        "BuildConfig",
        "strategy: {sourceStrategy: {from: {kind: ImageStreamTag, name: 'python:latest'}}}",
    ),
    "a repository that Flux scans, within a list": (
        "apiVersion: v1\nkind: List\nitems:\n  - apiVersion: image.toolkit.fluxcd.io/v1\n    kind: ImageRepository\n"
        "    spec: {image: ghcr.io/acme/web}\n"
    ),
    "images that Argo CD's updater looks for": resource(
        "argocd-image-updater.argoproj.io/v1alpha1",
        "ImageUpdater",
        "applicationRefs:",
        "  - images: [{alias: web, imageName: 'ghcr.io/acme/web:latest'}]",
    ),
    "a disk image whose tag is polled": resource(
        "cdi.kubevirt.io/v1beta1",
        "DataImportCron",
        "template: {spec: {source: {registry: {url: 'docker://quay.io/containerdisks/fedora:latest'}}}}",
    ),
    "a model in a bucket": resource(
        "serving.kserve.io/v1beta1", "InferenceService", "predictor: {model: {storageUri: 's3://models/iris:latest'}}"
    ),
    "a model on a claim whose name a template computes": resource(
        "serving.kserve.io/v1beta1", "InferenceService", "predictor: {model: {storageUri: 'pvc://${CLAIM}/iris'}}"
    ),
    "a disk at a web address": resource(
        "cdi.kubevirt.io/v1beta1", "DataVolume", "source: {http: {url: 'https://images.acme.io/disk:latest'}}"
    ),
    "a version of Grafana": resource("grafana.integreatly.org/v1beta1", "Grafana", "version: 12.2.0"),
    "a task of the hub": resource(
        "tekton.dev/v1",
        "PipelineRun",
        "pipelineRef: {resolver: hub, params: [{name: bundle, value: 'ghcr.io/acme/tasks:main'}]}",
    ),
    "packages of Crossplane that others depend on": resource(
        "meta.pkg.crossplane.io/v1",
        "Configuration",
        "dependsOn: [{provider: ghcr.io/acme/provider-aws, version: '>=v1.0.0'}]",
    ),
    "a package that is pinned": resource(
        "pkg.crossplane.io/v1", "Provider", f"package: ghcr.io/acme/provider-aws:v1@sha256:{HEX}"
    ),
    "a version that is a digest": resource(
        "argoproj.io/v1beta1", "ArgoCD", "image: quay.io/argoproj/argocd", f"version: sha256:{HEX}"
    ),
    "a tag with a digest behind it": resource(
        "scylla.scylladb.com/v1",
        "ScyllaCluster",
        "agentRepository: docker.io/scylladb/scylla-manager-agent",
        f"agentVersion: 3.12.0@sha256:{HEX}",
    ),
    "a version without an image": resource("argoproj.io/v1beta1", "ArgoCD", "version: main"),
}


@pytest.mark.surface("manifest", left="what custom resources build, scan or poll: the table of kinds says which")
@pytest.mark.parametrize("text", LEFT_SILENTLY.values(), ids=LEFT_SILENTLY.keys())
def test_leaves_alone(text: str) -> None:
    check_leaves_alone(YAML, text, path="manifests/object.yaml")


REPORTED = {
    "parts that Solr's operator joins": resource(
        "solr.apache.org/v1beta1", "SolrCloud", "solrImage: {repository: solr, tag: latest}"
    ),
    "parts that VictoriaMetrics' operator joins": resource(
        "operator.victoriametrics.com/v1beta1",
        "VMAgent",
        "image:",
        "  repository: victoriametrics/vmagent",
        "  tag: latest",
    ),
    "a repository behind which an operator puts its own tag": resource(
        "operator.victoriametrics.com/v1beta1", "VMAuth", "image: {repository: victoriametrics/vmauth}"
    ),
    "a driver, whose tag the node completes": resource(
        "nvidia.com/v1", "ClusterPolicy", "driver: {repository: nvcr.io/nvidia, image: driver, version: latest}"
    ),
    "one tag for all of KubeVirt": resource("kubevirt.io/v1", "KubeVirt", "imageTag: latest"),
    "one tag for all of Istio": resource("install.istio.io/v1alpha1", "IstioOperator", "hub: ghcr.io/acme", "tag: dev"),
    "a plan of upgrades": resource(
        "upgrade.cattle.io/v1", "Plan", "version: v1.33.1+k3s1", "upgrade: {image: rancher/k3s-upgrade}"
    ),
    "a version that a template computes": resource(
        "argoproj.io/v1beta1", "ArgoCD", "image: quay.io/argoproj/argocd", "version: ${VERSION}"
    ),
    "a name to which some operator appends a version": resource(
        "acme.io/v1", "Web", "image: ghcr.io/acme/web", "version: 1.2.3"
    ),
    "parts of a kind that nobody knows": resource(
        "acme.io/v1", "Web", "image: {repository: ghcr.io/acme/web, tag: main}"
    ),
    "a parameter that also stands in a script": resource(
        "tekton.dev/v1",
        "Task",
        "params: [{name: builder, default: 'ghcr.io/acme/builder:main'}]",
        "steps: [{image: $(params.builder), script: 'echo $(params.builder)'}]",
    ),
    "names below a registry that the operator puts before them": (
        "apiVersion: config.k8ssandra.io/v1beta1\nkind: ImageConfig\nimageRegistry: localhost:5000\n"
        "images: {medusa: 'k8ssandra/medusa:latest'}\n"
    ),
}


@pytest.mark.surface("manifest", reported="parts that an operator joins and that no digest can take the place of")
@pytest.mark.parametrize("text", REPORTED.values(), ids=REPORTED.keys())
def test_reports(text: str) -> None:
    check_leaves_alone(YAML, text, path="manifests/object.yaml", code="computed-reference")


HANDED = {
    "an image that a task builds": resource(
        "tekton.dev/v1", "PipelineRun", "params:", "  - {name: IMAGE, value: 'ghcr.io/acme/web:latest'}"
    ),
    "an image that a workflow builds": resource(
        "argoproj.io/v1alpha1",
        "Workflow",
        "arguments: {parameters: [{name: IMAGE, value: 'ghcr.io/acme/web:latest'}]}",
    ),
    "an image by a name of two words": resource(
        "tekton.dev/v1", "PipelineRun", "params: [{name: datreeImage, value: 'ghcr.io/acme/web:latest'}]"
    ),
    "the default of a parameter that a script gets": resource(
        "tekton.dev/v1",
        "Task",
        "params: [{name: builder-image, default: 'ghcr.io/acme/web:main'}]",
        "steps: [{image: 'ghcr.io/acme/kaniko:v1', script: 'build $(params.builder-image)'}]",
    ),
}


@pytest.mark.surface(
    "manifest", reported="a floating image that a task or a workflow is handed: it may be what is built"
)
@pytest.mark.parametrize("text", HANDED.values(), ids=HANDED.keys())
def test_what_is_handed_on_is_reported(text: str) -> None:
    found = plan_of(YAML, {"manifests/object.yaml": text.encode()})
    assert not found.files
    assert [left.code for left in found.left if left.code != "tag-only"] == ["purpose-unknown"]


def test_a_fixed_version_is_no_digest_even_where_one_may_stand() -> None:
    text = resource("argoproj.io/v1beta1", "ArgoCD", "image: quay.io/argoproj/argocd", "version: v3.1.0")
    found = plan_of(YAML, {"manifests/object.yaml": text.encode()}, pin_all=True)
    assert not found.files
    assert [left.code for left in found.left] == ["tag-only"]


def test_parts_in_the_argument_of_a_workflow_get_no_digest() -> None:
    value = """'[{"image": "debian", "tag": "latest"}]'"""
    text = resource("argoproj.io/v1alpha1", "Workflow", f"arguments: {{parameters: [{{name: os, value: {value}}}]}}")
    check_leaves_alone(YAML, text, path="manifests/object.yaml", code="computed-reference")


def test_a_version_that_an_anchor_repeats_stays() -> None:
    text = resource(
        "argoproj.io/v1beta1", "ArgoCD", "image: quay.io/argoproj/argocd", "version: &v main", "extraConfig: {v: *v}"
    )
    check_leaves_alone(YAML, text, path="manifests/object.yaml", code="anchor-shared")


PINS = {
    "Strimzi, whatever the version says": """
 apiVersion: kafka.strimzi.io/v1
 kind: Kafka
 spec:
   kafka:
     version: 4.1.0
-    image: ghcr.io/acme/kafka
+    image: ghcr.io/acme/kafka@<digest>
   kafkaExporter:
-    image: ghcr.io/acme/exporter:main
+    image: ghcr.io/acme/exporter@<digest>
""",
    "Prometheus, whatever version and tag say": """
 apiVersion: monitoring.coreos.com/v1
 kind: Prometheus
 spec:
-  image: quay.io/prometheus/prometheus
+  image: quay.io/prometheus/prometheus@<digest>
   version: v3.0.0
   thanos:
-    image: quay.io/thanos/thanos:main
+    image: quay.io/thanos/thanos@<digest>
""",
    "Elasticsearch": """
 apiVersion: elasticsearch.k8s.elastic.co/v1
 kind: Elasticsearch
 spec:
   version: 9.0.0
-  image: ghcr.io/acme/elasticsearch:main
+  image: ghcr.io/acme/elasticsearch@<digest>
""",
    "CloudNativePG": """
 apiVersion: postgresql.cnpg.io/v1
 kind: Cluster
 spec:
-  imageName: ghcr.io/cloudnative-pg/postgresql:main
+  imageName: ghcr.io/cloudnative-pg/postgresql@<digest>
   postgresql:
     extensions:
       - name: vector
         image:
-          reference: ghcr.io/acme/vector:main
+          reference: ghcr.io/acme/vector@<digest>
""",
    "Zalando's Postgres": """
 apiVersion: acid.zalan.do/v1
 kind: postgresql
 spec:
-  dockerImage: ghcr.io/zalando/spilo:latest
+  dockerImage: ghcr.io/zalando/spilo@<digest>
""",
    "a version of Grafana that is an image": """
 apiVersion: grafana.integreatly.org/v1beta1
 kind: Grafana
 spec:
-  version: grafana/grafana:main
+  version: grafana/grafana@<digest>
""",
    "a model of KServe and its runtime": """
 apiVersion: serving.kserve.io/v1beta1
 kind: InferenceService
 spec:
   predictor:
     model:
-      storageUri: oci://ghcr.io/acme/iris:main # moved by CI
+      storageUri: oci://ghcr.io/acme/iris@<digest> # moved by CI
     containers:
-      - image: ghcr.io/acme/server:main
+      - image: ghcr.io/acme/server@<digest>
""",
    "packages of Crossplane and their policy": """
 apiVersion: pkg.crossplane.io/v1
 kind: Provider
 spec:
-  package: xpkg.crossplane.io/crossplane-contrib/provider-aws:main
+  package: xpkg.crossplane.io/crossplane-contrib/provider-aws@<digest>
-  packagePullPolicy: Always
+  packagePullPolicy: IfNotPresent
""",
    "a disk in a registry": """
 apiVersion: kubevirt.io/v1
 kind: VirtualMachine
 spec:
   dataVolumeTemplates:
     - spec:
         source:
           registry:
-            url: "docker://quay.io/containerdisks/fedora:latest"
+            url: "docker://quay.io/containerdisks/fedora@<digest>"
   template:
     spec:
       volumes:
         - name: disk
           containerDisk:
-            image: quay.io/containerdisks/fedora:latest
+            image: quay.io/containerdisks/fedora@<digest>
""",
    "a plugin of Istio": """
 apiVersion: extensions.istio.io/v1alpha1
 kind: WasmPlugin
 spec:
-  url: oci://ghcr.io/acme/filter:main
+  url: oci://ghcr.io/acme/filter@<digest>
-  imagePullPolicy: Always
+  imagePullPolicy: IfNotPresent
""",
    "a bundle of Tekton": """
 apiVersion: tekton.dev/v1
 kind: PipelineRun
 spec:
   pipelineRef:
     resolver: bundles
     params:
       - name: bundle
-        value: ghcr.io/acme/pipelines:main
+        value: ghcr.io/acme/pipelines@<digest>
       - name: name
         value: build
""",
    "steps, their template and sidecars of Tekton": """
 apiVersion: tekton.dev/v1
 kind: Task
 spec:
-  stepTemplate: {image: 'ghcr.io/acme/base:main'}
+  stepTemplate: {image: 'ghcr.io/acme/base@<digest>'}
   steps:
-    - image: alpine
+    - image: alpine@<digest>
   sidecars:
-    - {image: 'docker:latest'}
+    - {image: 'docker@<digest>'}
""",
    "a parameter of a task that is the image of its steps": """
 apiVersion: tekton.dev/v1
 kind: Task
 spec:
   params:
     - name: builder
-      default: ghcr.io/acme/builder:main
+      default: ghcr.io/acme/builder@<digest>
     - name: IMAGE
       default: ghcr.io/acme/output:main
   steps:
     - image: $(params.builder)
     - image: $(params["builder"])
       args: [$(params.IMAGE)]
""",
    "a parameter of a workflow that is the image of a container": """
 apiVersion: argoproj.io/v1alpha1
 kind: WorkflowTemplate
 spec:
   arguments:
     parameters:
       - name: runner
-        value: ghcr.io/acme/runner:main
+        value: ghcr.io/acme/runner@<digest>
   templates:
     - name: build
       container:
         image: "{{workflow.parameters.runner}}"
     - name: check
       inputs:
         parameters:
           - name: checker
-            default: ghcr.io/acme/checker:main
+            default: ghcr.io/acme/checker@<digest>
       script:
         image: "{{ inputs.parameters.checker }}"
     - name: set
       containerSet:
         containers:
-          - image: ghcr.io/acme/one:main
+          - image: ghcr.io/acme/one@<digest>
""",
    "a plan of upgrades that says what it runs": """
 apiVersion: upgrade.cattle.io/v1
 kind: Plan
 spec:
   version: v1.33.1+k3s1
   upgrade:
-    image: ghcr.io/acme/upgrade:main
+    image: ghcr.io/acme/upgrade@<digest>
""",
    "overrides of Knative": """
 apiVersion: operator.knative.dev/v1beta1
 kind: KnativeServing
 spec:
   registry:
     override:
-      activator: ghcr.io/acme/activator:main
+      activator: ghcr.io/acme/activator@<digest>
""",
    "parts whose tag may be a digest, and the policy beside them": """
 apiVersion: nvidia.com/v1
 kind: ClusterPolicy
 spec:
   toolkit:
     repository: nvcr.io/nvidia/k8s
     image: container-toolkit
-    version: "latest"
+    version: "<digest>"
-    imagePullPolicy: Always
+    imagePullPolicy: IfNotPresent
""",
    "an object within another": """
 apiVersion: apiextensions.crossplane.io/v1
 kind: Composition
 spec:
   resources:
     - base:
         apiVersion: argoproj.io/v1beta1
         kind: ArgoCD
         spec:
           image: quay.io/argoproj/argocd
-          version: latest
+          version: <digest>
""",
    "an operator of OLM": """
 apiVersion: operators.coreos.com/v1alpha1
 kind: ClusterServiceVersion
 spec:
   install:
     spec:
       deployments:
         - spec:
             template:
               spec:
                 containers:
                   - env:
                       - name: RELATED_IMAGE_db_16_2
-                        value: ghcr.io/acme/db:main
+                        value: ghcr.io/acme/db@<digest>
   relatedImages:
     - name: web
-      image: ghcr.io/acme/web:main
+      image: ghcr.io/acme/web@<digest>
""",
    "a pod's template in any kind": """
 apiVersion: acme.io/v1
 kind: Fleet
 spec:
   members:
     - podTemplate:
         spec:
           initContainers:
-            - {name: init, image: busybox}
+            - {name: init, image: busybox@<digest>}
           containers:
             - name: web
-              image: ghcr.io/acme/web:main
+              image: ghcr.io/acme/web@<digest>
-              imagePullPolicy: Always
+              imagePullPolicy: IfNotPresent
           ephemeralContainers:
-            - {name: debug, image: 'busybox:latest'}
+            - {name: debug, image: 'busybox@<digest>'}
           volumes:
             - name: model
               image:
-                reference: ghcr.io/acme/model:main
+                reference: ghcr.io/acme/model@<digest>
-                pullPolicy: Always
+                pullPolicy: IfNotPresent
""",
}


@pytest.mark.surface(
    "manifest", rewritten="what the table of kinds knows of custom resources, addresses with a scheme too"
)
@pytest.mark.parametrize("diff", PINS.values(), ids=PINS.keys())
def test_pins(diff: str) -> None:
    before, after = before_and_after(diff)
    check_rewrites(YAML, before, after, path="manifests/object.yaml")


def config(*rows: CustomResource) -> Config:
    return Config(custom_resources=rows)


WEB = resource("acme.io/v1", "Web", "runtime: ghcr.io/acme/runtime:main", "built: {image: 'ghcr.io/acme/web:main'}")


def test_a_row_of_the_user_finds_what_no_key_tells_and_leaves_what_keys_would_find() -> None:
    check_rewrites(
        YAML,
        WEB,
        WEB.replace("runtime:main", "runtime@<digest>"),
        path="manifests/web.yaml",
        config=config(CustomResource(kind="Web", group="acme.io", images=("spec.runtime",), left=("spec.built",))),
    )


def test_a_row_of_the_user_is_for_its_group_only() -> None:
    rows = config(CustomResource(kind="Web", group="other.io", images=("spec.runtime",)))
    assert len(plan_of(YAML, {"web.yaml": WEB.encode()}, config=rows).changed) == 1


def test_a_document_without_any_word_of_images_is_read_for_a_row_of_the_user() -> None:
    text = resource("acme.io/v1", "Web", "runtime: ghcr.io/acme/runtime:main")
    check_leaves_alone(YAML, text, path="web.yaml")
    rows = config(CustomResource(kind="Web", images=("spec.runtime",)))
    check_rewrites(YAML, text, text.replace(":main", "@<digest>"), path="web.yaml", config=rows)


def test_a_row_of_the_user_wins_over_the_table() -> None:
    text = resource("pkg.crossplane.io/v1", "Provider", "package: ghcr.io/acme/provider:main")
    rows = config(CustomResource(kind="Provider", left=("spec.package",)))
    check_leaves_alone(YAML, text, path="provider.yaml", config=rows)


def parts(digest: str | None) -> Config:
    part = ImageParts(at="spec.server", repository="registry/name", tag="release", digest=digest)
    return config(CustomResource(kind="Web", parts=(part,)))


SERVER = resource("acme.io/v1", "Web", "server:", "  registry: ghcr.io", "  name: acme/web", "  release: main")


@pytest.mark.parametrize("key", ["release", "sha"])
def test_parts_of_the_user_take_a_digest_where_the_row_says(key: str) -> None:
    after = SERVER.replace("release: main", f"{key}: <digest>")
    check_rewrites(YAML, SERVER, after, path="web.yaml", config=parts(key))


def test_a_fixed_tag_stays_above_a_digest_of_its_own_key() -> None:
    before = SERVER.replace("main", "v1.2.3")
    after = before + "    sha: <digest>\n"
    check_rewrites(YAML, before, after, path="web.yaml", config=parts("sha"), pin_all=True)


def test_parts_of_the_user_that_take_no_digest_are_reported() -> None:
    check_leaves_alone(YAML, SERVER, path="web.yaml", config=parts(None), code="computed-reference")


def test_what_completes_a_bare_name_is_reported_and_a_whole_reference_pinned() -> None:
    rows = config(CustomResource(kind="Web", names=("spec.runtime",)))
    bare = resource("acme.io/v1", "Web", "runtime: ghcr.io/acme/runtime")
    check_leaves_alone(YAML, bare, path="web.yaml", config=rows, code="computed-reference")
    check_rewrites(
        YAML, bare.replace("me\n", "me:dev\n"), bare.replace("me\n", "me@<digest>\n"), path="web.yaml", config=rows
    )
