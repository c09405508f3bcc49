"""`unfloat check --admission`: what is wrong with admission policies about images; policies without faults first."""

from __future__ import annotations

import pytest
from admitting import ARGO, faults, judged, kyverno

from codemod.config import Config

CONSTRAINT = """\
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: K8sImageDigests
metadata: {name: pins}
spec:
  enforcementAction: deny
  match:
    kinds: [{apiGroups: ["*"], kinds: [Pod, Deployment]}]
"""
VAP = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: pins}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: ["*"], apiVersions: ["*"], operations: [CREATE], resources: [pods, deployments]}
  variables:
    - name: all
      expression: object.spec.containers + object.spec.?initContainers.orValue([])
  validations:
    - expression: variables.all.all(c, c.image.contains('@'))
"""
BINDING = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: pins}
spec:
  policyName: pins
  validationActions: [Deny]
"""
VPOL = (
    VAP.replace("admissionregistration.k8s.io/v1", "policies.kyverno.io/v1")
    .replace("ValidatingAdmissionPolicy", "ValidatingPolicy")
    .replace('apiGroups: ["*"], apiVersions: ["*"]', "apiGroups: [''], apiVersions: [v1]")
)
PODS = VPOL.replace("[pods, deployments]", "[pods]")
LATEST = "pattern: {spec: {containers: [{image: '!*:latest'}]}}"


def in_namespaces(names: str) -> str:
    return f"{{any: [{{resources: {{kinds: [Pod], namespaces: [{names}]}}}}]}}"


def bound_by(selector: str) -> str:
    return f"{VAP}---\n{BINDING}  matchResources:\n    namespaceSelector:\n      {selector}\n"


def excluding(what: str) -> str:
    return kyverno(more=f"      exclude: {{any: [{{resources: {{namespaces: [staging]}}, {what}}}]}}\n")


@pytest.mark.parametrize(
    "text",
    [
        kyverno(),
        kyverno(match="{any: [{resources: {kinds: [Pod], namespaces: ['*']}}]}"),
        kyverno(match=in_namespaces("staging, prod*")),
        kyverno(match="{any: [{resources: {kinds: [v1/Pod]}}]}", action="enforce"),
        kyverno(match="{resources: {kinds: [Pod]}}"),
        kyverno(match="{any: [{resources: {kinds: [Pod, Deployment, StatefulSet]}}]}"),
        kyverno("failureAction: Enforce\n        " + LATEST.replace("containers", "initContainers"), action="Audit"),
        kyverno(match="{any: [{resources: {kinds: [Pod], namespaceSelector: {matchLabels: {pins: 'yes'}}}}]}"),
        f"{VAP}---\n{BINDING}",
        VPOL,
        PODS,
        CONSTRAINT,
        CONSTRAINT.replace("  enforcementAction: deny\n", ""),
        CONSTRAINT.replace("  match:", "  match:\n    excludedNamespaces: [kube-system]"),
        CONSTRAINT.replace("Pod, Deployment", "'*'"),
    ],
)
def test_a_policy_that_pins_images_everywhere_has_no_fault(text: str) -> None:
    found = judged(text)
    assert (found.violations, found.rules) == ((), 1)


@pytest.mark.parametrize(
    "text",
    [
        kyverno("pattern: {spec: {containers: [{imagePullPolicy: '!Always'}]}}", action="Audit"),
        kyverno("pattern: {spec: {containers: [{(image): '*:latest', imagePullPolicy: Always}]}}", action="Audit"),
        kyverno("pattern: {spec: {containers: [{<(image): 'a.io/*'}], imagePullSecrets: [{name: a}]}}", action="Audit"),
        kyverno("pattern: {spec: {securityContext: {runAsNonRoot: true}}}", action="Audit"),
        kyverno("message: no image:latest\n        pattern: {metadata: {labels: {a: '?*'}}}", action="Audit"),
        kyverno(
            "foreach: [{list: request.object.spec.containers, preconditions: {all: [{key: '{{element.image}}', "
            "operator: Equals, value: a}]}, deny: {conditions: {all: [{key: '{{element.name}}', value: a}]}}}]",
            action="Audit",
        ),
        VAP.replace("c.image.contains('@')", "c.imagePullPolicy == 'IfNotPresent'"),
        VAP.replace("c.image.contains('@')", "c.image in variables.exemptImages || has(c.securityContext)"),
        CONSTRAINT.replace("K8sImageDigests", "K8sRequiredLabels").replace("deny", "dryrun"),
        "apiVersion: kyverno.io/v2\nkind: PolicyException\nmetadata: {name: a}\nspec: {exceptions: []}\n",
        "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: a}\nspec: [\n",
    ],
)
def test_policies_about_anything_else_are_not_read(text: str) -> None:
    assert judged(text).rules == 0


