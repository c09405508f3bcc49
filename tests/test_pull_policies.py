"""Pull policies: `Always` stays, and is reported, until everything that it governs is pinned."""

from __future__ import annotations

import datetime

import pytest
from diffs import before_and_after

from codemod import registry
from codemod.config import Allowance, Config, StackSpec
from codemod.outcome import Plan
from codemod.testing import check_leaves_alone, check_rewrites, plan_of
from transforms import embedded_yaml, image_maps, image_references, pull_policies, unreadable_yaml

YAML = [module.transform for module in (embedded_yaml, image_maps, image_references, pull_policies, unreadable_yaml)]
HEX = "0123456789abcdef" * 4
DIGEST = f"sha256:{HEX}"
UNKNOWN = "ghcr.io/acme/unknown:main"
POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"
GOVERNS = "pull-policy-governs-unpinned"

LEFT_SILENTLY = {
    "IfNotPresent": f"image:\n  repository: ghcr.io/acme/web\n  digest: {DIGEST}\n  pullPolicy: IfNotPresent\n",
    "Never": f"image:\n  repository: ghcr.io/acme/web\n  digest: {DIGEST}\n  pullPolicy: Never\n",
    "a policy that is empty": f'image:\n  repository: ghcr.io/acme/web\n  digest: {DIGEST}\n  pullPolicy: ""\n',
    "a policy in lower case": f"image: ghcr.io/acme/web@{DIGEST}\nimagePullPolicy: always\n",
    "a policy that a template computes": (
        f'image: ghcr.io/acme/web@{DIGEST}\nimagePullPolicy: "{{{{ .Values.pullPolicy }}}}"\n'
    ),
    "a policy with a template's default": (
        f"image: ghcr.io/acme/web@{DIGEST}\nimagePullPolicy: '{{{{ .Values.pullPolicy | default \"Always\" }}}}'\n"
    ),
    "a restart policy": f"image: ghcr.io/acme/web@{DIGEST}\nrestartPolicy: Always\n",
    "the restart policy of a pod": f"{POD}    - image: ghcr.io/acme/web@{DIGEST}\n  restartPolicy: Always\n",
    "a policy of something else": "backup:\n  policy: Always\n",
    "a policy about secrets": f"image: ghcr.io/acme/web@{DIGEST}\npullSecretPolicy: Always\n",
    "a comment": f"image: ghcr.io/acme/web@{DIGEST}\n# imagePullPolicy: Always\n",
    "prose": "description: 'imagePullPolicy: Always is the default'\n",
    "an enum of a schema": "pullPolicy:\n  type: string\n  enum:\n    - Always\n    - IfNotPresent\n",
    "a description of a schema": (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  imagePullPolicy: Always\n"
    ),
    "a policy of Kyverno about policies": (
        "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nspec:\n  pattern:\n    imagePullPolicy: Always\n"
    ),
    "a JSON patch that tests or removes": (
        "- {op: test, path: /spec/containers/0/imagePullPolicy, value: Always}\n"
        "- {op: add, path: /spec/restartPolicy, value: Always}\n"
    ),
    "a list of policies": "pullPolicy: [Always, Never]\n",
}

