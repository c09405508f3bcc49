"""`unfloat run`: the migration."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from codemod.cli._options import Options, pin_all, shared

if TYPE_CHECKING:
    from codemod.cli._session import Edited, Session
    from codemod.outcome import Failed, Plan


@click.command("run")
@click.option("--report", metavar="FILE", help="The report, - for stdout [default: PATH/migration-report.md].")
@click.option("--no-report", is_flag=True, help="Write no report.")
@click.option(
    "--format", "style", type=click.Choice(["text", "json"]), default="text", help="json: the plan on stdout."
)
@pin_all
@shared
def command(options: Options, report: str | None, no_report: bool, style: str, pin_all: bool) -> None:
    """Pin what floats: edit the files and write the report."""
    from codemod.cli._session import open_session
    from codemod.cli._terminal import emit, finish, summarize

    if report is not None and no_report:
        raise click.UsageError("--report and --no-report exclude each other.")
    if report == "-" and style == "json":
        raise click.UsageError("--report - and --format json both want standard output.")
    session = open_session(options)
    before, after = carry_out(session, pin_all)
    if style == "json":
        from codemod.reports.jsonreport import plan_json

        emit(plan_json(before))
    summarize(before, options, preview=False)
    if not no_report:
        write_report(session, before, after, report)
    finish(before.failed)


def carry_out(session: Session, pin_all: bool) -> tuple[Plan, Plan]:
    """Plan, plan again on the result, and only then write; the plan as it was carried out, and the one after it."""
    from codemod.writer import write_all

    before = session.plan(pin_all=pin_all, to_edit=True)
    after = session.plan(_edited(before), pin_all=pin_all)
    _refuse_restless(after)
    failed = write_all(session.root, before.files)
    if failed:
        before = _without(before, failed)
        after = replace(session.plan(_edited(before), pin_all=pin_all), failed=before.failed)
    return before, after


def _edited(plan: Plan) -> Edited:
    return {path: after for path, (_, after) in plan.files.items()}


def _refuse_restless(after: Plan) -> None:
    """A plan that would change its own result is a fault of a transform, and nothing of it is written."""
    from codemod.errors import UnfloatError

    for change in after.changed:
        raise UnfloatError(
            f"internal error: {change.site.path}:{change.site.line}: {change.site.transform} would change its own "
            f"result again ({change.before!r} to {change.after!r}); nothing was written: please report this, and go on "
            f"with `--skip {change.site.transform}`"
        )


def _without(plan: Plan, failed: list[Failed]) -> Plan:
    """The plan without the files that could not be written."""
    paths = {failure.path for failure in failed}
    return replace(
        plan,
        changed=tuple(change for change in plan.changed if change.site.path not in paths),
        files={path: texts for path, texts in plan.files.items() if path not in paths},
        failed=(*plan.failed, *failed),
    )


def write_report(session: Session, before: Plan, after: Plan, file: str | None) -> None:
    """Write the report, unless nothing changed and the report at hand says so already."""
    from codemod.cli._session import REPORT
    from codemod.cli._terminal import emit
    from codemod.reports.state import state_in, state_of
    from codemod.writer import write_report as write

    path = os.path.join(session.root, REPORT) if file is None else file
    if path == "-":
        emit(report_text(session, before, after))
    elif before.files or state_in(_at_hand(path)) != state_of(after):
        write(path, report_text(session, before, after))


def report_text(session: Session, before: Plan, after: Plan) -> str:
    """The Markdown report of a plan that was carried out and of the plan after it."""
    from codemod.reports.inventory import searches
    from codemod.reports.markdown import report

    inventory = searches(before, after, session.texts(_originals(before)), session.texts(_edited(before)))
    return report(before, after, inventory=inventory, title_path=session.prefix.rstrip("/") or ".")


def _originals(plan: Plan) -> Edited:
    return {path: before for path, (before, _) in plan.files.items()}


def _at_hand(path: str) -> str:
    """The text of a report that is a regular file, empty if there is none."""
    if not os.path.isfile(path):
        return ""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()
