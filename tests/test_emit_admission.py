"""What `unfloat emit` says of admission policies beside writing them: what they cover and what is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from emitting import emit, of_kind
from moving import call, digest
from proving import Tree, write

OLD = digest("1")
POD = "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}{more}}}\nspec: {{containers: [{{image: '{image}'}}]}}\n"
VAP, BINDING = "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"


def manifest(namespace: str = "shop", image: str = f"ghcr.io/acme/web@{OLD}", name: str = "web") -> str:
    return POD.format(name=name, image=image, more=f", namespace: {namespace}" if namespace else "")


def allow(*entries: str, more: str = "") -> dict[str, str]:
    lines = "".join(f"  - {{reason: why, owner: web, expires: 2999-01-01, {entry}}}\n" for entry in entries)
    return {".unfloat.yaml": f"{more}allow:\n{lines}"}


PRINTER = {"env/production/printer.yaml": manifest(image="ghcr.io/acme/printer:dev", name="printer")}
WEB = {"env/production/web.yaml": manifest()}

UNKNOWN = "Not covered, nothing says the namespace (production; list it under `environments.production.namespaces`)"
MIXED = "Also namespaces of environments that may lack digests, so apply each policy to its own clusters only"
DENIED = "Would be denied today"
SPARED = "Would be denied today, though unfloat check spares vendored files and tests"
LOST = "Left out, exceptions for files whose namespace nothing says"
SHARED = "Left out, exceptions for images that run in the same namespace for others, too"
PAST = {key: text.replace("2999", "2020") for key, text in allow("path: '**', image: busybox, code: UF001").items()}

RELEASE = {
    "apps/web.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n"
    "  destination: {namespace: shop}\n"
    "  source: {path: vendor/web, helm: {valueFiles: [/env/production/values.yaml]}}\n",
    "env/production/values.yaml": "image: {repository: ghcr.io/acme/printer, tag: dev}\n",
    "vendor/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "vendor/web/values.yaml": "image: {repository: ghcr.io/acme/printer, tag: v1}\n",
    "vendor/web/templates/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n"
    "    - image: '{{ .Values.image.repository }}:{{ .Values.image.tag }}'\n    - image: ghcr.io/acme/side:v1\n",
}

SAID: dict[str, tuple[Tree, list[str]]] = {
    "nothing where all is pinned": (WEB, []),
    "a namespace that nothing says": (
        {**WEB, "env/production/other.yaml": manifest(namespace="")},
        [f"{UNKNOWN}: Pod/web (env/production/other.yaml:1)"],
    ),
    "nothing of a namespace that the configuration lists": (
        {
            **WEB,
            "env/production/other.yaml": manifest(namespace=""),
            ".unfloat.yaml": "environments: {production: {namespaces: [shop]}}\n",
        },
        [],
    ),
    "a namespace that other environments have, too": (
        {**WEB, "env/dev/web.yaml": manifest(), "env/local/web.yaml": manifest()},
        [f"{MIXED}: shop (dev, local)"],
    ),
    "a namespace of the cluster itself": (
        {**WEB, "env/production/dns.yaml": manifest("kube-system"), "env/production/b.yaml": manifest("kube-green")},
        ["Run parts of the cluster itself, which are judged, too, so audit them first: kube-system"],
    ),
    "images that would be denied": (
        {**WEB, **PRINTER, "env/production/b.yaml": manifest(image="ghcr.io/acme/web:v1", name="b")},
        [f"{DENIED}: env/production/b.yaml:4, env/production/printer.yaml:4"],
    ),
    "vendored images that would be denied": (
        {**WEB, "env/production/vendor/b.yaml": manifest(image="ghcr.io/acme/web:v1", name="b")},
        [f"{SPARED}: env/production/vendor/b.yaml:4"],
    ),
    "what a vendored chart writes itself, and what values say of it": (
        RELEASE,
        [f"{DENIED}: env/production/values.yaml:1", f"{SPARED}: vendor/web/templates/pod.yaml:7"],
    ),
    "exceptions past their day": (
        {**WEB, **PAST},
        ["Left out, exceptions past their last day: .unfloat.yaml:2 (2020-01-01)"],
    ),
    "exceptions for everything": (
        {**WEB, **allow("path: '**', code: '*'")},
        ["Left out, exceptions for every image of every file: .unfloat.yaml:2"],
    ),
    "nothing of exceptions for what is not judged": (
        {**WEB, **allow("path: '**', image: busybox, code: UF004", "path: 'env/dev/**', code: UF001")},
        [],
    ),
    "exceptions for files whose namespace nothing says": (
        {
            **WEB,
            **allow("path: 'env/production/values.yaml', code: UF001"),
            "env/production/values.yaml": "image: ghcr.io/acme/printer:dev\n",
        },
        [f"{LOST}: env/production/values.yaml:1 (ghcr.io/acme/printer:dev)"],
    ),
    "exceptions for images that run there for others, too": (
        {
            **WEB,
            **PRINTER,
            **allow("path: 'env/production/printer.yaml', code: UF001"),
            "env/production/b.yaml": manifest(image="ghcr.io/acme/printer:dev", name="b"),
        },
        [
            f"{SHARED}: env/production/printer.yaml:4 (ghcr.io/acme/printer:dev)",
            f"{DENIED}: env/production/b.yaml:4, env/production/printer.yaml:4",
        ],
    ),
}


@pytest.mark.parametrize("case", SAID)
def test_standard_error_says(case: str, tmp_path: Path) -> None:
    tree, said = SAID[case]
    _, errors = emit(write(tmp_path, tree), "validating-admission-policy")
    *lines, summary = errors.splitlines()
    assert lines == said
    assert summary.startswith("Digests are required in ")


HOLDS = "].filter(e, !has(e.namespaces) || object.metadata.namespace in e.namespaces)\n"
CARRIED: dict[str, tuple[Tree, str]] = {
    "an exception by reason code": (
        {**PRINTER, **allow("path: 'env/production/*', code: digest-unknown")},
        '{"codes": ["UF001"], "namespaces": ["shop"], "images": ["ghcr.io/acme/printer:dev"]}',
    ),
    "an exception in a comment": (
        {
            "env/production/printer.yaml": manifest(image="ghcr.io/acme/printer:v1").rstrip()
            + ' # unfloat: allow[UF002] until=2999-01-01 reason="why" owner=web\n'
        },
        '{"codes": ["UF002"], "namespaces": ["shop"], "images": ["ghcr.io/acme/printer:v1"]}',
    ),
    "one for several images of its files": (
        {
            **PRINTER,
            "env/production/plotter.yaml": manifest(image="ghcr.io/acme/a:dev", name="plotter"),
            **allow("path: 'env/production/*', code: UF001"),
        },
        '{"codes": ["UF001"], "namespaces": ["shop"], "images": ["ghcr.io/acme/a:dev", "ghcr.io/acme/printer:dev"]}',
    ),
    "one for the values of a release": (
        {**RELEASE, **allow("path: 'env/production/*', code: UF001")},
        '{"codes": ["UF001"], "namespaces": ["shop"], "images": ["ghcr.io/acme/printer:dev"]}',
    ),
    "one for what stands beside a digest, whatever the digest": (
        {
            "env/production/printer.yaml": manifest(image=f"ghcr.io/acme/printer:dev@{OLD}"),
            **allow("path: 'env/production/*', code: UF003"),
        },
        '{"codes": ["UF003"], "namespaces": ["shop"], "images": ["ghcr.io/acme/printer:dev"]}',
    ),
    "one for files of several namespaces": (
        {
            "env/production/a.yaml": manifest(image="ghcr.io/acme/printer:dev", namespace="a"),
            "env/production/b.yaml": manifest(image="ghcr.io/acme/printer:dev", namespace="b"),
            **allow("path: 'env/production/*', code: UF001"),
        },
        '{"codes": ["UF001"], "namespaces": ["a", "b"], "images": ["ghcr.io/acme/printer:dev"]}',
    ),
    "one for the image of a kustomization, where what it renders runs": (
        {
            "base/kustomization.yaml": "resources: [pod.yaml]\n",
            "base/pod.yaml": manifest(namespace="", image="ghcr.io/acme/printer:v1"),
            "overlays/production/kustomization.yaml": "namespace: shop\nresources: [../../base]\n"
            "images: [{name: ghcr.io/acme/printer, newTag: main}]\n",
            **allow("path: 'overlays/production/*', code: UF001"),
        },
        '{"codes": ["UF001"], "namespaces": ["shop"], "images": ["ghcr.io/acme/printer:main"]}',
    ),
}


@pytest.mark.parametrize("case", CARRIED)
def test_carried_over_is(case: str, tmp_path: Path) -> None:
    tree, entry = CARRIED[case]
    objects, _ = emit(write(tmp_path, tree), "validating-admission-policy")
    (policy,) = of_kind(objects, VAP)
    (exceptions,) = [one["expression"] for one in policy["spec"]["variables"] if one["name"] == "exceptions"]
    assert exceptions == (f"[\n  // web, until 2999-01-01: why\n  {entry},\n{HOLDS}")


def test_an_exception_that_its_glob_carries_over_is_there_once(tmp_path: Path) -> None:
    tree = {**PRINTER, **allow("path: '**', image: 'ghcr.io/acme/*', code: UF001")}
    objects, errors = emit(write(tmp_path, tree), "validating-admission-policy")
    (exceptions,) = [one["expression"] for one in objects[0]["spec"]["variables"] if one["name"] == "exceptions"]
    assert exceptions.count('"codes"') == 1
    assert errors == "Digests are required in 1 namespace (production); 1 exemption.\n"


ACTIONS = {
    "deny": (["Deny"], "deny"),
    "warn": (["Warn", "Audit"], "warn"),
    "audit": (["Audit"], "dryrun"),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_done_about_images_can_be_chosen(action: str, tmp_path: Path) -> None:
    root = write(tmp_path, WEB)
    actions, enforced = ACTIONS[action]
    (binding,) = of_kind(emit(root, "validating-admission-policy", "--action", action)[0], BINDING)
    (policy,) = emit(root, "kyverno", "--action", action)[0]
    constraint = emit(root, "gatekeeper", "--action", action)[0][1]
    assert binding["spec"]["validationActions"] == policy["spec"]["validationActions"] == actions
    assert constraint["spec"]["enforcementAction"] == enforced


def test_each_environment_has_a_policy_binding_of_its_own(tmp_path: Path) -> None:
    tree = {**WEB, "env/staging/web.yaml": manifest("shop-staging"), "env/dev/web.yaml": manifest("shop-dev")}
    root = write(tmp_path, tree)
    found = {
        target: {
            one["metadata"]["name"] for one in emit(root, target)[0] if one["kind"] not in (VAP, "ConstraintTemplate")
        }
        for target in ("validating-admission-policy", "kyverno", "gatekeeper")
    }
    assert set(map(frozenset, found.values())) == {
        frozenset({"unfloat-require-digests-production", "unfloat-require-digests-staging"})
    }
    objects, errors = emit(root, "validating-admission-policy", "--env", "staging")
    (binding,) = of_kind(objects, BINDING)
    assert binding["metadata"]["name"] == "unfloat-require-digests-staging"
    assert binding["spec"]["matchResources"]["namespaceSelector"] == {
        "matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["shop-staging"]}]
    }
    assert errors == "Digests are required in 1 namespace (staging); 0 exemptions.\n"


@pytest.mark.parametrize("target", ["validating-admission-policy", "kyverno", "gatekeeper"])
def test_no_environment_takes_the_name_of_another(target: str, tmp_path: Path) -> None:
    names = ("prod-eu", "prod_eu", "live", "本番", "images")
    environments = "".join(f"  {name}: {{digest: require, namespaces: [n-{i}]}}\n" for i, name in enumerate(names))
    root = write(tmp_path, {".unfloat.yaml": f"environments:\n{environments}"})
    named = [one["metadata"]["name"] for one in emit(root, target)[0]]
    prefix = "unfloat-require-digests"
    assert len(set(named)) == len(named)
    assert {f"{prefix}-prod-eu", f"{prefix}-live", f"{prefix}-images"} < set(named)
    alone = emit(root, target, "--env", "prod_eu")[0]
    assert {one["metadata"]["name"] for one in alone} <= set(named) - {f"{prefix}-prod-eu"}
    assert all(re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name) for name in named)


@pytest.mark.parametrize("target", ["validating-admission-policy", "kyverno", "gatekeeper"])
def test_a_fleet_without_strict_environments_gets_no_policy(target: str, tmp_path: Path) -> None:
    objects, errors = emit(write(tmp_path, {"env/dev/web.yaml": manifest()}), target)
    assert objects == []
    assert errors == (
        "Nothing to emit: no namespace is known in which digests are required; "
        "say `digest: require` and `namespaces` under `environments` of the configuration.\n"
    )


@pytest.mark.parametrize("name", ["dev", "nowhere"])
def test_an_environment_that_needs_no_digests_is_an_error(name: str, tmp_path: Path) -> None:
    root = write(tmp_path, {**WEB, "env/dev/web.yaml": manifest()})
    result = call("emit", "kyverno", str(root), "--offline", "--env", name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"unfloat: no environment '{name}' that needs digests and deploys anything; there are production\n"
    )


def test_more_exceptions_than_kubernetes_reads_are_an_error(tmp_path: Path) -> None:
    entries = [f"path: '**', image: 'ghcr.io/acme/{'n' * 60}{number}', code: UF001" for number in range(600)]
    result = call("emit", "gatekeeper", str(write(tmp_path, {**WEB, **allow(*entries)})), "--offline")
    assert result.exit_code == 2
    assert result.stderr.startswith("unfloat: the 600 exceptions make an expression (exceptions) that is longer than ")


def test_nothing_in_a_policy_mutates(tmp_path: Path) -> None:
    root = write(tmp_path, {**WEB, **PRINTER})
    for target in ("validating-admission-policy", "kyverno", "gatekeeper"):
        text = yaml.safe_dump_all(emit(root, target)[0])
        assert "utat" not in text
        assert "patch" not in text.lower()


@pytest.mark.parametrize("target", ["validating-admission-policy", "kyverno", "gatekeeper"])
def test_check_finds_nothing_wrong_with_a_policy_but_for_the_wrong_namespace(target: str, tmp_path: Path) -> None:
    root = write(tmp_path, {**WEB, "env/staging/web.yaml": manifest("shop-staging")})
    policy = call("emit", target, str(root), "--offline", "-q").stdout
    write(root, {"policies/digests.yaml": policy})
    assert call("check", str(root), "--offline", "--admission", "-q").stdout == ""
    write(root, {"policies/digests.yaml": policy.replace("- shop\n", "- shopping\n")})
    said = call("check", str(root), "--offline", "--admission", "-q").stdout
    assert "UF020" in said
    assert "none of the namespaces of strict environments: shop (production) is missing" in said


@pytest.mark.parametrize(
    ("target", "option"),
    [
        ("kargo", ("--action", "audit")),
        ("argocd-image-updater", ("--project", "shop")),
        ("kyverno", ("--namespace", "argocd")),
        ("gatekeeper", ("--repo", "https://git.example.com/acme/fleet.git")),
        ("validating-admission-policy", ("--branch", "main")),
    ],
)
def test_an_option_that_means_nothing_to_a_target_is_refused(
    tmp_path: Path, target: str, option: tuple[str, str]
) -> None:
    result = call("emit", target, str(write(tmp_path, WEB)), *option)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{target} has no {option[0]}; it takes " in result.stderr
