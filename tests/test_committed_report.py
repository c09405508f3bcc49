"""The report at the root of the project is the one that unfloat writes today."""

from __future__ import annotations

from pathlib import Path

from committed_report import REPORT, render


def test_the_committed_report_is_the_report_of_a_run_over_the_examples(tmp_path: Path) -> None:
    assert REPORT.read_text("utf-8") == render(tmp_path), "regenerate it with `make report`"
