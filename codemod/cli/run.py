"""`unfloat run`: the migration."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from codemod.cli._options import Options, pin_all, shared
from codemod.outcome import Plan

if TYPE_CHECKING:
    from codemod.cli._session import Edited, Session
    from codemod.fleet import Fleet
    from codemod.outcome import Changed, Failed, Ignored
    from codemod.proof.rollback import Provable
    from codemod.reports.proof import Proved

Programs = tuple[str | None, str | None]
"""The helm and the kustomize that the user named, None for those on PATH."""


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


@dataclass(frozen=True, slots=True)
class Run:
    """The plan as it was carried out, the one of the tree after it, and what the proof found, if one was asked for."""

    before: Plan
    after: Plan
    proved: Proved | None = None


def carry_out(session: Session, pin_all: bool, programs: Programs | None = None) -> Run:
    """Plan, prove the plan if there are `programs` for it, plan again on the result, and only then write."""
    from codemod.writer import write_all

    planning = _Planning(session, pin_all)
    found = _provable(planning, programs) if programs is not None else None
    before = planning.plan({}) if found is None else found.plan
    after = planning.after
    failed = write_all(session.root, before.files)
    if failed:
        before = _without(before, failed)
        after = replace(planning.again(before), failed=before.failed)
    ignores = planning.ignores()
    before, after = replace(before, ignores=ignores), replace(after, ignores=ignores)
    return Run(before, after, _proved(found, after) if found is not None else None)


class _Planning:
    """Plans whose result is planned again at once (`after`): it must have nothing to change.

    What would change its own result again is a fault of a transform, and its files stay as they are.
    """

    def __init__(self, session: Session, pin_all: bool) -> None:
        self.session, self.pin_all = session, pin_all
        self.rolled_back: Mapping[str, str] = {}
        self.restless: dict[str, str] = {}
        self.after = Plan()
        self._facts: Fleet | None = None

    def plan(self, rolled_back: Mapping[str, str]) -> Plan:
        """The plan without the files that a proof rolled back."""
        self.rolled_back = rolled_back
        while True:
            before = self._plan({})
            self.after = self.again(before)
            found = _restless(before, self.after)
            if not found:
                return before
            self.restless |= found

    def again(self, plan: Plan) -> Plan:
        """The plan of the tree as a plan leaves it."""
        return self._plan(_edited(plan))

    def ignores(self) -> tuple[Ignored, ...]:
        """What Argo CD may be told to ignore in the tree that was planned last."""
        return self.session.ignores(self._facts) if self._facts is not None else ()

    def _plan(self, edited: Edited) -> Plan:
        self._facts = self.session.facts(edited, pin_all=self.pin_all)
        return self.session.plan(
            edited,
            pin_all=self.pin_all,
            to_edit=True,
            rolled_back=self.rolled_back,
            restless=self.restless,
            facts=self._facts,
        )


def _provable(planning: _Planning, programs: Programs) -> Provable:
    """The part of the plan whose proof holds, and the files that stay for it."""
    from codemod.cli import _proving

    return _proving.provable_plan(planning.session, planning.plan, programs)


def _proved(found: Provable, after: Plan) -> Proved:
    from codemod.cli import _proving

    return _proving.proved(found, after)


def _tell(proved: Proved, *, quiet: bool) -> None:
    """What the proof found, on standard error; where no summary is wanted, only what was rolled back."""
    from codemod.cli._terminal import complain, say
    from codemod.reports import proof
    from codemod.reports.shared import printable

    for line in proof.rolled_back_lines(proved):
        complain(line) if quiet else say(f"{printable(line)}\n")
    if not quiet:
        say("".join(f"{printable(line)}\n" for line in proof.lines(proved)))


def _edited(plan: Plan) -> Edited:
    return {path: after for path, (_, after) in plan.files.items()}


def _restless(before: Plan, after: Plan) -> dict[str, str]:
    """The edited files in which the result would be changed again, each with the first such change.

    All of them, where it is files that are not edited which would change.
    """
    said = {change.site.path: _again(change) for change in reversed(after.changed)}
    found = {path: said[path] for path in said if path in before.files}
    return found or (dict.fromkeys(before.files, next(iter(said.values()))) if said else {})


def _again(change: Changed) -> str:
    return (
        f"{change.site.transform} would change its own result again at {change.site.path}:{change.site.line} "
        f"({change.before!r} to {change.after!r})"
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


def write_report(session: Session, run: Run, file: str | None) -> None:
    """Write the report, unless nothing changed and the report at hand says so already."""
    from codemod.cli._session import REPORT
    from codemod.cli._terminal import emit
    from codemod.reports.state import state_in, state_of
    from codemod.writer import write_report as write

    path = os.path.join(session.root, REPORT) if file is None else file
    if path == "-":
        emit(report_text(session, run))
    elif run.before.files or state_in(_at_hand(path)) != state_of(run.after):
        write(path, report_text(session, run))


def report_text(session: Session, run: Run) -> str:
    """The Markdown report of a plan that was carried out and of the plan after it."""
    from codemod.reports.inventory import searches
    from codemod.reports.markdown import report

    before, after = run.before, run.after
    inventory = searches(before, after, session.texts(_originals(before)), session.texts(_edited(before)))
    where = session.prefix.rstrip("/") or "."
    return report(before, after, inventory=inventory, title_path=where, proved=run.proved)


def _originals(plan: Plan) -> Edited:
    return {path: before for path, (before, _) in plan.files.items()}


def _at_hand(path: str) -> str:
    """The text of a report that is a regular file, empty if there is none."""
    if not os.path.isfile(path):
        return ""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()
