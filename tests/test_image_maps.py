"""Images that values spell in parts: what stays as it is, what is reported, what is pinned, alone and in stacks."""

from __future__ import annotations

import pytest
from diffs import before_and_after

from codemod.config import Config, StackSpec
from codemod.outcome import Plan
from codemod.testing import check_leaves_alone, check_rewrites, digest_of, plan_of
from transforms import embedded_yaml, image_maps, image_references, inherited_tags, pull_policies, unreadable_yaml

MODULES = (embedded_yaml, image_maps, image_references, inherited_tags, pull_policies, unreadable_yaml)
YAML = [module.transform for module in MODULES]
HEX = "0123456789abcdef" * 4
DIGEST = f"sha256:{HEX}"

LEFT_SILENTLY = {
    "a digest": f"image:\n  repository: ghcr.io/acme/web\n  digest: {DIGEST}\n",
    "a digest below a version": f"image:\n  repository: ghcr.io/acme/web\n  tag: v1.2.3\n  digest: {DIGEST}\n",
    "a digest beside an empty tag": f'image:\n  repository: ghcr.io/acme/web\n  tag: ""\n  digest: {DIGEST}\n',
    "a version and its digest in the tag": f"image:\n  repository: ghcr.io/acme/web\n  tag: v1.2.3@{DIGEST}\n",
    "a digest with a registry": f"image: {{registry: ghcr.io, repository: acme/web, digest: '{DIGEST}'}}\n",
    "a digest beside an image": f"image: ghcr.io/acme/web\ndigest: {DIGEST}\n",
    "a flat digest": f"imageRepository: ghcr.io/acme/web\nimageDigest: {DIGEST}\n",
    "a flat digest beside its image": f"proxyImage: ghcr.io/acme/proxy\nproxyImageDigest: {DIGEST}\n",
    "a Git source": "source:\n  repoURL: https://github.com/acme/web\n  tag: main\n",
    "a Git repository": "repository: https://github.com/acme/web.git\ntag: main\n",
    "a Git repository by SSH": "repository: git@github.com:acme/web.git\ntag: main\n",
    "a Git checkout": "git:\n  repo: acme/web\n  tag: main\n",
    "a branch": "repository: acme/web\nbranch: main\n",
    "a revision of a Git repository": "repo: acme/web\ntag: main\nrevision: abc\n",
    "a chart": "chart:\n  repository: acme/charts\n  name: web\n  tag: main\n",
    "a chart of a list": "dependencies:\n  - name: web\n    repository: https://charts.acme.test\n    tag: main\n",
    "a Helm source": "helm:\n  repository: oci://ghcr.io/acme/charts\n  tag: latest\n",
    "an OCI source of Flux": (
        "apiVersion: source.toolkit.fluxcd.io/v1beta2\nkind: OCIRepository\nspec:\n"
        "  url: oci://ghcr.io/acme/manifests\n  ref:\n    tag: latest\n"
    ),
    "a Git source of Flux": (
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nspec:\n  ref:\n    tag: main\n"
    ),
    "a tag that is nobody's": "release:\n  tag: main\n",
    "a tag of a log": "fluentbit:\n  output:\n    tag: main\n",
    "tags of a resource": "tags:\n  - dev\n  - main\n",
    "a tag that is a map": "image:\n  tag:\n    name: main\n",
    "a tag that is a list": "image:\n  repository: ghcr.io/acme/web\n  tag: [main]\n",
    "a comment": "image: {}\n# tag: main\n",
    "an enum": "tag:\n  type: string\n  enum: [latest, main]\n",
    "a picture with a tag": "image:\n  name: cover.png\n  tag: latest\n",
    "an action of a workflow": "- uses: acme/build@v1\n  with:\n    repository: acme/web\n    tag: latest\n",
    "pull secrets only": "image:\n  pullSecrets: [ghcr]\n  repository:\n",
    "an XML-like tag": "parser:\n  name: div\n  tag: main\n  branch: x\n",
}

