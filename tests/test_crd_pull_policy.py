"""Pull policies of custom resources: in the schema, in the Go type, in the containers that controllers build."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from codemod import registry
from codemod.outcome import Plan
from codemod.reports.markdown import report
from codemod.testing import plan_of
from transforms import crd_pull_policy

PLAIN, ASKED = crd_pull_policy.transform, crd_pull_policy.transform.named
LACKS, DROPS = "crd-lacks-pull-policy", "controller-drops-pull-policy"
HEAD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: webs.acme.io
spec:
  group: acme.io
  names:
    kind: Web
  versions:
"""
VERSION = """\
  - name: {name}
    schema:
      openAPIV3Schema:
        properties:
          spec:
            properties:
              args:
                items:
                  type: string
                type: array
              image:
                description: Image is the container image to run.
                type: string
{policy}              replicas:
                type: integer
            type: object
        type: object
"""
POLICY = """\
              imagePullPolicy:
                description: ImagePullPolicy says when the image is pulled.
                enum:
                - Always
                - IfNotPresent
                - Never
                type: string
"""
STRING = "                type: string\n              replicas"
CRD = HEAD + VERSION.format(name="v1", policy="")
OBJECT = b"apiVersion: acme.io/v1\nkind: Web\nspec:\n  image: ghcr.io/acme/web:v1\n"
TYPES = """\
package v1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// WebSpec says what runs.
type WebSpec struct {
	// Image is the container image to run.
	Image string `json:"image"`

	Args     []string `json:"args,omitempty"`
	Replicas int32    `json:"replicas,omitempty"`
}

// +kubebuilder:object:root=true

// Web runs a web server.
type Web struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec WebSpec `json:"spec,omitempty"`
}
"""
CONTROLLER = """\
package controllers

import (
	corev1 "k8s.io/api/core/v1"

	acmev1 "acme.io/web/api/v1"
)

func pod(web *acmev1.Web) corev1.PodSpec {
	return corev1.PodSpec{
		Containers: []corev1.Container{{
			Name:  "web",
			Image: web.Spec.Image,
			Args:  web.Spec.Args,
			Env: []corev1.EnvVar{
				{Name: "A", Value: "b"},
			},
		}},
	}
}
"""


def changed(files: dict[str, str], **more: bytes) -> Plan:
    given = {path: text.encode() for path, text in files.items()}
    plan = plan_of(ASKED, {**given, **more})
    after = {**given, **{path: new for path, (_, new) in plan.files.items()}}
    again = plan_of(ASKED, after)
    assert not again.files
    assert not [entry for entry in again.remarks if entry not in plan.remarks]
    return plan


def text(plan: Plan, path: str) -> str:
    return plan.files[path][1].decode()


@pytest.mark.surface("manifest", rewritten="`imagePullPolicy` beside `image` in a CRD's schema, on request")
def test_every_version_gets_the_property_where_it_sorts() -> None:
    before = CRD + VERSION.format(name="v1beta1", policy="")
    plan = changed({"crd.yaml": before, "web.yaml": OBJECT.decode()})
    assert text(plan, "crd.yaml") == HEAD + "".join(VERSION.format(name=n, policy=POLICY) for n in ("v1", "v1beta1"))


@pytest.mark.surface("manifest", reported="a CRD with an `image` and no `imagePullPolicy` beside it")
def test_unasked_each_version_is_remarked_on() -> None:
    before = (CRD + VERSION.format(name="v1beta1", policy="")).encode()
    plan = plan_of(PLAIN, {"crd.yaml": before, "web.yaml": OBJECT})
    assert not plan.files
    assert [(entry.code, entry.text) for entry in plan.remarks] == [
        (LACKS, "Web v1 spec.image"),
        (LACKS, "Web v1beta1 spec.image"),
    ]


def test_the_report_proposes_a_test_for_each_kind(tmp_path: Path, gofmt: Path) -> None:
    before = (CRD + VERSION.format(name="v1beta1", policy="")).encode()
    plan = plan_of(PLAIN, {"crd.yaml": before, "web.yaml": OBJECT})
    text = report(plan, plan)
    skeleton = text.partition("```go\n")[2].partition("```")[0]
    assert text.count("func Test_Web_pull_policy_reaches_its_pods(t *testing.T) {") == 1
    assert skeleton.count("\tweb.Spec.ImagePullPolicy = corev1.PullNever\n") == 1
    assert "<summary>A test to begin with for 1 kind</summary>" in text
    (tmp_path / "web_test.go").write_text(f"package web\n\n{skeleton}")
    said = subprocess.run([str(gofmt), "-d", str(tmp_path)], capture_output=True, text=True, check=False)
    assert (said.stdout, said.stderr) == ("", "")