REPORTED = {
    "a container whose digest is not known": POD + f"    - image: {UNKNOWN}\n      imagePullPolicy: Always\n",
    "a map whose digest is not known": "image: {repository: ghcr.io/acme/unknown, tag: main, pullPolicy: Always}\n",
    "a map whose repository is not known": "image:\n  tag: main\n  pullPolicy: Always\n",
    "a fixed tag": "image:\n  repository: ghcr.io/acme/web\n  tag: v1.2.3\n  pullPolicy: Always\n",
    "a container with a fixed tag": POD + "    - image: ghcr.io/acme/web:v1\n      imagePullPolicy: Always\n",
    "a chart's default tag": "image:\n  repository: ghcr.io/acme/web\n  pullPolicy: Always\n",
    "a computed image": POD + "    - image: ghcr.io/acme/web:${TAG}\n      imagePullPolicy: Always\n",
    "a custom resource of several images, one of them unknown": (
        f"apiVersion: acme.io/v1\nkind: Web\nspec:\n  image: {UNKNOWN}\n"
        "  sidecarImage: ghcr.io/acme/side:main\n  imagePullPolicy: Always\n"
    ),
    "a map of several images, one of them unknown": (
        "web:\n  pullPolicy: Always\n  image: {repository: ghcr.io/acme/unknown, tag: main}\n"
        "  init: {repository: ghcr.io/acme/init, tag: main}\n"
    ),
    "a policy that governs nothing we see": "web:\n  imagePullPolicy: Always\n",
    "a global one without a release": (
        f"global:\n  imagePullPolicy: Always\nimage:\n  repository: ghcr.io/acme/web\n  digest: {DIGEST}\n"
    ),
    "a prefixed one without its image": "proxyImagePullPolicy: Always\n",
    "an anchor that another container repeats, whose image stays": (
        f"a:\n  image: ghcr.io/acme/a:main\n  imagePullPolicy: &policy Always\n"
        f"b:\n  image: {UNKNOWN}\n  imagePullPolicy: *policy\n"
    ),
    "an anchor that a restart policy repeats": (
        f"image: ghcr.io/acme/a@{DIGEST}\nimagePullPolicy: &policy Always\nrestartPolicy: *policy\n"
    ),
    "an anchor that a list repeats": (
        f"image: ghcr.io/acme/a@{DIGEST}\nimagePullPolicy: &policy Always\npolicies: [*policy]\n"
    ),
    "an anchor that a policy of unknown images repeats": (
        f"a:\n  image: ghcr.io/acme/a@{DIGEST}\n  imagePullPolicy: &policy Always\nb:\n  imagePullPolicy: *policy\n"
    ),
    "a map that another merges, whose image stays": (
        f"a: &a\n  image: ghcr.io/acme/a:main\n  imagePullPolicy: Always\nb:\n  <<: *a\n  image: {UNKNOWN}\n"
    ),
    "a map of defaults that is merged once beside an image that stays": (
        "x: &x {imagePullPolicy: Always}\na:\n  <<: *x\n  image: ghcr.io/acme/a:main\n"
        f"b:\n  <<: *x\n  image: {UNKNOWN}\n"
    ),
    "a map of defaults that is merged once beside no image": (
        "x: &x {imagePullPolicy: Always}\na:\n  <<: *x\n  image: ghcr.io/acme/a:main\nb:\n  <<: *x\n"
    ),
    "a policy above images at several depths, one of them unknown": (
        "imagePullPolicy: Always\nweb:\n  image: {repository: ghcr.io/acme/web, tag: main}\n"
        "jobs:\n  a:\n    b:\n      image: {repository: ghcr.io/acme/unknown, tag: main}\n"
    ),
    "one of two containers": (
        POD + f"    - image: ghcr.io/acme/web@{DIGEST}\n      imagePullPolicy: IfNotPresent\n"
        f"    - image: {UNKNOWN}\n      imagePullPolicy: Always\n"
    ),
    "a JSON patch of a policy alone": "- {op: replace, path: /spec/containers/0/imagePullPolicy, value: Always}\n",
    "a JSON patch of the image of another container": (
        "- {op: replace, path: /spec/containers/0/image, value: 'ghcr.io/acme/web:main'}\n"
        "- {op: add, path: /spec/containers/1/imagePullPolicy, value: Always}\n"
    ),
}