REPORTED = {
    "an image that is never pulled": (
        "image:\n  repository: ghcr.io/acme/web\n  tag: main\n  pullPolicy: Never\n",
        "never-pulled",
    ),
    "a version": ("image:\n  repository: ghcr.io/acme/web\n  tag: v1.2.3\n", "tag-only"),
    "a quoted number": ('image:\n  repository: ghcr.io/acme/web\n  tag: "1.10"\n', "tag-only"),
    "a number that prints as it is written": ("image:\n  repository: ghcr.io/acme/web\n  tag: 1.27\n", "tag-only"),
    "a float that loses its last digit": ("image:\n  repository: ghcr.io/acme/web\n  tag: 1.10\n", "ambiguous-tag"),
    "a commit that reads as an exponent": ("image:\n  repository: ghcr.io/acme/web\n  tag: 72044e0\n", "ambiguous-tag"),
    "a tag with a leading zero": ("image:\n  repository: ghcr.io/acme/web\n  tag: 0123\n", "ambiguous-tag"),
    "a date as a number": ("image:\n  repository: ghcr.io/acme/web\n  tag: 20240131\n", "tag-only"),
    "a number of more than 64 bits": (
        "image:\n  repository: ghcr.io/acme/web\n  tag: 20240131123456789012\n",
        "ambiguous-tag",
    ),
    "a word that reads as true": ("image:\n  repository: ghcr.io/acme/web\n  tag: yes\n", "ambiguous-tag"),
    "a hexadecimal number": ("image:\n  repository: ghcr.io/acme/web\n  tag: 0x1f\n", "ambiguous-tag"),
    "a number with many decimals": ("image:\n  repository: ghcr.io/acme/web\n  tag: 1.23456789\n", "tag-only"),
    "a custom resource whose controller may take no digest": (
        "apiVersion: acme.io/v1\nkind: Web\nspec:\n  image:\n    repository: ghcr.io/acme/web\n    tag: main\n",
        "computed-reference",
    ),
    "parts that a workflow puts together": (
        "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  withItems: [{image: debian, tag: '12'}]\n",
        "computed-reference",
    ),
    "a tag that only sounds like the image's": (
        "proxyImage: ghcr.io/acme/proxy\nproxyTag: main\n",
        "computed-reference",
    ),
    "a digest beside a whole reference": (
        f"image: ghcr.io/acme/web:main\ndigest: {DIGEST}\n",
        "computed-reference",
    ),
    "an image with an empty digest": ('image: ghcr.io/acme/web\ndigest: ""\n', "chart-default-tag"),
    "a flat repository with an empty digest": (
        'imageRepository: ghcr.io/acme/web\nimageDigest: ""\n',
        "chart-default-tag",
    ),
    "a name without a tag below an image key": ("image:\n  name: ghcr.io/acme/web\n  tag: \n", "chart-default-tag"),
    "a short number": ("image:\n  repository: ghcr.io/acme/web\n  tag: 12\n", "tag-only"),
    "no tag": ("image:\n  repository: ghcr.io/acme/web\n", "chart-default-tag"),
    "an empty tag": ('image:\n  repository: ghcr.io/acme/web\n  tag: ""\n', "chart-default-tag"),
    "a null tag": ("image:\n  repository: ghcr.io/acme/web\n  tag:\n", "chart-default-tag"),
    "an empty tag and an empty digest": (
        'image:\n  repository: ghcr.io/acme/web\n  tag: ""\n  digest: ""\n',
        "chart-default-tag",
    ),
    "no repository": ("image:\n  tag: main\n", "repository-unknown"),
    "no repository below an image key": ("sidecarImage:\n  tag: main\n", "repository-unknown"),
    "a flat tag alone": ("imageTag: main\n", "repository-unknown"),
    "a prefixed tag alone": ("proxyImageTag: main\n", "repository-unknown"),
    "a policy without a repository": ("web:\n  tag: main\n  pullPolicy: IfNotPresent\n", "repository-unknown"),
    "a version without a repository": ("image:\n  tag: v1.2.3\n", "tag-only"),
    "a tag that stands twice": ("image:\n  repository: acme/web\n  tag: dev\n  tag: main\n", "unparsable"),
    "a whole reference in place of the repository, beside a tag": (
        "image:\n  repository: ghcr.io/acme/web:main\n  tag: main\n",
        "repository-unknown",
    ),
    "a tag in a block": ("image:\n  repository: ghcr.io/acme/web\n  tag: |-\n    main\n", "not-spellable"),
    "a floating tag that cannot be taken out beside a digest": (
        f"s:\n  - tag: main # first\n    repository: ghcr.io/acme/web\n    digest: {DIGEST}\n",
        "floating-tag-beside-digest",
    ),
    "a tag that two repositories share by an alias, one of them unknown to be an image": (
        "web:\n  image:\n    repository: ghcr.io/acme/web\n    tag: &tag main\nother:\n  version: *tag\n",
        "anchor-shared",
    ),
    "a computed tag": ('image:\n  repository: ghcr.io/acme/web\n  tag: "{{ .Values.tag }}"\n', "computed-reference"),
    "a computed repository": (
        'image:\n  repository: "{{ .Values.registry }}/web"\n  tag: main\n',
        "computed-reference",
    ),
    "a computed registry": ("image:\n  registry: ${REGISTRY}\n  repository: web\n  tag: main\n", "computed-reference"),
    "a tag substituted by Flux": ("image:\n  repository: ghcr.io/acme/web\n  tag: ${TAG:=dev}\n", "computed-reference"),
    "a short name below a hub": (
        "hub: ghcr.io/acme\npilot:\n  image:\n    repository: pilot\n    tag: main\n",
        "computed-reference",
    ),
    "a name of two parts below a registry": (
        "registry: ghcr.io\nweb:\n  image:\n    repository: acme/web\n    tag: main\n",
        "computed-reference",
    ),
    "a registry that a global one overrides": (
        "global: {imageRegistry: acme.test}\nimage:\n  registry: docker.io\n  repository: acme/web\n  tag: main\n",
        "computed-reference",
    ),
    "a short name below a global registry": (
        "global:\n  imageRegistry: ghcr.io\nweb:\n  image:\n    repository: web\n    tag: main\n",
        "computed-reference",
    ),
    "a floating tag with its digest in the tag": (
        f"image:\n  repository: ghcr.io/acme/web\n  tag: main@{DIGEST}\n",
        "floating-tag-beside-digest",
    ),
    "one tag for two repositories by merging": (
        "x: &x\n  tag: main\n  repository: ghcr.io/acme/x\ny:\n  <<: *x\n  repository: ghcr.io/acme/y\n",
        "anchor-shared",
    ),
    "a tag whose alias is a label": (
        "image:\n  repository: ghcr.io/acme/web\n  tag: &tag main\nlabels:\n  version: *tag\n",
        "anchor-shared",
    ),
    "values that a template string of the file reads": (
        "image:\n  repository: ghcr.io/acme/web\n  tag: main\nname: '{{ .Values.image.tag }}'\n",
        "computed-reference",
    ),
    "values that a template string reads with a block": (
        "image: {repository: acme/web, tag: main}\nx: '{{ with .Values.image }}{{ .repo }}:{{ .tag }}{{ end }}'\n",
        "computed-reference",
    ),
    "an operator appends the version to what a map names": (
        "apiVersion: acme.io/v1\nkind: Web\nspec:\n  image:\n    repository: ghcr.io/acme/web\n",
        "chart-default-tag",
    ),
}

