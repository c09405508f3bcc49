"""Images in HCL: Terraform resources, modules, variables, here-documents."""

from __future__ import annotations

import pytest
from casefiles import Case, check, each_case

from codemod import registry
from codemod.testing import check_rewrites, plan_of

TRANSFORMS = list(registry.load())
CODE = 'locals {\n  image = "ghcr.io/acme/web:main"\n}\n'


@each_case("terraform.txt")
@pytest.mark.surface(
    "terraform", rewritten="image keys of blocks, objects and modules, defaults, `docker_image`, here-documents"
)
@pytest.mark.surface("terraform", reported="interpolations, a `docker_image` that is built, `set` of a Helm release")
@pytest.mark.surface("terraform", left="machines and disks, names that a module may complete")
def test_a_case(case: Case) -> None:
    check(TRANSFORMS, case, "main.tf")


@pytest.mark.parametrize("path", ["a.tofu", "docker-bake.hcl", "sub/terragrunt.hcl"])
def test_other_dialects_are_read(path: str) -> None:
    check_rewrites(TRANSFORMS, CODE, CODE.replace(":main", "@<digest>"), path=path)


@pytest.mark.surface("terraform", found="HCL files and values of variables")
def test_values_of_variables_are_pinned_and_the_surface_is_named() -> None:
    plan = plan_of(TRANSFORMS, {"prod.tfvars": b'web_image = "ghcr.io/acme/web:main"\n'})
    assert [(image.site.surface, image.site.line, image.site.column) for image in plan.images] == [("terraform", 1, 14)]
    assert list(plan.files) == ["prod.tfvars"]


def test_what_stands_around_an_error_is_left_and_the_rest_is_read() -> None:
    plan = plan_of(TRANSFORMS, {"a.tf": (CODE + 'x = = { image = "a/b:main" \n').encode()})
    assert [change.before for change in plan.changed] == ['"ghcr.io/acme/web:main"']
