"""Gatekeeper: constraints, whose template says what they are about, and its mutations.

Gatekeeper checks what a constraint's kinds say, and the pods of workloads only where an ExpansionTemplate makes them
(https://open-policy-agent.github.io/gatekeeper/website/docs/expansion).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from codemod.admission import images
from codemod.admission.objects import MUTATIONS, Object, is_unknown, map_at, node_at
from codemod.admission.policy import NAMES, TAGS, WORKLOADS, Action, Reach, Rule, Scope, Text
from codemod.admission.selectors import named, selected
from codemod.fleet.kustomization import items_at, text_at, texts_at
from codemod.formats import yaml
from codemod.patterns import on_use

_KNOWN = {
    **{"K8sImageDigests": TAGS, "K8sDisallowedTags": TAGS},
    **{"K8sAllowedRepos": NAMES, "K8sAllowedReposv2": NAMES, "K8sDisallowedRepos": NAMES},
}
"""Kinds of Gatekeeper's library whose template may be elsewhere."""
_SAYS = on_use(r"^[^\n]*(?:sprintf\(|\bmsg\b\s*:?=|\bis_exempt\b)[^\n]*$|#[^\n]*$", re.MULTILINE)
"""Lines of Rego that only say something, or exempt images."""


class Template(Struct, frozen=True):
    """What the constraints of a kind are about, and the containers that they skip."""

    concern: str
    skips: Text | None


def templates(found: Iterable[Object]) -> dict[str, Template]:
    """By the kind of their constraints, the templates about images."""
    read: dict[str, Template] = {kind: Template(concern, None) for kind, concern in _KNOWN.items()}
    for one in found:
        kind = text_at(one.root, "spec", "crd", "spec", "names", "kind")
        code = list(_code(one))
        said = [_SAYS.sub("", one.value(scalar)) for scalar in code]
        if kind is None or not any(map(images.reads_images, said)):
            continue
        concern = _KNOWN.get(kind) or images.concern("\n".join([kind, *said]))
        read[kind] = Template(concern, images.skipped(one, list(code)))
    return read


def _code(one: Object) -> Iterator[yaml.Scalar]:
    """The Rego, or the expressions of CEL, of a template, its libraries left out."""
    for each in items_at(one.root, "spec", "targets"):
        own = node_at(each, "rego")
        sources = [node_at(code, "source") for code in items_at(each, "code")]
        for node in [own, *(node_at(source, "rego") for source in sources)]:
            if isinstance(node, yaml.Scalar):
                yield node
        for source in sources:
            for key in ("variables", "validations"):
                for item in items_at(source, key):
                    expression, name = node_at(item, "expression"), text_at(item, "name") or ""
                    if isinstance(expression, yaml.Scalar) and not name.startswith("exempt"):
                        yield expression


def expands(found: Iterable[Object]) -> bool:
    """Whether a template makes pods of deployments, to be checked with them."""
    return any(
        text_at(one.root, "spec", "generatedGVK", "kind") == "Pod"
        and any("Deployment" in texts_at(each, "kinds") for each in items_at(one.root, "spec", "applyTo"))
        for one in found
    )


def rule(one: Object, template: Template, *, expanded: bool) -> Rule:
    """What a constraint is."""
    parameters = node_at(one.root, "spec", "parameters")
    return Rule(
        one.label,
        one.named_at,
        one.kind,
        concern=template.concern,
        reach=_reach(one),
        actions=(_action(one),),
        images=tuple(one.text(scalar) for scalar in _values(parameters)),
        pods=None if expanded else _only_pods(one),
        skips=template.skips,
        patched=one.patched,
    )


def mutation(one: Object) -> Rule | None:
    """What a mutation of images of workloads is; None for any other."""
    location = text_at(one.root, "spec", "location") or ""
    kinds = {kind for each in items_at(one.root, "spec", "applyTo") for kind in texts_at(each, "kinds")}
    if one.group != MUTATIONS or not (one.kind == "AssignImage" or location.endswith(".image")):
        return None
    spec = map_at(one.root, "spec")
    place = one.key(spec, "location") if spec is not None else None
    values = tuple(one.text(scalar) for scalar in _values(node_at(one.root, "spec", "parameters")))
    mutates = (place or one.named_at) if kinds & WORKLOADS else None
    return Rule(
        one.label,
        one.named_at,
        one.kind,
        concern=NAMES,
        reach=_reach(one),
        images=tuple(text for text in values if "/" in text.value or "." in text.value),
        mutates=mutates,
        patched=one.patched,
    )


def _values(node: yaml.Node | None) -> Iterator[yaml.Scalar]:
    """Every scalar that is a value, none that is a key."""
    for mapping in yaml.mappings(node):
        for entry in mapping.entries:
            value = yaml.target(entry.value)
            items = value.items if isinstance(value, yaml.Sequence) else [value]
            yield from (item for each in items if isinstance(item := yaml.target(each), yaml.Scalar))


def _reach(one: Object) -> Reach:
    match = map_at(one.root, "spec", "match")
    if match is None:
        return Reach()
    excluded = [text for text in one.texts(yaml.lookup(match, "excludedNamespaces")) if not is_unknown(text.value)]
    scopes = (named(one, yaml.lookup(match, "namespaces")), selected(one, map_at(match, "namespaceSelector")))
    return Reach((tuple(scope for scope in (*scopes, Scope(None, tuple(excluded))) if scope),))


def _action(one: Object) -> Action:
    """What a constraint does: it denies unless it says otherwise."""
    node = node_at(one.root, "spec", "enforcementAction")
    if not isinstance(node, yaml.Scalar) or node.is_null:
        return Action(True, "", one.named_at)
    value = one.value(node)
    if value == "scoped":
        actions = [text_at(each, "action") for each in items_at(one.root, "spec", "scopedEnforcementActions")]
        return Action("deny" in actions, "no scoped enforcementAction is deny", one.place(node))
    is_known = not is_unknown(value) and "{{" not in value
    return Action(value == "deny" if is_known else None, f"enforcementAction: {value}", one.place(node))


def _only_pods(one: Object) -> Text | None:
    """The kind of a constraint for pods alone."""
    kinds = [
        text for each in items_at(one.root, "spec", "match", "kinds") for text in one.texts(node_at(each, "kinds"))
    ]
    if not kinds or any(text.value != "Pod" for text in kinds):
        return None
    return Text("no ExpansionTemplate shows Gatekeeper the pods of workloads", kinds[0].place)
