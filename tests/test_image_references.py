"""Whole image references in YAML and JSON: what stays as it is, what is reported, what is pinned."""

from __future__ import annotations

import datetime

import pytest
from diffs import before_and_after

from codemod.config import Allowance, Config
from codemod.outcome import PINNED, READABLE
from codemod.testing import check_leaves_alone, check_rewrites, digest_of, plan_of
from transforms import embedded_yaml, image_maps, image_references, pull_policies, unreadable_yaml

YAML = [module.transform for module in (embedded_yaml, image_maps, image_references, pull_policies, unreadable_yaml)]
HEX = "0123456789abcdef" * 4
POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: web\n"


def pod(line: str) -> str:
    return f"{POD}      {line}\n"


LEFT_SILENTLY = {
    "a digest that is never pulled": pod(f"image: ghcr.io/acme/web@sha256:{HEX}\n      imagePullPolicy: Never"),
    "a digest": pod(f"image: ghcr.io/acme/web@sha256:{HEX}"),
    "a version in front of a digest": pod(f"image: ghcr.io/acme/web:v1.2.3@sha256:{HEX}"),
    "a commit in front of a digest": pod(f'image: "ghcr.io/acme/web:72044e0@sha256:{HEX}"'),
    "an empty image": pod('image: ""'),
    "a null image": pod("image:"),
    "the injector's word auto": pod("image: auto"),
    "a map without an image": "web:\n  replicas: 2\n  resources: {}\n",
    "a picture": "image: cover.png\n",
    "a picture on a path": "image: /img/cover.jpg\n",
    "a picture on a relative path": "image: ./cover\n",
    "a picture at a URL": "image: https://example.com/cover:latest\n",
    "a reference with a scheme": "image: oci://ghcr.io/acme/web:main\n",
    "an image with upper case letters": "image: Ghcr.io/Acme/Web:main\n",
    "a word that may mean anything": "theme:\n  image: sunset\n",
    "a logo": "logo:\n  image: acme/logo:latest\n",
    "a logo's own key": "logoImage: acme/logo:latest\n",
    "a background": "background_image: sky:latest\n",
    "an icon": "iconImage: acme/icon:main\n",
    "a machine image of CircleCI": "jobs:\n  build:\n    machine:\n      image: ubuntu-2204:current\n",
    "a runner": "runner:\n  image: ubuntu-latest\n",
    "a runner with its version": "image: macos-14\n",
    "an AMI": "image: ami-0abcdef1234567890\n",
    "an AMI map": "ami:\n  image: amazon/al2023:latest\n",
    "a disk image": "disk:\n  image: ghcr.io/acme/disk:latest\n",
    "a disk image's own key": "disk_image: ubuntu-22.04:latest\n",
    "a machine image of a cloud": "bootDisk:\n  image: projects/debian-cloud/global/images/debian-12\n",
    "a virtual machine": "vm:\n  image: fedora:latest\n",
    "an operating system image": "osImage: fedora:latest\n",
    "a service that is built": "services:\n  web:\n    build: .\n    image: acme/web:dev\n",
    "a service that is built from a map": "services:\n  web:\n    image: acme/web:dev\n    build: {context: .}\n",
    "a comment": "# image: ghcr.io/acme/web:main\nweb: {}\n",
    "a description": "description: 'image: ghcr.io/acme/web:main is what runs'\n",
    "a word that only ends like an image": "imagery: ghcr.io/acme/web:main\n",
    "pull secrets": "imagePullSecrets:\n  - name: ghcr.io/acme/web:main\n",
    "a command line": "args: [--image, ghcr.io/acme/web:main]\n",
    "the name of a repository in a variable": "env:\n  - name: IMAGE_REPOSITORY\n    value: ghcr.io/acme/web\n",
    "a tag in a variable": "env:\n  - name: WEB_IMAGE_TAG\n    value: ghcr.io/acme/web:main\n",
    "a variable about something else": "env:\n  - name: UPSTREAM\n    value: web:latest\n",
    "what a JSON patch tests": "- {op: test, path: /spec/containers/0/image, value: 'ghcr.io/acme/web:main'}\n",
    "what a JSON patch puts elsewhere": "- {op: add, path: /metadata/labels/source, value: 'ghcr.io/acme/web:main'}\n",
    "a bare word in a variable": "env:\n  - name: RUNNER_IMAGE\n    value: ubuntu\n",
    "a map of pictures": "images:\n  logo: acme/logo:main\n  banner: cdn.acme.io/banner.png\n",
    "a bare word in a list": "images: [hero, footer]\n",
    "a list of files": "images:\n  - docs/a.png\n  - docs/b.svg\n",
    "a schema": "image:\n  type: string\n  default: ghcr.io/acme/web:main\n  enum: [latest]\n",
    "an empty document": "---\n---\n",
    "only a comment": "# image: web:latest\n",
    "no mapping at all": "- image\n- web:latest\n",
}

