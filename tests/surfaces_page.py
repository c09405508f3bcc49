"""Make `docs/surfaces.md` from the tests that are marked with `surface` (`make surfaces`)."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "surfaces.md"
COLUMNS = {"found": "found", "rewritten": "rewritten", "reported": "reported", "left": "left alone"}
"""What a marker may say, in the order of the page, and how the page calls it."""

_HEAD = """\
# Surfaces

Where images are named, and what becomes of them. The surface is the word that `unfloat images` prints. This page is
made of the tests (`make surfaces`): below the overview stands, for every entry, the case that backs it. How each kind
of text is treated in full, and under which codes something is reported, say the pages of the transforms
(`unfloat transforms`) and of the [codes](codes.md).

"""


class Cell(NamedTuple):
    """One entry of the page: what holds for a surface, and the test that shows it."""

    surface: str
    column: str
    words: str
    path: str
    test: str

    @property
    def link(self) -> str:
        """The test as a link from the page."""
        return f"[`{self.test}`](../tests/{self.path})"


def cells(folder: Path = TESTS) -> list[Cell]:
    """The entries of all markers of a folder's tests, sorted; nothing is imported."""
    found = [cell for path in sorted(folder.glob("test_*.py")) for cell in _cells(path)]
    order = list(COLUMNS)
    return sorted(found, key=lambda cell: (cell.surface, order.index(cell.column), cell.words.casefold(), cell[3:]))


def _cells(path: Path) -> Iterator[Cell]:
    text = path.read_text(encoding="utf-8")
    if "mark.surface(" not in text:
        return
    for node in ast.walk(ast.parse(text, path.name)):
        if not isinstance(node, ast.FunctionDef):
            continue
        for marker in node.decorator_list:
            if isinstance(marker, ast.Call) and ast.unparse(marker.func) == "pytest.mark.surface":
                yield from _marked(marker, path.name, node.name)


def _marked(marker: ast.Call, path: str, test: str) -> Iterator[Cell]:
    said = [*marker.args, *(keyword.value for keyword in marker.keywords)]
    words = [each.value for each in said if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    columns = [keyword.arg or "" for keyword in marker.keywords]
    if len(marker.args) != 1 or len(words) != len(said) or not columns or set(columns) - set(COLUMNS):
        raise ValueError(
            f'tests/{path}:{marker.lineno}: say surface("name", {"=…, ".join(COLUMNS)}=…) in plain strings'
        )
    for column, text in zip(columns, words[1:], strict=True):
        yield Cell(words[0], column, text, path, test)


def page(entries: list[Cell]) -> str:
    """The text of the page: an overview, and the entries of each surface with their tests."""
    surfaces = sorted({cell.surface for cell in entries})
    lines = [_HEAD, _row("surface", *COLUMNS.values()), _row(*["---"] * (1 + len(COLUMNS)))]
    for surface in surfaces:
        own = [[cell.words for cell in entries if (cell.surface, cell.column) == (surface, name)] for name in COLUMNS]
        lines.append(_row(f"[`{surface}`](#{surface})", *("; ".join(dict.fromkeys(texts)) for texts in own)))
    for surface in surfaces:
        lines += [f"\n## {surface}\n\n", _row("", "what", "test"), _row(*["---"] * 3)]
        for cell in entries:
            if cell.surface == surface:
                lines.append(_row(COLUMNS[cell.column], cell.words, cell.link))
    return "".join(lines)


def _row(*texts: str) -> str:
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |\n"


if __name__ == "__main__":
    PAGE.write_text(page(cells()), encoding="utf-8")
    sys.stderr.write(f"wrote docs/{PAGE.name}\n")
