"""The section of the report on a proof, its lines and its JSON."""

from __future__ import annotations

import json

from codemod.reports.proof import Proved, RolledBack, Unproven, as_json, lines, rolled_back_lines, section

DIFFERENCE = RolledBack("web (dev)", "Deployment/web", "metadata.labels.a|b", "dev", 'x\n"y"')


def text(proved: Proved) -> str:
    return "\n".join(section(proved))


def test_a_proof_of_nothing_has_its_counts_and_no_list() -> None:
    found = text(Proved())
    assert "| 0 | 0 | 0 | 0 |\n" in found
    assert "###" not in found


def test_each_outcome_has_its_list_and_its_count() -> None:
    found = text(
        Proved(
            proven=("a", "b"),
            unchanged=1204,
            unproven=(Unproven("c", "no chart"),),
            incomplete=(Unproven("a", "Secret x is not in the repository"),),
            rolled_back=(DIFFERENCE, DIFFERENCE._replace(path="")),
            files=("v.yaml",),
            unrendered=("loose.yaml",),
        )
    )
    assert "| 2 | 1,204 | 1 | 1 |\n" in found
    assert [line for line in found.splitlines() if line.startswith("###")] == [
        "### Rolled back",
        "### Unproven",
        "### Proven without some values",
        "### Proven",
        "### Rendered by no stack",
    ]
    assert "| c | no chart |\n" in found
    assert "| `loose.yaml` |\n" in found


def test_values_cannot_break_their_table() -> None:
    row = next(line for line in text(Proved(rolled_back=(DIFFERENCE,))).splitlines() if line.startswith("| web"))
    assert row == '| web (dev) | `Deployment/web metadata.labels.a\\|b` | `dev` | `x`<br>`"y"` |'


def test_long_lists_are_folded() -> None:
    found = text(Proved(proven=tuple(f"web-{number}" for number in range(16))))
    assert "<summary>16 stacks proven</summary>" in found
    assert "<summary>" not in text(Proved(proven=("web",)))


def test_unproven_stacks_are_told_by_reason() -> None:
    found = Proved(unproven=(*(Unproven(name, "no chart") for name in "abcde"), Unproven("f", "other")))
    assert list(lines(found)) == [
        "Proof: 0 stacks proven, 0 unchanged, 6 unproven, 0 rolled back.",
        "  unproven: a, b, c and 2 more: no chart",
        "  unproven: f: other",
    ]


def test_what_was_rolled_back_is_told_with_its_files() -> None:
    assert list(rolled_back_lines(Proved())) == []
    whole = RolledBack("web", "", "", "renders", "does not: an error")
    assert list(rolled_back_lines(Proved(rolled_back=(whole,), files=("a", "b")))) == [
        "rolled back: web: renders -> does not: an error",
        "left as they were: a, b",
    ]


def test_json_holds_everything() -> None:
    found = as_json(Proved(("a",), 1, (Unproven("c", "no"),), (), (DIFFERENCE,), ("v.yaml",), ("l.yaml",)))
    assert json.loads(json.dumps(found)) == {
        "proven": ["a"],
        "unchanged": 1,
        "unproven": [{"stack": "c", "reason": "no"}],
        "incomplete": [],
        "rolled_back": [
            {
                "stack": "web (dev)",
                "object": "Deployment/web",
                "path": "metadata.labels.a|b",
                "before": "dev",
                "after": 'x\n"y"',
            }
        ],
        "files_rolled_back": ["v.yaml"],
        "unrendered": ["l.yaml"],
        "unexplained": [],
    }
