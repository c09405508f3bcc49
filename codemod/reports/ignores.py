"""The entries of `ignoreDifferences` that the report proposes: one block of YAML for each Application."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby

from codemod.outcome import Ignored, Plan
from codemod.patterns import on_use
from codemod.reports.mdtext import code
from codemod.wording import plural

_PLAIN = on_use(r"(?!(?i:true|false|yes|no|on|off|y|n|null)\Z)[A-Za-z][A-Za-z0-9.-]*\Z")
"""What YAML reads as a string without quotes."""
_PLACES = {"applicationset": "spec.template.spec"}


def section(after: Plan) -> Iterator[str]:
    """The proposals, by what declares the release; nothing where there are none."""
    if not after.ignores:
        return
    yield f"### `ignoreDifferences` to consider ({len(after.ignores):,})\n"
    yield (
        "**Pull policies that nothing here can set.** These containers come from vendored charts that write no "
        "`imagePullPolicy` and read no value for one, so the field exists only in the cluster.\n"
    )
    yield (
        "*What to do:* nothing, as long as Argo CD shows no difference. Where it shows this field, these entries cover "
        "it and nothing else; `docs/drift.md` of unfloat says when that happens, and what they would hide.\n"
    )
    for (declared, kind), group in groupby(
        sorted(after.ignores), key=lambda entry: (entry.declared, entry.declared_kind)
    ):
        yield _block(declared, _PLACES.get(kind, "spec"), list(group))


def _block(declared: str, place: str, entries: Sequence[Ignored]) -> str:
    body = "".join(line for entry in entries for line in _entry(entry))
    summary = f"{plural(len(entries), 'entry')} for {declared}".replace("&", "&amp;").replace("<", "&lt;")
    return (
        f"<details>\n<summary>{summary}</summary>\n\nBelow {code(place)} of {code(declared)}:\n\n"
        f"```yaml\nignoreDifferences:\n{body}```\n\n</details>\n"
    )


def _entry(entry: Ignored) -> Iterator[str]:
    """In the syntax of Argo CD, which wants only the kind; the core group is an empty one."""
    known = {"group": entry.group, "kind": entry.kind, "name": entry.name, "namespace": entry.namespace}
    lead = "  - "
    for key, value in known.items():
        if value:
            yield f"{lead}{key}: {value if _PLAIN.match(value) else json.dumps(value)}\n"
            lead = "    "
    yield "    jqPathExpressions:\n"
    for path in entry.paths:
        yield "      - '{}'\n".format(path.replace("'", "''"))
