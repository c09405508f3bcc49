"""Facts and digests in, outcomes out: which images are pinned, which policies flip, and why everything else stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from codemod.candidate import Candidate, edits_in_file, name_of, reason_of, worst
from codemod.config import Allowance
from codemod.digests import DigestSource, Failure
from codemod.digests.platforms import lacking
from codemod.exceptions import Exceptions
from codemod.fleet import Fleet
from codemod.outcome import FLOATING, PINNED, READABLE, TAG_ONLY, UNKNOWN_REPOSITORY
from codemod.policies import Governance
from codemod.scan import Finding
from codemod.shown import Shown, follow, tie_deciding
from codemod.transform import Change, Embedded, Image, PullPolicy, SiteId
from codemod.unclear import unclear
from codemod.undoing import may_undo, undo

FLOATING_CODES = {FLOATING: "UF001", UNKNOWN_REPOSITORY: "UF001", TAG_ONLY: "UF002", READABLE: "UF003"}
_MOOT_ONCE_PINNED = frozenset({"anchor-shared", "ambiguous-tag", "chart-default-tag", "repository-unknown"})


class Decision:
    """One run's decisions; every step narrows what is left to decide. The order of the findings does not matter."""

    def __init__(
        self, findings: Sequence[Finding], fleet: Fleet, digests: DigestSource, exceptions: Exceptions, pin_all: bool
    ) -> None:
        self.fleet, self.config, self.exceptions, self.pin_all = fleet, fleet.config, exceptions, pin_all
        self.digests = digests
        self.findings = sorted(findings, key=_place)
        self.images = [self._image(f, f.fact) for f in self.findings if isinstance(f.fact, Image)]
        self.by_id: dict[SiteId, list[Candidate]] = defaultdict(list)
        for image in self.images:
            self.by_id[image.id].append(image)
        self._resolve()
        self.shown = Shown(self.images)
        self.governance = Governance(self.shown, fleet)
        self.changes = [self._unconditional(f, f.fact) for f in self.findings if isinstance(f.fact, Change)]
        for image in self.images:
            image.above = self.shown.above(image)
            image.shows = self.shown.shows(image)
            tie_deciding(image, self.by_id)
            image.renamed = self.shown.renamed(image)
            image.lower = self.shown.lower(image)
            image.unseen_above = self.shown.unseen_above(image, fleet)
            if image.status == FLOATING and image.code is None and not image.edits:
                image.code = image.unspelled
        for image in self.images:
            undo(image, self.by_id, self.pin_all)
        for change in self.changes:
            self.shown.tie(change, self.by_id)
        self._give_way()
        self.policies = [self._policy(f, f.fact) for f in self.findings if isinstance(f.fact, PullPolicy)]
        follow(self.changes, self.policies)
        self._drop_idle()

    @property
    def candidates(self) -> list[Candidate]:
        """Plain changes, images, pull policies: where two want the same bytes, the first has them."""
        return [*self.changes, *self.images, *self.policies]

    def reconsider(self) -> bool:
        """Whether a site that turned out not to be editable takes others along; they are left, too."""
        gave_way = self._give_way()
        gave_way = self._drop_idle() or gave_way
        for policy in self.policies:
            if policy.is_changed:
                self._judge_policy(policy)
                gave_way = gave_way or not policy.is_changed
        return gave_way

    def excuse(self) -> None:
        """Whatever is left by now, and for whose very reason there is an exception, is excused."""
        for candidate in self.candidates:
            if candidate.code is not None and candidate.allowance is None:
                codes = (
                    ("registry-failed", "digest-unknown") if candidate.code == "registry-failed" else (candidate.code,)
                )
                candidate.allowance = self.allowance(candidate, codes)
                candidate.code = "allowlisted" if candidate.allowance is not None else candidate.code

    def allowance(self, site: Candidate | Finding, codes: Iterable[str]) -> Allowance | None:
        """The exception that excuses a site."""
        if not self.exceptions:
            return None
        if isinstance(site, Finding):
            assert not isinstance(site.fact, Embedded)
            image, finding, start = None, site, site.in_file(site.fact.span).start
        else:
            image, finding, start = site.reference, site.finding, site.id[1]
        is_near = self.exceptions.has_comments(finding.path)
        line = finding.source.file.position(start).line if is_near else None
        return self.exceptions.excusing(finding.path, line, str(image) if image else None, frozenset(codes))

    def _candidate(self, finding: Finding, fact: Image | PullPolicy | Change) -> Candidate:
        candidate = Candidate(finding, (finding.path, finding.in_file(fact.span).start))
        candidate.environment = self.config.environment_of(finding.path)
        candidate.spared = self.config.spared(finding.path)
        return candidate

    def _image(self, finding: Finding, fact: Image) -> Candidate:
        image = self._candidate(finding, fact)
        image.status, image.reference = worst(fact, self.config.floats)
        image.code, image.message = reason_of(fact, image.reference), fact.message
        if image.status == UNKNOWN_REPOSITORY and not self.config.floats(fact.text) and not self.pin_all:
            image.code = "tag-only"
        image.requires = [(finding.path, finding.in_file(span).start) for span in fact.requires]
        edits = edits_in_file(finding, fact.edits)
        image.edits = edits or ()
        if edits is None:
            image.code = image.code or "not-spellable"
        elif any(edit.wants_digest for edit in edits):
            if image.code is None:
                image.code, image.message = unclear(fact.renders)
        elif (image.status in (FLOATING, TAG_ONLY) or image.reference is None) and not fact.goes:
            image.edits = ()
        self._hold_back(image)
        return image

    def _hold_back(self, image: Candidate) -> None:
        """Leave what needs no digest to be left: pinned, tag-only, excused, vendored, a test."""
        reference, status = image.reference, image.status
        floats = status == READABLE and reference is not None and self.config.floats(reference.tag)
        if status in (PINNED, READABLE) and not floats:
            image.edits, image.code = (), None if image.code in _MOOT_ONCE_PINNED else image.code
        elif floats and not image.edits:
            image.code = image.code or "floating-tag-beside-digest"
        elif status == TAG_ONLY and not self.pin_all and not may_undo(image):
            image.code = "tag-only" if image.code in (None, "chart-ignores-digest") else image.code
        if image.code is not None or image.edits or status == FLOATING:
            self._excuse_or_spare(image, FLOATING_CODES.get(status, ""))

    def _excuse_or_spare(self, candidate: Candidate, violation: str) -> None:
        """Leave a site that an exception excuses whatever its reason, or that belongs to somebody else."""
        candidate.allowance = self.allowance(candidate, (violation,))
        if candidate.allowance is not None:
            candidate.code = "allowlisted"
        elif candidate.spared:
            candidate.code = candidate.spared

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
            elif isinstance(answer, Failure):
                image.code, image.message = answer.code, answer.message or image.message
            elif missing := lacking(answer, self.config.platforms):
                image.code, image.message = "platforms-missing", f"the digest lacks {', '.join(missing)}"
            else:
                image.resolution = answer
                image.edits = tuple(edit.filled(answer.digest) for edit in image.edits)

    def _give_way(self) -> bool:
        """Images that need others pinned give way until nothing changes any more; whether any did."""
        dependent = [image for image in self.images if image.depends]
        gave_way = False
        while True:
            unmet = [(image, why) for image in dependent if image.is_changed and (why := self._unmet(image))]
            if not unmet:
                return gave_way
            for image, (code, message) in unmet:
                image.code, image.message = code, message or image.message
                gave_way = True

    def _unmet(self, image: Candidate) -> tuple[str, str] | None:
        """Why an image cannot be pinned after all, if so: the code, and what stands in the way."""
        if image.goes and not (image.shows and all(other.is_pinned_after for other in image.shows)):
            return "shared-tag", ""
        if any(not self._is_pinned(required) for required in image.requires):
            return "anchor-shared", ""
        kept = next((change for change in image.served_by if change.code is not None), None)
        if kept is not None:
            return "chart-ignores-digest", f"{kept.finding.path} stays as it is ({kept.code})"
        unpinned = [other for other in image.renamed if other is None or not other.is_pinned_after]
        if unpinned:
            return "higher-layer-sets-repository", _standing_there(unpinned[0], "names another repository")
        staying = [other for other in image.lower if other is None or not self._loses_tag(other)]
        if staying:
            return "lower-layer-sets-tag", _standing_there(staying[0], "sets a tag, too", "lower")
        lacking = next((other for other in image.above if not other.is_pinned_after), None)
        if lacking is not None or image.unseen_above:
            return "higher-layer-sets-tag", image.unseen_above or _standing_there(lacking, "sets another tag")
        return None

    def _loses_tag(self, image: Candidate) -> bool:
        """Whether the plan takes the tag of an image map away, or there is none any more."""
        fact = image.finding.fact
        return isinstance(fact, Image) and image.is_changed and fact.note is None and self.config.floats(fact.tag)

    def _drop_idle(self) -> bool:
        """Changes that serve no image that is pinned are not carried out; whether there were any."""
        idle = [change for change in self.changes if change.serves_nobody and change.edits]
        for change in idle:
            change.edits = ()
        return bool(idle)

    def _is_pinned(self, site: SiteId) -> bool:
        return site in self.by_id and all(image.is_pinned_after for image in self.by_id[site])

    def _unconditional(self, finding: Finding, fact: Change | PullPolicy, violation: str = "") -> Candidate:
        candidate = self._candidate(finding, fact)
        edits = edits_in_file(finding, fact.edits)
        candidate.edits = edits or ()
        self._excuse_or_spare(candidate, violation)
        if candidate.code is None and (edits is None or not fact.edits):
            candidate.code = "not-spellable"
        return candidate

    def _policy(self, finding: Finding, fact: PullPolicy) -> Candidate:
        policy = self._unconditional(finding, fact, "UF004")
        if policy.code is None:
            self._judge_policy(policy)
        return policy

    def _judge_policy(self, policy: Candidate) -> None:
        """A policy stays where anything that it governs stays unpinned, and where nothing that it governs is known."""
        assert isinstance(policy.finding.fact, PullPolicy)
        finding, fact = policy.finding, policy.finding.fact
        sites = [(finding.path, finding.in_file(span).start) for span in fact.governs]
        own = [image for site in sites for image in self.by_id.get(site, ())]
        if obstacle := self.governance.obstacle(fact, own):
            policy.code, policy.message = "pull-policy-governs-unpinned", obstacle


def _place(finding: Finding) -> tuple[str, int, int, str]:
    fact = finding.fact
    assert not isinstance(fact, Embedded)
    span = finding.in_file(fact.span)
    return finding.path, span.start, span.end, finding.transform


def _standing_there(image: Candidate | None, what: str, layer: str = "higher") -> str:
    """What the site of another layer does, and that it stays."""
    if image is None:
        return f"a {layer} layer {what}, where no image can be pinned"
    line = image.finding.source.file.position(image.id[1]).line
    stays = "which gets no digest" if not image.is_changed else "and that tag stays"
    return f"{image.finding.path}:{line} {what} ({name_of(image)}), {stays}"
