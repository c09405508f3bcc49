"""The images of rendered objects, and which of them no site explains."""

from __future__ import annotations

import pytest

from codemod.proof.images import rendered_images, unexplained
from codemod.proof.objects import parse


def images(text: str) -> dict[str, list[str]]:
    found = parse(text)
    assert found is not None
    return {reference: list(places) for reference, places in rendered_images(found).items()}


DEPLOYMENT = """\
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      initContainers: [{name: wait, image: busybox}]
      containers: [{name: app, image: "ghcr.io/acme/web:dev"}, {image: "ghcr.io/acme/web:dev"}]
      ephemeralContainers: [{name: debug, image: alpine}]
      volumes: [{name: models, image: {reference: quay.io/acme/models, pullPolicy: Always}}]
"""


def test_containers_of_every_kind_and_image_volumes_have_images() -> None:
    assert images(DEPLOYMENT) == {
        "alpine": ["Deployment/web spec.template.spec.ephemeralContainers[debug].image"],
        "busybox": ["Deployment/web spec.template.spec.initContainers[wait].image"],
        "ghcr.io/acme/web:dev": [
            "Deployment/web spec.template.spec.containers[app].image",
            "Deployment/web spec.template.spec.containers[1].image",
        ],
        "quay.io/acme/models": ["Deployment/web spec.template.spec.volumes[models].image.reference"],
    }


def test_custom_resources_have_images_too() -> None:
    text = "kind: Agent\nmetadata: {name: a}\nspec: {proxy: {image: 'ghcr.io/acme/proxy:main'}}\n"
    assert images(text) == {"ghcr.io/acme/proxy:main": ["Agent/a spec.proxy.image"]}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("kind: Agent\nspec: {image: {repository: ghcr.io/acme/a, tag: dev}}\n", id="a map"),
        pytest.param("kind: Agent\nspec: {image: logo}\n", id="a word outside of a container"),
        pytest.param("kind: Agent\nspec: {image: 'https://acme.example/Logo.png?x=1'}\n", id="an address"),
        pytest.param("kind: Pod\nspec: {containers: [{image: ''}, {image: null}]}\n", id="an empty image"),
        pytest.param("kind: A\nmetadata: {annotations: {image: 'acme/web:dev'}}\n", id="an annotation"),
        pytest.param("kind: ConfigMap\ndata: {a: 'image: acme/web:dev'}\n", id="a text in a ConfigMap"),
        pytest.param(
            "kind: CustomResourceDefinition\nspec: {example: {image: 'acme/web:dev'}}\n", id="the schema of a resource"
        ),
    ],
)
def test_these_are_no_images(text: str) -> None:
    assert images(text) == {}


def test_an_image_that_the_inventory_names_is_explained_however_it_is_spelled() -> None:
    rendered = {"busybox": ("Pod/a spec",), "quay.io/acme/x:1": ("Pod/b spec",), "Not An Image": ("Pod/c spec",)}
    found = unexplained(rendered, {"docker.io/library/busybox:latest"})
    assert [(image.reference, image.places) for image in found] == [
        ("quay.io/acme/x:1", ("Pod/b spec",)),
        ("Not An Image", ("Pod/c spec",)),
    ]


def test_of_two_references_with_one_digest_the_tags_do_not_count() -> None:
    digest = "sha256:" + "5e" * 32
    assert unexplained({f"acme/web@{digest}": ("Pod/a spec",)}, {f"docker.io/acme/web:dev@{digest}"}) == ()
    assert unexplained({"acme/web:dev": ("Pod/a spec",)}, {"docker.io/acme/web:main"}) != ()