# UF020


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (kyverno(match=in_namespaces("ameide")), "ameide"),
        (kyverno(match=in_namespaces("staging")), "staging"),
        (kyverno(match="{resources: {kinds: [Pod], namespaces: [dev, test]}}"), "dev"),
        (kyverno(match="{all: [{resources: {kinds: [Pod]}}, {resources: {namespaces: [dev]}}]}"), "dev"),
        (kyverno(more="      exclude: {any: [{resources: {namespaces: [kube-*, prod*]}}]}\n"), "prod*"),
        (kyverno(kind="Policy", metadata=", namespace: dev"), "dev"),
        (CONSTRAINT.replace("  match:", "  match:\n    namespaces: [default]"), "default"),
        (CONSTRAINT.replace("  match:", "  match:\n    excludedNamespaces: [kube-*, staging]"), "staging"),
        (bound_by("matchLabels: {kubernetes.io/metadata.name: dev}"), "dev"),
        (bound_by("matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [a, production]}]"),
         "production"),
        (PODS.replace("    resourceRules:", "    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: dev}}\n"
                      "    resourceRules:"), "dev"),
    ],
)  # fmt: skip
def test_a_policy_that_misses_strict_namespaces_is_reported_where_it_says_so(text: str, at: str) -> None:
    assert faults(text) == [("UF020", at)]


def test_the_message_says_how_many_are_reached_and_which_are_missing() -> None:
    none, some = (judged(kyverno(match=in_namespaces(names))).violations[0] for names in ("dev", "staging"))
    assert "reaches none of the namespaces of strict environments: production and staging are missing" in none.message
    assert "reaches not all of the namespaces of strict environments: production is missing; match it" in some.message
    assert "shop (production) is missing" in judged(kyverno(match=in_namespaces("a")), ["shop"]).violations[0].message


def test_what_another_policy_of_the_same_concern_reaches_is_not_missing() -> None:
    one = kyverno(match=in_namespaces("staging"))
    assert faults({"a.yaml": one, "b.yaml": one.replace("staging", "production").replace("pins", "other")}) == []
    names = kyverno("pattern: {spec: {initContainers: [{image: 'ghcr.io/*'}]}}").replace(
        "name: latest", "name: registry"
    )
    assert faults({"a.yaml": one, "b.yaml": names}, ["production"]) == [("UF020", "staging")]


@pytest.mark.parametrize(
    "text",
    [
        kyverno("pattern: {spec: {initContainers: [{image: 'ghcr.io/*'}]}}", match=in_namespaces("dev")).replace(
            "name: latest", "name: registry"
        ),
        kyverno(match=in_namespaces("${NAMESPACE}")),
        kyverno(more="      exclude: {any: [{resources: {namespaces: [staging], names: [debug]}}]}\n",
                match="{any: [{resources: {kinds: [Pod, Deployment]}}]}"),
        excluding("subjects: [{kind: User, name: a}]"),
        excluding("clusterRoles: [cluster-admin]"),
        kyverno(more="      exclude: {all: [{resources: {namespaces: [staging]}}, {resources: {kinds: [Pod]}}]}\n"),
        kyverno(kind="Policy"),
        CONSTRAINT.replace("  match:", "  match:\n    namespaceSelector: {matchLabels: {team: a}}"),
    ],
)  # fmt: skip
def test_what_may_reach_strict_namespaces_is_not_reported(text: str) -> None:
    assert faults(text) == []


def test_system_namespaces_may_be_left_out() -> None:
    text = kyverno(more="      exclude: {any: [{resources: {namespaces: [kube-*, kyverno, argocd]}}]}\n")
    assert faults(text, ["kube-system", "kyverno", "production"]) == []
    assert faults(text, ["kube-system", "argocd"]) == [("UF020", "argocd")]


