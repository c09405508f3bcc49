"""YAML and JSON inside strings: what is not opened, what is reported, what is pinned at any depth of quoting."""

from __future__ import annotations

import pytest
from diffs import before_and_after

from codemod.testing import check_leaves_alone, check_rewrites, plan_of
from transforms import embedded_yaml, image_maps, image_references, pull_policies, unreadable_yaml

YAML = [module.transform for module in (embedded_yaml, image_maps, image_references, pull_policies, unreadable_yaml)]
HEX = "0123456789abcdef" * 4

LEFT_SILENTLY = {
    "a pinned manifest": f"job: |\n  kind: Job\n  image: ghcr.io/acme/smoke@sha256:{HEX}\n",
    "prose of one line": "description: 'image: ghcr.io/acme/web:main is what runs'\n",
    "prose in a plain scalar": "description: the image ghcr.io/acme/web:main is what runs\n",
    "prose in a block": "description: |\n  Sets the image to ghcr.io/acme/web:main, as before.\n  See the docs.\n",
    "prose with a colon": "description: |\n  Note that image: ghcr.io/acme/web:main is what runs.\n  It moves.\n",
    "a shell script": "script: |\n  #!/bin/sh\n  set -e\n  docker pull acme/web:main\n  IMAGE=acme/web:main\n",
    "a shell script with a function": 'run: |\n  deploy() {\n    image="$1:main"\n    echo "image: $image"\n  }\n',
    "a workflow's step that echoes YAML": "run: |\n  echo 'image: ghcr.io/acme/web:main' >> x.yaml\n  cat x.yaml\n",
    "a Dockerfile": "Dockerfile: |\n  FROM ghcr.io/acme/base:main\n  LABEL image=web\n",
    "an INI file": "config.ini: |\n  [web]\n  image = ghcr.io/acme/web:main\n  tag = main\n",
    "a TOML file": 'config.toml: |\n  [web]\n  image = "ghcr.io/acme/web:main"\n',
    "a properties file": "app.properties: |\n  web.image=ghcr.io/acme/web:main\n  web.tag=main\n",
    "a heading and prose of Markdown": "README.md: |\n  # Web\n\n  The image `ghcr.io/acme/web:main` moves.\n",
    "code of Python": "main.py: |\n  def image(tag):\n      return f'ghcr.io/acme/web:{tag}'\n",
    "a query": "query: |\n  kube_pod_container_info{image=~'ghcr.io/acme/web:main'}\n  by (image)\n",
    "a regular expression": "pattern: '[a-z]+image:latest'\n",
    "a short string": 'x: "{image: a}"\n',
    "a manifest in a comment of a block": "job: |\n  kind: Job\n  # image: ghcr.io/acme/web:main\n  name: x\n",
    "a schema in a string": (
        "crd.yaml: |\n  apiVersion: apiextensions.k8s.io/v1\n  kind: CustomResourceDefinition\n"
        "  spec:\n    image: ghcr.io/acme/web:latest\n"
    ),
    "a policy in a string": (
        "policy.yaml: |\n  apiVersion: kyverno.io/v1\n  kind: ClusterPolicy\n  spec:\n    image: acme/web:latest\n"
    ),
    "a picture's settings": "site.yaml: |\n  title: Home\n  image: cover.png\n",
    "JSON without an image": 'x: \'{"imagery": "ghcr.io/acme/web:main", "name": "x"}\'\n',
    "a dashboard": (
        "dashboard.json: |\n"
        '  {"title": "Images", "panels": [{"type": "text", "content": "image: web:latest"},\n'
        '   {"targets": [{"legendFormat": "{{image}}", "expr": "sum by (image) (x)"}]}]}\n'
    ),
    "a list of words": "words: |\n  - image\n  - tag\n  - main\n",
    "a service that is built": "compose.yaml: |\n  services:\n    web:\n      build: .\n      image: acme/web:dev\n",
}

REPORTED = {
    "a templated image": (
        'manifests: |\n  kind: Web\n  spec:\n    image: "{{ .Values.x.repository }}:{{ .Values.x.tag }}"\n',
        "computed-reference",
    ),
    "a templated tag": ('job: |\n  kind: Job\n  image: "ghcr.io/acme/web:{{ .Values.tag }}"\n', "computed-reference"),
    "a fixed tag": ("job: |\n  kind: Job\n  image: ghcr.io/acme/web:v1.2.3\n", "tag-only"),
    "a tag without its repository": ("values: |\n  image:\n    tag: main\n  replicas: 1\n", "repository-unknown"),
    "a manifest that cannot be read": (
        "job: |\n  kind: Job\n  spec: [\n  image: ghcr.io/acme/web:main\n",
        "unparsable",
    ),
}