REWRITES = {
    "a repository and a tag": """
 image:
   repository: ghcr.io/acme/web
-  tag: main # moved by CI
+  digest: <digest> # moved by CI
   pullPolicy: IfNotPresent
""",
    "the tag before the repository": """
 image:
-  tag: dev
+  digest: <digest>
   repository: ghcr.io/acme/web
""",
    "quoted keys and values": """
 image:
   "repository": 'ghcr.io/acme/web'
-  "tag": "main"
+  "digest": "<digest>"
""",
    "a flow map": """
-image: {repository: ghcr.io/acme/web, tag: main, pullPolicy: IfNotPresent}
+image: {repository: ghcr.io/acme/web, digest: <digest>, pullPolicy: IfNotPresent}
""",
    "a flow map over several lines": """
 image: {
   repository: ghcr.io/acme/web,
-  tag: main
+  digest: <digest>
 }
""",
    "a flow map behind text that is no ASCII": """
-web: {owner: "Zoë 🎈", repository: ghcr.io/acme/web, tag: main} # é
+web: {owner: "Zoë 🎈", repository: ghcr.io/acme/web, digest: <digest>} # é
""",
    "a registry": """
 image:
   registry: ghcr.io
   repository: acme/web
-  tag: main
+  digest: <digest>
""",
    "a hub in the same map": """
 image:
   hub: ghcr.io/acme
   image: web
-  tag: main
+  digest: <digest>
""",
    "an empty digest is filled": """
 image:
   repository: ghcr.io/acme/web
-  tag: main
-  digest: ""
+  digest: "<digest>"
""",
    "an empty digest without quotes is filled": """
 image:
   repository: ghcr.io/acme/web
-  digest:
+  digest: <digest>
-  tag: main
   pullPolicy: IfNotPresent
""",
    "a null digest is filled and the tag's comment stays": """
 image:
   repository: ghcr.io/acme/web
-  tag: main # moved by CI
+  # moved by CI
-  digest: null # none yet
+  digest: <digest> # none yet
""",
    "an empty digest of a flow map is filled": """
-image: {repository: ghcr.io/acme/web, tag: main, digest: ""}
+image: {repository: ghcr.io/acme/web, digest: "<digest>"}
""",
    "an empty digest before the tag of a flow map is filled": """
-image: {repository: ghcr.io/acme/web, digest: '', tag: main}
+image: {repository: ghcr.io/acme/web, digest: '<digest>'}
""",
    "a floating tag beside a digest goes": f"""
 image:
   repository: ghcr.io/acme/web
-  tag: main
   digest: {DIGEST}
""",
    "a floating tag beside a digest in a flow map goes": f"""
-image: {{tag: main, repository: ghcr.io/acme/web, digest: {DIGEST}}}
+image: {{repository: ghcr.io/acme/web, digest: {DIGEST}}}
""",
    "an image with a sibling tag": """
 exporter:
   image: ghcr.io/acme/exporter
-  tag: latest
+  digest: <digest>
""",
    "an image with a sibling tag by a short name": """
 exporter:
   image: exporter
-  tag: latest
+  digest: <digest>
   imagePullPolicy: IfNotPresent
""",
    "a name below an image key": """
 image:
   name: ghcr.io/acme/web
-  tag: main
+  digest: <digest>
""",
    "a repo": """
 image:
   repo: acme/web
-  tag: main
+  digest: <digest>
""",
    "flat keys in camel case": """
 imageRepository: ghcr.io/acme/web
-imageTag: main
+imageDigest: <digest>
 imagePullPolicy: IfNotPresent
""",
    "flat keys in snake case": """
 image_repository: ghcr.io/acme/web
-image_tag: main
+image_digest: <digest>
""",
    "flat keys in kebab case": """
 image-repository: ghcr.io/acme/web
-image-tag: main
+image-digest: <digest>
""",
    "flat keys with prefixes": """
 web:
   proxyImageRepository: ghcr.io/acme/proxy
-  proxyImageTag: main
+  proxyImageDigest: <digest>
   init_image_registry: ghcr.io
   init_image_repository: acme/init
-  init_image_tag: dev
+  init_image_digest: <digest>
""",
    "a flat image and its flat tag": """
 image: ghcr.io/acme/web
-imageTag: main
+imageDigest: <digest>
""",
    "a prefixed image and its prefixed tag": """
 proxyImage: ghcr.io/acme/proxy
-proxyImageTag: main
+proxyImageDigest: <digest>
""",
    "a flat name": """
 imageName: acme/web
-imageTag: main
+imageDigest: <digest>
""",
    "a map that is no image key": """
 controller:
   repository: ghcr.io/acme/controller
-  tag: main
+  digest: <digest>
   replicas: 2
""",
    "maps in a list": """
 sidecars:
   - name: a
     image:
       repository: ghcr.io/acme/a
-      tag: main
+      digest: <digest>
   - name: b
     image:
-      tag: dev
+      digest: <digest>
       repository: ghcr.io/acme/b
""",
    "maps by name": """
 images:
   web:
     repository: ghcr.io/acme/web
-    tag: main
+    digest: <digest>
   api: {repository: ghcr.io/acme/api, tag: v1@TAIL}
""".replace("@TAIL", f"@{DIGEST}"),
    "a custom resource whose map has a digest": """
 apiVersion: acme.io/v1
 kind: Web
 spec:
   image:
     repository: ghcr.io/acme/web
-    tag: main
-    digest: ""
+    digest: "<digest>"
""",
    "values that a custom resource holds for a chart": """
 apiVersion: helm.acme.io/v1
 kind: Release
 spec:
   values:
     image:
       repository: ghcr.io/acme/web
-      tag: main
+      digest: <digest>
""",
    "the values of a Flux release": """
 apiVersion: helm.toolkit.fluxcd.io/v2
 kind: HelmRelease
 spec:
   chart:
     spec:
       chart: web
       version: 1.x
   values:
     image:
       repository: ghcr.io/acme/web
-      tag: main
+      digest: <digest>
""",
    "the values of an Argo CD application": """
 apiVersion: argoproj.io/v1alpha1
 kind: Application
 spec:
   source:
     repoURL: https://github.com/acme/web
     targetRevision: main
     helm:
       valuesObject:
         image:
           repository: ghcr.io/acme/web
-          tag: main
+          digest: <digest>
""",
    "an anchor that is all of one image's": """
 image: &image
   repository: ghcr.io/acme/web
-  tag: main
+  digest: <digest>
 job:
   image: *image
""",
    "a map that others merge with the same repository": """
 defaults: &defaults
   repository: ghcr.io/acme/web
-  tag: main
+  digest: <digest>
 web:
   image:
     <<: *defaults
     pullPolicy: IfNotPresent
""",
    "an anchored tag of one repository": """
 web:
   image:
     repository: ghcr.io/acme/web
-    tag: &tag main
+    digest: &tag <digest>
 job:
   image:
     repository: ghcr.io/acme/web
-    tag: *tag
+    digest: <digest>
""",
    "an anchored tag of two repositories": """
 web:
   image:
     repository: ghcr.io/acme/web
-    tag: &tag main
+    digest: &tag <digest>
 api:
   image:
     repository: ghcr.io/acme/api
-    tag: *tag
+    digest: <digest>
""",
    "a bare name of Docker Hub": """
 image:
   repository: busybox
-  tag: latest
+  digest: <digest>
""",
    "a registry with a port": """
 image:
   repository: localhost:5000/web
-  tag: dev
+  digest: <digest>
""",
    "a template string that reads the digest, too": """
 image:
   repository: ghcr.io/acme/web
-  tag: main
+  digest: <digest>
 note: '{{ .Values.image.digest | default .Values.image.tag }}'
""",
    "a template string that reads another map": """
 image:
   repository: ghcr.io/acme/web
-  tag: main
+  digest: <digest>
 note: '{{ .Values.other.image.tag }}'
""",
    "a JSON object": """
 {
   "image": {
     "repository": "ghcr.io/acme/web",
-    "tag": "main",
+    "digest": "<digest>",
     "pullPolicy": "IfNotPresent"
   }
 }
""",
    "comments around": """
 image:
   # where it lives
   repository: ghcr.io/acme/web
   # tag: dev

-  tag: main
+  digest: <digest>
   # below
""",
    "deep indentation and document markers": """
 ---
 web:
       image:
             repository: ghcr.io/acme/web
-            tag: main
+            digest: <digest>
 ...
""",
    "a whole reference by name below an image key": """
 image:
-  name: ghcr.io/acme/web:main
+  name: ghcr.io/acme/web@<digest>
   entrypoint: [""]
""",
    "a whole reference in place of the repository": """
 image:
-  repository: ghcr.io/acme/web:main
-  pullPolicy: Always
+  repository: ghcr.io/acme/web@<digest>
+  pullPolicy: IfNotPresent
   tag: ""
""",
    "an alias of a word that is no tag": """
 version: &version main
 image:
   repository: ghcr.io/acme/web
-  tag: *version
+  digest: <digest>
""",
    "a tag on a line of its own, an explicit key, an explicit type": """
 a:
   repository: ghcr.io/acme/a
-  tag:
+  digest:
-    main
+    <digest>
 b:
   repository: ghcr.io/acme/b
-  ? tag
-  : main
+  ? digest
+  : <digest>
 c:
   repository: ghcr.io/acme/c
-  tag: !!str main
+  digest: !!str <digest>
""",
    "a map that overrides the tag that it merges": """
 x: &x
   repository: ghcr.io/acme/x
-  tag: main
+  digest: <digest>
 y:
   <<: *x
-  tag: dev
+  digest: <digest>
""",
    "a whole reference beside somebody else's tag": """
 web:
-  image: ghcr.io/acme/web:main
+  image: ghcr.io/acme/web@<digest>
   tag: main
""",
    "a name with its host below a registry": """
 global:
   imageRegistry: mirror.acme.test
 image:
   repository: ghcr.io/acme/web
-  tag: main
+  digest: <digest>
""",
    "a name below an empty global registry": """
 global:
   imageRegistry: ""
 image:
   registry: ghcr.io
   repository: acme/web
-  tag: main
+  digest: <digest>
""",
    "two images of one map": """
 web:
   image:
     repository: ghcr.io/acme/web
-    tag: main
+    digest: <digest>
   tag: v1
   initImage:
     repository: ghcr.io/acme/init
-    tag: main
+    digest: <digest>
""",
}

