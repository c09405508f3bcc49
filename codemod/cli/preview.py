"""`unfloat preview`: what a run would change."""

from __future__ import annotations

from dataclasses import replace

import click

from codemod.cli._options import Options, pin_all, shared


@click.command("preview")
@click.option("--format", "style", type=click.Choice(["diff", "json"]), default="diff", help="Diff, or plan as JSON.")
@click.option("--exit-code", is_flag=True, help="Leave with 1 if anything would change.")
@pin_all
@shared
def command(options: Options, style: str, exit_code: bool, pin_all: bool) -> None:
    """Show what a run would change; write nothing."""
    import sys

    from codemod.cli._session import open_session
    from codemod.cli._terminal import emit, finish_plan, is_colored, summarize

    session = open_session(options, asks=True, verified=False)
    facts = session.facts(pin_all=pin_all)
    plan = session.plan(pin_all=pin_all, to_edit=True, facts=facts)
    if style == "json":
        from codemod.reports.jsonreport import plan_json

        emit(plan_json(replace(plan, ignores=session.ignores(facts))))
    else:
        from codemod.reports.diff import unified

        emit(unified(plan.files, session.prefix, is_colored(sys.stdout, options.color)))
    summarize(plan, options, preview=True)
    finish_plan(plan, found=exit_code and bool(plan.files))
