"""The images that rendered objects name, and the pull policies beside them."""

from __future__ import annotations

import pytest
import yaml

from codemod.customresources import CustomResource, ImageParts
from codemod.proof.objects import Object
from codemod.rendered.uses import uses

DIGEST = "sha256:" + "5e" * 32


def found(text: str, *rows: CustomResource) -> list[str]:
    return [f"{use.place} {use.image} {use.policy}" for use in uses(Object(yaml.safe_load(text)), rows)]


# --- what names no image ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "{apiVersion: v1, kind: ConfigMap, data: {image: web}}",
        "{apiVersion: v1, kind: Service, metadata: {labels: {image: ghcr.io/acme/web:dev}}}",
        "{apiVersion: v1, kind: Service, metadata: {annotations: {image: ghcr.io/acme/web:dev}}}",
        "{kind: CustomResourceDefinition, spec: {image: ghcr.io/acme/web:dev}}",
        "{apiVersion: argoproj.io/v1alpha1, kind: Application, spec: {source: {helm: {values: {image: 'a/b:dev'}}}}}",
        "{kind: Pod, spec: {containers: [{name: web}, {image: ''}]}}",
        "{kind: Pod, spec: {containers: none}}",
        "{kind: Pod, metadata: {annotations: {helm.sh/hook: 'test'}}, spec: {containers: [{image: 'a/b:dev'}]}}",
        "{kind: Pod, metadata: {annotations: {helm.sh/hook: 'pre-install, test-success'}}, spec: {image: 'a/b:dev'}}",
        "{apiVersion: grafana.integreatly.org/v1beta1, kind: Grafana, spec: {version: 10.1.0}}",
        "{apiVersion: monitoring.coreos.com/v1, kind: Prometheus, spec: {baseImage: quay.io/a/b}}",
    ],
    ids=str,
)
def test_what_is_no_image_of_a_cluster_is_not_read(text: str) -> None:
    assert found(text) == []


def test_what_a_row_leaves_is_not_read() -> None:
    row = CustomResource(kind="Web", left=("spec.build", "spec.jobs[*].image"))
    text = "{apiVersion: acme.io/v1, kind: Web, spec: {build: {image: 'a/b:dev'}, jobs: [{image: 'a/c:dev'}]}}"
    assert found(text, row) == []


def test_a_name_that_the_controller_completes_is_no_image_without_a_tag() -> None:
    row = CustomResource(kind="Web", names=("spec.image",))
    assert found("{apiVersion: acme.io/v1, kind: Web, spec: {image: a/b}}", row) == []
    assert found("{apiVersion: acme.io/v1, kind: Web, spec: {image: 'a/b:dev'}}", row) == ["spec.image a/b:dev None"]


# --- what does --------------------------------------------------------------------------------------------------------


def test_containers_of_all_kinds_and_image_volumes_are_read() -> None:
    text = """
kind: Deployment
spec:
  template:
    spec:
      initContainers: [{name: init, image: busybox}]
      containers: [{name: web, image: 'a/b:dev', imagePullPolicy: Always, env: [{name: X, image: 'a/env:dev'}]}]
      ephemeralContainers: [{image: 'a/debug:dev'}]
      volumes: [{name: data, image: {reference: 'a/data:dev', pullPolicy: IfNotPresent}}]
"""
    assert found(text) == [
        "spec.template.spec.initContainers[init].image busybox None",
        "spec.template.spec.containers[web].image a/b:dev Always",
        "spec.template.spec.containers[web].env[X].image a/env:dev None",
        "spec.template.spec.ephemeralContainers[0].image a/debug:dev None",
        "spec.template.spec.volumes[data].image.reference a/data:dev IfNotPresent",
    ]


def test_hooks_that_an_installation_runs_are_read() -> None:
    text = "{kind: Pod, metadata: {annotations: {helm.sh/hook: pre-install}}, spec: {containers: [{image: 'a/b:dev'}]}}"
    assert found(text) == ["spec.containers[0].image a/b:dev None"]


def test_a_pod_is_one_in_any_object_and_other_images_are_known_by_their_tag() -> None:
    text = """
apiVersion: acme.io/v1
kind: Web
spec:
  image: ghcr.io/acme/web:dev
  imagePullPolicy: Always
  pod: {containers: [{name: side, image: side}]}
"""
    assert found(text) == ["spec.image ghcr.io/acme/web:dev Always", "spec.pod.containers[side].image side None"]


def test_the_table_of_kinds_and_rows_of_the_configuration_say_where_images_are() -> None:
    text = "{apiVersion: grafana.integreatly.org/v1beta1, kind: Grafana, spec: {version: 'a/grafana:dev'}}"
    assert found(text) == ["spec.version a/grafana:dev None"]
    row = CustomResource(kind="Web", group="acme.io", images=("spec.plugins[*]", "**.bundle", "spec.*.package"))
    text = """
apiVersion: acme.io/v1
kind: Web
spec: {plugins: ['oci://a/p:dev'], deep: [{bundle: 'a/q:dev'}], x: {package: 'a/r:dev'}}
"""
    assert found(text, row) == [
        "spec.plugins[0] a/p:dev None",
        "spec.deep[0].bundle a/q:dev None",
        "spec.x.package a/r:dev None",
    ]
    assert found(text.replace("acme.io", "other.io"), row) == []


@pytest.mark.parametrize(
    ("values", "image"),
    [
        ("repository: a/b, tag: dev", "a/b:dev"),
        (f"repository: a/b, tag: '{DIGEST}'", f"a/b@{DIGEST}"),
        (f"repository: a/b, tag: v1, digest: '{DIGEST}'", f"a/b:v1@{DIGEST}"),
        (f"repository: a/b, digest: '{DIGEST}'", f"a/b@{DIGEST}"),
    ],
)
def test_images_in_parts_are_put_together(values: str, image: str) -> None:
    row = CustomResource(kind="Web", parts=(ImageParts(at="spec.runtime", digest="digest"),))
    assert [text.split()[1] for text in found(f"{{kind: Web, spec: {{runtime: {{{values}}}}}}}", row)] == [image]


def test_keys_may_be_anything_that_yaml_allows() -> None:
    row = CustomResource(kind="Web", images=("spec.*",))
    assert found("{kind: Web, spec: {2: 'a/b:dev', true: {null: x}, image: c}}", row) == [
        "spec.2 a/b:dev None",
        "spec.image c None",
    ]


@pytest.mark.parametrize("values", ["tag: dev", "repository: a/b", "repository: a/b, tag: [x]"])
def test_parts_that_spell_no_image_are_none(values: str) -> None:
    row = CustomResource(kind="Web", parts=(ImageParts(at="spec.runtime"),))
    assert found(f"{{kind: Web, spec: {{runtime: {{{values}}}}}}}", row) == []


def test_items_are_chosen_by_what_they_say_and_the_last_row_counts() -> None:
    rows = (
        CustomResource(kind="Web", images=("spec.params[name=image].value",)),
        CustomResource(kind="Web", left=("spec.params",)),
    )
    text = "{kind: Web, spec: {params: [{name: image, value: 'a/b:dev'}, {name: other, value: 'a/c:dev'}]}}"
    assert found(text, rows[0]) == ["spec.params[image].value a/b:dev None"]
    assert found(text, *rows) == []
