"""The argument and the options that all commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import click


@dataclass(frozen=True, slots=True)
class Options:
    """What the user gave; paths as they were typed."""

    path: str
    config: str | None
    digests: tuple[str, ...]
    offline: bool
    only: tuple[str, ...]
    skip: tuple[str, ...]
    jobs: int
    color: str
    quiet: bool
    verbose: bool


_SHARED = (
    click.argument("path", default=".", type=click.Path()),
    click.option("--config", metavar="FILE", help="Read this configuration instead of PATH/.unfloat.yaml."),
    click.option("--digests", metavar="FILE", multiple=True, help="A map from references to digests. Repeatable."),
    click.option("--offline", is_flag=True, envvar="UNFLOAT_OFFLINE", help="Ask no registry [env: UNFLOAT_OFFLINE]."),
    click.option("--only", metavar="TRANSFORM", multiple=True, help="Use this transform only. Repeatable."),
    click.option("--skip", metavar="TRANSFORM", multiple=True, help="Do not use this transform. Repeatable."),
    click.option("--jobs", metavar="N", type=click.IntRange(min=1), default=1, help="Scan with N processes."),
    click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour the output."),
    click.option("-q", "--quiet", is_flag=True, help="No summary, no progress; errors only."),
    click.option("-v", "--verbose", is_flag=True, help="Say what is read, and how many files."),
)


def shared(command: Callable[..., None]) -> Callable[..., None]:
    """Decorator: the shared argument and options, which the command receives together as its first argument."""

    @functools.wraps(command)
    def with_options(**given: Any) -> None:
        command(Options(**{field.name: given.pop(field.name) for field in fields(Options)}), **given)

    for add in reversed(_SHARED):
        with_options = add(with_options)
    return with_options


def pin_all(command: Callable[..., None]) -> Callable[..., None]:
    """Decorator: `--pin-all`."""
    text = "Pin fixed tags too (repo:tag@digest), not only those that float."
    return click.option("--pin-all", is_flag=True, help=text)(command)
