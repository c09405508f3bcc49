"""Sources: spans and edits find the way back to the file, lines and columns are those that an editor shows."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from codemod.edits import DIGEST, Edit, apply
from codemod.source import BOM, Position, Segment, Source, Span


class DoubleQuoted:
    """The little of YAML's double quotes that these tests need; it cannot spell a NUL."""

    def encode(self, text: bytes) -> bytes | None:
        if b"\x00" in text:
            return None
        return text.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")


class Indented:
    """Each line of a block scalar begins with the same spaces."""

    def __init__(self, spaces: int) -> None:
        self.spaces = b" " * spaces

    def encode(self, text: bytes) -> bytes | None:
        return text.replace(b"\n", b"\n" + self.spaces)


def block(outer: Source, begin: int, indent: int) -> Source:
    """What a block scalar at `begin` (the end of its header line) holds, up to the end of the text around it."""
    segments, decoded, position = [], b"", begin
    for line in outer.data[begin:].splitlines(keepends=True):
        segments.append(Segment(len(decoded), len(line) - indent, position + indent, len(line) - indent))
        decoded += line[indent:]
        position += len(line)
    return Source(outer.path, decoded, "yaml", outer=outer, segments=segments, quoting=Indented(indent))


def quoted(outer: Source, begin: int, end: int) -> Source:
    """What stands between the double quotes at `begin` and `end`, escapes undone."""
    segments, decoded, position = [], b"", begin
    while position < end:
        raw = outer.data[position : position + 2] if outer.data[position : position + 1] == b"\\" else b""
        text = {b"\\n": b"\n", b'\\"': b'"', b"\\\\": b"\\"}.get(raw, outer.data[position : position + 1])
        segments.append(Segment(len(decoded), 1, position, len(raw) or 1))
        decoded += text
        position += len(raw) or 1
    return Source(outer.path, decoded, "yaml", outer=outer, segments=segments, quoting=DoubleQuoted())


def find(source: Source, text: bytes) -> Span:
    start = source.data.index(text)
    return Span(start, start + len(text))


def in_file(source: Source, text: bytes) -> bytes:
    """The bytes of the file that a text of a nested source stands for."""
    span = source.in_file(find(source, text))
    return source.file.data[span.start : span.end]


def rewrite(source: Source, old: bytes, new: bytes) -> bytes:
    span = find(source, old)
    edit = source.edit_in_file(Edit(span.start, span.end, new))
    assert edit is not None
    return apply(source.file.data, [edit])


def test_the_text_of_a_span_is_decoded() -> None:
    source = Source("a.yaml", "name: café".encode(), "yaml")
    assert source.text(Span(6, 11)) == "café"


def test_bytes_that_are_no_utf8_are_shown_and_never_fatal() -> None:
    assert Source("a.yaml", b"\xff\xfe", "yaml").text(Span(0, 2)) == "��"


def test_a_file_is_its_own_outermost_text() -> None:
    source = Source("a.yaml", b"image: busybox\n", "yaml")
    assert source.file is source
    assert source.in_file(Span(7, 14)) == Span(7, 14)
    assert source.edit_in_file(Edit(7, 14, b"x")) == Edit(7, 14, b"x")


def test_a_source_says_what_it_is() -> None:
    assert repr(Source("a/b.yaml", b"abc", "yaml")) == "Source('a/b.yaml', yaml, 3 bytes)"


