"""Kubernetes itself requires digests: a ValidatingAdmissionPolicy (CEL), and a binding for each environment.

For Kubernetes 1.30 and later. The policy says what is denied: images without a digest and floating tags beside one, in
pods, in the templates of workloads, in ephemeral containers and in image volumes. A binding says where: in the
namespaces of one environment. It changes nothing, so that Argo CD and Flux see no drift.
"""

from __future__ import annotations

from codemod.emit._admission import NAME, admission, resource_rules, selector, validations, variables
from codemod.emit._target import JUDGES, Emitted, Material, Object, Target

API = "admissionregistration.k8s.io/v1"
ACTIONS = {"deny": ["Deny"], "warn": ["Warn", "Audit"], "audit": ["Audit"]}


def _write(material: Material) -> Emitted:
    found = admission(material)
    spec = {
        "failurePolicy": "Fail",
        "matchConstraints": {"matchPolicy": "Equivalent", "resourceRules": resource_rules()},
        "variables": variables(found.rules),
        "validations": validations(found.rules),
    }
    objects: list[Object] = [_object("ValidatingAdmissionPolicy", NAME, spec)]
    for group, namespaces in found.groups.items():
        bound = {
            "policyName": NAME,
            "validationActions": ACTIONS[material.wish.action],
            "matchResources": {"namespaceSelector": selector(namespaces)},
        }
        objects.append(_object("ValidatingAdmissionPolicyBinding", found.names[group], bound))
    return found.emitted(objects)


def _object(kind: str, name: str, spec: Object) -> Object:
    return {"apiVersion": API, "kind": kind, "metadata": {"name": name}, "spec": spec}


target = Target(__name__, _write, takes=JUDGES, is_policy=True)