REWRITES = {
    "a JSON patch of an image and its policy": """
-- {op: replace, path: /spec/containers/0/image, value: 'ghcr.io/acme/web:main'}
-- {op: add, path: /spec/containers/0/imagePullPolicy, value: Always}
+- {op: replace, path: /spec/containers/0/image, value: 'ghcr.io/acme/web@<digest>'}
+- {op: add, path: /spec/containers/0/imagePullPolicy, value: IfNotPresent}
""",
    "a container": """
 apiVersion: v1
 kind: Pod
 spec:
   restartPolicy: Always
   containers:
-    - image: ghcr.io/acme/web:main
+    - image: ghcr.io/acme/web@<digest>
-      imagePullPolicy: Always # because main moves
+      imagePullPolicy: IfNotPresent # because main moves
""",
    "a container that is pinned already": f"""
 apiVersion: v1
 kind: Pod
 spec:
   containers:
     - image: ghcr.io/acme/web@{DIGEST}
-      imagePullPolicy: Always
+      imagePullPolicy: IfNotPresent
     - image: ghcr.io/acme/job:v1.2.3@{DIGEST}
-      imagePullPolicy: "Always"
+      imagePullPolicy: "IfNotPresent"
""",
    "one map": """
 image:
   repository: ghcr.io/acme/web
-  tag: main
-  pullPolicy: Always
+  digest: <digest>
+  pullPolicy: IfNotPresent
""",
    "the policy before the tag": """
 image:
-  pullPolicy: 'Always'
+  pullPolicy: 'IfNotPresent'
   repository: ghcr.io/acme/web
-  tag: main
+  digest: <digest>
""",
    "a flow map": """
-image: {repository: ghcr.io/acme/web, tag: main, pullPolicy: Always}
+image: {repository: ghcr.io/acme/web, digest: <digest>, pullPolicy: IfNotPresent}
""",
    "a map with a digest": f"""
 image:
   repository: ghcr.io/acme/web
   digest: {DIGEST}
-  pullPolicy: Always
+  pullPolicy: IfNotPresent
""",
    "flat keys": """
 imageRepository: ghcr.io/acme/web
-imageTag: main
-imagePullPolicy: Always
+imageDigest: <digest>
+imagePullPolicy: IfNotPresent
""",
    "flat keys in snake and kebab case": """
 web:
   image_repository: ghcr.io/acme/web
-  image_tag: main
-  image_pull_policy: Always
+  image_digest: <digest>
+  image_pull_policy: IfNotPresent
 api:
   image-repository: ghcr.io/acme/api
-  image-tag: main
-  image-pull-policy: Always
+  image-digest: <digest>
+  image-pull-policy: IfNotPresent
""",
    "prefixed keys, each with its own image": """
 proxyImageRepository: ghcr.io/acme/proxy
-proxyImageTag: main
-proxyImagePullPolicy: Always
+proxyImageDigest: <digest>
+proxyImagePullPolicy: IfNotPresent
 initImageRepository: ghcr.io/acme/init
 initImageTag: v1
 initImagePullPolicy: IfNotPresent
""",
    "a whole image under a prefixed key": """
 web:
-  proxyImage: ghcr.io/acme/proxy:main
-  proxyImagePullPolicy: Always
+  proxyImage: ghcr.io/acme/proxy@<digest>
+  proxyImagePullPolicy: IfNotPresent
   initImage: ghcr.io/acme/init:v1
""",
    "the map above": """
 web:
-  imagePullPolicy: Always
+  imagePullPolicy: IfNotPresent
   image:
     repository: ghcr.io/acme/web
-    tag: main
+    digest: <digest>
""",
    "the map above, but not of what has its own policy": """
 web:
-  imagePullPolicy: Always
+  imagePullPolicy: IfNotPresent
   image:
     repository: ghcr.io/acme/web
-    tag: main
+    digest: <digest>
   init:
     image:
       repository: ghcr.io/acme/init
       tag: v1
       pullPolicy: Never
""",
    "a whole image in values": """
 web:
-  image: ghcr.io/acme/web:main
-  pullPolicy: Always
+  image: ghcr.io/acme/web@<digest>
+  pullPolicy: IfNotPresent
""",
    "a custom resource of several images": """
 apiVersion: acme.io/v1
 kind: Web
 spec:
-  image: ghcr.io/acme/web:main
-  sidecarImage: ghcr.io/acme/side:dev
-  imagePullPolicy: Always
+  image: ghcr.io/acme/web@<digest>
+  sidecarImage: ghcr.io/acme/side@<digest>
+  imagePullPolicy: IfNotPresent
""",
    "a custom resource above its components": """
 apiVersion: acme.io/v1
 kind: Web
 spec:
-  imagePullPolicy: Always
+  imagePullPolicy: IfNotPresent
   components:
     - name: a
       pod:
-        image: ghcr.io/acme/a:main
+        image: ghcr.io/acme/a@<digest>
     - name: b
-      image: {repository: ghcr.io/acme/b, tag: main, digest: ''}
+      image: {repository: ghcr.io/acme/b, digest: '<digest>'}
""",
    "an embedded manifest": """
 manifests: |
   kind: Job
   apiVersion: batch/v1
   spec:
     containers:
-      - image: ghcr.io/acme/smoke:dev
-        imagePullPolicy: Always
+      - image: ghcr.io/acme/smoke@<digest>
+        imagePullPolicy: IfNotPresent
""",
    "JSON": """
 {
   "image": {
     "repository": "ghcr.io/acme/web",
-    "tag": "main",
-    "pullPolicy": "Always"
+    "digest": "<digest>",
+    "pullPolicy": "IfNotPresent"
   }
 }
""",
    "an anchor": """
 web:
-  image: ghcr.io/acme/web:main
-  imagePullPolicy: &policy Always
+  image: ghcr.io/acme/web@<digest>
+  imagePullPolicy: &policy IfNotPresent
""",
    "an anchor that another container repeats": """
 a:
-  image: ghcr.io/acme/a:main
-  imagePullPolicy: &policy Always
+  image: ghcr.io/acme/a@<digest>
+  imagePullPolicy: &policy IfNotPresent
 b:
-  image: ghcr.io/acme/b:main
+  image: ghcr.io/acme/b@<digest>
   imagePullPolicy: *policy
""",
    "a map that another merges": """
 a: &a
-  image: ghcr.io/acme/a:main
-  imagePullPolicy: Always
+  image: ghcr.io/acme/a@<digest>
+  imagePullPolicy: IfNotPresent
 b:
   <<: *a
   replicas: 2
""",
    "a map of defaults that others merge": """
 x: &x
-  imagePullPolicy: Always
+  imagePullPolicy: IfNotPresent
 a:
   <<: *x
-  image: ghcr.io/acme/a:main
+  image: ghcr.io/acme/a@<digest>
 b:
   <<: [*x]
-  image: {repository: ghcr.io/acme/b, tag: main}
+  image: {repository: ghcr.io/acme/b, digest: <digest>}
""",
    "an image volume": """
 apiVersion: v1
 kind: Pod
 spec:
   volumes:
     - name: model
       image:
-        reference: ghcr.io/acme/model:main
-        pullPolicy: Always
+        reference: ghcr.io/acme/model@<digest>
+        pullPolicy: IfNotPresent
""",
}


