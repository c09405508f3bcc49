"""The part of a plan whose proof holds: what fails is rolled back, and the rest is proven again."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from codemod.errors import UnfloatError
from codemod.outcome import Plan
from codemod.proof.report import difference
from codemod.proof.verdict import DIFFERS, Proof, Verdict

RolledBack = Mapping[str, str]
"""The files that are to stay as they are, each with what differed when they did not."""


class Provable(Struct, frozen=True):
    """A plan with its proof, in which nothing differs; what was rolled back for it, and the verdicts that failed."""

    plan: Plan
    proof: Proof
    rolled_back: RolledBack
    failed: tuple[Verdict, ...]


def provable(plan: Callable[[RolledBack], Plan], prove: Callable[[Plan], Proof]) -> Provable:
    """Plan and prove, each time with the files of failed targets rolled back, until nothing fails.

    What is rolled back for one target may be part of others, and what depends on it may stay behind too: so everything
    is planned and proven again. Raises `UnfloatError` for a target that fails though none of its files is edited.
    """
    rolled_back: dict[str, str] = {}
    failed: list[Verdict] = []
    while True:
        planned = plan(dict(rolled_back))
        proof = prove(planned)
        if not proof.failed:
            return Provable(planned, proof, rolled_back, tuple(failed))
        failed += proof.of(DIFFERS)
        found = _blamed(proof, planned)
        if not found:
            verdict = proof.of(DIFFERS)[0]
            problem = "it is rendered from no edited file that could be rolled back, so nothing was written"
            raise UnfloatError(f"{_what(verdict)}; {problem}; run without --prove")
        rolled_back |= found


def _blamed(proof: Proof, plan: Plan) -> dict[str, str]:
    """The edited files of the targets that failed, each with what differed in the first of them."""
    found: dict[str, str] = {}
    for verdict in proof.of(DIFFERS):
        for path in verdict.files:
            if path in plan.files:
                found.setdefault(path, _what(verdict))
    return found


def _what(verdict: Verdict) -> str:
    """The first difference of a target, in one line."""
    return difference(verdict, verdict.differences[0])
