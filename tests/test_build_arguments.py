"""Base images that builds are handed as arguments: pinned where a Dockerfile of the tree is built from them."""

from __future__ import annotations

import pytest
from filetrees import check_tree

from codemod.outcome import Plan
from codemod.registry import load
from codemod.testing import plan_of

TRANSFORMS = load()
DOCKERFILE = """\
ARG BASE=scratch
ARG BUILDER_IMAGE
ARG HUB=ghcr.io
ARG LOGGED
FROM --platform=linux/amd64 ${BUILDER_IMAGE} AS build
FROM ${HUB}/acme/other AS other
FROM $LOGGED AS logged
ARG LOGGED
RUN echo ${LOGGED}
FROM "${BASE:-alpine}"
"""

PINNED = {
    "compose, a map": """
# file: compose.yaml
 services:
   web:
     build:
       context: web
       args:
-        BASE: ghcr.io/acme/base:dev # moved
+        BASE: ghcr.io/acme/base@<digest> # moved
-        BUILDER_IMAGE: golang:latest
+        BUILDER_IMAGE: golang@<digest>
""",
    "compose, a list": """
# file: deploy/compose.yaml
 services:
   web:
     build:
       context: ..
       dockerfile: web/Dockerfile
       args:
-        - "BASE=ghcr.io/acme/base:dev"
+        - "BASE=ghcr.io/acme/base@<digest>"
         - VERSION=dev
""",
    "compose, a Dockerfile within": """
# file: compose.yaml
 services:
   web:
     build:
       args:
-        BASE: ghcr.io/acme/base:dev
+        BASE: ghcr.io/acme/base@<digest>
       dockerfile_inline: |
         ARG BASE
         FROM ${BASE}
""",
    "Skaffold": """
# file: deploy/skaffold.yaml
 apiVersion: skaffold/v4beta1
 kind: Config
 build:
   artifacts:
     - image: web
       context: ../web
       docker:
         buildArgs:
-          BASE: ghcr.io/acme/base:dev
+          BASE: ghcr.io/acme/base@<digest>
     - image: api
       context: ..
       kaniko:
         dockerfile: web/Dockerfile
         buildArgs:
-          BASE: 'acme/base:dev'
+          BASE: 'acme/base@<digest>'
""",
    "an action": """
# file: .github/workflows/build.yaml
 jobs:
   build:
     steps:
       - uses: docker/build-push-action@v6
         with:
           context: "{{defaultContext}}:web"
           build-args: |
-            BASE=ghcr.io/acme/base:dev
+            BASE=ghcr.io/acme/base@<digest>
             VERSION=${{ github.sha }}
       - uses: docker/build-push-action@4f58ea79222b3b9dc2c8bbdd6debcef730109a75
         with:
           file: web/Dockerfile
-          build-args: BUILDER_IMAGE=golang:latest
+          build-args: BUILDER_IMAGE=golang@<digest>
""",
    "a script": """
# file: scripts/build.sh
-docker build --build-arg BASE=ghcr.io/acme/base:dev -t web ../web
+docker build --build-arg BASE=ghcr.io/acme/base@<digest> -t web ../web
-docker buildx build --build-arg="BASE=ghcr.io/acme/base:dev" web
+docker buildx build --build-arg="BASE=ghcr.io/acme/base@<digest>" web
-docker build -f "${ROOT}/web/Dockerfile" --build-arg BASE=acme/base:dev "${ROOT}/web/"
+docker build -f "${ROOT}/web/Dockerfile" --build-arg BASE=acme/base@<digest> "${ROOT}/web/"
-podman build --file=web/Dockerfile --build-arg 'BUILDER_IMAGE=golang:latest' .
+podman build --file=web/Dockerfile --build-arg 'BUILDER_IMAGE=golang@<digest>' .
""",
    "a makefile": """
# file: Makefile
 build:
-	docker build -f web/Dockerfile --build-arg BASE=ghcr.io/acme/base:dev .
+	docker build -f web/Dockerfile --build-arg BASE=ghcr.io/acme/base@<digest> .
""",
}
SURFACES = {"compose", "manifest", "github-workflow", "shell", "makefile"}


def check(tree: str) -> Plan:
    context = "".join(f" {line}\n" for line in DOCKERFILE.splitlines())
    return check_tree(TRANSFORMS, f"{tree}# file: web/Dockerfile\n{context}")


@pytest.mark.surface("compose", rewritten="`build.args` that a Dockerfile is built from")
@pytest.mark.surface("github-workflow", rewritten="`build-args` that a Dockerfile is built from")
@pytest.mark.surface("manifest", rewritten="`buildArgs` of Skaffold that a Dockerfile is built from")
@pytest.mark.surface("shell", rewritten="`--build-arg` that a Dockerfile is built from")
@pytest.mark.surface("makefile", rewritten="`--build-arg` that a Dockerfile is built from")
@pytest.mark.parametrize("tree", PINNED.values(), ids=PINNED)
def test_an_argument_that_is_a_base_is_pinned(tree: str) -> None:
    assert {change.site.surface for change in check(tree).changed} <= SURFACES


LEFT = {
    "a part of a name": "HUB=ghcr.io/acme/hub:dev",
    "an argument that a stage takes, too": "LOGGED=ghcr.io/acme/base:dev",
    "an argument of no Dockerfile": "OTHER=ghcr.io/acme/base:dev",
}


