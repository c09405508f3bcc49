"""`unfloat report`: the migration report alone, and what the inventory searches still find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from codemod.cli._options import Options, pin_all, shared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codemod.cli._session import Session
    from codemod.outcome import Plan
    from codemod.remaining import Match


@click.command("report")
@click.option("--report", metavar="FILE", default="-", help="Where it goes [default: -, standard output].")
@click.option("--inventory", is_flag=True, help="List what the inventory searches find in the tree as it is, and why.")
@click.option("--exit-code", is_flag=True, help="With --inventory: leave with 1 if a match is open.")
@click.option(
    "--format", "style", type=click.Choice(["text", "json"]), default="text", help="json: the same for scripts."
)
@pin_all
@shared
def command(options: Options, report: str, inventory: bool, exit_code: bool, style: str, pin_all: bool) -> None:
    """Print the report of a run that is not carried out."""
    if not inventory and exit_code:
        raise click.UsageError(
            "--exit-code is for --inventory; `unfloat preview --exit-code` says whether a run has work."
        )
    if inventory and pin_all:
        raise click.UsageError("--pin-all is for the report of a run; --inventory looks at the tree as it is.")
    if inventory:
        _inventory(options, report, style, exit_code=exit_code)
    else:
        _report(options, report, style, pin_all=pin_all)


def _report(options: Options, file: str, style: str, *, pin_all: bool) -> None:
    """The report that `run` would write, or its plan."""
    from codemod.cli._running import planned, report_text
    from codemod.cli._session import open_session
    from codemod.cli._terminal import finish_plan, summarize

    session = open_session(options, asks=True, verified=False)
    run = planned(session, pin_all)
    if style == "json":
        from codemod.reports.jsonreport import plan_json

        _put(file, plan_json(run.before))
    else:
        _put(file, report_text(session, run))
    summarize(run.before, options, preview=True)
    finish_plan(run.before)


def _inventory(options: Options, file: str, style: str, *, exit_code: bool) -> None:
    """What the searches find in the tree as it is."""
    from codemod.cli._session import open_session
    from codemod.cli._terminal import complain_of, finish, say
    from codemod.inventory import searches_for
    from codemod.remaining import OPEN
    from codemod.reports.remaining import inventory_json, inventory_text

    session = open_session(options, remarks=False)
    plan = session.plan()
    found = _remaining(session, plan)
    searches = searches_for(session.config.floating_tags)
    _put(file, inventory_json(found, searches) if style == "json" else inventory_text(found, searches))
    complain_of(plan.failed)
    if not options.quiet:
        say(_summary(found))
    finish(plan.failed, found=exit_code and any(match.standing == OPEN for match in found))


def _remaining(session: Session, plan: Plan) -> Sequence[Match]:
    from codemod.gate import violations
    from codemod.remaining import remaining

    exceptions = session.exceptions(plan)
    found = violations(plan, session.config, exceptions)
    return remaining(plan, found, exceptions, session.config, session.texts({}))


def _summary(found: Sequence[Match]) -> str:
    """How many matches stand how."""
    from codemod.remaining import STANDINGS
    from codemod.wording import plural

    counts = {standing: sum(match.standing == standing for match in found) for standing in STANDINGS}
    listed = ", ".join(f"{count:,} {standing}" for standing, count in counts.items() if count)
    kinds = f": {listed}" if listed else ""
    return f"{plural(len(found), 'match')}{kinds}.\n"


def _put(file: str, text: str) -> None:
    """Write the text to a file, or to standard output."""
    from codemod.cli._terminal import emit
    from codemod.writer import write_report

    if file == "-":
        emit(text)
    else:
        write_report(file, text)
