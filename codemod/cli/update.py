"""`unfloat update`: digests move on with their tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from codemod.cli._moving import Output, moving
from codemod.cli._options import Options, shared

if TYPE_CHECKING:
    from codemod.moving.moves import Moves


@click.command("update")
@click.option("--env", "environments", metavar="NAME", multiple=True, help="Only this environment. Repeatable.")
@click.option("--dry-run", is_flag=True, help="Print the patch, write nothing.")
@shared
@moving
def command(options: Options, output: Output, environments: tuple[str, ...], dry_run: bool) -> None:
    """Refresh the digests whose tag is known: each to what its tag means now."""
    from codemod.cli._moving import carry_out, now, refuse_dirty, show
    from codemod.cli._session import open_session
    from codemod.cli._terminal import finish
    from codemod.digests import resolutions
    from codemod.digests.locking import recorded
    from codemod.moving.choice import known_environments
    from codemod.moving.update import update

    if dry_run and output.commit:
        raise click.UsageError("--dry-run and --commit exclude each other.")
    session = open_session(options, asks=True)
    refuse_dirty(session, output)
    facts = session.facts()
    found = session.pinned(facts)
    known_environments(found, facts, environments, session.tree.paths)
    current = session.sources.current()
    moves = update(found, session.sources.lock, session.config, current.resolve, environments)
    subject = _subject(moves, environments)
    show(session, output, moves, nothing="Nothing to update", subject=subject, diff=dry_run)
    if not dry_run:
        channels = {move.channel for move in moves.moves if move.channel is not None and move.source != "lock"}
        lock = recorded(session.sources.lock, resolutions(current.resolve(channels)), now())
        carry_out(session, output, moves, lock if lock != session.sources.lock else None, subject)
    finish((*session.tree.failed, *moves.unanswered))


def _subject(moves: Moves, environments: tuple[str, ...]) -> str:
    from codemod.reports.moves import steps
    from codemod.wording import plural

    where = f" in {', '.join(environments)}" if environments else ""
    return f"Update {plural(len(steps(moves.moves)), 'image')}{where}"