def test_line_ends_and_indented_lists_are_those_of_the_file() -> None:
    listed = CRD.replace("              args:\n", "              args:\n                enum:\n                  - a\n")
    plan = changed({"crd.yaml": listed.replace("\n", "\r\n"), "web.yaml": OBJECT.decode()})
    wanted = POLICY.replace("                - ", "                  - ").replace("\n", "\r\n")
    assert wanted in text(plan, "crd.yaml")
    assert "\n" not in text(plan, "crd.yaml").replace("\r\n", "")


def test_unsorted_properties_get_it_right_behind_the_image_and_no_description_where_there_is_none() -> None:
    before = CRD.replace("              args:\n", "              zone:\n").replace(
        "                description: Image is the container image to run.\n", ""
    )
    plan = changed({"crd.yaml": before, "web.yaml": OBJECT.decode()})
    lines = text(plan, "crd.yaml").splitlines()
    at = lines.index("              image:")
    assert lines[at + 1 : at + 5] == [
        "                type: string",
        "              imagePullPolicy:",
        "                enum:",
        "                - Always",
    ]


def test_flow_style_and_json_keep_their_style() -> None:
    flow = HEAD + (
        "  - name: v1\n    schema:\n      openAPIV3Schema:\n        properties:\n"
        "          spec: {type: object, properties: {image: {type: string}, replicas: {type: integer}}}\n"
    )
    plan = changed({"crd.yaml": flow, "web.yaml": OBJECT.decode()})
    assert (
        "{image: {type: string}, imagePullPolicy: {enum: [Always, IfNotPresent, Never], type: string}, replicas"
    ) in text(plan, "crd.yaml")
    policy = '"imagePullPolicy": {"enum": ["Always", "IfNotPresent", "Never"], "type": "string"}'
    json = (
        '{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": {"group": "acme.io", '
        '"names": {"kind": "Web"}, "versions": [{"name": "v1", "schema": {"openAPIV3Schema": {"properties": {"spec": '
        '{"properties": {"image": {"type": "string"}}}}}}}]}}\n'
    )
    plan = changed({"crd.json": json, "web.yaml": OBJECT.decode()})
    assert f'"image": {{"type": "string"}}, {policy}' in text(plan, "crd.json")


def test_a_template_of_a_chart_gets_it_too() -> None:
    before = "{{- if .Values.crds.install }}\n" + CRD + "{{- end }}\n"
    plan = changed({"charts/web/templates/crd.yaml": before, "web.yaml": OBJECT.decode()})
    assert text(plan, "charts/web/templates/crd.yaml") == before.replace(STRING, STRING.replace("\n", f"\n{POLICY}", 1))


LEFT = {
    "a policy beside it": HEAD + VERSION.format(name="v1", policy=POLICY),
    "a policy by another name": CRD.replace("replicas", "pullPolicy"),
    "an image of Ceph": CRD.replace("Image is the container image to run.", "image is the rados image name."),
    "an image of a disk": CRD.replace("Image is the container image to run.", "The disk image to boot from."),
    "prose that names no container": CRD.replace("Image is the container image to run.", "The picture of the shop."),
    "an object": CRD.replace(STRING, STRING.replace("string", "object")),
    "a status": CRD.replace("          spec:\n", "          status:\n"),
    "an old API version": CRD.replace("k8s.io/v1", "k8s.io/v1beta1"),
    "another kind than the repository's": CRD.replace("kind: Web", "kind: Shop"),
}


@pytest.mark.parametrize("before", LEFT.values(), ids=LEFT)
def test_what_is_left_without_a_word(before: str) -> None:
    plan = plan_of(ASKED, {"crd.yaml": before.encode(), "web.yaml": OBJECT})
    assert not plan.files
    assert not plan.remarks


