"""Tables of Markdown: what is one, and where its cells are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemod.formats import markdown
from codemod.source import Source


def tables(text: str) -> list[list[list[str]]]:
    found = markdown.tables(Source("README.md", text.encode(), "markdown"))
    return [[[cell.text for cell in row.cells] for row in (table.header, *table.rows)] for table in found]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "| a | b |\n",
        "| a | b |\n| c | d |\n",
        "a\n---\n",
        "| a | b |\n| - |\n",
        "```\n| a |\n| - |\n```\n",
        "~~~ md\n| a |\n| - |\n```\n~~~\n",
        "| a |\n\n| - |\n",
    ],
)
def test_that_is_no_table(text: str) -> None:
    assert tables(text) == []


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("| a | b |\n| - | - |\n| c | d |\n", [["a", "b"], ["c", "d"]]),
        ("a|b\n:-:|--\nc|d", [["a", "b"], ["c", "d"]]),
        ("  | a |\r\n  |---|\r\n  | `x\\|y` |\r\n\r\n| z |", [["a"], ["`x\\|y`"]]),
        ("| a | b |\n| - | - |\n| c |\n| | d | e |\nend\n", [["a", "b"], ["c"], ["", "d", "e"]]),
        ("````\n| x |\n| - |\n```\n````\n| ä |\n| - |\n", [["ä"]]),
    ],
)
def test_its_cells_are_what_stands_between_the_bars(text: str, cells: list[list[str]]) -> None:
    assert tables(text) == [cells]


def test_two_tables_are_two() -> None:
    assert len(tables("| a |\n| - |\n| b |\n\n| c |\n| - |\n")) == 2


@given(st.lists(st.sampled_from(["|", "-", "\\", "`", "a", " ", "\n", "\r\n", "```", "ü"]), max_size=60).map("".join))
def test_spans_lie_in_their_lines_and_say_what_they_are(text: str) -> None:
    source = Source("README.md", text.encode(), "markdown")
    for table in markdown.tables(source):
        for row in (table.header, *table.rows):
            assert b"\n" not in source.data[slice(*row.span)]
            for cell in row.cells:
                assert row.span.start <= cell.start <= cell.end <= row.span.end
                assert source.data[cell.start : cell.end].decode().strip() == cell.text
