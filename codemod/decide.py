"""Facts and digests in, outcomes out: which images are pinned, which policies flip, and why everything else stays."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence

from codemod.candidate import Candidate, SiteId, is_at_or_below, keys_of, name_of
from codemod.config import Allowance
from codemod.digests import DigestSource, Resolution
from codemod.edits import Edit
from codemod.fleet import Fleet, Stack
from codemod.outcome import FLOATING, PINNED, READABLE, TAG_ONLY, TEMPLATED, UNKNOWN_REPOSITORY
from codemod.reference import Reference
from codemod.scan import Finding
from codemod.transform import Image, Keys, PullPolicy

FLOATING_CODES = {FLOATING: "UF001", UNKNOWN_REPOSITORY: "UF001", TAG_ONLY: "UF002", READABLE: "UF003"}


class Decision:
    """One run's decisions; every step narrows what is left to decide."""

    def __init__(
        self, findings: Sequence[Finding], fleet: Fleet, digests: DigestSource, today: datetime.date, pin_all: bool
    ) -> None:
        self.fleet, self.config, self.today, self.pin_all = fleet, fleet.config, today, pin_all
        self.digests = digests
        self.findings = findings
        self.images = [self._image(f, f.fact) for f in findings if isinstance(f.fact, Image)]
        self.by_id = {image.id: image for image in self.images}
        self.by_keys: dict[tuple[str, Keys], list[Candidate]] = defaultdict(list)
        self.by_path: dict[str, list[Candidate]] = defaultdict(list)
        self.effective: dict[Stack, list[Candidate]] = {}
        for image in self.images:
            self.by_path[image.id[0]].append(image)
            keys = keys_of(image)
            if keys is not None:
                self.by_keys[image.id[0], keys].append(image)
        self._resolve()
        for image in self.images:
            image.above = self._higher_layers(image)
        self._give_way()
        self.policies = [self._policy(f, f.fact) for f in findings if isinstance(f.fact, PullPolicy)]

    @property
    def candidates(self) -> list[Candidate]:
        """Images, then pull policies."""
        return [*self.images, *self.policies]

    def reconsider(self) -> bool:
        """Whether a site that turned out not to be editable takes others along; they are left, too."""
        gave_way = self._give_way()
        for policy in self.policies:
            if policy.is_changed:
                self._judge_policy(policy)
                gave_way = gave_way or not policy.is_changed
        return gave_way

    def allowance(self, path: str, image: str | None, codes: Iterable[str]) -> Allowance | None:
        """The exception that excuses a site today."""
        return self.config.allowance(path, image, frozenset(codes), self.today) if self.config.allow else None

    def _image(self, finding: Finding, fact: Image) -> Candidate:
        candidate = Candidate(finding, (finding.path, finding.in_file(fact.span).start))
        candidate.reference = next((r.reference for r in fact.renders if r.reference is not None), None)
        candidate.status = self._status(fact, candidate.reference)
        candidate.code, candidate.message = fact.reason, fact.message
        if candidate.status == UNKNOWN_REPOSITORY and not self.config.floats(fact.text):
            candidate.code = "tag-only"
        candidate.environment = self.config.environment_of(finding.path)
        candidate.vendored = self.config.is_vendored(finding.path)
        candidate.edits = self._edits_in_file(candidate, fact.edits)
        candidate.requires = [(finding.path, finding.in_file(span).start) for span in fact.requires]
        self._hold_back(candidate)
        return candidate

    def _status(self, fact: Image, reference: Reference | None) -> str:
        if reference is None:
            return UNKNOWN_REPOSITORY if fact.reason == "repository-unknown" else TEMPLATED
        if reference.digest is not None:
            return READABLE if reference.tag is not None else PINNED
        if fact.reason == "chart-default-tag":
            return TEMPLATED
        return FLOATING if self.config.floats(reference.tag) else TAG_ONLY

    def _edits_in_file(self, candidate: Candidate, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
        moved = [candidate.finding.source.edit_in_file(edit) for edit in edits]
        if None in moved:
            candidate.code = candidate.code or "not-spellable"
            return ()
        return tuple(edit for edit in moved if edit is not None)

    def _hold_back(self, candidate: Candidate) -> None:
        """Leave what needs no digest to be left: pinned, tag-only, vendored, excused."""
        if candidate.status == PINNED or (candidate.status == READABLE and not candidate.edits):
            candidate.edits = ()
        elif candidate.status == TAG_ONLY and not self.pin_all:
            candidate.code = candidate.code or "tag-only"
        nothing_to_do = candidate.code is None and not candidate.edits and candidate.status != FLOATING
        if candidate.status == PINNED or nothing_to_do:
            return
        codes = {candidate.code or "digest-unknown", FLOATING_CODES.get(candidate.status, "")}
        name = str(candidate.reference) if candidate.reference is not None else None
        candidate.allowance = self.allowance(candidate.finding.path, name, codes)
        if candidate.allowance is not None:
            candidate.code = "allowlisted"
        elif candidate.vendored:
            candidate.code = "vendored"

    def _resolve(self) -> None:
        """Ask for all digests together, once."""
        asking = [image for image in self.images if image.code is None and any(e.wants_digest for e in image.edits)]
        wanted = {image.reference.lookup for image in asking if image.reference is not None}
        answers = self.digests.resolve(wanted) if wanted else {}
        for image in asking:
            assert image.reference is not None
            answer = answers.get(image.reference.lookup)
            if answer is None:
                image.code = "digest-unknown"
            elif lacking := self._lacking(answer):
                image.code, image.message = "platforms-missing", f"the digest lacks {', '.join(lacking)}"
            else:
                image.resolution = answer
                image.edits = tuple(edit.filled(answer.digest) for edit in image.edits)
        for image in self.images:
            if image.status == FLOATING and image.code is None and not image.edits:
                image.code = "not-spellable"

    def _lacking(self, answer: Resolution) -> list[str]:
        if not answer.platforms:
            return []
        return [platform for platform in self.config.platforms if platform not in answer.platforms]

    def _give_way(self) -> bool:
        """Images that need others pinned give way until nothing changes any more; whether any did."""
        dependent = [image for image in self.images if image.requires or image.above]
        gave_way = False
        while True:
            unmet = [(image, code) for image in dependent if image.is_changed and (code := self._unmet(image))]
            if not unmet:
                return gave_way
            for image, code in unmet:
                image.code, gave_way = code, True

    def _unmet(self, image: Candidate) -> str | None:
        if any(not self._is_pinned(required) for required in image.requires):
            return "anchor-shared"
        if any(not other.is_pinned_after for other in image.above):
            return "higher-layer-sets-tag"
        return None

    def _is_pinned(self, site: SiteId) -> bool:
        return site in self.by_id and self.by_id[site].is_pinned_after

    def _higher_layers(self, image: Candidate) -> list[Candidate]:
        """Sites of higher layers, in any stack, that set the tag of the same values map."""
        keys, path = keys_of(image), image.id[0]
        if keys is None:
            return []
        above: list[Candidate] = []
        for stack in self.fleet.stacks_of(path):
            for layer in stack.layers[stack.layers.index(path) + 1 :]:
                above += self.by_keys.get((layer, keys), ())
        return above

    def _policy(self, finding: Finding, fact: PullPolicy) -> Candidate:
        candidate = Candidate(finding, (finding.path, finding.in_file(fact.span).start))
        candidate.environment = self.config.environment_of(finding.path)
        candidate.edits = self._edits_in_file(candidate, fact.edits)
        candidate.vendored = self.config.is_vendored(finding.path)
        candidate.allowance = self.allowance(finding.path, None, ("UF004", "pull-policy-governs-unpinned"))
        if candidate.allowance is not None:
            candidate.code = "allowlisted"
        elif candidate.vendored:
            candidate.code = "vendored"
        elif not candidate.edits:
            candidate.code = "not-spellable"
        else:
            self._judge_policy(candidate)
        return candidate

    def _judge_policy(self, policy: Candidate) -> None:
        """A policy stays where anything that it governs stays unpinned, and where nothing that it governs is known."""
        assert isinstance(policy.finding.fact, PullPolicy)
        governed = self._governed(policy.finding, policy.finding.fact)
        unpinned = sorted({name_of(image) for image in governed if not image.is_pinned_after})
        if not governed:
            policy.code, policy.message = "pull-policy-governs-unpinned", "no image that it governs is known"
        elif unpinned:
            listed = ", ".join(unpinned[:3]) + (f" and {len(unpinned) - 3} more" if len(unpinned) > 3 else "")
            policy.code, policy.message = "pull-policy-governs-unpinned", f"it governs {listed}"

    def _governed(self, finding: Finding, fact: PullPolicy) -> list[Candidate]:
        """The same container's or map's, with those that releases show there; for one apart, all that they show."""
        sites = [(finding.path, finding.in_file(span).start) for span in fact.governs]
        own = [self.by_id[site] for site in sites if site in self.by_id]
        if fact.keys is None or finding.source.outer is not None:
            return own
        stacks = [self._effective_images(stack) for stack in self.fleet.stacks_of(finding.path)]
        same = [image for images in stacks for image in images if fact.keys and is_at_or_below(image, fact.keys)]
        if own or same or not fact.everywhere:
            return own + same
        return [image for images in stacks for image in images]

    def _effective_images(self, stack: Stack) -> list[Candidate]:
        """The images that a stack really shows: of each values map the highest layer's, and everything else."""
        if stack not in self.effective:
            maps: dict[Keys, Candidate] = {}
            rest: list[Candidate] = []
            for layer in stack.layers:
                for image in self.by_path.get(layer, ()):
                    keys = keys_of(image)
                    if keys is None:
                        rest.append(image)
                    else:
                        maps[keys] = image
            self.effective[stack] = [*maps.values(), *rest]
        return self.effective[stack]
