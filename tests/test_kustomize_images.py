"""The `images:` of kustomizations."""

from __future__ import annotations

import pytest

from codemod.testing import check_leaves_alone, check_rewrites
from transforms.kustomize_images import transform

PATH = "overlays/dev/kustomization.yaml"
DIGEST = "sha256:" + 64 * "a"


def entry(text: str) -> str:
    return f"images:\n- name: ghcr.io/acme/web\n{text}"


@pytest.mark.parametrize(
    "text",
    [
        "images: []\n",
        "images:\n- ghcr.io/acme/web\n",
        entry("  newName: mirror.acme.test/web\n"),
        entry(f"  digest: {DIGEST}\n"),
        entry(f"  newTag: v1\n  digest: {DIGEST}\n"),
        "images:\n- newTag: main\n",
        "images:\n- name: not an image\n  newTag: main\n",
        "images:\n  name: ghcr.io/acme/web\n  newTag: main\n",
    ],
)
def test_what_sets_no_floating_tag_stays(text: str) -> None:
    check_leaves_alone(transform, text, path=PATH)


def test_images_of_other_files_stay() -> None:
    check_leaves_alone(transform, entry("  newTag: main\n"), path="values.yaml")
    check_leaves_alone(transform, "apiVersion: v1\nkind: Thing\n" + entry("  newTag: main\n"), path="thing.yaml")


def test_a_fixed_tag_is_reported() -> None:
    check_leaves_alone(transform, entry("  newTag: v1.2.3\n"), path=PATH, code="tag-only")


def test_a_substitution_is_reported() -> None:
    check_leaves_alone(transform, entry("  newTag: ${TAG}\n"), path=PATH, code="computed-reference")


def test_a_floating_tag_gives_way_to_the_digest() -> None:
    check_rewrites(transform, entry("  newTag: main # trunk\n"), entry("  digest: <digest> # trunk\n"), path=PATH)


def test_the_new_name_decides_whose_digest_it_is() -> None:
    before = entry("  newName: mirror.acme.test/web\n  newTag: 'main'\n")
    plan = check_rewrites(transform, before, before.replace("newTag: 'main'", "digest: '<digest>'"), path=PATH)
    assert [change.image for change in plan.changed] == ["mirror.acme.test/web:main"]


def test_a_floating_tag_beside_a_digest_goes() -> None:
    check_rewrites(transform, entry(f"  newTag: dev\n  digest: {DIGEST}\n"), entry(f"  digest: {DIGEST}\n"), path=PATH)


def test_a_fixed_tag_keeps_its_place_in_front_of_the_digest() -> None:
    check_rewrites(
        transform, entry("  newTag: v1.2.3\n"), entry("  newTag: v1.2.3\n  digest: <digest>\n"), path=PATH, pin_all=True
    )


def test_a_flux_kustomization_sets_images_too() -> None:
    before = (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n"
        "  images:\n  - {name: ghcr.io/acme/web, newTag: main}\n"
    )
    check_rewrites(transform, before, before.replace("newTag: main", "digest: <digest>"), path="flux/web.yaml")


def argocd(image: str) -> str:
    source = f"{{path: apps/web, kustomize: {{images: [{image}]}}}}"
    return f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source: {source}\n"


@pytest.mark.parametrize("image", ["acme.test/web=mirror.test/web", f"acme.test/web=mirror.test/web@{DIGEST}", "a=b c"])
def test_an_image_of_an_application_that_gets_no_floating_tag_stays(image: str) -> None:
    check_leaves_alone(transform, argocd(image), path="app.yaml")


def test_an_image_of_an_application_whose_name_is_kept_or_computed_is_reported() -> None:
    check_leaves_alone(transform, argocd("acme.test/web=*:main"), path="app.yaml", code="not-spellable")
    check_leaves_alone(transform, argocd("'acme.test/web={{ .image }}'"), path="app.yaml", code="computed-reference")


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_an_image_of_an_application_is_pinned_under_its_new_name(quote: str) -> None:
    before, after = (f"{quote}acme.test/web=mirror.test/web{end}{quote}" for end in (":main", "@<digest>"))
    plan = check_rewrites(transform, argocd(before), argocd(after), path="app.yaml")
    assert [change.image for change in plan.changed] == ["mirror.test/web:main"]