OBJECTS_LEFT_SILENTLY = {
    "a CustomResourceDefinition": (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  versions:\n    - schema:\n"
        "        openAPIV3Schema:\n          properties:\n            spec:\n              default:\n"
        "                image: ghcr.io/acme/web:latest\n"
    ),
    "a quoted CustomResourceDefinition": (
        'kind: "CustomResourceDefinition"\napiVersion: apiextensions.k8s.io/v1\nspec:\n  image: acme/web:latest\n'
    ),
    "a CustomResourceDefinition in JSON": (
        '{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",\n'
        ' "spec": {"default": {"image": "ghcr.io/acme/web:latest"}}}\n'
    ),
    "a repository that Flux scans": (
        "apiVersion: image.toolkit.fluxcd.io/v1beta2\nkind: ImageRepository\nspec:\n  image: ghcr.io/acme/web\n"
    ),
    "a policy of Flux": (
        "apiVersion: image.toolkit.fluxcd.io/v1beta2\nkind: ImagePolicy\nspec:\n  image: ghcr.io/acme/web:latest\n"
    ),
    "a policy of Kyverno": (
        "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nspec:\n  rules:\n    - validate:\n        pattern:\n"
        "          spec:\n            containers:\n              - image: ghcr.io/acme/web:latest\n"
    ),
    "a constraint of Gatekeeper": (
        "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sAllowedRepos\nspec:\n  parameters:\n"
        "    images: [ghcr.io/acme/web:latest]\n"
    ),
    "a policy of Sigstore": (
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nspec:\n  images:\n"
        "    - ghcr.io/acme/web:latest\n"
    ),
    "a warehouse of Kargo": (
        "apiVersion: kargo.akuity.io/v1alpha1\nkind: Warehouse\nspec:\n  subscriptions:\n    - image:\n"
        "        repoURL: ghcr.io/acme/web\n        image: ghcr.io/acme/web:main\n"
    ),
    "an admission policy": (
        "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nspec:\n"
        "  image: ghcr.io/acme/web:latest\n"
    ),
    "images of a kustomization": (
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n  - name: ghcr.io/acme/web:main\n"
    ),
    "a list of images of a kustomization": (
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n  - ghcr.io/acme/web:main\n"
    ),
    "a JSON schema": '{"$schema": "http://json-schema.org/draft-07/schema#", "image": "ghcr.io/acme/web:main"}\n',
}

FILES_LEFT_SILENTLY = {
    "a values schema": ("chart/values.schema.json", '{"image": "ghcr.io/acme/web:main"}\n'),
    "a package of Node": ("package.json", '{"image": "ghcr.io/acme/web:main"}\n'),
    "a template's value": ("chart/templates/pod.yaml", pod('image: "{{ .Values.image }}"')),
    "a template's bare value": ("chart/templates/pod.yaml", pod("image: {{ .Values.image }}")),
    "a template's helper": ("chart/templates/pod.yaml", pod('image: {{ include "web.image" . | quote }}')),
    "a template's joined value": (
        "chart/templates/pod.yaml",
        pod('image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"'),
    ),
    "a workflow's steps": (
        ".github/workflows/ci.yaml",
        "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker pull ghcr.io/acme/web:main\n",
    ),
    "a bare word in some settings": ("settings.yaml", "gallery:\n  - image: sunset\n"),
}

