"""Scripts that assume tags in what is printed and written: a section of the report, remarks in JSON, no violations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from moving import call
from proving import write

from codemod import registry
from codemod.cli._options import Options
from codemod.cli._session import Session, open_session
from codemod.codes import CODES, ON_SCRIPTS
from codemod.outcome import Plan
from codemod.reports.markdown import report
from codemod.reports.shared import remarked, tally
from codemod.reports.terminal import summary
from codemod.testing import plan_of

SCRIPT = b"""\
#!/usr/bin/env bash
docker push ghcr.io/acme/web:dev
kubectl rollout restart deployment/web
helm template web | grep ':dev'
"$(dirname "$0")/gone.sh"
"""
POD = b"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: ghcr.io/acme/web@sha256:" + b"0" * 64 + b"\n"


def plan(files: dict[str, bytes]) -> Plan:
    return plan_of(registry.load(), files)


def test_they_have_a_section_of_their_own() -> None:
    text = report(Plan(), plan({"hack/cd.sh": SCRIPT, "pod.yaml": POD}))
    policies, _, rest = text.partition("## Scripts that assume tags\n")
    section = rest.partition("\n## ")[0]
    assert "pull-policy-defaulted" in policies
    assert not any(f"`{code}`" in policies for code in ON_SCRIPTS)
    assert "pull-policy-defaulted" not in section
    for code in ON_SCRIPTS:
        assert f"### `{code}` (1)\n\n**{CODES[code].title}.** " in section
        assert f"*What to do:* {CODES[code].mend}\n" in section
    assert "| `tag-assumed` | A script expects a floating tag | 1 | 1 |\n" in section
    assert "| `hack/cd.sh:2` | `ghcr.io/acme/web:dev` | moves the tag dev |\n" in section
    assert '| `hack/cd.sh:5` | `"$(dirname "$0")/gone.sh"` | there is no hack/gone.sh |\n' in section


def test_what_stands_in_a_script_is_shown_as_it_is_written() -> None:
    text = report(Plan(), plan({"cd.sh": b"docker push acme/web:dev\n"}))
    assert "| `cd.sh:1` | `acme/web:dev` | moves the tag dev |\n" in text


def test_the_summary_counts_them_apart() -> None:
    text = report(Plan(), plan({"hack/cd.sh": SCRIPT, "pod.yaml": POD}))
    assert "- 1 remark on [pull policies](#pull-policies).\n" in text
    assert "- 4 remarks on [scripts](#scripts-that-assume-tags).\n" in text


def test_images_that_scripts_name_themselves_are_pointed_to() -> None:
    text = report(Plan(), plan({"hack/cd.sh": b'docker run "ghcr.io/acme/web:$TAG"\n'}))
    assert "## Scripts that assume tags\n\nNone.\n\nImages and tags that scripts and pipelines name themselves" in text


def test_a_long_list_is_folded() -> None:
    text = report(Plan(), plan({"cd.sh": b"".join(b"docker push a/b%d:dev\n" % number for number in range(16))}))
    section = text.partition("## Scripts that assume tags\n")[2]
    assert "| `alias-published` | A publishing step moves a tag | 16 | 1 |\n" in section
    assert "<details>\n<summary>16 places</summary>\n" in section


def test_the_terminal_says_how_many() -> None:
    said = summary(plan({"hack/cd.sh": SCRIPT, "pod.yaml": POD}))
    assert "1 remark on pull policies: 1 pull-policy-defaulted.\n" in said
    assert "4 remarks on scripts: 1 alias-published, 1 restart-for-tag, 1 script-missing, 1 tag-assumed.\n" in said
    assert "on scripts" not in summary(plan({"pod.yaml": POD}))


def test_remarks_are_told_apart_by_their_codes() -> None:
    counts = tally(plan({"hack/cd.sh": SCRIPT}))
    assert remarked(counts) == {"scripts": dict.fromkeys(sorted(ON_SCRIPTS), 1)}
    assert not remarked(tally(Plan()))


def test_the_plan_of_a_preview_lists_them(tmp_path: Path) -> None:
    write(tmp_path, {"hack/cd.sh": SCRIPT.decode()})
    shown = json.loads(call("preview", str(tmp_path), "--offline", "--format", "json").stdout)
    assert {entry["code"] for entry in shown["remarks"]} == ON_SCRIPTS
    assert set(shown["summary"]["remarks"]) == ON_SCRIPTS


@pytest.mark.parametrize("code", sorted(ON_SCRIPTS))
def test_a_place_and_a_code_are_explained(tmp_path: Path, code: str) -> None:
    write(tmp_path, {"hack/cd.sh": SCRIPT.decode()})
    assert CODES[code].mend.split()[0] in call("explain", code).stdout
    lines = {"alias-published": 2, "restart-for-tag": 3, "tag-assumed": 4, "script-missing": 5}
    assert code in call("explain", f"hack/cd.sh:{lines[code]}", str(tmp_path), "--offline").stdout


def session(folder: Path, *only: str, remarks: bool) -> Session:
    options = Options(str(folder), None, (), True, only, (), 1, "never", True, False)
    return open_session(options, remarks=remarks)


def test_the_gate_does_not_look_for_them(tmp_path: Path) -> None:
    write(tmp_path, {"hack/cd.sh": SCRIPT.decode()})
    everything, gate = session(tmp_path, remarks=True), session(tmp_path, remarks=False)
    assert {one.name for one in everything.transforms} - {one.name for one in gate.transforms} >= {
        *("alias-tags", "missing-scripts", "tag-assumptions", "tag-restarts")
    }
    assert not everything.unasked
    assert gate.unasked >= ON_SCRIPTS
    assert not gate.plan().remarks
    named = session(tmp_path, "alias-tags", remarks=False)
    assert [entry.code for entry in named.plan().remarks] == ["alias-published"]


def test_an_exception_for_one_is_not_called_useless_by_the_gate(tmp_path: Path) -> None:
    excuse = '  # unfloat: allow[alias-published] until=2026-02-01 reason="people use it" owner=team-web\n'
    write(tmp_path, {"hack/cd.sh": SCRIPT.decode().replace("web:dev\n", "web:dev" + excuse, 1)})
    checked = call("check", str(tmp_path), "--offline", "--date", "2026-01-01")
    assert checked.exit_code == 0, checked.output
    named = call("check", str(tmp_path), "--offline", "--date", "2026-02-02")
    assert "UF007" in named.stdout