READABLE_FORM = {
    "a digest below the tag": """
 image:
   repository: ghcr.io/acme/web
   tag: v1.2.3 # released
+  digest: <digest>
   pullPolicy: IfNotPresent
""",
    "a digest below the quoted tag": """
 image:
   repository: ghcr.io/acme/web
   "tag": "1.10"
+  "digest": "<digest>"
""",
    "a digest behind the tag of a flow map": """
-image: {repository: ghcr.io/acme/web, tag: v1.2.3}
+image: {repository: ghcr.io/acme/web, tag: v1.2.3, digest: <digest>}
""",
    "an empty digest beside the tag": """
 image:
   repository: ghcr.io/acme/web
   tag: v1.2.3
-  digest: ""
+  digest: "<digest>"
""",
    "a flat digest below the flat tag": """
 imageRepository: ghcr.io/acme/web
 imageTag: v1.2.3
+imageDigest: <digest>
""",
    "a digest below the tag of a JSON object": """
 {
   "repository": "ghcr.io/acme/web",
-  "tag": "v1.2.3"
+  "tag": "v1.2.3",
+  "digest": "<digest>"
 }
""",
    "a digest below the tag of an item": """
 sidecars:
   - tag: v1.2.3
+    digest: <digest>
     repository: ghcr.io/acme/a
""",
    "a number that prints as it is written": """
 image:
   repository: ghcr.io/acme/web
   tag: 1.27
+  digest: <digest>
""",
}


