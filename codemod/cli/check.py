"""`unfloat check`: the gate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from codemod.cli._options import Options, shared

if TYPE_CHECKING:
    import datetime

    from codemod.gate import Violation
    from codemod.outcome import Plan

UNREAD = ("unparsable", "too-large")


@click.command("check")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    help="text: path:line:col: CODE message.",
)
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Judge exceptions as of this day, not today.")
@shared
def command(options: Options, style: str, day: datetime.datetime | None) -> None:
    """Fail while anything that Git deploys floats."""
    from codemod.cli._session import open_session
    from codemod.cli._terminal import complain_of, emit, finish, say
    from codemod.gate import judges_names, violations

    session = open_session(options, day.date() if day else None)
    plan = session.plan(facts=session.facts(names_all=judges_names(session.config)))
    found = violations(plan, session.config, session.today)
    emit(_rendered(found, style))
    complain_of(plan.failed)
    if not options.quiet:
        say(_summary(plan, found))
    finish(plan.failed, found=bool(found))


def _rendered(found: Sequence[Violation], style: str) -> str:
    if style == "json":
        from codemod.reports.jsonreport import check_json

        return check_json(found)
    if style == "sarif":
        from codemod import __version__
        from codemod.reports.sarif import sarif

        return sarif(found, __version__)
    from codemod.reports import violations

    return violations.github(found) if style == "github" else violations.text(found)


def _summary(plan: Plan, found: Sequence[Violation]) -> str:
    """How much was found, and in how many files nothing could be."""
    from codemod.reports.shared import plural

    codes = _counts(violation.code for violation in found)
    verdict = f"{plural(len(found), 'violation')} ({codes})" if found else "No violations"
    lines = [f"{verdict} in {plural(plan.scanned, 'file')}."]
    unread = [entry.code for entry in plan.left if entry.code in UNREAD] + ["unreadable"] * len(plan.failed)
    if unread:
        lines.append(f"{plural(len(unread), 'text')} could not be read, and so not checked ({_counts(unread)}).")
    return "".join(f"{line}\n" for line in lines)


def _counts(codes: Iterable[str]) -> str:
    return ", ".join(f"{code} {count:,}" for code, count in sorted(Counter(codes).items()))