def test_definitions_of_others_are_left() -> None:
    assert not plan_of(PLAIN, {"crd.yaml": CRD.encode()}).remarks
    assert not plan_of(PLAIN, {"vendor/crd.yaml": CRD.encode(), "web.yaml": OBJECT}).remarks
    assert not plan_of(ASKED, {"vendor/crd.yaml": CRD.encode(), "web.yaml": OBJECT}).files


@pytest.mark.surface("go", rewritten="the field `ImagePullPolicy` of API types whose CRD has an `image`, on request")
def test_the_go_type_gets_the_field_and_its_import() -> None:
    plan = changed({"config/crd.yaml": CRD, "api/v1/types.go": TYPES})
    assert sorted(plan.files) == ["api/v1/types.go", "config/crd.yaml"]
    assert text(plan, "api/v1/types.go") == TYPES.replace(
        "import (\n", 'import (\n\tcorev1 "k8s.io/api/core/v1"\n'
    ).replace(
        '\tImage string `json:"image"`\n\n',
        '\tImage string `json:"image"`\n\n'
        "\t// ImagePullPolicy says when the image is pulled.\n"
        "\t// +kubebuilder:validation:Enum=Always;IfNotPresent;Never\n\t// +optional\n"
        '\tImagePullPolicy corev1.PullPolicy `json:"imagePullPolicy,omitempty"`\n\n',
    )


def test_a_module_without_the_api_of_kubernetes_gets_a_string() -> None:
    module = b"module acme.io/web\n\nrequire k8s.io/apimachinery v0.30.0\n"
    plan = plan_of(ASKED, {"crd.yaml": CRD.encode(), "go.mod.go": b"", "api/types.go": TYPES.encode()})
    assert "corev1.PullPolicy" in text(plan, "api/types.go")
    from codemod.fleet.tree import Tree
    from codemod.source import Source
    from transforms._api_types import _has_core

    class Of:
        tree = Tree(["go.mod"], {"go.mod": Source("go.mod", module, "other")}.get)

    assert not _has_core("api/types.go", Of())  # type: ignore[arg-type]


def test_fields_that_stand_together_stay_aligned() -> None:
    together = TYPES.replace(
        '\t// Image is the container image to run.\n\tImage string `json:"image"`\n\n\tArgs ',
        '\tImage    string   `json:"image"`\n\tArgs ',
    )
    plan = changed({"crd.yaml": CRD, "api/types.go": together})
    assert '\tReplicas int32    `json:"replicas,omitempty"`\n\n\t// ImagePullPolicy says' in text(plan, "api/types.go")


def test_structs_in_structs_are_followed_by_their_names_in_json() -> None:
    head, spec, rest = CRD.partition("          spec:\n")
    deeper = "".join(f"    {line}\n" for line in rest.splitlines()[:-2])
    end = rest[rest.rindex("        type") :]
    nested = f"{head}{spec}            properties:\n              server:\n{deeper}{end}"
    server = 'type WebSpec struct {\n\tServer *Server `json:"server"`\n}\n\n// Server runs.\ntype Server struct {'
    inner = TYPES.replace("type WebSpec struct {", server)
    plan = changed({"crd.yaml": nested, "api/types.go": inner})
    assert "ImagePullPolicy corev1.PullPolicy" in text(plan, "api/types.go").partition("type Server")[2]
    plan = changed({"crd.yaml": CRD, "api/types.go": inner})
    assert "api/types.go" not in plan.files


@pytest.mark.surface("go", reported="a controller that builds a container from `spec.image` without a pull policy")
def test_a_container_without_the_policy_is_remarked_on() -> None:
    plan = plan_of(PLAIN, {"controllers/web.go": CONTROLLER.encode()})
    assert not plan.files
    assert [(entry.code, entry.text, entry.message) for entry in plan.remarks] == [(DROPS, "web.Spec.Image", "Web")]


def test_a_container_is_completed_and_its_neighbours_aligned() -> None:
    plan = changed({"crd.yaml": CRD, "api/v1/types.go": TYPES, "controllers/web.go": CONTROLLER})
    assert text(plan, "controllers/web.go") == CONTROLLER.replace(
        '\t\t\tName:  "web",\n\t\t\tImage: web.Spec.Image,\n\t\t\tArgs:  web.Spec.Args,\n',
        '\t\t\tName:            "web",\n\t\t\tImage:           web.Spec.Image,\n'
        "\t\t\tImagePullPolicy: web.Spec.ImagePullPolicy,\n\t\t\tArgs:            web.Spec.Args,\n",
    )
    assert not plan.remarks


