"""Pull policies that nothing sets: remarked on, and written beside pinned images on request."""

from __future__ import annotations

import re

import msgspec
import pytest

from codemod import registry
from codemod.config import Config
from codemod.reports.jsonreport import plan_json
from codemod.reports.markdown import report
from codemod.reports.terminal import summary
from codemod.testing import check_leaves_alone, check_rewrites, plan_of
from transforms import embedded_yaml, explicit_pull_policy, image_references

DIGEST = "sha256:" + "0123456789abcdef" * 4
PINNED = f"ghcr.io/acme/web@{DIGEST}"
ASKED = [explicit_pull_policy.transform.named, embedded_yaml.transform]
PLAIN = [explicit_pull_policy.transform, embedded_yaml.transform]
CODE = "pull-policy-defaulted"
DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n"
POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"
TEMPLATE = "charts/web/templates/web.yaml"

LEFT_SILENTLY = {
    "a policy": f"{POD}    - image: {PINNED}\n      imagePullPolicy: Never\n",
    "a policy by a merge": f"x: &d {{imagePullPolicy: Always}}\n{POD}    - <<: *d\n      image: {PINNED}\n",
    "values, which a chart completes": f"containers:\n  - image: {PINNED}\n",
    "a custom resource's own list": f"apiVersion: acme.io/v1\nkind: Web\nspec:\n  containers:\n    - image: {PINNED}\n",
    "an image of no container": f"apiVersion: acme.io/v1\nkind: Web\nspec:\n  image: {PINNED}\n",
    "a definition": (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  template:\n    spec:\n"
        f"      containers:\n        - image: {PINNED}\n"
    ),
    "a container without an image": f"{POD}    - name: web\n",
    "a kustomization's inline patch": (
        "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\npatches:\n  - patch: |\n"
        f"      apiVersion: v1\n      kind: Pod\n      spec:\n        containers:\n          - image: {PINNED}\n"
    ),
    "steps of another tool": f"apiVersion: acme.io/v1\nkind: Build\nspec:\n  steps:\n    - image: {PINNED}\n",
}


@pytest.mark.parametrize("text", LEFT_SILENTLY.values(), ids=LEFT_SILENTLY)
def test_what_is_left_without_a_word(text: str) -> None:
    path = "kustomization.yaml" if "Kustomization" in text else "web.yaml"
    assert not check_leaves_alone(ASKED, text, path=path).remarks
    assert not check_leaves_alone(PLAIN, text, path=path).remarks


REMARKED = {
    "a floating image": f"{POD}    - image: ghcr.io/acme/web:main\n",
    "a fixed tag": f"{POD}    - image: ghcr.io/acme/web:v1\n",
    "no reference at all": f"{POD}    - image: ${{IMAGE}}\n",
    "an image by an alias": f"x: &i {PINNED}\n{POD}    - image: *i\n",
    "a container that another merges": (
        f"{POD}    - &c\n      image: {PINNED}\n    - <<: *c\n      image: ghcr.io/acme/web:main\n"
    ),
    "an image in a block": f"{POD}    - image: |-\n        {PINNED}\n",
}


@pytest.mark.parametrize("text", REMARKED.values(), ids=REMARKED)
def test_what_is_remarked_on_and_not_edited(text: str) -> None:
    plan = plan_of(ASKED, {"web.yaml": text.encode()})
    assert not plan.files
    assert {entry.code for entry in plan.remarks} == {CODE}


@pytest.mark.surface("manifest", reported="a container without `imagePullPolicy`")
def test_nothing_is_edited_unasked() -> None:
    plan = check_leaves_alone(PLAIN, f"{POD}    - image: {PINNED}\n", path="web.yaml")
    assert [(entry.code, entry.image, entry.message) for entry in plan.remarks] == [(CODE, PINNED, "IfNotPresent")]