@pytest.mark.parametrize("text", LEFT_SILENTLY.values(), ids=LEFT_SILENTLY)
@pytest.mark.surface("helm-values", left="Git sources, Helm charts, tags of anything but images")
def test_leaves_alone(text: str) -> None:
    check_leaves_alone(YAML, text)


@pytest.mark.parametrize(("text", "code"), REPORTED.values(), ids=REPORTED)
@pytest.mark.surface("helm-values", reported="no repository known, numbers that change when read, shared anchors")
def test_reports(text: str, code: str) -> None:
    check_leaves_alone(YAML, text, code=code)


@pytest.mark.parametrize("diff", REWRITES.values(), ids=REWRITES)
@pytest.mark.surface("helm-values", rewritten="`tag` becomes `digest`, in maps and in flat keys of any case")
def test_pins(diff: str) -> None:
    check_rewrites(YAML, *before_and_after(diff))


@pytest.mark.parametrize("diff", READABLE_FORM.values(), ids=READABLE_FORM)
def test_pins_readably_on_demand(diff: str) -> None:
    check_rewrites(YAML, *before_and_after(diff), pin_all=True)


STACKS = Config(
    stacks=(StackSpec(layers=("base.yaml", "apps/{app}.yaml", "env/{env}/globals.yaml", "env/{env}/{app}.yaml")),)
)
CHART = Config(stacks=(StackSpec(chart="charts/web", layers=("values/{env}.yaml",)),))
BASE = "image:\n  repository: ghcr.io/acme/web\n  tag: main\n"
TAG = "image:\n  tag: {}\n"


