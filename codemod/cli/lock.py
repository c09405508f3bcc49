"""`unfloat lock`: what every tag means now, written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from codemod.cli._options import Options, shared

if TYPE_CHECKING:
    from codemod.cli._session import Session
    from codemod.digests import Failure, Resolution
    from codemod.moving.checking import Fault
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

    session = open_session(options, asks=not files, verified=not check)
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
    from codemod.cli._terminal import complain_by_message, complain_of, finish
    from codemod.digests import Failure, resolutions

    plan = _plan(session)
    wanted = _wanted(plan, everything)
    sources = session.sources
    answers = (sources.current() if sources.registries is not None else sources.maps).resolve(wanted)
    _record(session, resolutions(answers))
    missing = dict.fromkeys(wanted - answers.keys(), "no source knows a digest")
    failures = {name: answer for name, answer in answers.items() if isinstance(answer, Failure)}
    complain_of(plan.failed)
    complain_by_message((message, str(name)) for name, message in missing.items())
    complain_by_message((failure.message, str(name)) for name, failure in failures.items())
    finish((*plan.failed, *(failure for failure in failures.values() if failure.kind != "missing")))


def _plan(session: Session) -> Plan:
    """A plan that asks nobody: what is named is all that counts."""
    from msgspec.structs import replace

    from codemod.digests import Chain

    return replace(session, digests=Chain(())).plan()


def _wanted(plan: Plan, everything: bool) -> set[Reference]:
    """The references whose tag floats, and with `everything` those whose tag is fixed, where registries have them."""
    from codemod.outcome import FLOATING, TAG_ONLY

    statuses = {FLOATING, TAG_ONLY} if everything else {FLOATING}
    return {
        entry.reference.lookup
        for entry in plan.images
        if entry.reference is not None and entry.status in statuses and entry.is_for_registries
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
    from codemod.cli._terminal import complain_by_message, complain_of, emit, finish, say
    from codemod.moving.checking import check
    from codemod.reports import locks

    plan = _plan(session)
    faults = check(session.sources.lock, _wanted(plan, everything), session.config.platforms)
    gone, moved, failures = _compared(session)
    faults += gone
    complain_of(plan.failed)
    complain_by_message((failure.message, str(name)) for name, failure in failures.items())
    emit(locks.faults(faults, moved))
    if not session.options.quiet:
        say(locks.verdict(session.sources.lock, faults, moved, failures))
    finish((*plan.failed, *failures), found=bool(faults))


def _compared(session: Session) -> tuple[list[Fault], list[Reference], Mapping[Reference, Failure]]:
    """Locked digests that registries have no more, tags that moved, and what could not be asked; nothing offline."""
    from codemod.digests import Failure
    from codemod.moving.checking import gone, held, moved

    lock, registries = session.sources.lock, session.sources.registries
    if registries is None:
        return [], [], {}
    has, means = registries.exist(held(lock)), registries.resolve(lock.images)
    failures = {name: answer for name, answer in (*has.items(), *means.items()) if isinstance(answer, Failure)}
    asked = {name: failure for name, failure in failures.items() if failure.kind != "missing"}
    return gone(lock, has), moved(lock, means), asked