REWRITES = {
    "a literal block": """
 manifests: |
   kind: Job
-  image: ghcr.io/acme/smoke:dev # moves
+  image: ghcr.io/acme/smoke@<digest> # moves
""",
    "a literal block that keeps or drops its last line breaks": """
 a: |-
   kind: Job
-  image: ghcr.io/acme/a:dev
+  image: ghcr.io/acme/a@<digest>
 b: |+
   kind: Job
-  image: ghcr.io/acme/b:dev
+  image: ghcr.io/acme/b@<digest>

 c: 1
""",
    "a block with an explicit indentation": """
 a: |2
     kind: Job
-    image: ghcr.io/acme/a:dev
+    image: ghcr.io/acme/a@<digest>
""",
    "a list of blocks": """
 extraObjects:
   - |
     kind: Job
-    image: ghcr.io/acme/a:dev
+    image: ghcr.io/acme/a@<digest>
   - |-
     kind: Job
-    image: ghcr.io/acme/b:main
+    image: ghcr.io/acme/b@<digest>
""",
    "a ConfigMap": """
 apiVersion: v1
 kind: ConfigMap
 data:
   pod.yaml: |
     apiVersion: v1
     kind: Pod
     spec:
       containers:
-        - image: busybox
+        - image: busybox@<digest>
-          imagePullPolicy: Always
+          imagePullPolicy: IfNotPresent
   settings.json: |
-    {"runner": {"image": "ghcr.io/acme/runner:edge"}}
+    {"runner": {"image": "ghcr.io/acme/runner@<digest>"}}
""",
    "several documents in one block": """
 manifests: |
   ---
   kind: A
-  image: ghcr.io/acme/a:dev
+  image: ghcr.io/acme/a@<digest>
   ---
   kind: B
-  image: ghcr.io/acme/b:dev
+  image: ghcr.io/acme/b@<digest>
""",
    "a values map in a block": """
 values: |
   image:
     repository: ghcr.io/acme/web
-    tag: main
-    pullPolicy: Always
+    digest: <digest>
+    pullPolicy: IfNotPresent
""",
    "a double-quoted text with escapes": r"""
-manifest: "kind: Job\nimage: ghcr.io/acme/smoke:dev\n"
+manifest: "kind: Job\nimage: ghcr.io/acme/smoke@<digest>\n"
""",
    "JSON in single quotes": """
-config: '{"name": "it''s", "image": "ghcr.io/acme/web:main"}'
+config: '{"name": "it''s", "image": "ghcr.io/acme/web@<digest>"}'
""",
    "JSON in double quotes": r"""
-config: "{\"image\": \"ghcr.io/acme/web:main\"}"
+config: "{\"image\": \"ghcr.io/acme/web@<digest>\"}"
""",
    "JSON in a flow map behind text that is no ASCII": """
-config: {owner: "Zoë 🎈", json: '{"image": "ghcr.io/acme/web:main"}', b: 1}
+config: {owner: "Zoë 🎈", json: '{"image": "ghcr.io/acme/web@<digest>"}', b: 1}
""",
    "JSON inside YAML inside YAML": """
 a: |
   b: |
     kind: Job
-    image: ghcr.io/acme/a:dev
+    image: ghcr.io/acme/a@<digest>
-  c: '{"image": "ghcr.io/acme/c:dev", "x": 1}'
+  c: '{"image": "ghcr.io/acme/c@<digest>", "x": 1}'
""",
    "a folded block that is JSON": """
 config: >
-  {"image": "ghcr.io/acme/web:main",
+  {"image": "ghcr.io/acme/web@<digest>",
   "replicas": 2}
""",
    "text that is no ASCII before the image": """
 manifest: |
   kind: Job
   # für Zoë 🎈
-  image: ghcr.io/acme/smoke:dev
+  image: ghcr.io/acme/smoke@<digest>
""",
    "a block with template actions around": """
 manifests: |-
   {{- if .Values.job.enabled }}
   kind: Job
   metadata:
     labels: {{- toYaml .Values.labels | nindent 4 }}
   spec:
-    image: ghcr.io/acme/smoke:dev
+    image: ghcr.io/acme/smoke@<digest>
   {{- end }}
""",
    "blank lines and deeper lines": """
 manifest: |

   kind: Job

   spec:
       containers:

-        - image: ghcr.io/acme/smoke:dev
+        - image: ghcr.io/acme/smoke@<digest>

 next: 1
""",
    "the values of an Argo CD application": """
 apiVersion: argoproj.io/v1alpha1
 kind: Application
 spec:
   source:
     helm:
       values: |
         image:
           repository: ghcr.io/acme/web
-          tag: main
+          digest: <digest>
""",
    "an annotation of the last applied object": r"""
 apiVersion: v1
 kind: Pod
 metadata:
   annotations:
     applied: |
-      {"kind":"Pod","apiVersion":"v1","spec":{"containers":[{"image":"ghcr.io/acme/web:main"}]}}
+      {"kind":"Pod","apiVersion":"v1","spec":{"containers":[{"image":"ghcr.io/acme/web@<digest>"}]}}
""",
    "a schema and a manifest in one block": """
 manifests: |
   kind: CustomResourceDefinition
   apiVersion: apiextensions.k8s.io/v1
   spec:
     image: ghcr.io/acme/a:latest
   ---
   kind: Pod
   apiVersion: v1
   spec:
     containers:
-      - image: ghcr.io/acme/b:latest
+      - image: ghcr.io/acme/b@<digest>
""",
    "a manifest beside the image that runs it": """
 web:
-  image: ghcr.io/acme/web:main
+  image: ghcr.io/acme/web@<digest>
   manifest: |
     kind: Job
-    image: ghcr.io/acme/job:main
+    image: ghcr.io/acme/job@<digest>
""",
}