@pytest.mark.parametrize("text", LEFT_SILENTLY.values(), ids=LEFT_SILENTLY)
def test_leaves_alone(text: str) -> None:
    check_leaves_alone(YAML, text)


@pytest.mark.parametrize("text", REPORTED.values(), ids=REPORTED)
@pytest.mark.surface("manifest", reported="a pull policy that governs an image which stays")
def test_always_stays_where_something_that_it_governs_stays(text: str) -> None:
    plan = plan_of(YAML, {"values.yaml": text.encode()}, unknown=[UNKNOWN])
    assert [entry.code for entry in plan.left if entry.kind == "pull-policy"] == [GOVERNS]
    assert not [change for change in plan.changed if change.kind == "pull-policy"]


@pytest.mark.parametrize("diff", REWRITES.values(), ids=REWRITES)
@pytest.mark.surface("manifest", rewritten="`Always` becomes `IfNotPresent` where all that it governs is pinned")
def test_flips(diff: str) -> None:
    check_rewrites(YAML, *before_and_after(diff))


def test_flips_only_the_policy_of_the_pinned_one_of_two_containers() -> None:
    text = POD + (
        f"    - image: {UNKNOWN}\n      imagePullPolicy: Always\n"
        "    - image: ghcr.io/acme/web:main\n      imagePullPolicy: Always\n"
    )
    plan = plan_of(YAML, {"pod.yaml": text.encode()}, unknown=[UNKNOWN])
    assert [(c.kind, c.site.line) for c in plan.changed] == [("image", 7), ("pull-policy", 8)]
    assert [(e.kind, e.site.line) for e in plan.left] == [("image", 5), ("pull-policy", 6)]


