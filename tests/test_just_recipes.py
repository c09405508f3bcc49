"""The recipes of justfiles are shell scripts, and their variables name images."""

from __future__ import annotations

import pytest

from codemod.registry import load
from codemod.testing import check_leaves_alone, check_rewrites

ALL = load()
PATH = ".justfile"
REWRITTEN = {
    "a recipe": "lint:\n    docker run --rm {} /src\n",
    "a quiet one with parameters": "@lint path='.' *args: deps (build 'x')\n\t@docker run {} {{{{ path }}}}",
    "several lines": "lint:\n  docker run --rm \\\n      -v {{{{ justfile_directory() / 'a:b' }}}}:/src \\\n      {}\n",
    "an option": "browse claim:\n    kubectl run x-{{{{ claim }}}} --image={} --overrides='{{\"a\":1}}'\n",
    "a script of its own": "up:\n    #!/usr/bin/env bash\n    set -eu\n    docker pull {}\n",
    "a second recipe": "[doc('First')]\na:\n    echo a\n\n# second\nb: a\n\n    docker pull {}\n",
    "a shell that is named": "set shell := ['bash', '-euc']\nup:\n    docker run {}\n",
    "a variable that is run": 'export lint_image := "{}"\nlint:\n    docker run {{{{ lint_image }}}} /src\n',
    "a default that is pulled": "image := env('LINT_IMAGE', '{}') # moves\nlint:\n    docker pull {{{{image}}}}\n",
    "an exception of braces": "up:\n    docker run {} --format '{{{{{{{{ .Names }}'\n",
}
SILENT = {
    "what is echoed": "up:\n    echo ghcr.io/acme/web:dev\n",
    "a comment": "up:\n    # docker run ghcr.io/acme/web:dev\n",
    "a comment of just": "# up: docker run ghcr.io/acme/web:dev\n",
    "another language": "up:\n    #!/usr/bin/env python3\n    x = 'docker run ghcr.io/acme/web:dev'\n",
    "another shell": "set shell := ['nu', '-c']\nup:\n    docker run ghcr.io/acme/web:dev\n",
    "a text of several lines": "help := '''\n    docker run ghcr.io/acme/web:dev\n'''\n",
    "a variable that names no image": "branch := 'acme/web:dev'\nup:\n    echo {{ branch }}\n",
    "an address": "url := 'https://example.com/a:b'\nup: web\n",
    "a list of images that is no shell": "set unstable\nalias i := image\n  docker run ghcr.io/acme/web:dev\n",
}
REPORTED = {
    "what is built": ("up:\n    docker build -t ghcr.io/acme/web:dev .\n", "built-here"),
    "what just fills in": ("up:\n    docker run ghcr.io/acme/{{ name }}:dev\n", "computed-reference"),
    "what the shell fills in": ("up:\n    docker run ghcr.io/acme/$NAME:dev\n", "computed-reference"),
    "a tag for Helm": ("up:\n    helm upgrade web oci://x/y --set image.tag=dev\n", "tag-in-parameter"),
    "a variable that is pushed": ("image := 'acme/web:dev'\nup:\n    docker push {{ image }}\n", "built-here"),
    "a variable of unknown use": ("image := 'acme/web:dev'\nup:\n    ./up {{ image }}\n", "purpose-unknown"),
}


@pytest.mark.parametrize("case", SILENT)
@pytest.mark.surface("justfile", left="comments, what is echoed, recipes in other languages")
def test_what_names_no_image_that_is_run_is_silent(case: str) -> None:
    check_leaves_alone(ALL, SILENT[case], path=PATH)


@pytest.mark.parametrize("case", REWRITTEN)
@pytest.mark.surface("justfile", found="recipes, and variables whose names say image")
@pytest.mark.surface("justfile", rewritten="what recipes run and pull, variables included")
def test_what_a_recipe_runs_is_pinned(case: str) -> None:
    texts = [REWRITTEN[case].format(image) for image in ("ghcr.io/acme/lint:main", "ghcr.io/acme/lint@<digest>")]
    check_rewrites(ALL, *texts, path=PATH)


@pytest.mark.parametrize("case", REPORTED)
@pytest.mark.surface("justfile", reported="what is built, names that are put together, tags for Helm")
def test_what_cannot_be_pinned_is_reported(case: str) -> None:
    text, code = REPORTED[case]
    check_leaves_alone(ALL, text, path=PATH, code=code)


@pytest.mark.parametrize("path", ["justfile", "Justfile", "kubernetes/mod.just", ".justfile"])
def test_justfiles_are_known_by_their_names(path: str) -> None:
    text = "up:\n    docker run ghcr.io/acme/lint:main\n"
    check_rewrites(ALL, text, text.replace(":main", "@<digest>"), path=path)
