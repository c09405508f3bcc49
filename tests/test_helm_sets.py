"""Tags that scripts set by `helm --set`, with the image that the chart makes of them."""

from __future__ import annotations

import pytest

from codemod.config import Config
from codemod.exceptions import Exceptions
from codemod.gate import violations
from codemod.registry import load
from codemod.testing import TODAY, plan_of

ALL = load()
CHART = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/values.yaml": "image: {repository: ghcr.io/acme/web, tag: v1}\nside: {image: {repository: a/side}}\n",
    "charts/web/templates/pod.yaml": "kind: Pod\n",
    "env/dev/web.yaml": "image:\n  repository: ghcr.io/acme/dev-web\n",
}


def shown(command: str, path: str = "scripts/up.sh") -> list[tuple[str | None, str | None, str | None]]:
    """Image, release and reason of what the script sets."""
    files = {**CHART, path: f"#!/bin/sh\n{command}\n"}
    plan = plan_of(ALL, {path: text.encode() for path, text in files.items()})
    assert path not in plan.files
    entries = [entry for entry in plan.images if entry.site.path == path]
    return [(str(e.reference) if e.reference else None, e.site.stack, e.reason) for e in entries]


WEB = ("ghcr.io/acme/web:dev", "web", "tag-in-parameter")
DEV = ("ghcr.io/acme/dev-web:dev", "web", "tag-in-parameter")
COMMANDS = {
    "upgrade": ("helm upgrade --install web charts/web --set image.tag=dev", WEB),
    "the option first": ("helm --kube-context x template --set image.tag=dev web charts/web", WEB),
    "one word": ("helm template web charts/web --set=image.tag=dev", WEB),
    "no name": ("helm template charts/web --set-string image.tag=dev", WEB),
    "a path from the script": ("helm template web ../charts/web --set image.tag=dev", WEB),
    "a path behind a variable": ('helm template web "${ROOT}/charts/web" --set image.tag=dev', WEB),
    "sudo": ("sudo helm upgrade web charts/web --wait --set image.tag=dev", WEB),
    "several lines": ("helm upgrade web charts/web \\\n  --timeout 5m \\\n  --set image.tag=dev", WEB),
    "several values": ('helm upgrade web charts/web --set "replicas=1,image.tag=dev"', WEB),
    "a value file": ("helm upgrade web charts/web -f env/dev/web.yaml --set image.tag=dev", DEV),
    "a value file in one word": ("helm upgrade web charts/web --values=env/dev/web.yaml --set image.tag=dev", DEV),
    "a value file that is not there": ("helm upgrade web charts/web -f secret.yaml --set image.tag=dev", WEB),
    "another image": (
        "helm upgrade web charts/web --set side.image.tag=dev",
        ("docker.io/a/side:dev", "web", "tag-in-parameter"),
    ),
    "a chart of somebody else": (
        "helm upgrade web oci://ghcr.io/acme/charts/web --set image.tag=dev",
        (None, None, "tag-in-parameter"),
    ),
    "no repository": ("helm upgrade web charts/web --set other.image.tag=dev", (None, "web", "tag-in-parameter")),
}


@pytest.mark.parametrize("case", COMMANDS)
@pytest.mark.surface("shell", found="`helm --set image.tag=`, with what the chart and the value files make of it")
def test_a_tag_is_shown_with_the_image_that_the_chart_makes_of_it(case: str) -> None:
    command, wanted = COMMANDS[case]
    assert shown(command) == [wanted]


@pytest.mark.parametrize(
    "command",
    [
        "helm upgrade web charts/web --set image.tag=v1.2.3",
        'helm upgrade web charts/web --set image.tag="$TAG"',
        "helm upgrade web charts/web --set branch=dev",
        "echo helm upgrade web charts/web --set image.tag=dev",
        "grep -r -- '--set image.tag=dev' .",
        "# helm upgrade web charts/web --set image.tag=dev",
    ],
)
def test_what_sets_no_floating_tag_is_silent(command: str) -> None:
    assert shown(command) == []


@pytest.mark.surface("shell", reported="tags that `helm --set` sets (`tag-in-parameter`)")
def test_the_gate_flags_it_where_the_image_is_known() -> None:
    script = b"helm upgrade web charts/web --set image.tag=dev\nhelm upgrade x oci://x/y --set image.tag=dev\n"
    plan = plan_of(ALL, {**{path: text.encode() for path, text in CHART.items()}, "up.sh": script})
    found = violations(plan, Config(), Exceptions(Config(), TODAY))
    assert [(one.path, one.line, one.column, one.code) for one in found] == [("up.sh", 1, 45, "UF001")]
    assert [(left.code, left.site.line) for left in plan.left if left.site.path == "up.sh"] == [
        ("tag-in-parameter", 1),
        ("tag-in-parameter", 2),
    ]


PIPELINES = {
    ".github/workflows/cd.yaml": (
        "jobs: {up: {steps: [{run: 'helm upgrade web charts/web -n ${{ inputs.ns }} --set image.tag=dev'}]}}\n",
        "github-workflow",
        1,
        92,
    ),
    ".gitlab-ci.yml": (
        "up:\n  script:\n    - helm upgrade web charts/web --set image.tag=dev\n",
        "gitlab-ci",
        3,
        51,
    ),
    "Makefile": ("up:\n\thelm upgrade web ./charts/web --set image.tag=dev\n", "makefile", 2, 48),
}


@pytest.mark.parametrize("path", PIPELINES)
@pytest.mark.surface("github-workflow", reported="tags that `helm --set` sets in `run` (`tag-in-parameter`)")
@pytest.mark.surface("gitlab-ci", reported="tags that `helm --set` sets in scripts (`tag-in-parameter`)")
@pytest.mark.surface("makefile", reported="tags that `helm --set` sets (`tag-in-parameter`)")
def test_pipelines_and_makefiles_are_read_alike(path: str) -> None:
    text, surface, line, column = PIPELINES[path]
    assert shown(text.removeprefix("#!/bin/sh\n"), path) == [WEB]
    plan = plan_of(ALL, {**{name: data.encode() for name, data in CHART.items()}, path: text.encode()})
    (entry,) = (image for image in plan.images if image.site.path == path)
    assert (entry.site.surface, entry.site.line, entry.site.column) == (surface, line, column)
