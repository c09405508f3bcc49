"""The `images:` of kustomizations."""

from __future__ import annotations

import pytest

from codemod.registry import load
from codemod.testing import check_leaves_alone, check_rewrites, plan_of
from transforms import image_maps
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
@pytest.mark.surface("kustomize", left="`name`, entries that set a name only, pinned ones")
def test_what_sets_no_floating_tag_stays(text: str) -> None:
    check_leaves_alone(transform, text, path=PATH)


def test_images_of_other_files_stay() -> None:
    check_leaves_alone(transform, entry("  newTag: main\n"), path="values.yaml")
    check_leaves_alone(transform, "apiVersion: v1\nkind: Thing\n" + entry("  newTag: main\n"), path="thing.yaml")


def test_a_fixed_tag_is_reported() -> None:
    check_leaves_alone(transform, entry("  newTag: v1.2.3\n"), path=PATH, code="tag-only")


@pytest.mark.surface("kustomize", reported="a tag that a substitution computes")
def test_a_substitution_is_reported() -> None:
    check_leaves_alone(transform, entry("  newTag: ${TAG}\n"), path=PATH, code="computed-reference")


@pytest.mark.surface("kustomize", found="`images` of kustomizations")
@pytest.mark.surface("kustomize", rewritten="`newTag` becomes `digest`")
def test_a_floating_tag_gives_way_to_the_digest() -> None:
    check_rewrites(transform, entry("  newTag: main # trunk\n"), entry("  digest: <digest> # trunk\n"), path=PATH)


@pytest.mark.surface("kustomize", rewritten="with `newName`, to the digest of the new name")
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


@pytest.mark.surface("flux", rewritten="`images` of a Kustomization: `newTag` becomes `digest`")
def test_a_flux_kustomization_sets_images_too() -> None:
    before = (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n"
        "  images:\n  - {name: ghcr.io/acme/web, newTag: main}\n"
    )
    check_rewrites(transform, before, before.replace("newTag: main", "digest: <digest>"), path="flux/web.yaml")


@pytest.mark.surface("flux", reported="a tag that a substitution computes")
def test_a_tag_that_a_flux_kustomization_substitutes_is_reported() -> None:
    text = (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n"
        "  images:\n  - {name: ghcr.io/acme/web, newTag: '${TAG}'}\n"
    )
    check_leaves_alone(transform, text, path="flux/web.yaml", code="computed-reference")


@pytest.mark.surface("flux", found="`images` of Kustomizations, `values` of HelmReleases")
@pytest.mark.surface("flux", left="tags and branches of sources, charts, image automation")
def test_sources_and_automation_of_flux_name_no_image_and_releases_do() -> None:
    source = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: {}\nspec: {{url: x, ref: {{tag: latest, branch: main}}}}\n"
    automation = "apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageRepository\nspec: {image: ghcr.io/acme/web}\n"
    release = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec: {values: {image: ghcr.io/acme/web:main}}\n"
    )
    applied = (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: {images: [{name: a/b, newTag: c}]}\n"
    )
    texts = [source.format("GitRepository"), source.format("OCIRepository"), automation, release, applied]
    plan = plan_of(list(load()), {f"{number}.yaml": text.encode() for number, text in enumerate(texts)})
    assert [(entry.site.path, entry.site.surface) for entry in plan.images] == [("3.yaml", "flux"), ("4.yaml", "flux")]
    assert list(plan.files) == ["3.yaml"]


def argocd(image: str) -> str:
    source = f"{{path: apps/web, kustomize: {{images: [{image}]}}}}"
    return f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source: {source}\n"


@pytest.mark.parametrize("image", ["acme.test/web=mirror.test/web", f"acme.test/web=mirror.test/web@{DIGEST}", "a=b c"])
@pytest.mark.surface("argocd", left="`kustomize.images` that set no floating tag")
def test_an_image_of_an_application_that_gets_no_floating_tag_stays(image: str) -> None:
    check_leaves_alone(transform, argocd(image), path="app.yaml")


@pytest.mark.surface("argocd", reported="`kustomize.images` whose name is computed")
def test_an_image_of_an_application_whose_name_is_kept_or_computed_is_reported() -> None:
    check_leaves_alone(transform, argocd("acme.test/web=*:main"), path="app.yaml", code="computed-reference")
    check_leaves_alone(transform, argocd("'acme.test/web={{ .image }}'"), path="app.yaml", code="computed-reference")


@pytest.mark.parametrize("quote", ["", "'", '"'])
@pytest.mark.surface("argocd", rewritten="`kustomize.images` strings")
def test_an_image_of_an_application_is_pinned_under_its_new_name(quote: str) -> None:
    before, after = (f"{quote}acme.test/web=mirror.test/web{end}{quote}" for end in (":main", "@<digest>"))
    plan = check_rewrites(transform, argocd(before), argocd(after), path="app.yaml")
    assert [change.image for change in plan.changed] == ["mirror.test/web:main"]


def release(renderers: str) -> str:
    return (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\n"
        f"spec:\n  postRenderers:\n{renderers}"
    )


POST_RENDERER = "    - kustomize:\n        images:\n          - name: ghcr.io/acme/web\n"


@pytest.mark.surface("flux", rewritten="`newTag` of a post-renderer becomes `digest`")
def test_the_tags_of_post_renderers_are_pinned() -> None:
    check_rewrites(
        transform,
        release(f"{POST_RENDERER}            newTag: main # CI\n"),
        release(f"{POST_RENDERER}            digest: <digest> # CI\n"),
    )


def test_the_image_of_a_post_renderer_is_that_of_its_new_name() -> None:
    before = f"{POST_RENDERER}            newName: mirror.test/web\n            newTag: main\n"
    plan = check_rewrites(transform, release(before), release(before.replace("newTag: main", "digest: <digest>")))
    assert [change.image for change in plan.changed] == ["mirror.test/web:main"]


def test_entries_of_post_renderers_are_no_maps_of_values() -> None:
    entry = f"{POST_RENDERER}            newName: mirror.test/web\n            digest: {DIGEST}\n"
    data = release(entry).encode()
    both = plan_of([image_maps.transform, transform], {"web.yaml": data})
    assert [str(image.reference) for image in both.images] == [f"mirror.test/web@{DIGEST}"]


@pytest.mark.parametrize(
    "renderers",
    [
        f"{POST_RENDERER}            newName: mirror.test/web\n",
        f"{POST_RENDERER}            digest: {DIGEST}\n",
        "    - kustomize: [a]\n",
        "    - newTag: main\n",
        "    newTag: main\n",
    ],
)
def test_post_renderers_without_a_floating_tag_stay(renderers: str) -> None:
    check_leaves_alone(transform, release(renderers))
