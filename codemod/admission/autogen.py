"""What keeps Kyverno from generating rules for workloads out of rules for pods.

As `CanAutoGen` of kyverno's `pkg/autogen/v1` has it: one rule that cannot be generated from turns it off for all.
"""

from __future__ import annotations

from collections.abc import Sequence

from codemod.admission.kyvernorule import Written, kind_of
from codemod.admission.objects import Object, node_at
from codemod.admission.policy import Text
from codemod.formats import yaml

AUTOGEN = "pod-policies.kyverno.io/autogen-controllers"


def blocked(one: Object, rules: Sequence[Written]) -> Text | None:
    """What keeps Kyverno from generating rules for workloads, in any rule of a policy, and why."""
    annotation = node_at(one.root, "metadata", "annotations", AUTOGEN)
    if isinstance(annotation, yaml.Scalar) and one.value(annotation).strip() in ("none", ""):
        return Text(f"the annotation {AUTOGEN} turns that off", one.place(annotation))
    for rule in rules:
        generated = one.key(rule.node, "generate")
        if generated is not None:
            return Text("a rule that generates turns that off for the whole policy", generated)
        for mapping in yaml.mappings(rule.mutate):
            patches = one.key(mapping, "patchesJson6902")
            if patches is not None:
                return Text("patchesJson6902 turns that off for the whole policy", patches)
        for each in (*rule.filters("match"), *rule.filters("exclude")):
            narrows, kinds = each.narrows, each.kinds
            if narrows is not None and isinstance(narrows.key, yaml.Scalar):
                said = f"`{narrows.key.value}` in match or exclude turns that off for the whole policy"
                return Text(said, one.place(narrows.key))
            other = next((kind for kind in kinds if kind_of(kind.value) != "Pod"), None)
            if other is not None and len(kinds) > 1 and any(kind_of(kind.value) == "Pod" for kind in kinds):
                return Text(f"{other.value} beside Pod turns that off for the whole policy", other.place)
    return None


def excluded_kinds(rule: Written) -> Text | None:
    """Kinds that a rule excludes, none of which is Pod: Kyverno generates nothing for such a rule."""
    kinds = [kind for each in rule.filters("exclude") for kind in each.kinds]
    if not kinds or any(kind_of(kind.value) == "Pod" for kind in kinds):
        return None
    return Text(f"{kinds[0].value} in exclude turns that off for this rule", kinds[0].place)
