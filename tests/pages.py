"""The examples of the pages in docs: tests run what the pages show."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a page of docs in one language, in order."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def program(name: str) -> str:
    """The path of a program that the test environment holds."""
    return str(Path(sys.executable).with_name(name))


def complaints(schema: str, path: Path) -> str:
    """What a published schema, as check-jsonschema has it, finds in a file; empty if it is valid."""
    command = [program("check-jsonschema"), "--builtin-schema", schema, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr
