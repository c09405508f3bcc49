"""Edited programs of the example fleet still parse, by the real reader of their language where there is one."""

from __future__ import annotations

import ast
import subprocess

import pytest
from test_example_fleet import fleet_plan

from codemod import syntax
from codemod.source import Source

GRAMMARS = {
    ".go": ("tree_sitter_go", "language"),
    ".py": ("tree_sitter_python", "language"),
    ".sh": ("tree_sitter_bash", "language"),
    ".ts": ("tree_sitter_typescript", "language_typescript"),
}
EDITED = {path: after for path, (_, after) in fleet_plan().files.items() if path[path.rfind(".") :] in GRAMMARS}


def test_every_language_has_an_edited_file() -> None:
    assert {path[path.rfind(".") :] for path in EDITED} == set(GRAMMARS)


@pytest.mark.parametrize("path", sorted(EDITED))
def test_an_edited_file_parses(path: str) -> None:
    assert syntax.root(Source(path, EDITED[path], "text"), *GRAMMARS[path[path.rfind(".") :]]) is not None
    if path.endswith(".py"):
        ast.parse(EDITED[path])
    if path.endswith(".sh"):
        assert subprocess.run(["bash", "-n"], input=EDITED[path], check=False).returncode == 0
