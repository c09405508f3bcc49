"""A migration: planned, proven, planned again on its result, and written; and the report of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from codemod.outcome import Plan

if TYPE_CHECKING:
    from codemod.cli._session import Edited, Session
    from codemod.fleet import Fleet
    from codemod.outcome import Changed, Failed
    from codemod.proof.rollback import Provable
    from codemod.reports.proof import Proved

Programs = tuple[str | None, str | None]
"""The helm and the kustomize that the user named, None for those on PATH."""


class Run(Struct, frozen=True):
    """The plan that is carried out, the one of the tree after it, and what the proof found, if one was asked for."""

    before: Plan
    after: Plan
    proved: Proved | None = None


def planned(session: Session, pin_all: bool) -> Run:
    """What would be carried out; nothing is written."""
    planning = _Planning(session, pin_all)
    before = planning.plan({})
    return planning.run(before, planning.after)


def carry_out(session: Session, pin_all: bool, programs: Programs | None = None) -> Run:
    """Plan, prove the plan if there are `programs` for it, plan again on the result, and only then write."""
    from codemod.writer import write_all

    planning = _Planning(session, pin_all)
    found = _provable(planning, programs) if programs is not None else None
    before = planning.plan({}) if found is None else found.plan
    after = planning.after
    failed = write_all(session.root, before.files)
    if failed:
        before = _without(before, failed)
        after = replace(planning.again(before), failed=before.failed)
    run = planning.run(before, after)
    return replace(run, proved=_proved(found, run.after)) if found is not None else run


class _Planning:
    """Plans whose result is planned again at once (`after`): it must have nothing to change.

    What would change its own result again is a fault of a transform, and its files stay as they are.
    """

    def __init__(self, session: Session, pin_all: bool) -> None:
        self.session, self.pin_all = session, pin_all
        self.rolled_back: Mapping[str, str] = {}
        self.restless: dict[str, str] = {}
        self.after = Plan()
        self._facts: Fleet | None = None

    def plan(self, rolled_back: Mapping[str, str]) -> Plan:
        """The plan without the files that a proof rolled back."""
        self.rolled_back = rolled_back
        while True:
            before = self._plan({})
            self.after = self.again(before)
            found = _restless(before, self.after)
            if not found:
                return before
            self.restless |= found

    def again(self, plan: Plan) -> Plan:
        """The plan of the tree as a plan leaves it."""
        return self._plan(_edited(plan))

    def run(self, before: Plan, after: Plan) -> Run:
        """Both plans, with what Argo CD may be told to ignore in the tree that was planned last."""
        ignores = self.session.ignores(self._facts) if self._facts is not None else ()
        return Run(replace(before, ignores=ignores), replace(after, ignores=ignores))

    def _plan(self, edited: Edited) -> Plan:
        self._facts = self.session.facts(edited, pin_all=self.pin_all)
        return self.session.plan(
            edited,
            pin_all=self.pin_all,
            to_edit=True,
            rolled_back=self.rolled_back,
            restless=self.restless,
            facts=self._facts,
        )


def _provable(planning: _Planning, programs: Programs) -> Provable:
    """The part of the plan whose proof holds, and the files that stay for it."""
    from codemod.cli import _proving

    return _proving.provable_plan(planning.session, planning.plan, programs)


def _proved(found: Provable, after: Plan) -> Proved:
    from codemod.cli import _proving

    return _proving.proved(found, after)


def _edited(plan: Plan) -> Edited:
    return {path: after for path, (_, after) in plan.files.items()}


def _restless(before: Plan, after: Plan) -> dict[str, str]:
    """The edited files in which the result would be changed again, each with the first such change.

    All of them, where it is files that are not edited which would change.
    """
    said = {change.site.path: _again(change) for change in reversed(after.changed)}
    found = {path: said[path] for path in said if path in before.files}
    return found or (dict.fromkeys(before.files, next(iter(said.values()))) if said else {})


def _again(change: Changed) -> str:
    return (
        f"{change.site.transform} would change its own result again at {change.site.path}:{change.site.line} "
        f"({change.before!r} to {change.after!r})"
    )


def _without(plan: Plan, failed: list[Failed]) -> Plan:
    """The plan without the files that could not be written."""
    paths = {failure.path for failure in failed}
    return replace(
        plan,
        changed=tuple(change for change in plan.changed if change.site.path not in paths),
        files={path: texts for path, texts in plan.files.items() if path not in paths},
        failed=(*plan.failed, *failed),
    )


def report_text(session: Session, run: Run) -> str:
    """The Markdown report of a plan that was carried out and of the plan after it."""
    from codemod.inventory import searches
    from codemod.reports.markdown import report

    before, after = run.before, run.after
    texts = [(text for _, text in session.texts(edited)) for edited in (_originals(before), _edited(before))]
    inventory = searches(before, after, texts[0], texts[1], session.config.floating_tags)
    where = session.prefix.rstrip("/") or "."
    return report(before, after, inventory=inventory, title_path=where, proved=run.proved)


def _originals(plan: Plan) -> Edited:
    return {path: before for path, (before, _) in plan.files.items()}