def test_flips_only_the_prefixed_policy_whose_image_is_pinned() -> None:
    text = (
        "aImageRepository: ghcr.io/acme/a\naImageTag: main\naImagePullPolicy: Always\n"
        "bImageRepository: ghcr.io/acme/unknown\nbImageTag: main\nbImagePullPolicy: Always\n"
    )
    plan = plan_of(YAML, {"values.yaml": text.encode()}, unknown=[UNKNOWN])
    assert [(c.kind, c.site.line) for c in plan.changed] == [("image", 2), ("pull-policy", 3)]


def test_the_message_names_what_is_not_pinned() -> None:
    text = POD + f"    - image: {UNKNOWN}\n      imagePullPolicy: Always\n"
    plan = plan_of(YAML, {"pod.yaml": text.encode()}, unknown=[UNKNOWN])
    assert [entry.message for entry in plan.left if entry.kind == "pull-policy"] == [f"it governs {UNKNOWN}"]


def test_a_fixed_tag_lets_the_policy_flip_once_it_is_pinned_on_demand() -> None:
    before = "image:\n  repository: ghcr.io/acme/web\n  tag: v1.2.3\n  pullPolicy: Always\n"
    after = "image:\n  repository: ghcr.io/acme/web\n  tag: v1.2.3\n  digest: <digest>\n  pullPolicy: IfNotPresent\n"
    check_rewrites(YAML, before, after, pin_all=True)


def test_a_vendored_policy_stays() -> None:
    text = "image:\n  repository: ghcr.io/acme/web\n  tag: main\n  pullPolicy: Always\n"
    check_leaves_alone(YAML, text, path="charts/third_party/web/values.yaml", code="vendored")


def test_an_exception_keeps_a_policy_that_could_flip() -> None:
    allow = Allowance(
        path="values.yaml", code="UF004", reason="credentials", owner="team", expires=datetime.date(2026, 6, 30)
    )
    text = f"image: ghcr.io/acme/web@{DIGEST}\nimagePullPolicy: Always\n"
    plan = check_leaves_alone(YAML, text, code="allowlisted", config=Config(allow=(allow,)))
    assert [(entry.kind, entry.owner) for entry in plan.left] == [("pull-policy", "team")]


def test_an_image_that_is_excused_keeps_its_policy() -> None:
    allow = Allowance(
        path="**", code="UF001", image="ghcr.io/**", reason="x", owner="team", expires=datetime.date(2026, 6, 30)
    )
    text = "image: ghcr.io/acme/web:main\nimagePullPolicy: Always\n"
    plan = plan_of(YAML, {"values.yaml": text.encode()}, config=Config(allow=(allow,)))
    assert [entry.code for entry in plan.left] == ["allowlisted", GOVERNS]


STACKS = Config(stacks=(StackSpec(layers=("globals.yaml", "apps/{app}.yaml", "env/{env}/{app}.yaml")),))
WEB = "image:\n  repository: ghcr.io/acme/web\n  tag: main\n"
API = "image:\n  repository: ghcr.io/acme/unknown\n  tag: main\n"


def release(files: dict[str, str], *unknown: str) -> Plan:
    return plan_of(YAML, {path: text.encode() for path, text in files.items()}, config=STACKS, unknown=unknown)


def policies(plan: Plan) -> tuple[list[str], list[str]]:
    """The files whose policy flips, and those whose policy stays."""
    flipped = [change.site.path for change in plan.changed if change.kind == "pull-policy"]
    return flipped, [entry.site.path for entry in plan.left if entry.kind == "pull-policy"]


@pytest.mark.surface("helm-values", reported="a global pull policy while any image stays")
def test_a_global_policy_stays_while_any_image_of_any_release_stays() -> None:
    files = {
        "globals.yaml": "global:\n  imagePullPolicy: Always\n",
        "apps/web.yaml": WEB,
        "apps/api.yaml": API,
        "env/dev/web.yaml": "replicas: 1\n",
        "env/dev/api.yaml": "replicas: 1\n",
    }
    assert policies(release(files, UNKNOWN)) == ([], ["globals.yaml"])
    assert policies(release(files)) == (["globals.yaml"], [])