def release(
    files: dict[str, str], *, config: Config = STACKS, unknown: tuple[str, ...] = (), pin_all: bool = False
) -> Plan:
    return plan_of(
        YAML, {path: text.encode() for path, text in files.items()}, config=config, unknown=unknown, pin_all=pin_all
    )


def after(plan: Plan, path: str) -> str:
    """The edited text of a file, with each digest named by its image."""
    text = plan.files[path][1].decode()
    for change in plan.changed:
        if change.digest is not None and change.image is not None:
            text = text.replace(change.digest, f"<{change.image}>")
    return text


def left(plan: Plan) -> list[tuple[str, str]]:
    return [(entry.site.path, entry.code) for entry in plan.left]


def test_a_tag_is_left_whose_repository_no_layer_says() -> None:
    plan = release({"base.yaml": "image: {}\n", "env/dev/web.yaml": TAG.format("dev")})
    assert (plan.files, left(plan)) == ({}, [("env/dev/web.yaml", "repository-unknown")])


def test_a_tag_is_left_that_releases_give_to_different_repositories() -> None:
    plan = release(
        {
            "apps/web.yaml": "image:\n  repository: ghcr.io/acme/web\n",
            "apps/api.yaml": "image:\n  repository: ghcr.io/acme/api\n",
            "env/dev/globals.yaml": TAG.format("dev"),
        }
    )
    assert (plan.files, left(plan)) == ({}, [("env/dev/globals.yaml", "ambiguous-repository")])
    assert [str(entry.reference) for entry in plan.images] == ["ghcr.io/acme/api:dev", "ghcr.io/acme/web:dev"]


def test_a_lower_layer_is_left_where_a_higher_one_sets_a_tag_without_a_digest() -> None:
    files = {"apps/web.yaml": BASE, "env/dev/web.yaml": TAG.format("dev")}
    plan = release(files, unknown=("ghcr.io/acme/web:dev",))
    assert not plan.files
    assert left(plan) == [("apps/web.yaml", "higher-layer-sets-tag"), ("env/dev/web.yaml", "digest-unknown")]


def test_a_lower_layer_is_left_where_a_higher_one_sets_a_fixed_tag() -> None:
    files = {"apps/web.yaml": BASE, "env/prod/web.yaml": TAG.format("v1.2.3"), "env/dev/web.yaml": "replicas: 1\n"}
    plan = release(files)
    assert not plan.files
    assert left(plan) == [("apps/web.yaml", "higher-layer-sets-tag"), ("env/prod/web.yaml", "tag-only")]


def test_a_lower_layer_is_left_where_a_higher_one_deletes_the_tag() -> None:
    plan = release({"apps/web.yaml": BASE, "env/dev/web.yaml": TAG.format("null")})
    assert not plan.files
    assert left(plan) == [("apps/web.yaml", "higher-layer-sets-tag"), ("env/dev/web.yaml", "chart-default-tag")]


