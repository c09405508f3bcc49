"""`unfloat emit kargo`: what is left out first, then the manifests, and what Kargo makes of the files with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from emitting import emit, of_kind, promote, schemas, steps
from jsonschema import Draft202012Validator
from moving import CHART, NEW, OLD, OTHER, call, lock, locked, texts, values
from proving import Tree, git, write

LOCK = {"unfloat.lock": lock(locked("ghcr.io/acme/web:dev", OLD), locked("ghcr.io/acme/web:main", OTHER))}
WEB = {**CHART, **LOCK, "env/dev/web.yaml": values(OLD), "env/production/web.yaml": values(OTHER)}
CUT = "Kargo's yaml-update replaces the rest of the line, and more stands there (or an anchor before it): "
POD = f"kind: Pod\nspec:\n  containers:\n    - image: ghcr.io/acme/web@{OLD}\n"
DEV = "environments: {dev: {globs: ['env/dev/**']}}\n"
POLICIES = ("gatekeeper", "kyverno", "validating-admission-policy")
REPO = ("--repo", "https://git.example.com/acme/fleet.git")
ORDER = ("--env", "dev", "--env", "production")

LEFT: dict[str, tuple[Tree, str]] = {
    "a digest that several environments share": (
        {**CHART, **LOCK, "charts/web/values.yaml": f"image: {{repository: ghcr.io/acme/web, digest: {OLD}}}\n"}
        | {"env/dev/web.yaml": "a: 1\n", "env/production/web.yaml": "a: 1\n"},
        "it is in force in other environments, too: charts/web/values.yaml:1",
    ),
    "a digest whose tag nobody knows": (
        {**CHART, "env/dev/web.yaml": values(OLD)},
        "nothing says which tag it came from; `unfloat lock` records that: env/dev/web.yaml:2",
    ),
    "a digest of a tag that does not move": (
        {"env/dev/pod.yaml": f"kind: Pod\nspec:\n  containers:\n    - image: ghcr.io/acme/web:v1@{OLD}\n"},
        "its tag is a fixed one, which does not move: env/dev/pod.yaml:4",
    ),
    "a digest that may come from two tags": (
        {**CHART, "unfloat.lock": lock(locked("ghcr.io/acme/web:dev", OLD), locked("ghcr.io/acme/web:main", OLD))}
        | {"env/dev/web.yaml": values(OLD)},
        "it may come from :dev, :main: env/dev/web.yaml:2",
    ),
    "a digest in a flow map, whose line yaml-update would cut": (
        {**CHART, **LOCK, "env/dev/web.yaml": f"image: {{digest: {OLD}, pullPolicy: Always}}\n"},
        f"{CUT}env/dev/web.yaml:1",
    ),
    "a digest with an anchor, which yaml-update would drop": (
        {**CHART, **LOCK, "env/dev/web.yaml": f"image:\n  digest: &it {OLD}\nother: *it\n"},
        f"{CUT}env/dev/web.yaml:2",
    ),
    "a digest in the second document": (
        {
            **LOCK,
            "env/dev/pods.yaml": f"kind: A\n---\n{POD}",
        },
        "Kargo's yaml-update edits the first document of a file only: env/dev/pods.yaml:6",
    ),
    "a digest in a text": (
        {
            **LOCK,
            "env/dev/jobs.yaml": "jobs: |\n  " + POD.replace("\n", "\n  "),
        },
        "it stands in a text that Kargo's yaml-update does not edit: env/dev/jobs.yaml:5",
    ),
    "a digest of no environment": (
        {**LOCK, "pod.yaml": POD}
        | {
            "env/dev/none.yaml": "a: 1\n",
            ".unfloat.yaml": "environments: {dev: {globs: ['env/dev/**']}, production: {}}\n",
        },
        "it belongs to no environment: pod.yaml:4",
    ),
    "a value path that cannot be spelled": (
        {**LOCK, "env/dev/web.yaml": f"'a\\b':\n  image: ghcr.io/acme/web@{OLD}\n"},
        "its value path cannot be spelled for Kargo: env/dev/web.yaml:2",
    ),
    "a string of a program": (
        {**LOCK, "env/dev/main.go": f'package main\n\nconst image = "ghcr.io/acme/web@{OLD}"\n'},
        "it stands in a text that Kargo's yaml-update does not edit: env/dev/main.go:3",
    ),
    "a repository that Kargo takes for none": (
        {"unfloat.lock": lock(locked("ghcr.io/acme/web--x:dev", OLD))}
        | {"env/dev/pod.yaml": f"kind: Pod\nspec:\n  containers:\n    - image: ghcr.io/acme/web--x@{OLD}\n"},
        "Kargo takes ghcr.io/acme/web--x for no image: env/dev/pod.yaml:4",
    ),
}


@pytest.mark.parametrize("case", LEFT)
def test_left_out_is(case: str, tmp_path: Path) -> None:
    tree, said = LEFT[case]
    config = {} if ".unfloat.yaml" in tree else {".unfloat.yaml": DEV}
    order = ORDER if "production" in str(tree) else ORDER[:2]
    objects, errors = emit(write(tmp_path, {**config, **tree}), "kargo", *REPO, *order)
    assert objects == []
    assert f"Left out, {said}\n" in errors
    assert errors.endswith("Nothing to emit for kargo; 1 digest left out.\n")


def test_a_repository_that_two_tags_feed_is_followed_by_the_first_one(tmp_path: Path) -> None:
    first, second = (f"kind: Pod\nspec:\n  containers:\n    - image: ghcr.io/acme/web@{one}\n" for one in (OLD, OTHER))
    tree = {**LOCK, "env/dev/pods.yaml": first + second.partition("containers:\n")[2]}
    objects, errors = emit(write(tmp_path, tree), "kargo", *REPO, "--env", "dev")
    (warehouse,) = of_kind(objects, "Warehouse")
    assert [one["image"]["constraint"] for one in warehouse["spec"]["subscriptions"]] == ["dev"]
    assert "a Warehouse follows one tag of a repository, and here that is ghcr.io/acme/web:dev" in errors


def test_an_image_that_the_first_environment_does_not_have_is_left_out(tmp_path: Path) -> None:
    other = f"image:\n  digest: {OTHER}\nside:\n  repository: ghcr.io/acme/side\n  digest: {OTHER}\n"
    tree = {**WEB, "env/production/web.yaml": other}
    _, errors = emit(write(tmp_path, tree), "kargo", *REPO, *ORDER)
    assert "Left out, dev, where new digests enter, has no such image: env/production/web.yaml:5\n" in errors


def test_one_release_is_promoted_from_environment_to_environment(tmp_path: Path) -> None:
    objects, errors = emit(write(tmp_path, WEB), "kargo", *REPO, *ORDER)
    assert [one["kind"] for one in objects] == ["Project", "ProjectConfig", "Warehouse", "Stage", "Stage"]
    project, policies, warehouse, first, second = objects
    assert project["metadata"] == {"name": "fleet"}
    assert policies["spec"]["promotionPolicies"] == [
        {"stageSelector": {"name": "dev-web"}, "autoPromotionEnabled": True}
    ]
    image = {"repoURL": "ghcr.io/acme/web", "imageSelectionStrategy": "Digest", "constraint": "dev"}
    assert warehouse["metadata"] == {"name": "web", "namespace": "fleet"}
    assert warehouse["spec"]["subscriptions"] == [{"image": image}]
    assert [one["metadata"]["name"] for one in (first, second)] == ["dev-web", "production-web"]
    freight = [one["spec"]["requestedFreight"][0] for one in (first, second)]
    assert [one["origin"] for one in freight] == [{"kind": "Warehouse", "name": "web"}] * 2
    assert [one["sources"] for one in freight] == [{"direct": True}, {"stages": ["dev-web"]}]
    assert errors == "1 Project, 1 ProjectConfig, 1 Warehouse, 2 Stages for kargo; 0 digests left out.\n"


def test_a_promotion_clones_updates_commits_and_pushes(tmp_path: Path) -> None:
    objects, _ = emit(write(tmp_path, WEB), "kargo", *REPO, *ORDER, "--branch", "main", "--project", "shop")
    stage = of_kind(objects, "Stage")[0]
    assert stage["metadata"]["namespace"] == "shop"
    assert [step["uses"] for step in steps(stage)] == ["git-clone", "yaml-update", "git-commit", "git-push"]
    clone, update, commit, _ = (step["config"] for step in steps(stage))
    assert clone["checkout"] == [{"branch": "main", "path": "./repo"}]
    value = '${{ imageFrom("ghcr.io/acme/web").Digest }}'
    assert update == {"path": "./repo/env/dev/web.yaml", "updates": [{"key": "image.digest", "value": value}]}
    assert commit["message"] == "Promote images to ${{ ctx.stage }}\n\n${{ outputs['update-1'].commitMessage }}\n"


MOVED: dict[str, tuple[str, str]] = {
    "a digest of its own": ("image:\n  repository: ghcr.io/acme/web\n  digest: {}\n", "image.digest"),
    "a digest in quotes, a comment behind it": (
        "image:\n  repository: ghcr.io/acme/web\n  digest: '{}' # dev\n",
        "image.digest",
    ),
    "a whole reference": ("image:\n  ref: ghcr.io/acme/web@{}\n", "image.ref"),
    "a whole reference with its tag": ("image:\n  ref: ghcr.io/acme/web:dev@{}\n", "image.ref"),
    "an item of a list": ("sidecars:\n  - image: ghcr.io/acme/web@{}\n", "sidecars.0.image"),
    "below a key with dots": ("a.b/c:\n  image: ghcr.io/acme/web@{}\n", "a\\.b/c.image"),
}


@pytest.mark.parametrize("case", MOVED)
def test_a_promotion_writes_the_new_digest_and_nothing_else(case: str, tmp_path: Path) -> None:
    text, key = MOVED[case]
    before = {**LOCK, "env/dev/web.yaml": f"# head\n{text.format(OLD)}tail: 1\n"}
    root = write(tmp_path, before)
    (stage,) = of_kind(emit(root, "kargo", *REPO, "--env", "dev")[0], "Stage")
    assert [update["key"] for update in steps(stage)[1]["config"]["updates"]] == [key]
    promote(root, stage, {"ghcr.io/acme/web": NEW})
    bare = text.format(NEW).replace("'", "").replace(" # dev", "")
    assert texts(root) == {**before, "env/dev/web.yaml": f"# head\n{bare}tail: 1\n"}


def test_files_outside_any_release_are_promoted_as_they_correspond(tmp_path: Path) -> None:
    kustomization = "images:\n  - name: ghcr.io/acme/web\n    digest: {}\n"
    tree = {f"overlays/{env}/kustomization.yaml": kustomization.format(OLD) for env in ("dev", "production")}
    objects, _ = emit(write(tmp_path, {**LOCK, **tree}), "kargo", *REPO, *ORDER)
    (warehouse,) = of_kind(objects, "Warehouse")
    assert warehouse["metadata"]["name"] == "overlays-kustomization"
    updates = [steps(stage)[1]["config"] for stage in of_kind(objects, "Stage")]
    assert [one["path"] for one in updates] == [
        f"./repo/overlays/{env}/kustomization.yaml" for env in ("dev", "production")
    ]
    assert {one["updates"][0]["key"] for one in updates} == {"images.0.digest"}


APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {env}-web, namespace: gitops}}
spec:
  source:
    repoURL: git@git.example.com:acme/fleet.git
    path: charts/web
    helm: {{valueFiles: [../../env/{env}/web.yaml]}}
  destination: {{namespace: {env}}}
"""


