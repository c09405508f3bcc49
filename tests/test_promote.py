"""`unfloat promote FROM TO`: the digests of one environment's releases, put where another's hold theirs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from moving import CHART, NEW, OLD, OTHER, call, texts, values
from proving import Tree, git, write

WEB = {**CHART, "env/dev/web.yaml": values(NEW), "env/staging/web.yaml": values(OLD, "kept")}


def promote(root: Path, *arguments: str) -> tuple[int, dict[str, str]]:
    """The exit code, and what became of the files."""
    before = texts(root)
    result = call("promote", "dev", "staging", str(root), "--offline", "--write", *arguments)
    return result.exit_code, {path: text for path, text in texts(root).items() if before.get(path) != text}


def left(root: Path, *arguments: str) -> list[tuple[str, str]]:
    """What stays, with its code."""
    result = call("promote", "dev", "staging", str(root), "--offline", "--format", "json", *arguments)
    return [(stay["path"], stay["code"]) for stay in json.loads(result.stdout)["left"]]


def test_without_write_the_patch_is_printed_and_nothing_written(tmp_path: Path) -> None:
    root = write(tmp_path, WEB)
    result = call("promote", "dev", "staging", str(root), "--offline")
    assert (result.exit_code, texts(root)) == (0, WEB)
    assert f"-  digest: {OLD} # kept\n+  digest: {NEW} # kept\n" in result.stdout


def test_a_release_gets_the_digest_of_its_twin(tmp_path: Path) -> None:
    root = write(tmp_path, WEB)
    assert promote(root) == (0, {"env/staging/web.yaml": values(NEW, "kept")})
    result = call("promote", "dev", "staging", str(root), "--offline", "--write")
    assert (result.exit_code, result.stderr) == (0, "Nothing to promote: 1 current.\n")


def test_the_other_way_round_is_another_promotion(tmp_path: Path) -> None:
    root = write(tmp_path, WEB)
    assert call("promote", "staging", "dev", str(root), "--offline", "--write").exit_code == 0
    assert (root / "env/dev/web.yaml").read_text() == values(OLD)


def overlay(mark: str, name: str = "ghcr.io/acme/web") -> str:
    return f"images:\n  - name: {name}\n    digest: {mark}\n"


def application(environment: str, cluster: str) -> str:
    """An Application whose name is the same in every environment and cluster."""
    return f"""\
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: web, namespace: argocd-{environment}-{cluster}}}
spec:
  source:
    path: charts/web
    helm: {{valueFiles: [../../env/{environment}/{cluster}.yaml]}}
