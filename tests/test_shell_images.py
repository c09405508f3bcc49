"""Image references in shell scripts: what is pinned, what is reported and as what, what stays silent."""

from __future__ import annotations

import subprocess

import pytest

from codemod.testing import check_leaves_alone, check_rewrites, plan_of
from transforms.embedded_yaml import transform as embedded_yaml
from transforms.image_references import transform as image_references
from transforms.pull_policies import transform as pull_policies
from transforms.shell_images import transform

ALL = [transform, embedded_yaml, image_references, pull_policies]
PATH = "hack/run.sh"

REWRITES = {
    "a value": "IMAGE=web:dev",
    "a value in double quotes": 'IMAGE="web:dev" # web:dev is the trunk',
    "a value in single quotes": "export IMAGE='acme/web:dev'",
    "a read-only value": "readonly IMAGE=web:dev",
    "a local value": "f() {\n  local image=web:dev\n}",
    "a default": 'IMAGE="${IMAGE:-ghcr.io/acme/web:dev}"',
    "a default without quotes": "IMAGE=${IMAGE:-web:dev}",
    "a default in quotes of its own": 'x=${IMAGE:-"web:dev"}',
    "a default of an argument": 'image="${1:-web:dev}"',
    "a default that is assigned": ': "${IMAGE:=web:dev}"',
    "a variable of one command": "IMAGE=web:dev make deploy",
    "elements of an array": 'images=(web:dev\n  "acme/api:dev" # c\n)',
    "words of a loop": "for image in web:dev acme/api:dev; do docker pull $image; done",
    "docker run": 'docker run --rm -it -v "$PWD:/src" -e A=b:dev --name x web:dev sh -c "echo a:b"',
    "docker run over lines": "docker run \\\n  --network=host \\\n  -p 80:80 \\\n  web:dev \\\n  a:b",
    "podman by sudo": "sudo podman pull web:dev",
    "docker create in a substitution": 'id=$(docker create "web:dev")',
    "an engine in a variable": '"${DOCKER}" run --rm web:dev',
    "kubectl run": "kubectl run x --restart=Never --image=web:dev -- a:b",
    "an option apart": "kubectl create deployment x --image web:dev",
    "kubectl set image": 'kubectl set image deploy/x c=web:dev "d=acme/api:dev"',
    "an option of another program": "kind create cluster --image kindest/node:dev",
    "a whole reference for Helm": "helm upgrade x y --set image=ghcr.io/a/b:dev,replicas=1",
    "a comparison": 'if [[ "$IMAGE" == "web:dev" ]]; then :; fi',
    "a known variable": 'REPO=ghcr.io/acme\nIMAGE="${REPO}/web:dev"',
    "a heredoc": "kubectl apply -f - <<EOF\nkind: Pod\nimage: web:dev # $NAME\nEOF",
    "a heredoc with a quoted end": "cat > x.yaml <<'EOF'\nimage: web:dev\nname: ${NAME}\nEOF",
    "a heredoc behind tabs": "f() {\n\tkubectl apply -f - <<-EOF\n\tkind: Pod\n\timage: web:dev\n\tEOF\n}",
    "a default in a heredoc": "cat <<EOF\nkind: Pod\nname: ${IMAGE:-web:dev}\nEOF",
    "a heredoc with a pipe": "cat <<EOF | kubectl apply -f -\nkind: Pod\nname: ${NAME}\nimage: web:dev\nEOF\necho done",
    "a quoted manifest": "kubectl apply -f - <<< 'kind: Pod\nimage: web:dev\n'",
    "an expanded manifest": 'MANIFEST="kind: Pod\nname: \\"${NAME}\\"\nimage: web:dev\n"',
}


def is_a_script(text: str) -> bool:
    return subprocess.run(["bash", "-n"], input=text.encode(), capture_output=True, check=False).returncode == 0


def pinned(text: str) -> str:
    done = text.replace("web:dev #", "web:dev#").replace("web:dev is", "web;dev is").replace("A=b:dev", "A=b;dev")
    done = done.replace(":dev", "@<digest>").replace("dev#", "dev #").replace("@<digest>#", "@<digest> #")
    return done.replace(";dev", ":dev")


@pytest.mark.parametrize("text", REWRITES.values(), ids=REWRITES)
@pytest.mark.surface(
    "shell", rewritten="variables and defaults, what engines run and pull, `kubectl set image`, here-documents"
)
def test_pins(text: str) -> None:
    after = pinned(text)
    check_rewrites(ALL, f"#!/bin/bash\n{text}\n", f"#!/bin/bash\n{after}\n", path=PATH)
    assert is_a_script(text)
    assert is_a_script(after.replace("<digest>", "sha256:" + "a" * 64))