@pytest.mark.parametrize(
    ("data", "word", "expected"),
    [
        (b"image: x\n", b"image", Position(1, 1)),
        (b"a: 1\nb: 2\n", b"2", Position(2, 4)),
        (b"a: 1\r\nb: 2\r\n", b"2", Position(2, 4)),
        (b"a: 1\r\nb: 2\nc: 3", b"3", Position(3, 4)),
        ("caf\u00e9: \u65e5\u672c x".encode(), b"x", Position(1, 10)),
        ("\U0001f600: x".encode(), b"x", Position(1, 4)),
        ("e\u0301: x".encode(), b"x", Position(1, 5)),
        (BOM + b"a: x", b"a", Position(1, 1)),
        (BOM + b"a: x", b"x", Position(1, 4)),
        (BOM + b"a: 1\nb: x", b"x", Position(2, 4)),
        (b"a: \xff x", b"x", Position(1, 6)),
        (b"\tx", b"x", Position(1, 2)),
        (b"\n\n\nx", b"x", Position(4, 1)),
    ],
    ids=[
        "at the very first byte",
        "on the second line",
        "after CRLF",
        "after mixed line endings",
        "after characters of two and three bytes",
        "after a character of four bytes",
        "after a combining mark, which counts",
        "right after a byte order mark",
        "on a line that a byte order mark begins",
        "on a later line of a file with a byte order mark",
        "after a byte that is no UTF-8",
        "after a tab, which is one column",
        "after empty lines",
    ],
)
def test_a_position_counts_characters(data: bytes, word: bytes, expected: Position) -> None:
    assert Source("a.yaml", data, "yaml").position(data.index(word)) == expected


def test_the_byte_order_mark_itself_is_at_the_first_column() -> None:
    assert Source("a.yaml", BOM + b"a", "yaml").position(0) == Position(1, 1)


def test_the_end_of_a_file_has_a_position() -> None:
    assert Source("a.yaml", b"a\nbc", "yaml").position(4) == Position(2, 3)
    assert Source("a.yaml", b"", "yaml").position(0) == Position(1, 1)


BLOCK = b"manifests: |-\r\n  kind: Job\r\n  image: busybox:dev\r\n"


def test_a_block_scalar_maps_line_by_line() -> None:
    inner = block(Source("a.yaml", BLOCK, "yaml"), 15, 2)
    assert inner.data == b"kind: Job\r\nimage: busybox:dev\r\n"
    assert in_file(inner, b"busybox:dev") == b"busybox:dev"
    assert inner.position(find(inner, b"busybox").start) == Position(3, 10)
    assert inner.position(0) == Position(2, 3)


def test_an_edit_in_a_block_scalar_changes_only_its_bytes() -> None:
    inner = block(Source("a.yaml", BLOCK, "yaml"), 15, 2)
    assert rewrite(inner, b":dev", b"@sha256:00") == BLOCK.replace(b":dev", b"@sha256:00")


def test_a_new_line_in_a_block_scalar_gets_its_indentation() -> None:
    inner = block(Source("a.yaml", b"m: |\n  a: 1\n", "yaml"), 5, 2)
    assert rewrite(inner, b"a: 1", b"a: 1\nb: 2") == b"m: |\n  a: 1\n  b: 2\n"


def test_a_span_over_two_lines_takes_in_the_indentation_between_them() -> None:
    inner = block(Source("a.yaml", BLOCK, "yaml"), 15, 2)
    assert in_file(inner, b"Job\r\nimage") == b"Job\r\n  image"


def test_a_span_that_ends_with_a_line_does_not_take_in_the_next_indentation() -> None:
    inner = block(Source("a.yaml", BLOCK, "yaml"), 15, 2)
    assert in_file(inner, b"kind: Job\r\n") == b"kind: Job\r\n"


QUOTED = b'- "kind: Job\\nimage: \\"busybox:dev\\"" # keep\n'


def test_escapes_map_as_a_whole() -> None:
    inner = quoted(Source("a.yaml", QUOTED, "yaml"), 3, QUOTED.index(b'" #'))
    assert inner.data == b'kind: Job\nimage: "busybox:dev"'
    assert in_file(inner, b"\n") == b"\\n"
    assert in_file(inner, b'"busybox') == b'\\"busybox'
    assert in_file(inner, b"Job\nimage") == b"Job\\nimage"
    assert inner.position(find(inner, b"busybox").start) == Position(1, QUOTED.index(b"busybox") + 1)


def test_new_text_is_escaped_as_the_quoting_wants() -> None:
    inner = quoted(Source("a.yaml", QUOTED, "yaml"), 3, QUOTED.index(b'" #'))
    assert rewrite(inner, b'"busybox:dev"', b'"a"\n') == b'- "kind: Job\\nimage: \\"a\\"\\n" # keep\n'


def test_an_edit_that_the_quoting_cannot_spell_is_none() -> None:
    inner = quoted(Source("a.yaml", QUOTED, "yaml"), 3, QUOTED.index(b'" #'))
    assert inner.edit_in_file(Edit(0, 4, DIGEST)) is None


