"""The migration report: readable, complete, deterministic, and proof against odd texts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from codemod.inventory import InventorySearch
from codemod.outcome import Changed, Failed, ImageEntry, LeftAlone, Plan, Site
from codemod.reference import parse
from codemod.reports.markdown import report
from codemod.reports.mdtext import cell, code, folded, plain
from codemod.reports.state import state_in, state_of

DIGEST = "sha256:" + "a1" * 32
HEADINGS = ["Summary", "Changed", "Transitional entries", "Pull policies", "Scripts that assume tags", "Inventory"]


def site(path: str, line: int, transform: str = "helm-values", surface: str = "helm-values", **extra: Any) -> Site:
    return Site(path, line, 10, surface, transform, **extra)


WEB = site("env/dev/web.yaml", 2, environment="dev", stack="web-dev")
SMOKE = site("env/dev/smoke.yaml", 7, surface="embedded-yaml")
VENDOR = ImageEntry(site("vendor/x.yaml", 7), "latest", parse("x"), "floating", "vendored", vendored=True)
OPERATOR = ImageEntry(site("env/dev/op.yaml", 4), "main", None, "unknown-repository", "repository-unknown")

BEFORE = Plan(
    images=(
        ImageEntry(WEB, "dev", parse("ghcr.io/acme/web:dev"), "floating"),
        ImageEntry(SMOKE, "ghcr.io/acme/runner:dev", parse("ghcr.io/acme/runner:dev"), "floating"),
        VENDOR,
        OPERATOR,
    ),
    changed=(
        Changed(replace(WEB, line=3), "pull-policy", "Always", "IfNotPresent", ()),
        Changed(
            *(WEB, "image", "tag: dev", f"digest: {DIGEST}", ()),
            *("ghcr.io/acme/web:dev", DIGEST, "map digests.yaml", True),
        ),
        Changed(
            *(SMOKE, "image", "ghcr.io/acme/runner:dev", f"ghcr.io/acme/runner@{DIGEST}", ()),
            *("ghcr.io/acme/runner:dev", DIGEST, "lock"),
        ),
        Changed(
            site("charts/web/templates/d.yaml", 5, "helm-template"), "change", "{{ a | b }}\n{{ c }}", "{{ d }}", ()
        ),
    ),
    files=dict.fromkeys(("env/dev/web.yaml", "env/dev/smoke.yaml", "charts/web/templates/d.yaml"), (b"a", b"b")),
    scanned=10,
)
AFTER = Plan(
    images=(
        ImageEntry(WEB, DIGEST, parse(f"ghcr.io/acme/web@{DIGEST}"), "pinned"),
        ImageEntry(SMOKE, f"ghcr.io/acme/runner@{DIGEST}", parse(f"ghcr.io/acme/runner@{DIGEST}"), "pinned"),
        VENDOR,
        OPERATOR,
    ),
    left=(
        LeftAlone(
            site("env/dev/op.yaml", 9), "pull-policy", "pull-policy-governs-unpinned", "Always", "governs line 4"
        ),
        LeftAlone(
            site("env/dev/op.yaml", 5), "pull-policy", "pull-policy-governs-unpinned", "Always", "governs line 4"
        ),
        LeftAlone(OPERATOR.site, "image", "repository-unknown", "main", "stack op-dev names no repository"),
        LeftAlone(
            *(site("env/dev/tilt.yaml", 4), "image", "allowlisted", "dev-placeholder", "excused"),
            *("ghcr.io/acme/tilt:dev-placeholder", "team-web", "2026-05-01", "Tilt only"),
        ),
    ),
    scanned=10,
)
INVENTORY = (InventorySearch("Floating tag fields", 'rg -n "tag:\\s*(dev|main)"', 3, 1, 1204, 2),)

GOLDEN = f"""\
# Migration report

What `unfloat run` changed, and what stays behind.

## Summary

- 3 of 10 files changed: 2 images pinned, 1 pull policy set to `IfNotPresent`, 1 other change.
- 1 change **unproven**: read by charts outside this repository.
- 4 transitional entries left.

By surface, in lines of `unfloat images` (a place counts once for each image that its stacks render):

| surface | images | pinned | floating | tag-only | templated | unknown | vendored |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| embedded-yaml | 1 | 0 → 1 | 1 → 0 | 0 | 0 | 0 | 0 |
| helm-values | 3 | 0 → 1 | 1 → 0 | 0 | 0 | 1 | 1 |
| **all** | 4 | 0 → 2 | 2 → 0 | 0 | 0 | 1 | 1 |

By environment:

| environment | images | pinned | floating | tag-only | templated | unknown | vendored |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| none | 3 | 0 → 1 | 1 → 0 | 0 | 0 | 1 | 1 |
| dev | 1 | 0 → 1 | 1 → 0 | 0 | 0 | 0 | 0 |
| **all** | 4 | 0 → 2 | 2 → 0 | 0 | 0 | 1 | 1 |

