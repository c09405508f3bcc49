"""`unfloat check --rendered`: what helm and kustomize really render, judged by the policy of the gate."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace
from proving import CHART, DEPLOYMENT, DIGEST, PINNED, VALUES, WEB, Tree, commit, programs, stack, tools, write

from codemod import fleet
from codemod.cli import main
from codemod.config import Config
from codemod.exceptions import Exceptions
from codemod.outcome import Plan
from codemod.proof.every import Printed, Shown, render_all
from codemod.proof.objects import Object
from codemod.proof.tools import Tool
from codemod.rendered.judge import judge

EXAMPLES = Path(__file__).parents[1] / "examples"
HELM, KUSTOMIZE = programs()
TOOLS = ("--helm", HELM, "--kustomize", KUSTOMIZE)
SAYS_NOTHING = re.sub(r" +imagePullPolicy: .*\n", "", DEPLOYMENT)
ALWAYS = re.sub(r"imagePullPolicy: .*\n", "imagePullPolicy: Always\n", DEPLOYMENT)
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  destination: {namespace: web}
  source: {path: vendor/web, helm: {releaseName: web}}
"""
POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n"
    "    - name: app\n      image: %s\n      imagePullPolicy: IfNotPresent\n"
)
WEB_PINNED = f"ghcr.io/acme/web@{DIGEST}"
EXCEPTION = (
    "allow: [{path: '%s', code: %s, reason: the chart has no value, owner: team, expires: 2999-12-31}]\n"
    "exception_days: 999999\n"
)


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def check(root: Path, *arguments: str | Path) -> Result:
    return run("check", root, "--rendered", "--offline", *TOOLS, *arguments)


def found(root: Path, tree: Tree) -> list[str]:
    """The lines of the check of a tree."""
    return check(write(root, tree), "-q").stdout.splitlines()


def vendored(template: str = DEPLOYMENT, values: str = VALUES) -> dict[str, str]:
    """A chart of somebody else's that an Application deploys."""
    return {
        "vendor/web/Chart.yaml": CHART.format(name="web"),
        "vendor/web/values.yaml": values,
        "vendor/web/templates/deployment.yaml": template,
        "apps/web.yaml": APPLICATION,
    }


# --- what is no violation ---------------------------------------------------------------------------------------------


def test_pinned_images_with_their_policies_are_fine(tmp_path: Path) -> None:
    tree = {**WEB, "charts/web/values.yaml": PINNED, "app/kustomization.yaml": "resources: [pod.yaml]\n"}
    result = check(write(tmp_path, {**tree, "app/pod.yaml": POD % WEB_PINNED}))
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("No violations in ")


def test_what_the_gate_finds_itself_is_not_said_twice(tmp_path: Path) -> None:
    plain = run("check", write(tmp_path, WEB), "--offline").stdout
    assert plain.count("UF001") == plain.count("UF004") == 1
    assert check(tmp_path).stdout == plain


def test_a_chart_from_elsewhere_is_counted_with_the_reason(tmp_path: Path) -> None:
    app = APPLICATION.replace(
        "path: vendor/web", "chart: web, repoURL: https://example.com/charts, targetRevision: 1.0.0"
    )
    result = check(write(tmp_path, {"apps/web.yaml": app}))
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.splitlines()[1:] == [
        "1 stack could not be rendered, and so not checked as rendered:",
        "  1  the chart is not in the repository",
    ]


def test_a_chart_that_does_not_render_is_counted_with_what_helm_says(tmp_path: Path) -> None:
    template = '{{ required "name the ship" .Values.ship }}\n'
    tree = {**WEB, "charts/web/values.yaml": PINNED, "charts/web/templates/ship.yaml": template}
    result = check(write(tmp_path, tree))
    assert result.exit_code == 0
    assert "name the ship" in result.stderr.splitlines()[-1]


def test_many_reasons_are_cut_short(tmp_path: Path) -> None:
    tree = {}
    for number in range(12):
        tree[f"charts/c{number}/Chart.yaml"] = CHART.format(name=f"c{number}")
        tree[f"charts/c{number}/templates/x.yaml"] = f'image: a/b@{DIGEST}\n{{{{ fail "reason {number}" }}}}\n'
    lines = check(write(tmp_path, tree)).stderr.splitlines()
    assert lines[1] == "12 stacks could not be rendered, and so not checked as rendered:"
    assert lines[-1] == "  and 2 other reasons"


