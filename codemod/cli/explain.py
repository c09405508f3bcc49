"""`unfloat explain`: why things are as they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from codemod.cli._options import Options, pin_all, shared
from codemod.patterns import on_use

if TYPE_CHECKING:
    from codemod.cli._session import Session
    from codemod.explain import Explained

_PLACE = on_use(r"(.+?):(\d{1,9})(?::(\d{1,9}))?", re.DOTALL)


@click.command("explain")
@click.argument("name", metavar="CODE|TRANSFORM|FILE:LINE[:COLUMN]")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@pin_all
@shared
def command(options: Options, name: str, style: str, pin_all: bool) -> None:
    """Explain a code, a transform, or the image at one place of a file."""
    from codemod.cli._terminal import complain_of, emit, finish

    match = _PLACE.fullmatch(name)
    if match is None:
        emit(_explanation(name, as_json=style == "json"))
        return
    from codemod.cli._session import open_session
    from codemod.reports import explained, explainedjson

    session = open_session(options)
    shown = _sites(session, match[1], int(match[2]), int(match[3]) if match[3] else None, pin_all)
    emit(explainedjson.sites(shown) if style == "json" else explained.text(shown, every=options.verbose))
    complain_of(session.tree.failed)
    finish(session.tree.failed)


def _explanation(name: str, *, as_json: bool) -> str:
    """The text about one name, whatever its case and whether it is written with `_` or `-`."""
    import os

    from codemod import registry
    from codemod.codes import CODES
    from codemod.errors import UnfloatError
    from codemod.reports import explainedjson

    plain = name.strip().replace("_", "-").lower()
    for code in CODES.values():
        if code.code.lower() == plain:
            words = f"{code.code}: {code.title}\n\n{code.why}\n\nWhat to do: {code.mend}\n"
            return explainedjson.code(code) if as_json else words
    transforms = {transform.name: transform for transform in registry.load()}
    if plain in transforms:
        documentation = registry.documentation(transforms[plain])
        return explainedjson.transform(plain, documentation) if as_json else f"{plain}: {documentation}\n"
    if "/" in name or os.path.isfile(name):
        raise UnfloatError(f"{name}: a file; name the line, too: {name}:LINE")
    raise UnfloatError(registry.unknown("code or transform", name, [*CODES, *transforms]))


def _sites(session: Session, file: str, line: int, column: int | None, pin_all: bool) -> list[Explained]:
    """Everything about the sites of one place. Raises `UnfloatError` where there is none."""
    from codemod import explain
    from codemod.chain import Chains
    from codemod.cli._paths import path_in
    from codemod.errors import UnfloatError
    from codemod.reports import explained
    from codemod.scan import Scanner

    path = path_in(session.root, file)
    source = session.tree.read(path)
    if source is None:
        raise UnfloatError(f"{file}: {_why_unread(session, path)}")
    facts = session.facts(pin_all=pin_all)
    scanner, chains = Scanner(session.transforms, facts), Chains(facts)
    found = explain.sites(scanner.findings(source))
    here = explain.at(found, line, column)
    plan = session.plan(pin_all=pin_all, to_edit=True, facts=facts) if here else None
    shown = [explain.explained(one, plan, facts, chains) for one in here if plan is not None]
    shown = [one for one in shown if not one.is_idle]
    if not shown:
        parts = explain.sites_of(path, line, scanner, chains)
        lines = source.data.rstrip(b"\n").count(b"\n") + 1
        raise UnfloatError(explained.nothing(path, (line, column), lines, found, parts))
    return shown


def _why_unread(session: Session, path: str) -> str:
    """Why there is no text to look at, and what to do."""
    import os

    if path in session.tree.paths:
        return "holds no text, or cannot be read; name a text file"
    if os.path.lexists(os.path.join(session.root, path)):
        return "no file of the run (a folder, or ignored by Git); name one that is"
    return f"no such file in {session.root}; name one relative to that folder"
