"""Scripts that expect, look for or write floating tags: remarked on, and never edited."""

from __future__ import annotations

import pytest

from codemod import registry
from codemod.config import Config
from codemod.outcome import Plan
from codemod.testing import check_leaves_alone, plan_of
from transforms.tag_assumptions import transform

CODE = "tag-assumed"
RUN = "on: push\njobs:\n  check:\n    steps:\n      - uses: actions/checkout@v4\n      - run: |\n          {}\n"

SILENT = {
    "a comment": "# grep ':dev' rendered.yaml\n",
    "a fixed tag": "grep -q 'image: ghcr.io/acme/web:v1.2' rendered.yaml\n",
    "a digest": "grep -q 'image: .*@sha256:' rendered.yaml\n",
    "a branch": "git branch -vv | grep ': main'\ngrep 'branch:main' image.yaml\ngrep 'refs/heads:main' image.yaml\n",
    "a label": "kubectl get pods --show-labels | grep 'env:dev'\n",
    "a target of Bazel": "bazel query image | grep '//cmd/image:main'\n",
    "a tag of npm": "npm view acme dist-tags | grep 'tag: latest'\n",
    "a word that only begins like it": "grep 'image: acme/web:development-kit' rendered.yaml\n",
    "a colon before a word of its own": "grep ': latest' CHANGELOG.md\n",
    "what nothing says is an image": "grep -q 'stage:dev' config.txt\n",
    "a version, which is no tag of an image": '[ "$VERSION" = latest ] && VERSION=1\n',
    "an environment": 'if [[ "$ENVIRONMENT" == dev ]]; then echo image; fi\n',
    "a model, where no script speaks of images": '[[ "$arg" == *:latest ]] && model="$arg"\n',
    "an image compared with another": '[[ "$image" == "$other" ]]\n',
    "another case": 'case "$1" in dev|main) echo "image: $1" ;; esac\n',
    "a replaced version": "sed -i 's/version: dev/version: 1/' image.yaml\n",
    "images on this machine": "docker images --format '{{.Repository}}:{{.Tag}}' | grep ':dev' | xargs docker rmi\n",
    "a mode": "yq '.image.mode = \"dev\"' values.yaml\n",
    "a literal tag of Helm": "helm template web chart --set image.tag=dev\n",
    "a loop that sets no tag": 'for env in dev main; do helm template web --set image.env="$env"; done\n',
    "a broken command": "grep ':dev' \"image\n",
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_what_is_left_without_a_word(text: str) -> None:
    assert not check_leaves_alone(transform, text, path="hack/check.sh").remarks


REMARKED = {
    "grep for a tag of an image": ("grep -q 'image: ghcr.io/acme/web:dev' out.yaml\n", "grep looks for the tag dev"),
    "a choice of tags": ("grep -E 'image:.*:(latest|main)$' out.yaml\n", "grep looks for the tag latest"),
    "a choice that spares the first": ("grep -E 'image:.*:(v1|main)$' out.yaml\n", "grep looks for the tag main"),
    "the tag alone, in a pipeline": ("helm template web | grep ':dev'\n", "grep looks for the tag dev"),
    "a here-string": ('grep -q ":latest" <<< "$image"\n', "grep looks for the tag latest"),
    "a key": (r"rg -n 'tag:\s*(dev|main|latest)\b' values" + "\n", "rg looks for the tag dev"),
    "a quoted key": ('grep -q "tag: \\"main\\"" values.yaml\n', "grep looks for the tag main"),
    "a variable that is known": ('T=dev\ngrep "acme/web:${T}" out.yaml\n', "grep looks for the tag dev"),
    "a default": ('grep "acme/web:${TAG:-latest}" out.yaml\n', "grep looks for the tag latest"),
    "the words of a loop": (
        'for env in dev staging; do\n  helm template web | grep "acme/web:${env}"\ndone\n',
        "grep looks for the tag dev",
    ),
    "sed": ("sed -i 's|acme/web:latest|acme/web:1|' deployment.yaml\n", "sed finds or writes the tag latest"),
    "sed of the tag alone": ('sed -i "s/:latest/:$SHA/" image.yaml\n', "sed finds or writes the tag latest"),
    "yq that asks": ("yq -e '.image.tag == \"dev\"' values.yaml\n", "yq asks for or sets the tag dev"),
    "yq that sets": ("yq -i '.web.image.tag = \"main\"' values.yaml\n", "yq asks for or sets the tag main"),
    "a pattern of bash": ('[[ "$image" == *:dev ]] && exit 1\n', "compares with the tag dev"),
    "a regular expression of bash": ("[[ $IMAGE =~ :(dev|main)$ ]] && exit 1\n", "compares with the tag dev"),
    "any variable, where a script speaks of images": (
        'for c in $images; do [[ "$c" == *:latest ]] && exit 1; done\n',
        "compares with the tag latest",
    ),
    "a tag": ('if [ "$IMAGE_TAG" = "latest" ]; then exit 1; fi\n', "compares with the tag latest"),
    "test": ("test $IMAGE_TAG = main && exit 1\n", "compares with the tag main"),
    "a case": ('case "$image" in\n  *:latest) exit 1 ;;\nesac\n', "compares with the tag latest"),
    "a loop over tags for Helm": (
        'for env in dev staging; do helm template web --set "image.tag=${env}"; done\n',
        "a loop sets the tag dev",
    ),
    "the same behind a blank": (
        "for tag in main v1; do helm upgrade web chart --set image.tag=$tag; done\n",
        "a loop sets the tag main",
    ),
}


@pytest.mark.surface(
    "shell", reported="floating tags that `grep`, `sed`, `yq`, `case` and tests expect (`tag-assumed`)"
)
@pytest.mark.parametrize(("text", "message"), REMARKED.values(), ids=REMARKED)
def test_what_is_remarked_on_and_not_edited(text: str, message: str) -> None:
    assert messages(check_leaves_alone(transform, text, path="hack/check.sh")) == [message]


def messages(plan: Plan) -> list[str]:
    assert {entry.code for entry in plan.remarks} <= {CODE}
    return [entry.message for entry in plan.remarks]


@pytest.mark.surface("github-workflow", reported="floating tags that `run` expects (`tag-assumed`)")
def test_the_steps_of_a_workflow_are_scripts() -> None:
    text = RUN.format("helm template ${{ matrix.chart }} | grep ':dev'")
    plan = check_leaves_alone(transform, text, path=".github/workflows/ci.yml")
    assert [(entry.site.line, entry.site.column, entry.site.surface, entry.text) for entry in plan.remarks] == [
        (7, 52, "github-workflow", "':dev'")
    ]


def test_an_expression_of_the_pipeline_is_shown_as_it_is_written() -> None:
    text = RUN.format('grep "acme/${{ matrix.image }}:dev" out.yaml')
    plan = check_leaves_alone(transform, text, path=".github/workflows/ci.yml")
    assert [entry.text for entry in plan.remarks] == ['"acme/${{ matrix.image }}:dev"']


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".gitlab-ci.yml", "check:\n  script:\n    - helm template web | grep ':dev'\n"),
        (
            ".circleci/config.yml",
            "jobs:\n  a:\n    steps:\n      - run:\n          command: helm template web | grep ':dev'\n",
        ),
        ("Makefile", "check:\n\thelm template web | grep ':dev'\n"),
        ("Makefile", "T := dev\ncheck:\n\tgrep 'acme/web:$(T)' out.yaml\n"),
    ],
)
def test_so_are_other_pipelines_and_recipes(path: str, text: str) -> None:
    assert messages(check_leaves_alone(transform, text, path=path)) == ["grep looks for the tag dev"]