def test_a_floating_tag_above_an_inherited_digest_is_left_and_said() -> None:
    lower = f"image:\n  repository: ghcr.io/acme/web\n  digest: {DIGEST}\n"
    plan = release({"apps/web.yaml": lower, "env/dev/web.yaml": TAG.format("dev")})
    assert (plan.files, left(plan)) == ({}, [("env/dev/web.yaml", "floating-tag-beside-digest")])


def test_an_untagged_image_is_left_whose_tag_another_layer_holds() -> None:
    files = {"apps/web.yaml": "web:\n  image: ghcr.io/acme/web\n", "env/dev/web.yaml": "web:\n  tag: dev\n"}
    plan = release(files)
    assert after(plan, "env/dev/web.yaml") == "web:\n  digest: <ghcr.io/acme/web:dev>\n"
    assert list(plan.files) == ["env/dev/web.yaml"]
    assert not plan.left


def test_an_untagged_image_is_reported_whose_tag_only_some_releases_hold() -> None:
    files = {
        "apps/web.yaml": "web:\n  image: ghcr.io/acme/web\n",
        "env/dev/web.yaml": "web:\n  tag: dev\n",
        "env/prod/web.yaml": "web:\n  replicas: 2\n",
    }
    plan = release(files)
    assert list(plan.files) == ["env/dev/web.yaml"]
    assert left(plan) == [("apps/web.yaml", "computed-reference")]


def test_a_short_name_is_left_whose_registry_another_layer_holds() -> None:
    files = {
        "base.yaml": "global:\n  imageRegistry: ghcr.io\n",
        "apps/web.yaml": "image:\n  repository: acme/web\n  tag: main\njob:\n  image: acme/job:main\n",
        "env/dev/web.yaml": "replicas: 1\n",
    }
    plan = release(files)
    assert (plan.files, left(plan)) == ({}, [("apps/web.yaml", "computed-reference")] * 2)


def test_a_template_string_of_another_layer_keeps_the_tag() -> None:
    files = {
        "base.yaml": "manifests:\n  - |\n    image: '{{ .Values.image.repository }}:{{ .Values.image.tag }}'\n",
        "apps/web.yaml": BASE,
        "env/dev/web.yaml": "replicas: 1\n",
    }
    plan = release(files)
    assert not plan.files
    assert ("apps/web.yaml", "computed-reference") in left(plan)


def test_items_of_a_list_take_nothing_from_other_layers() -> None:
    files = {
        "apps/web.yaml": "sidecars:\n  - image:\n      repository: ghcr.io/acme/side\n      tag: v1\n",
        "env/dev/web.yaml": "sidecars:\n  - image:\n      tag: dev\n",
    }
    plan = release(files)
    assert (plan.files, left(plan)[-1]) == ({}, ("env/dev/web.yaml", "repository-unknown"))


@pytest.mark.surface("helm-values", found="a tag whose repository stands in another layer")
def test_the_repository_may_stand_in_a_lower_layer() -> None:
    files = {"apps/web.yaml": "image:\n  repository: ghcr.io/acme/web\n", "env/dev/web.yaml": TAG.format("dev # new")}
    plan = release(files)
    assert after(plan, "env/dev/web.yaml") == "image:\n  digest: <ghcr.io/acme/web:dev> # new\n"
    assert not plan.left
    assert [(entry.site.path, entry.site.environment) for entry in plan.images] == [("env/dev/web.yaml", "dev")]


def test_the_repository_may_stand_in_a_higher_layer() -> None:
    files = {"base.yaml": TAG.format("main"), "apps/web.yaml": "image: {repository: ghcr.io/acme/web}\n"}
    plan = release({**files, "env/dev/web.yaml": "replicas: 1\n"})
    assert after(plan, "base.yaml") == "image:\n  digest: <ghcr.io/acme/web:main>\n"


def test_the_values_of_the_chart_are_the_lowest_layer() -> None:
    files = {
        "charts/web/values.yaml": "image:\n  registry: ghcr.io\n  repository: acme/web\n  tag: ''\n",
        "values/dev.yaml": TAG.format("dev"),
    }
    plan = release(files, config=CHART)
    assert after(plan, "values/dev.yaml") == "image:\n  digest: <ghcr.io/acme/web:dev>\n"


def test_flat_keys_may_stand_in_different_layers() -> None:
    files = {"apps/web.yaml": "proxyImageRepository: ghcr.io/acme/proxy\n", "env/dev/web.yaml": "proxyImageTag: dev\n"}
    plan = release(files)
    assert after(plan, "env/dev/web.yaml") == "proxyImageDigest: <ghcr.io/acme/proxy:dev>\n"


def test_layers_that_do_not_exist_are_nothing() -> None:
    plan = release({"apps/web.yaml": BASE, "env/prod/globals.yaml": "replicas: 2\n"})
    assert after(plan, "apps/web.yaml") == "image:\n  repository: ghcr.io/acme/web\n  digest: <ghcr.io/acme/web:main>\n"


