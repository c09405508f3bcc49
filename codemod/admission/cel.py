"""Policies in CEL: ValidatingAdmissionPolicy and MutatingAdmissionPolicy of Kubernetes, and Kyverno's kinds like them.

Kyverno generates rules for workloads from policies for pods and nothing else (`CanAutoGen` in kyverno's
`pkg/cel/autogen`); Kubernetes does not, and its policies do nothing without a binding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemod.admission import images
from codemod.admission.objects import KUBERNETES, Object, is_unknown, map_at, node_at
from codemod.admission.policy import SIGNATURES, Action, Place, Reach, Rule, Scope, Text
from codemod.admission.selectors import in_namespace, selected
from codemod.fleet.kustomization import items_at, text_at
from codemod.formats import yaml
from codemod.patterns import on_use

VALIDATING = ("ValidatingAdmissionPolicy", "ValidatingPolicy", "NamespacedValidatingPolicy")
VERIFYING = ("ImageValidatingPolicy", "NamespacedImageValidatingPolicy")
MUTATING = ("MutatingAdmissionPolicy", "MutatingPolicy", "NamespacedMutatingPolicy")
BINDINGS = ("ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicyBinding")
_TO_IMAGE = on_use(r"/image[\"']")
_SETS_IMAGE = on_use(r"\bimage\s*:")
UNBOUND = "it has no binding, so it does nothing"
_PODS = ("pods", "pods/*", "pods/ephemeralcontainers")


def rules(one: Object, bindings: Sequence[Object]) -> Iterator[Rule]:
    """The rules on images of a policy: one, or one for each of its bindings."""
    spec = map_at(one.root, "spec")
    if spec is None or one.kind not in (*VALIDATING, *VERIFYING, *MUTATING) or not _is_about(one, spec):
        return
    if one.group != KUBERNETES:
        yield _rule(one, spec, _reach(one, spec), _actions(one, spec))
        return
    own = [binding for binding in bindings if _may_bind(binding, one)]
    for binding in own:
        scope = selected(binding, map_at(binding.root, "spec", "matchResources", "namespaceSelector"))
        reach = _reach(one, spec)
        yield _rule(one, spec, reach.within(scope) if scope else reach, _bound(binding), binding.patched)
    if not own:
        yield _rule(one, spec, _reach(one, spec), (Action(False, UNBOUND, one.named_at),))


def _rule(one: Object, spec: yaml.Mapping, reach: Reach, actions: tuple[Action, ...], patched: str = "") -> Rule:
    is_mutating = one.kind in MUTATING
    expressions = list(_expressions(spec))
    said = "\n".join([one.name, *(one.value(scalar) for scalar in expressions)])
    pods = _only_pods(one, spec)
    is_on = any(action.enforces is not False for action in actions)
    return Rule(
        one.label,
        one.named_at,
        one.label,
        concern=SIGNATURES if one.kind in VERIFYING else images.concern(said),
        reach=reach,
        actions=() if is_mutating else actions,
        images=tuple(_images(one, spec, expressions)),
        pods=None if is_mutating else pods,
        skips=None if is_mutating or one.kind in VERIFYING else images.skipped(one, list(expressions)),
        mutates=_mutation(one, spec) if pods is None and is_on else None,
        mutated=tuple(text.value for text in _globs(one, spec)) or ("*",),
        writes_digests=one.kind in VERIFYING or images.writes_digests(said),
        patched=f"{one.patched}\n{patched}",
    )


def _expressions(spec: yaml.Mapping) -> Iterator[yaml.Scalar]:
    """The expressions that decide, and the variables that they use."""
    for key in ("variables", "validations", "mutations", "images"):
        for mapping in yaml.mappings(yaml.lookup(spec, key)):
            expression = yaml.lookup(mapping, "expression")
            if isinstance(expression, yaml.Scalar):
                yield expression


def _is_about(one: Object, spec: yaml.Mapping) -> bool:
    if one.kind in VERIFYING:
        return True
    texts = [one.value(scalar) for scalar in _expressions(spec)]
    if one.kind in MUTATING:
        is_read = any(map(images.reads_images, texts))
        return any(_TO_IMAGE.search(text) or (is_read and _SETS_IMAGE.search(text)) for text in texts)
    return any(map(images.reads_images, texts))


def _reach(one: Object, spec: yaml.Mapping) -> Reach:
    scopes: list[Scope | None] = [selected(one, map_at(spec, "matchConstraints", "namespaceSelector"))]
    scopes.append(in_namespace(one) if one.kind.startswith("Namespaced") else None)
    return Reach((tuple(scope for scope in scopes if scope),))


def _actions(one: Object, spec: yaml.Mapping) -> tuple[Action, ...]:
    """What a policy of Kyverno does: `Deny` unless it says otherwise, nothing where it is not asked at admission."""
    enabled = node_at(spec, "evaluation", "admission", "enabled")
    if isinstance(enabled, yaml.Scalar) and one.value(enabled).lower() == "false":
        return (Action(False, "evaluation.admission.enabled: false", one.place(enabled)),)
    return _of(one, spec, Action(True, "", one.named_at))


def _bound(binding: Object) -> tuple[Action, ...]:
    spec = map_at(binding.root, "spec")
    unset = Action(None, "no validationActions", binding.named_at)
    return _of(binding, spec, unset) if spec is not None else (unset,)


def _of(one: Object, spec: yaml.Mapping, unset: Action) -> tuple[Action, ...]:
    said = one.texts(yaml.lookup(spec, "validationActions"))
    if not said:
        return (unset,)
    is_known = not any(is_unknown(text.value) or "{{" in text.value for text in said)
    enforces = any(text.value == "Deny" for text in said) if is_known else None
    return (Action(enforces, f"validationActions: [{', '.join(text.value for text in said)}]", said[0].place),)


def _may_bind(binding: Object, one: Object) -> bool:
    """Whether a binding is for a policy; one whose policy cannot be known may be."""
    name = text_at(binding.root, "spec", "policyName") or ""
    same = binding.kind == f"{one.kind}Binding"
    return same and (name == one.name or is_unknown(name) or "{{" in name or "?" in (one.name, name))


def _resources(one: Object, spec: yaml.Mapping) -> Iterator[tuple[yaml.Mapping, tuple[Text, ...]]]:
    for each in items_at(spec, "matchConstraints", "resourceRules"):
        if isinstance(each, yaml.Mapping):
            yield each, one.texts(yaml.lookup(each, "resources"))


def _only_pods(one: Object, spec: yaml.Mapping) -> Text | None:
    """The resource of a policy that is for pods alone, and why no engine adds workloads to it."""
    resources = [text for _, texts in _resources(one, spec) for text in texts]
    values = [text.value for text in resources]
    if "pods" not in values or not set(values) <= set(_PODS):
        return None
    if one.group == KUBERNETES:
        return Text(f"Kubernetes adds none to a {one.kind}", resources[values.index("pods")].place)
    controllers = node_at(spec, "autogen", "podControllers", "controllers")
    if isinstance(controllers, yaml.Sequence) and not controllers.items:
        place = one.key(map_at(spec, "autogen", "podControllers") or spec, "controllers")
        return Text("autogen.podControllers.controllers is empty", place or one.named_at)
    return _kept(one, spec, resources)


def _kept(one: Object, spec: yaml.Mapping, resources: list[Text]) -> Text | None:
    """What keeps Kyverno from generating rules for workloads."""
    others = [text for text in resources if text.value != "pods"]
    if others:
        return Text(f"{others[0].value} beside pods keeps Kyverno from it", others[0].place)
    constraints = map_at(spec, "matchConstraints")
    blocks = [(constraints, "objectSelector"), (constraints, "excludeResourceRules")]
    blocks += [(each, "resourceNames") for each, _ in _resources(one, spec)]
    for mapping, key in blocks:
        node = yaml.lookup(mapping, key) if mapping is not None else None
        place = one.key(mapping, key) if mapping is not None else None
        is_empty = (isinstance(node, yaml.Mapping) and not node.entries) or (
            isinstance(node, yaml.Sequence) and not node.items
        )
        if node is not None and place is not None and not is_empty:
            return Text(f"{key} keeps Kyverno from it", place)
    return None


def _globs(one: Object, spec: yaml.Mapping) -> Iterator[Text]:
    """The images that a policy verifies."""
    for each in items_at(spec, "matchImageReferences"):
        if isinstance(each, yaml.Mapping) and yaml.lookup(each, "glob") is not None:
            yield from one.texts(yaml.lookup(each, "glob"))


def _images(one: Object, spec: yaml.Mapping, expressions: list[yaml.Scalar]) -> Iterator[Text]:
    yield from _globs(one, spec)
    for scalar in expressions:
        yield from images.quoted(one, scalar)


def _mutation(one: Object, spec: yaml.Mapping) -> Place | None:
    """Where images are rewritten; what verifies them writes their digests unless it says no."""
    if one.kind in MUTATING:
        return one.key(spec, "mutations")
    if one.kind not in VERIFYING:
        return None
    said = node_at(spec, "validationConfigurations", "mutateDigest")
    if isinstance(said, yaml.Scalar):
        return one.place(said) if one.value(said).lower() == "true" else None
    return one.named_at