def test_a_vendored_chart_that_nothing_declares_is_not_rendered(tmp_path: Path) -> None:
    tree = vendored()
    del tree["apps/web.yaml"]
    assert found(tmp_path, tree) == []


def test_a_base_is_judged_as_the_overlays_make_it(tmp_path: Path) -> None:
    tree = {
        "base/kustomization.yaml": "resources: [pod.yaml]\n",
        "base/pod.yaml": POD.replace("      imagePullPolicy: IfNotPresent\n", "") % "web",
        "overlays/dev/kustomization.yaml": (
            f"resources: [../../base]\nimages: [{{name: web, newName: ghcr.io/acme/web, digest: '{DIGEST}'}}]\n"
            "patches: [{path: policy.yaml}]\n"
        ),
        "overlays/dev/policy.yaml": (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n"
            "  containers: [{name: app, imagePullPolicy: IfNotPresent}]\n"
        ),
    }
    assert found(tmp_path, tree) == []


def test_what_is_built_here_is_not_judged(tmp_path: Path) -> None:
    pod = POD % "localhost/web:dev"
    assert found(tmp_path, {"app/kustomization.yaml": "resources: [pod.yaml]\n", "app/pod.yaml": pod}) == []


def test_an_environment_that_may_is_not_asked(tmp_path: Path) -> None:
    tree = {
        "env/local/kustomization.yaml": "resources: [pod.yaml]\n",
        "env/local/pod.yaml": POD.replace("      imagePullPolicy: IfNotPresent\n", "") % "ghcr.io/acme/web:dev",
        ".unfloat.yaml": "environments: {local: {floating: report, pull_policy: any}}\n",
    }
    assert found(tmp_path, tree) == []


@pytest.mark.parametrize("path", ["charts/web/**", "**/deployment.yaml"])
def test_an_exception_excuses_what_is_rendered_and_is_of_use(tmp_path: Path, path: str) -> None:
    tree = {
        **WEB,
        "charts/web/values.yaml": PINNED,
        "charts/web/templates/deployment.yaml": SAYS_NOTHING,
        ".unfloat.yaml": EXCEPTION % (path, "UF015"),
    }
    assert found(tmp_path, tree) == []
    plain = run("check", tmp_path, "--offline")
    assert (plain.exit_code, plain.stdout) == (0, "")


def test_an_exception_that_excuses_nothing_is_told_only_where_it_was_looked_for(tmp_path: Path) -> None:
    tree = {**WEB, "charts/web/values.yaml": PINNED, ".unfloat.yaml": EXCEPTION % ("charts/**", "UF015")}
    assert [line.split()[1] for line in found(tmp_path, tree)] == ["UF008"]
    assert run("check", tmp_path, "--offline").stdout == ""


@pytest.mark.parametrize(
    "path",
    [
        '.spec.template.spec.containers[] | select(.name == "app") | .imagePullPolicy',
        ".spec.template.spec.containers[].imagePullPolicy",
    ],
)
def test_a_policy_that_argo_cd_ignores_is_fine(tmp_path: Path, path: str) -> None:
    ignored = f"  ignoreDifferences: [{{group: apps, kind: Deployment, jqPathExpressions: ['{path}']}}]\n"
    tree = vendored(SAYS_NOTHING, PINNED)
    assert [line.split()[:2] for line in found(tmp_path, tree)] == [["apps/web.yaml:1:1:", "UF015"]]
    assert found(tmp_path, {"apps/web.yaml": APPLICATION + ignored}) == []


def test_pull_policies_that_flux_patches_in_are_not_judged(tmp_path: Path) -> None:
    release = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: web}\nspec:\n"
        "  chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository, name: fleet}}}\n"
    )
    patch = (
        "  postRenderers:\n    - kustomize:\n        patches:\n          - patch: |\n"
        "              - {op: add, path: /spec/template/spec/containers/0/imagePullPolicy, value: IfNotPresent}\n"
    )
    source = (
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: fleet, namespace: web}\n"
        "spec: {url: 'https://example.com/fleet'}\n"
    )
    tree = {
        **WEB,
        "charts/web/values.yaml": PINNED,
        "charts/web/templates/deployment.yaml": SAYS_NOTHING,
        "flux/source.yaml": source,
        "flux/web.yaml": release,
    }
    assert [line.split()[1] for line in found(tmp_path, tree)] == ["UF015"]
    assert found(tmp_path, {"flux/web.yaml": release + patch}) == []