def test_without_strict_namespaces_nothing_is_said_of_reach_and_enforcement() -> None:
    found = judged(kyverno(match=in_namespaces("dev"), action="Audit"), ())
    assert (found.violations, found.rules, found.knows_strict) == ((), 1, False)


# UF022

DIGEST = "@sha256:" + "1" * 64
VERIFY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: signed}
spec:
  validationFailureAction: Enforce
  rules:
    - name: signed
      match: {any: [{resources: {kinds: [Pod]}}]}
      verifyImages:
        - imageReferences: ["ghcr.io/acme/*"]
          mutateDigest: true
"""
RESOLVE = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: resolve-digest}
spec:
  rules:
    - name: resolve
      match: {any: [{resources: {kinds: [Pod]}}]}
      mutate:
        foreach:
          - list: request.object.spec.containers
            patchStrategicMerge: {spec: {containers: [{name: "{{ element.name }}", image: "{{ resolved }}"}]}}
"""
ASSIGN = """\
apiVersion: mutations.gatekeeper.sh/v1alpha1
kind: AssignImage
metadata: {name: mirror}
spec:
  applyTo: [{groups: [apps], versions: [v1], kinds: [Deployment]}]
  location: "spec.template.spec.containers[name:*].image"
  parameters: {assignDomain: mirror.acme.io}
"""
MPOL = """\
apiVersion: policies.kyverno.io/v1
kind: MutatingPolicy
metadata: {name: resolve}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  mutations:
    - patchType: ApplyConfiguration
      applyConfiguration:
        expression: >-
          Object{spec: Object.spec{containers: object.spec.containers.map(c, Object.spec.containers{
          name: c.name, image: image.GetMetadata(c.image).resolvedImage})}}
"""
MAP = """\
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: mirror}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]
  mutations:
    - patchType: JSONPatch
      jsonPatch:
        expression: '[JSONPatch{op: "replace", path: "/spec/template/spec/containers/0/image", value: "a.io/b"}]'
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: mirror}
spec: {policyName: mirror}
"""
SPEC_IGNORE = "  ignoreDifferences:\n    - {group: apps, kind: Deployment, jqPathExpressions: [%s]}\n"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (VERIFY, "true"),
        (VERIFY.replace("          mutateDigest: true\n", ""), "verifyImages"),
        (RESOLVE, "mutate"),
        (ASSIGN, "location"),
        (MPOL, "mutations"),
        (MAP, "mutations"),
        (RESOLVE.replace('name: "{{ element.name }}"', '(name): "*"'), "mutate"),
    ],
)
def test_images_that_are_rewritten_before_argo_cds_eyes_are_reported(text: str, at: str) -> None:
    assert faults({**ARGO, "p.yaml": text}, images=["ghcr.io/acme/web:dev"]) == [("UF022", at)]


def test_the_message_names_an_image_and_recommends_pins_in_git() -> None:
    found = judged({**ARGO, "p.yaml": VERIFY}, images=["busybox", "ghcr.io/acme/web:dev"]).violations[0]
    assert "(ghcr.io/acme/web:dev of web.yaml:7, for one)" in found.message
    assert "pin them in Git" in found.message