def test_a_global_policy_counts_images_in_texts_inside_values() -> None:
    files = {
        "globals.yaml": "global:\n  imagePullPolicy: Always\n",
        "apps/web.yaml": WEB + f"manifests:\n  - |\n    kind: Job\n    image: {UNKNOWN}\n",
        "env/dev/web.yaml": "replicas: 1\n",
    }
    assert policies(release(files, UNKNOWN)) == ([], ["globals.yaml"])
    assert policies(release(files)) == (["globals.yaml"], [])


def test_a_policy_apart_stays_where_its_releases_show_no_image() -> None:
    files = {"globals.yaml": "global:\n  imagePullPolicy: Always\n", "env/dev/web.yaml": "replicas: 1\n"}
    assert policies(release({**files, "apps/web.yaml": "replicas: 1\n"})) == ([], ["globals.yaml"])


def test_an_overlay_of_only_the_policy_follows_the_image_of_the_layer_below() -> None:
    files = {"apps/web.yaml": WEB, "env/dev/web.yaml": "image:\n  pullPolicy: Always\n"}
    assert policies(release(files)) == (["env/dev/web.yaml"], [])
    assert policies(release(files, "ghcr.io/acme/web:main")) == ([], ["env/dev/web.yaml"])


def test_an_overlay_of_only_the_policy_follows_an_image_that_is_pinned_below() -> None:
    files = {
        "apps/web.yaml": f"image:\n  repository: ghcr.io/acme/web\n  digest: {DIGEST}\n",
        "env/dev/web.yaml": "image:\n  pullPolicy: Always\n",
    }
    assert policies(release(files)) == (["env/dev/web.yaml"], [])


def test_an_overlay_of_only_the_policy_follows_a_whole_image_below() -> None:
    files = {
        "apps/web.yaml": "web:\n  image: ghcr.io/acme/web:main\n",
        "env/dev/web.yaml": "web:\n  imagePullPolicy: Always\n",
    }
    assert policies(release(files)) == (["env/dev/web.yaml"], [])
    assert policies(release(files, "ghcr.io/acme/web:main")) == ([], ["env/dev/web.yaml"])


def test_a_policy_below_stays_where_an_overlay_sets_an_unknown_tag() -> None:
    files = {"apps/web.yaml": WEB + "  pullPolicy: Always\n", "env/dev/web.yaml": "image:\n  tag: dev\n"}
    assert policies(release(files)) == (["apps/web.yaml"], [])
    assert policies(release(files, "ghcr.io/acme/web:dev")) == ([], ["apps/web.yaml"])


def test_a_second_run_over_releases_changes_nothing() -> None:
    files = {
        "globals.yaml": "global:\n  imagePullPolicy: Always\n",
        "apps/web.yaml": WEB,
        "env/dev/web.yaml": "image:\n  pullPolicy: Always\n",
    }
    plan = release(files)
    again = release({path: plan.files[path][1].decode() for path in files})
    assert (again.files, again.left) == ({}, ())


def test_a_policy_at_the_root_of_an_overlay_governs_the_lower_layers_too() -> None:
    lower = "worker:\n  image:\n    repository: ghcr.io/acme/worker\n    tag: dev\n"
    overlay = "imagePullPolicy: Always\nimage: ghcr.io/acme/web:dev\n"
    config = Config(stacks=(StackSpec(layers=("base.yaml", "env.yaml")),))
    files = {"base.yaml": lower.encode(), "env.yaml": overlay.encode()}
    result = plan_of(registry.load(), files, config=config, unknown=["ghcr.io/acme/worker:dev"])
    assert [(entry.site.path, entry.code) for entry in result.left] == [
        ("base.yaml", "digest-unknown"),
        ("env.yaml", "pull-policy-governs-unpinned"),
    ]


def test_a_policy_of_an_anchored_map_stays_where_only_its_alias_is_rendered() -> None:
    files = {
        "chart/Chart.yaml": "name: w\nversion: 1.0.0\n",
        "chart/values.yaml": "d: &d\n  repository: ghcr.io/acme/api\n  tag: main\n  pullPolicy: Always\napi: *d\n",
        "chart/templates/p.yaml": 'image: "{{ .Values.api.repository }}:{{ .Values.api.tag }}"\n',
    }
    plan = plan_of(registry.load(), {path: text.encode() for path, text in files.items()})
    assert policies(plan) == ([], ["chart/values.yaml"])