ROLLOUT = DEPLOYMENT.replace("apps/v1", "argoproj.io/v1alpha1").replace("Deployment", "Rollout")
WORKFLOW = "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  templates:\n"
TASK = "apiVersion: tekton.dev/v1\nkind: Task\nspec:\n  steps:\n"
LIST = "apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Pod\n    spec:\n      containers:\n"
EMBEDDED = "manifests: |\n  apiVersion: v1\n  kind: Pod\n  spec:\n    containers:\n"
JSON = '{\n  "apiVersion": "v1",\n  "kind": "Pod",\n  "spec": {\n    "containers": [\n      {\n        "name": "web",\n'
REWRITTEN = {
    "a pod": f"{POD}    - image: {PINNED}\n<      imagePullPolicy: IfNotPresent\n>",
    "quotes and a comment": (
        f'{POD}    - image: "{PINNED}" # pinned\n<      imagePullPolicy: "IfNotPresent"\n>      name: web\n'
    ),
    "an init container": (
        f"{DEPLOYMENT.replace('containers', 'initContainers')}        - name: a\n          image: {PINNED}\n"
        "<          imagePullPolicy: IfNotPresent\n>"
    ),
    "a flow map": (
        "apiVersion: v1\nkind: Pod\n"
        f"spec: {{containers: [{{name: web, image: {PINNED}<, imagePullPolicy: IfNotPresent>}}]}}\n"
    ),
    "the template of a custom resource": (
        f"{ROLLOUT}        - image: {PINNED}\n<          imagePullPolicy: IfNotPresent\n>"
    ),
    "a workflow": (f"{WORKFLOW}    - container:\n        image: {PINNED}\n<        imagePullPolicy: IfNotPresent\n>"),
    "a step of Tekton": f"{TASK}    - image: {PINNED}\n<      imagePullPolicy: IfNotPresent\n>      name: build\n",
    "an item of a list": f"{LIST}        - image: {PINNED}\n<          imagePullPolicy: IfNotPresent\n>",
    "a manifest in a string": (
        f"{EMBEDDED}      - image: {PINNED}\n<        imagePullPolicy: IfNotPresent\n>        name: web\n"
    ),
    "a manifest in double quotes": (
        f'manifest: "apiVersion: v1\\nkind: Pod\\nspec:\\n  containers:\\n  - image: {PINNED}'
        '<\\n    imagePullPolicy: IfNotPresent>\\n"\n'
    ),
    "latest beside a digest, which would be pulled always": (
        f"{POD}    - image: ghcr.io/acme/web:latest@{DIGEST}\n<      imagePullPolicy: IfNotPresent\n>"
    ),
    "JSON": (
        f'{JSON}        "image": "{PINNED}"<,\n        "imagePullPolicy": "IfNotPresent">\n      }}\n    ]\n  }}\n}}\n'
    ),
}
"""What is added stands between `<` and `>`."""


@pytest.mark.surface("manifest", rewritten="`imagePullPolicy: IfNotPresent` below a pinned `image`, on request")
@pytest.mark.parametrize("text", REWRITTEN.values(), ids=REWRITTEN)
def test_what_is_written_on_request(text: str) -> None:
    before, after = re.sub("<[^>]*>", "", text), re.sub("[<>]", "", text)
    check_rewrites(ASKED, before, after, path="web.json" if text.startswith("{") else "web.yaml")


def test_an_image_that_the_same_run_pins_gets_it_too() -> None:
    check_rewrites(
        [*ASKED, image_references.transform],
        f"{POD}    - image: ghcr.io/acme/web:main\n",
        f"{POD}    - image: ghcr.io/acme/web@<digest>\n      imagePullPolicy: IfNotPresent\n",
        path="web.yaml",
    )


def test_an_image_that_no_source_knows_keeps_the_default() -> None:
    text = f"{POD}    - image: ghcr.io/acme/web:main\n"
    plan = plan_of([*ASKED, image_references.transform], {"web.yaml": text.encode()}, unknown=["ghcr.io/acme/web:main"])
    assert not plan.files
    assert [entry.code for entry in (*plan.left, *plan.remarks)] == ["digest-unknown", CODE]


TEMPLATES = {
    "the policy of a template": "    - image: {image}\n      imagePullPolicy: {{{{ .Values.pullPolicy }}}}\n",
    "a policy in a branch": (
        "    - image: {image}\n      {{{{- if .Values.p }}}}\n      imagePullPolicy: Always\n      {{{{- end }}}}\n"
    ),
    "entries that a helper prints": '    - image: {image}\n      {{{{- include "web.more" . | nindent 6 }}}}\n',
    "entries without a known depth": "    - image: {image}\n      {{{{- toYaml .Values.more }}}}\n",
}


@pytest.mark.parametrize("lines", TEMPLATES.values(), ids=TEMPLATES)
def test_a_template_that_gives_the_policy_is_left(lines: str) -> None:
    assert not check_leaves_alone(ASKED, POD + lines.format(image=PINNED), path=TEMPLATE).remarks


def test_a_template_without_a_policy_is_remarked_on() -> None:
    plan = plan_of(PLAIN, {TEMPLATE: f'{POD}    - image: "{{{{ .Values.image }}}}"\n      name: web\n'.encode()})
    assert [(entry.code, entry.text, entry.message) for entry in plan.remarks] == [
        (CODE, "{{ .Values.image }}", "depends on the image")
    ]