@pytest.mark.surface("compose", reported="floating images in `build.args` of unknown use")
@pytest.mark.surface("github-workflow", reported="floating images in `build-args` of unknown use")
@pytest.mark.parametrize("line", LEFT.values(), ids=LEFT)
def test_an_argument_of_another_use_is_reported(line: str) -> None:
    files = {
        "compose.yaml": f"services:\n  web:\n    build:\n      context: web\n      args: [{line}]\n",
        ".github/workflows/b.yaml": (
            "jobs:\n  b:\n    steps:\n      - uses: docker/build-push-action@v6\n"
            f"        with:\n          context: web\n          build-args: {line}\n"
        ),
        "build.sh": f"docker build --build-arg {line} web\n",
        "web/Dockerfile": DOCKERFILE,
    }
    found = plan_of(TRANSFORMS, {path: text.encode() for path, text in files.items()})
    assert not found.files
    said = {(entry.site.path, entry.code) for entry in found.left if entry.site.path != "web/Dockerfile"}
    assert said == {(path, "purpose-unknown") for path in files if path != "web/Dockerfile"}


UNKNOWN = {
    "a context that is a variable": 'docker build --build-arg BASE=ghcr.io/acme/base:dev "$DIR"',
    "a folder of a variable that is not there": 'docker build --build-arg BASE=ghcr.io/acme/base:dev "$DIR/api"',
    "a variable within": 'docker build --build-arg BASE=ghcr.io/acme/base:dev "web/$DIR"',
    "a context that is not there": "docker build --build-arg BASE=ghcr.io/acme/base:dev api",
    "a file of another folder": "docker build --build-arg BASE=ghcr.io/acme/base:dev -f api/Dockerfile web",
}


@pytest.mark.surface("shell", reported="`--build-arg` of a Dockerfile that is not known")
@pytest.mark.parametrize("line", UNKNOWN.values(), ids=UNKNOWN)
def test_an_argument_of_an_unknown_dockerfile_is_reported(line: str) -> None:
    found = plan_of(TRANSFORMS, {"build.sh": f"{line}\n".encode(), "web/Dockerfile": DOCKERFILE.encode()})
    assert not found.files
    codes = {(entry.code, entry.message) for entry in found.left if entry.site.path == "build.sh"}
    assert codes == {("purpose-unknown", "no Dockerfile is known that is built from BASE")}


def test_two_dockerfiles_that_may_be_meant_must_agree() -> None:
    text = b"docker build --build-arg BASE=ghcr.io/acme/base:dev web\n"
    files = {"ci/build.sh": text, "web/Dockerfile": DOCKERFILE.encode(), "ci/web/Dockerfile": b"FROM scratch\n"}
    assert not plan_of(TRANSFORMS, files).files
    assert list(plan_of(TRANSFORMS, {**files, "ci/web/Dockerfile": DOCKERFILE.encode()}).files) == ["ci/build.sh"]


SILENT = {
    "a version": "VERSION=dev",
    "a mode": "BUILD_MODE=env:dev",
    "a pinned base": f"BASE=ghcr.io/acme/base@sha256:{'a' * 64}",
    "a stage": "TARGET=release",
    "a URL": "REPO=https://github.com/acme/web",
    "a repository of Git": "REPO=github.com/acme/web:main",
    "a variable that is handed on": "BASE",
}


@pytest.mark.surface("compose", left="`build.args` that name no image")
@pytest.mark.parametrize("line", SILENT.values(), ids=SILENT)
def test_other_arguments_are_silent(line: str) -> None:
    files = {
        "compose.yaml": f"services:\n  web:\n    build:\n      context: web\n      args: ['{line}']\n",
        ".github/workflows/b.yaml": (
            "jobs:\n  b:\n    steps:\n      - uses: docker/build-push-action@v6\n"
            f"        with:\n          context: web\n          build-args: {line}\n"
        ),
        "build.sh": f"docker build --build-arg {line} web\n",
        "web/Dockerfile": DOCKERFILE,
    }
    found = plan_of(TRANSFORMS, {path: text.encode() for path, text in files.items()})
    assert not found.files
    assert {entry.site.path for entry in found.left} <= {"web/Dockerfile"}


COMPUTED = {
    "a map": "{BASE: 'ghcr.io/acme/base:${TAG}'}",
    "a list": "['BASE=ghcr.io/acme/base:$TAG']",
}


@pytest.mark.parametrize("args", COMPUTED.values(), ids=COMPUTED)
def test_a_base_that_is_computed_is_reported(args: str) -> None:
    text = f"services:\n  web:\n    build:\n      context: web\n      args: {args}\n"
    found = plan_of(TRANSFORMS, {"compose.yaml": text.encode(), "web/Dockerfile": DOCKERFILE.encode()})
    assert [entry.code for entry in found.left if entry.site.path == "compose.yaml"] == ["computed-reference"]


def test_a_computed_argument_of_a_script_is_reported() -> None:
    text = b'docker build --build-arg "BASE=ghcr.io/acme/base:${TAG}" web\n'
    found = plan_of(TRANSFORMS, {"build.sh": text, "web/Dockerfile": DOCKERFILE.encode()})
    assert [entry.code for entry in found.left if entry.site.path == "build.sh"] == ["computed-reference"]


def test_a_base_on_this_machine_is_built_here() -> None:
    text = b"docker build --build-arg BASE=localhost:5000/base:latest api\n"
    found = plan_of(TRANSFORMS, {"build.sh": text, "web/Dockerfile": DOCKERFILE.encode()})
    assert [entry.code for entry in found.left if entry.site.path == "build.sh"] == ["built-here"]


def test_another_action_with_such_an_input_is_left() -> None:
    text = "jobs:\n  b:\n    steps:\n      - uses: acme/test@v1\n        with: {build-args: 'BASE=ghcr.io/a/b:dev'}\n"
    found = plan_of(TRANSFORMS, {".github/workflows/b.yaml": text.encode(), "Dockerfile": DOCKERFILE.encode()})
    assert {entry.site.path for entry in found.left} <= {"Dockerfile"}
