"""What a cluster would show: everything that is deployed, rendered as the files are."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from codemod.errors import UnfloatError

if TYPE_CHECKING:
    from codemod.cli._running import Programs
    from codemod.cli._session import Session
    from codemod.fleet import Fleet
    from codemod.proof.every import Item, Shown


def rendered(
    session: Session, facts: Fleet, programs: Programs, is_touched: Callable[[str], bool]
) -> tuple[Shown, ...]:
    """Every release and kustomization that is made from a touched file.

    Raises `UnfloatError` where a program is missing that one of them needs.
    """
    from codemod.cli._terminal import progress
    from codemod.proof.every import render_all
    from codemod.proof.snapshot import Snapshot
    from codemod.proof.tools import find
    from codemod.proof.verdict import kustomizations
    from codemod.proof.workspace import workspace
    from codemod.rendered.roots import files_of, folders, releases

    tree, options = session.tree, session.options
    buildable = kustomizations(tree.paths, tree.text)
    every: list[Item] = [*releases(facts), *folders(facts, buildable)]
    items = [item for item in every if any(map(is_touched, files_of(facts, item)))]
    jobs = options.jobs if options.jobs > 1 else os.cpu_count() or 1
    with workspace(session.root, Snapshot(frozenset()), Snapshot(frozenset(tree.paths))) as place:
        tools = find(place.home, *programs)
        with progress(len(items), quiet=options.quiet, what="Rendering", least=1) as advance:
            found = render_all(items, place.after, tools, jobs=jobs, progress=advance)
    name = next((one.lacks for one in found if one.lacks), None)
    if name is not None:
        raise UnfloatError(
            f"no {name} on PATH, and something here is rendered by it; install it or name it with --{name}"
        )
    return found
