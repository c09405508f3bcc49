"""`unfloat lock`: what every tag means now, written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from codemod.cli._options import Options, shared

if TYPE_CHECKING:
    from codemod.cli._session import Session
    from codemod.digests import Resolution
    from codemod.outcome import Plan
    from codemod.reference import Reference


@click.command("lock")
@click.option("--all", "everything", is_flag=True, help="Fixed tags too, not only those that float.")
@click.option("--check", is_flag=True, help="Write nothing; fail if the lock lacks something.")
@click.option("--import", "files", metavar="FILE", multiple=True, help="Take what a build published. Repeatable.")
@shared
def command(options: Options, everything: bool, check: bool, files: tuple[str, ...]) -> None:
    """Resolve the tags of all images and write unfloat.lock."""
    if files and check:
        raise click.UsageError("--import and --check exclude each other.")
    from codemod.cli._session import open_session

    session = open_session(options)
    if files:
        _import(session, files)
    elif check:
        _check(session, everything)
    else:
        _resolve(session, everything)


def _import(session: Session, files: Iterable[str]) -> None:
    """Merge published digests; the later file wins."""
    import sys

    from codemod.cli._files import contents
    from codemod.digests.published import read_published

    found: dict[Reference, Resolution] = {}
    for file in files:
        data = sys.stdin.buffer.read() if file == "-" else contents(file)
        found.update(read_published("<stdin>" if file == "-" else file, data))
    _record(session, found)


def _resolve(session: Session, everything: bool) -> None:
    from codemod.cli._terminal import complain, finish

    plan = session.plan()
    wanted = _wanted(plan, everything)
    found = session.sources.current().resolve(wanted) if not session.options.offline else _given(session, wanted)
    _record(session, found)
    for reference in sorted(map(str, wanted - found.keys())):
        complain(f"{reference}: no source knows a digest")
    finish(plan.failed)


def _given(session: Session, wanted: Iterable[Reference]) -> Mapping[Reference, Resolution]:
    """Offline: what the map files say."""
    return session.sources.maps.resolve(list(wanted))


def _wanted(plan: Plan, everything: bool) -> set[Reference]:
    """The references whose tag floats, and with `everything` those whose tag is fixed; none of vendored files."""
    from codemod.outcome import FLOATING, TAG_ONLY

    statuses = {FLOATING, TAG_ONLY} if everything else {FLOATING}
    return {
        entry.reference.lookup
        for entry in plan.images
        if entry.reference is not None and entry.status in statuses and not entry.vendored
    }


def _record(session: Session, found: Mapping[Reference, Resolution]) -> None:
    """Write the lock and say what changed in it."""
    from codemod.cli._moving import now, write_lock
    from codemod.cli._terminal import emit, say
    from codemod.digests.locking import recorded
    from codemod.reports import locks

    before = session.sources.lock
    after = recorded(before, found, now())
    write_lock(session, after)
    emit(locks.changes(before, after))
    if not session.options.quiet:
        say(locks.summary(before, after))


def _check(session: Session, everything: bool) -> None:
    """Complete and consistent; and, unless offline, still what the registries have."""
    from codemod.cli._terminal import emit, finish, say
    from codemod.moving.checking import check
    from codemod.reports import locks

    plan = session.plan()
    faults = check(session.sources.lock, _wanted(plan, everything), session.config.platforms)
    moved: list[Reference] = []
    emit(locks.faults(faults, moved))
    if not session.options.quiet:
        say(locks.verdict(session.sources.lock, faults, moved))
    finish(plan.failed, found=bool(faults))