def test_a_component_that_is_named_like_an_environment_is_one_in_all_of_them(tmp_path: Path) -> None:
    pods = {f"env/{name}/dev-web.yaml": POD for name in ("dev", "production")}
    objects, _ = emit(write(tmp_path, {**LOCK, **pods}), "kargo", *REPO, *ORDER)
    assert len(of_kind(objects, "Warehouse")) == 1
    sources = [one["spec"]["requestedFreight"][0]["sources"] for one in of_kind(objects, "Stage")]
    assert [list(source) for source in sources] == [["direct"], ["stages"]]


def test_argo_cd_syncs_the_applications_and_names_the_repository(tmp_path: Path) -> None:
    apps = {f"apps/{env}.yaml": APPLICATION.format(env=env) for env in ("dev", "production")}
    tree = {**WEB, ".unfloat.yaml": "{}\n", **apps}
    objects, _ = emit(write(tmp_path, tree), "kargo", *ORDER)
    stage = of_kind(objects, "Stage")[0]
    assert steps(stage)[-1] == {
        "uses": "argocd-update",
        "config": {"apps": [{"name": "dev-web", "namespace": "gitops"}]},
    }
    variables = stage["spec"]["promotionTemplate"]["spec"]["vars"]
    assert variables == [{"name": "gitRepo", "value": "https://git.example.com/acme/fleet.git"}]