def test_both_layers_are_pinned_where_both_digests_are_known() -> None:
    plan = release({"apps/web.yaml": BASE, "env/dev/web.yaml": TAG.format("dev")})
    assert "<ghcr.io/acme/web:main>" in after(plan, "apps/web.yaml")
    assert "<ghcr.io/acme/web:dev>" in after(plan, "env/dev/web.yaml")


def test_a_fixed_tag_above_is_pinned_readably_on_demand_and_frees_the_lower_layer() -> None:
    files = {"apps/web.yaml": BASE, "env/prod/web.yaml": TAG.format("v1.2.3")}
    plan = release(files, pin_all=True)
    assert after(plan, "env/prod/web.yaml") == "image:\n  tag: v1.2.3\n  digest: <ghcr.io/acme/web:v1.2.3>\n"
    assert "<ghcr.io/acme/web:main>" in after(plan, "apps/web.yaml")


def test_an_overlay_that_names_another_repository_decides_what_the_lower_tag_means() -> None:
    files = {"apps/web.yaml": BASE, "env/dev/web.yaml": "image:\n  repository: mirror.acme.test/web\n"}
    plan = release(files)
    assert after(plan, "apps/web.yaml") == BASE.replace("tag: main", "digest: <ghcr.io/acme/web:main>")
    assert after(plan, "env/dev/web.yaml") == files["env/dev/web.yaml"] + "  digest: <mirror.acme.test/web:main>\n"


def test_an_overlay_whose_repository_has_no_known_digest_keeps_the_lower_tag() -> None:
    files = {"apps/web.yaml": BASE, "env/dev/web.yaml": "image:\n  repository: mirror.acme.test/web\n"}
    plan = release(files, unknown=("mirror.acme.test/web:main",))
    assert not plan.files
    assert ("apps/web.yaml", "higher-layer-sets-repository") in [(e.site.path, e.code) for e in plan.left]


def test_a_release_that_has_a_digest_already_hides_no_other_that_has_none() -> None:
    files = {
        "apps/web.yaml": BASE,
        "env/dev/web.yaml": f"image:\n  digest: {DIGEST}\n",
        "env/prod/web.yaml": "replicas: 2\n",
    }
    plan = release(files)
    assert after(plan, "apps/web.yaml") == "image:\n  repository: ghcr.io/acme/web\n  digest: <ghcr.io/acme/web:main>\n"
    assert not plan.left


def test_one_file_of_many_releases_is_changed_once() -> None:
    plan = release({"apps/web.yaml": BASE, **{f"env/{env}/web.yaml": "replicas: 1\n" for env in ("dev", "prod")}})
    assert len(plan.changed) == len(plan.images) == 1


def test_a_second_run_over_stacks_changes_nothing() -> None:
    files = {"apps/web.yaml": BASE, "env/dev/web.yaml": TAG.format("dev"), "env/prod/web.yaml": TAG.format("main")}
    plan = release(files)
    again = release({path: (plan.files[path][1].decode() if path in plan.files else files[path]) for path in files})
    assert len(plan.files) == 3
    assert (again.files, again.left) == ({}, ())


def test_the_digest_asked_for_is_that_of_the_whole_name() -> None:
    plan = plan_of(YAML, {"a.yaml": b"image: {registry: localhost:5000, repository: web, tag: dev}\n"})
    assert plan.changed[0].digest == digest_of("localhost:5000/web:dev")


def test_a_merged_map_is_left_where_the_one_that_merges_it_keeps_another_tag() -> None:
    text = "x: &x\n  repository: ghcr.io/acme/x\n  tag: main\ny:\n  <<: *x\n  tag: dev\n"
    plan = unchanged(text, unknown="ghcr.io/acme/x:dev")
    assert [(entry.site.line, entry.code) for entry in plan.left] == [(3, "anchor-shared"), (6, "digest-unknown")]


def test_an_anchored_tag_is_left_where_its_alias_stands_for_an_unknown_digest() -> None:
    text = (
        "web:\n  image:\n    repository: ghcr.io/acme/web\n    tag: &tag main\n"
        "api:\n  image:\n    repository: ghcr.io/acme/api\n    tag: *tag\n"
    )
    plan = unchanged(text, unknown="ghcr.io/acme/api:main")
    assert [(entry.site.line, entry.code) for entry in plan.left] == [(4, "anchor-shared"), (8, "digest-unknown")]


def unchanged(text: str, *, unknown: str) -> Plan:
    plan = plan_of(YAML, {"values.yaml": text.encode()}, unknown=[unknown])
    assert not plan.files
    return plan