def test_a_chart_that_a_kustomization_inflates_is_judged_as_it_patches_it(tmp_path: Path) -> None:
    patch = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: web}\n"
        "spec: {template: {spec: {containers: [{name: app, imagePullPolicy: IfNotPresent}]}}}\n"
    )
    inflated = "helmCharts: [{name: web, releaseName: web, namespace: web}]\n"
    tree = {f"app/{path}": text for path, text in WEB.items()}
    tree |= {"app/charts/web/values.yaml": PINNED, "app/charts/web/templates/deployment.yaml": SAYS_NOTHING}
    tree |= {"app/kustomization.yaml": inflated}
    assert [line.split()[1] for line in found(tmp_path, tree)] == ["UF015"]
    patched = {"app/kustomization.yaml": f"{inflated}patches: [{{path: policy.yaml}}]\n", "app/policy.yaml": patch}
    assert found(tmp_path, patched) == []


def test_a_baseline_excuses_what_is_rendered(tmp_path: Path) -> None:
    more = "".join(f"        - {{name: {name}, image: 'ghcr.io/acme/{name}:dev'}}\n" for name in ("side", "third"))
    write(tmp_path, vendored(DEPLOYMENT + more))
    assert [line.split()[1] for line in check(tmp_path, "-q").stdout.splitlines()] == ["UF001"] * 3 + ["UF004", "UF015"]
    assert run("baseline", tmp_path, "--owner", "team", "--rendered", *TOOLS).stderr.startswith("Wrote 5 exceptions")
    assert check(tmp_path, "-q").stdout == ""


# --- what is ----------------------------------------------------------------------------------------------------------


def test_a_template_that_says_no_policy_is_the_place(tmp_path: Path) -> None:
    tree = {**WEB, "charts/web/values.yaml": PINNED, "charts/web/templates/deployment.yaml": SAYS_NOTHING}
    result = check(write(tmp_path, tree))
    assert result.exit_code == 1
    assert result.stdout == (
        "charts/web/templates/deployment.yaml:12:19: UF015 no pull policy for container app of Deployment/release-name "
        "of web; set imagePullPolicy: IfNotPresent\n"
    )


def test_a_template_that_a_helper_fills_is_named_by_its_first_line(tmp_path: Path) -> None:
    container = f"{{{{ define \"container\" }}}}- {{name: app, image: '{WEB_PINNED}'}}{{{{ end }}}}\n"
    template = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n"
        '  containers:\n    {{- include "container" . | nindent 4 }}\n'
    )
    tree = {**WEB, "charts/web/values.yaml": PINNED, "charts/web/templates/_helpers.tpl": container}
    lines = found(tmp_path, {**tree, "charts/web/templates/deployment.yaml": template})
    assert [line.split()[:2] for line in lines] == [["charts/web/templates/deployment.yaml:1:1:", "UF015"]]


def test_templates_of_a_chart_beside_the_chart_are_places_too(tmp_path: Path) -> None:
    dependency = "dependencies: [{name: side, version: 1.0.0, repository: 'file://../side'}]\n"
    tree = {
        "charts/web/Chart.yaml": CHART.format(name="web") + dependency,
        "charts/side/Chart.yaml": CHART.format(name="side"),
        "charts/side/values.yaml": PINNED,
        "charts/side/templates/deployment.yaml": SAYS_NOTHING,
        "apps/web.yaml": APPLICATION.replace("vendor/", "charts/"),
    }
    (line,) = found(tmp_path, tree)
    assert line.startswith("charts/side/templates/deployment.yaml:12:19: UF015 no pull policy for container app of ")
    assert line.endswith("Deployment/web of web; set imagePullPolicy: IfNotPresent")


def test_a_manifest_that_says_no_policy_is_the_place(tmp_path: Path) -> None:
    pod = POD.replace("      imagePullPolicy: IfNotPresent\n", "") % WEB_PINNED
    tree = {"app/kustomization.yaml": "resources: [pod.yaml]\n", "app/pod.yaml": pod}
    assert [line.split()[:2] for line in found(tmp_path, tree)] == [["app/pod.yaml:7:14:", "UF015"]]


