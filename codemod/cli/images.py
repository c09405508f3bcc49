"""`unfloat images`: the inventory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from codemod.cli._options import Options, shared

if TYPE_CHECKING:
    from codemod.cli._session import Session
    from codemod.outcome import Plan


@click.command("images")
@click.option(
    "--format", "style", type=click.Choice(["table", "json", "csv"]), default="table", help="How to print it."
)
@click.option("--unresolved", is_flag=True, help="Print the floating references without a digest, as a map to fill in.")
@shared
def command(options: Options, style: str, unresolved: bool) -> None:
    """List every image reference with the image that it means."""
    from codemod.cli._session import open_session
    from codemod.cli._terminal import complain_of, emit, finish

    session = open_session(options)
    plan = session.plan()
    emit(_unresolved(session, plan) if unresolved else _rendered(plan, style))
    complain_of(plan.failed)
    finish(plan.failed)


def _rendered(plan: Plan, style: str) -> str:
    if style == "json":
        from codemod.reports.jsonreport import images_json

        return images_json(plan)
    from codemod.cli._terminal import width
    from codemod.reports import table

    return table.images_csv(plan) if style == "csv" else table.images_table(plan, width())


def _unresolved(session: Session, plan: Plan) -> str:
    """A digest map with empty values, for `--digests` once they are filled in."""
    from codemod.outcome import FLOATING

    wanted = {
        entry.reference.lookup
        for entry in plan.images
        if entry.reference is not None and entry.status == FLOATING and entry.is_for_registries
    }
    unknown = wanted - session.digests.resolve(wanted).keys()
    return "".join(f"{reference}:\n" for reference in sorted(map(str, unknown))) or "{}\n"