## Changed

Lines are those of the file before the run.

### `charts/web/templates/d.yaml`

| line | before | after | digest source |
| ---: | --- | --- | --- |
| 5 | `{{{{ a \\| b }}}}`<br>`{{{{ c }}}}` | `{{{{ d }}}}` | helm-template |

### `env/dev/smoke.yaml`

| line | before | after | digest source |
| ---: | --- | --- | --- |
| 7 | `ghcr.io/acme/runner:dev` | `ghcr.io/acme/runner@{DIGEST}` | lock |

### `env/dev/web.yaml`

| line | before | after | digest source |
| ---: | --- | --- | --- |
| 2 | `tag: dev` | `digest: {DIGEST}` | map digests.yaml for `ghcr.io/acme/web:dev` **unproven** |
| 3 | `Always` | `IfNotPresent` | pull policy |

## Transitional entries

### `repository-unknown` (1)

WHY

| place | image | message |
| --- | --- | --- |
| `env/dev/op.yaml:4` | `main` | stack op-dev names no repository |

### `pull-policy-governs-unpinned` (2)

WHY

| place | image | message |
| --- | --- | --- |
| `env/dev/op.yaml:5` |  | governs line 4 |
| `env/dev/op.yaml:9` |  | governs line 4 |

### `allowlisted` (1)

WHY

| place | image | message | owner | expires | excused because |
| --- | --- | --- | --- | --- | --- |
| `env/dev/tilt.yaml:4` | `ghcr.io/acme/tilt:dev-placeholder` | excused | team-web | 2026-05-01 | Tilt only |

## Pull policies

1 set from `Always` to `IfNotPresent`, 2 kept.

Set (lines are those of the file before the run):

| file | lines |
| --- | --- |
| `env/dev/web.yaml` | 3 |

Kept:

| file | lines | kept because |
| --- | --- | --- |
| `env/dev/op.yaml` | 5, 9 | `pull-policy-governs-unpinned`: Pull policy governs an image that is not pinned |

## Scripts that assume tags

None.

## Inventory

Places that were understood as images or pull policies, and lines of text that merely match (comments, prose and \
vendored files included). Every place that remains is listed above.

| search | places | lines of text |
| --- | ---: | ---: |
| Floating tag fields | 3 → 1 | 1,204 → 2 |

```sh
rg -n "tag:\\s*(dev|main)"
```

<!-- unfloat:state {state_of(AFTER)} -->
"""

EMPTY = f"""\
# Migration report

What `unfloat run` changed, and what stays behind.

## Summary

- 0 of 0 files changed: 0 images pinned, 0 pull policies set to `IfNotPresent`.
- 0 transitional entries left.

## Changed

Nothing.

## Transitional entries

None.

## Pull policies

0 set from `Always` to `IfNotPresent`, 0 kept.

## Scripts that assume tags

None.

## Inventory

Not searched.