@pytest.mark.parametrize(
    ("files", "images"),
    [
        ({**ARGO, "p.yaml": VERIFY}, [f"ghcr.io/acme/web{DIGEST}"]),
        ({**ARGO, "p.yaml": VERIFY}, ["ghcr.io/other/web:dev"]),
        ({**ARGO, "p.yaml": VERIFY.replace("mutateDigest: true", "mutateDigest: false")}, ["ghcr.io/acme/web:dev"]),
        (
            {**ARGO, "p.yaml": f"{VERIFY}          skipImageReferences: ['ghcr.io/acme/web:*']\n"},
            ["ghcr.io/acme/web:dev"],
        ),
        ({**ARGO, "p.yaml": RESOLVE}, [f"ghcr.io/acme/web{DIGEST}"]),
        ({"p.yaml": VERIFY}, ["ghcr.io/acme/web:dev"]),
        (
            {"app.yaml": ARGO["app.yaml"] + SPEC_IGNORE % "'.spec.template.spec.containers[].image'", "p.yaml": VERIFY},
            ["ghcr.io/acme/web:dev"],
        ),
        (
            {
                **ARGO,
                "cm.yaml": "configs:\n  cm:\n    resource.customizations.ignoreDifferences.all: |\n"
                "      jsonPointers: [/spec/template/spec/containers/0/image]\n",
                "p.yaml": VERIFY,
            },
            ["ghcr.io/acme/web:dev"],
        ),
        (
            {**ARGO, "cm.yaml": "data:\n  controller.diff.server.side: 'true'\n", "p.yaml": VERIFY},
            ["ghcr.io/acme/web:dev"],
        ),
        (
            {
                **ARGO,
                "p.yaml": RESOLVE.replace(
                    "resolve-digest", "a, annotations: {pod-policies.kyverno.io/autogen-controllers: none}"
                ),
            },
            ["ghcr.io/acme/web:dev"],
        ),
        ({**ARGO, "p.yaml": ASSIGN.replace("[Deployment]", "[Pod]")}, ["ghcr.io/acme/web:dev"]),
        ({**ARGO, "p.yaml": MAP.partition("---")[0]}, ["ghcr.io/acme/web:dev"]),
        (
            {
                **ARGO,
                "p.yaml": RESOLVE.replace('name: "{{ element.name }}", image', "name: sidecar, image")
                .replace("[Pod]", "[Deployment]")
                .replace("{{ resolved }}", "vault:1.5"),
            },
            ["ghcr.io/acme/web:dev"],
        ),
    ],
)
def test_rewriting_that_makes_no_drift_is_not_reported(files: dict[str, str], images: list[str]) -> None:
    assert [fault for fault in faults(files, images=images) if fault[0] == "UF022"] == []


@pytest.mark.parametrize("path", ["'.spec.template.spec.containers[].imagePullPolicy'", "'.spec'", "'.spec.replicas'"])
def test_what_argo_cd_ignores_has_to_be_the_image(path: str) -> None:
    files = {"app.yaml": ARGO["app.yaml"] + SPEC_IGNORE % path, "p.yaml": VERIFY}
    assert faults(files, images=["ghcr.io/acme/web:dev"]) == [("UF022", "true")]


IVPOL = """\
apiVersion: policies.kyverno.io/v1
kind: %sImageValidatingPolicy
metadata: {name: signed%s}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  matchImageReferences: [{glob: ghcr.io/acme/*}, {expression: "image.startsWith('x')"}]
  validations: [{expression: "images.containers.all(i, verifyImageSignatures(i, [attestors.a]) > 0)"}]
"""


@pytest.mark.parametrize(
    ("said", "expected"),
    [("", "signed"), ("true", "true"), ("false", None)],
)
def test_what_verifies_images_writes_their_digests_unless_it_says_no(said: str, expected: str | None) -> None:
    text = IVPOL % ("", "") + (f"  validationConfigurations: {{mutateDigest: {said}}}\n" if said else "")
    found = faults({**ARGO, "p.yaml": text}, images=["ghcr.io/acme/web:dev"])
    assert found == ([] if expected is None else [("UF022", expected)])


def test_a_namespaced_policy_reaches_its_own_namespace() -> None:
    assert faults(IVPOL % ("Namespaced", ", namespace: dev")) == [("UF020", "dev")]
    assert faults(IVPOL % ("Namespaced", "")) == []
    kustomization = {"kustomization.yaml": "resources: [p.yaml]\nnamespace: dev\n"}
    assert faults({**kustomization, "p.yaml": IVPOL % ("Namespaced", "")}) == [("UF020", "signed")]


def test_any_mutation_of_gatekeeper_may_set_images() -> None:
    assign = ASSIGN.replace("AssignImage", "Assign").replace("{assignDomain: mirror.acme.io}", "{assign: {value: a/b}}")
    assert faults({**ARGO, "p.yaml": assign}, images=["busybox"]) == [("UF022", "location")]
    other = assign.replace("[name:*].image", "[name:*].imagePullPolicy")
    assert judged({**ARGO, "p.yaml": other}, images=["busybox"]).rules == 0


