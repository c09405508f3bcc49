"""`unfloat stacks`: what releases there are, and what each reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from codemod.cli._options import Options, shared

if TYPE_CHECKING:
    from codemod.cli._session import Session
    from codemod.fleet import Stack


@click.command("stacks")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@click.option("--environment", metavar="NAME", help="Only the releases of this environment.")
@click.option("--reads", metavar="FILE", help="Only the releases that read this file or folder, or miss it.")
@shared
def command(options: Options, style: str, environment: str | None, reads: str | None) -> None:
    """List the releases, each with its chart and its layers of values."""
    import sys

    from codemod.cli._session import open_session
    from codemod.cli._terminal import complain_of, emit, finish, is_colored, say
    from codemod.reports import stacks

    session = open_session(options)
    found = session.facts().stacks
    if environment is not None:
        found = _of_environment(found, environment)
    if reads is not None:
        found = _readers(session, found, reads)
    is_json = style == "json"
    emit(stacks.to_json(found) if is_json else stacks.text(found, is_colored(sys.stdout, options.color)))
    complain_of(session.tree.failed)
    if not options.quiet:
        say(stacks.summary(found))
    finish(session.tree.failed)


def _of_environment(found: Sequence[Stack], environment: str) -> tuple[Stack, ...]:
    """The releases of one environment. Raises `UnfloatError` where none has it."""
    chosen = tuple(stack for stack in found if stack.environment == environment)
    if not chosen:
        from codemod.errors import UnfloatError
        from codemod.registry import unknown

        names = sorted({stack.environment for stack in found if stack.environment is not None})
        raise UnfloatError(unknown("environment", environment, names))
    return chosen


def _readers(session: Session, found: Sequence[Stack], reads: str) -> tuple[Stack, ...]:
    """The releases that read a file. Raises `UnfloatError` where there is no such file, and no release misses it."""
    from codemod.cli._paths import path_in
    from codemod.errors import UnfloatError
    from codemod.fleet.stack import is_read_by

    path = path_in(session.root, reads)
    readers = tuple(stack for stack in found if is_read_by(path, stack))
    is_there = path == "." or any(one == path or one.startswith(f"{path}/") for one in session.tree.paths)
    if not readers and not is_there:
        raise UnfloatError(f"{reads}: no such file in {session.root}; name one relative to that folder")
    return readers
