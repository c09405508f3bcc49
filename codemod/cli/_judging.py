"""What the gate objects to in an opened tree, what it looks for on request included."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from codemod.cli._further import Asked
    from codemod.cli._session import Session
    from codemod.exceptions import Exceptions
    from codemod.fleet import Fleet
    from codemod.gate import Violation
    from codemod.outcome import Plan


class Judged(Struct, frozen=True):
    """The violations in order, in all files; what they were found in; and lines on what could not be looked at.

    `is_touched` says which files were asked about; `exceptions` know by now which of them were of use.
    """

    violations: tuple[Violation, ...]
    facts: Fleet
    plan: Plan
    exceptions: Exceptions
    remarks: tuple[str, ...]
    is_touched: Callable[[str], bool]


def judged(session: Session, asked: Asked, revision: str | None = None) -> Judged:
    """Judge a tree, or what a branch touches of it since it left a revision."""
    from codemod import platforms
    from codemod.cli._further import Case
    from codemod.gate import in_order, judges_names, violations

    names_all = any(look.names_all for look in asked.looks) or judges_names(session.config, session.tree.paths)
    facts = session.facts(names_all=names_all)
    plan = session.plan(facts=facts)
    exceptions = session.exceptions(plan)
    lacking = platforms.violations(plan, session.config, session.sources.lock, exceptions)
    found = in_order((*violations(plan, session.config, exceptions), *lacking))
    is_touched, remarks = _touched(session.root, revision, facts), list[str]()
    for look in asked.looks:
        more = look.find(Case(session, facts, plan, exceptions, found, is_touched, asked.programs))
        found = in_order((*found, *more.violations))
        remarks += more.remarks
    return Judged(found, facts, plan, exceptions, tuple(remarks), is_touched)


def _touched(root: str, revision: str | None, facts: Fleet) -> Callable[[str], bool]:
    """Which files are judged: all, or what a branch touches since it left a revision."""
    if revision is None:
        return lambda path: True
    from codemod.cli._changed import touched_by

    return touched_by(root, revision, facts)