# UF023


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (kyverno(metadata=", annotations: {pod-policies.kyverno.io/autogen-controllers: none}"), "none"),
        (kyverno(match="{any: [{resources: {kinds: [Pod], selector: {matchLabels: {a: b}}}}]}"), "selector"),
        (kyverno(match="{any: [{resources: {kinds: [Pod], names: [a]}}]}"), "names"),
        (kyverno(match="{any: [{resources: {kinds: [Pod, Namespace]}}]}"), "Namespace"),
        (kyverno(more="      exclude: {any: [{resources: {annotations: {a: b}}}]}\n"), "annotations"),
        (kyverno(more="      exclude: {any: [{resources: {kinds: [Job]}}]}\n"), "Job"),
        (
            kyverno(more="    - name: other\n      match: {any: [{resources: {kinds: [Pod]}}]}\n"
                         "      mutate: {patchesJson6902: '- {op: add, path: /metadata/labels/a, value: b}'}\n"),
            "patchesJson6902",
        ),
        (
            kyverno(
                more="    - name: other\n      match: {any: [{resources: {kinds: [Namespace]}}]}\n"
                "      generate: {kind: ConfigMap}\n"
            ),
            "generate",
        ),
        (CONSTRAINT.replace("Pod, Deployment", "Pod"), "Pod"),
        (f"{VAP}---\n{BINDING}".replace("[pods, deployments]", "[pods]"), "pods"),
        (VPOL.replace("[pods, deployments]", "[pods, pods/ephemeralcontainers]"), "pods/ephemeralcontainers"),
        (PODS.replace("  variables:", "  autogen: {podControllers: {controllers: []}}\n  variables:"), "controllers"),
        (PODS.replace("    resourceRules:", "    objectSelector: {matchLabels: {a: b}}\n    resourceRules:"),
         "objectSelector"),
        (PODS.replace("resources: [pods]", "resources: [pods], resourceNames: [a]"), "resourceNames"),
    ],
)  # fmt: skip
def test_rules_for_pods_alone_are_reported_where_that_is_said(text: str, at: str) -> None:
    assert faults(text) == [("UF023", at)]


EXPANSION = """\
---
apiVersion: expansion.gatekeeper.sh/v1beta1
kind: ExpansionTemplate
metadata: {name: pods}
spec:
  applyTo: [{groups: [apps], kinds: [Deployment], versions: [v1]}]
  templateSource: spec.template
  generatedGVK: {kind: Pod, group: "", version: v1}
"""


@pytest.mark.parametrize(
    "text",
    [
        kyverno(metadata=", annotations: {pod-policies.kyverno.io/autogen-controllers: 'Deployment,CronJob'}"),
        kyverno(match="{any: [{resources: {kinds: [Pod], namespaces: ['*']}}]}",
                more="      exclude: {any: [{resources: {kinds: [Pod], namespaces: [kube-system]}}]}\n"),
        CONSTRAINT.replace("Pod, Deployment", "Pod") + EXPANSION,
        CONSTRAINT.replace("Pod, Deployment", "Pod") + "---\n" + CONSTRAINT.replace("Pod, Deployment", "Deployment"),
        PODS.replace("    resourceRules:", "    objectSelector: {}\n    excludeResourceRules: []\n    resourceRules:"),
    ],
)  # fmt: skip
def test_rules_for_pods_that_the_engine_makes_up_for_are_not_reported(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (kyverno(LATEST), "containers"),
        (kyverno("foreach: [{list: request.object.spec.containers, pattern: {image: '*@*'}}]"),
         "request.object.spec.containers"),
        (VPOL.replace(" + object.spec.?initContainers.orValue([])", ""), "object.spec.containers"),
    ],
)  # fmt: skip
def test_a_policy_that_forgets_init_containers_is_reported(text: str, at: str) -> None:
    assert faults(text) == [("UF023", at)]


def test_the_message_says_which_containers_are_forgotten() -> None:
    ephemeral = kyverno("pattern: {spec: {containers: [{image: '*@*'}], =(ephemeralContainers): [{image: '*@*'}]}}")
    assert "says nothing of initContainers, which" in judged(ephemeral).violations[0].message
    assert "of initContainers and ephemeralContainers, which" in judged(kyverno(LATEST)).violations[0].message


@pytest.mark.parametrize(
    "validate",
    [
        "foreach: [{list: 'request.object.spec.[initContainers, containers][]', pattern: {image: '*@*'}}]",
        "pattern: {spec: {containers: [{image: '*@*'}], =(initContainers): [{image: '*@*'}]}}",
        "deny: {conditions: {any: [{key: '{{ images.*.*.digest }}', operator: AnyIn, value: ['']}]}}",
        "pattern: {spec: {containers: [{name: controller, image: '*:v1.11*'}]}}",
    ],
)
def test_a_policy_that_names_all_lists_or_one_container_is_complete(validate: str) -> None:
    assert faults(kyverno(validate)) == []


