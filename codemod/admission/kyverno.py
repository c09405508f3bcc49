"""Kyverno's `ClusterPolicy` and `Policy` (https://kyverno.io/docs/policy-types/cluster-policy/).

Rules for pods get rules for workloads from Kyverno itself (`autogen`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.admission import images
from codemod.admission.autogen import blocked, excluded_kinds
from codemod.admission.kyvernorule import Filter, Written
from codemod.admission.objects import Object, is_unknown, map_at, node_at
from codemod.admission.policy import EVERYWHERE, SIGNATURES, WORKLOADS, Action, Place, Reach, Rule, Text
from codemod.admission.selectors import in_namespace, named, selected
from codemod.fleet.kustomization import items_at
from codemod.formats import yaml


def rules(one: Object) -> Iterator[Rule]:
    """The rules on images of a policy."""
    spec = map_at(one.root, "spec")
    found = [Written(one, node) for node in items_at(spec, "rules") if isinstance(node, yaml.Mapping)]
    about = [rule for rule in found if rule.parts]
    if spec is None or not about:
        return
    names_workloads = any(WORKLOADS & rule.kinds or "*" in rule.kinds for rule in about)
    block = None if names_workloads else blocked(one, found)
    skips = images.skipped(one, [part for rule in about for part in rule.parts])
    skips = None if any(rule.verifies for rule in about) else skips
    for rule in about:
        yield _read(one, spec, rule, skips, block)
        skips = None


def _read(one: Object, spec: yaml.Mapping, rule: Written, skips: Text | None, block: Text | None) -> Rule:
    is_for_pods = "Pod" in rule.kinds and not rule.kinds & {"*", *WORKLOADS}
    pods = block or excluded_kinds(rule) if is_for_pods else None
    return Rule(
        one.label,
        _name(one, rule),
        f"{one.label}/{rule.node.text('name') or ''}",
        concern=SIGNATURES if rule.verifies else images.concern(rule.text),
        reach=_reach(one, rule),
        actions=tuple(_actions(one, spec, rule)) if rule.validates else (),
        images=tuple(_images(one, rule)),
        pods=pods if rule.validates else None,
        skips=skips if rule.validates else None,
        mutates=_mutation(one, rule) if pods is None and rule.mutates else None,
        writes_digests=not rule.rewrites or images.writes_digests(rule.text),
        mutated=("*",) if rule.rewrites else _globs(one, rule, "image", "imageReferences"),
        spared=_globs(one, rule, "skipImageReferences"),
        patched=one.patched,
    )


def _name(one: Object, rule: Written) -> Place:
    name = node_at(rule.node, "name")
    return one.place(name) if isinstance(name, yaml.Scalar) else one.named_at


def _reach(one: Object, rule: Written) -> Reach:
    """The namespaces of a rule; a condition on them cannot be followed, so that it then works everywhere."""
    ways = [each.scopes for each in rule.filters("match") if each.may_match_pods]
    if node_at(rule.node, "match", "all") is not None:
        ways = [tuple(scope for way in ways for scope in way)]
    excluded = [each for each in rule.filters("exclude") if not each.is_for_some]
    is_all = node_at(rule.node, "exclude", "all") is not None and len(rule.filters("exclude")) > 1
    but = () if is_all else tuple(text for each in excluded for text in _excluded(one, each))
    reach = Reach(tuple(ways) or ((),), but)
    if one.kind == "Policy":
        own = in_namespace(one)
        reach = reach.within(own) if own is not None else reach
    return reach


def _excluded(one: Object, each: Filter) -> tuple[Text, ...]:
    if yaml.lookup(each.resources, "namespaceSelector") is not None:
        return ()
    texts = one.texts(yaml.lookup(each.resources, "namespaces"))
    return tuple(text for text in texts if not is_unknown(text.value))


def _actions(one: Object, spec: yaml.Mapping, rule: Written) -> Iterator[Action]:
    """What happens; the first that reaches a namespace holds: of the rule, then of the policy, then Audit."""
    admission = yaml.lookup(spec, "admission")
    if isinstance(admission, yaml.Scalar) and one.value(admission).lower() == "false":
        yield Action(False, "admission: false", one.place(admission))
    for block in [rule.validate] if rule.validate is not None else []:
        yield from _overrides(one, block, "failureActionOverrides")
        yield from _action(one, block, "failureAction")
    own = [found for block in rule.verifies for found in _action(one, block, "failureAction")]
    yield from sorted(own, key=lambda action: not action.enforces)[:1]
    yield from _overrides(one, spec, "validationFailureActionOverrides")
    yield from _action(one, spec, "validationFailureAction")
    yield Action(False, "no failureAction, so Audit", one.named_at)


def _action(one: Object, block: yaml.Mapping, key: str, reach: Reach = EVERYWHERE) -> Iterator[Action]:
    scalar = yaml.lookup(block, key)
    if isinstance(scalar, yaml.Scalar) and not scalar.is_null:
        value = one.value(scalar)
        enforces = None if is_unknown(value) or "{{" in value else value.lower() == "enforce"
        yield Action(enforces, f"{key}: {value}", one.place(scalar), reach)


def _overrides(one: Object, block: yaml.Mapping, key: str) -> Iterator[Action]:
    for each in items_at(block, key):
        if isinstance(each, yaml.Mapping):
            scopes = (named(one, yaml.lookup(each, "namespaces")), selected(one, map_at(each, "namespaceSelector")))
            reach = Reach((tuple(scope for scope in scopes if scope),))
            yield from _action(one, each, "action", reach)


def _images(one: Object, rule: Written) -> Iterator[Text]:
    yield from _verified(one, rule, "image", "imageReferences", "skipImageReferences")
    for variable in items_at(rule.node, "context"):
        yield from (text for text in one.texts(node_at(variable, "variable", "value")) if "/" in text.value)
    for part in rule.parts:
        for scalar, _ in images.pattern_images(part):
            yield one.text(scalar)
        for mapping in yaml.mappings(part):
            if any(images.reads_images(text.value) for text in one.texts(yaml.lookup(mapping, "key"))):
                yield from one.texts(yaml.lookup(mapping, "value"))
            expression = yaml.lookup(mapping, "expression")
            if isinstance(expression, yaml.Scalar):
                yield from images.quoted(one, expression)


def _verified(one: Object, rule: Written, *keys: str) -> Iterator[Text]:
    """The images that a rule verifies, or leaves out, by the keys that say so."""
    for block in rule.verifies:
        for key in keys:
            yield from one.texts(yaml.lookup(block, key))


def _globs(one: Object, rule: Written, *keys: str) -> tuple[str, ...]:
    return tuple(text.value for text in _verified(one, rule, *keys))


def _mutation(one: Object, rule: Written) -> Place | None:
    """Where a rule says that it writes images; a rule that verifies them does unless it says no."""
    if rule.rewrites and rule.mutate is not None:
        key = rule.node.get("mutate")
        return one.place(key.key) if key is not None and isinstance(key.key, yaml.Scalar) else _name(one, rule)
    for block in rule.verifies:
        said = yaml.lookup(block, "mutateDigest")
        if not isinstance(said, yaml.Scalar):
            return one.key(rule.node, "verifyImages")
        if one.value(said).lower() == "true":
            return one.place(said)
    return None