REPORTED = {
    "an image that is never pulled": (pod("image: web:dev\n      imagePullPolicy: Never"), "never-pulled"),
    "a version that is never pulled": (pod("image: web:1.2\n      imagePullPolicy: 'Never'"), "never-pulled"),
    "a version without a digest": (pod("image: ghcr.io/acme/web:v1.2.3"), "tag-only"),
    "an all-digit tag": (pod("image: ghcr.io/acme/web:20240131"), "tag-only"),
    "a tag that looks like a float": (pod("image: ghcr.io/acme/web:1.10"), "tag-only"),
    "a tag that only resembles a floating one": (pod("image: ghcr.io/acme/web:main-72044e0"), "tag-only"),
    "a floating tag in capitals": (pod("image: ghcr.io/acme/web:MAIN"), "tag-only"),
    "a tag that a template computes": ('image: "ghcr.io/acme/web:{{ .Values.tag }}"\n', "computed-reference"),
    "a template that is unquoted": ("image: {{ .Values.image }}/web:main\n", "computed-reference"),
    "a name that a template computes": ('image: "{{ .Values.registry }}/web:main"\n', "computed-reference"),
    "a shell variable": (pod("image: ghcr.io/acme/web:${TAG}"), "computed-reference"),
    "a shell variable with a floating default": (pod("image: ghcr.io/acme/web:${TAG:=dev}"), "computed-reference"),
    "a parameter of Tekton": (pod("image: $(params.image)"), "computed-reference"),
    "an expression of a workflow": (pod("image: ghcr.io/acme/web:${{ matrix.tag }}"), "computed-reference"),
    "a parameter of an ApplicationSet": (pod("image: 'ghcr.io/acme/web:{{tag}}'"), "computed-reference"),
    "a placeholder in angle brackets": (pod("image: ghcr.io/acme/web:<TAG>"), "computed-reference"),
    "a placeholder of printf": (pod("image: ghcr.io/acme/web:%s"), "computed-reference"),
    "a placeholder in braces": (pod('image: "ghcr.io/acme/web:{tag}"'), "computed-reference"),
    "a name to which an operator appends the version": (
        "apiVersion: acme.io/v1\nkind: Web\nspec:\n  image: ghcr.io/acme/web\n  version: 1.2.3\n",
        "computed-reference",
    ),
    "a short name below a hub": ("hub: ghcr.io/acme\npilot:\n  image: pilot:main\n", "computed-reference"),
    "a short name below a global registry": (
        "global:\n  imageRegistry: ghcr.io\nweb:\n  image: web:main\n",
        "computed-reference",
    ),
    "an anchor that is a label, too": (
        "image: &image ghcr.io/acme/web:main\nlabels:\n  built-from: *image\n",
        "anchor-shared",
    ),
}

