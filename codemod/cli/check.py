"""`unfloat check`: the gate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from codemod.cli._further import Look, asked, is_unseen, offered
from codemod.cli._options import Options, shared

if TYPE_CHECKING:
    import datetime

    from codemod.cli._session import Session
    from codemod.fleet import Fleet
    from codemod.gate import Violation
    from codemod.outcome import Plan

UNREAD = ("unparsable", "too-large")
OF_SERVICES = ("sarif", "github", "gitlab")
"""Formats of services that show violations beside the code."""
OF_RUNS = ("proof-failed", "unsafe-edit")
"""Reason codes that only a run that edits comes to."""


@click.command("check")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "sarif", "github", "gitlab", "junit"]),
    default="text",
    help="text: path:line:col: CODE message.",
)
@click.option("--changed", metavar="REV", help="Judge only what this branch changes since it left REV.")
@click.option("--statistics", is_flag=True, help="Count the violations by code instead (text and json).")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Judge exceptions as of this day, not today.")
@offered
@shared
def command(
    options: Options,
    style: str,
    changed: str | None,
    statistics: bool,
    day: datetime.datetime | None,
    **further: Any,
) -> None:
    """Fail while anything that Git deploys floats."""
    from codemod.cli._judging import judged as judge
    from codemod.cli._session import open_session
    from codemod.cli._terminal import complain_of, emit, finish, say
    from codemod.gate import in_order, of_exceptions

    if statistics and style not in ("text", "json"):
        raise click.UsageError(f"--statistics has no --format {style}; take text or json.")
    wanted = asked(further)
    session = open_session(options, day.date() if day else None, remarks=wanted.remarks)
    wanted.check(session.config)
    judged = judge(session, wanted, changed)
    rotten = of_exceptions(judged.exceptions, _is_judged(session, judged.facts, wanted.looks))
    plan = judged.plan
    found = tuple(one for one in in_order((*judged.violations, *rotten)) if judged.is_touched(one.path))
    emit(_counted(found, style) if statistics else _rendered(found, style, session.prefix))
    complain_of(plan.failed)
    if not options.quiet:
        say(_summary(plan, found) + "".join(f"{remark}\n" for remark in judged.remarks))
    finish(plan.failed, found=bool(found))


def _is_judged(session: Session, facts: Fleet, looks: Collection[Look]) -> Callable[[str], bool]:
    """Which codes were looked for wherever they could be; `*` stands for all of them."""
    options = session.options

    def is_judged(code: str) -> bool:
        is_partial = options.only or options.skip or code in OF_RUNS or code in session.unasked
        return not (is_partial or is_unseen(code, facts, looks))

    return is_judged


def _rendered(found: Sequence[Violation], style: str, prefix: str) -> str:
    """The violations in a format; each is imported only where it is asked for.

    Services that show them beside the code know paths from the top of the repository only: `prefix` and the path.
    """
    from codemod.reports import violations

    if style in OF_SERVICES:
        found = [replace(violation, path=prefix + violation.path) for violation in found]
    if style == "json":
        from codemod.reports.jsonreport import check_json

        return check_json(found)
    if style == "sarif":
        from codemod import __version__
        from codemod.reports.sarif import sarif

        return sarif(found, __version__)
    if style == "gitlab":
        from codemod.reports.codequality import code_quality

        return code_quality(found)
    if style == "junit":
        from codemod.reports.junit import junit

        return junit(found)
    return violations.github(found) if style == "github" else violations.text(found)


def _counted(found: Sequence[Violation], style: str) -> str:
    from codemod.reports import violations
    from codemod.reports.jsonreport import statistics_json

    return statistics_json(violations.counted(found)) if style == "json" else violations.statistics(found)


def _summary(plan: Plan, found: Sequence[Violation]) -> str:
    """How much was found, and in how many files nothing could be."""
    from codemod.wording import plural

    codes = _counts(violation.code for violation in found)
    verdict = f"{plural(len(found), 'violation')} ({codes})" if found else "No violations"
    lines = [f"{verdict} in {plural(plan.scanned, 'file')}."]
    unread = [entry.code for entry in plan.left if entry.code in UNREAD] + ["unreadable"] * len(plan.failed)
    if unread:
        lines.append(f"{plural(len(unread), 'text')} could not be read, and so not checked ({_counts(unread)}).")
    return "".join(f"{line}\n" for line in lines)


def _counts(codes: Iterable[str]) -> str:
    return ", ".join(f"{code} {count:,}" for code, count in sorted(Counter(codes).items()))