@pytest.mark.parametrize("text", LEFT_SILENTLY.values(), ids=LEFT_SILENTLY)
@pytest.mark.surface("embedded-yaml", left="prose, scripts, text that cannot be mapped byte for byte")
def test_leaves_alone(text: str) -> None:
    check_leaves_alone(YAML, text)


@pytest.mark.parametrize(("text", "code"), REPORTED.values(), ids=REPORTED)
@pytest.mark.surface("embedded-yaml", reported="a string that plainly holds a manifest but cannot be read")
def test_reports(text: str, code: str) -> None:
    check_leaves_alone(YAML, text, code=code)


@pytest.mark.parametrize("diff", REWRITES.values(), ids=REWRITES)
@pytest.mark.surface(
    "embedded-yaml", rewritten="images in block and quoted strings, their quoting and indentation respected"
)
def test_pins(diff: str) -> None:
    check_rewrites(YAML, *before_and_after(diff))


def test_a_map_that_a_template_string_of_the_file_reads_keeps_its_tag() -> None:
    text = (
        "image:\n  repository: ghcr.io/acme/web\n  tag: main\nmanifests: |-\n  kind: Web\n  spec:\n"
        '    image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"\n'
    )
    plan = check_leaves_alone(YAML, text, code="computed-reference")
    assert [entry.site.line for entry in plan.left] == [3, 7]


def test_line_and_column_are_those_of_the_file() -> None:
    text = 'a: 1\nmanifest: "kind: Jöb\\n\\\n  image: ghcr.io/acme/smoke:dev\\n"\n'
    plan = plan_of(YAML, {"values.yaml": text.encode()})
    assert [(entry.site.line, entry.site.column) for entry in plan.images] == [(3, 10)]


@pytest.mark.surface("embedded-yaml", found="YAML and JSON in strings, to any depth")
def test_what_is_inside_a_string_has_a_surface_of_its_own() -> None:
    text = "image: ghcr.io/acme/a:main\njob: |\n  kind: Job\n  image: ghcr.io/acme/b:main\n"
    plan = plan_of(YAML, {"values.yaml": text.encode()})
    assert [entry.site.surface for entry in plan.images] == ["helm-values", "embedded-yaml"]


def test_a_text_within_a_vendored_file_is_not_edited() -> None:
    text = "job: |\n  kind: Job\n  image: ghcr.io/acme/smoke:dev\n"
    check_leaves_alone(YAML, text, path="vendor/values.yaml", code="vendored")


def test_an_unknown_digest_inside_a_string_is_reported_at_its_line() -> None:
    text = "job: |\n  kind: Job\n  image: ghcr.io/acme/smoke:dev\n"
    plan = check_leaves_alone(YAML, text, code="digest-unknown", unknown=["ghcr.io/acme/smoke:dev"])
    assert [entry.site.line for entry in plan.left] == [3]


HUB = """\
apiVersion: v2
name: web
version: 1.0.0
annotations:
  artifacthub.io/{}: |
    - name: web
      image: ghcr.io/acme/web:main # moved by CI
      whitelisted: true
      platforms: [linux/amd64]
"""


@pytest.mark.surface("embedded-yaml", rewritten="images listed in `artifacthub.io/images`")
def test_the_images_that_a_chart_lists_for_artifact_hub_are_pinned() -> None:
    before = HUB.format("images")
    check_rewrites(YAML, before, before.replace(":main", "@<digest>"), path="charts/web/Chart.yaml")


@pytest.mark.surface("embedded-yaml", left="examples of custom resources in annotations")
@pytest.mark.parametrize("name", ["crdsExamples", "crds", "changes"])
def test_other_annotations_for_artifact_hub_stay(name: str) -> None:
    check_leaves_alone(YAML, HUB.format(name), path="charts/web/Chart.yaml")


@pytest.mark.parametrize("image", ["nginx", "ghcr.io/acme/web"])
def test_a_name_without_a_tag_in_the_values_of_a_chart_is_pinned(image: str) -> None:
    values = f"manifests: |-\n  spec:\n    containers:\n    - name: web\n      image: {image}\n"
    files = {
        "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "charts/web/templates/all.yaml": "{{ tpl .Values.manifests . }}\n",
        "charts/web/values.yaml": values,
    }
    plan = plan_of(YAML, {path: text.encode() for path, text in files.items()})
    (change,) = plan.changed
    assert plan.files["charts/web/values.yaml"][1].decode() == values.replace(image, f"{image}@{change.digest}")