REWRITES = {
    "a name with a host beside a repository of Git": """
 apiVersion: operators.coreos.com/v1alpha1
 kind: ClusterServiceVersion
 metadata:
   annotations:
-    containerImage: ghcr.io/acme/operator
+    containerImage: ghcr.io/acme/operator@<digest>
     repository: https://github.com/acme/operator
""",
    "a bare name in a map that is called container": """
 build:
   container:
-    image: crystallang/crystal
+    image: crystallang/crystal@<digest>
""",
    "a container": """
 apiVersion: apps/v1
 kind: Deployment
 spec:
   template:
     spec:
       containers:
         - name: web
-          image: ghcr.io/acme/web:main
+          image: ghcr.io/acme/web@<digest>
           ports: []
""",
    "what a JSON patch replaces": """
 - op: replace
   path: /spec/template/spec/containers/0/image
-  value: ghcr.io/acme/web:main
+  value: ghcr.io/acme/web@<digest>
""",
    "init containers and ephemeral containers": """
 kind: Pod
 apiVersion: v1
 spec:
   initContainers:
-    - image: ghcr.io/acme/init:dev
+    - image: ghcr.io/acme/init@<digest>
   ephemeralContainers:
-    - image: busybox
+    - image: busybox@<digest>
""",
    "an image volume": """
 kind: Pod
 apiVersion: v1
 spec:
   volumes:
     - name: model
       image:
-        reference: ghcr.io/acme/model:main
+        reference: ghcr.io/acme/model@<digest>
         pullPolicy: IfNotPresent
""",
    "a job in a cron job in a list": """
 apiVersion: v1
 kind: List
 items:
   - apiVersion: batch/v1
     kind: CronJob
     spec:
       jobTemplate:
         spec:
           template:
             spec:
               containers:
-                - {name: job, image: ghcr.io/acme/job:nightly}
+                - {name: job, image: ghcr.io/acme/job@<digest>}
""",
    "a custom resource": """
 apiVersion: acme.io/v1
 kind: Web
 spec:
-  image: ghcr.io/acme/web:main
+  image: ghcr.io/acme/web@<digest>
""",
    "the image keys of a custom resource": """
 apiVersion: acme.io/v1
 kind: Web
 spec:
-  sidecarImage: ghcr.io/acme/a:dev
+  sidecarImage: ghcr.io/acme/a@<digest>
-  init_image: ghcr.io/acme/b:dev
+  init_image: ghcr.io/acme/b@<digest>
-  proxy-image: ghcr.io/acme/c:dev
+  proxy-image: ghcr.io/acme/c@<digest>
-  imageName: ghcr.io/acme/postgres:edge
+  imageName: ghcr.io/acme/postgres@<digest>
-  imageRef: ghcr.io/acme/d:dev
+  imageRef: ghcr.io/acme/d@<digest>
-  image_url: ghcr.io/acme/e:dev
+  image_url: ghcr.io/acme/e@<digest>
-  newImage: ghcr.io/acme/f:dev
+  newImage: ghcr.io/acme/f@<digest>
-  nginx.image: ghcr.io/acme/g:dev
+  nginx.image: ghcr.io/acme/g@<digest>
-  IMAGE: ghcr.io/acme/h:dev
+  IMAGE: ghcr.io/acme/h@<digest>
""",
    "variables that hold images": """
 env:
   - name: RELATED_IMAGE_PROXY
-    value: ghcr.io/acme/proxy:main
+    value: ghcr.io/acme/proxy@<digest>
-  - {value: "ghcr.io/acme/run:edge", name: RUNNER_IMAGE}
+  - {value: "ghcr.io/acme/run@<digest>", name: RUNNER_IMAGE}
   - name: IMAGE
-    value: acme/web:dev
+    value: acme/web@<digest>
""",
    "variables as a map": """
 env:
-  RELATED_IMAGE_PROXY: ghcr.io/acme/proxy:main
+  RELATED_IMAGE_PROXY: ghcr.io/acme/proxy@<digest>
-  SMOKE_IMAGE: ghcr.io/acme/smoke:main
+  SMOKE_IMAGE: ghcr.io/acme/smoke@<digest>
   SMOKE_IMAGE_TAG: main
""",
    "a map of images by names of its own": """
 utility_images:
-  clonerefs: gcr.io/acme/clonerefs:latest
+  clonerefs: gcr.io/acme/clonerefs@<digest>
   pullPolicy: IfNotPresent
   registry: gcr.io/acme
   tag: v1
""",
    "a list of images": """
 images:
-  - ghcr.io/acme/a:main
+  - ghcr.io/acme/a@<digest>
-  - "acme/b:dev" # two
+  - "acme/b@<digest>" # two
 extraImages:
-  - ghcr.io/acme/c
+  - ghcr.io/acme/c@<digest>
""",
    "related images by name": """
 apiVersion: operators.coreos.com/v1alpha1
 kind: ClusterServiceVersion
 spec:
   relatedImages:
     - name: proxy
-      image: ghcr.io/acme/proxy:main
+      image: ghcr.io/acme/proxy@<digest>
""",
    "bare names of Docker Hub keep their spelling": """
 kind: Pod
 apiVersion: v1
 spec:
   containers:
-    - image: busybox
+    - image: busybox@<digest>
-    - image: busybox:latest
+    - image: busybox@<digest>
-    - image: library/busybox
+    - image: library/busybox@<digest>
-    - image: docker.io/busybox:latest
+    - image: docker.io/busybox@<digest>
-    - image: index.docker.io/library/busybox:latest
+    - image: index.docker.io/library/busybox@<digest>
""",
    "a bare name beside what only containers have": """
 web:
-  image: nginx
+  image: nginx@<digest>
   command: [nginx]
""",
    "a registry with a port and no tag": """
 kind: Pod
 apiVersion: v1
 spec:
   containers:
-    - image: localhost:5000/web
+    - image: localhost:5000/web@<digest>
-    - image: registry.acme.test:5000/web:dev
+    - image: registry.acme.test:5000/web@<digest>
-    - image: "[fd00::1]:5000/web:dev"
+    - image: "[fd00::1]:5000/web@<digest>"
""",
    "a floating tag beside a digest": f"""
 web:
-  image: ghcr.io/acme/web:main@sha256:{HEX}
+  image: ghcr.io/acme/web@sha256:{HEX}
""",
    "quotes and comments stay": """
 web:
-  image: "ghcr.io/acme/web:main"   # moved by CI
+  image: "ghcr.io/acme/web@<digest>"   # moved by CI
   # image: ghcr.io/acme/web:main
-  'sidecarImage' : 'ghcr.io/acme/side:main'
+  'sidecarImage' : 'ghcr.io/acme/side@<digest>'
""",
    "a flow map behind text that is no ASCII": """
-web: {owner: "Zoë 🎈", image: ghcr.io/acme/web:main, ports: [80]}
+web: {owner: "Zoë 🎈", image: ghcr.io/acme/web@<digest>, ports: [80]}
""",
    "a value on a line of its own": """
 web:
   image:
-    ghcr.io/acme/web:main
+    ghcr.io/acme/web@<digest>
""",
    "a folded value": """
 web:
   image: >-
-    ghcr.io/acme/web:main
+    ghcr.io/acme/web@<digest>
   replicas: 2
""",
    "a literal value": """
 web:
   image: |
-    ghcr.io/acme/web:main
+    ghcr.io/acme/web@<digest>
   replicas: 2
""",
    "an explicit key and an explicit type": """
 web:
   ? image
-  : !!str ghcr.io/acme/web:main
+  : !!str ghcr.io/acme/web@<digest>
""",
    "an anchor that only images use": """
 web:
-  image: &image ghcr.io/acme/web:main
+  image: &image ghcr.io/acme/web@<digest>
 job:
   image: *image
""",
    "a container that others merge": """
 defaults: &defaults
-  image: ghcr.io/acme/web:main
+  image: ghcr.io/acme/web@<digest>
 web:
   <<: *defaults
   name: web
""",
    "all documents but the schema between them": """
 kind: Pod
 apiVersion: v1
 spec:
   containers:
-    - image: ghcr.io/acme/a:main
+    - image: ghcr.io/acme/a@<digest>
 ---
 kind: CustomResourceDefinition
 apiVersion: apiextensions.k8s.io/v1
 spec:
   image: ghcr.io/acme/b:main
 ---
 kind: Pod
 apiVersion: v1
 spec:
   containers:
-    - image: ghcr.io/acme/c:main
+    - image: ghcr.io/acme/c@<digest>
 ...
""",
    "the same tag of two repositories": """
 a:
-  image: ghcr.io/acme/a:main
+  image: ghcr.io/acme/a@<digest>
 b:
-  image: ghcr.io/acme/b:main
+  image: ghcr.io/acme/b@<digest>
   note: ghcr.io/acme/b:main
""",
    "a step of a Tekton task": """
 apiVersion: tekton.dev/v1
 kind: Task
 spec:
   steps:
     - name: build
-      image: ghcr.io/acme/build:edge
+      image: ghcr.io/acme/build@<digest>
       script: docker run ghcr.io/acme/build:edge
""",
    "a template of an Argo workflow": """
 apiVersion: argoproj.io/v1alpha1
 kind: WorkflowTemplate
 spec:
   templates:
     - name: run
       script:
-        image: python
+        image: python@<digest>
         source: |
           print("image: python:latest")
""",
    "a database of CloudNativePG": """
 apiVersion: postgresql.cnpg.io/v1
 kind: Cluster
 spec:
-  imageName: ghcr.io/cloudnative-pg/postgresql:latest
+  imageName: ghcr.io/cloudnative-pg/postgresql@<digest>
   instances: 3
""",
    "an image whose neighbours only sound like tags": """
 web:
-  image: ghcr.io/acme/web:main
+  image: ghcr.io/acme/web@<digest>
   version: 1.2.3
   tags: [a, b]
""",
    "a reference with its tag below a hub": """
 hub: docker.io/istio
 pilot:
-  image: ghcr.io/acme/pilot:main
+  image: ghcr.io/acme/pilot@<digest>
""",
    "a job that is only called build": """
-image: ghcr.io/acme/ruby:main
+image: ghcr.io/acme/ruby@<digest>
 build:
   stage: build
   script: [make]
 web:
-  image: ghcr.io/acme/web:main
+  image: ghcr.io/acme/web@<digest>
   build: 1234
""",
    "a component whose name might be a picture's, too": """
 author:
-  image: ghcr.io/acme/author:main
+  image: ghcr.io/acme/author@<digest>
 gallery:
   image: beach:latest
""",
    "blanks behind the value": """
 web:
-  image: ghcr.io/acme/web:main  \t
+  image: ghcr.io/acme/web@<digest>  \t
   replicas: 2
""",
}

