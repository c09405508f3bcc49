"""`unfloat promote`: one environment gets what another one runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from codemod.cli._moving import Output, moving
from codemod.cli._options import Options, shared_but

if TYPE_CHECKING:
    from codemod.moving.moves import Moves


@click.command("promote")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--write", is_flag=True, help="Write it; without it the patch is printed.")
@click.option("--only", metavar="IMAGE|RELEASE", multiple=True, help="Only these (globs). Repeatable.")
@shared_but("only")
@moving
def command(options: Options, output: Output, source: str, target: str, write: bool, only: tuple[str, ...]) -> None:
    """Copy the digests of one environment's releases to another's, site by site."""
    from codemod.cli._moving import carry_out, refuse_dirty, show
    from codemod.cli._session import open_session
    from codemod.cli._terminal import finish
    from codemod.errors import UnfloatError
    from codemod.moving.choice import known_choice, known_environments
    from codemod.moving.promote import Promotion

    if source == target:
        raise UnfloatError(f"{source} is promoted to itself; name two environments")
    writes = write or output.commit
    session = open_session(options, asks=True)
    refuse_dirty(session, output)
    facts = session.facts()
    found = session.pinned(facts)
    known_environments(found, facts, (source, target), session.tree.paths)
    known_choice(found, facts, only)
    moves = Promotion(facts, source, target, only).moves(found, session.sources.exist())
    subject = _subject(moves, source, target)
    show(session, output, moves, nothing="Nothing to promote", subject=subject, diff=not writes)
    if writes:
        carry_out(session, output, moves, None, subject)
    finish((*session.tree.failed, *moves.unanswered))


def _subject(moves: Moves, source: str, target: str) -> str:
    from codemod.reports.moves import steps
    from codemod.wording import plural

    return f"Promote {plural(len(steps(moves.moves)), 'image')} from {source} to {target}"
