"""The recipes of makefiles are shell scripts."""

from __future__ import annotations

import pytest

from codemod.registry import load
from codemod.testing import check_leaves_alone, check_rewrites, plan_of

ALL = load()
PATH = "Makefile"
REWRITTEN = {
    "a recipe": ("lint:\n\tdocker run --rm acme/lint:main /src\n", "acme/lint:main"),
    "a quiet recipe": ("lint:\n\t@docker run --rm acme/lint:main /src\n", "acme/lint:main"),
    "a recipe behind its target": ("lint: deps ; -docker run acme/lint:main\n", "acme/lint:main"),
    "several lines": ("lint:\n\tdocker run --rm \\\n\t  -v $(CURDIR):/src \\\n\t  acme/lint:main\n", "acme/lint:main"),
    "variables of make around": (
        "lint:\n\tdocker run $(FLAGS) -v ${PWD}:/x -e A=$$HOME acme/lint:main $@\n",
        "acme/lint:main",
    ),
    "a function around": (
        "lint: $(wildcard *.go)\n\tdocker pull acme/lint:main && echo $(call f,$(A),x)\n",
        "acme/lint:main",
    ),
    "the last of several": ("a:\n\techo a\n\nb: a\n\techo $$$$\n\tdocker pull acme/lint:main\n", "acme/lint:main"),
    "an option": ("up:\n\tkubectl run x --image=ghcr.io/acme/web:dev -- sh\n", "ghcr.io/acme/web:dev"),
}
SILENT = {
    "what is echoed": "up:\n\techo ghcr.io/acme/web:dev\n",
    "what is searched for": "up:\n\tgrep -r ghcr.io/acme/web:dev .\n",
    "a comment": "up:\n\t# docker run ghcr.io/acme/web:dev\n",
    "a comment of make": "# up: ; docker run ghcr.io/acme/web:dev\n",
    "a volume": "up:\n\tdocker run -v cache:/latest $(IMAGE)\n",
    "no recipe": "URL := https://example.com/web:latest\nup: web\n",
    "a dependency": "image:latest: dev\n",
}
REPORTED = {
    "what is built": ("up:\n\tdocker build -t ghcr.io/acme/web:dev .\n", "built-here"),
    "what is pushed": ("up:\n\tdocker push acme/web:dev\n", "built-here"),
    "a variable of make in the name": ("up:\n\tdocker run ghcr.io/acme/$(NAME):dev\n", "computed-reference"),
    "a function of make in the name": ("up:\n\tdocker run ghcr.io/acme/$(shell ./name):dev\n", "computed-reference"),
    "a variable of the shell in the name": ("up:\n\tdocker run ghcr.io/acme/$$NAME:dev\n", "computed-reference"),
    "a tag for Helm": ("up:\n\thelm upgrade web oci://x/y --set image.tag=dev\n", "tag-in-parameter"),
}


@pytest.mark.parametrize("case", SILENT)
@pytest.mark.surface("makefile", left="what recipes echo, search for or comment")
def test_what_names_no_image_that_is_run_is_silent(case: str) -> None:
    check_leaves_alone(ALL, SILENT[case], path=PATH)


@pytest.mark.parametrize("case", REWRITTEN)
@pytest.mark.surface("makefile", rewritten="what recipes run and pull")
def test_what_a_recipe_runs_is_pinned(case: str) -> None:
    text, image = REWRITTEN[case]
    check_rewrites(ALL, text, text.replace(image, f"{image.rpartition(':')[0]}@<digest>"), path=PATH)


@pytest.mark.parametrize("case", REPORTED)
@pytest.mark.surface("makefile", reported="what recipes build, push or put together")
def test_what_a_recipe_makes_is_reported(case: str) -> None:
    text, code = REPORTED[case]
    check_leaves_alone(ALL, text, path=PATH, code=code)


@pytest.mark.surface("makefile", found="recipes, which are shell scripts")
def test_recipes_and_variables_are_of_one_surface() -> None:
    text = b"LINT_IMAGE = acme/lint:main\nlint:\n\tdocker run $(LINT_IMAGE)\n\tdocker run acme/tool:main\n"
    plan = plan_of(ALL, {PATH: text})
    assert [(str(image.reference), image.site.surface, image.site.line) for image in plan.images] == [
        ("docker.io/acme/lint:main", "makefile", 1),
        ("docker.io/acme/tool:main", "makefile", 4),
    ]