FILES_REWRITTEN = {
    "a JSON manifest": (
        "pod.json",
        """
 {
   "apiVersion": "v1",
   "kind": "Pod",
-  "spec": {"containers": [{"name": "web", "image": "ghcr.io/acme/web:main"}]}
+  "spec": {"containers": [{"name": "web", "image": "ghcr.io/acme/web@<digest>"}]}
 }
""",
    ),
    "a JSON manifest with tabs and escaped slashes": (
        "pod.json",
        """
 {
 \t"kind": "Pod", "apiVersion": "v1",
-\t"spec": {"containers": [{"image": "ghcr.io\\/acme\\/web:main"}]}
+\t"spec": {"containers": [{"image": "ghcr.io\\/acme\\/web@<digest>"}]}
 }
""",
    ),
    "a service of compose": (
        "docker-compose.yml",
        """
 services:
   web:
-    image: nginx
+    image: nginx@<digest>
   built:
     build: .
     image: acme/built:dev
""",
    ),
    "a literal image of a template": (
        "chart/templates/job.yaml",
        """
 {{- if .Values.job.enabled }}
 apiVersion: batch/v1
 kind: Job
 metadata:
   name: {{ include "web.name" . }}
   labels: {{- include "web.labels" . | nindent 4 }}
 spec:
   containers:
     - name: job
-      image: ghcr.io/acme/job:main
+      image: ghcr.io/acme/job@<digest>
       args: ["{{ .Values.arg }}"]
 {{- end }}
""",
    ),
    "a bare name in a values file": (
        "env/dev/values.yaml",
        """
 sidecar:
-  image: busybox
+  image: busybox@<digest>
""",
    ),
}