def test_containers_of_one_image_are_told_apart_by_their_names(tmp_path: Path) -> None:
    pod = POD.replace("      imagePullPolicy: IfNotPresent\n", "") % WEB_PINNED
    more = f"    - name: side\n      image: {WEB_PINNED}\n"
    tree = {
        "app/kustomization.yaml": "resources: [pod.yaml, other.yaml]\n",
        "app/pod.yaml": pod + more,
        "app/other.yaml": pod.replace("name: app", "name: third").replace("{name: web}", "{name: other}"),
    }
    assert [(line.split(" ")[0], line.split("container ")[1].split(" ")[0]) for line in found(tmp_path, tree)] == [
        ("app/other.yaml:7:14:", "third"),
        ("app/pod.yaml:7:14:", "app"),
        ("app/pod.yaml:9:14:", "side"),
    ]


def test_a_container_whose_image_is_renamed_is_found_by_its_name(tmp_path: Path) -> None:
    pod = POD.replace("      imagePullPolicy: IfNotPresent\n", "") % "web"
    images = f"images: [{{name: web, newName: ghcr.io/acme/web, digest: '{DIGEST}'}}]\n"
    tree = {"app/kustomization.yaml": f"resources: [pod.yaml]\n{images}", "app/pod.yaml": pod}
    assert [line.split()[:2] for line in found(tmp_path, tree)] == [["app/pod.yaml:7:14:", "UF015"]]


def test_a_patch_that_brings_a_container_without_a_policy_is_the_place(tmp_path: Path) -> None:
    patch = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  initContainers:\n"
        f"    - name: first\n      image: ghcr.io/acme/first@{DIGEST}\n"
    )
    tree = {
        "app/kustomization.yaml": "resources: [pod.yaml]\npatches: [{path: more.yaml}]\n",
        "app/pod.yaml": POD % WEB_PINNED,
        "app/more.yaml": patch,
    }
    assert [line.split()[:2] for line in found(tmp_path, tree)] == [["app/more.yaml:7:14:", "UF015"]]


def test_what_a_vendored_chart_prints_is_placed_at_the_declaration_that_can_set_it(tmp_path: Path) -> None:
    policy = "pull policy Always for ghcr.io/acme/web:dev in Deployment/web of web"
    assert found(tmp_path, vendored()) == [
        "apps/web.yaml:1:1: UF001 ghcr.io/acme/web:dev in Deployment/web of web floats; pin it",
        f"apps/web.yaml:1:1: UF004 {policy}; set IfNotPresent",
    ]


def test_always_in_a_vendored_template_is_placed_there_too(tmp_path: Path) -> None:
    assert [line.split()[:2] for line in found(tmp_path, vendored(ALWAYS, PINNED))] == [["apps/web.yaml:1:1:", "UF004"]]


def test_a_strict_environment_has_to_have_digests_and_no_floating_tag_beside_them(tmp_path: Path) -> None:
    tree = vendored(values=VALUES.replace("dev", "v1").replace("Always", "IfNotPresent"))
    tree["env/production/web.yaml"] = tree.pop("apps/web.yaml")
    (line,) = found(tmp_path, tree)
    image = "ghcr.io/acme/web:v1 in Deployment/web of web (production)"
    assert line.startswith(f"env/production/web.yaml:1:1: UF002 {image} has no digest, which this environment requires")
    (tmp_path / "vendor/web/values.yaml").write_text(
        f"image: {{repository: ghcr.io/acme/web, tag: 'dev@{DIGEST}', pullPolicy: IfNotPresent}}\n"
    )
    assert [line.split()[1] for line in check(tmp_path, "-q").stdout.splitlines()] == ["UF003"]


def test_one_place_gives_one_violation_for_all_that_it_renders(tmp_path: Path) -> None:
    tree = {
        **WEB,
        "charts/web/values.yaml": PINNED,
        "charts/web/templates/deployment.yaml": SAYS_NOTHING,
        **{
            f"apps/{name}.yaml": APPLICATION.replace("vendor/", "charts/").replace("web}", f"{name}}}")
            for name in ("one", "two", "three")
        },
    }
    (line,) = found(tmp_path, tree)
    assert line.endswith("container app of Deployment/one of one and 2 more; set imagePullPolicy: IfNotPresent")


