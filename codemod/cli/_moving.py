"""What `update` and `promote` share: their options, the lock, and the way from moves to files and commits."""

from __future__ import annotations

import datetime
import functools
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from codemod.cli._options import Options
from codemod.errors import UnfloatError

if TYPE_CHECKING:
    from codemod.cli._session import Session
    from codemod.digests.lock import Lock
    from codemod.moving.moves import Moves

LOCK_MEND = "let it be written, or name another root"


class Output(Struct, frozen=True):
    """What is to become of the moves."""

    commit: bool
    branch: str | None
    pr_body: str | None
    style: str


_OPTIONS = (
    click.option("--commit", is_flag=True, help="Make one Git commit of it; the tree must be clean."),
    click.option("--branch", metavar="NAME", help="Make the commit on this new branch."),
    click.option("--pr-body", metavar="FILE", help="Write the text of a pull request, - for stdout."),
    click.option(
        "--format", "style", type=click.Choice(["text", "json"]), default="text", help="json: the moves on stdout."
    ),
)


def moving(command: Callable[..., None]) -> Callable[..., None]:
    """Decorator, below the one of the shared options: those of the commands that move digests, as an `Output`."""

    @functools.wraps(command)
    def with_options(options: Options, **given: Any) -> None:
        output = Output(**{name: given.pop(name) for name in Output.__struct_fields__})
        if output.branch is not None and not output.commit:
            raise click.UsageError("--branch is for --commit.")
        if output.pr_body == "-" and output.style == "json":
            raise click.UsageError("--pr-body - and --format json both want standard output.")
        command(options, output, **given)

    for add in reversed(_OPTIONS):
        with_options = add(with_options)
    return with_options


def now() -> datetime.datetime:
    """The time that goes into the lock; SOURCE_DATE_EPOCH (reproducible-builds.org) sets it. Raises `UnfloatError`."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if not given:
        return datetime.datetime.now(datetime.UTC)
    try:
        return datetime.datetime.fromtimestamp(int(given), datetime.UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UnfloatError(f"SOURCE_DATE_EPOCH is {given!r}: write whole seconds since 1970, or unset it") from error


def write_lock(session: Session, lock: Lock) -> None:
    """Write the lock, unless it says the same already. Raises `WriteError`."""
    from codemod.writer import write_report

    write_report(lock_path(session), lock.dump().decode(), LOCK_MEND)


def lock_path(session: Session) -> str:
    """The lock at the root."""
    from codemod.cli._files import below
    from codemod.digests.lock import NAME

    return below(session.root, NAME)


def show(session: Session, output: Output, moves: Moves, *, nothing: str, subject: str, diff: bool) -> None:
    """Moves on standard output (as a patch if they are not carried out), their count on standard error."""
    import sys

    from codemod.cli._terminal import complain_by_message, complain_of, emit, is_colored, say
    from codemod.reports import moves as reports
    from codemod.writer import write_report

    _refuse_overwriting(session, output, moves)
    if output.style == "json":
        emit(reports.to_json(moves))
    elif output.pr_body != "-":
        if diff:
            from codemod.reports.diff import unified

            emit(unified(moves.files, session.prefix, is_colored(sys.stdout, session.options.color)))
        else:
            emit(reports.text(moves))
    body = reports.pull_request(moves, subject if moves.moves else nothing, session.prefix)
    if output.pr_body == "-":
        emit(body)
    elif output.pr_body is not None:
        write_report(output.pr_body, body, "name another file with --pr-body")
    if not session.options.quiet:
        say(reports.stays(moves) if diff and output.style == "text" else "")
        say(reports.summary(moves, nothing=nothing))
    complain_of(session.tree.failed)
    complain_by_message((stay.message, str(stay.pinned.references[0])) for stay in moves.unanswered)


def _refuse_overwriting(session: Session, output: Output, moves: Moves) -> None:
    """The text of a pull request takes the place of no file that the moves are about."""
    meant = [lock_path(session), *(os.path.join(session.root, path) for path in moves.files)]
    if output.pr_body and os.path.realpath(output.pr_body) in map(os.path.realpath, meant):
        raise UnfloatError(f"{output.pr_body}: it moves itself; name another file with --pr-body")


def carry_out(session: Session, output: Output, moves: Moves, lock: Lock | None, subject: str) -> None:
    """Write the files and the lock, in a commit if one is wanted. Nothing is done where nothing moves."""
    if not moves.moves:
        return

    def write() -> None:
        _write(session, moves, lock)

    if not output.commit:
        write()
        return
    from codemod.cli._git import Repository
    from codemod.cli._terminal import say
    from codemod.reports.moves import commit_message

    paths = [os.path.join(session.root, path) for path in moves.files]
    paths += [lock_path(session)] if lock is not None else []
    message = commit_message(moves, subject, session.prefix)
    name = Repository(session.root).commit(output.branch, paths, message, write)
    if not session.options.quiet:
        say(f"Committed {name}{f' on {output.branch}' if output.branch else ''}.\n")


def refuse_dirty(session: Session, output: Output) -> None:
    """Where a commit is wanted, the tree must be clean before anything is asked."""
    if output.commit:
        from codemod.cli._git import Repository

        Repository(session.root).refuse_dirty(output.branch)


def _write(session: Session, moves: Moves, lock: Lock | None) -> None:
    """Write the files, then the lock, which knows what those hold that could be written. Raises `WriteError`."""
    from codemod.errors import WriteError
    from codemod.writer import write_all

    failed = write_all(session.root, moves.files)
    if lock is not None:
        write_lock(session, lock)
    if failed:
        raise WriteError("; ".join(f"{failure.path}: {failure.message}" for failure in failed))
