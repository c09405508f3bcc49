"""`unfloat explain`: why things are as they are."""

from __future__ import annotations

import click

from codemod.cli._options import Options, shared


@click.command("explain")
@click.argument("name", metavar="CODE|TRANSFORM")
@shared
def command(options: Options, name: str) -> None:
    """Explain a reason code, a code of the gate, or a transform."""
    from codemod.cli._terminal import emit

    emit(_explanation(name))


def _explanation(name: str) -> str:
    """The text about one name, whatever its case and whether it is written with `_` or `-`."""
    from codemod import registry
    from codemod.codes import CODES
    from codemod.errors import UnfloatError

    plain = name.strip().replace("_", "-").lower()
    for code in CODES.values():
        if code.code.lower() == plain:
            return f"{code.code}: {code.title}\n\n{code.why}\n\nWhat to do: {code.mend}\n"
    transforms = {transform.name: transform for transform in registry.load()}
    if plain in transforms:
        return f"{plain}: {registry.documentation(transforms[plain])}\n"
    raise UnfloatError(registry.unknown("code or transform", name, [*CODES, *transforms]))
