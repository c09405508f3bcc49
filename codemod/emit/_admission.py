"""What an admission policy is about: the namespaces of the strict environments, the rules, and what to know before."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from codemod.emit._cel import EXPRESSION_MAX, Rules, rules
from codemod.emit._exempt import Exempted, exempted
from codemod.emit._freight import slug
from codemod.emit._target import Emitted, Material, Object, Remark
from codemod.errors import UnfloatError
from codemod.fleet.namespaces import Namespaces
from codemod.patterns import on_use
from codemod.wording import plural

NAME = "unfloat-require-digests"
NOTES = (
    "Requires digests of images. Written by unfloat from .unfloat.yaml and the namespaces of the strict environments;",
    "write it anew where exceptions change or end. Roll it out with --action audit first.",
)
KINDS: Mapping[str, Mapping[str, str]] = {
    "": {"Pod": "pods", "ReplicationController": "replicationcontrollers", "PodTemplate": "podtemplates"},
    "apps": {
        "Deployment": "deployments",
        "StatefulSet": "statefulsets",
        "DaemonSet": "daemonsets",
        "ReplicaSet": "replicasets",
    },
    "batch": {"Job": "jobs", "CronJob": "cronjobs"},
}
"""The kinds that hold pods, with their resources, by API group; all are of version v1."""
_NOWHERE = (
    "Nothing to emit: no namespace is known in which digests are required; "
    "say `digest: require` and `namespaces` under `environments` of the configuration"
)
_MARK = 8
"""Hexadecimal digits that tell environments apart whose names Kubernetes would spell alike."""
_OF_THE_CLUSTER = on_use(r"kube-(?:system|public|node-lease)|openshift-.*")
"""The namespaces that Kubernetes and OpenShift keep for themselves."""


class Admission(NamedTuple):
    """The namespaces by environment and its name as one of an object, the rules, and what a person should know."""

    groups: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]
    rules: Rules
    remarks: tuple[Remark, ...]
    exemptions: int

    def emitted(self, objects: Iterable[Object]) -> Emitted:
        """The objects with what there is to say of them; none where no namespace is known."""
        if not self.groups:
            return Emitted((), remarks=self.remarks, summary=_NOWHERE)
        count = len({name for names in self.groups.values() for name in names})
        said = f"Digests are required in {plural(count, 'namespace')} ({', '.join(self.groups)})"
        summary = f"{said}; {plural(self.exemptions, 'exemption')}"
        return Emitted(tuple(objects), notes=NOTES, remarks=self.remarks, summary=summary)


def admission(material: Material) -> Admission:
    """What the policy for the chosen environments says. Raises `UnfloatError` for one that needs no digests."""
    assert material.plan is not None
    assert material.exceptions is not None
    config, namespaces = material.fleet.config, Namespaces(material.fleet)
    chosen = _chosen(material, namespaces)
    groups = _groups(chosen, namespaces)
    strict = frozenset(namespace for group in groups.values() for namespace in group)
    found = exempted(material.plan, material.exceptions, config, namespaces, strict)
    any_tag = {
        namespace
        for group, names in groups.items()
        if not config.policy(group, "").floating_beside_digest
        for namespace in names
    }
    written = rules(config.floating_tags, found.exemptions, sorted(any_tag))
    for name, expression in written.variables:
        if len(expression) > EXPRESSION_MAX:
            raise UnfloatError(
                f"the {len(found.exemptions):,} exceptions make an expression ({name}) that is longer than "
                f"{EXPRESSION_MAX:,} characters, the most that Kubernetes reads; end some of them first"
            )
    remarks = (*_unclear(namespaces, chosen, strict), *found.remarks, *_denied(found))
    return Admission(groups, _names(namespaces), written, remarks, len(found.exemptions))


def resource_rules() -> list[Object]:
    """The requests that bring images: `ephemeralcontainers` is how `kubectl debug` adds a container."""
    found: list[Object] = [
        _resources(group, ["CREATE", "UPDATE"], list(kinds.values())) for group, kinds in KINDS.items()
    ]
    return [found[0], _resources("", ["UPDATE"], ["pods/ephemeralcontainers"]), *found[1:]]


def selector(namespaces: tuple[str, ...]) -> Object:
    """Namespaces by the label with which Kubernetes names them."""
    chosen = {"key": "kubernetes.io/metadata.name", "operator": "In", "values": list(namespaces)}
    return {"matchExpressions": [chosen]}


def variables(of: Rules) -> list[Object]:
    """The variables as all three policies spell them."""
    return [{"name": name, "expression": expression} for name, expression in of.variables]


def validations(of: Rules) -> list[Object]:
    """The validations as all three policies spell them."""
    return [
        {"expression": one.expression, "messageExpression": one.message_expression, "message": one.message}
        for one in of.validations
    ]


def _resources(group: str, operations: list[str], resources: list[str]) -> Object:
    """A rule with all that Kubernetes would fill in, which Argo CD would else see as a difference."""
    rule = {"apiGroups": [group], "apiVersions": ["v1"], "operations": operations, "resources": resources}
    return {**rule, "scope": "*"}


def _chosen(material: Material, namespaces: Namespaces) -> tuple[str, ...]:
    """The environments that the policy is for: all strict ones where none is named."""
    strict = {one.group for one in namespaces.destinations if one.is_strict}
    for name in material.wish.environments:
        if name not in strict:
            known = ", ".join(sorted(strict)) or "none; say `digest: require` under `environments` of the configuration"
            raise UnfloatError(f"no environment {name!r} that needs digests and deploys anything; there are {known}")
    return material.wish.environments or tuple(sorted(strict))


def _names(namespaces: Namespaces) -> dict[str, str]:
    """What objects for each environment are called, whichever are chosen: no two would replace each other."""
    strict = {one.group for one in namespaces.destinations if one.is_strict}
    shared = Counter(slug(group) for group in strict)
    marks = {group: f"-{hashlib.sha256(group.encode()).hexdigest()[:_MARK]}" for group in strict - {*shared}}
    return {group: f"{NAME}-{slug(group)}{marks.get(group, '') if shared[slug(group)] > 1 else ''}" for group in strict}


def _groups(chosen: Iterable[str], namespaces: Namespaces) -> dict[str, tuple[str, ...]]:
    """The namespaces of each environment that has any."""
    by_group = {group: tuple(name for name, groups in namespaces.strict.items() if group in groups) for group in chosen}
    return {group: names for group, names in by_group.items() if names}


def _unclear(namespaces: Namespaces, chosen: Collection[str], strict: Collection[str]) -> Iterator[Remark]:
    """What of the namespaces is not known, or shared with something else."""
    unknown: dict[str, list[str]] = {}
    for one in namespaces.unknown:
        if one.group in chosen:
            unknown.setdefault(one.group, []).append(f"{one.name} ({one.origin})")
    for group, names in sorted(unknown.items()):
        text = f"Not covered, nothing says the namespace ({group}; list it under `environments.{group}.namespaces`)"
        yield Remark(text, tuple(names))
    mixed = [f"{name} ({', '.join(others)})" for name in sorted(strict) if (others := _lenient(namespaces, name))]
    if mixed:
        text = "Also namespaces of environments that may lack digests, so apply each policy to its own clusters only"
        yield Remark(text, tuple(mixed))
    of_cluster = tuple(name for name in sorted(strict) if _OF_THE_CLUSTER.fullmatch(name))
    if of_cluster:
        yield Remark("Run parts of the cluster itself, which are judged, too, so audit them first", of_cluster)


def _lenient(namespaces: Namespaces, name: str) -> list[str]:
    """The environments that have a namespace, too, and need no digests."""
    return sorted(namespaces.lenient.get(name, frozenset()) - {""})


def _denied(found: Exempted) -> Iterator[Remark]:
    """The images of the fleet itself that break the rules today."""
    own = dict.fromkeys(one.place for one in found.denied if not one.entry.vendored)
    spared = dict.fromkeys(one.place for one in found.denied if one.entry.vendored)
    if own:
        yield Remark("Would be denied today", tuple(own))
    if spared:
        yield Remark("Would be denied today, though unfloat check spares vendored files and tests", tuple(spared))