READABLE_FORM = {
    "a version stays in front of the digest": """
 web:
-  image: ghcr.io/acme/web:v1.2.3 # released
+  image: ghcr.io/acme/web:v1.2.3@<digest> # released
""",
    "a commit stays, a floating tag does not": """
 web:
-  image: "ghcr.io/acme/web:72044e0"
+  image: "ghcr.io/acme/web:72044e0@<digest>"
-  sidecarImage: ghcr.io/acme/side:dev
+  sidecarImage: ghcr.io/acme/side@<digest>
""",
    "a version of an official image": """
 web:
-  image: nginx:1.27
+  image: nginx:1.27@<digest>
   ports: [80]
""",
}


@pytest.mark.parametrize("text", LEFT_SILENTLY.values(), ids=LEFT_SILENTLY)
@pytest.mark.surface("manifest", left="prose, URLs, pictures, disks and machine images")
def test_leaves_alone(text: str) -> None:
    check_leaves_alone(YAML, text, path="deploy.yaml")


@pytest.mark.parametrize("text", OBJECTS_LEFT_SILENTLY.values(), ids=OBJECTS_LEFT_SILENTLY)
@pytest.mark.surface("manifest", left="CRDs, policies, image automation")
def test_leaves_objects_alone_that_run_nothing(text: str) -> None:
    plan = check_leaves_alone(YAML, text, path="deploy.yaml")
    assert not plan.images


