"""Steps that publish images under tags that move: remarked on, and never edited."""

from __future__ import annotations

import pytest

from codemod import registry
from codemod.outcome import Plan
from codemod.testing import check_leaves_alone, plan_of
from transforms.alias_tags import transform

CODE = "alias-published"
WORKFLOW = ".github/workflows/cd.yml"
STEP = "on: push\njobs:\n  publish:\n    steps:\n      - uses: {}\n        with:\n"
BUILD = STEP.format("docker/build-push-action@v6")
META = STEP.format("docker/metadata-action@v5")
PUSHED = "      - uses: docker/build-push-action@v6\n        with:\n          push: true\n"

SILENT = {
    "a comment": "# docker push ghcr.io/acme/web:dev\n",
    "a fixed tag": "docker push ghcr.io/acme/web:v1\n",
    "a tag that is computed": 'docker push "ghcr.io/acme/web:$SHA"\n',
    "a digest": "crane copy ghcr.io/acme/a:dev ghcr.io/acme/web@sha256:" + "0" * 64 + "\n",
    "an image that is only built": "docker build -t ghcr.io/acme/web:dev .\n",
    "a build that only loads": "docker buildx build --load -t ghcr.io/acme/web:dev .\n",
    "a name that nobody pushes": "docker tag web ghcr.io/acme/web:dev\nkind load docker-image ghcr.io/acme/web:dev\n",
    "a name on this machine, beside a push": "docker tag web:1 web:latest\ndocker push ghcr.io/acme/web:v1\n",
    "a registry on this machine": "docker push localhost:5000/web:latest\ndocker push k3d.localhost:5000/web:dev\n",
    "all tags at once": "docker push --all-tags ghcr.io/acme/web\n",
    "what is pulled": "docker pull ghcr.io/acme/web:dev\n",
    "what is copied from": "skopeo copy docker://ghcr.io/acme/web:dev dir:/tmp/web\n",
    "a chart": "helm push web-1.tgz oci://ghcr.io/acme/charts\n",
    "a commit": "git push origin HEAD:main\ngit tag latest\n",
    "a name without a tag that is not whole": 'docker push "$IMAGE"\ndocker push acme/web\n',
    "a variable of two values": "TAG=dev\nTAG=v1\ndocker push ghcr.io/acme/web:$TAG\n",
    "what is said": 'echo "docker push ghcr.io/acme/web:dev"\n',
    "a tool in a container": "docker run ghcr.io/acme/tools:v1 crane tag ghcr.io/acme/web:v1 dev\n",
    "jib without a registry": "mvn jib:dockerBuild -Djib.to.image=acme/web:latest\n",
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_what_is_left_without_a_word(text: str) -> None:
    assert not check_leaves_alone(transform, text, path="hack/publish.sh").remarks


REMARKED = {
    "push": ("docker push ghcr.io/acme/web:dev\n", "dev"),
    "push of no tag": ("podman push ghcr.io/acme/web\n", "latest"),
    "push in the long form": ("docker image push --quiet ghcr.io/acme/web:main\n", "main"),
    "push to a name": ("buildah push web:1 docker://ghcr.io/acme/web:latest\n", "latest"),
    "push with a tool of the user's": ("$DOCKER push ghcr.io/acme/web:dev\n", "dev"),
    "a list of platforms": ("docker manifest push --purge ghcr.io/acme/web:latest\n", "latest"),
    "a build that pushes": ("docker buildx build --push -t ghcr.io/acme/web:main .\n", "main"),
    "a build that exports": ("docker build -o type=registry --tag=ghcr.io/acme/web:dev .\n", "dev"),
    "another name": ("docker buildx imagetools create -t ghcr.io/acme/web:latest ghcr.io/acme/web:$SHA\n", "latest"),
    "a name, and a push of all": (
        "docker tag web ghcr.io/acme/web:latest\ndocker push -a ghcr.io/acme/web\n",
        "latest",
    ),
    "crane tag": ('crane tag "ghcr.io/acme/web:$SHA" main\n', "main"),
    "crane copy": ("crane cp ghcr.io/acme/web:v1 ghcr.io/acme/web:latest\n", "latest"),
    "skopeo": ("skopeo copy --all docker://a/b:1 docker://ghcr.io/acme/web:dev\n", "dev"),
    "oras tag": ("oras tag ghcr.io/acme/web:v1 v1.2 latest\n", "latest"),
    "oras push": ("oras push ghcr.io/acme/web:latest web.tgz\n", "latest"),
    "oras copy": ("oras cp ghcr.io/acme/web:v1 ghcr.io/acme/web:main\n", "main"),
    "regctl": ("regctl image copy ghcr.io/acme/web:v1 ghcr.io/acme/web:edge\n", "edge"),
    "ko": ("ko build --bare --tags v1,latest ./cmd/web\n", "latest"),
    "kaniko": ("/kaniko/executor --context . --destination ghcr.io/acme/web:dev\n", "dev"),
    "jib": ("./mvnw compile jib:build -Djib.to.image=ghcr.io/acme/web:latest\n", "latest"),
    "tags of jib": ("./gradlew jib -Djib.to.tags=v1,dev\n", "dev"),
    "pack": ("pack build ghcr.io/acme/web:main --publish\n", "main"),
    "Google's builder": ("gcloud builds submit --tag gcr.io/acme/web:latest\n", "latest"),
    "Google's tags": ("gcloud artifacts docker tags add gcr.io/acme/web:v1 gcr.io/acme/web:latest\n", "latest"),
    "Azure's builder": ("az acr build --registry acme --image acme/web:dev .\n", "dev"),
    "a plain variable": ('IMAGE=ghcr.io/acme/web:dev\ndocker push "$IMAGE"\n', "dev, which a variable holds"),
    "a default": ("docker push ghcr.io/acme/web:${TAG:-latest}\n", "latest"),
    "a default of a variable": (
        'TAG="${1:-dev}"\ndocker push "ghcr.io/acme/web:${TAG}"\n',
        "dev, which a variable holds",
    ),
    "a loop": ("for t in v1 main; do docker push ghcr.io/acme/web:$t; done\n", "main, which a variable holds"),
    "a registry that nobody knows": ('docker push "$REGISTRY/web:latest"\n', "latest"),
}


@pytest.mark.surface(
    "shell", reported="tags that `docker push`, `crane`, `skopeo`, `ko` and others move (`alias-published`)"
)
@pytest.mark.parametrize(("text", "tag"), REMARKED.values(), ids=REMARKED)
def test_what_is_remarked_on_and_not_edited(text: str, tag: str) -> None:
    assert messages(check_leaves_alone(transform, text, path="hack/publish.sh")) == [f"moves the tag {tag}"]


def messages(plan: Plan) -> list[str]:
    assert {entry.code for entry in plan.remarks} <= {CODE}
    return [entry.message for entry in plan.remarks]


def test_an_image_is_named_as_such() -> None:
    plan = plan_of(transform, {"a.sh": b"docker push acme/web:dev\ndocker push $REGISTRY/web:dev\n"})
    assert [(e.site.line, e.site.column, e.text, e.image) for e in plan.remarks] == [
        (1, 13, "acme/web:dev", "docker.io/acme/web:dev"),
        (2, 13, "$REGISTRY/web:dev", None),
    ]


def test_a_name_that_is_pushed_later_is_listed_once() -> None:
    text = "docker tag web ghcr.io/acme/web:dev\ndocker push ghcr.io/acme/web:dev\n"
    assert [entry.site.line for entry in plan_of(transform, {"a.sh": text.encode()}).remarks] == [2]


def test_a_makefile_gives_its_recipes_their_variables() -> None:
    text = "TAG ?= dev\nIMG ?= ghcr.io/acme/web:$(TAG)\npush:\n\tdocker push $(IMG)\n\tdocker push $(OTHER):$(SHA)\n"
    plan = check_leaves_alone(transform, text, path="Makefile")
    assert [(entry.site.line, entry.text, entry.message) for entry in plan.remarks] == [
        (4, "$(IMG)", "moves the tag dev, which a variable holds")
    ]


SILENT_STEPS = {
    "fixed tags": BUILD + "          push: true\n          tags: ghcr.io/acme/web:v1\n",
    "an expression": BUILD + "          push: true\n          tags: ${{ steps.meta.outputs.tags }}\n",
    "no push": BUILD + "          push: false\n          tags: ghcr.io/acme/web:dev\n",
    "no word of a push": BUILD + "          load: true\n          tags: ghcr.io/acme/web:dev\n",
    "another action": STEP.format("acme/notes@v1") + "          push: true\n          tags: acme/web:dev\n",
    "rules without a push": META + "          tags: type=raw,value=dev\n",
    "rules of versions": META
    + "          tags: |\n            type=semver,pattern={{version}}\n            type=sha\n"
    + PUSHED,
    "a rule that is off": META + "          tags: |\n            type=raw,value=dev,enable=false\n" + PUSHED,
    "a dated schedule": META + "          tags: type=schedule,pattern={{date 'YYYYMMDD'}}\n" + PUSHED,
    "a flavor that keeps latest off": META + "          flavor: latest=false\n" + PUSHED,
}


@pytest.mark.parametrize("text", SILENT_STEPS.values(), ids=SILENT_STEPS)
def test_steps_that_are_left_without_a_word(text: str) -> None:
    assert not check_leaves_alone(transform, text, path=WORKFLOW).remarks


STEPS = {
    "a tag": (BUILD + "          push: true\n          tags: ghcr.io/acme/web:dev\n", ["dev"]),
    "a list": (
        BUILD + "          push: true\n          tags: |\n            acme/web:v1\n            acme/web:main\n",
        ["main"],
    ),
    "by commas": (BUILD + "          push: true\n          tags: acme/web:dev,acme/web:latest\n", ["dev", "latest"]),
    "a condition": (BUILD + "          push: ${{ github.ref != '' }}\n          tags: acme/web:dev\n", ["dev"]),
    "an expression for the name": (
        BUILD + "          push: true\n          tags: ghcr.io/${{ github.repository }}:latest\n",
        ["latest"],
    ),
    "an output": (BUILD + "          outputs: type=image,push=true\n          tags: acme/web:dev\n", ["dev"]),
    "an action that always pushes": (
        STEP.format("redhat-actions/push-to-registry@v2") + "          image: web\n          tags: v1 latest\n",
        ["latest"],
    ),
    "rules": (
        META
        + "          tags: |\n            type=sha\n            type=raw,value=dev\n"
        + "            type=ref,event=branch\n"
        + "            type=edge\n            type=schedule\n            latest\n"
        + "            type=raw,value={{branch}}\n"
        + PUSHED,
        ["dev", "of the branch", "edge", "nightly", "latest", "of the branch"],
    ),
    "a flavor": (META + "          flavor: |\n            latest=true\n" + PUSHED, ["latest"]),
}


@pytest.mark.surface("github-workflow", reported="tags that steps move, by `run` and by actions (`alias-published`)")
@pytest.mark.parametrize(("text", "tags"), STEPS.values(), ids=STEPS)
def test_steps_that_move_tags(text: str, tags: list[str]) -> None:
    found = messages(check_leaves_alone(transform, text, path=WORKFLOW))
    assert found == [f"moves the tag {tag}" for tag in tags]


def test_each_rule_has_its_own_place() -> None:
    plan = plan_of(
        transform,
        {WORKFLOW: (META + "          tags: |\n            type=sha\n            type=edge\n" + PUSHED).encode()},
    )
    assert [(e.site.line, e.site.column, e.text, e.image) for e in plan.remarks] == [(9, 13, "type=edge", None)]


def test_a_job_of_gitlab_and_a_step_of_github_are_scripts() -> None:
    gitlab = "publish:\n  script:\n    - docker push $CI_REGISTRY_IMAGE:latest\n"
    github = "on: push\njobs:\n  a:\n    steps:\n      - run: docker push ghcr.io/${{ github.repository }}:dev\n"
    plan = plan_of(transform, {".gitlab-ci.yml": gitlab.encode(), WORKFLOW: github.encode()})
    assert [(e.site.surface, e.text) for e in plan.remarks] == [
        ("github-workflow", "ghcr.io/${{ github.repository }}:dev"),
        ("gitlab-ci", "$CI_REGISTRY_IMAGE:latest"),
    ]


def test_the_same_inputs_elsewhere_are_no_steps() -> None:
    text = STEPS["a tag"][0]
    assert not plan_of(transform, {"values.yaml": text.encode(), "vendor/" + WORKFLOW: text.encode()}).remarks


def test_beside_all_other_transforms_nothing_of_it_is_edited() -> None:
    text = b"docker build -t ghcr.io/acme/web:dev .\ndocker push ghcr.io/acme/web:dev\n"
    plan = plan_of(registry.load(), {"publish.sh": text})
    assert not plan.files
    assert [entry.code for entry in plan.remarks] == [CODE]