# UF024


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (kyverno(action="Audit"), "Audit"),
        (kyverno().replace("  validationFailureAction: Enforce\n", ""), "pins"),
        (kyverno("failureAction: Audit\n        pattern: {spec: {initContainers: [{image: '*@*'}]}}"), "Audit"),
        (kyverno().replace("  rules:", "  validationFailureActionOverrides:\n"
                           "    - {action: Audit, namespaces: [prod*]}\n  rules:"), "Audit"),
        (kyverno().replace("  rules:", "  admission: false\n  rules:"), "false"),
        (CONSTRAINT.replace("deny", "dryrun"), "dryrun"),
        (CONSTRAINT.replace("deny", "warn"), "warn"),
        (CONSTRAINT.replace("deny", "scoped\n  scopedEnforcementActions: [{action: warn, enforcementPoints: []}]"),
         "scoped"),
        (f"{VAP}---\n{BINDING.replace('Deny', 'Audit, Warn')}", "Audit"),
        (VPOL.replace("  variables:", "  validationActions: [Audit]\n  variables:"), "Audit"),
        (VPOL.replace("  variables:", "  evaluation: {admission: {enabled: false}}\n  variables:"), "false"),
    ],
)  # fmt: skip
def test_a_policy_that_only_reports_is_reported_where_that_is_said(text: str, at: str) -> None:
    assert faults(text) == [("UF024", at)]


def test_a_policy_without_binding_does_nothing_wherever_it_is() -> None:
    assert faults(VAP, ()) == [("UF024", "pins")]
    assert "it has no binding" in judged(VAP).violations[0].message


@pytest.mark.parametrize(
    "text",
    [
        kyverno(action="Audit").replace("  rules:", "  validationFailureActionOverrides:\n"
                                        "    - {action: Enforce, namespaces: [staging, prod*]}\n  rules:"),
        kyverno(action="${ACTION}"),
        kyverno(action="Audit", match=in_namespaces("dev")) + "---\n" + kyverno().replace("pins", "others"),
        f"{VAP}---\n{BINDING}---\n{BINDING.replace('Deny', 'Audit').replace('name: pins', 'name: audit')}",
        f"{VAP}---\n{BINDING.replace('policyName: pins', 'policyName: ${POLICY}')}",
        f"{CONSTRAINT}---\n{CONSTRAINT.replace('deny', 'dryrun').replace('name: pins', 'name: canary')}",
        CONSTRAINT.replace("deny", "scoped\n  scopedEnforcementActions: [{action: deny, enforcementPoints: []}]"),
    ],
)  # fmt: skip
def test_what_enforces_in_strict_namespaces_may_report_elsewhere(text: str) -> None:
    assert faults(text) == []


# Patches, exceptions, places


def test_what_kustomize_patches_is_not_judged() -> None:
    patch = "resources: [p.yaml]\npatches:\n  - target: {kind: ClusterPolicy}\n    patch: |\n      - op: replace\n"
    files = {"p.yaml": kyverno(LATEST, action="Audit"), "kustomization.yaml": patch}
    enforced = {
        **files,
        "kustomization.yaml": f"{patch}        path: /spec/validationFailureAction\n        value: Enforce\n",
    }
    other = {**files, "kustomization.yaml": f"{patch}        path: /spec/background\n        value: false\n"}
    assert faults(enforced) == [("UF023", "containers")]
    assert faults(other) == [("UF024", "Audit"), ("UF023", "containers")]


def test_a_patch_is_no_policy() -> None:
    patch = "resources: [base]\npatches: [{path: patch.yaml}]\n"
    files = {"kustomization.yaml": patch, "patch.yaml": kyverno(action="Audit")}
    assert judged(files).rules == 0


def test_an_exception_in_a_comment_excuses_its_line() -> None:
    why = 'until=2026-12-31 reason="counting" owner=sre'
    assert faults(kyverno(action=f"Audit # unfloat: allow[UF024] {why}")) == []


