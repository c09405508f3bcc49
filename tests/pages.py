"""The examples of the pages in docs: tests run what the pages show."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from proving import commit, git

ROOT = Path(__file__).parents[1]


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a page of docs in one language, in order."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def a_repository_of_ours(folder: Path) -> tuple[Path, str]:
    """A repository with what a user's installer takes from ours, as it is here and now, and its commit."""
    root = folder / "unfloat"
    for name in (".pre-commit-hooks.yaml", "LICENSE", "README.md", "action.yml", "pyproject.toml"):
        root.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, root)
    for name in ("action", "codemod", "transforms"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    commit(root)
    return root, git(root, "rev-parse", "HEAD").strip()


def offline(wheels: Path, home: Path) -> dict[str, str]:
    """The environment of an installer that has the wheels and no index, and keeps its own things in `home`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "PIPX_"))}
    return {
        **kept,
        "HOME": str(home),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "PIP_NO_COMPILE": "1",
        "VIRTUALENV_NO_PERIODIC_UPDATE": "1",
        "VIRTUALENV_OVERRIDE_APP_DATA": str(home / "virtualenv"),
    }


def program(name: str) -> str:
    """The path of a program that the test environment holds."""
    return str(Path(sys.executable).with_name(name))


def complaints(schema: str, path: Path) -> str:
    """What a published schema, as check-jsonschema has it, finds in a file; empty if it is valid."""
    command = [program("check-jsonschema"), "--builtin-schema", schema, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr
