"""The last step of a plan: decisions become outcomes, edits become files; what is not safe is left alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from codemod.candidate import Candidate, status_of
from codemod.config import Allowance, Config, Policy
from codemod.decide import Decision
from codemod.edits import Edit, apply, ordered
from codemod.errors import OverlapError
from codemod.outcome import PINNED, TAG_ONLY, UNKNOWN_REPOSITORY, Changed, ImageEntry, LeftAlone, Plan, Site
from codemod.patterns import on_use
from codemod.reference import Reference, try_parse
from codemod.scan import Finding
from codemod.source import Source
from codemod.transform import REMARK, Change, Image, Left, PullPolicy

_QUOTE_BEFORE, _QUOTE = on_use(rb"\\?[\"']\Z"), on_use(rb"\\?[\"']")


Judge = Callable[[Source, bytes, Sequence[Edit]], str | None]
"""File before, bytes after, edits in between → what is wrong with it, if anything is."""


def settle(
    decision: Decision,
    scanned: int,
    judge: Judge | None,
    rolled_back: Mapping[str, str] | None = None,
    restless: Mapping[str, str] | None = None,
) -> Plan:
    """Outcomes of all candidates, in the order of the tree.

    Files that were `rolled_back` or are `restless` stay, each for the reason given.
    """
    _leave(decision, rolled_back or {}, "proof-failed")
    _leave(decision, restless or {}, "unsafe-edit")
    files = _files(decision, judge)
    while decision.reconsider():
        files = _files(decision, judge)
    decision.excuse()
    changed = [_changed(c) for c in decision.candidates if c.is_changed]
    left = [_left(c) for c in decision.candidates if c.code is not None]
    left += [_noted(c) for c in decision.images if _is_noted(c)]
    left += [_left_fact(f, said, decision) for f, said in _said(decision)]
    left.sort(key=lambda entry: (_order(entry.site), entry.code))
    entries = [entry for image in decision.images for entry in _entries(image, decision.config)]
    return Plan(
        images=tuple(sorted(entries, key=lambda entry: (_order(entry.site), str(entry.reference)))),
        changed=tuple(sorted(changed, key=lambda change: _order(change.site))),
        left=tuple(entry for entry in left if entry.kind != REMARK),
        remarks=tuple(entry for entry in left if entry.kind == REMARK),
        files=files,
        scanned=scanned,
        comments=decision.exceptions.comments,
        excused=frozenset(decision.exceptions.used),
    )


def _said(decision: Decision) -> Iterator[tuple[Finding, Left]]:
    """What findings say that stays, those included whose change is not carried out."""
    yield from ((finding, finding.fact) for finding in decision.findings if isinstance(finding.fact, Left))
    for change in decision.changes:
        fact = change.finding.fact
        if isinstance(fact, Change) and fact.otherwise is not None and change.code is None and not change.edits:
            yield change.finding, fact.otherwise


def _leave(decision: Decision, files: Mapping[str, str], code: str) -> None:
    """Leave what some files hold, and what depends on it in others."""
    for candidate in decision.candidates:
        if candidate.is_changed and candidate.finding.path in files:
            candidate.code, candidate.message = code, files[candidate.finding.path]
    while files and decision.reconsider():
        pass


def _order(site: Site) -> tuple[str, int, int, str, str]:
    return site.path, site.line, site.column, site.transform, site.stack or ""


def _files(decision: Decision, judge: Judge | None) -> dict[str, tuple[bytes, bytes]]:
    """Bytes before and after of every file that changes. What cannot be edited safely is left, with its code."""
    by_path: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in decision.candidates:
        if candidate.is_changed:
            by_path[candidate.finding.path].append(candidate)
    files: dict[str, tuple[bytes, bytes]] = {}
    for path, candidates in sorted(by_path.items()):
        source = candidates[0].finding.source.file
        edits = _without_overlaps(candidates)
        after = apply(source.data, edits)
        problem = judge(source, after, edits) if judge is not None else None
        if problem is None:
            files[path] = (source.data, after)
            continue
        for candidate in candidates:
            if candidate.is_changed:
                candidate.code, candidate.message = "unsafe-edit", problem
    return files


def _without_overlaps(candidates: Iterable[Candidate]) -> list[Edit]:
    edits: list[Edit] = []
    for candidate in candidates:
        try:
            edits = ordered([*edits, *candidate.edits])
        except OverlapError:
            candidate.code = "overlapping-edits"
    return edits


def _site(candidate: Candidate, stack: str | None = None, environment: str | None = None) -> Site:
    return _site_of(candidate.finding, candidate.id[1], stack, environment or candidate.environment)


def _site_of(finding: Finding, offset: int, stack: str | None, environment: str | None) -> Site:
    position = finding.source.file.position(offset)
    fact = finding.fact
    assert isinstance(fact, (Image, PullPolicy, Left, Change))
    return Site(finding.path, position.line, position.column, fact.surface, finding.transform, environment, stack)


def _texts(data: bytes, edits: Sequence[Edit]) -> tuple[str, str]:
    """What is written from the first edited byte to the last, quotes around it included, before and after."""
    start, end = _with_quotes(data, min(edit.start for edit in edits), max(edit.end for edit in edits))
    moved = [Edit(edit.start - start, edit.end - start, edit.text) for edit in edits]
    after = apply(data[start:end], moved)
    return data[start:end].decode("utf-8", "replace").strip(), after.decode("utf-8", "replace").strip()


def _with_quotes(data: bytes, start: int, end: int) -> tuple[int, int]:
    """A span grown over the quotes that belong to it: both around it, or the one whose partner is inside."""
    opening, closing = _QUOTE_BEFORE.search(data, max(start - 2, 0), start), _QUOTE.match(data, end)
    if opening is not None and data.startswith(opening[0], end):
        return opening.start(), end + len(opening[0])
    wide = opening is not None and data.count(opening[0], start, end) % 2
    far = closing is not None and data.count(closing[0], start, end) % 2
    return (opening.start() if opening and wide else start), (closing.end() if closing and far else end)


def _changed(candidate: Candidate) -> Changed:
    fact = candidate.finding.fact
    before, after = _texts(candidate.finding.source.file.data, _shown(candidate))
    if not isinstance(fact, Image) or fact.goes:
        kind = "pull-policy" if isinstance(fact, PullPolicy) else "change"
        return Changed(_site(candidate), kind, before, after, candidate.edits)
    assert candidate.reference is not None
    resolution = candidate.resolution
    digest, source = (resolution.digest, resolution.source) if resolution else (candidate.reference.digest, "written")
    image = str(Reference(candidate.reference.domain, candidate.reference.path, candidate.reference.effective_tag))
    return Changed(_site(candidate), "image", before, after, candidate.edits, image, digest, source, fact.unproven)


def _shown(candidate: Candidate) -> list[Edit]:
    """The edits together with the whole scalar of a whole reference, so that before and after can be read alone."""
    fact = candidate.finding.fact
    edits = list(candidate.edits)
    if isinstance(fact, Change):
        return edits
    assert isinstance(fact, (Image, PullPolicy))
    span = candidate.finding.in_file(fact.span)
    if not any(edit.start <= span.start for edit in edits):
        edits.append(Edit(span.start, span.start, b""))
    if not any(edit.end >= span.end for edit in edits):
        edits.append(Edit(span.end, span.end, b""))
    return edits


def _left(candidate: Candidate) -> LeftAlone:
    fact = candidate.finding.fact
    assert candidate.code is not None
    image = str(candidate.reference) if candidate.reference is not None else None
    if isinstance(fact, Image):
        kind, text = "image", fact.text
    elif isinstance(fact, PullPolicy):
        kind, text = "pull-policy", "Always"
    else:
        assert isinstance(fact, Change)
        kind, text = "change", candidate.finding.source.text(fact.span)
    return _left_alone(_site(candidate), kind, candidate.code, text, candidate.message, image, candidate.allowance)


def _is_noted(image: Candidate) -> bool:
    fact = image.finding.fact
    return isinstance(fact, Image) and fact.note is not None and image.code is None and image.is_pinned_after


def _noted(image: Candidate) -> LeftAlone:
    """The entry for what stays behind beside an image that is pinned."""
    fact = image.finding.fact
    assert isinstance(fact, Image)
    assert fact.note is not None
    return _left_alone(_site(image), "image", fact.note, fact.text, fact.message, str(image.reference), None)


def _left_fact(finding: Finding, fact: Left, decision: Decision) -> LeftAlone:
    offset = finding.in_file(fact.span).start
    site = _site_of(finding, offset, None, decision.config.environment_of(finding.path))
    allowance = decision.allowance(finding, (fact.code,))
    code = decision.config.spared(finding.path) or fact.code
    code = "allowlisted" if allowance is not None else code
    kind = fact.kind if allowance is None else "image"
    reference = try_parse(fact.text) if kind == REMARK and fact.names_image else None
    image = str(reference) if reference is not None else None
    return _left_alone(site, kind, code, fact.text, fact.message, image, allowance)


def _left_alone(
    site: Site, kind: str, code: str, text: str, message: str, image: str | None, allowance: Allowance | None
) -> LeftAlone:
    if allowance is None:
        return LeftAlone(site, kind, code, text, message, image)
    expires = allowance.expires.isoformat()
    return LeftAlone(site, kind, code, text, message, image, allowance.owner, expires, allowance.reason)


def _entries(candidate: Candidate, config: Config) -> Iterator[ImageEntry]:
    """One inventory entry a site, or one for each different effective image in the stacks.

    Of the releases that show the same image, the entry names the one whose environment demands most.
    """
    fact = candidate.finding.fact
    assert isinstance(fact, Image)
    for reference in dict.fromkeys(render.reference for render in fact.renders):
        status = status_of(fact, reference, config.floats)
        render, *others = [render for render in fact.renders if render.reference == reference]
        if others:
            path = candidate.finding.path
            render = max((render, *others), key=lambda r: _demands(config.policy(r.environment, path), status))
        site = _site(candidate, render.stack, render.environment)
        reason = candidate.code if status != PINNED or candidate.status == PINNED else None
        spared = candidate.spared is not None
        yield ImageEntry(site, fact.text, reference, status, reason, spared, candidate.drops)


def _demands(policy: Policy, status: str) -> tuple[bool, bool]:
    """What the policy of an environment demands of an image, first of one that stands so."""
    demands = policy.no_digest, policy.floating
    return demands if status in (TAG_ONLY, UNKNOWN_REPOSITORY) else (policy.floating, policy.no_digest)