def test_yaml_that_is_no_pipeline_runs_nothing() -> None:
    assert not check_leaves_alone(transform, RUN.format("grep ':dev' image.yaml"), path="values.yaml").remarks


def test_tags_of_the_users_own_count() -> None:
    config = Config(floating_tags=("preview",))
    text = "grep -q 'image: acme/web:preview' out.yaml\n"
    assert len(check_leaves_alone(transform, text, path="a.sh", config=config).remarks) == 1
    assert not check_leaves_alone(transform, text, path="a.sh").remarks


def test_vendored_scripts_are_for_others_to_mend() -> None:
    text = b"grep -q 'image: acme/web:dev' out.yaml\n"
    assert not plan_of(transform, {"vendor/check.sh": text, "testdata/check.sh": text}).remarks
    assert len(plan_of(transform, {"check.sh": text}).remarks) == 1


def test_what_a_script_looks_for_stays_unedited_beside_all_other_transforms() -> None:
    text = b"docker run ghcr.io/acme/web:dev\ngrep -q 'image: ghcr.io/acme/web:dev' out.yaml\n"
    plan = plan_of(registry.load(), {"check.sh": text})
    assert b"grep -q 'image: ghcr.io/acme/web:dev' out.yaml" in plan.files["check.sh"][1]
    assert [entry.code for entry in plan.remarks] == [CODE]