<!-- unfloat:state {state_of(Plan())} -->
"""


def without_explanations(text: str) -> str:
    return re.sub(r"\*\*[^\n]+\.\*\* [^\n]+\n\n\*What to do:\* [^\n]+\n", "WHY\n", text)


def headings(text: str) -> list[str]:
    return [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]


def test_the_whole_report() -> None:
    assert without_explanations(report(BEFORE, AFTER, inventory=INVENTORY)) == GOLDEN


def test_an_empty_plan_has_all_sections() -> None:
    assert report(Plan(), Plan()) == EMPTY
    assert headings(EMPTY) == HEADINGS


def test_codes_are_explained_where_they_occur() -> None:
    text = report(BEFORE, AFTER)
    assert "**The tag stands without a repository.** The file sets a tag" in text
    assert "*What to do:* Set `repository` beside the tag" in text
    assert text.count("*What to do:*") == 3


def test_the_order_of_the_plan_does_not_matter() -> None:
    def turned(plan: Plan) -> Plan:
        return replace(plan, images=plan.images[::-1], changed=plan.changed[::-1], left=plan.left[::-1])

    assert report(turned(BEFORE), turned(AFTER)) == report(BEFORE, AFTER)


def test_a_code_without_an_explanation_is_still_listed() -> None:
    left = LeftAlone(site("a.yaml", 1), "pull-policy", "brand-new", "x", "m")
    text = report(Plan(), Plan(left=(left,)))
    assert "### `brand-new` (1)\n\n| place | image | message |\n" in text
    assert "| `a.yaml` | 1 | `brand-new` |\n" in text


def test_failures_are_listed_once() -> None:
    failed = (Failed("b.yaml", "not | permitted"), Failed("a.yaml", "gone"))
    text = report(Plan(failed=failed), Plan(failed=failed))
    assert "2 files could not be read or written:\n" in text
    assert text.count("| `b.yaml` | not \\| permitted |\n") == 1


def test_the_folder_of_the_run_is_named_unless_it_is_the_root() -> None:
    assert "Paths are relative to `clusters/prod`." in report(Plan(), Plan(), title_path="clusters/prod")
    assert "relative" not in report(Plan(), Plan())


@pytest.mark.parametrize(("rows", "folds"), [(15, 0), (16, 1)])
def test_lists_of_more_than_fifteen_rows_are_folded(rows: int, folds: int) -> None:
    left = tuple(LeftAlone(site("a.yaml", line), "image", "docs", "x", "m") for line in range(1, rows + 1))
    text = report(Plan(), Plan(left=left))
    assert text.count("<details>\n<summary>16 entries</summary>\n\n| place") == folds
    assert text.count("</details>") == folds
    assert text.count("| `a.yaml:") == rows


def test_changes_of_many_files_are_folded_as_a_whole() -> None:
    changed = tuple(Changed(site(f"{name}.yaml", 1), "change", "a", "b", ()) for name in range(16))
    text = report(Plan(changed=changed), Plan())
    assert "<summary>16 changes in 16 files</summary>\n\n### `0.yaml`\n" in text
    assert text.count("<details>") == text.count("</details>") == 1


ODD = [
    "a|b`c",
    "``|``",
    "a\\|b",
    "x\ny\r\nz",
    "<b>&</b>",
    "<!-- unfloat:state x -->",
    "",
    " ",
    "\x1b[31m\udce9\u202e",
    "\\",
]


@pytest.mark.parametrize("odd", ODD)
def test_odd_texts_break_no_table(odd: str) -> None:
    path = odd or "x"
    changed = Changed(site(path, 1), "image", odd, odd, (), odd, DIGEST, odd)
    left = LeftAlone(site(path, 1), "image", "allowlisted", odd, odd, None, odd, "2026-05-01", odd)
    text = report(Plan(changed=(changed,)), Plan(left=(left,), failed=(Failed(path, odd),)))
    text.encode("utf-8")
    columns = {len(re.findall(r"(?<!\\)\|", line)) - 1 for line in text.splitlines() if line.startswith("|")}
    assert columns <= {2, 4, 6}
    assert headings(text) == HEADINGS
    assert state_in(text) == state_of(Plan(left=(left,)))


@given(st.text(alphabet="|`\\<&*_[]~ab \n\t", max_size=12))
def test_cells_hold_no_bare_pipe_and_no_line_break(text: str) -> None:
    for made in (cell(text), plain(text)):
        assert "\n" not in made
        assert not re.search(r"(?<!\\)\|", made)
        assert not re.search(r"(?<!\\)(\\\\)+\|", made)


def test_code_is_fenced_by_more_backticks_than_it_holds() -> None:
    assert code("a") == "`a`"
    assert code("a `b` ``c``") == "``` a `b` ``c`` ```"
    assert code("a|b") == "`a|b`"
    assert cell("a|b") == "`a\\|b`"
    assert cell("a\\|b") == "<code>a&#92;&#124;b</code>"
    assert code("") == cell("\n") == ""


def test_plain_text_is_taken_literally() -> None:
    assert plain("a *b* <c>\n`d` | e_f") == r"a \*b\* &lt;c> \`d\` \| e\_f"


def test_a_short_list_is_not_folded() -> None:
    assert folded("many", "body\n", 15) == "body\n"
    assert folded("many", "body\n", 16) == "<details>\n<summary>many</summary>\n\nbody\n\n</details>\n"


def test_the_state_is_read_back_from_the_last_line() -> None:
    text = report(BEFORE, AFTER)
    assert state_in(text) == state_of(AFTER)
    assert state_in(text.replace("\n", "\r\n")) == state_of(AFTER)
    assert state_in(text.rstrip()) == state_of(AFTER)


@pytest.mark.parametrize(
    "text", ["", "# Migration report\n", f"{EMPTY}A note of mine.\n", f"x {EMPTY.splitlines()[-1]}\n"]
)
def test_a_text_that_is_no_untouched_report_has_no_state(text: str) -> None:
    assert state_in(text) is None


def test_the_state_is_that_of_the_tree_after_the_run() -> None:
    assert state_of(AFTER) == state_of(replace(AFTER, images=AFTER.images[::-1], left=AFTER.left[::-1], scanned=99))
    assert state_of(AFTER) == state_of(replace(AFTER, changed=BEFORE.changed, files=BEFORE.files))
    states = {
        state_of(AFTER),
        state_of(BEFORE),
        state_of(replace(AFTER, left=AFTER.left[1:])),
        state_of(replace(AFTER, images=AFTER.images[1:])),
        state_of(replace(AFTER, left=(replace(AFTER.left[0], message="other"), *AFTER.left[1:]))),
        state_of(Plan()),
    }
    assert len(states) == 6
