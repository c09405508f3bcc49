"""The page of surfaces is what the marked tests say, and it says something of everything."""

from __future__ import annotations

from pathlib import Path

import pytest
from surfaces_page import COLUMNS, PAGE, Cell, cells, page


def test_the_committed_page_is_what_the_tests_say() -> None:
    assert PAGE.read_text("utf-8") == page(cells()), "regenerate it with `make surfaces`"


def test_no_cell_of_the_page_is_empty() -> None:
    entries = cells()
    filled = {(cell.surface, cell.column) for cell in entries}
    surfaces = {cell.surface for cell in entries}
    assert sorted({(surface, column) for surface in surfaces for column in COLUMNS} - filled) == []


def test_every_entry_is_a_few_words_that_can_stand_in_a_table() -> None:
    for cell in cells():
        assert cell.words == " ".join(cell.words.split())
        assert 3 <= len(cell.words) <= 120, cell
        assert not cell.words.endswith("."), cell
        assert cell.words.count("`") % 2 == 0, cell


def test_markers_are_read_from_the_text_of_tests(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(
        'import nothing_that_exists\n\n\n@pytest.mark.surface("go", left="URLs", found="a|b")\n'
        '@pytest.mark.surface("env", found="x")\ndef test_it() -> None: ...\n',
        encoding="utf-8",
    )
    found = cells(tmp_path)
    assert found == [
        Cell("env", "found", "x", "test_a.py", "test_it"),
        Cell("go", "found", "a|b", "test_a.py", "test_it"),
        Cell("go", "left", "URLs", "test_a.py", "test_it"),
    ]
    assert "| [`go`](#go) | a\\|b |  |  | URLs |\n" in page(found)
    assert "| left alone | URLs | [`test_it`](../tests/test_a.py) |\n" in page(found)


@pytest.mark.parametrize("said", ['"go"', 'found="x"', '"go", fuond="x"', '"go", found=WORDS', '"go", found=f"{x}"'])
def test_a_marker_that_cannot_be_read_is_named_by_its_line(tmp_path: Path, said: str) -> None:
    (tmp_path / "test_a.py").write_text(f"@pytest.mark.surface({said})\ndef test_it() -> None: ...\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"tests/test_a\.py:1"):
        cells(tmp_path)