SILENT = {
    "a comment": "# docker run ghcr.io/acme/web:dev",
    "what is echoed": 'echo "image: ghcr.io/acme/web:dev"',
    "what is printed": "printf '%s\\n' ghcr.io/acme/web:dev",
    "what is logged": "log_info ghcr.io/acme/web:dev",
    "a pattern": "grep -q 'image: web:dev' x",
    "a volume": 'docker run -v /a/image:/b:ro "$IMAGE"',
    "ports": 'docker run -p 8080:80 "$IMAGE"',
    "an argument of the container": 'docker run "$IMAGE" web:dev',
    "a copy from a container": "docker cp image/x:dev .",
    "a refspec": "git push origin feature/image:main",
    "a copy to another machine": "scp image.tar build/host:dev",
    "a pair": "MODE=env:dev",
    "a path": 'export PATH="/opt/image/bin:$PATH"',
    "a URL": "IMAGE_URL=https://ghcr.io/acme/web:dev",
    "an address": "IMAGE_HOST=localhost:5000",
    "an untagged name": "IMAGE=ghcr.io/acme/web",
    "a substring": 'X="${IMAGE:0:3}" Y="${IMAGE##*:}"',
    "a branch": "BRANCH=main # of the image",
    "a tag of Git": "GIT_TAG=main # image",
    "a tag that is computed": 'IMAGE_TAG="$(git rev-parse HEAD)"',
    "a time": "IMAGE_TIME=12:30",
    "a heredoc of prose": "cat <<EOF\nUse the image\nweb:dev\nEOF",
    "a variable of the shell": 'x="$image:$y"; y=1'.replace("$image", "$a"),
    "a label": 'docker run --label image=web:dev "$IMAGE"',
    "a name alone for an unknown command": "deploy image web:dev",
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
@pytest.mark.surface("shell", left="comments, what is echoed or searched for, volumes, ports")
def test_leaves_alone(text: str) -> None:
    check_leaves_alone(ALL, f"#!/bin/bash\n{text}\n", path=PATH)


LEFT = {
    "a tag behind a variable": ('IMAGE="${REPO}:dev"', "computed-reference"),
    "a variable in a name": ('docker run "ghcr.io/acme/${NAME}:dev"', "computed-reference"),
    "a variable as the tag": ('kubectl run x --image="ghcr.io/acme/web:${TAG}"', "computed-reference"),
    "variables only": ('IMAGE="${REPO}:${TAG}"', "computed-reference"),
    "a default of variables": ('IMAGE="${IMAGE:-${REPO}:dev}"', "computed-reference"),
    "a tag": ("TAG=dev # of the image", "computed-reference"),
    "a default tag": ('IMAGE_TAG="${IMAGE_TAG:-latest}"', "computed-reference"),
    "a tag for Helm": ("helm template x y --set image.tag=dev", "tag-in-parameter"),
    "a tag among others for Helm": ('helm upgrade x y --set-string "a=b,web.imageTag=dev"', "tag-in-parameter"),
    "a hole in a heredoc": ("cat <<EOF\nkind: Pod\nimage: ${REPO}:dev\nEOF", "computed-reference"),
    "what is built": ("docker build -t ghcr.io/acme/web:dev .", "built-here"),
    "what is pushed": ("docker push acme/web:dev", "built-here"),
    "what is tagged": ("docker tag x ghcr.io/acme/web:dev", "built-here"),
    "what is loaded": ("kind load docker-image acme/web:dev", "built-here"),
    "a variable that is built": ('IMAGE=acme/web:dev\ndocker build \\\n  -t "${IMAGE}" .', "built-here"),
    "a variable that is pushed": ("IMAGE=${IMAGE:-acme/web:dev}\ndocker push $IMAGE", "built-here"),
    "what is pulled, and saved by its name": ("docker pull a/b:dev\ndocker save a/b:dev | x", "built-here"),
    "what kind builds": (
        "kind build node-image .\nkind create cluster --image=kindest/node:latest",
        "built-here",
    ),
    "a digest that is asked for": ("crane digest ghcr.io/acme/web:dev", "purpose-unknown"),
    "a known variable for an unknown command": (
        "REPO=ghcr.io/acme/web # image\ncrane digest $REPO:dev",
        "purpose-unknown",
    ),
    "an unknown command": ("./deploy.sh ghcr.io/acme/web:dev", "purpose-unknown"),
    "a variable that is set twice": ('REPO=a.io/b\nREPO=c.io/d\nIMAGE="$REPO:dev"', "computed-reference"),
}


@pytest.mark.parametrize(("text", "code"), LEFT.values(), ids=LEFT)
@pytest.mark.surface("shell", reported="computed names, what is built or pushed")
def test_reports(text: str, code: str) -> None:
    check_leaves_alone(ALL, f"#!/bin/bash\n{text}\n", path=PATH, code=code)


@pytest.mark.surface("shell", found="words of commands and assignments, also what is built")
def test_what_is_built_is_an_image_of_the_inventory() -> None:
    plan = plan_of(transform, {PATH: b"docker build -t ghcr.io/acme/web:dev .\n"})
    assert [(str(entry.reference), entry.reason) for entry in plan.images] == [("ghcr.io/acme/web:dev", "built-here")]


BROKEN = """\
cat <<END >>"$FILE"
  sidecars:
  - image: ghcr.io/acme/web:dev # moved
    env:
      - value: |
$(cat fixtures.yaml)
  - image: "acme/api:dev"
  - image: acme/untagged
    # image: ghcr.io/acme/comment:dev
    message: "image: ghcr.io/acme/said:dev"
END
"""


def test_lines_of_a_manifest_with_holes_are_pinned() -> None:
    after = BROKEN.replace("acme/web:dev", "acme/web@<digest>").replace("acme/api:dev", "acme/api@<digest>")
    check_rewrites(ALL, BROKEN, after, path="deploy.sh")


def test_lines_of_a_text_that_is_no_manifest_stay() -> None:
    check_leaves_alone(ALL, "cat <<END\nThe image: ghcr.io/acme/web:dev\n$(cat a)\nEND\n", path="deploy.sh")
