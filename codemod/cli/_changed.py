"""What a branch touches: the part of a plan, or of what the gate found, that a pull request is asked about."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from codemod.fleet import Fleet
    from codemod.outcome import Plan


def touched_by(root: str, revision: str, facts: Fleet) -> Callable[[str], bool]:
    """A question about paths: whether this branch changed it since `revision`, or a file that is rendered with it.

    A changed configuration touches everything. Raises `UnfloatError` for a revision that cannot be compared with.
    """
    from codemod.configfile import NAMES
    from codemod.fleet.touched import touched
    from codemod.proof.revision import changed_since

    changed = changed_since(root, revision)
    return touched(changed, facts.stacks) if changed.isdisjoint(NAMES) else lambda path: True


def within(plan: Plan, is_wanted: Callable[[str], bool]) -> Plan:
    """The part of a plan in some of its files; what could not be read is failed all the same."""
    return replace(
        plan,
        images=tuple(entry for entry in plan.images if is_wanted(entry.site.path)),
        changed=tuple(change for change in plan.changed if is_wanted(change.site.path)),
        left=tuple(entry for entry in plan.left if is_wanted(entry.site.path)),
        remarks=tuple(entry for entry in plan.remarks if is_wanted(entry.site.path)),
        ignores=tuple(entry for entry in plan.ignores if is_wanted(entry.declared)),
        files={path: texts for path, texts in plan.files.items() if is_wanted(path)},
    )
