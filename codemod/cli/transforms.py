"""`unfloat transforms`: what there is to rewrite with."""

from __future__ import annotations

import click

from codemod.cli._options import Options, shared


@click.command("transforms")
@shared
def command(options: Options) -> None:
    """List the transforms, each with what it does."""
    from codemod import registry
    from codemod.cli._terminal import emit

    chosen = registry.select(registry.load(), options.only, options.skip)
    wide = max((len(transform.name) for transform in chosen), default=0)
    firsts = (registry.documentation(transform).partition("\n")[0] for transform in chosen)
    rows = (f"{transform.name:<{wide}}  {first}" for transform, first in zip(chosen, firsts, strict=True))
    emit("".join(f"{row.rstrip()}\n" for row in rows))
