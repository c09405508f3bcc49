"""The words that say why: reason codes of transitional entries and codes of the gate, each with its mend.

Codes are stable: scripts, exceptions (`allow:` in `.unfloat.yaml`) and dashboards are keyed by them. `docs/codes.md` is
`page()`; write it anew after a change here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from codemod.code import Code
from codemod.reasons import REASONS, SCRIPTS
from codemod.violations import VIOLATIONS

__all__ = ["CODES", "ON_SCRIPTS", "Code", "page"]

CODES: Mapping[str, Code] = MappingProxyType({code.code: code for code in (*REASONS, *VIOLATIONS)})
"""All codes by their word, in the order in which reports show them."""

ON_SCRIPTS = frozenset(code.code for code in SCRIPTS)
"""The codes of what is remarked on scripts that assume tags."""


def page() -> str:
    """`docs/codes.md`: every code with its title, why and mend, as Markdown."""
    return "\n".join(
        (
            "# Codes\n",
            "Why a place stays as it is, and what the gate objects to. `unfloat explain CODE` prints the same text.\n",
            "## Reason codes of transitional entries\n",
            *map(_entry, REASONS),
            "## Codes of the gate\n",
            *map(_entry, VIOLATIONS),
        )
    )


def _entry(code: Code) -> str:
    return f"### `{code.code}`\n\n**{code.title}.** {code.why}\n\n*What to do:* {code.mend}\n"
