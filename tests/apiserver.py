"""Admission as the controllers carry it out: which policies a request meets, and what their CEL says of it.

The expressions are type-checked and evaluated by Google's CEL (C++). As in Kubernetes each variable is declared with
the type of its expression, is there for those after it, and is evaluated when it is first asked for. Only what the
emitted policies use of the matching is carried out; anything else is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cel_expr_python import cel
from cel_expr_python.ext import ext_strings

Object = Mapping[str, Any]
PER_CALL_LIMIT, MESSAGE_MAX = 1_000_000, 5 * 1024
"""Cost of one expression, bytes of a message (k8s.io/apiserver/pkg/apis/cel)."""

RESOURCES = {
    "Pod": ("", "pods"),
    "ReplicationController": ("", "replicationcontrollers"),
    "PodTemplate": ("", "podtemplates"),
    "Service": ("", "services"),
    "ConfigMap": ("", "configmaps"),
    "Deployment": ("apps", "deployments"),
    "StatefulSet": ("apps", "statefulsets"),
    "DaemonSet": ("apps", "daemonsets"),
    "ReplicaSet": ("apps", "replicasets"),
    "Job": ("batch", "jobs"),
    "CronJob": ("batch", "cronjobs"),
}
_GATEKEEPER_SUBRESOURCES = ("ephemeralcontainers", "resize", "scale", "eviction", "binding", "exec")
"""Some of those that Gatekeeper's webhook is called for besides whole objects (its chart's values)."""
_VARIABLE = re.compile(r"\bvariables\.(\w+)")


@dataclass(frozen=True)
class Request:
    """One request to the API server; on CREATE there is no old object, on DELETE no new one."""

    kind: str
    namespace: str
    operation: str
    object: Object | None
    old: Object | None = None
    subresource: str = ""

    @property
    def resource(self) -> str:
        """The resource, with its subresource behind a slash."""
        resource = RESOURCES[self.kind][1]
        return f"{resource}/{self.subresource}" if self.subresource else resource


@dataclass(frozen=True)
class Policy:
    """Variables and validations, compiled once."""

    variables: Sequence[Mapping[str, str]]
    validations: Sequence[Mapping[str, str]]
    compiled: dict[str, Any] = field(init=False, repr=False)
    types: dict[str, Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        types: dict[str, Any] = {"object": cel.Type.DYN, "oldObject": cel.Type.DYN}
        compiled = {}
        for variable in self.variables:
            expression = _environment(types).compile(variable["expression"])
            compiled[variable["name"]] = expression
            types[f"variables.{variable['name']}"] = expression.return_type()
        environment = _environment(types)
        for validation in self.validations:
            for key, wanted in (("expression", "BOOL"), ("messageExpression", "STRING")):
                expression = environment.compile(validation[key])
                assert expression.return_type().name() == wanted, validation[key]
                compiled[validation[key]] = expression
        object.__setattr__(self, "compiled", compiled)
        object.__setattr__(self, "types", types)

    def judge(self, request: Request) -> list[str]:
        """What is said against a request, one message for each validation that does not hold."""
        return list(_Evaluation(self, request).failures())

    def value(self, name: str, request: Request) -> Any:
        """What a variable is for a request."""
        return _Evaluation(self, request).variable(name)


class _Evaluation:
    def __init__(self, policy: Policy, request: Request) -> None:
        self._policy, self._known = policy, {"object": request.object, "oldObject": request.old}

    def failures(self) -> Iterator[str]:
        for validation in self._policy.validations:
            if not self._evaluated(validation["expression"], validation["expression"]):
                message = self._evaluated(validation["messageExpression"], validation["messageExpression"])
                yield message if len(message.encode()) <= MESSAGE_MAX else validation["message"]

    def variable(self, name: str) -> Any:
        key = f"variables.{name}"
        if key not in self._known:
            text = next(one["expression"] for one in self._policy.variables if one["name"] == name)
            self._known[key] = self._evaluated(name, text)
        return self._known[key]

    def _evaluated(self, key: str, text: str) -> Any:
        for name in dict.fromkeys(_VARIABLE.findall(text)):
            self.variable(name)
        value = self._policy.compiled[key].eval(data=self._known)
        assert value.type().name() != "ERROR", f"{text}: {value.plain_value()}"
        return value.plain_value()


def _environment(types: Mapping[str, Any]) -> Any:
    return cel.NewEnv(variables=types, extensions=[ext_strings.ExtStrings(2)])


class Cluster:
    """A cluster with one of the three kinds of policies in force."""

    def __init__(self, objects: Sequence[dict[str, Any]]) -> None:
        self._policies = [(one, self._source(one, objects)) for one in objects if one["kind"] not in _TEXTS]

    def _source(self, one: Object, objects: Sequence[dict[str, Any]]) -> Policy:
        """The CEL behind a binding, a constraint, or a policy that says all itself."""
        spec = one["spec"]
        if one["kind"] == "ValidatingAdmissionPolicyBinding":
            (named,) = (each for each in objects if each["metadata"]["name"] == spec["policyName"])
            spec = named["spec"]
        elif one["apiVersion"].startswith("constraints.gatekeeper.sh/"):
            (named,) = (each for each in objects if each["metadata"]["name"] == one["kind"].lower())
            ((code,),) = ([target["code"] for target in named["spec"]["targets"]],)
            assert code[0]["engine"] == "K8sNativeValidation"
            spec = code[0]["source"]
        return _compiled(spec)

    @property
    def policies(self) -> list[Policy]:
        """The CEL of all policies."""
        return [policy for _, policy in self._policies]

    def judge(self, request: Request, objects: Sequence[dict[str, Any]]) -> list[str]:
        """What is said against a request by all policies that it meets."""
        met = [policy for one, policy in self._policies if _meets(one, request, objects)]
        return [message for policy in met for message in policy.judge(request)]


_TEXTS = ("ValidatingAdmissionPolicy", "ConstraintTemplate")
_CACHE: dict[str, Policy] = {}


def _compiled(spec: Object) -> Policy:
    key = repr((spec["variables"], spec["validations"]))
    if key not in _CACHE:
        _CACHE[key] = Policy(spec["variables"], spec["validations"])
    return _CACHE[key]


def _meets(one: Object, request: Request, objects: Sequence[dict[str, Any]]) -> bool:
    spec = one["spec"]
    if one["kind"] == "ValidatingAdmissionPolicyBinding":
        (policy,) = (each for each in objects if each["metadata"]["name"] == spec["policyName"])
        assert spec["matchResources"].keys() == {"namespaceSelector"}
        selector = spec["matchResources"]["namespaceSelector"]
        return _is_selected(selector, request) and _is_ruled(policy["spec"]["matchConstraints"], request)
    if one["kind"] == "ValidatingPolicy":
        constraints = spec["matchConstraints"]
        return _is_selected(constraints["namespaceSelector"], request) and _is_ruled(constraints, request)
    assert spec["match"].keys() == {"kinds", "namespaces"}
    is_called = request.operation in ("CREATE", "UPDATE") and request.subresource in ("", *_GATEKEEPER_SUBRESOURCES)
    group = RESOURCES[request.kind][0]
    return (
        is_called
        and request.namespace in spec["match"]["namespaces"]
        and any(group in each["apiGroups"] and request.kind in each["kinds"] for each in spec["match"]["kinds"])
    )


def _is_selected(selector: Object, request: Request) -> bool:
    """A label selector on the labels that Kubernetes itself gives a namespace."""
    assert selector.keys() == {"matchExpressions"}
    labels = {"kubernetes.io/metadata.name": request.namespace}
    terms = selector["matchExpressions"]
    assert all(term["operator"] == "In" for term in terms)
    return all(labels.get(term["key"]) in term["values"] for term in terms)


def _is_ruled(constraints: Object, request: Request) -> bool:
    rules = constraints["resourceRules"]
    assert all(rule["scope"] == "*" for rule in rules)
    return any(
        RESOURCES[request.kind][0] in rule["apiGroups"]
        and "v1" in rule["apiVersions"]
        and request.operation in rule["operations"]
        and request.resource in rule["resources"]
        for rule in rules
    )


def pod(row: Mapping[str, Any]) -> dict[str, Any]:
    """The spec of a pod with the images that a row of the table names; `null` is a container that names none."""
    spec: dict[str, Any] = {}
    for key in ("initContainers", "containers", "ephemeralContainers"):
        if key in row:
            spec[key] = [_container(number, image) for number, image in enumerate(row[key])]
    if "imageVolumes" in row:
        volumes = [{"name": f"v{number}", "image": _reference(text)} for number, text in enumerate(row["imageVolumes"])]
        spec["volumes"] = [{"name": "tmp", "emptyDir": {}}, *volumes]
    return spec


def _container(number: int, image: str | None) -> dict[str, Any]:
    return {"name": f"c{number}"} if image is None else {"name": f"c{number}", "image": image}


def _reference(text: str | None) -> dict[str, Any]:
    return {"pullPolicy": "Always"} if text is None else {"reference": text}


def whole(kind: str, namespace: str, spec: dict[str, Any]) -> dict[str, Any]:
    """An object of a kind around the spec of a pod."""
    group = RESOURCES[kind][0]
    head = {
        "apiVersion": f"{group}/v1" if group else "v1",
        "kind": kind,
        "metadata": {"name": "web", "namespace": namespace},
    }
    template = {"metadata": {"labels": {"app": "web"}}, "spec": spec}
    if kind == "Pod":
        return {**head, "spec": spec}
    if kind == "PodTemplate":
        return {**head, "template": template}
    if kind == "CronJob":
        return {**head, "spec": {"schedule": "0 4 * * *", "jobTemplate": {"spec": {"template": template}}}}
    return {**head, "spec": {"replicas": 2, "template": template}}