@pytest.mark.parametrize(("path", "text"), FILES_LEFT_SILENTLY.values(), ids=FILES_LEFT_SILENTLY)
def test_leaves_files_alone(path: str, text: str) -> None:
    check_leaves_alone(YAML, text, path=path)


@pytest.mark.parametrize(("text", "code"), REPORTED.values(), ids=REPORTED)
@pytest.mark.surface("manifest", reported="names that a template computes or an operator completes")
@pytest.mark.surface("manifest", reported="an image that is never pulled (`imagePullPolicy: Never`)")
def test_reports(text: str, code: str) -> None:
    check_leaves_alone(YAML, text, path="deploy.yaml", code=code)


@pytest.mark.parametrize("diff", REWRITES.values(), ids=REWRITES)
@pytest.mark.surface("manifest", found="image keys, lists of images and `RELATED_IMAGE_*` at any depth")
@pytest.mark.surface("manifest", rewritten="whole references, the spelling of the repository kept")
def test_pins(diff: str) -> None:
    check_rewrites(YAML, *before_and_after(diff), path="deploy.yaml")


@pytest.mark.parametrize(("path", "diff"), FILES_REWRITTEN.values(), ids=FILES_REWRITTEN)
@pytest.mark.surface("helm-template", found="whole references in templates")
def test_pins_in_files(path: str, diff: str) -> None:
    check_rewrites(YAML, *before_and_after(diff), path=path)


@pytest.mark.parametrize("diff", READABLE_FORM.values(), ids=READABLE_FORM)
def test_pins_readably_on_demand(diff: str) -> None:
    check_rewrites(YAML, *before_and_after(diff), path="deploy.yaml", pin_all=True)


@pytest.mark.surface("helm-template", reported="a floating tag behind a name that is computed")
def test_a_literally_floating_template_is_reported_in_a_chart_too() -> None:
    text = pod('image: "{{ .Values.repository }}:latest"')
    check_leaves_alone(YAML, text, path="chart/templates/pod.yaml", code="computed-reference")


def test_an_unknown_digest_leaves_the_image_and_says_so() -> None:
    text = pod("image: ghcr.io/acme/web:main")
    check_leaves_alone(YAML, text, path="deploy.yaml", code="digest-unknown", unknown=["ghcr.io/acme/web:main"])


def test_an_unknown_digest_holds_back_no_other_image() -> None:
    text = "a:\n  image: ghcr.io/acme/a:main\nb:\n  image: ghcr.io/acme/b:main\n"
    plan = plan_of(YAML, {"deploy.yaml": text.encode()}, unknown=["ghcr.io/acme/a:main"])
    assert plan.files["deploy.yaml"][1].startswith(b"a:\n  image: ghcr.io/acme/a:main\nb:\n  image: ghcr.io/acme/b@")


def test_a_vendored_file_is_read_and_never_edited() -> None:
    text = pod("image: ghcr.io/acme/web:main")
    plan = check_leaves_alone(YAML, text, path="charts/third_party/web/pod.yaml", code="vendored")
    assert [entry.vendored for entry in plan.images] == [True]


