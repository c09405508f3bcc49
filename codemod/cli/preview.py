"""`unfloat preview`: what a run would change."""

from __future__ import annotations

import click
from msgspec.structs import replace

from codemod.cli._options import Options, pin_all, shared


@click.command("preview")
@click.option(
    "--format",
    "style",
    type=click.Choice(["diff", "json", "markdown"]),
    default="diff",
    help="Diff, plan as JSON, or a comment for a pull request.",
)
@click.option("--changed", metavar="REV", help="Show only what this branch touches since it left REV.")
@click.option("--exit-code", is_flag=True, help="Leave with 1 if anything would change.")
@pin_all
@shared
def command(options: Options, style: str, changed: str | None, exit_code: bool, pin_all: bool) -> None:
    """Show what a run would change; write nothing."""
    import sys

    from codemod.cli._session import open_session
    from codemod.cli._terminal import emit, finish_plan, is_colored, summarize

    session = open_session(options, asks=True, verified=False)
    facts = session.facts(pin_all=pin_all)
    plan = session.plan(pin_all=pin_all, to_edit=True, facts=facts)
    if style == "json":
        plan = replace(plan, ignores=session.ignores(facts))
    if changed is not None:
        from codemod.cli._changed import touched_by, within

        plan = within(plan, touched_by(session.root, changed, facts))
    if style == "json":
        from codemod.reports.jsonreport import plan_json

        emit(plan_json(plan))
    elif style == "markdown":
        from codemod.reports.comment import comment

        emit(comment(plan, session.prefix))
    else:
        from codemod.reports.diff import unified

        emit(unified(plan.files, session.prefix, is_colored(sys.stdout, options.color)))
    summarize(plan, options, preview=True)
    finish_plan(plan, found=exit_code and bool(plan.files))
