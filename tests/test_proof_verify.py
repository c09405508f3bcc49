"""`unfloat verify`: what it prints, and how it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from proving import CHART, DEPLOYMENT, DIGEST, PINNED, POD, VALUES, WEB, commit, git, programs, write

from codemod.cli import main
from codemod.proof import report
from codemod.proof.compare import ABSENT, Change
from codemod.proof.verdict import Proof, Verdict

CONFIG = "stacks:\n  - {name: web, environment: dev, chart: charts/web, layers: ['env/{env}.yaml']}\n"
OWN = "charts/web/values.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = write(tmp_path / "root", {".unfloat.yaml": CONFIG, "env/dev.yaml": "replicas: 1\n", **WEB})
    commit(folder)
    return folder


def verify(root: Path, *arguments: str, with_tools: bool = True) -> Result:
    helm, kustomize = programs()
    named = ("--helm", helm, "--kustomize", kustomize) if with_tools else ()
    result = CliRunner().invoke(main, ["verify", str(root), *named, *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def complaint(result: Result) -> str:
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(r"unfloat: [^\n]+\n", result.stderr), result.stderr
    return result.stderr


def named(result: Result, name: str) -> dict[str, object]:
    found = [target for target in json.loads(result.stdout)["targets"] if target["target"].startswith(name)]
    assert found
    return dict(found[0])


def test_a_tree_that_did_not_change_is_proven(root: Path) -> None:
    result = verify(root)
    assert (result.exit_code, result.stdout) == (0, "")
    assert " unchanged" in result.stderr


def test_a_migration_is_proven(root: Path) -> None:
    write(root, {OWN: PINNED})
    result = verify(root)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "proven" in result.stderr


def test_a_digest_that_the_chart_does_not_show_is_no_migration(root: Path) -> None:
    template = "charts/web/templates/deployment.yaml"
    ignoring = DEPLOYMENT.replace("{{ with .digest }}@{{ . }}{{ else }}:{{ .tag }}{{ end }}", ":{{ $.Values.shared }}")
    write(root, {template: ignoring, OWN: VALUES + "shared: main\n"})
    git(root, "commit", "--quiet", "--all", "--message", "a shared tag")
    write(root, {OWN: VALUES.replace("tag: dev", f"digest: {DIGEST}") + "shared: main\n"})
    result = verify(root)
    assert result.exit_code == 1
    assert f"ghcr.io/acme/web:main, though {OWN} sets a digest of ghcr.io/acme/web\n" in result.stdout


def test_anything_else_is_named_and_ends_with_one(root: Path) -> None:
    write(root, {OWN: PINNED.replace("acme/web", "acme/api")})
    result = verify(root)
    assert result.exit_code == 1
    place = "Deployment/release-name spec.template.spec.containers[app].image"
    assert f": {place}: ghcr.io/acme/web:dev -> ghcr.io/acme/api@{DIGEST}\n" in result.stdout
    assert "differ" in result.stderr


def test_a_digest_may_move_to_another_that_the_lock_knows(root: Path) -> None:
    pinned, other = {OWN: PINNED}, {OWN: PINNED.replace(DIGEST, f"sha256:{'0' * 64}")}
    write(root, pinned)
    commit(root)
    write(root, other)
    assert verify(root).exit_code == 1
    name = "version: 1\nimages:\n  ghcr.io/acme/{}:dev:\n    digest: sha256:{}\n"
    write(root, {"unfloat.lock": name.format("web", "0" * 64)})
    assert verify(root).exit_code == 0
    write(root, {"unfloat.lock": name.format("api", "0" * 64)})
    assert verify(root).exit_code == 1
    past = "    previous:\n      - digest: sha256:{}\n".format("0" * 64)
    write(root, {"unfloat.lock": name.format("web", "1" * 64) + past})
    assert verify(root).exit_code == 0


def test_a_digest_may_be_promoted_that_another_environment_had_before(root: Path) -> None:
    """Without any lock; but none that came with the same commit, into whatever file."""
    newer, older, unknown = (f"image:\n  digest: sha256:{mark * 64}\n" for mark in "123")
    stacks = "stacks:\n  - {name: '{env}-web', environment: '{env}', chart: charts/web, layers: ['env/{env}.yaml']}\n"
    write(root, {OWN: PINNED, ".unfloat.yaml": stacks, "env/dev.yaml": newer, "env/staging.yaml": older})
    commit(root)
    write(root, {"env/staging.yaml": newer})
    assert verify(root).exit_code == 0
    write(root, {"env/dev.yaml": unknown, "env/staging.yaml": unknown})
    assert verify(root).exit_code == 1


def test_a_digest_beside_a_tag_moves_to_those_of_this_tag_only(root: Path) -> None:
    """Back to an older one, too: a release is rolled back, or gets what another environment runs."""
    readable = PINNED.replace("acme/web", "acme/web:dev")
    write(root, {OWN: readable})
    commit(root)
    write(root, {OWN: readable.replace(DIGEST, f"sha256:{'0' * 64}")})
    entry = "  ghcr.io/acme/web:{}:\n    digest: sha256:{}\n"
    past = "    previous:\n      - digest: sha256:{}\n".format("0" * 64)
    dev, main = entry.format("dev", "1" * 64), entry.format("main", "2" * 64)
    locks = {"of the tag": dev + past + main, "of another tag": dev + main + past, "of the only tag known": main + past}
    found = {}
    for name, images in locks.items():
        write(root, {"unfloat.lock": f"version: 1\nimages:\n{images}"})
        found[name] = verify(root).exit_code
    assert found == {"of the tag": 0, "of another tag": 1, "of the only tag known": 0}


def test_a_digest_is_checked_where_a_digest_source_knows_it(root: Path, tmp_path: Path) -> None:
    write(root, {OWN: PINNED})
    known = {name: tmp_path / name for name in ("right.yaml", "wrong.yaml", "other.yaml")}
    known["right.yaml"].write_text(f"ghcr.io/acme/web:dev: {DIGEST}\n")
    known["wrong.yaml"].write_text(f"ghcr.io/acme/web:dev: sha256:{'0' * 64}\n")
    known["other.yaml"].write_text(f"ghcr.io/acme/web:main: sha256:{'0' * 64}\n")
    found = {name: verify(root, "--digests", str(path)).exit_code for name, path in known.items()}
    assert found == {"right.yaml": 0, "wrong.yaml": 1, "other.yaml": 0}


def test_an_earlier_commit_can_be_the_base(root: Path) -> None:
    write(root, {OWN: PINNED})
    git(root, "commit", "--quiet", "--all", "--message", "pinned")
    assert "0 stacks proven" in verify(root).stderr
    assert "0 stacks proven" not in verify(root, "--base", "HEAD~1").stderr


def test_a_folder_of_a_repository_is_enough(root: Path) -> None:
    write(root, {OWN: PINNED, "env/dev.yaml": "replicas: 2\n"})
    assert verify(root / "charts").exit_code == 0


def test_json_has_every_verdict(root: Path) -> None:
    write(root, {OWN: PINNED})
    result = verify(root, "--format", "json")
    assert json.loads(result.stdout)["schema"] == 1
    found = named(result, "web")
    assert (found["outcome"], found["pinned"], found["files"]) == ("proven", 1, [OWN])


def test_what_cannot_be_rendered_is_listed_as_unproven(root: Path) -> None:
    chart = (
        CHART.format(name="web") + "dependencies: [{name: redis, version: 1.0.0, repository: 'https://a.example'}]\n"
    )
    write(root, {"charts/web/Chart.yaml": chart})
    git(root, "commit", "--quiet", "--all", "--message", "dependency")
    write(root, {OWN: PINNED})
    result = verify(root)
    assert result.exit_code == 0
    assert "unproven: dependency redis is not in the repository\n" in result.stdout
    assert "0 stacks proven" in result.stderr


def test_an_image_that_no_site_explains_is_a_finding(root: Path) -> None:
    chart = "kind: Pod\nmetadata: {name: x}\nspec: {containers: [{image: '{{ .Values.a }}/{{ .Values.b }}:v1'}]}\n"
    write(root, {"charts/web/templates/pod.yaml": chart, OWN: VALUES + "a: quay.io\nb: hidden\n"})
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--all", "--message", "hidden")
    result = verify(root, "--all")
    assert result.exit_code == 0
    assert ": Pod/x spec.containers[0].image: unexplained-image quay.io/hidden:v1\n" in result.stdout
    assert verify(root).stdout == ""


def test_a_kustomization_that_came_or_went_differs(root: Path) -> None:
    write(root, {"k/kustomization.yaml": "resources: [pod.yaml]\n", "k/pod.yaml": POD})
    result = verify(root)
    assert (result.exit_code, result.stdout) == (1, "k: (absent) -> a kustomization\n")


def test_without_helm_a_change_of_a_release_is_an_error(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, {OWN: PINNED})
    git_only = root.parent / "bin"
    git_only.mkdir()
    (git_only / "git").symlink_to("/usr/bin/git")
    monkeypatch.setenv("PATH", str(git_only))
    assert "no helm on PATH" in complaint(verify(root, with_tools=False))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(("--base", "nothing"), "nothing: no commit of this repository", id="an unknown revision"),
        pytest.param(("--helm", "/nowhere/helm"), "no program that can be run", id="a helm that is not there"),
    ],
)
def test_bad_input_is_one_clear_line(root: Path, arguments: tuple[str, ...], message: str) -> None:
    assert message in complaint(verify(root, *arguments))


def test_a_folder_outside_of_git_cannot_be_verified(tmp_path: Path) -> None:
    assert "not in a Git repository" in complaint(verify(write(tmp_path / "plain", {"a.yaml": "a: 1\n"})))


def test_quiet_prints_no_summary(root: Path) -> None:
    assert verify(root, "--quiet").stderr == ""


def test_long_values_are_cut_around_the_place_where_they_part() -> None:
    one, other = report.shown(Change("a", "b", "x" * 500 + "one" + "y" * 500, "x" * 500 + "two" + "y" * 500))
    assert ("one" in one, "two" in other, len(one) < 130) == (True, True, True)
    assert report.shown(Change("a", "b", {"k": [1, "ä"]}, ABSENT)) == ('{"k": [1, "\\u00e4"]}', "(absent)")
    assert report.shown(Change("a", "b", "", None)) == ('""', "null")


def test_a_proof_of_nothing_has_words_too() -> None:
    assert list(report.lines(Proof())) == []
    assert json.loads(report.to_json(Proof()))["targets"] == []
    assert report.summary(Proof()).startswith("0 stacks proven")


def test_a_value_cannot_break_its_line(root: Path) -> None:
    write(root, {OWN: VALUES.replace("Always", '"one\\e[1m"')})
    write(
        root,
        {"charts/web/templates/deployment.yaml": DEPLOYMENT.replace("{{ .pullPolicy }}", "{{ quote .pullPolicy }}")},
    )
    assert "imagePullPolicy: Always -> one\\x1b[1m\n" in verify(root).stdout


def test_a_difference_has_one_line() -> None:
    proof = Proof((Verdict("a", "helm", "differs", differences=(Change("o", "p", 1, None), Change("", "", "x", "y"))),))
    assert list(report.lines(proof)) == ["a: o p: 1 -> null", "a: x -> y"]