def test_an_exception_excuses_until_its_date() -> None:
    text = pod("image: ghcr.io/acme/web:main")
    for expires, code in ((datetime.date(2026, 6, 30), "allowlisted"), (datetime.date(2025, 6, 30), None)):
        allow = Allowance(path="**", image="ghcr.io/acme/*", code="*", reason="tilt", owner="team-web", expires=expires)
        plan = plan_of(YAML, {"deploy.yaml": text.encode()}, config=Config(allow=(allow,)))
        assert [entry.code for entry in plan.left] == ([code] if code else [])
        assert bool(plan.files) is (code is None)


def test_the_digest_is_that_of_the_normalised_reference() -> None:
    plan = plan_of(YAML, {"pod.yaml": pod("image: busybox").encode()})
    assert plan.changed[0].image == "docker.io/library/busybox:latest"
    assert plan.changed[0].digest == digest_of("docker.io/library/busybox:latest")


def test_line_and_column_point_at_the_reference_within_its_quotes() -> None:
    plan = plan_of(YAML, {"pod.yaml": pod('image: "ghcr.io/acme/web:main"').encode()})
    site = plan.images[0].site
    assert (site.line, site.column) == (6, 15)


def test_configured_floating_tags_replace_the_known_ones() -> None:
    text = "a:\n  image: ghcr.io/acme/a:main\nb:\n  image: ghcr.io/acme/b:pr-12\n"
    plan = plan_of(YAML, {"a.yaml": text.encode()}, config=Config(floating_tags=("pr-*",)))
    assert [(change.site.line, change.image) for change in plan.changed] == [(4, "ghcr.io/acme/b:pr-12")]
    assert [(entry.site.line, entry.code) for entry in plan.left] == [(2, "tag-only")]


def test_the_inventory_tells_pinned_from_readable() -> None:
    text = f"a:\n  image: ghcr.io/acme/a@sha256:{HEX}\nb:\n  image: ghcr.io/acme/b:v1@sha256:{HEX}\n"
    plan = plan_of(YAML, {"a.yaml": text.encode()})
    assert [entry.status for entry in plan.images] == [PINNED, READABLE]


SUBSTITUTED = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: web\n      image: {}\n"


@pytest.mark.surface("flux", rewritten="a whole reference as the default of a substitution")
@pytest.mark.parametrize("mark", [":=", "=", ":-"])
@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_the_default_of_a_substitution_is_pinned_inside_it(mark: str, quote: str) -> None:
    before = SUBSTITUTED.format(f"{quote}${{WEB{mark}ghcr.io/acme/web:dev}}{quote}")
    check_rewrites(image_references.transform, before, before.replace(":dev", "@<digest>"))


@pytest.mark.surface("flux", reported="a tag as the default of a substitution behind a repository")
def test_a_tag_as_the_default_of_a_substitution_is_reported() -> None:
    check_leaves_alone(
        image_references.transform, SUBSTITUTED.format("ghcr.io/acme/web:${TAG:=dev}"), code="computed-reference"
    )
    check_leaves_alone(
        image_references.transform, SUBSTITUTED.format("${REGISTRY:=ghcr.io}/acme/web:dev"), code="computed-reference"
    )


@pytest.mark.parametrize(
    "text", ["${WEB:+ghcr.io/acme/web:dev}", "${WEB:?ghcr.io/acme/web:dev}", "${WEB%:*}", "${WEB}"]
)
def test_what_is_no_default_of_a_substitution_is_reported(text: str) -> None:
    check_leaves_alone(image_references.transform, SUBSTITUTED.format(text), code="computed-reference")


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("- {op: add, path: /tests/-, value: {image: 'ghcr.io/acme/web:dev'}}\n", "manifest"),
        ("- {path: /tests, image: 'ghcr.io/acme/web:dev'}\n", "helm-values"),
    ],
)
def test_the_operations_of_a_json_patch_are_no_values_of_a_chart(text: str, surface: str) -> None:
    plan = plan_of(YAML, {"patches/tests.yaml": text.encode()})
    assert [image.site.surface for image in plan.images] == [surface]
    assert list(plan.files) == ["patches/tests.yaml"]
