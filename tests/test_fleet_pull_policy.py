"""Custom resources in values that do not say their pull policy, and lookups that fail on `.Values`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from codemod.config import Config
from codemod.outcome import Plan
from codemod.testing import plan_of
from transforms import embedded_yaml, fleet_pull_policy

PLAIN = [fleet_pull_policy.transform, embedded_yaml.transform]
ASKED = [fleet_pull_policy.transform.named, embedded_yaml.transform]
LACKS, BRITTLE = "resource-lacks-pull-policy", "brittle-lookup"
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec:
  group: acme.io
  names: {kind: Web}
  versions:
    - name: v1
      schema:
        openAPIV3Schema:
          properties:
            spec: {properties: {image: {type: string}, imagePullPolicy: {type: string}}}
"""
GLOBAL = "global:\n  acme:\n    imagePullPolicy: IfNotPresent\n"
RESOURCE = """\
manifests: |
  apiVersion: acme.io/v1
  kind: Web
  metadata:
    name: web
  spec:
    image: {{ .Values.image }} # set by CI
"""
LINE = "    imagePullPolicy: {{ $.Values.global.acme.imagePullPolicy }}\n"
CHART = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/templates/all.yaml": "{{ tpl .Values.manifests . }}\n",
    "crds/web.yaml": CRD,
}
VALUES = "charts/web/values.yaml"


def planned(values: str, *, asked: bool = True, said: str = "", more: dict[str, str] | None = None) -> Plan:
    files = {path: text.encode() for path, text in {**CHART, VALUES: values, **(more or {})}.items()}
    return plan_of(ASKED if asked else PLAIN, files, config=Config(pull_policy_value=said))


def written(values: str, *, said: str = "") -> str:
    plan = planned(values, said=said)
    assert list(plan.files) == [VALUES]
    after = plan.files[VALUES][1].decode()
    assert not planned(after, said=said).files
    return after


@pytest.mark.surface("embedded-yaml", rewritten="`imagePullPolicy` of a CR from one global value, on request")
def test_a_resource_renders_the_one_global_value() -> None:
    assert written(GLOBAL + RESOURCE) == GLOBAL + RESOURCE + LINE


@pytest.mark.surface("embedded-yaml", reported="a CR that could say its pull policy and does not")
def test_unasked_it_is_remarked_on() -> None:
    plan = planned(GLOBAL + RESOURCE, asked=False)
    assert not plan.files
    assert [(entry.code, entry.text) for entry in plan.remarks] == [(LACKS, "Web image")]


def test_of_several_values_the_configured_one_is_rendered() -> None:
    values = GLOBAL.replace("global:\n", "global:\n  imagePullPolicy: Always\n") + RESOURCE
    plan = planned(values)
    assert not plan.files
    assert plan.remarks[0].message == (
        "name one of global.acme.imagePullPolicy, global.imagePullPolicy as `pull_policy_value`"
    )
    assert written(values, said="global.acme.imagePullPolicy") == values + LINE


NO_VALUE = {
    "no value at all": ("", ""),
    "a value outside of global": ("acme:\n  imagePullPolicy: Always\n", ""),
    "an empty value": (GLOBAL.replace("IfNotPresent", '""'), ""),
    "a configured value that no release has": (GLOBAL, "global.other.imagePullPolicy"),
}


@pytest.mark.parametrize(("values", "said"), NO_VALUE.values(), ids=NO_VALUE)
def test_no_value_is_made_up(values: str, said: str) -> None:
    plan = planned(values + RESOURCE, said=said)
    assert not plan.files
    assert [entry.code for entry in plan.remarks] == [LACKS]


LEFT = {
    "a policy": RESOURCE + "    imagePullPolicy: Always\n",
    "a policy in a branch": RESOURCE + "    {{- with .Values.p }}\n    imagePullPolicy: {{ . }}\n    {{- end }}\n",
    "an image that is written out": RESOURCE.replace("{{ .Values.image }}", "ghcr.io/acme/web:v1"),
    "another kind": RESOURCE.replace("kind: Web", "kind: Shop"),
    "another version": RESOURCE.replace("acme.io/v1", "acme.io/v2"),
    "another group": RESOURCE.replace("acme.io/v1", "acme.org/v1"),
    "an image elsewhere": RESOURCE.replace("  spec:\n", "  status:\n"),
}


@pytest.mark.parametrize("values", LEFT.values(), ids=LEFT)
def test_what_is_left_without_a_word(values: str) -> None:
    plan = planned(GLOBAL + values)
    assert not plan.files
    assert not plan.remarks


