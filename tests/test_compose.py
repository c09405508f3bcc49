"""Compose files: what they pull is pinned, what they build stays."""

from __future__ import annotations

import pytest
from casefiles import Case, check, each_case

from codemod import registry
from codemod.testing import plan_of

NAMES = ("compose-builds", "dockerfile-images", "image-references", "pull-policies")
TRANSFORMS = [transform for transform in registry.load() if transform.name in NAMES]
SERVICE = b"services:\n  web:\n    image: ghcr.io/acme/web:main\n"


@each_case("compose.txt")
@pytest.mark.surface("compose", found="`image` of services, through anchors, merges and `extends`")
@pytest.mark.surface(
    "compose", rewritten="services, defaults in `${VAR:-image}`, contexts that are images, `dockerfile_inline`"
)
@pytest.mark.surface("compose", reported="names that variables make up")
@pytest.mark.surface("compose", left="services with `build`, caches and tags of builds")
def test_a_case(case: Case) -> None:
    check(TRANSFORMS, case, "deploy/compose.yaml")


def test_an_alias_elsewhere_in_values_keeps_the_text_that_it_shares() -> None:
    text = b"shared: &web ghcr.io/acme/web:main\nweb:\n  image: *web\n"
    plan = plan_of(TRANSFORMS, {"values.yaml": text})
    assert not plan.files
    assert [(entry.site.line, entry.code) for entry in plan.left] == [(1, "anchor-shared")]


@pytest.mark.surface("compose", reported="a service that another compose file beside it builds")
def test_a_service_that_a_file_beside_it_builds_stays() -> None:
    build = b"services:\n  web:\n    build: .\n"
    plan = plan_of(TRANSFORMS, {"a/compose.yaml": SERVICE, "a/compose.override.yaml": build, "b/compose.yaml": SERVICE})
    assert list(plan.files) == ["b/compose.yaml"]
    assert [(entry.site.path, entry.code, entry.message) for entry in plan.left] == [
        ("a/compose.yaml", "built-here", "a/compose.override.yaml builds it")
    ]


def test_files_of_other_folders_and_other_services_beside_it_do_not_matter() -> None:
    build = b"services:\n  web:\n    build: .\n"
    other = b"services:\n  job:\n    build: .\n"
    plan = plan_of(TRANSFORMS, {"compose.yaml": SERVICE, "compose.job.yaml": other, "x/compose.yaml": build})
    assert list(plan.files) == ["compose.yaml"]


@pytest.mark.surface("compose", found="what variables come to by default")
def test_what_variables_come_to_by_default_is_shown() -> None:
    text = SERVICE.replace(b":main", b":${TAG:-main}")
    (entry,) = plan_of(TRANSFORMS, {"compose.yaml": text}).images
    assert (str(entry.reference), entry.status) == ("ghcr.io/acme/web:main", "floating")


def test_it_is_said_that_a_variable_makes_a_part_of_a_name() -> None:
    plan = plan_of(TRANSFORMS, {"compose.yaml": b"services:\n  web:\n    image: acme/web:${TAG:-main}\n"})
    assert [entry.message for entry in plan.left] == ["a variable of the environment computes this reference"]


def volume(kind: str, source: str) -> bytes:
    mount = f"- type: {kind}\n        source: {source}\n        target: /data\n"
    return f"services:\n  web:\n    image: acme/web:1.0\n    volumes:\n      {mount}".encode()


def test_an_image_that_is_mounted_as_a_volume_is_pinned() -> None:
    plan = plan_of(TRANSFORMS, {"compose.yaml": volume("image", "ghcr.io/acme/data:dev")})
    assert [(change.image, change.site.line) for change in plan.changed] == [("ghcr.io/acme/data:dev", 6)]


@pytest.mark.parametrize("kind", ["bind", "volume", "tmpfs"])
def test_what_else_is_mounted_is_no_image(kind: str) -> None:
    plan = plan_of(TRANSFORMS, {"compose.yaml": volume(kind, "ghcr.io/acme/data:dev")})
    assert not plan.files
    assert [str(entry.reference) for entry in plan.images] == ["docker.io/acme/web:1.0"]
