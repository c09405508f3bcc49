"""`unfloat verify`: the proof of a migration that was carried out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from codemod.cli._options import Options, shared

if TYPE_CHECKING:
    from codemod.cli._session import Session
    from codemod.fleet import Stack
    from codemod.proof.snapshot import Snapshot
    from codemod.proof.tools import Tools
    from codemod.proof.verdict import Proof, Target
    from codemod.source import Source


@click.command("verify")
@click.option("--base", metavar="REV", default="HEAD", help="Compare with this revision [default: HEAD].")
@click.option("--helm", metavar="FILE", help="The helm to render with [default: the one on PATH].")
@click.option("--kustomize", metavar="FILE", help="The kustomize or kubectl [default: the one on PATH].")
@click.option("--all", "everything", is_flag=True, help="Render what did not change too, to find unexplained images.")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", help="json: every verdict.")
@shared
def command(options: Options, base: str, helm: str | None, kustomize: str | None, everything: bool, style: str) -> None:
    """Prove with helm and kustomize that only images and pull policies differ."""
    from codemod.cli._session import open_session
    from codemod.cli._terminal import emit, finish, say
    from codemod.proof import report, revision
    from codemod.proof.snapshot import Snapshot
    from codemod.proof.tools import find
    from codemod.proof.workspace import workspace

    session = open_session(options)
    before, after = revision.at(session.root, base), Snapshot(frozenset(session.tree.paths))
    with workspace(session.root, before, after) as place:
        tools = find(place.home, helm, kustomize)
        found = list(_targets(session, before, place.before))
        proof = _proof(session, found, place.before, place.after, tools, everything)
    explained = _explained(session)
    emit(report.to_json(proof, explained) if style == "json" else _text(proof, explained))
    if not options.quiet:
        say(report.summary(proof))
    finish((), found=proof.failed)


def _targets(session: Session, before: Snapshot, folder: str) -> Iterator[Target]:
    """The releases and kustomizations of both sides."""
    from codemod.proof.verdict import kustomizations, targets

    old = _reader(folder)
    stacks = _stacks(session, session.tree.paths, session.tree.read), _stacks(session, before.paths, old)
    yield from targets(
        stacks[0],
        kustomizations(session.tree.paths, session.tree.text),
        (stacks[1], kustomizations(before.paths, lambda path: _bytes(old(path)))),
    )


def _stacks(session: Session, paths: Collection[str], read: Callable[[str], Source | None]) -> tuple[Stack, ...]:
    from codemod import fleet

    return fleet.build(session.config, paths, read).stacks


def _reader(folder: str) -> Callable[[str], Source | None]:
    """A reader of the text files below a folder."""
    from codemod.proof.inputs import Side
    from codemod.source import Source

    side = Side(folder)

    def read(path: str) -> Source | None:
        data = side.read(path)
        return None if data is None or b"\0" in data else Source(path, data, "yaml")

    return read


def _bytes(source: Source | None) -> bytes | None:
    return None if source is None else source.data


def _proof(session: Session, found: list[Target], before: str, after: str, tools: Tools, everything: bool) -> Proof:
    """The proof. Raises `UnfloatError` where a program is missing that is needed for it."""
    from codemod.errors import UnfloatError
    from codemod.proof.prove import prove
    from codemod.proof.verdict import lacking

    options = session.options
    with _progress(len(found), quiet=options.quiet) as advance:
        jobs = options.jobs if options.jobs > 1 else os.cpu_count() or 1
        proof = prove(found, before, after, tools, jobs=jobs, all_images=everything, progress=advance)
    name = lacking(proof)
    if name is not None:
        raise UnfloatError(f"no {name} on PATH, and what it renders has changed; install it or name it with --{name}")
    return proof


def _text(proof: Proof, explained: Collection[str]) -> str:
    """The lines of a proof, each of them one whatever the tree's texts hold."""
    from codemod.proof import report
    from codemod.reports.shared import printable

    return "".join(f"{printable(line)}\n" for line in report.lines(proof, explained))


def _explained(session: Session) -> frozenset[str]:
    """The images that the inventory names."""
    return frozenset(str(entry.reference) for entry in session.plan().images if entry.reference is not None)


@contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[Callable[[int], None] | None]:
    """A bar on standard error that moves with every target; None where nobody would see it."""
    if quiet or not total or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Rendering", total=total)
        yield lambda done: bar.update(task, completed=done)
