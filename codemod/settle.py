"""The last step of a plan: decisions become outcomes, edits become files; what is not safe is left alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from codemod.candidate import Candidate
from codemod.decide import Decision
from codemod.edits import Edit, apply, ordered
from codemod.errors import OverlapError
from codemod.outcome import Changed, ImageEntry, LeftAlone, Plan, Site
from codemod.reference import Reference
from codemod.scan import Finding
from codemod.source import Source
from codemod.transform import Change, Image, Left, PullPolicy

_QUOTE_BEFORE = re.compile(rb"\\?[\"']\Z")


Judge = Callable[[Source, bytes, Sequence[Edit]], str | None]
"""File before, bytes after, edits in between → what is wrong with it, if anything is."""


def settle(decision: Decision, scanned: int, judge: Judge | None) -> Plan:
    """Outcomes of all candidates, in the order of the tree."""
    files = _files(decision, judge)
    while decision.reconsider():
        files = _files(decision, judge)
    others = [f for f in decision.findings if isinstance(f.fact, (Left, Change))]
    changed = [_changed(c, files) for c in decision.candidates if c.is_changed]
    changed += [_change(f, files) for f in others if isinstance(f.fact, Change) and f.path in files]
    left = [_left(c) for c in decision.candidates if c.code is not None]
    left += [_left_fact(f, f.fact, decision) for f in others if isinstance(f.fact, Left)]
    entries = [entry for candidate in decision.images for entry in _entries(candidate)]
    return Plan(
        images=tuple(sorted(entries, key=lambda entry: (_order(entry.site), str(entry.reference)))),
        changed=tuple(sorted(changed, key=lambda change: _order(change.site))),
        left=tuple(sorted(left, key=lambda entry: (_order(entry.site), entry.code))),
        files=files,
        scanned=scanned,
    )


def _order(site: Site) -> tuple[str, int, int, str, str]:
    return site.path, site.line, site.column, site.transform, site.stack or ""


def _files(decision: Decision, judge: Judge | None) -> dict[str, tuple[bytes, bytes]]:
    """Bytes before and after of every file that changes. What cannot be edited safely is left, with its code."""
    by_path: dict[str, list[Candidate]] = defaultdict(list)
    extra: dict[str, list[Edit]] = defaultdict(list)
    sources: dict[str, Source] = {}
    for candidate in decision.candidates:
        if candidate.is_changed:
            by_path[candidate.finding.path].append(candidate)
            sources[candidate.finding.path] = candidate.finding.source.file
    for finding in decision.findings:
        if isinstance(finding.fact, Change) and not decision.config.is_vendored(finding.path):
            extra[finding.path] += _moved(finding, finding.fact)
            sources[finding.path] = finding.source.file
    files: dict[str, tuple[bytes, bytes]] = {}
    for path, source in sorted(sources.items()):
        edits = _without_overlaps(by_path[path], extra[path])
        after = apply(source.data, edits)
        problem = judge(source, after, edits) if judge is not None else None
        if problem is not None:
            for candidate in by_path[path]:
                candidate.code, candidate.message = "unsafe-edit", problem
        elif after != source.data:
            files[path] = (source.data, after)
    return files


def _without_overlaps(candidates: Iterable[Candidate], extra: list[Edit]) -> list[Edit]:
    edits = list(extra)
    for candidate in candidates:
        if not candidate.is_changed:
            continue
        try:
            edits = ordered([*edits, *candidate.edits])
        except OverlapError:
            candidate.code = "overlapping-edits"
    return edits


def _moved(finding: Finding, fact: Change) -> list[Edit]:
    moved = [finding.source.edit_in_file(edit) for edit in fact.edits]
    return [edit for edit in moved if edit is not None] if None not in moved else []


def _site(candidate: Candidate, stack: str | None = None, environment: str | None = None) -> Site:
    return _site_of(candidate.finding, candidate.id[1], stack, environment or candidate.environment)


def _site_of(finding: Finding, offset: int, stack: str | None, environment: str | None) -> Site:
    position = finding.source.file.position(offset)
    fact = finding.fact
    assert isinstance(fact, (Image, PullPolicy, Left, Change))
    return Site(finding.path, position.line, position.column, fact.surface, finding.transform, environment, stack)


def _texts(data: bytes, edits: Sequence[Edit]) -> tuple[str, str]:
    """What is written from the first edited byte to the last, before and after."""
    start, end = min(edit.start for edit in edits), max(edit.end for edit in edits)
    moved = [Edit(edit.start - start, edit.end - start, edit.text) for edit in edits]
    before, after = data[start:end].decode("utf-8", "replace"), apply(data[start:end], moved).decode("utf-8", "replace")
    quote = _QUOTE_BEFORE.search(data, max(start - 2, 0), start)
    if len(edits) > 1 and quote is not None and data.startswith(quote[0], end):
        before, after = (f"{quote[0].decode()}{text}{quote[0].decode()}" for text in (before, after))
    return before.strip(), after.strip()


def _changed(candidate: Candidate, files: dict[str, tuple[bytes, bytes]]) -> Changed:
    fact = candidate.finding.fact
    before, after = _texts(files[candidate.finding.path][0], _shown(candidate))
    if isinstance(fact, PullPolicy):
        return Changed(_site(candidate), "pull-policy", before, after, candidate.edits)
    assert isinstance(fact, Image)
    assert candidate.reference is not None
    resolution = candidate.resolution
    digest, source = (resolution.digest, resolution.source) if resolution else (candidate.reference.digest, "written")
    image = str(Reference(candidate.reference.domain, candidate.reference.path, candidate.reference.effective_tag))
    return Changed(_site(candidate), "image", before, after, candidate.edits, image, digest, source, fact.unproven)


def _shown(candidate: Candidate) -> list[Edit]:
    """The edits together with the whole scalar of a whole reference, so that before and after can be read alone."""
    fact = candidate.finding.fact
    assert isinstance(fact, (Image, PullPolicy))
    span = candidate.finding.in_file(fact.span)
    edits = list(candidate.edits)
    if not any(edit.start <= span.start for edit in edits):
        edits.append(Edit(span.start, span.start, b""))
    if not any(edit.end >= span.end for edit in edits):
        edits.append(Edit(span.end, span.end, b""))
    return edits


def _change(finding: Finding, files: dict[str, tuple[bytes, bytes]]) -> Changed:
    assert isinstance(finding.fact, Change)
    edits = _moved(finding, finding.fact)
    before, after = _texts(files[finding.path][0], edits)
    site = _site_of(finding, finding.in_file(finding.fact.span).start, None, None)
    return Changed(site, "change", before, after, tuple(edits))


def _left(candidate: Candidate) -> LeftAlone:
    fact = candidate.finding.fact
    assert isinstance(fact, (Image, PullPolicy))
    assert candidate.code is not None
    allowance = candidate.allowance if candidate.code == "allowlisted" else None
    return LeftAlone(
        site=_site(candidate),
        kind="pull-policy" if isinstance(fact, PullPolicy) else "image",
        code=candidate.code,
        text=fact.text if isinstance(fact, Image) else "Always",
        message=candidate.message,
        image=str(candidate.reference) if candidate.reference is not None else None,
        owner=allowance.owner if allowance else None,
        expires=allowance.expires.isoformat() if allowance else None,
        allowed_because=allowance.reason if allowance else None,
    )


def _left_fact(finding: Finding, fact: Left, decision: Decision) -> LeftAlone:
    offset = finding.in_file(fact.span).start
    site = _site_of(finding, offset, None, decision.config.environment_of(finding.path))
    code = "vendored" if decision.config.is_vendored(finding.path) else fact.code
    return LeftAlone(site, "image", code, fact.text, fact.message)


def _entries(candidate: Candidate) -> list[ImageEntry]:
    """One inventory entry a site, or one for each different effective image in the stacks."""
    fact = candidate.finding.fact
    assert isinstance(fact, Image)
    seen: dict[Reference | None, ImageEntry] = {}
    for render in fact.renders:
        if render.reference not in seen:
            site = _site(candidate, render.stack, render.environment)
            seen[render.reference] = ImageEntry(
                site, fact.text, render.reference, candidate.status, candidate.code, candidate.vendored
            )
    return list(seen.values())
