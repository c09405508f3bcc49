"""Gatekeeper requires digests: a ConstraintTemplate (CEL), and a constraint for each environment.

For Gatekeeper 3.18 and later (engine `K8sNativeValidation`), with the rules of `validating-admission-policy`; beside
admission Gatekeeper audits what runs already. It validates and never mutates, so that Argo CD and Flux see no drift.
"""

from __future__ import annotations

from codemod.emit._admission import KINDS, admission, validations, variables
from codemod.emit._target import JUDGES, Emitted, Material, Object, Target

KIND = "UnfloatRequireDigests"
ACTIONS = {"deny": "deny", "warn": "warn", "audit": "dryrun"}


def _write(material: Material) -> Emitted:
    found = admission(material)
    source = {
        "failurePolicy": "Ignore",
        "variables": variables(found.rules),
        "validations": validations(found.rules),
    }
    code = [{"engine": "K8sNativeValidation", "source": source}]
    template = {
        "apiVersion": "templates.gatekeeper.sh/v1",
        "kind": "ConstraintTemplate",
        "metadata": {"name": KIND.lower()},
        "spec": {
            "crd": {"spec": {"names": {"kind": KIND}}},
            "targets": [{"target": "admission.k8s.gatekeeper.sh", "code": code}],
        },
    }
    action = ACTIONS[material.wish.action]
    constraints = [_constraint(found.names[group], namespaces, action) for group, namespaces in found.groups.items()]
    return found.emitted((template, *constraints))


def _constraint(name: str, namespaces: tuple[str, ...], action: str) -> Object:
    kinds = [{"apiGroups": [api], "kinds": list(names)} for api, names in KINDS.items()]
    return {
        "apiVersion": "constraints.gatekeeper.sh/v1beta1",
        "kind": KIND,
        "metadata": {"name": name},
        "spec": {"enforcementAction": action, "match": {"kinds": kinds, "namespaces": list(namespaces)}},
    }


target = Target(__name__, _write, takes=JUDGES, is_policy=True)
