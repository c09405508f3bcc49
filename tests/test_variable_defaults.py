"""Variables of makefiles and `.env` files: pinned where they are pulled, and nowhere else."""

from __future__ import annotations

import pytest
from casefiles import Case, check, each_case

from codemod import registry
from codemod.formats.assignments import assignments
from codemod.source import Source
from codemod.testing import digest_of, plan_of
from transforms.variable_defaults import transform

TRANSFORMS = list(registry.load())
SERVICE = b"services:\n  web:\n    image: ${WEB_IMAGE}\n"
VARIABLES = b"# images\nexport WEB_IMAGE='ghcr.io/acme/web:main' # moves\n"
PINNED = VARIABLES.replace(b":main", b"@" + digest_of("ghcr.io/acme/web:main").encode())


@each_case("makefile.txt")
@pytest.mark.surface("makefile", found="variables whose names say image")
@pytest.mark.surface("makefile", rewritten="variables that recipes run or pull")
@pytest.mark.surface("makefile", reported="what is built, tagged or pushed, names that are put together")
@pytest.mark.surface("makefile", left="recipes, comments, other variables")
def test_a_case_of_a_makefile(case: Case) -> None:
    check(transform, case, "Makefile")


def left(files: dict[str, bytes]) -> list[tuple[str, str]]:
    plan = plan_of(TRANSFORMS, files)
    assert not plan.files
    return [(entry.site.path, entry.code) for entry in plan.left]


@pytest.mark.surface("env-file", found="variables of `.env` files")
@pytest.mark.surface("env-file", rewritten="a variable that is the whole image of a service beside it")
def test_a_variable_that_a_service_is_named_by_is_pinned_beside_it() -> None:
    plan = plan_of(TRANSFORMS, {"a/.env": VARIABLES, "a/compose.yaml": SERVICE})
    assert {path: after for path, (_, after) in plan.files.items()} == {"a/.env": PINNED}
    again = plan_of(TRANSFORMS, {"a/.env": PINNED, "a/compose.yaml": SERVICE})
    assert not again.files
    assert [(image.site.path, image.status) for image in again.images] == [("a/.env", "pinned")]


@pytest.mark.parametrize(
    ("compose", "code"),
    [
        (SERVICE + b"    build: .\n", "built-here"),
        (SERVICE.replace(b"${WEB_IMAGE}", b"${WEB_IMAGE}-slim"), "purpose-unknown"),
        (SERVICE.replace(b"WEB_IMAGE", b"JOB_IMAGE"), "purpose-unknown"),
    ],
)
@pytest.mark.surface("env-file", reported="a variable whose image is built, is a part, or is used by nobody")
def test_a_variable_that_is_built_is_a_part_or_is_used_by_nobody_stays(compose: bytes, code: str) -> None:
    assert (".env", code) in left({".env": VARIABLES, "compose.yaml": compose})


def test_a_compose_file_of_another_folder_says_nothing() -> None:
    assert ("a/.env", "purpose-unknown") in left({"a/.env": VARIABLES, "compose.yaml": SERVICE})


def test_a_service_that_another_file_builds_is_built() -> None:
    override = b"services: {web: {build: .}}\n"
    found = left({".env": VARIABLES, "compose.yaml": SERVICE, "compose.override.yaml": override})
    assert (".env", "built-here") in found


@pytest.mark.parametrize("text", ["WEB_IMAGE=web\n", "TAG=main\n", "# WEB_IMAGE=a/b:main\n", "A_IMAGE=a b:main\n"])
@pytest.mark.surface("env-file", left="variables that name no image with a tag")
def test_what_names_no_image_with_a_tag_stays(text: str) -> None:
    assert left({".env": text.encode(), "compose.yaml": b"services: {}\n"}) == []


@pytest.mark.surface("compose", found="what the `.env` beside it makes of a variable")
def test_a_variable_of_the_environment_says_what_a_service_runs() -> None:
    service = SERVICE.replace(b"${WEB_IMAGE}", b"ghcr.io/acme/web:${TAG:-main}")
    (entry,) = plan_of(TRANSFORMS, {".env": b"TAG=v1\n", "compose.yaml": service}).images
    assert (str(entry.reference), entry.status) == ("ghcr.io/acme/web:v1", "tag-only")


def test_values_are_read_without_their_quotes() -> None:
    text = b"\xef\xbb\xbfA=1\r\n B = \"2\" \r\nexport C='3' # x\nD=4 # y\nE=\nF='\n"
    found = [(each.name, each.value) for each in assignments(Source(".env", text, "dotenv"))]
    assert found == [("A", "1"), ("B", "2"), ("C", "3"), ("D", "4")]


@pytest.mark.parametrize(
    ("use", "code"),
    [
        ("docker build -t $(WEB_IMAGE) .", "built-here"),
        ("docker build --tag=$(WEB_IMAGE) .", "built-here"),
        ("docker build --build-arg BASE=$(WEB_IMAGE) -t web .", "purpose-unknown"),
        ("docker build --build-arg 'BASE=$(WEB_IMAGE)' .", "purpose-unknown"),
        ("docker build --build-arg=BASE=$(WEB_IMAGE) .", "purpose-unknown"),
    ],
)
def test_what_goes_into_a_build_is_not_what_is_built(use: str, code: str) -> None:
    text = f"WEB_IMAGE ?= acme/web:main\n\nbuild:\n\t{use}\n"
    plan = plan_of(TRANSFORMS, {"Makefile": text.encode()})
    assert [entry.code for entry in plan.left if entry.site.transform == "variable-defaults"] == [code]