def test_what_flux_and_argo_cd_make_of_images_counts(tmp_path: Path) -> None:
    tree = {
        "app/kustomization.yaml": "resources: [pod.yaml]\n",
        "app/pod.yaml": POD % WEB_PINNED,
        "flux/app.yaml": (
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: app}\nspec:\n"
            "  path: ./app\n  images:\n    - name: ghcr.io/acme/web\n      newTag: main\n"
        ),
    }
    plain = run("check", write(tmp_path, tree), "--offline", "-q").stdout
    assert check(tmp_path, "-q").stdout == plain
    assert plain.startswith("flux/app.yaml:8:15: UF")
    (tmp_path / "flux/app.yaml").write_text(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: app}\nspec:\n"
        "  source: {path: app, kustomize: {images: ['ghcr.io/acme/web=ghcr.io/acme/other:main']}}\n"
    )
    shown = check(tmp_path, "-q").stdout
    assert shown == run("check", tmp_path, "--offline", "-q").stdout
    assert "flux/app.yaml:5:" in shown


def test_a_base_that_an_application_takes_itself_is_judged(tmp_path: Path) -> None:
    pod = POD.replace("      imagePullPolicy: IfNotPresent\n", "") % WEB_PINNED
    policy = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: app, imagePullPolicy: Never}]}\n"
    )
    tree = {
        "base/kustomization.yaml": "resources: [pod.yaml]\n",
        "base/pod.yaml": pod,
        "top/kustomization.yaml": "resources: [../base]\npatches: [{path: policy.yaml}]\n",
        "top/policy.yaml": policy,
    }
    assert found(tmp_path, tree) == []
    app = APPLICATION.replace("path: vendor/web, helm: {releaseName: web}", "path: base")
    assert [line.split()[:2] for line in found(tmp_path, {"apps/web.yaml": app})] == [["base/pod.yaml:7:14:", "UF015"]]


def test_rendered_texts_that_are_no_references_are_counted(tmp_path: Path) -> None:
    tree = {"app/kustomization.yaml": "resources: [pod.yaml]\n", "app/pod.yaml": POD % "'ghcr.io/acme/${NAME}:v1'"}
    result = check(write(tmp_path, tree))
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.splitlines()[-1] == (
        "No references, and so not judged: 1 rendered text, such as `ghcr.io/acme/${NAME}:v1`."
    )


def test_of_a_branch_only_what_it_touches_is_rendered(tmp_path: Path) -> None:
    chart = {
        "Chart.yaml": CHART.format(name="web"),
        "values.yaml": PINNED,
        "templates/deployment.yaml": SAYS_NOTHING,
        "templates/fails.yaml": '{{ fail "cannot" }}\n',
    }
    pod = POD.replace("      imagePullPolicy: IfNotPresent\n", "") % WEB_PINNED
    tree = {
        **{f"charts/{name}/{path}": text for name in ("one", "two") for path, text in chart.items()},
        **{f"{name}/kustomization.yaml": "resources: [pod.yaml]\n" for name in ("app", "other")},
        **{f"{name}/pod.yaml": pod for name in ("app", "other")},
    }
    commit(write(tmp_path, tree))
    unchanged = check(tmp_path, "--changed", "HEAD")
    assert (unchanged.exit_code, unchanged.stdout, len(unchanged.stderr.splitlines())) == (0, "", 1)
    (tmp_path / "charts/one/templates/fails.yaml").unlink()
    (tmp_path / "app/pod.yaml").write_text(pod + "# changed\n")
    touched = check(tmp_path, "--changed", "HEAD")
    assert [line.split()[0] for line in touched.stdout.splitlines()] == [
        "app/pod.yaml:7:14:",
        "charts/one/templates/deployment.yaml:12:19:",
    ]
    assert len(touched.stderr.splitlines()) == 1
    assert "cannot" in check(tmp_path).stderr


# --- the programs -----------------------------------------------------------------------------------------------------


def test_a_missing_program_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "tree", WEB)
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run("check", tmp_path / "tree", "--rendered", "--offline")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("unfloat: no helm on PATH, ")


def test_programs_are_for_what_is_rendered(tmp_path: Path) -> None:
    result = run("check", tmp_path, "--helm", HELM)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "for --rendered" in result.stderr