def test_a_container_on_one_line_is_completed_there() -> None:
    before, _, rest = CONTROLLER.partition("{{\n")
    one = f'{before}{{{{Name: "web", Image: web.Spec.Image}}}}{rest[rest.index("}},") + 2 :]}'
    plan = changed({"crd.yaml": CRD, "api/types.go": TYPES, "controllers/web.go": one})
    assert "Image: web.Spec.Image, ImagePullPolicy: web.Spec.ImagePullPolicy}}" in text(plan, "controllers/web.go")


def test_a_field_that_is_a_string_is_converted() -> None:
    has = TYPES.replace(
        '\tImage string `json:"image"`\n', '\tImage string `json:"image"`\n\n\tPolicy string `json:"imagePullPolicy"`\n'
    )
    plan = plan_of(ASKED, {"crd.yaml": CRD.encode(), "api/t.go": has.encode(), "c/web.go": CONTROLLER.encode()})
    assert "corev1.PullPolicy(web.Spec.Policy)," in text(plan, "c/web.go")


CONTAINERS_LEFT = {
    "a policy": CONTROLLER.replace("\t\t\tArgs:  web", "\t\t\tImagePullPolicy: corev1.PullAlways,\n\t\t\tArgs:  web"),
    "a policy that is set later": CONTROLLER.replace(
        "\treturn", "\tdefer func() { c.ImagePullPolicy = p }()\n\treturn"
    ),
    "another image": CONTROLLER.replace("web.Spec.Image", "image"),
    "a struct of another package": CONTROLLER.replace("k8s.io/api/core/v1", "acme.io/core/v1"),
}


@pytest.mark.parametrize("code", CONTAINERS_LEFT.values(), ids=CONTAINERS_LEFT)
def test_containers_that_are_left_without_a_word(code: str) -> None:
    plan = plan_of(ASKED, {"crd.yaml": CRD.encode(), "api/t.go": TYPES.encode(), "c/web.go": code.encode()})
    assert "c/web.go" not in plan.files
    assert not plan.remarks


def test_a_container_of_a_kind_that_cannot_be_seen_is_only_remarked_on() -> None:
    code = CONTROLLER.replace("func pod(web *acmev1.Web)", "func pod(web Owner)")
    plan = plan_of(ASKED, {"crd.yaml": CRD.encode(), "api/t.go": TYPES.encode(), "c/web.go": code.encode()})
    assert "c/web.go" not in plan.files
    assert [entry.code for entry in plan.remarks] == [DROPS]


def test_tests_of_controllers_are_no_controllers() -> None:
    assert not plan_of(PLAIN, {"controllers/web_test.go": CONTROLLER.encode()}).remarks


def test_gofmt_has_nothing_to_say(tmp_path: Path, gofmt: Path) -> None:
    together = TYPES.replace("\n\n\tArgs     ", "\n\tArgs     ").replace("Image string `", "Image    string   `")
    commented = TYPES.replace("\n\n\tArgs ", "\n\t// Args are handed over.\n\tArgs ")
    path = '"k8s.io/apimachinery/pkg/apis/meta/v1"'
    single = TYPES.replace(f"import (\n\tmetav1 {path}\n)", f"import metav1 {path}")
    assert single != TYPES
    for number, types in enumerate((TYPES, together, commented, single)):
        files = {"crd.yaml": CRD, "api/types.go": types, "controllers/web.go": CONTROLLER}
        for path, (before, after) in changed(files).files.items():
            for name, data in (("before", before), ("after", after)):
                if path.endswith(".go"):
                    (tmp_path / f"{number}-{path.replace('/', '-')[:-3]}-{name}.go").write_bytes(data)
    names = sorted(map(str, tmp_path.iterdir()))
    assert len(names) == 16
    said = subprocess.run([str(gofmt), "-d", *names], capture_output=True, text=True, check=False)
    assert (said.stdout, said.stderr) == ("", "")


def test_an_ordinary_run_leaves_schemas_alone() -> None:
    files = {"crd.yaml": CRD.encode(), "api/types.go": TYPES.encode(), "controllers/web.go": CONTROLLER.encode()}
    plan = plan_of(registry.load(), files)
    assert not plan.files
    assert sorted(entry.code for entry in plan.remarks) == [DROPS, LACKS]
