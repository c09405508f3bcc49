"""Proofs with the real helm and kustomize."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace
from proving import (
    CHART,
    DEPLOYMENT,
    DIGEST,
    PINNED,
    POD,
    VALUES,
    WEB,
    differences,
    proof,
    stack,
    tools,
    verdict,
    write,
)

from codemod.errors import UnfloatError
from codemod.fleet.stack import Layer
from codemod.outcome import Changed, Plan, Site
from codemod.proof.compare import Change
from codemod.proof.prove import prove
from codemod.proof.render import reason
from codemod.proof.rollback import provable
from codemod.proof.snapshot import Texts, planned_digests, snapshots
from codemod.proof.verdict import Proof, Verdict, kustomizations, targets

OWN = "charts/web/values.yaml"


def test_a_release_whose_image_gained_its_digest_is_proven(tmp_path: Path) -> None:
    planned = {"ghcr.io/acme/web:dev": DIGEST}
    found = verdict(tmp_path, WEB, {OWN: PINNED}, [stack()], planned=planned)
    assert (found.target, found.outcome, found.pinned, found.files) == ("web (dev)", "proven", 1, (OWN,))
    assert [(change.object, change.path) for change in found.changes] == [
        ("Deployment/release-name", "spec.template.spec.containers[app].image"),
        ("Deployment/release-name", "spec.template.spec.containers[app].imagePullPolicy"),
    ]
    assert list(found.images or ()) == [f"ghcr.io/acme/web@{DIGEST}"]


def test_a_chart_that_ignores_the_digest_fails_the_proof(tmp_path: Path) -> None:
    tree = {**WEB, "charts/web/templates/deployment.yaml": DEPLOYMENT.replace(".digest", ".nothing")}
    found = proof(tmp_path, tree, {OWN: PINNED}, [stack()])
    container = "Deployment/release-name spec.template.spec.containers[app]"
    assert differences(found.verdicts[0]) == [
        f"{container}.image: ghcr.io/acme/web:dev -> ghcr.io/acme/web:",
        f"{container}.imagePullPolicy: Always -> IfNotPresent",
    ]
    assert found.failed
    assert found.verdicts[0].files == (OWN,)


def test_a_chart_that_no_longer_renders_fails_the_proof(tmp_path: Path) -> None:
    found = verdict(tmp_path, WEB, {OWN: "image: web\n"}, [stack()])
    assert found.outcome == "differs"
    assert found.differences[0].before == "renders"
    assert "can't evaluate field" in found.differences[0].after


def test_what_did_not_change_is_not_rendered(tmp_path: Path) -> None:
    broken = {**WEB, "charts/web/templates/x.yaml": '{{ fail "no" }}'}
    found = verdict(tmp_path, broken, {"other.yaml": "a: 1\n"}, [stack()])
    assert (found.outcome, found.reason, found.images) == ("unchanged", "", None)


def test_what_did_not_change_is_rendered_where_images_are_asked_for(tmp_path: Path) -> None:
    found = verdict(tmp_path, WEB, {}, [stack()], all_images=True)
    assert (found.outcome, list(found.images or ())) == ("unchanged", ["ghcr.io/acme/web:dev"])


def test_unchanged_releases_that_do_not_render_say_why(tmp_path: Path) -> None:
    found = verdict(tmp_path, {**WEB, "charts/web/templates/x.yaml": '{{ fail "no" }}'}, {}, [stack()], all_images=True)
    assert (found.outcome, found.images) == ("unchanged", None)
    assert found.reason.endswith(": no")


def test_a_change_without_effect_is_proven(tmp_path: Path) -> None:
    found = verdict(tmp_path, WEB, {OWN: VALUES + "# a comment\n"}, [stack()])
    assert (found.outcome, found.pinned) == ("proven", 0)


def test_layers_are_given_in_their_order(tmp_path: Path) -> None:
    tree = {**WEB, "env/low.yaml": "image: {tag: low}\n", "env/a,b.yaml": "image: {tag: high}\n"}
    layers = stack("env/low.yaml", "env/a,b.yaml")
    assert list(verdict(tmp_path, tree, {}, [layers], all_images=True).images or ()) == ["ghcr.io/acme/web:high"]


def test_the_values_of_the_chart_may_be_named_once_more_at_the_end(tmp_path: Path) -> None:
    tree = {**WEB, "env/low.yaml": "image: {tag: low}\n"}
    found = verdict(tmp_path, tree, {}, [stack("env/low.yaml", OWN)], all_images=True)
    assert list(found.images or ()) == ["ghcr.io/acme/web:dev"]


APPLICATION = """\
kind: Application
spec:
  helm:
    valuesObject: {{image: {{pullPolicy: Never, {tag}}}}}
    values: |
      image:
        repository: ghcr.io/acme/other
    parameters:
      - {{name: image.pullPolicy, value: Always}}
