"""The command line: `main` finds a command's module by its name, and turns errors into one line and an exit code.

Every module of this package without a leading underscore is a command, and holds it as `command`. It is imported only
when it is used (or listed by `--help`), so that each command pays for its own imports alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from codemod import __version__
from codemod.errors import UnfloatError

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells give it: 128 and the number of the signal."""


class _Commands(click.Group):
    """The group of all commands, each loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the command modules, sorted."""
        files = {file for folder in __path__ for file in os.listdir(folder)}
        return sorted(file.removesuffix(".py") for file in files if file.endswith(".py") and file[0] != "_")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of one name, None if there is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = import_module(f"{__name__}.{cmd_name}").command
        return command if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest name for one that is unknown."""
        names = self.list_commands(ctx)
        if args[0] not in names and not args[0].startswith("-"):
            from codemod.registry import unknown

            raise UnfloatError(unknown("command", args[0], names))
        return super().resolve_command(ctx, args)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run; on its own it leaves with an exit code and never with a traceback that the user's input caused."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode, **extra)
        _open_streams()
        try:
            code = super().main(args, prog_name, complete_var, False, **extra)
        except (click.ClickException, UnfloatError, OSError, click.Abort) as error:
            code = _report(error)
        sys.exit(code)


def _open_streams() -> None:
    """Standard streams that the caller closed (`2>&-`) lead nowhere; no file opened later gets their numbers."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _report(error: Exception) -> int:
    """Say in one line on standard error what went wrong, and return the exit code that it stands for."""
    if isinstance(error, click.Abort):
        return INTERRUPTED
    message, code = str(error), 2
    if isinstance(error, click.UsageError):
        place = "unfloat" if error.ctx is None else error.ctx.command_path
        message = f"{error.format_message()} See `{place} --help`."
    elif isinstance(error, click.ClickException):
        message = error.format_message()
    elif isinstance(error, UnfloatError):
        code = error.exit_code
    elif isinstance(error, OSError) and error.filename is not None:
        message = f"{os.fsdecode(error.filename)}: {error.strerror}"
    from codemod.cli._terminal import complain

    complain(message)
    return code


_HELP = """Pin every container image of a GitOps repository by digest.

\b
unfloat preview   shows what would change
unfloat run       changes it and writes migration-report.md
unfloat check     fails while anything floats

Exit codes: 0 done, 1 something was found (check, preview --exit-code), 2 usage, configuration, input or output.
"""


@click.group(
    name="unfloat",
    cls=_Commands,
    help=_HELP,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="unfloat %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Without a command: print the help, as a usage error."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(2)
