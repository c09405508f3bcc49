"""`unfloat run`: the migration."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from codemod.cli._options import Options, pin_all, shared

if TYPE_CHECKING:
    from codemod.cli._running import Run
    from codemod.cli._session import Session
    from codemod.reports.proof import Proved


@click.command("run")
@click.option("--report", metavar="FILE", help="The report, - for stdout [default: PATH/migration-report.md].")
@click.option("--no-report", is_flag=True, help="Write no report.")
@click.option(
    "--format", "style", type=click.Choice(["text", "json"]), default="text", help="json: the plan on stdout."
)
@click.option("--prove", is_flag=True, help="Render before and after, and leave as it was what does not hold.")
@click.option("--helm", metavar="FILE", help="The helm to prove with [default: the one on PATH].")
@click.option("--kustomize", metavar="FILE", help="The kustomize or kubectl [default: the one on PATH].")
@pin_all
@shared
def command(
    options: Options,
    report: str | None,
    no_report: bool,
    style: str,
    prove: bool,
    helm: str | None,
    kustomize: str | None,
    pin_all: bool,
) -> None:
    """Pin what floats: edit the files and write the report."""
    from codemod.cli._running import carry_out
    from codemod.cli._session import open_session
    from codemod.cli._terminal import emit, finish_plan, summarize

    _refuse_contradictions(report, no_report=no_report, style=style, prove=prove, named=helm or kustomize)
    session = open_session(options, asks=True)
    run = carry_out(session, pin_all, (helm, kustomize) if prove else None)
    if style == "json":
        from codemod.reports.jsonreport import plan_json

        emit(plan_json(run.before, run.proved))
    summarize(run.before, options, preview=False)
    if run.proved is not None:
        _tell(run.proved, quiet=options.quiet)
    if not no_report:
        write_report(session, run, report)
    finish_plan(run.before, found=run.proved is not None and bool(run.proved.rolled_back))


def _refuse_contradictions(report: str | None, *, no_report: bool, style: str, prove: bool, named: str | None) -> None:
    if report is not None and no_report:
        raise click.UsageError("--report and --no-report exclude each other.")
    if report == "-" and style == "json":
        raise click.UsageError("--report - and --format json both want standard output.")
    if named is not None and not prove:
        raise click.UsageError("--helm and --kustomize are for --prove.")


def _tell(proved: Proved, *, quiet: bool) -> None:
    """What the proof found, on standard error; where no summary is wanted, only what was rolled back."""
    from codemod.cli._terminal import complain, say
    from codemod.reports import proof
    from codemod.wording import printable

    for line in proof.rolled_back_lines(proved):
        complain(line) if quiet else say(f"{printable(line)}\n")
    if not quiet:
        say("".join(f"{printable(line)}\n" for line in proof.lines(proved)))


def write_report(session: Session, run: Run, file: str | None) -> None:
    """Write the report, unless nothing changed and the report at hand says so already."""
    from codemod.cli._running import report_text
    from codemod.cli._session import REPORT
    from codemod.cli._terminal import emit
    from codemod.reports.state import state_in, state_of
    from codemod.writer import write_report as write

    path = os.path.join(session.root, REPORT) if file is None else file
    if path == "-":
        emit(report_text(session, run))
    elif run.before.files or state_in(_at_hand(path)) != state_of(run.after):
        write(path, report_text(session, run))


def _at_hand(path: str) -> str:
    """The text of a report that is a regular file, empty if there is none."""
    if not os.path.isfile(path):
        return ""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()
