"""The reason codes of transitional entries: why a place stays as it is."""

from __future__ import annotations

from codemod.reasons.digests import DIGESTS
from codemod.reasons.places import PLACES
from codemod.reasons.policies import POLICIES
from codemod.reasons.releases import RELEASES
from codemod.reasons.runs import RUNS
from codemod.reasons.scripts import SCRIPTS

__all__ = ["REASONS", "SCRIPTS"]

REASONS = (*DIGESTS, *RELEASES, *PLACES, *POLICIES, *SCRIPTS, *RUNS)
"""All of them, in the order in which reports show them."""
