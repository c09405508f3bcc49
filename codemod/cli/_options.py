"""The argument and the options that all commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click
from msgspec import Struct


class Options(Struct, frozen=True):
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


_SHARED = {
    "path": click.argument("path", default=".", type=click.Path()),
    "config": click.option("--config", metavar="FILE", help="Read this configuration instead of PATH/.unfloat.yaml."),
    "digests": click.option(
        "--digests", metavar="FILE", multiple=True, help="Map of references to digests. Repeatable."
    ),
    "offline": click.option(
        "--offline", is_flag=True, envvar="UNFLOAT_OFFLINE", help="Ask no registry [env: UNFLOAT_OFFLINE]."
    ),
    "only": click.option("--only", metavar="TRANSFORM", multiple=True, help="Use this transform only. Repeatable."),
    "skip": click.option("--skip", metavar="TRANSFORM", multiple=True, help="Do not use this transform. Repeatable."),
    "jobs": click.option("--jobs", metavar="N", type=click.IntRange(min=1), default=1, help="Scan with N processes."),
    "color": click.option(
        "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour the output."
    ),
    "quiet": click.option("-q", "--quiet", is_flag=True, help="No summary, no progress; errors only."),
    "verbose": click.option("-v", "--verbose", is_flag=True, help="Say what is read, and how many files."),
}


def shared(command: Callable[..., None]) -> Callable[..., None]:
    """Decorator: the shared argument and options, which the command receives together as its first argument."""
    return shared_but()(command)


def shared_but(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The same decorator without the repeatable options of some names, which are then as if they were not given."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def with_options(**given: Any) -> None:
            own: dict[str, Any] = {name: () if name in names else given.pop(name) for name in Options.__struct_fields__}
            command(Options(**own), **given)

        for name, add in reversed(_SHARED.items()):
            if name not in names:
                with_options = add(with_options)
        return with_options

    return decorate


def pin_all(command: Callable[..., None]) -> Callable[..., None]:
    """Decorator: `--pin-all`."""
    text = "Pin fixed tags too (repo:tag@digest), not only those that float."
    return click.option("--pin-all", is_flag=True, help=text)(command)