def test_a_template_with_a_pinned_image_gets_it() -> None:
    rest = "      args: [{{ .Values.args }}]\n      resources:\n        {{- toYaml .Values.resources | nindent 8 }}\n"
    plan = plan_of(ASKED, {TEMPLATE: f"{POD}    - image: {PINNED}\n      args: [{{{{ .Values.args }}}}]\n".encode()})
    assert plan.files[TEMPLATE][1].decode() == (
        f"{POD}    - image: {PINNED}\n      imagePullPolicy: IfNotPresent\n      args: [{{{{ .Values.args }}}}]\n"
    )
    conditional = plan_of(ASKED, {TEMPLATE: f"{POD}    - image: {PINNED}\n{rest}".encode()})
    assert not conditional.files
    assert [entry.code for entry in conditional.remarks] == [CODE]


def test_a_patch_file_of_a_kustomization_is_left() -> None:
    files = {
        "kustomization.yaml": b"patches:\n  - path: patch.yaml\nresources: [web.yaml]\n",
        "patch.yaml": f"{POD}    - image: {PINNED}\n".encode(),
        "web.yaml": f"{POD}    - image: {PINNED}\n".encode(),
    }
    assert sorted(plan_of(ASKED, files).files) == ["web.yaml"]
    assert [entry.site.path for entry in plan_of(PLAIN, files).remarks] == ["web.yaml"]


def test_vendored_files_and_programs_are_no_place_for_remarks() -> None:
    pod = f"{POD}    - image: {PINNED}\n"
    files = {"vendor/x/web.yaml": pod.encode(), "main.go": f"package main\n\nconst pod = `{pod}`\n".encode()}
    plan = plan_of(registry.load(), files)
    assert not plan.remarks


DEFAULTS = {
    "ghcr.io/acme/web": "Always",
    "ghcr.io/acme/web:latest": "Always",
    f"ghcr.io/acme/web:latest@{DIGEST}": "Always",
    f"ghcr.io/acme/web@{DIGEST}": "IfNotPresent",
    "ghcr.io/acme/web:main": "IfNotPresent",
    "localhost:5000/web": "Always",
    "busybox": "Always",
}


@pytest.mark.parametrize(("image", "default"), DEFAULTS.items())
def test_what_kubernetes_fills_in(image: str, default: str) -> None:
    plan = plan_of(PLAIN, {"web.yaml": f"{POD}    - image: {image}\n".encode()})
    assert [entry.message for entry in plan.remarks] == [default]


def test_json_report_and_terminal_count_the_same_and_bury_nothing() -> None:
    lines = "".join(f"    - image: ghcr.io/acme/web{number}:main\n" for number in range(40))
    transforms = [*PLAIN, image_references.transform]
    plan = plan_of(transforms, {"web.yaml": f"{POD}{lines}".encode()}, unknown=["ghcr.io/acme/web3:main"])
    entries, _, remarks = plan_json(plan).partition('"remarks": [')
    assert (entries.count('"code"'), remarks.count(f'"code": "{CODE}"')) == (1, 40)
    assert '"transitional": {"digest-unknown": 1}, "remarks": {"pull-policy-defaulted": 40}' in remarks
    said = summary(plan)
    assert said.count(CODE) == 1
    assert f"40 remarks on pull policies: 40 {CODE}.\n" in said
    assert "1 transitional entry:\n" in said
    assert "unfloat explain digest-unknown" in said
    text = report(plan, plan)
    entries, policies = text.partition("## Transitional entries")[2].split("## Pull policies")
    assert CODE not in entries
    assert f"### `{CODE}` (40)" in policies
    assert "<summary>40 places</summary>" in policies
    assert "- 1 transitional entry left.\n- 40 remarks on [pull policies](#pull-policies).\n" in text


def test_an_exception_for_it_is_listed_as_one() -> None:
    allow = [{"path": "**", "reason": "r", "owner": "o", "expires": "2026-06-01", "code": CODE}]
    config = msgspec.convert({"allow": allow}, Config)
    (left,) = plan_of(PLAIN, {"web.yaml": f"{POD}    - image: {PINNED}\n".encode()}, config=config).left
    assert (left.code, left.kind, left.owner) == ("allowlisted", "image", "o")


def test_who_names_it_has_the_texts_opened_for_it() -> None:
    chosen = registry.select(registry.load(), ["explicit-pull-policy"], [])
    assert [transform.name for transform in chosen] == ["embedded-yaml", "explicit-pull-policy"]
    plan = plan_of(chosen, {"values.yaml": f"{EMBEDDED}      - image: {PINNED}\n".encode()})
    assert [change.site.transform for change in plan.changed] == ["explicit-pull-policy"]
