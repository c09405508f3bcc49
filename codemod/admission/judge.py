"""What is wrong with the admission policies about images: `UF020` to `UF024`.

Strict namespaces are those in which images must have digests. What one policy leaves out and another one of the same
concern does is no fault.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from msgspec import Struct

from codemod.admission.argo import sees_mutations
from codemod.admission.cel import UNBOUND
from codemod.admission.placeholders import placeholder, placeholder_namespace, references
from codemod.admission.policy import NAMES, Place, Rule, matches
from codemod.admission.read import rules
from codemod.exceptions import Exceptions
from codemod.fleet import Fleet
from codemod.gate import Violation, in_order
from codemod.outcome import FLOATING, TAG_ONLY, ImageEntry

Strict = Mapping[str, frozenset[str]]
"""The strict namespaces, each with the environments that say so."""
_DEPLOYED = frozenset("helm-values manifest embedded-yaml helm-template kustomize argocd flux".split())
_PATCHED = {
    "UF020": ("amespace",),
    "UF021": ("amespace", "mage", "arameters"),
    "UF022": ("utat",),
    "UF023": ("inds", "autogen", "ontainers", "resources"),
    "UF024": ("ction", "admission"),
}
"""What a patch of kustomize speaks of where it may mend a fault."""
_SYSTEM = frozenset("kube-system kube-public kube-node-lease kyverno gatekeeper-system".split())
"""Namespaces that engines leave out by themselves, or advise to: a policy that refuses their own pods locks all out."""
_PINNED = "pin them in Git, which leaves it nothing to do"
_RENAMED = "write in Git the names that it makes"


class Found(Struct, frozen=True):
    """What is wrong, how many rules were read, and whether any namespace is known to be strict."""

    violations: tuple[Violation, ...]
    rules: int
    knows_strict: bool


def judge(
    fleet: Fleet, images: Iterable[ImageEntry], exceptions: Exceptions, strict: Strict, others: Collection[str] = ()
) -> Found:
    """Everything that is wrong with the policies of a repository, exceptions aside.

    `others` are namespaces that are not strict, and are there all the same.
    """
    read = rules(fleet)
    found: dict[tuple[Place, str], Violation] = {}
    asked = {name: environments for name, environments in strict.items() if name not in _SYSTEM}
    for code, place, message in _Judge(fleet, images, read, asked, others).all():
        if exceptions.excusing(place.path, place.line, None, {code}) is None:
            found.setdefault((place, code), Violation(*place, code, message))
    return Found(in_order(found.values()), len(read), bool(strict))


Fault = tuple[str, Place, str]
"""Code, place, message."""


class _Judge:
    def __init__(
        self,
        fleet: Fleet,
        images: Iterable[ImageEntry],
        read: tuple[Rule, ...],
        strict: Strict,
        others: Collection[str],
    ) -> None:
        self._fleet, self._rules, self._strict, self._known = fleet, read, strict, {*strict, *others}
        self._images = [each for each in images if each.site.surface in _DEPLOYED and each.reference is not None]

    def all(self) -> Iterator[Fault]:
        """Every fault, those of one rule together."""
        looks = (self._reach, self._placeholders, self._mutation, self._pods, self._containers, self._enforcement)
        for rule in self._rules:
            for look in looks:
                yield from (fault for fault in look(rule) if not _may_be_patched(rule, fault[0]))

    def _others(self, rule: Rule, is_so: Callable[[Rule], bool], namespace: str | None) -> bool:
        """Whether another policy of the same concern makes up for what a rule lacks, in a namespace or everywhere."""
        return any(
            is_so(other) and (namespace is None or other.reach.holds(namespace))
            for other in self._rules
            if other.validates and other.concern == rule.concern and not _is_inert(other)
        )

    def _made_up(self, rule: Rule, is_so: Callable[[Rule], bool]) -> bool:
        """Whether other policies do so wherever a rule works or should, as far as namespaces are known."""
        wanted = [*self._reached(rule), *self._missing(rule)]
        if self._strict and not wanted:
            return True
        return all(self._others(rule, is_so, namespace) for namespace in wanted or (None,))

    def _missing(self, rule: Rule) -> list[str]:
        """The strict namespaces that neither a rule nor another one of its concern reaches."""
        return [each for each in self._strict if not self._others(rule, lambda other: True, each)]

    def _reached(self, rule: Rule) -> list[str]:
        return [namespace for namespace in self._strict if rule.reach.holds(namespace)]

    def _reach(self, rule: Rule) -> Iterator[Fault]:
        """Strict namespaces that no such rule reaches; from which registries one takes images may be its own matter."""
        if not rule.validates or rule.concern == NAMES or _is_inert(rule):
            return
        missing = self._missing(rule)
        places = [place for each in missing if (place := rule.reach.place_without(each)) is not None]
        if not places or _is_for_placeholders(rule):
            return
        said = "none" if not self._reached(rule) else "not all"
        where, verb, mend = _listed(missing, self._strict), *(("is", "it") if len(missing) == 1 else ("are", "them"))
        message = f"{rule.policy} reaches {said} of the namespaces of strict environments: {where} {verb} missing"
        yield "UF020", places[0], f"{message}; match {mend}, too"

    def _placeholders(self, rule: Rule) -> Iterator[Fault]:
        for text in rule.reach.texts:
            if placeholder_namespace(text.value) and text.value not in self._known:
                message = f"{rule.policy} names namespace {text.value}, a placeholder; write the one that is meant"
                yield "UF021", text.place, message
        for text in rule.images:
            for reference in references(text.value):
                part = placeholder(reference)
                if part is not None:
                    said = reference if part == reference else f"{part} in {reference}"
                    yield "UF021", text.place, f"{rule.policy}: {said} is a placeholder; write the name that is meant"

    def _mutation(self, rule: Rule) -> Iterator[Fault]:
        if rule.mutates is None:
            return
        matched = [each for each in self._images if _is_mutated(each, rule)]
        moved = [each for each in matched if each.status in (FLOATING, TAG_ONLY) or not rule.writes_digests]
        if moved and self._sees_mutations:
            one, mend = moved[0], _PINNED if rule.writes_digests else _RENAMED
            where = f" ({one.reference} of {one.site.path}:{one.site.line}, for one)"
            what = f"{rule.policy} rewrites images at admission{where if '*' not in rule.mutated else ''}"
            why = "so Argo CD finds a difference that it cannot mend"
            yield "UF022", rule.mutates, f"{what}, {why}; {mend}, or ignore just the image fields"

    @property
    def _sees_mutations(self) -> bool:
        return self._fleet.tree.once(sees_mutations)

    def _pods(self, rule: Rule) -> Iterator[Fault]:
        def checks_workloads(other: Rule) -> bool:
            return other.pods is None

        if rule.pods is not None and not self._made_up(rule, checks_workloads):
            what = f"{rule.policy} checks pods only ({rule.pods.value})"
            why = "a Deployment is accepted, and what is wrong with it shows at its pods, where nobody looks"
            yield "UF023", rule.pods.place, f"{what}: {why}; check workloads, too"

    def _containers(self, rule: Rule) -> Iterator[Fault]:
        def checks_all(other: Rule) -> bool:
            return other.skips is None and other.policy != rule.policy

        if rule.skips is not None and not self._made_up(rule, checks_all):
            message = f"{rule.policy} says nothing of {rule.skips.value}, which run images as containers do; add them"
            yield "UF023", rule.skips.place, message

    def _enforcement(self, rule: Rule) -> Iterator[Fault]:
        """Where a rule only reports, and none that demands the same enforces it."""
        if _is_inert(rule):
            yield "UF024", rule.actions[0].place, f"{rule.policy} enforces nothing: {UNBOUND}; bind it with Deny"
            return
        lax: dict[Place, tuple[str, list[str]]] = {}
        for namespace in self._reached(rule):
            action = rule.action(namespace)
            if action is not None and action.enforces is False and not self._is_enforced(rule, namespace):
                lax.setdefault(action.place, (action.text, []))[1].append(namespace)
        for place, (text, namespaces) in lax.items():
            where = _listed(namespaces, self._strict)
            yield "UF024", place, f"{rule.policy} enforces nothing in {where} ({text}); let it deny there"

    def _is_enforced(self, rule: Rule, namespace: str) -> bool:
        same = (other for other in self._rules if other.check == rule.check and other.reach.holds(namespace))
        return any(action.enforces is not False for other in same if (action := other.action(namespace)) is not None)


def _is_inert(rule: Rule) -> bool:
    """Whether a policy does nothing for want of a binding."""
    return any(action.text == UNBOUND for action in rule.actions)


def _is_for_placeholders(rule: Rule) -> bool:
    texts = rule.reach.texts
    return bool(texts) and all(placeholder_namespace(text.value) for text in texts)


def _is_mutated(entry: ImageEntry, rule: Rule) -> bool:
    """Whether an image is one of those that a rule rewrites; Kyverno takes names without registry for Docker Hub's."""
    reference = entry.reference
    if reference is None or entry.vendored:
        return False
    names = (reference.name, f"{reference.name}:{reference.effective_tag or ''}")
    prefixes = ("", "docker.io/", "docker.io/library/")

    def is_one(globs: Iterable[str]) -> bool:
        return any(matches(name, prefix + glob) for glob in globs for prefix in prefixes for name in names)

    return is_one(rule.mutated) and not is_one(rule.spared)


def _may_be_patched(rule: Rule, code: str) -> bool:
    return any(word in rule.patched for word in (*_PATCHED[code], "rules"))


def _listed(namespaces: list[str], strict: Strict) -> str:
    """`production and staging`; with the environments where they are called otherwise."""
    said = [
        name if strict[name] <= {name} else f"{name} ({', '.join(sorted(strict[name]))})" for name in sorted(namespaces)
    ]
    return " and ".join(filter(None, (", ".join(said[:-1]), said[-1])))