def test_policies_of_others_and_tests_are_not_judged() -> None:
    files = {
        path: kyverno(action="Audit") for path in ("third_party/p.yaml", "a/.chainsaw-test/p.yaml", "testdata/p.yaml")
    }
    assert judged({f"x/{path}": text for path, text in files.items()}).rules == 0


def test_the_policies_of_a_list_are_read() -> None:
    items = "".join(f"    {line}\n" for line in kyverno(action="Audit").splitlines()).replace("    api", "  - api", 1)
    assert faults(f"apiVersion: v1\nkind: List\nitems:\n{items}") == [("UF024", "Audit")]


TEMPLATE = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: "{{ .Release.Name }}-pins"}
spec:
  validationFailureAction: {{ .Values.action }}
  rules:
    - name: latest
      match: {any: [{resources: {kinds: [Pod], namespaces: [dev]}}]}
      validate:
        pattern: {spec: {initContainers: [{image: "!*:latest"}]}}
"""


def test_what_a_first_party_chart_prints_is_judged_at_its_template() -> None:
    chart = {
        "chart/Chart.yaml": "apiVersion: v2\nname: policies\nversion: 1.0.0\n",
        "chart/values.yaml": "action: Enforce\n",
        "chart/templates/p.yaml": TEMPLATE,
        "app.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n"
        "spec: {source: {path: chart}, destination: {namespace: kyverno}}\n",
    }
    assert faults(chart) == [("UF020", "dev")]
    audit = {**chart, "chart/values.yaml": "action: Audit\n"}
    widened = {**audit, "chart/templates/p.yaml": TEMPLATE.replace(", namespaces: [dev]", "")}
    assert faults(widened) == [("UF024", "validationFailureAction")]


def test_a_template_of_gatekeeper_says_what_its_constraints_are_about() -> None:
    rego = (
        "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: own}\nspec:\n"
        "  crd: {spec: {names: {kind: Own}}}\n  targets:\n    - target: admission.k8s.gatekeeper.sh\n      rego: |\n"
        '        violation[{"msg": msg}] {\n          c := input.review.object.spec.containers[_]\n          %s\n'
        '          msg := sprintf("%%v", [c.image])\n        }\n'
    )
    constraint = CONSTRAINT.replace("K8sImageDigests", "Own").replace("deny", "dryrun")
    asked = rego % 'not contains(c.image, "@")'
    assert [code for code, _ in faults(f"{asked}---\n{constraint}")] == ["UF023", "UF024"]
    assert judged(f"{rego % 'c.securityContext.privileged'}---\n{constraint}").rules == 0


def test_files_that_the_configuration_calls_vendored_are_not_judged() -> None:
    config = Config(vendored=("p.yaml",))
    assert faults(kyverno(action="Audit"), config=config) == []


def test_a_template_in_cel_is_read_without_its_exemptions() -> None:
    cel = """\
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: own}
spec:
  crd: {spec: {names: {kind: Own}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      code:
        - engine: K8sNativeValidation
          source:
            variables:
              - {name: exemptImages, expression: "object.spec.containers.map(c, c.image)"}
              - {name: all, expression: "object.spec.containers + object.spec.initContainers"}
            validations:
              - {expression: "variables.all.all(c, %s)"}
"""
    constraint = CONSTRAINT.replace("K8sImageDigests", "Own")
    assert judged(f"{cel % 'c.image.contains(@)'}---\n{constraint}").rules == 1
    assert judged(f"{cel % 'c.image in variables.exemptImages || has(c.name)'}---\n{constraint}").rules == 0


@pytest.mark.parametrize(
    ("rule", "about"),
    [
        ("{deny: {}}", 1),
        ("{deny: {conditions: {all: [{key: a, value: b}]}}}", 0),
        ("{foreach: [{list: images.initContainers, deny: {conditions: {all: [{key: a, value: b}]}}}]}", 1),
    ],
)
def test_preconditions_are_what_is_refused_where_nothing_else_is_said(rule: str, about: int) -> None:
    text = kyverno().replace("      validate:\n", f"      validate: {rule}\n", 1)
    text = text.partition("        pattern")[0]
    text += (
        "      preconditions: {all: [{key: '{{ request.object.spec.initContainers[].image }}', value: '*:latest'}]}\n"
    )
    assert judged(text).rules == about