@pytest.mark.parametrize(("offset", "expected"), [(0, 3), (4, 7), (10, 14)])
def test_an_insertion_lands_right_after_what_stands_before_it(offset: int, expected: int) -> None:
    inner = quoted(Source("a.yaml", QUOTED, "yaml"), 3, QUOTED.index(b'" #'))
    assert inner.in_file(Span(offset, offset)) == Span(expected, expected)


def test_an_insertion_at_the_end_of_a_block_line_stays_before_the_next_indentation() -> None:
    inner = block(Source("a.yaml", BLOCK, "yaml"), 15, 2)
    at = len(b"kind: Job\r\n")
    assert inner.in_file(Span(at, at)) == Span(15 + 2 + at, 15 + 2 + at)


def test_an_empty_nested_text_has_no_place() -> None:
    inner = Source("a.yaml", b"", "yaml", outer=Source("a.yaml", b'a: ""', "yaml"))
    with pytest.raises(ValueError, match="no place"):
        inner.in_file(Span(0, 0))


def test_several_decoded_bytes_of_one_escape_map_to_the_whole_escape() -> None:
    outer = Source("a.yaml", b'"\\u00e9x"', "yaml")
    inner = Source("a.yaml", "éx".encode(), "yaml", outer=outer, segments=[Segment(0, 2, 1, 6), Segment(2, 1, 7, 1)])
    assert inner.in_file(Span(0, 2)) == Span(1, 7)
    assert inner.in_file(Span(0, 1)) == Span(1, 7)
    assert inner.in_file(Span(1, 3)) == Span(1, 8)
    assert inner.position(2) == Position(1, 8)


def three_levels() -> Source:
    """A block scalar that holds a quoted text that holds a quoted text."""
    data = 'é: |\n    data: "cfg: \\"image: busybox:dev\\\\nx: 1\\""\n'.encode()
    outermost = Source("deep.yaml", data, "yaml")
    first = block(outermost, data.index(b"\n") + 1, 4)
    second = quoted(first, first.data.index(b'"') + 1, first.data.rindex(b'"'))
    return quoted(second, second.data.index(b'"') + 1, second.data.rindex(b'"'))


def test_three_levels_down_a_span_finds_its_way_to_the_file() -> None:
    inner = three_levels()
    assert inner.data == b"image: busybox:dev\nx: 1"
    assert inner.file.path == "deep.yaml"
    assert in_file(inner, b"busybox:dev") == b"busybox:dev"
    assert in_file(inner, b"dev\nx") == b"dev\\\\nx"
    position = inner.position(find(inner, b"busybox").start)
    line = inner.file.data.decode().splitlines()[1]
    assert position == Position(2, line.index("busybox") + 1)


def test_three_levels_down_an_edit_is_spelled_for_each_of_them() -> None:
    inner = three_levels()
    before = inner.file.data
    assert rewrite(inner, b":dev", b"@sha256:00") == before.replace(b":dev", b"@sha256:00")
    assert rewrite(inner, b"x: 1", b'"') == before.replace(b"x: 1", b'\\\\\\"')
    assert rewrite(inner, b"x: 1", b"\n") == before.replace(b"x: 1", b"\\\\n")


def test_a_memo_belongs_to_its_source() -> None:
    one, other = Source("a.yaml", b"", "yaml"), Source("a.yaml", b"", "yaml")
    one.memo["parsed"] = 1
    assert other.memo == {}


def test_things_are_found_by_their_words_each_searched_for_once() -> None:
    class Searched(bytes):
        asked: ClassVar[list[object]] = []

        def __contains__(self, word: Any) -> bool:
            self.asked.append(word)
            return super().__contains__(word)

    source = Source("a.yaml", Searched(b"image: web"), "yaml")
    things = [("a", (b"tag", b"image")), ("b", (b"tag",)), ("c", ()), ("d", (b"web", b"other"))]
    assert source.mentioned(things) == source.mentioned(things) == ["a", "c", "d"]
    assert source.mentions((b"tag", b"web"))
    assert Searched.asked == [b"tag", b"image", b"web"]
