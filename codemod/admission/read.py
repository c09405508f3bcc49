"""Every rule on images that a repository puts into its clusters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from codemod.admission import cel, gatekeeper, kyverno
from codemod.admission.objects import GATEKEEPER, KUBERNETES, KYVERNO, KYVERNO_CEL, MUTATIONS, Object, objects
from codemod.admission.policy import Rule
from codemod.fleet import Fleet

_TEMPLATES, _CONSTRAINTS, _EXPANSIONS = GATEKEEPER


def rules(fleet: Fleet) -> tuple[Rule, ...]:
    """In the order of their places; what several releases print alike is there once."""
    found: dict[str, list[Object]] = defaultdict(list)
    for one in objects(fleet):
        found[one.group].append(one)
    return tuple(dict.fromkeys(sorted(_rules(found), key=lambda rule: rule.place)))


def _rules(found: dict[str, list[Object]]) -> Iterator[Rule]:
    for one in found[KYVERNO]:
        if one.kind in ("ClusterPolicy", "Policy"):
            yield from kyverno.rules(one)
    bindings = [one for one in found[KUBERNETES] if one.kind in cel.BINDINGS]
    for one in (*found[KYVERNO_CEL], *found[KUBERNETES]):
        yield from cel.rules(one, bindings)
    yield from _of_gatekeeper(found)


def _of_gatekeeper(found: dict[str, list[Object]]) -> Iterator[Rule]:
    templates = gatekeeper.templates(found[_TEMPLATES])
    expanded = gatekeeper.expands(found[_EXPANSIONS])
    for one in found[_CONSTRAINTS]:
        if one.kind in templates:
            yield gatekeeper.rule(one, templates[one.kind], expanded=expanded)
    for one in found[MUTATIONS]:
        rule = gatekeeper.mutation(one)
        if rule is not None:
            yield rule