"""


MOVES: dict[str, tuple[Tree, Tree]] = {
    "kustomizations, by their folders and repositories": (
        {
            "overlays/dev/kustomization.yaml": overlay(NEW),
            "overlays/staging/kustomization.yaml": overlay(OLD),
            "overlays/production/kustomization.yaml": overlay(OLD),
        },
        {"overlays/staging/kustomization.yaml": overlay(NEW)},
    ),
    "each release its own, though the repository is the same": (
        {
            ".unfloat.yaml": (
                "stacks: [{name: '{env}-{name}', environment: '{env}', layers: ['env/{env}/{name}/values.yaml']}]\n"
            ),
            "env/dev/a/values.yaml": f"image: {{repository: r.io/x, digest: '{NEW}'}}\n",
            "env/dev/b/values.yaml": f"image: {{repository: r.io/x, digest: '{OTHER}'}}\n",
            "env/staging/a/values.yaml": f"image: {{repository: r.io/x, digest: '{OLD}'}}\n",
            "env/staging/b/values.yaml": f"image: {{repository: r.io/x, digest: '{OLD}'}}\n",
        },
        {
            "env/staging/a/values.yaml": f"image: {{repository: r.io/x, digest: '{NEW}'}}\n",
            "env/staging/b/values.yaml": f"image: {{repository: r.io/x, digest: '{OTHER}'}}\n",
        },
    ),
    "releases of one name in several clusters, by their files": (
        {
            **{path: text for path, text in CHART.items() if path.startswith("charts/")},
            "argocd/apps.yaml": "".join(application(env, at) for env in ("dev", "staging") for at in ("eu", "us")),
            "env/dev/eu.yaml": values(NEW),
            "env/dev/us.yaml": values(OTHER),
            "env/staging/eu.yaml": values(OLD),
            "env/staging/us.yaml": values(OLD),
        },
        {"env/staging/eu.yaml": values(NEW), "env/staging/us.yaml": values(OTHER)},
    ),
    "components that are named like an environment": (
        {
            "env/dev/dev-portal.yaml": f"image: r.io/portal@{NEW}\n",
            "env/staging/dev-portal.yaml": f"image: r.io/portal@{OLD}\n",
            "env/dev/dev/dev-tools/staging.yaml": f"image: r.io/tools@{OTHER}\n",
            "env/staging/staging/dev-tools/staging.yaml": f"image: r.io/tools@{OLD}\n",
        },
        {
            "env/staging/dev-portal.yaml": f"image: r.io/portal@{NEW}\n",
            "env/staging/staging/dev-tools/staging.yaml": f"image: r.io/tools@{OTHER}\n",
        },
    ),
    "environments whose names are parts of others": (
        {
            "env/dev/a.yaml": f"image: r.io/x@{NEW}\n",
            "env/dev-eu/a.yaml": f"image: r.io/x@{OTHER}\n",
            "env/staging/a.yaml": f"image: r.io/x@{OLD}\n",
            "env/staging-eu/a.yaml": f"image: r.io/x@{OLD}\n",
        },
        {"env/staging/a.yaml": f"image: r.io/x@{NEW}\n"},
    ),
    "a tag beside the digest goes along": (
        {
            "env/dev/pod.yaml": f"spec: {{containers: [{{name: a, image: 'r.io/x:1.1@{NEW}'}}]}}\n",
            "env/staging/pod.yaml": f"spec: {{containers: [{{name: a, image: 'r.io/x:1.0@{OLD}'}}]}}\n",
        },
        {"env/staging/pod.yaml": f"spec: {{containers: [{{name: a, image: 'r.io/x:1.1@{NEW}'}}]}}\n"},
    ),
    "a tag in a map goes along": (
        {
            "env/dev/v.yaml": f"image:\n  repository: r.io/x\n  tag: '1.1'\n  digest: {NEW}\n",
            "env/staging/v.yaml": f"image:\n  repository: r.io/x\n  tag: '1.0'\n  digest: {OLD}\n",
        },
        {"env/staging/v.yaml": f"image:\n  repository: r.io/x\n  tag: '1.1'\n  digest: {NEW}\n"},
    ),
}


@pytest.mark.parametrize(("tree", "changed"), MOVES.values(), ids=MOVES)
def test_digests_are_copied_place_by_place(tree: Tree, changed: Tree, tmp_path: Path) -> None:
    assert promote(write(tmp_path, tree)) == (0, changed)


STAYS: dict[str, tuple[Tree, list[tuple[str, str]]]] = {
    "what only the source has": (
        {**WEB, "env/dev/pod.yaml": f"image: ghcr.io/acme/api@{NEW}\n", "env/staging/web.yaml": values(NEW)},
        [("env/dev/pod.yaml", "no-counterpart")],
    ),
    "what only the target has": (
        {**WEB, "env/staging/pod.yaml": f"image: ghcr.io/acme/api@{NEW}\n", "env/staging/web.yaml": values(NEW)},
        [("env/staging/pod.yaml", "no-counterpart")],
    ),
    "a target whose tag floats": (
        {**WEB, "env/staging/web.yaml": "image:\n  tag: dev\n"},
        [("env/dev/web.yaml", "no-counterpart")],
    ),
    "a digest that both share": (
        {
            **CHART,
            "charts/web/values.yaml": f"image:\n  repository: ghcr.io/acme/web\n  digest: {OLD}\n",
            "env/dev/web.yaml": values(NEW),
            "env/staging/web.yaml": "replicas: 1\n",
            "env/production/web.yaml": "replicas: 1\n",
        },
        [("charts/web/values.yaml", "environment-shared")],
    ),
    "one repository with two digests in a file": (
        {
            "env/dev/a.yaml": f"image: r.io/x@{NEW}\n---\nimage: r.io/x@{OTHER}\n",
            "env/staging/a.yaml": f"image: r.io/x@{OLD}\n",
        },
        [("env/staging/a.yaml", "counterpart-ambiguous")],
    ),
    "a tag that the source does not have": (
        {"env/dev/a.yaml": f"image: r.io/x@{NEW}\n", "env/staging/a.yaml": f"image: r.io/x:1.0@{OLD}\n"},
        [("env/staging/a.yaml", "tag-differs")],
    ),
    "components that only share the name of the other environment": (
        {"env/dev/staging-x.yaml": f"image: r.io/x@{NEW}\n", "env/staging/dev-x.yaml": f"image: r.io/x@{OLD}\n"},
        [("env/dev/staging-x.yaml", "no-counterpart"), ("env/staging/dev-x.yaml", "no-counterpart")],
    ),
    "another repository, which offline nobody can ask": (
        {
            **CHART,
            "env/dev/web.yaml": f"image:\n  digest: {NEW}\n",
            "env/staging/web.yaml": f"image:\n  repository: mirror.acme.test/web\n  digest: {OLD}\n",
        },
        [("env/staging/web.yaml", "digest-unknown")],
    ),
}


@pytest.mark.parametrize(("tree", "expected"), STAYS.values(), ids=STAYS)
def test_what_has_no_certain_counterpart_stays_with_its_reason(
    tree: Tree, expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    root = write(tmp_path, tree)
    assert left(root) == expected
    assert promote(root) == (0, {})


def test_a_digest_that_both_take_from_one_place_is_current(tmp_path: Path) -> None:
    base = {"charts/web/values.yaml": f"image:\n  repository: ghcr.io/acme/web\n  digest: {OLD}\n"}
    empty = {f"env/{name}/web.yaml": "replicas: 1\n" for name in ("dev", "staging")}
    root = write(tmp_path, {**CHART, **base, **empty})
    assert (left(root), promote(root)) == ([], (0, {}))


def test_only_some_releases_or_images_are_promoted(tmp_path: Path) -> None:
    pods = {
        f"env/{name}/pod.yaml": f"image: ghcr.io/acme/api@{mark}\n" for name, mark in (("dev", NEW), ("staging", OLD))
    }
    root = write(tmp_path, {**WEB, **pods})
    assert list(promote(root, "--only", "ghcr.io/acme/a*")[1]) == ["env/staging/pod.yaml"]
    assert list(promote(root, "--only", "*-web")[1]) == ["env/staging/web.yaml"]
    result = call("promote", "dev", "staging", str(root), "--offline", "--only", "nothing")
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_commit_says_from_where_to_where(tmp_path: Path) -> None:
    root = write(tmp_path / "root", WEB)
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "all")
    assert call("promote", "dev", "staging", str(root), "--offline", "--commit").exit_code == 0
    message = git(root, "log", "-1", "--format=%B")
    assert message.startswith("Promote 1 image from dev to staging\n")
    assert OLD in message
    assert NEW in message


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("dev", "dev", "promoted to itself"),
        ("dev", "prod", "no environment 'prod'"),
        ("x", "dev", "no environment 'x'; there are dev, staging"),
        ("dev", "stagging", "no environment 'stagging'; did you mean 'staging'? there are dev, staging"),
    ],
)
def test_environments_that_are_none_are_refused(source: str, target: str, message: str, tmp_path: Path) -> None:
    result = call("promote", source, target, str(write(tmp_path, WEB)), "--offline")
    assert (result.exit_code, result.stdout, message in result.stderr) == (2, "", True)


def test_an_environment_without_a_digest_is_one_all_the_same(tmp_path: Path) -> None:
    root = write(
        tmp_path, {"env/dev/pod.yaml": "image: r.io/x:dev\n", "env/staging/pod.yaml": f"image: r.io/x@{OLD}\n"}
    )
    result = call("promote", "dev", "staging", str(root), "--offline")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "env/staging/pod.yaml:1:15: no-counterpart: dev has no digest at this place\n" in result.stderr
    assert call("update", str(root), "--offline", "--env", "dev").stderr == "Nothing to update: 0 current.\n"