def test_the_order_is_that_of_the_configuration_if_none_is_given(tmp_path: Path) -> None:
    config = "environments:\n  production: {globs: ['env/production/**']}\n  dev: {globs: ['env/dev/**']}\n"
    root = write(tmp_path, {**WEB, ".unfloat.yaml": CHART[".unfloat.yaml"] + config})
    stages = of_kind(emit(root, "kargo", *REPO)[0], "Stage")
    assert [one["metadata"]["name"] for one in stages] == ["production-web", "dev-web"]


def test_what_the_order_of_the_configuration_lacks_is_said_and_what_is_not_chosen_is_not(tmp_path: Path) -> None:
    config = "environments:\n  dev: {globs: ['env/dev/**']}\n"
    root = write(tmp_path, {**WEB, ".unfloat.yaml": CHART[".unfloat.yaml"] + config})
    said = "Left out, production has no place in the order of `environments:`: env/production/web.yaml:2\n"
    assert said in emit(root, "kargo", *REPO)[1]
    assert "Left out" not in emit(root, "kargo", *REPO, "--env", "dev")[1]


def test_without_an_order_or_a_repository_it_is_said_what_to_give(tmp_path: Path) -> None:
    root = write(tmp_path, WEB)
    order = call("emit", "kargo", str(root), *REPO)
    assert (order.exit_code, order.stdout) == (2, "")
    assert "name the environments with --env, the first one first" in order.stderr
    repository = call("emit", "kargo", str(root), *ORDER)
    assert (repository.exit_code, repository.stdout) == (2, "")
    assert "name it with --repo URL" in repository.stderr


