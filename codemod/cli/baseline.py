"""`unfloat baseline`: the violations of today as dated exceptions."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from codemod.cli._further import Asked, asked, offered
from codemod.cli._options import Options, shared

if TYPE_CHECKING:
    from codemod.cli._session import Session
    from codemod.config import Allowance
    from codemod.outcome import Failed

ROUNDS_MAX = 8
"""A place that several images break in several releases shows them one by one; so many are more than there are."""


@click.command("baseline")
@click.option("--owner", metavar="NAME", required=True, help="Who ends these exceptions.")
@click.option("--reason", metavar="TEXT", default="there before the gate", help="Why they are.", show_default=True)
@click.option("--expires", metavar="YYYY-MM-DD", type=click.DateTime(["%Y-%m-%d"]), help="Their last day.")
@click.option("--dry-run", is_flag=True, help="Print the entries, write nothing.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Judge as of this day, not today.")
@offered
@shared
def command(
    options: Options,
    owner: str,
    reason: str,
    expires: datetime.datetime | None,
    dry_run: bool,
    day: datetime.datetime | None,
    **further: Any,
) -> None:
    """Write the present violations as dated exceptions, so that the gate can be turned on today."""
    from codemod.baseline import in_yaml
    from codemod.cli._session import open_session
    from codemod.cli._terminal import complain_of, emit, finish, say
    from codemod.exceptions import last_day

    wanted = asked(further)
    session = open_session(options, day.date() if day else None, remarks=wanted.remarks)
    wanted.check(session.config)
    latest = last_day(session.today, session.config)
    last = expires.date() if expires else latest
    if last < session.today:
        raise click.UsageError(f"--expires {last} has passed; name a day to come.")
    if last > latest:
        raise click.UsageError(f"--expires {last} is later than `exception_days` lets exceptions hold, {latest}.")
    if not owner.strip() or not reason.strip():
        raise click.UsageError("--owner and --reason say who and why; neither can be blank.")
    found, failed = _exceptions(session, wanted, owner, reason, last)
    if dry_run:
        emit(in_yaml("", b"", found).decode() if found else "")
    elif found:
        _write(session, found)
    complain_of(failed)
    if not options.quiet:
        say(_summary(found, last, dry_run))
    finish(failed)


def _exceptions(
    session: Session, wanted: Asked, owner: str, reason: str, expires: datetime.date
) -> tuple[Sequence[Allowance], Sequence[Failed]]:
    """Exceptions for all that the gate objects to, those of the configuration granted; the narrow ones come first.

    With them what could not be read.
    """
    from codemod.baseline import exceptions
    from codemod.cli._judging import judged

    given, found, failed = session.config, list["Allowance"](), list["Failed"]()
    for _ in range(ROUNDS_MAX):
        session.config = given.allowing(found)
        seen = judged(session, wanted)
        failed = list(seen.plan.failed)
        more = exceptions(seen.violations, owner, reason, expires)
        if not more:
            break
        found += more
    session.config = given
    return sorted(found, key=lambda one: (one.path, one.code, one.image == "**", one.image)), failed


def _write(session: Session, found: Sequence[Allowance]) -> None:
    """Add the exceptions to the configuration that there is, or make one; read it again before it is written."""
    from codemod import configfile
    from codemod.baseline import in_toml, in_yaml
    from codemod.errors import InputError
    from codemod.writer import write_report

    path, data = session.configuration
    is_toml = path.endswith(".toml")
    after = (in_toml if is_toml else in_yaml)(path, data, found)
    if configfile.load_file(path, after).allow != (*session.config.allow, *found):
        raise InputError(path, "the exceptions would be read as something else", "add them by hand: --dry-run")
    write_report(path, after.decode(), "make it writable, or add the entries by hand: --dry-run")


def _summary(found: Sequence[Allowance], last: datetime.date, dry_run: bool) -> str:
    from codemod.wording import plural

    if not found:
        return "No violations, so no exceptions.\n"
    return f"{'Would write' if dry_run else 'Wrote'} {plural(len(found), 'exception')}, until {last}.\n"
