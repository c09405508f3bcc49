"""OCIRepositories of Flux."""

from __future__ import annotations

import pytest

from codemod.testing import check_leaves_alone, check_rewrites, plan_of
from transforms.flux_artifacts import transform


def repository(spec: str, url: str = "oci://ghcr.io/acme/manifests/web", kind: str = "OCIRepository") -> str:
    return (
        f"apiVersion: source.toolkit.fluxcd.io/v1\nkind: {kind}\nmetadata:\n  name: web\nspec:\n"
        f"  interval: 5m\n  url: {url}\n{spec}"
    )


@pytest.mark.parametrize(
    "text",
    [
        repository(f"  ref:\n    digest: sha256:{64 * 'a'}\n"),
        repository(f"  ref:\n    tag: latest\n    digest: sha256:{64 * 'a'}\n"),
        repository("  ref:\n    tag: 6.5.0\n"),
        repository('  ref:\n    tag: latest\n    semver: ">=1.0.0"\n'),
        repository("  ref:\n    tag: latest\n", kind="HelmRepository"),
        repository("  ref:\n    tag: latest\n", url="https://charts.acme.test"),
        repository("  ref:\n    tag: [latest]\n"),
        repository("  ref:\n    branch: main\n", kind="GitRepository"),
        repository("  ref:\n    tag: latest\n").replace("source.toolkit.fluxcd.io", "acme.test"),
        "# kind: OCIRepository\nspec: [a]\n",
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec: [a]\n",
    ],
)
@pytest.mark.surface("flux", left="an OCI artifact with a version, a range of versions or a digest")
def test_what_does_not_move_or_is_no_artifact_stays(text: str) -> None:
    check_leaves_alone(transform, text)


def test_a_url_or_a_tag_that_flux_fills_in_is_reported() -> None:
    check_leaves_alone(
        transform, repository("  ref:\n    tag: main\n", url='"oci://${registry}/web"'), code="computed-reference"
    )
    check_leaves_alone(transform, repository("  ref:\n    tag: ${tag}\n"), code="computed-reference")


def test_a_source_without_a_ref_is_reported() -> None:
    check_leaves_alone(transform, repository(""), code="not-spellable")


def test_a_tag_that_flux_writes_is_reported() -> None:
    marked = repository('  ref:\n    tag: main # {"$imagepolicy": "flux-system:web:tag"}\n')
    check_leaves_alone(transform, marked, code="controller-writes-tag")


@pytest.mark.surface("flux", rewritten="`ref.tag` of an OCIRepository becomes `ref.digest`")
@pytest.mark.parametrize("before", ["    tag: main # CI\n", '    tag: "main"\n', "    tag: latest\n    digest: ''\n"])
def test_a_tag_that_moves_becomes_a_digest(before: str) -> None:
    if "''" in before:
        assert not plan_of(transform, {"web.yaml": repository(f"  ref:\n{before}").encode()}).files
        return
    after = before.replace("main", "<digest>").replace("tag", "digest")
    check_rewrites(transform, repository(f"  ref:\n{before}"), repository(f"  ref:\n{after}"))


def test_flow_maps_are_edited_in_place() -> None:
    check_rewrites(transform, repository("  ref: {tag: main}\n"), repository("  ref: {digest: <digest>}\n"))


def test_the_digest_is_that_of_the_artifact() -> None:
    plan = plan_of(transform, {"web.yaml": repository("  ref:\n    tag: main\n").encode()})
    (change,) = plan.changed
    assert change.image == "ghcr.io/acme/manifests/web:main"


def test_an_artifact_with_a_digest_is_in_the_inventory() -> None:
    digest = f"sha256:{64 * 'a'}"
    plan = plan_of(transform, {"web.yaml": repository(f"  ref:\n    digest: {digest}\n").encode()})
    assert [(str(one.reference), one.status) for one in plan.images] == [
        (f"ghcr.io/acme/manifests/web@{digest}", "pinned")
    ]
