"""What goes to the terminal: data to standard output as bytes, everything for a person to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from codemod.cli._options import Options
    from codemod.outcome import Failed, Plan

PROGRESS_FROM = 1000
"""A run over fewer files is over before a progress bar would be seen."""
ASKING_FROM = 20
"""The same of references that registries are asked for."""

SHOWN = 3
"""How many images are named of those that one message concerns."""


def emit(data: str | bytes) -> None:
    """Write data to standard output; a reader that has gone away (`| head`) ends the output, not the command."""
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogateescape")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise OSError(error.errno, error.strerror, "standard output") from error


def say(text: str) -> None:
    """Write text for a person to standard error; it ends in a line end already, or is empty."""
    sys.stderr.write(text)
    sys.stderr.flush()


def complain(message: str) -> None:
    """One line on standard error that says what is wrong."""
    from codemod.wording import printable

    say(f"unfloat: {printable(message)}\n")


def is_colored(stream: TextIO, choice: str) -> bool:
    """Whether to colour what goes to a stream: as told, else on a terminal, unless NO_COLOR is set (no-color.org)."""
    if choice != "auto":
        return choice == "always"
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int | None:
    """The width of standard output in cells, None where it is no terminal."""
    return os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else None


@contextmanager
def progress(
    total: int, *, quiet: bool, what: str = "Reading", least: int = PROGRESS_FROM
) -> Iterator[Callable[[int], None] | None]:
    """A bar on standard error that moves as its function is told how many are done; None where nobody would see it."""
    if quiet or total < least or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task, step = bar.add_task(what, total=total), max(total // 100, 1)

        def advance(done: int) -> None:
            if done % step == 0:
                bar.update(task, completed=done)

        yield advance


def summarize(plan: Plan, options: Options, *, preview: bool) -> None:
    """The summary of a plan on standard error, or, where it is not wanted, only what failed."""
    if options.quiet:
        complain_of(plan.failed)
        return
    from codemod.reports.terminal import summary

    say(summary(plan, is_colored(sys.stderr, options.color), preview=preview))


def complain_of(failed: Iterable[Failed]) -> None:
    """One line for each file that could not be read or written."""
    for failure in sorted(failed, key=lambda failure: (failure.path, failure.message)):
        complain(f"{failure.path}: {failure.message}")


def finish(failed: Collection[object], *, found: bool = False) -> None:
    """Leave the command: 2 if anything failed (a file, a registry), 1 if what was looked for was found, else 0."""
    if failed or found:
        raise click.exceptions.Exit(2 if failed else 1)


def finish_plan(plan: Plan, *, found: bool = False) -> None:
    """Leave a command that asked registries: what they could not say is told, and is a failure like any other."""
    unasked = [entry for entry in plan.left if entry.code == "registry-failed"]
    complain_by_message((entry.message, entry.image or entry.text) for entry in unasked)
    finish([*plan.failed, *unasked], found=found)


def complain_by_message(images: Iterable[tuple[str, str]]) -> None:
    """One line for each message, with the first of the images that it concerns."""
    by_message: dict[str, set[str]] = {}
    for message, image in images:
        by_message.setdefault(message, set()).add(image)
    for message, names in sorted(by_message.items()):
        more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
        complain(f"{message} [{', '.join(sorted(names)[:SHOWN])}{more}]")
