"""Kyverno requires digests: a ValidatingPolicy (CEL) for each environment.

For Kyverno 1.17 and later (`policies.kyverno.io/v1`), with the rules of `validating-admission-policy`; beside admission
Kyverno reports what runs already. The policy validates and never mutates, so that Argo CD and Flux see no drift.
"""

from __future__ import annotations

from codemod.emit._admission import admission, resource_rules, selector, validations, variables
from codemod.emit._target import JUDGES, Emitted, Material, Object, Target
from codemod.emit.validating_admission_policy import ACTIONS

API = "policies.kyverno.io/v1"


def _write(material: Material) -> Emitted:
    found = admission(material)
    objects: list[Object] = []
    for group, namespaces in found.groups.items():
        spec = {
            "validationActions": ACTIONS[material.wish.action],
            "failurePolicy": "Ignore",
            "matchConstraints": {
                "matchPolicy": "Equivalent",
                "namespaceSelector": selector(namespaces),
                "resourceRules": resource_rules(),
            },
            "variables": variables(found.rules),
            "validations": validations(found.rules),
        }
        metadata = {"name": found.names[group]}
        objects.append({"apiVersion": API, "kind": "ValidatingPolicy", "metadata": metadata, "spec": spec})
    return found.emitted(objects)


target = Target(__name__, _write, takes=JUDGES, is_policy=True)
