"""A name that a program puts something behind is no reference that could be pinned."""

from __future__ import annotations

import pytest

from codemod.registry import load
from codemod.testing import check_leaves_alone, check_rewrites, plan_of

ALL = load()
REPORTED = {
    "a Go constant": ("a.go", 'package a\n\nconst Image = "ghcr.io/acme/web:dev"\n\nvar debug = Image + "-debug"\n'),
    "a Go variable": ("a.go", 'package a\n\nvar Image string = "ghcr.io/acme/web:dev"\n\nvar d = Image + suffix\n'),
    "a local Go variable": (
        "a.go",
        'package a\n\nfunc f() string {\n\timage := "ghcr.io/acme/web:dev"\n\treturn image + "-" + arch\n}\n',
    ),
    "a Python constant": ("a.py", 'IMAGE = "ghcr.io/acme/web:dev"\nDEBUG = IMAGE + "-debug"\n'),
    "a Python constant in a formatted string": ("a.py", 'IMAGE = "ghcr.io/acme/web:dev"\nDEBUG = f"{IMAGE}-debug"\n'),
    "a name that grows": ("a.py", 'image = "ghcr.io/acme/web:dev"\nimage += "-debug"\n'),
    "a TypeScript constant": ("a.ts", 'const image = "ghcr.io/acme/web:dev";\nrun(`${image}-debug`);\n'),
    "a shell variable": ("a.sh", 'IMAGE="ghcr.io/acme/web:dev"\ndocker run "${IMAGE}-debug"\n'),
    "a shell variable without braces": ("a.sh", "IMAGE=ghcr.io/acme/web:dev\ndocker run $IMAGE-debug\n"),
    "a default of a shell variable": (
        "a.sh",
        'IMAGE="${IMAGE:-ghcr.io/acme/web:dev}"\ndocker run "${IMAGE}-${ARCH}"\n',
    ),
}
PINNED = {
    "a message": ("a.go", 'package a\n\nconst Image = "ghcr.io/acme/web:dev"\n\nvar m = Image + " is missing"\n'),
    "a line": ("a.go", 'package a\n\nconst Image = "ghcr.io/acme/web:dev"\n\nvar m = "FROM " + Image + "\\n"\n'),
    "another name": ("a.go", 'package a\n\nconst Image = "ghcr.io/acme/web:dev"\n\nvar m = OtherImage + "-debug"\n'),
    "a sentence": ("a.py", 'IMAGE = "ghcr.io/acme/web:dev"\nprint(f"Uses {IMAGE}. Good.")\n'),
    "a sentence of a script": ("a.sh", 'IMAGE=ghcr.io/acme/web:dev\necho "Runs $IMAGE: done"\ndocker run $IMAGE\n'),
    "a variable whose name goes on": ("a.sh", "IMAGE=ghcr.io/acme/web:dev\ndocker run $IMAGE $IMAGE_ARGS\n"),
}


@pytest.mark.parametrize("case", REPORTED)
def test_a_name_that_goes_on_is_reported(case: str) -> None:
    path, text = REPORTED[case]
    check_leaves_alone(ALL, text, path=path, code="computed-reference")


@pytest.mark.parametrize("case", PINNED)
def test_a_name_beside_other_text_is_pinned(case: str) -> None:
    path, text = PINNED[case]
    check_rewrites(ALL, text, text.replace("ghcr.io/acme/web:dev", "ghcr.io/acme/web@<digest>"), path=path)


def test_a_constant_is_reported_where_another_file_of_the_package_goes_on_with_it() -> None:
    files = {
        "pkg/images.go": b'package pkg\n\nconst Image = "ghcr.io/acme/web:dev"\n',
        "pkg/debug.go": b'package pkg\n\nfunc debug() string { return Image + "-debug" }\n',
        "other/images.go": b'package other\n\nconst Image = "ghcr.io/acme/web:dev"\n',
    }
    plan = plan_of(ALL, files)
    assert list(plan.files) == ["other/images.go"]
    assert [(left.site.path, left.message) for left in plan.left] == [
        ("pkg/images.go", "the program puts something behind Image")
    ]
