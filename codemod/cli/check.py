"""`unfloat check`: the gate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from codemod.cli._options import Options, shared

if TYPE_CHECKING:
    import datetime

    from codemod.cli._session import Session
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
@click.option("--pull-secrets", is_flag=True, help="Private images (`private:`) whose pods cannot pull them, too.")
@shared
def command(options: Options, style: str, day: datetime.datetime | None, pull_secrets: bool) -> None:
    """Fail while anything that Git deploys floats."""
    from codemod.cli._session import open_session
    from codemod.cli._terminal import complain_of, emit, finish, say
    from codemod.gate import in_order, judges_names, violations

    session = open_session(options, day.date() if day else None)
    if pull_secrets:
        _know_private(session)
    facts = session.facts(names_all=pull_secrets or judges_names(session.config))
    plan = session.plan(facts=facts)
    found = violations(plan, session.config, session.today)
    unread: Sequence[str] = ()
    if pull_secrets:
        from codemod.pulls.judge import judge

        missing = judge(facts, plan.images, session.config, session.today)
        found, unread = in_order((*found, *missing.violations)), missing.unread
    emit(_rendered(found, style))
    complain_of(plan.failed)
    if not options.quiet:
        say(_summary(plan, found) + _unread(unread))
    finish(plan.failed, found=bool(found))


def _know_private(session: Session) -> None:
    """Raise `UnfloatError` where nothing says which images are private."""
    if not session.config.private:
        from codemod.errors import UnfloatError

        example = "private: [ghcr.io/acme/**]"
        raise UnfloatError(f"nothing says which images are private; list them in .unfloat.yaml, such as `{example}`")


def _unread(names: Sequence[str]) -> str:
    """How many releases could not be checked for pull secrets, since they cannot be rendered here."""
    from codemod.reports.shared import plural

    return (
        f"{plural(len(names), 'release')} could not be rendered in full, and so not be checked for pull secrets.\n"
        if names
        else ""
    )


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
