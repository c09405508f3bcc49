"""The policy of the gate over what is rendered: every image pinned, every pull policy said, none of them Always."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from codemod.config import Policy
from codemod.exceptions import Exceptions
from codemod.fleet import Fleet, Stack
from codemod.fleet.scalars import Plain
from codemod.gate import Violation
from codemod.outcome import Plan
from codemod.proof.every import Printed, Shown
from codemod.proof.verdict import KUSTOMIZATIONS
from codemod.pulls.ignoring import declared_for, is_ignored
from codemod.reference import Reference, try_parse
from codemod.rendered.roots import Way, Ways, declaration, patches_policies, post_rendered
from codemod.rendered.sites import Place, Site, Sites
from codemod.rendered.templates import Templates
from codemod.rendered.uses import Use, uses

TOO_DEEP = "what it renders is nested too deeply"
Known = tuple[str, int, int, str]
"""Path, line, column and code of a violation."""
FLOATING, NO_DIGEST, BESIDE, ALWAYS, UNSAID = "UF001", "UF002", "UF003", "UF004", "UF015"


class Finding(Struct, frozen=True):
    """A broken rule: where a person would look, the image and who renders it."""

    place: Place
    code: str
    image: str
    who: str


class Verdict(Struct, frozen=True):
    """What is wrong; how many stacks could not be rendered, by reason; rendered images that are no references."""

    violations: tuple[Violation, ...]
    unread: Mapping[str, int]
    unclear: tuple[str, ...]


def judge(fleet: Fleet, shown: Iterable[Shown], plan: Plan, exceptions: Exceptions, found: Iterable[Known]) -> Verdict:
    """The violations of everything that is rendered; those that were `found` at the same place are not given again."""
    judge = _Judge(fleet, plan, exceptions, found)
    unread: Counter[str] = Counter()
    findings: dict[tuple[Place, str, str], list[Finding]] = defaultdict(list)
    for one in shown:
        if one.objects is None:
            unread[one.reason] += 1
        try:
            own = list(judge.findings(one))
        except RecursionError:
            unread[TOO_DEEP] += 1
            continue
        for finding in own:
            image = "" if finding.code == UNSAID else finding.image
            findings[finding.place, finding.code, image].append(finding)
    violations = [_violation(findings[key]) for key in sorted(findings)]
    return Verdict(tuple(violations), dict(unread.most_common()), tuple(sorted(judge.unclear)))


def _violation(found: Sequence[Finding]) -> Violation:
    """One violation for all findings of one code and image at one place; of one code, where it is about containers."""
    first = min(found, key=lambda finding: (finding.who, finding.image))
    others = len({finding.who for finding in found}) - 1
    more = f" and {others:,} more" if others else ""
    message = _MESSAGES[first.code].format(image=first.image, who=f"{first.who}{more}")
    return Violation(*first.place, first.code, message, None if first.code == UNSAID else first.image)


class _Judge:
    def __init__(self, fleet: Fleet, plan: Plan, exceptions: Exceptions, found: Iterable[Known]) -> None:
        self.unclear: set[str] = set()
        self._fleet, self._config, self._exceptions = fleet, fleet.config, exceptions
        self._sites = Sites(plan, fleet)
        self._templates = Templates(fleet)
        self._known = {((path, line, column), code) for path, line, column, code in found}

    @cached_property
    def _post_rendered(self) -> Mapping[str, Ways]:
        return post_rendered(self._fleet)

    def findings(self, shown: Shown) -> Iterator[Finding]:
        """What is wrong with the objects of one item."""
        item = _Item(shown, self._fleet)
        ways = self._post_rendered.get(item.name, ()) if isinstance(shown.item, str) else (Way(shown.item.images),)
        for way in ways or (Way(),):
            item.files = shown.files | way.files | {item.place[0]}
            for printed in shown.objects or ():
                for use in uses(printed.one, self._config.custom_resources):
                    image = use.image
                    for entry in way.entries:
                        image = entry.applied(image) or image
                    yield from self._judged(item, printed, use, image)

    def _judged(self, item: _Item, printed: Printed, use: Use, text: str) -> Iterator[Finding]:
        image = try_parse(text)
        if image is None:
            self.unclear.add(text)
            return
        site = self._sites.of_image(image, item.files, item.ranks, item.name)
        if site is not None and not site.is_judged:
            return
        place = item.place if site is None or site.is_foreign else site.place
        who = f"{printed.one.label} of {item.label}"
        code = self._image_code(image, item.policy(place[0]))
        if code is not None and not self._is_settled(code, str(image), place, site):
            yield Finding(place, code, str(image), who)
        if item.policy(place[0]).always and not item.is_patched:
            yield from self._policy(item, printed, use, image, place, who)

    def _image_code(self, image: Reference, policy: Policy) -> str | None:
        floats = self._config.floats(image.tag)
        if image.digest is None:
            if floats:
                return FLOATING if policy.floating else None
            return NO_DIGEST if policy.no_digest else None
        return BESIDE if image.tag is not None and floats and policy.floating_beside_digest else None

    def _policy(
        self, item: _Item, printed: Printed, use: Use, image: Reference, at: Place, who: str
    ) -> Iterator[Finding]:
        """What is wrong with the pull policy beside an image that is set at a place."""
        if use.policy == "Always":
            sites = list(self._sites.of_policy(item.files, item.ranks))
            if any((site.place, ALWAYS) in self._known for site in sites):
                return
            site = next((site for site in sites if not site.is_foreign), None)
            place = item.place if site is None else site.place
            if not self._is_settled(ALWAYS, str(image), place, site):
                yield Finding(place, ALWAYS, str(image), who)
        elif use.policy is None and use.container is not None and not item.ignores(printed, use):
            site = self._sites.of_nothing(use.image, use.container, item.files)
            place = self._written(item, printed, site, at)
            if not self._is_settled(UNSAID, str(image), place, site):
                yield Finding(place, UNSAID, str(image), f"container {use.container} of {who}")

    def _written(self, item: _Item, printed: Printed, site: Site | None, at: Place) -> Place:
        """Where a container without a policy is written: in a manifest, else in a template or a patch.

        Where none of them may be edited it is what declares the release.
        """
        if site is not None and not site.is_foreign:
            return site.place
        if isinstance(item.shown.item, str):
            return at
        template = self._templates.place(item.shown.item, printed.template)
        return item.place if template is None or self._config.spared(template[0]) is not None else template

    def _is_settled(self, code: str, image: str, place: Place, site: Site | None) -> bool:
        """Whether a rule is known to be broken there, or an exception excuses it, there or where the image is set."""
        if (place, code) in self._known:
            return True
        places = {place[:2], *([site.place[:2]] if site is not None else [])}
        codes = {code} if site is None or site.reason is None else {code, site.reason}
        is_excused = [self._exceptions.excusing(*at, image, codes) is not None for at in sorted(places)]
        return any(is_excused) or (site is not None and site.reason == "allowlisted")


_MESSAGES = {
    FLOATING: "{image} in {who} floats; pin it",
    NO_DIGEST: "{image} in {who} has no digest, which this environment requires; add one",
    BESIDE: "{image} in {who} has a floating tag beside its digest; drop the tag or name a fixed one",
    ALWAYS: "pull policy Always for {image} in {who}; set IfNotPresent",
    UNSAID: "no pull policy for {who}; set imagePullPolicy: IfNotPresent",
}


class _Item:
    """A release or a kustomization: its name, its environment, where it is declared, and all files that it is of."""

    def __init__(self, shown: Shown, fleet: Fleet) -> None:
        self.shown, self._fleet, self._config = shown, fleet, fleet.config
        item, self.files = shown.item, shown.files
        self.ranks: Mapping[str, int] = {}
        self.is_patched = False
        if isinstance(item, Stack):
            self.name, (path, line) = item.name, declaration(item)
            self.is_patched = patches_policies(fleet, item)
            self.ranks = {path: rank for rank, path in enumerate(item.paths)}
            self.environment = item.environment or self._config.environment_of(path)
        else:
            path, line = _kustomization(item, shown.files), 1
            self.name, self.environment = item or ".", self._config.environment_of(path)
        self.place: Place = (path, line, 1)

    @property
    def label(self) -> str:
        """Its name with the environment."""
        return f"{self.name} ({self.environment})" if self.environment else self.name

    def policy(self, path: str) -> Policy:
        """What the gate demands; what belongs to no environment is strict if one of its layers is."""
        found = self._config.policy(self.environment, path)
        if self.environment is None and any(self._config.policy(None, layer).no_digest for layer in self.ranks):
            return replace(found, no_digest=True)
        return found

    @cached_property
    def _ignored(self) -> list[dict[str, Plain]]:
        item = self.shown.item
        is_argo = isinstance(item, Stack) and item.kind in ("argocd", "applicationset")
        return list(declared_for(item, self._fleet)) if isinstance(item, Stack) and is_argo else []

    def ignores(self, printed: Printed, use: Use) -> bool:
        """Whether the Application of a release ignores the pull policy that Kubernetes fills in."""
        item = self.shown.item
        if not isinstance(item, Stack) or not self._ignored:
            return False
        group = printed.one.key[0].rpartition("/")[0]
        where = f".{'.'.join(use.way[:-2])}[]"
        paths = {
            f'{where} | select(.name == "{use.container}") | .imagePullPolicy',
            f"{where}.imagePullPolicy",
            f"{where}?.imagePullPolicy",
        }
        return is_ignored(self._ignored, (group, printed.one.kind), printed.one.name, item.namespace, paths)


def _kustomization(folder: str, files: Collection[str]) -> str:
    """The path of a folder's kustomization file."""
    paths = (f"{folder}/{name}".lstrip("/") for name in KUSTOMIZATIONS)
    return next((path for path in paths if path in files), folder)
