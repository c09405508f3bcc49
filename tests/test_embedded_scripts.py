"""Texts that scripts hand to shells and to kubectl: read as what they are."""

from __future__ import annotations

import pytest

from codemod import registry
from codemod.testing import check_leaves_alone, check_rewrites, plan_of

ALL = registry.load()
PATH = "hack/run.sh"
IMAGE = "ghcr.io/acme/web:dev"

REWRITTEN = {
    "sh -c": "sh -c 'docker run --rm ghcr.io/acme/web:dev a:b'",
    "a path, an option before, double quotes": '/bin/bash -e -c "docker pull ghcr.io/acme/web:dev"',
    "options in one word": "bash -xec 'docker pull ghcr.io/acme/web:dev && true'",
    "a named option": "bash -o pipefail -c 'docker pull ghcr.io/acme/web:dev | tee log'",
    "behind sudo": "sudo sh -c 'docker run ghcr.io/acme/web:dev'",
    "in a container": "kubectl exec x -- sh -c 'kubectl run y --image=ghcr.io/acme/web:dev'",
    "eval": 'eval "docker run -v $PWD:/src ghcr.io/acme/web:dev"',
    "in double quotes, with variables of both": 'sh -c "X=\\$HOME; docker run -v $PWD:/x ghcr.io/acme/web:dev \\"a\\""',
    "over several lines": "sh -c '\n  docker pull ghcr.io/acme/web:dev\n  echo ghcr.io/acme/other:dev\n'",
    "within itself": "sh -c 'bash -c \"docker run ghcr.io/acme/web:dev\"'",
    "a patch": 'kubectl patch deploy/x -p \'{"spec":{"containers":[{"name":"a","image":"ghcr.io/acme/web:dev"}]}}\'',
    "a patch in double quotes": 'kubectl patch x y --patch "{\\"spec\\": {\\"image\\": \\"ghcr.io/acme/web:dev\\"}}"',
    "a patch of operations": (
        'kubectl patch x y --type=json -p \'[{"op": "replace", "path": "/spec/template/spec/containers/0/image",'
        ' "value": "ghcr.io/acme/web:dev"}]\''
    ),
    "a patch that a variable holds": 'PATCH=\'{"spec":{"image":"ghcr.io/acme/web:dev"}}\'',
    "what a pod is overridden with": (
        'kubectl run x --overrides=\'{"spec":{"containers":[{"image":"ghcr.io/acme/web:dev"}]}}\''
    ),
}


@pytest.mark.surface("shell", rewritten="the text of `sh -c` and `eval`; JSON that `kubectl patch` is handed")
@pytest.mark.parametrize("text", REWRITTEN.values(), ids=REWRITTEN)
def test_the_image_in_a_text_is_pinned(text: str) -> None:
    check_rewrites(ALL, f"{text}\n", f"{text}\n".replace(IMAGE, "ghcr.io/acme/web@<digest>"), path=PATH)


SILENT = {
    "a text that no shell gets": "python -c 'docker run ghcr.io/acme/web:dev'\n",
    "a text behind the script": "sh run.sh -c 'docker run ghcr.io/acme/web:dev'\n",
    "what is said": "echo sh -c docker\n",
    "JSON that is echoed": 'echo \'{"image": "ghcr.io/acme/web:dev"}\'\n',
    "JSON that is searched for": 'grep \'{"image":"ghcr.io/acme/web:dev"}\' out.json\n',
    "a filter": "jq '{image: \"ghcr.io/acme/web:dev\"}' out.json\n",
    "a path of JSON": "kubectl get pods -o jsonpath='{.items[*].spec.containers[*].image}'\n",
    "JSON about other things": 'kubectl patch x y -p \'{"spec": {"replicas": 1, "branch": "web:dev"}}\'\n',
    "another path": 'kubectl patch x y -p \'[{"op": "add", "path": "/spec/host", "value": "acme:dev"}]\'\n',
    "an echo within": "sh -c 'echo ghcr.io/acme/web:dev'\n",
    "what only asks": "skopeo inspect --raw docker://ghcr.io/acme/web:dev\n",
}


@pytest.mark.surface("shell", left="what `skopeo inspect` asks for")
@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_what_is_no_image_that_runs_stays_silent(text: str) -> None:
    assert not check_leaves_alone(ALL, text, path=PATH).images


REPORTED = {
    "a name that is put together": ('sh -c "docker run ghcr.io/acme/web:$TAG"\n', "computed-reference"),
    "an image that is built": ("sh -c 'docker build -t ghcr.io/acme/web:dev .'\n", "built-here"),
    "what skopeo copies": ("skopeo copy docker://ghcr.io/acme/web:dev dir:web\n", "purpose-unknown"),
    "where skopeo copies to": ("skopeo copy dir:web docker://ghcr.io/acme/web:dev\n", "built-here"),
}


@pytest.mark.parametrize(("text", "code"), REPORTED.values(), ids=REPORTED)
def test_what_is_reported(text: str, code: str) -> None:
    assert len(check_leaves_alone(ALL, text, path=PATH, code=code).left) == 1


def test_a_reference_behind_the_scheme_of_skopeo_has_its_own_place() -> None:
    plan = plan_of(ALL, {PATH: b"skopeo copy docker://ghcr.io/acme/web:dev dir:web\n"})
    assert [(e.site.column, e.written, str(e.reference)) for e in plan.images] == [(22, IMAGE, IMAGE)]


@pytest.mark.surface("makefile", rewritten="recipes that `define` holds, where they call an engine")
@pytest.mark.parametrize("indent", ["", "  ", "\t"])
def test_recipes_that_define_holds_are_read(indent: str) -> None:
    text = f"define lint\n{indent}docker run --rm {IMAGE} $(1)\nendef\n\na:\n\t$(call lint,x)\n"
    check_rewrites(ALL, text, text.replace(IMAGE, "ghcr.io/acme/web@<digest>"), path="Makefile")


@pytest.mark.parametrize(
    "text",
    [
        f"define text\n  image: {IMAGE}\n  docker-run {IMAGE}\nendef\n",
        f"ENGINE ?= docker\n# docker run {IMAGE}\n",
        f"docker-run: {IMAGE}.tar\n",
    ],
)
def test_other_lines_of_makefiles_are_no_recipes(text: str) -> None:
    assert not check_leaves_alone(ALL, text, path="Makefile").images
