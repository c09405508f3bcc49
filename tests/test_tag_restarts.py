"""Restarts that are to pull a tag anew: remarked on, and never edited."""

from __future__ import annotations

import pytest

from codemod.testing import check_leaves_alone, plan_of
from transforms.tag_restarts import transform

CODE = "restart-for-tag"
RESTART = "kubectl rollout restart deployment/web\n"

SILENT = {
    "a restart alone": RESTART,
    "after a change of configuration": f"kubectl apply -f configmap.yaml\n{RESTART}",
    "after a fixed tag": f"docker push ghcr.io/acme/web:v1\n{RESTART}",
    "after a tag that is computed": f'docker push "ghcr.io/acme/web:$SHA"\n{RESTART}',
    "before the push": f"{RESTART}docker push ghcr.io/acme/web:dev\n",
    "of the cluster's own": "docker push a/web:dev\nkubectl -n kube-system rollout restart deployment/coredns\n",
    "a status": "docker push ghcr.io/acme/web:dev\nkubectl rollout status deployment/web\n",
    "a restart of something else": "docker push ghcr.io/acme/web:dev\nsystemctl restart docker\n",
    "what is said": f"docker push ghcr.io/acme/web:dev\necho '{RESTART.strip()}'\n",
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_what_is_left_without_a_word(text: str) -> None:
    assert not check_leaves_alone(transform, text, path="hack/roll.sh").remarks


REMARKED = {
    "a push": f"docker push ghcr.io/acme/web:dev\n{RESTART}",
    "a pull on the same line": "docker pull ghcr.io/acme/web:dev && kubectl -n web rollout restart deploy web\n",
    "an other name": f"crane tag ghcr.io/acme/web:v1 dev\nsudo {RESTART}",
}


@pytest.mark.surface("shell", reported="restarts after a floating tag is pulled or pushed (`restart-for-tag`)")
@pytest.mark.parametrize("text", REMARKED.values(), ids=REMARKED)
def test_what_is_remarked_on_and_not_edited(text: str) -> None:
    plan = check_leaves_alone(transform, text, path="hack/roll.sh")
    assert [(e.code, e.message) for e in plan.remarks] == [(CODE, "the tag dev is pulled or pushed before")]


def test_a_step_after_the_push_counts() -> None:
    text = (
        "on: push\njobs:\n  cd:\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n"
        f"          push: true\n          tags: ghcr.io/acme/web:main\n      - run: {RESTART}"
    )
    plan = plan_of(transform, {".github/workflows/cd.yml": text.encode()})
    assert [(e.site.line, e.site.surface, e.text) for e in plan.remarks] == [(9, "github-workflow", RESTART.strip())]


def test_recipes_count() -> None:
    text = f"TAG ?= dev\nroll:\n\tdocker push ghcr.io/acme/web:$(TAG)\n\t{RESTART}"
    assert [e.site.line for e in plan_of(transform, {"Makefile": text.encode()}).remarks] == [4]


PAGES = {
    "advice": ("To roll out a new `:dev` build, restart the pods; they fetch it.\n", 1, "dev"),
    "advice with the tag a line above": (
        "1. Wait until CI has moved `ghcr.io/acme/web:main`.\n2. Restart the pods, so that they pull it.\n",
        2,
        "main",
    ),
    "a command below": (
        "Push `acme/web:latest`, then pull it anew:\n\n```sh\n$ kubectl rollout restart deploy/web\n```\n",
        4,
        "latest",
    ),
    "advice and its command, once": (
        "Restart the pods to pull the new `:dev`:\n\n```sh\nkubectl rollout restart deployment/web\n```\n",
        1,
        "dev",
    ),
}


@pytest.mark.surface("docs", reported="advice to restart pods for a floating tag (`restart-for-tag`)")
@pytest.mark.parametrize(("text", "line", "tag"), PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("path", ["docs/rollout.md", "docs/rollout.rst", "docs/rollout.adoc"])
def test_advice_of_a_page_is_remarked_on(text: str, line: int, tag: str, path: str) -> None:
    plan = check_leaves_alone(transform, text, path=path)
    assert [(e.site.line, e.site.surface, e.message) for e in plan.remarks] == [
        (line, "docs", f"the page restarts pods for the tag {tag}")
    ]


SILENT_PAGES = {
    "a restart for another reason": "Restart the pods after a change of the ConfigMap.\n",
    "a fixed tag": "Restart the pods to pull `acme/web:v1`.\n",
    "a branch": "Merge to main, then restart the pods to pull the new image.\n",
    "a tag far away": "Pull `acme/web:dev`.\n" + "More.\n" * 8 + "Restart the pods.\n",
    "a container of an engine": "docker pull acme/web:latest, then restart the container.\n",
    "a time": "At 12:00 restart the pods to pull the new image.\n",
    "an address": "Restart the pods of http://web:8080 to update them.\n",
    "a setting": "Set `env:production` and restart the pods to pull the new settings.\n",
}


@pytest.mark.parametrize("text", SILENT_PAGES.values(), ids=SILENT_PAGES)
def test_pages_that_are_left_without_a_word(text: str) -> None:
    assert not check_leaves_alone(transform, text, path="docs/rollout.md").remarks


@pytest.mark.parametrize("path", ["CHANGELOG.md", "docs/release-notes-1.md", "vendor/a/README.md"])
def test_what_was_once_and_what_others_say_is_no_advice(path: str) -> None:
    text = PAGES["advice"][0].encode()
    assert not plan_of(transform, {path: text}).remarks
    assert len(plan_of(transform, {"README.md": text}).remarks) == 1
