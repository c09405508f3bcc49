"""Make `migration-report.md`, the committed report of a run over the example fleet (`make report`)."""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import toolchain

from codemod.cli._options import Options
from codemod.cli._running import carry_out, report_text
from codemod.cli._session import open_session

PROJECT = Path(__file__).parent.parent
REPORT = PROJECT / "migration-report.md"
TODAY = datetime.date(2026, 11, 23)
"""The day whose exceptions count: the report must not change with the calendar."""


def render(folder: Path) -> str:
    """The report of a proven run over a copy of `examples/` in an empty folder, with paths as a user here sees them."""
    shutil.copytree(PROJECT / "examples", folder / "examples", ignore=shutil.ignore_patterns("migration-report.md"))
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    before = Path.cwd()
    os.chdir(folder)
    try:
        session = open_session(
            Options(
                path="examples/fleet",
                config=None,
                digests=("examples/digests.yaml",),
                offline=True,
                only=(),
                skip=(),
                jobs=1,
                color="never",
                quiet=True,
                verbose=False,
            ),
            TODAY,
        )
        return report_text(
            session, carry_out(session, pin_all=False, programs=(str(toolchain.helm()), toolchain.kustomize()[0]))
        )
    finally:
        os.chdir(before)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        REPORT.write_text(render(Path(temporary)), encoding="utf-8")
    sys.stderr.write(f"wrote {REPORT.name}\n")