def test_an_unknown_target_or_environment_is_one_clear_line(tmp_path: Path) -> None:
    root = write(tmp_path, WEB)
    result = call("emit", "cargo", str(root))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no target 'cargo'; did you mean 'kargo'? there are: argocd-image-updater, " in result.stderr
    result = call("emit", "kargo", str(root), *REPO, "--env", "nowhere")
    assert (result.exit_code, "no environment 'nowhere'" in result.stderr) == (2, True)


def test_every_target_is_listed_and_has_its_section_in_the_docs() -> None:
    result = call("emit")
    names = [line.split()[0] for line in result.stdout.splitlines()]
    moving, requiring = ["argocd-image-updater", "argocd-image-updater-annotations", "kargo"], list(POLICIES)
    assert (result.exit_code, names) == (0, sorted((*moving, *requiring)))
    page = (Path(__file__).parents[1] / "docs" / "cli" / "emit.md").read_text()
    assert [name for name in names if f"\n## {name}\n" not in page] == []


@pytest.mark.parametrize("target", ["argocd-image-updater", "kargo", *POLICIES])
def test_the_schemas_that_judge_are_schemas(target: str) -> None:
    for name, schema in schemas(target).items():
        for one in schema.values() if name == "steps" else [schema]:
            Draft202012Validator.check_schema(one)


def test_paths_are_those_of_the_repository_and_its_remote_is_named_without_credentials(tmp_path: Path) -> None:
    write(tmp_path, {f"fleet/{path}": text for path, text in WEB.items()})
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "remote", "add", "origin", "https://me:secret@git.example.com/acme/ships.git")
    objects, errors = emit(tmp_path / "fleet", "kargo", *ORDER)
    stage = of_kind(objects, "Stage")[0]
    assert steps(stage)[1]["config"]["path"] == "./repo/fleet/env/dev/web.yaml"
    assert stage["metadata"]["namespace"] == "ships"
    variables = stage["spec"]["promotionTemplate"]["spec"]["vars"]
    assert variables == [{"name": "gitRepo", "value": "https://git.example.com/acme/ships.git"}]
    assert "secret" not in f"{objects} {errors}"


def test_names_stay_short_and_differ(tmp_path: Path) -> None:
    long = "a" * 70
    pod = POD.replace("kind: Pod", "kind: Pod\nmetadata: {}")
    tree = {f"env/dev/{long}{end}.yaml": pod for end in ("x", "y")}
    objects, _ = emit(write(tmp_path, {**LOCK, **tree, ".unfloat.yaml": DEV}), "kargo", *REPO)
    names = [one["metadata"]["name"] for one in of_kind(objects, "Stage")]
    assert len(set(names)) == 2
    assert max(map(len, names)) <= 63
