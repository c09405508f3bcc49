"""Fields that Flux's image-automation-controller writes (`# {"$imagepolicy": "flux-system:web"}`)."""

from __future__ import annotations

import pytest

from codemod.testing import check_leaves_alone, check_rewrites
from transforms import image_maps, image_references, kustomize_images

TRANSFORMS = [image_maps.transform, image_references.transform, kustomize_images.transform]


def policy(more: str = "", namespace: str = ", namespace: flux-system") -> str:
    return (
        "apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImagePolicy\n"
        f"metadata: {{name: web{namespace}}}\nspec:\n  imageRepositoryRef: {{name: web}}\n{more}---\n"
    )


REFLECTING = "  digestReflectionPolicy: Always\n"
TAG = """\
image:
  repository: ghcr.io/acme/web # {"$imagepolicy": "flux-system:web:name"}
  tag: main # {"$imagepolicy": "flux-system:web:tag"}
"""
DIGEST = """\
image:
  repository: ghcr.io/acme/web # {"$imagepolicy": "flux-system:web:name"}
  digest: <digest> # {"$imagepolicy": "flux-system:web:digest"}
"""
ENTRY = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
images:
  - name: ghcr.io/acme/web
    newTag: main # {"$imagepolicy": "flux-system:web:tag"}
"""
WHOLE = 'image: ghcr.io/acme/web:main # {"$imagepolicy": "flux-system:web"}\n'


@pytest.mark.surface("flux", reported="a tag with a setter marker whose ImagePolicy knows no digest")
@pytest.mark.parametrize("policies", ["", policy(), policy("  digestReflectionPolicy: Never\n")])
def test_a_tag_that_flux_writes_stays(policies: str) -> None:
    check_leaves_alone(TRANSFORMS, policies + TAG, code="controller-writes-tag")
    check_leaves_alone(TRANSFORMS, policies + ENTRY, code="controller-writes-tag")


def test_one_of_two_policies_of_a_name_without_digests_keeps_the_tag() -> None:
    both = policy(REFLECTING, "") + policy()
    check_leaves_alone(TRANSFORMS, both + TAG, code="controller-writes-tag")


def test_a_policy_of_another_namespace_is_another() -> None:
    check_leaves_alone(TRANSFORMS, policy(REFLECTING, ", namespace: apps") + TAG, code="controller-writes-tag")


def test_a_tag_beside_an_unmarked_digest_stays() -> None:
    check_leaves_alone(TRANSFORMS, policy(REFLECTING) + TAG + '  digest: ""\n', code="controller-writes-tag")


@pytest.mark.surface("flux", rewritten="a `:tag` setter marker becomes `:digest` with its field")
def test_the_marker_of_a_tag_goes_with_its_field_where_the_policy_knows_the_digest() -> None:
    for found in (policy(REFLECTING), policy("  digestReflectionPolicy: IfNotPresent\n"), policy(REFLECTING, "")):
        check_rewrites(TRANSFORMS, found + TAG, found + DIGEST)


def test_the_marker_of_a_quoted_tag_goes_with_it() -> None:
    quoted = TAG.replace("main", '"main"')
    check_rewrites(
        TRANSFORMS, policy(REFLECTING) + quoted, policy(REFLECTING) + DIGEST.replace("<digest>", '"<digest>"')
    )


def test_the_marker_of_a_new_tag_goes_with_it() -> None:
    after = ENTRY.replace("newTag: main", "digest: <digest>").replace("web:tag", "web:digest")
    check_rewrites(TRANSFORMS, policy(REFLECTING) + ENTRY, policy(REFLECTING) + after)


def test_a_tag_beside_a_digest_that_flux_writes_goes() -> None:
    marked = '  digest: "" # {"$imagepolicy": "flux-system:web:digest"}\n'
    after = TAG.replace('  tag: main # {"$imagepolicy": "flux-system:web:tag"}\n', "") + marked.replace(
        '""', '"<digest>"'
    )
    check_rewrites(TRANSFORMS, TAG + marked, after)


@pytest.mark.surface("flux", rewritten="a whole reference keeps its setter marker")
def test_a_whole_reference_keeps_its_marker() -> None:
    after = WHOLE.replace(":main #", "@<digest> #")
    plan = check_rewrites(TRANSFORMS, policy(REFLECTING) + WHOLE, policy(REFLECTING) + after)
    assert not plan.left


def test_that_flux_will_write_the_tag_back_is_reported() -> None:
    for policies in ("", policy()):
        plan = check_rewrites(TRANSFORMS, policies + WHOLE, policies + WHOLE.replace(":main #", "@<digest> #"))
        (entry,) = plan.left
        assert (entry.code, "flux-system:web" in entry.message) == ("controller-writes-tag", True)


@pytest.mark.parametrize(
    "comment",
    [
        "# moved by image automation",
        '# {"$imagepolicy": 1}',
        '# {"$imagepolicy": "web"}',
        '# {"$imagepolicy": "a:b:c:d"}',
        '# ["$imagepolicy": "flux-system:web:tag"}',
        '# {"$imagepolicy"; "flux-system:web:tag"}',
        '# {"$imagepolicy": "flux-system:web:digest"}',
    ],
)
def test_what_is_no_marker_of_a_tag_is_a_comment(comment: str) -> None:
    before = f"image:\n  repository: ghcr.io/acme/web\n  tag: main {comment}\n"
    check_rewrites(TRANSFORMS, before, before.replace("tag: main", "digest: <digest>"))


def test_no_marker_is_looked_for_in_texts_inside_texts() -> None:
    from transforms import embedded_yaml

    chosen = [*TRANSFORMS, embedded_yaml.transform]
    before = "data:\n  web.yaml: |\n" + "".join(f"    {line}\n" for line in TAG.splitlines())
    check_rewrites(chosen, before, before.replace("tag: main", "digest: <digest>"))
