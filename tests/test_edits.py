"""Edits: one short function applies them, and refuses what it cannot apply."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemod.edits import DIGEST, Edit, apply, ordered
from codemod.errors import OverlapError, UnfloatError

TEXT = b"image: busybox:dev # keep\r\n"


def test_no_edits_leave_every_byte() -> None:
    assert apply(TEXT, []) == TEXT


def test_an_edit_replaces_its_span_and_nothing_else() -> None:
    assert apply(TEXT, [Edit(14, 18, b"@sha256:00")]) == b"image: busybox@sha256:00 # keep\r\n"


def test_an_edit_may_insert() -> None:
    assert apply(TEXT, [Edit(0, 0, b"- ")]) == b"- " + TEXT
    assert apply(TEXT, [Edit(len(TEXT), len(TEXT), b"next")]) == TEXT + b"next"


def test_an_edit_may_remove() -> None:
    assert apply(TEXT, [Edit(18, 25, b"")]) == b"image: busybox:dev\r\n"


def test_an_edit_may_work_on_an_empty_text() -> None:
    assert apply(b"", [Edit(0, 0, b"new")]) == b"new"


def test_the_order_of_edits_does_not_matter() -> None:
    edits = [Edit(0, 5, b"photo"), Edit(7, 14, b"alpine"), Edit(15, 18, b"main")]
    assert apply(TEXT, edits) == apply(TEXT, reversed(edits)) == b"photo: alpine:main # keep\r\n"


def test_the_same_edit_twice_is_one_edit() -> None:
    assert apply(TEXT, [Edit(15, 18, b"main"), Edit(15, 18, b"main")]) == b"image: busybox:main # keep\r\n"


def test_neighbours_that_only_touch_are_no_overlap() -> None:
    assert apply(b"abcd", [Edit(0, 2, b"1"), Edit(2, 4, b"2")]) == b"12"


def test_an_insertion_at_the_end_of_a_replaced_span_comes_after_it() -> None:
    assert apply(b"abcd", [Edit(2, 2, b"-"), Edit(0, 2, b"1")]) == b"1-cd"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Edit(0, 3, b"x"), Edit(2, 4, b"y")),
        (Edit(0, 4, b"x"), Edit(1, 2, b"y")),
        (Edit(0, 2, b"x"), Edit(0, 2, b"y")),
        (Edit(1, 1, b"x"), Edit(1, 1, b"y")),
        (Edit(0, 3, b"x"), Edit(1, 1, b"y")),
        (Edit(1, 1, b"x"), Edit(1, 3, b"y")),
    ],
    ids=[
        "that share bytes",
        "of which one holds the other",
        "of one span with two texts",
        "that insert at one place",
        "of which one inserts inside the other",
        "of which one inserts where the other begins",
    ],
)
def test_edits_are_refused(first: Edit, second: Edit) -> None:
    for edits in ([first, second], [second, first]):
        with pytest.raises(OverlapError, match="overlap at byte"):
            apply(b"abcdef", edits)


def test_an_overlap_is_an_error_of_ours() -> None:
    assert issubclass(OverlapError, UnfloatError)


def test_edits_come_sorted() -> None:
    assert ordered([Edit(5, 6, b"b"), Edit(1, 2, b"a")]) == [Edit(1, 2, b"a"), Edit(5, 6, b"b")]


def test_a_digest_takes_its_place_everywhere_in_the_text() -> None:
    edit = Edit(3, 7, b"digest: " + DIGEST + b" # was " + DIGEST)
    assert edit.wants_digest
    assert edit.filled("sha256:ab") == Edit(3, 7, b"digest: sha256:ab # was sha256:ab")
    assert not edit.filled("sha256:ab").wants_digest


def test_an_edit_that_wants_no_digest_stays_as_it_is() -> None:
    edit = Edit(3, 7, b"IfNotPresent")
    assert not edit.wants_digest
    assert edit.filled("sha256:ab") == edit


@st.composite
def a_text_and_its_edits(draw: st.DrawFn) -> tuple[bytes, list[Edit]]:
    data = draw(st.binary(max_size=60))
    cuts = sorted(draw(st.sets(st.integers(0, len(data)), max_size=10)))
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    return data, [Edit(start, end, draw(st.binary(max_size=5))) for start, end in spans]


@given(a_text_and_its_edits())
def test_every_byte_outside_the_edits_stays(case: tuple[bytes, list[Edit]]) -> None:
    data, edits = case
    result = apply(data, edits)
    expected, kept = bytearray(data), 0
    for edit in reversed(edits):
        expected[edit.start : edit.end] = edit.text
        kept += edit.end - edit.start
    assert result == bytes(expected)
    assert len(result) == len(data) - kept + sum(len(edit.text) for edit in edits)
