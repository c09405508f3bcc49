"""`unfloat init`: a configuration to start from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from codemod.cli._options import Options, shared

if TYPE_CHECKING:
    from codemod.cli._session import Session

UNDECLARED = ("chart", "values")
"""Kinds of releases that nothing declares: value files beside a chart may be variants of any kind."""


@click.command("init")
@click.option("--dry-run", is_flag=True, help="Print it, write nothing.")
@shared
def command(options: Options, dry_run: bool) -> None:
    """Write a starter configuration from what the tree shows."""
    from codemod.cli._files import below
    from codemod.cli._session import open_session
    from codemod.cli._terminal import emit, finish, say
    from codemod.configfile import NAMES, load_file
    from codemod.writer import write_report

    path = options.config or below(options.path, NAMES[0])
    if not dry_run:
        _refuse(options, path)
    session = open_session(replace(options, config=None))
    text = _text(session)
    load_file(path, text.encode())
    if dry_run:
        emit(text)
    else:
        write_report(path, text, "make its folder writable, or print it: --dry-run")
    if not options.quiet:
        say(f"{'Would write' if dry_run else 'Wrote'} {path}.\n")
    finish(session.tree.failed)


def _refuse(options: Options, path: str) -> None:
    """Raise `InputError` where there is a configuration already."""
    from codemod import configfile
    from codemod.cli._files import below, contents
    from codemod.errors import InputError

    if os.path.lexists(path):
        raise InputError(path, "there is a configuration already", "edit it, or print a starter: --dry-run")
    files = (below(options.path, name) for name in configfile.NAMES)
    holder = configfile.holder({file: contents(file) for file in files if os.path.lexists(file)})
    if holder is not None:
        raise InputError(holder, "holds the configuration already", "edit it, or print a starter: --dry-run")


def _text(session: Session) -> str:
    from codemod.starter import is_usual, seen, starter

    stacks = session.facts(names_all=False).stacks
    releases = (one.environment for one in stacks if one.kind not in UNDECLARED or is_usual(one.environment or ""))
    texts = (text for _, text in session.texts({}))
    return starter(session.config, seen(session.config, session.tree.paths, releases, texts))
