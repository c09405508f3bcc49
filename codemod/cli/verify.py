"""`unfloat verify`: the proof of a migration that was carried out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING

import click

from codemod.cli._options import Options, shared

if TYPE_CHECKING:
    from codemod.cli._session import Session
    from codemod.outcome import Plan
    from codemod.proof.snapshot import Snapshot
    from codemod.proof.unshown import Written
    from codemod.proof.verdict import Proof, Target
    from codemod.reference import Reference
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
    from codemod.cli import _proving
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
        plan = session.plan()
        written, kept = _pinned(plan, _reader(place.before))
        known = _proving.known_digests(session, kept)
        proof = _proving.proven(session, found, place, tools, planned=known, written=written, all_images=everything)
    explained = _proving.explained_by(plan)
    emit(report.to_json(proof, explained) if style == "json" else _text(proof, explained))
    if not options.quiet:
        say(report.summary(proof))
    finish((), found=proof.failed)


def _targets(session: Session, before: Snapshot, folder: str) -> Iterator[Target]:
    """The releases and kustomizations of both sides."""
    from codemod.cli._proving import stacks
    from codemod.proof.verdict import kustomizations, targets

    old = _reader(folder)
    sides = stacks(session, session.tree.paths, session.tree.read), stacks(session, before.paths, old)
    yield from targets(
        sides[0],
        kustomizations(session.tree.paths, session.tree.text),
        (sides[1], kustomizations(before.paths, lambda path: _bytes(old(path)))),
    )


def _pinned(plan: Plan, before: Callable[[str], Source | None]) -> tuple[Written, frozenset[Reference]]:
    """The digests that images have now and that their files did not hold before; and the images that they did hold."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    kept: set[Reference] = set()
    pinned = [entry for entry in plan.images if entry.reference is not None and entry.reference.digest is not None]
    texts = {path: _bytes(before(path)) or b"" for path in dict.fromkeys(entry.site.path for entry in pinned)}
    for entry in pinned:
        path, reference = entry.site.path, entry.reference
        if reference is not None and (digest := reference.digest or "").encode() not in texts[path]:
            found[path][reference.name] = digest
        elif reference is not None:
            kept.add(reference)
    return found, frozenset(kept)


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


def _text(proof: Proof, explained: Collection[str]) -> str:
    """The lines of a proof, each of them one whatever the tree's texts hold."""
    from codemod.proof import report
    from codemod.wording import printable

    return "".join(f"{printable(line)}\n" for line in report.lines(proof, explained))