"""
INLINE = (
    Layer("app.yaml", 0, ("spec", "helm", "valuesObject")),
    Layer("app.yaml", 0, ("spec", "helm", "values"), is_text=True),
    Layer("app.yaml", 0, ("spec", "helm", "parameters"), parameters=True),
)


def test_inline_values_and_parameters_are_given(tmp_path: Path) -> None:
    tree = {**WEB, "app.yaml": APPLICATION.format(tag="tag: main")}
    edits = {"app.yaml": APPLICATION.format(tag=f"digest: '{DIGEST}'")}
    found = verdict(tmp_path, tree, edits, [stack(*INLINE, release="front", namespace="web")])
    assert found.outcome == "proven"
    assert [(c.object, c.before, c.after) for c in found.changes] == [
        ("Deployment/front", "ghcr.io/acme/other:main", f"ghcr.io/acme/other@{DIGEST}")
    ]


def test_inline_values_that_are_gone_are_unproven(tmp_path: Path) -> None:
    tree = {**WEB, "app.yaml": "kind: Application\n"}
    found = verdict(tmp_path, tree, {"app.yaml": "kind: Other\n"}, [stack(INLINE[0])])
    assert (found.outcome, found.reason) == (
        "unproven",
        "the values at app.yaml#spec.helm.valuesObject cannot be read",
    )


UMBRELLA = CHART.format(name="umbrella") + "dependencies:\n  - {{name: web, version: 1.0.0, repository: '{0}'{1}}}\n"


def test_a_subchart_of_the_tree_is_rendered_without_a_build(tmp_path: Path) -> None:
    tree = {
        **WEB,
        "umbrella/Chart.yaml": UMBRELLA.format("file://../charts/web", ", alias: front"),
        "umbrella/values.yaml": "front:\n  image:\n    tag: main\n",
    }
    release = stack(chart="umbrella", subcharts={("front",): "charts/web"})
    release = replace(release, layers=(Layer(OWN, prefix=("front",)), *release.layers))
    found = verdict(tmp_path, tree, {"umbrella/values.yaml": f"front: {{image: {{digest: '{DIGEST}'}}}}\n"}, [release])
    assert (found.outcome, found.pinned, found.files) == ("proven", 1, ("umbrella/values.yaml",))


def test_a_change_of_the_subchart_is_a_change_of_the_release(tmp_path: Path) -> None:
    tree = {**WEB, "umbrella/Chart.yaml": UMBRELLA.format("file://../charts/web", "")}
    found = verdict(tmp_path, tree, {OWN: PINNED}, [stack(chart="umbrella")])
    assert (found.outcome, found.pinned, found.files) == ("proven", 1, (OWN,))


def test_charts_that_depend_on_each_other_are_not_linked(tmp_path: Path) -> None:
    tree = {
        "a/Chart.yaml": UMBRELLA.format("file://../b", "").replace("name: web", "name: b"),
        "b/Chart.yaml": UMBRELLA.format("file://../a", "").replace("name: web", "name: a"),
    }
    found = verdict(tmp_path, tree, {"a/values.yaml": "x: 1\n"}, [stack(chart="a")])
    assert (found.outcome, found.reason) == ("unproven", "dependency b is not in the repository")


def test_a_packed_subchart_that_git_ignores_is_used(tmp_path: Path) -> None:
    tree = {
        "umbrella/Chart.yaml": UMBRELLA.format("https://charts.example.com", ""),
        "umbrella/values.yaml": "web: {image: {tag: main}}\n",
    }
    for path, text in WEB.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "tree/umbrella/charts").mkdir(parents=True)
    with tarfile.open(tmp_path / "tree/umbrella/charts/web-1.0.0.tgz", "w:gz") as archive:
        archive.add(tmp_path / "charts/web", "web")
    edits = {"umbrella/values.yaml": f"web: {{image: {{digest: '{DIGEST}'}}}}\n"}
    assert verdict(tmp_path, tree, edits, [stack(chart="umbrella")]).outcome == "proven"


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        pytest.param(
            {"charts/web/Chart.yaml": UMBRELLA.format("https://charts.example.com", "")},
            "dependency web is not in the repository",
            id="a subchart from elsewhere",
        ),
        pytest.param(
            {"charts/web/templates/a.yaml": '{{ required "image.sha is required" .Values.image.sha }}'},
            "execution error at (web/templates/a.yaml:1:3): image.sha is required",
            id="a value that is required",
        ),
        pytest.param(
            {"charts/web/values.schema.json": '{"required": ["owner"]}'},
            "values don't meet the specifications of the schema(s) in the following chart(s): web: "
            "- at '': missing property 'owner'",
            id="a schema that wants more",
        ),
        pytest.param(
            {"charts/web/Chart.yaml": CHART.format(name="web") + "type: library\n"},
            "library charts are not installable",
            id="a library",
        ),
        pytest.param({"charts/web/templates/a.yaml": "a word"}, "", id="a text that is no object"),
    ],
)
def test_what_cannot_be_rendered_is_unproven_and_says_why(tmp_path: Path, tree: dict[str, str], expected: str) -> None:
    found = verdict(tmp_path, {**WEB, **tree}, {OWN: PINNED}, [stack()])
    assert found.outcome == "unproven"
    assert found.reason == expected or (not expected and found.reason)
    assert "/tmp" not in found.reason
    assert "\n" not in found.reason


def test_a_release_whose_chart_is_elsewhere_is_unproven(tmp_path: Path) -> None:
    found = verdict(tmp_path, {"v.yaml": VALUES}, {"v.yaml": PINNED}, [stack("v.yaml", chart=None)])
    assert (found.outcome, found.reason) == ("unproven", "the chart is not in the repository")


def test_a_folder_that_is_no_chart_is_unproven(tmp_path: Path) -> None:
    found = verdict(tmp_path, {"a/values.yaml": VALUES}, {"a/values.yaml": PINNED}, [stack(chart="a")])
    assert (found.outcome, found.reason) == ("unproven", "a holds no chart")


def test_random_values_are_left_out_and_named(tmp_path: Path) -> None:
    secret = "kind: Secret\nmetadata: {name: s}\ndata: {a: {{ randAlphaNum 32 }}, b: {{ .Values.image.tag }}}\n"
    tree = {**WEB, "charts/web/templates/secret.yaml": secret}
    found = verdict(tmp_path, tree, {OWN: PINNED}, [stack()])
    assert (found.unstable, [change.path for change in found.differences]) == (("Secret/s data.a",), ["data.b"])


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    found = verdict(tmp_path, WEB, {OWN: PINNED}, [stack(missing=("env/gone.yaml",), notes=("no cluster",))])
    assert (found.outcome, found.missing) == ("proven", ("env/gone.yaml", "no cluster"))


def test_a_rendering_that_takes_too_long_is_unproven(tmp_path: Path) -> None:
    loop = '{{ range until 100000 }}{{ range until 100000 }}{{ sha256sum "x" | trunc 0 }}{{ end }}{{ end }}'
    tree = {**WEB, "charts/web/templates/x.yaml": loop}
    slow = tools(tmp_path / "home", timeout=1)
    found = verdict(tmp_path, tree, {OWN: PINNED}, [stack()], with_tools=slow)
    assert (found.outcome, found.reason) == ("unproven", "took longer than 1 s")


def test_where_one_release_of_a_chart_takes_too_long_the_others_are_not_tried(tmp_path: Path) -> None:
    loop = '{{ range until 100000 }}{{ range until 100000 }}{{ sha256sum "x" | trunc 0 }}{{ end }}{{ end }}'
    other = {path.replace("charts/web", "charts/other"): text for path, text in WEB.items()}
    tree = {**WEB, **other, "charts/web/templates/x.yaml": loop}
    stacks = [stack(), *(replace(stack(), name=f"web-{n}") for n in range(9)), stack(chart="charts/other")]
    edits = {OWN: PINNED, OWN.replace("web", "other"): PINNED}
    found = proof(tmp_path, tree, edits, stacks, with_tools=tools(tmp_path / "home", timeout=1))
    assert [verdict.outcome for verdict in found.verdicts].count("proven") == 1
    reasons = {verdict.reason for verdict in found.of("unproven")}
    assert reasons == {"took longer than 1 s", "web (dev), of the same chart, took longer than 1 s"}


def test_templates_without_an_end_take_no_more_memory_than_they_may(tmp_path: Path) -> None:
    tree = {**WEB, "charts/web/templates/x.yaml": "{{ tpl .Values.x . }}"}
    endless = "x: '{{ tpl .Values.x . }}'\n"
    small = replace(tools(tmp_path / "home"), memory=300 << 20)
    edits = {OWN: PINNED + endless}
    found = verdict(tmp_path, tree | {OWN: VALUES + endless}, edits, [stack()], with_tools=small)
    assert (found.outcome, found.reason) == ("unproven", "took more than 300 MiB of memory")


def test_renderings_are_kept_by_their_content(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert proof(tmp_path, WEB, {OWN: PINNED}, [stack()], cache=str(cache)).verdicts[0].outcome == "proven"
    kept = {path: path.stat().st_mtime_ns for path in cache.rglob("*") if path.is_file()}
    assert len(kept) == 2
    no_helm = replace(tools(tmp_path / "home"), timeout=0)
    again = proof(tmp_path, WEB, {OWN: PINNED}, [stack()], cache=str(cache), with_tools=no_helm)
    assert again.verdicts[0].outcome == "proven"
    assert kept == {path: path.stat().st_mtime_ns for path in cache.rglob("*") if path.is_file()}


def test_without_helm_what_changed_is_unproven_and_the_rest_unchanged(tmp_path: Path) -> None:
    none = replace(tools(tmp_path / "home"), helm=None)
    found = verdict(tmp_path, WEB, {OWN: PINNED}, [stack()], with_tools=none)
    assert (found.outcome, found.reason, found.lacks_tool) == ("unproven", "no helm was found", True)
    found = verdict(tmp_path, WEB, {}, [stack()], with_tools=none)
    assert (found.outcome, found.lacks_tool) == ("unchanged", False)


def test_progress_counts_the_targets(tmp_path: Path) -> None:
    seen: list[int] = []
    proof(tmp_path, WEB, {OWN: PINNED}, [stack(), stack(release="b")], jobs=2, progress=seen.append)
    assert seen == [1, 2]


OVERLAY = {
    "base/kustomization.yaml": "resources: [pod.yaml]\n",
    "base/pod.yaml": POD,
    "overlay/kustomization.yaml": "resources: [../base]\nimages: [{name: ghcr.io/acme/web, newTag: main}]\n",
}


def test_a_kustomization_is_proven_with_its_bases(tmp_path: Path) -> None:
    edits = {
        "overlay/kustomization.yaml": OVERLAY["overlay/kustomization.yaml"].replace("newTag: main", f"digest: {DIGEST}")
    }
    found = {item.target: item for item in proof(tmp_path, OVERLAY, edits).verdicts}
    assert {name: item.outcome for name, item in found.items()} == {"base": "unchanged", "overlay": "proven"}
    assert found["overlay"].changes[0].before == "ghcr.io/acme/web:main"


def test_a_tag_of_an_overlay_undoes_the_digest_of_its_base(tmp_path: Path) -> None:
    pinned = POD.replace("web:dev'", f"web@{DIGEST}', imagePullPolicy: IfNotPresent")
    policy = POD.replace("dev'", "dev', imagePullPolicy: Always")
    found = {
        item.target: item
        for item in proof(tmp_path, {**OVERLAY, "base/pod.yaml": policy}, {"base/pod.yaml": pinned}).verdicts
    }
    assert found["base"].outcome == "proven"
    assert differences(found["overlay"]) == ["Pod/web spec.containers[app].imagePullPolicy: Always -> IfNotPresent"]


def test_a_generated_config_map_may_have_another_hash(tmp_path: Path) -> None:
    tree = {
        "kustomization.yaml": "configMapGenerator: [{name: app, files: [config=app.yaml]}]\nresources: [pod.yaml]\n",
        "app.yaml": "image: busybox\nport: 80\n",
        "pod.yaml": POD.replace("spec: {", "spec: {volumes: [{configMap: {name: app}}], "),
    }
    found = verdict(tmp_path, tree, {"app.yaml": f"image: busybox@{DIGEST}\nport: 80\n"})
    assert (found.target, found.outcome) == (".", "proven")
    assert sorted(change.allowed for change in found.changes) == ["image", "name", "name"]


def test_a_chart_within_a_kustomization_is_inflated(tmp_path: Path) -> None:
    tree = {"kustomization.yaml": "helmCharts: [{name: web, releaseName: web}]\n", **WEB}
    found = verdict(tmp_path, tree, {OWN: PINNED})
    assert (found.outcome, found.pinned) == ("proven", 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "resources: ['https://example.com/acme/x.yaml']\n",
            "a remote base cannot be read offline: https://example.com/acme/x.yaml",
            id="a remote file",
        ),
        pytest.param(
            "resources: ['https://github.com/acme/x//base?ref=v1']\n",
            "a remote base cannot be read offline: https://github.com/acme/x//base?ref=v1",
            id="a remote repository",
        ),
        pytest.param("resources: [gone.yaml]\n", "names a file that is not there: a/gone.yaml", id="a missing file"),
        pytest.param("resources: [../../../x]\n", None, id="a base outside of the tree"),
        pytest.param("resources: pod.yaml\n", None, id="a list that is none"),
    ],
)
def test_a_kustomization_that_cannot_be_built_is_unproven(tmp_path: Path, text: str, expected: str | None) -> None:
    found = verdict(tmp_path, {"a/kustomization.yaml": text}, {"a/kustomization.yaml": text + "# changed\n"})
    assert found.outcome == "unproven"
    assert found.reason == expected or (expected is None and found.reason)
    assert str(tmp_path) not in found.reason


def test_components_templates_and_broken_files_are_no_kustomizations() -> None:
    texts = {
        "component/kustomization.yaml": b"kind: Component\n",
        "plain/kustomization.yml": b"resources: []\n",
        "kind/Kustomization": b"kind: Kustomization\n",
        "chart/templates/kustomization.yaml": b"resources: [{{ .Values.x }}]\n",
        "broken/kustomization.yaml": b"a: [",
        "empty/kustomization.yaml": b"",
        "flux/other.yaml": b"kind: Kustomization\n",
    }
    assert list(kustomizations(texts, texts.get)) == ["kind", "plain"]


def test_reasons_are_short_and_say_nothing_of_folders() -> None:
    text = f"level=INFO msg=x\nError: /side/a.yaml: {'long ' * 100}\n\nUse --debug flag\n"
    assert reason(text, "/side").startswith("a.yaml: long long")
    assert len(reason(text, "/side")) <= 240
    assert reason("", "/side") == "the tool gave no reason"
    assert os.sep + "side" not in reason("error: open /side", "/side")


def test_a_plan_says_what_its_sides_are_and_which_digests_it_means() -> None:
    site = Site("a.yaml", 1, 1, "manifest", "t")
    changes = [
        Changed(site, "image", "busybox", "busybox@…", (), "docker.io/library/busybox", DIGEST, "map"),
        Changed(site, "pull-policy", "Always", "IfNotPresent", ()),
        Changed(site, "image", "{{ x }}", "", (), "{{ x }}", DIGEST),
    ]
    assert planned_digests(changes) == {"docker.io/library/busybox:latest": DIGEST}
    before, after = snapshots(["a.yaml", "b.yaml"], {"a.yaml": (b"1", b"2")})
    assert before.paths == after.paths == {"a.yaml", "b.yaml"}
    assert [dict(side.files) for side in (before, after)] == [{"a.yaml": b"1"}, {"a.yaml": b"2"}]


def test_a_rendering_that_comes_to_take_too_long_says_nothing_of_the_edits(tmp_path: Path) -> None:
    loop = "{{ if .Values.slow }}{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}{{ end }}"
    tree = {**WEB, "charts/web/templates/x.yaml": loop}
    found = verdict(tmp_path, tree, {OWN: VALUES + "slow: 1\n"}, [stack()], with_tools=tools(tmp_path / "home", 1))
    assert (found.outcome, found.reason) == ("unproven", "took longer than 1 s")


def test_a_release_that_is_declared_elsewhere_is_the_same(tmp_path: Path) -> None:
    write(tmp_path, {"v.yaml": VALUES})
    one, other = (stack("v.yaml", chart=None, origin=f"app.yaml:{line}") for line in (1, 2))
    pair = targets([other], [], ([one], []))
    found = prove(pair, str(tmp_path), str(tmp_path), tools(tmp_path / "home"))
    assert [item.outcome for item in found.verdicts] == ["unchanged"]


def test_releases_are_matched_by_name_and_those_of_one_side_differ(tmp_path: Path) -> None:
    old, new = replace(stack(), name="old"), replace(stack(), name="new")
    found = prove(targets([new], [], ([old], [])), str(tmp_path), str(tmp_path), tools(tmp_path / "home"))
    assert [(item.target, differences(item)) for item in found.verdicts] == [
        ("new (dev)", [" : (absent) -> a release"]),
        ("old (dev)", [" : a release -> (absent)"]),
    ]


def plan_without(files: Texts, rolled_back: Mapping[str, str]) -> Plan:
    return Plan(files={path: texts for path, texts in files.items() if path not in rolled_back})


def test_the_files_of_failed_targets_are_rolled_back_until_the_rest_is_proven(tmp_path: Path) -> None:
    other = {path.replace("web", "api"): text.replace("web", "api") for path, text in WEB.items()}
    blind = {"charts/api/templates/deployment.yaml": DEPLOYMENT.replace(".digest", ".nothing")}
    tree = {**WEB, **other, **blind, "env/both.yaml": "a: 1\n"}
    stacks = [stack("env/both.yaml"), replace(stack("env/both.yaml", chart="charts/api"), name="api")]
    after = {OWN: PINNED, "charts/api/values.yaml": PINNED.replace("web", "api"), "env/both.yaml": "a: 2\n"}
    files = {path: (tree[path].encode(), text.encode()) for path, text in after.items()}
    proofs: list[Proof] = []

    def proven(plan: Plan) -> Proof:
        edits = {path: texts[1].decode() for path, texts in plan.files.items()}
        proofs.append(proof(tmp_path, tree, edits, stacks, cache=str(tmp_path / "cache")))
        return proofs[-1]

    found = provable(lambda rolled_back: plan_without(files, rolled_back), proven)
    assert set(found.plan.files) == {OWN}
    assert set(found.rolled_back) == {"charts/api/values.yaml", "env/both.yaml"}
    assert all(message.startswith("api (dev): Deployment/") for message in found.rolled_back.values())
    assert [verdict.target for verdict in found.failed] == ["api (dev)"]
    assert [[item.outcome for item in one.verdicts] for one in proofs] == [
        ["differs", "proven"],
        ["unchanged", "proven"],
    ]
    assert found.proof is proofs[-1]


def test_a_proof_that_fails_without_a_file_to_roll_back_is_an_error() -> None:
    failed = Proof((Verdict("a", "helm", "differs", differences=(Change("o", "p", 1, 2),), files=("other",)),))
    with pytest.raises(UnfloatError, match="a: o p: 1 -> 2; it is rendered from no edited file"):
        provable(lambda rolled_back: plan_without({"own": (b"1", b"2")}, rolled_back), lambda _: failed)


def test_an_error_that_kubectl_logs_says_neither_time_nor_process() -> None:
    quoted = r'"command failed" err="invalid Kustomization: \"a\" in /side/k.yaml\nis none"'
    text = f"W1127 01:18:25.8 17896 x.go:1] old\nE1127 01:18:25.874559   17896 run.go:72] {quoted}\n"
    assert reason(text, "/side") == 'invalid Kustomization: "a" in k.yaml is none'