def test_a_definition_without_the_field_is_no_reason() -> None:
    crd = CRD.replace(", imagePullPolicy: {type: string}", "")
    plan = planned(GLOBAL + RESOURCE, more={"crds/web.yaml": crd})
    assert not plan.files
    assert not plan.remarks


def test_a_resource_in_the_template_of_a_chart_is_only_remarked_on() -> None:
    template = RESOURCE.partition("\n")[2].replace("\n  ", "\n")[2:]
    plan = planned(GLOBAL, more={"charts/web/templates/all.yaml": template})
    assert not plan.files
    assert [entry.code for entry in plan.remarks] == [LACKS]


DIG = '{{ dig "global" "acme" "imagePullPolicy" "Never" .Values }}'
POLICY = f"manifests: |\n  kind: Web\n  spec:\n    image: ghcr.io/acme/web:v1\n    policy: {DIG}\n"


@pytest.mark.surface("embedded-yaml", rewritten="`dig` and `get` on `.Values` in `tpl` texts, on request")
def test_dig_becomes_a_lookup_with_a_default() -> None:
    values = GLOBAL + "image: x\n" + POLICY
    assert written(values) == values.replace(DIG, '{{ .Values.global.acme.imagePullPolicy | default "Never" }}')
    named = (
        values.replace('"imagePullPolicy"', '"name"').replace("}}", "| quote }}").replace(".Values", "$.Values.AsMap")
    )
    assert '{{ $.Values.global.acme.name | default "Never" | quote }}' in written(named)


def test_get_becomes_a_lookup_where_the_value_is_there() -> None:
    values = GLOBAL + "image: x\n" + POLICY.replace(DIG, '{{ get .Values "image" }}')
    assert written(values).endswith("policy: {{ .Values.image }}\n")
    assert not planned(values.replace("image: x\n", "")).files


KEPT = {
    "a map that is not there": POLICY.replace('"acme"', '"other"'),
    "a value that is empty": POLICY.replace('"imagePullPolicy"', '"none"'),
    "a number": POLICY.replace('"imagePullPolicy"', '"zero"'),
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_lookups_that_would_differ_are_remarked_on(text: str) -> None:
    plan = planned(f'{GLOBAL}    none: ""\n    zero: 0\nimage: x\n{text}')
    assert not plan.files
    assert [entry.code for entry in plan.remarks] == [BRITTLE]


def test_lookups_on_maps_below_are_left() -> None:
    text = POLICY.replace(
        DIG, '{{ dig "acme" "imagePullPolicy" "Never" .Values.global }}{{ get .Values.global "acme" }}'
    )
    plan = planned(GLOBAL + "image: x\n" + text)
    assert not plan.files
    assert not plan.remarks


def test_every_release_must_have_the_maps() -> None:
    declared = "releases:\n" + "".join(
        f"  - name: {name}\n    chart: ./charts/web\n    values: [{name}.yaml, shared.yaml]\n" for name in ("a", "b")
    )
    files = {"helmfile.yaml": declared, "a.yaml": GLOBAL, "b.yaml": GLOBAL, "shared.yaml": "image: x\n" + POLICY}
    given = {path: text.encode() for path, text in {**CHART, **files}.items()}
    assert list(plan_of(ASKED, given).files) == ["shared.yaml"]
    assert not plan_of(ASKED, {**given, "b.yaml": b"global: {}\n"}).files


def test_helm_renders_the_same_and_the_policy_besides(tmp_path: Path, helm: Path) -> None:
    def render(values: str) -> subprocess.CompletedProcess[str]:
        for path, text in {**CHART, VALUES: values}.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        return subprocess.run(
            [str(helm), "template", "web", str(tmp_path / "charts/web")], capture_output=True, text=True, check=False
        )

    values = f"{GLOBAL}image: x\n{RESOURCE}"
    more = "\n  imagePullPolicy: IfNotPresent"
    assert render(written(values)).stdout.rstrip() == render(values).stdout.rstrip() + more
    assert "interface conversion" in render(GLOBAL + "image: x\n" + POLICY).stderr
    for key in ("imagePullPolicy", "absent"):
        working = GLOBAL + "image: x\n" + POLICY.replace(".Values", ".Values.AsMap").replace("imagePullPolicy", key)
        before, after = render(working), render(written(working))
        assert (before.returncode, after.returncode) == (0, 0)
        assert after.stdout == before.stdout
