"""What `verify` and `run --prove` share: targets, programs and progress; and the plan of which the proof holds."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from codemod import fleet
from codemod.digests import Chain, Resolution
from codemod.errors import UnfloatError
from codemod.proof.allowed import Known, Planned
from codemod.proof.images import unexplained
from codemod.proof.prove import prove
from codemod.proof.report import shown
from codemod.proof.rollback import Provable, RolledBack, provable
from codemod.proof.snapshot import planned_digests, snapshots, written_digests
from codemod.proof.tools import Tools, find
from codemod.proof.unshown import Written
from codemod.proof.verdict import PROVEN, UNCHANGED, UNPROVEN, Proof, Target, Verdict, kustomizations, lacking, targets
from codemod.proof.workspace import Workspace, workspace
from codemod.reports import proof as sections

if TYPE_CHECKING:
    from codemod.cli._session import Edited, Session
    from codemod.fleet import Stack
    from codemod.outcome import Plan
    from codemod.reference import Reference
    from codemod.source import Source


Programs = tuple[str | None, str | None]
"""The helm and the kustomize that the user named, None for those on PATH."""


def provable_plan(session: Session, plan: Callable[[RolledBack], Plan], programs: Programs) -> Provable:
    """The part of a plan whose proof holds; nothing is written but to a folder that goes again.

    What was rendered once is not rendered again when some files were rolled back.
    """
    with tempfile.TemporaryDirectory(prefix="unfloat-", ignore_cleanup_errors=True) as cache:
        return provable(plan, lambda planned: _proof_of(session, planned, programs, cache))


def _proof_of(session: Session, plan: Plan, programs: Programs, cache: str) -> Proof:
    """The proof of a plan that is not written."""
    edited = {path: after for path, (_, after) in plan.files.items()}
    before, after = snapshots(session.tree.paths, plan.files)
    folders = list(kustomizations(session.tree.paths, session.tree.text))
    sides = stacks(session, session.tree.paths, session.tree.read), _stacks_with(session, edited)
    found = list(targets(sides[1], folders, (sides[0], folders)))
    with workspace(session.root, before, after) as place:
        tools = find(place.home, *programs)
        planned, written = planned_digests(plan.changed), written_digests(plan.changed)
        return proven(session, found, place, tools, planned=planned, written=written, cache=cache)


def known_digests(session: Session, kept: Collection[Reference] = ()) -> Known:
    """What the digest maps and the lock say; an image that they do not know may gain any digest.

    `kept` are images, with their digests, that files hold before and after: what one environment runs, another may get.
    """
    from codemod.digests.locking import history

    lock = session.sources.lock
    offline = Chain([session.sources.maps, lock])
    had = {(reference.name, digest) for reference in lock.images for digest in history(lock, reference)}
    had |= {(reference.name, reference.digest or "") for reference in kept}

    def digest_of(reference: Reference) -> str | None:
        found = offline.resolve([reference]).get(reference)
        return found.digest if isinstance(found, Resolution) else None

    def has_had(reference: Reference) -> bool:
        """By its own tag, if one stands there that the lock knows; else by any."""
        if reference in kept:
            return True
        if reference.tag is not None and reference.lookup in lock.images:
            return any(digest == reference.digest for digest in history(lock, reference.lookup))
        return (reference.name, reference.digest) in had

    return Known(digest_of, has_had)


def stacks(session: Session, paths: Collection[str], read: Callable[[str], Source | None]) -> tuple[Stack, ...]:
    """The releases that some files declare."""
    return fleet.build(session.config, paths, read).stacks


def _stacks_with(session: Session, edited: Edited) -> tuple[Stack, ...]:
    from codemod.source import Source

    def read(path: str) -> Source | None:
        source = session.tree.read(path)
        return source if source is None or path not in edited else Source(path, edited[path], source.language)

    return stacks(session, session.tree.paths, read)


def proven(
    session: Session,
    found: list[Target],
    place: Workspace,
    tools: Tools,
    *,
    planned: Planned | None = None,
    written: Written | None = None,
    cache: str | None = None,
    all_images: bool = False,
) -> Proof:
    """The proof. Raises `UnfloatError` where a program is missing that is needed for it."""
    options = session.options
    with _progress(len(found), quiet=options.quiet) as advance:
        jobs = options.jobs if options.jobs > 1 else os.cpu_count() or 1
        proof = prove(
            *(found, place.before, place.after, tools),
            planned=planned,
            written=written,
            jobs=jobs,
            cache=cache,
            all_images=all_images,
            progress=advance,
        )
    name = lacking(proof)
    if name is not None:
        raise UnfloatError(f"no {name} on PATH, and what it renders has changed; install it or name it with --{name}")
    return proof


def proved(provable: Provable, after: Plan) -> sections.Proved:
    """A proof as the reports show it; the plan `after` it has the inventory that explains what was rendered."""
    proof = provable.proof
    rendered = {path for verdict in proof.verdicts for path in verdict.files}
    failed = {(verdict.tool, verdict.target) for verdict in provable.failed}
    return sections.Proved(
        proven=tuple(verdict.target for verdict in proof.of(PROVEN)),
        unchanged=sum((verdict.tool, verdict.target) not in failed for verdict in proof.of(UNCHANGED)),
        unproven=tuple(sections.Unproven(verdict.target, verdict.reason) for verdict in proof.of(UNPROVEN)),
        incomplete=tuple(_incomplete(proof.of(PROVEN))),
        rolled_back=tuple(dict.fromkeys(row for verdict in provable.failed for row in _differences(verdict))),
        files=tuple(sorted(provable.rolled_back)),
        unrendered=tuple(sorted(provable.plan.files.keys() - rendered)),
        unexplained=tuple(_unexplained(proof.of(PROVEN), explained_by(after))),
    )


def explained_by(plan: Plan) -> frozenset[str]:
    """The images that the inventory of a plan names."""
    return frozenset(str(entry.reference) for entry in plan.images if entry.reference is not None)


def _unexplained(verdicts: Iterable[Verdict], explained: Collection[str]) -> Iterator[sections.Unexplained]:
    for verdict in verdicts:
        for image in unexplained(verdict.images or {}, explained):
            yield sections.Unexplained(verdict.target, image.reference, image.places[0])


def _incomplete(verdicts: Iterable[Verdict]) -> Iterator[sections.Unproven]:
    """Those that lack values: from another repository, from a cluster, not evaluable.

    A value file that this repository simply has not is none of these, as the release is rendered without it.
    """
    for verdict in verdicts:
        elsewhere = [name for name in verdict.missing if " " in name or "://" in name or name.startswith("$")]
        if elsewhere:
            yield sections.Unproven(verdict.target, ", ".join(elsewhere))


def _differences(verdict: Verdict) -> Iterator[sections.RolledBack]:
    for change in verdict.differences:
        yield sections.RolledBack(verdict.target, change.object, change.path, *shown(change))


@contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[Callable[[int], None] | None]:
    """A bar on standard error that moves with every target; None where nobody would see it."""
    if quiet or not total or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Rendering", total=total)
        yield lambda done: bar.update(task, completed=done)