def test_where_one_release_of_a_chart_takes_too_long_the_others_are_not_tried(tmp_path: Path) -> None:
    releases = [stack(), stack(release="other")]
    shown = render_all(releases, str(write(tmp_path / "tree", WEB)), tools(tmp_path / "home", timeout=0.001))
    assert [one.objects for one in shown] == [None, None]
    assert [one.stopped for one in shown] == [True, False]
    assert shown[0].reason == shown[1].reason


def test_what_is_no_list_of_objects_is_said(tmp_path: Path) -> None:
    helm = tmp_path / "helm"
    helm.write_text("#!/bin/sh\necho '- just a list'\n")
    helm.chmod(0o755)
    printing = replace(tools(tmp_path / "home"), helm=Tool((str(helm),), "v3"))
    (shown,) = render_all([stack()], str(write(tmp_path / "tree", WEB)), printing)
    assert (shown.objects, shown.reason) == (None, "what it renders is no list of objects")


def test_what_is_nested_too_deeply_is_counted(tmp_path: Path) -> None:
    deep: dict[str, object] = {"image": "ghcr.io/acme/web:dev"}
    for _ in range(5000):
        deep = {"spec": deep}
    shown = Shown("app", frozenset({"app/kustomization.yaml"}), (Printed(Object({"kind": "Web", **deep})),))
    config = Config()
    facts = fleet.build(config, (), lambda path: None)
    verdict = judge(facts, [shown], Plan(), Exceptions(config, date(2026, 11, 27)), ())
    assert (verdict.violations, verdict.unread) == ((), {"what it renders is nested too deeply": 1})


def test_each_object_has_its_template(tmp_path: Path) -> None:
    tree = {**WEB, "charts/web/templates/two.yaml": "kind: A\n---\nkind: B\n"}
    (shown,) = render_all([stack()], str(write(tmp_path / "tree", tree)), tools(tmp_path / "home"))
    assert sorted((printed.one.kind, printed.template) for printed in shown.objects or ()) == [
        ("A", "web/templates/two.yaml"),
        ("B", "web/templates/two.yaml"),
        ("Deployment", "web/templates/deployment.yaml"),
    ]


# --- the fleet --------------------------------------------------------------------------------------------------------

ONLY_RENDERED = {
    "argocd/applicationset.yaml:2:1: UF002",
    "argocd/applicationset.yaml:2:1: UF015",
    "clusters/edge/agent-deployment.yaml:19:18: UF015",
    "clusters/edge/agent-deployment.yaml:22:19: UF015",
    "clusters/edge/agent-deployment.yaml:33:18: UF015",
    "clusters/edge/charts/lookout/templates/statefulset.yaml:39:18: UF015",
    "sources/charts/platform/db-migrations/templates/job.yaml:15:18: UF015",
    "sources/charts/platform/timetables/templates/deployment.yaml:16:18: UF015",
    "sources/charts/platform/timetables/templates/importer.yaml:14:22: UF015",
    "sources/values/_shared/apps/process-ping-v0-smoke.yaml:17:20: UF015",
}
"""What the fleet's files do not tell: the image of a vendored chart's init container, policies that nothing says."""


def places(root: Path, *arguments: str | Path) -> set[str]:
    given = ("--offline", "-q", "--digests", EXAMPLES / "digests.yaml", "--date", "2026-11-23")
    lines = run("check", root, *given, *arguments).stdout.splitlines()
    found = [" ".join(line.split()[:2]) for line in lines]
    assert len(found) == len(set(found))
    return set(found)


def test_on_the_fleet_all_and_only_what_its_files_do_not_tell_is_added(tmp_path: Path) -> None:
    root = tmp_path / "fleet"
    shutil.copytree(EXAMPLES / "fleet", root)
    assert places(root, "--rendered", *TOOLS) - places(root) == ONLY_RENDERED
    run("run", root, "--offline", "--digests", EXAMPLES / "digests.yaml", "--no-report", "-q")
    assert places(root, "--rendered", *TOOLS) - places(root) == ONLY_RENDERED
    policies = ("--only", "explicit-pull-policy", "--no-report", "-q")
    run("run", root, "--offline", "--digests", EXAMPLES / "digests.yaml", *policies)
    left = places(root, "--rendered", *TOOLS) - places(root)
    assert left < {place for place in ONLY_RENDERED if not place.startswith("clusters/edge/agent-deployment.yaml")}
