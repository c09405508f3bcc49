"""Go string literals: which they are, what they mean, and where every byte of their meaning is written."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemod.edits import DIGEST, Edit, apply
from codemod.formats import go
from codemod.source import BOM, Source, Span


def go_source(text: str | bytes) -> Source:
    return Source("main.go", text if isinstance(text, bytes) else text.encode(), "go")


def tokens(text: str | bytes) -> list[bytes]:
    source = go_source(text)
    return [source.data[slice(*literal.span)] for literal in go.literals(source)]


def only(text: str | bytes) -> tuple[Source, go.Literal]:
    source = go_source(text)
    (literal,) = go.literals(source)
    return source, literal


def nested(text: str | bytes) -> Source:
    source, literal = only(text)
    result = go.nested(source, literal, "yaml", "go")
    assert result is not None
    return result


LEXING = {
    "an interpreted and a raw literal": ('a := "x" + `y`', [b'"x"', b"`y`"]),
    "an empty literal of each kind": ('"" ``', [b'""', b"``"]),
    "a rune that is a double quote": ('c == \'"\' || d == "x"', [b'"x"']),
    "a rune that is a backquote": ("c == '`' || d == \"x\"", [b'"x"']),
    "a rune that is an escaped quote": (r"""c == '\'' || d == "x" """, [b'"x"']),
    "a rune that is a backslash": (r"""c == '\\' || d == "x" """, [b'"x"']),
    "a rune written as a long escape": (r"""c == '\U0001F600' || d == "'" """, [b'"\'"']),
    "a rune outside ASCII": ("c == '\u4e16' || d == \"x\"", [b'"x"']),
    "a line comment with quotes": ('// say "hello" `there`\n"x"', [b'"x"']),
    "a line comment with an apostrophe": ('// don\'t\n"x" // it\'s "y"', [b'"x"']),
    "a block comment with quotes over lines": ('/* "a\n`b` */ "x"', [b'"x"']),
    "block comments do not nest": ('/* /* "a" */ "x" */', [b'"x"']),
    "a block comment that ends in many stars": ('/*** "a" ***/ "x"', [b'"x"']),
    "a line comment inside a block comment": ('/* // */ "x"', [b'"x"']),
    "a block comment opened in a line comment": ('// /*\n"x"\n// */', [b'"x"']),
    "a comment opener in an interpreted literal": ('"/*" "x" "*/"', [b'"/*"', b'"x"', b'"*/"']),
    "a URL in a literal": ('"https://example.com/x" + "y"', [b'"https://example.com/x"', b'"y"']),
    "comment openers in a raw literal": ('`// /*` "x"', [b"`// /*`", b'"x"']),
    "escaped quotes": (r'"a \"b\" c" "x"', [rb'"a \"b\" c"', b'"x"']),
    "a literal that ends in a backslash": (r'"a\\" "x"', [rb'"a\\"', b'"x"']),
    "a raw literal with quotes and backslashes": (r'`"a\` "x"', [rb'`"a\`', b'"x"']),
    "a raw literal over lines": ('`a\n"b"\n` "x"', [b'`a\n"b"\n`', b'"x"']),
    "a raw literal in a CRLF file": ("x := `a\r\nb`\r\n", [b"`a\r\nb`"]),
    "a byte order mark": (BOM + b'"x"', [b'"x"']),
    "bytes that are no UTF-8": (b'\xff "x\xfe" // \xff "y"\n`\x80`', [b'"x\xfe"', b"`\x80`"]),
    "a struct tag": ('A int `json:"a,omitempty"`', [b'`json:"a,omitempty"`']),
    "a division is no comment": ('a / b / "x"', [b'"x"']),
    "nothing at all": ("", []),
}


@pytest.mark.parametrize(("text", "expected"), LEXING.values(), ids=LEXING)
def test_literals_are_found_between(text: str | bytes, expected: list[bytes]) -> None:
    assert tokens(text) == expected


BROKEN = {
    "an open interpreted literal ends with its line": ('a := "x\nb := "y"', [b'"y"']),
    "an open interpreted literal that ends in an escaped quote": ('a := "x\\"\nb := "y"', [b'"y"']),
    "an open interpreted literal that ends in a backslash": ('a := "x\\\nb := "y"', [b'"y"']),
    "an open raw literal swallows the rest": ('`x\n"y"', []),
    "an open block comment swallows the rest": ('/* x\n"y"', []),
    "an open rune hurts nothing behind it": ('a := \'x\nb := "y"', [b'"y"']),
    "a lone apostrophe at the end": ('"y" \'', [b'"y"']),
    "a lone quote at the end": ('"y" "', [b'"y"']),
}


@pytest.mark.parametrize(("text", "expected"), BROKEN.values(), ids=BROKEN)
def test_broken_files_yield_what_is_whole(text: str, expected: list[bytes]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize("piece", [b'"', b"`", b"'", b"/*", b"/* *", b'"\\', b"'\\", b'"\\"', b"//"])
def test_long_broken_files_are_read_in_one_go(piece: bytes) -> None:
    assert len(tokens(piece * 200_000)) <= 200_000


@given(st.binary(max_size=200))
def test_any_bytes_are_lexed_and_decoded_without_an_error(data: bytes) -> None:
    source = go_source(data)
    end = 0
    for literal in go.literals(source):
        assert literal.span.start >= end
        assert data[literal.span.start] == data[literal.span.end - 1] == (b"`" if literal.raw else b'"')[0]
        end = literal.span.end
        text = go.nested(source, literal, "yaml")
        assert text is None or len(text.data) == sum(segment.length for segment in text.segments)


VALUES = {
    "plain": (r'"abc"', b"abc"),
    "every simple escape": (r'"\a\b\f\n\r\t\v\\\""', b'\a\b\f\n\r\t\v\\"'),
    "an escaped apostrophe": (r'"\'"', b"'"),
    "an octal escape": (r'"\101\377"', b"A\xff"),
    "a byte escape": (r'"\x41\xe4"', b"A\xe4"),
    "a short code point": (r'"\u00e4\u4e16"', "\u00e4\u4e16".encode()),
    "a long code point": (r'"\U0001F600"', "\U0001f600".encode()),
    "raw text": (r"`a\n`", rb"a\n"),
    "raw text without its carriage returns": ("`a\r\nb\rc`", b"a\nbc"),
}


@pytest.mark.parametrize(("text", "expected"), VALUES.values(), ids=VALUES)
def test_the_value_of_a_literal_is_what_go_makes_of_it(text: str, expected: bytes) -> None:
    assert nested(text).data == expected


@pytest.mark.parametrize(
    "text", [r'"\q"', r'"\x4"', r'"\18"', r'"\400"', r'"\u12"', r'"\ud800"', r'"\U00110000"', '""', "``", "`\r`"]
)
def test_an_escape_that_go_refuses_and_an_empty_value_have_no_nested_text(text: str) -> None:
    source, literal = only(text)
    assert go.nested(source, literal, "yaml") is None


def test_spans_of_the_value_map_back_piece_by_piece() -> None:
    text = nested(r'x := "a\tb\u00e4c"')
    outer = text.outer
    assert outer is not None
    whole = {bytes([byte]): outer.data[slice(*text.outward(Span(at, at + 1)))] for at, byte in enumerate(b"a\tb")}
    assert whole == {b"a": b"a", b"\t": rb"\t", b"b": b"b"}
    at = text.data.index(b"c")
    assert outer.data[slice(*text.outward(Span(at - 2, at)))] == rb"\u00e4"
    assert outer.data[slice(*text.outward(Span(at, at + 1)))] == b"c"


def test_a_nested_text_knows_its_path_language_surface_and_line() -> None:
    text = nested("package main\n\nvar x = `a: 1\nb: 2\n`\n")
    assert (text.path, text.language, text.surface) == ("main.go", "yaml", "go")
    assert text.position(text.data.index(b"b")).line == 4


EDITS = {
    "a copy in an interpreted literal": (r'x := "image: web:dev\n"', b"dev", b"v1", r'x := "image: web:v1\n"'),
    "behind an escape": (r'x := "a: 1\nimage: web:dev\n"', b"dev", b"v1", r'x := "a: 1\nimage: web:v1\n"'),
    "across an escape": (r'x := "a\tb"', b"a\tb", b"c", r'x := "c"'),
    "an escape alone": (r'x := "a\x41b"', b"A", b"B", r'x := "aBb"'),
    "text that needs escapes": ('x := "a"', b"a", b'"\\\n\t\x01', r'x := "\"\\\n\t\x01"'),
    "an apostrophe needs none": ('x := "a"', b"a", b"it's", 'x := "it\'s"'),
    "text outside ASCII stays as it is": ('x := "a"', b"a", "\u00e4".encode(), 'x := "\u00e4"'),
    "the place of a digest is kept": ('x := "a"', b"a", b"@" + DIGEST, f'x := "@{DIGEST.decode()}"'),
    "raw text is spelled as it is": ("x := `a`", b"a", b'"\\b', 'x := `"\\b`'),
    "a line end in a raw CRLF literal": ("x := `a\r\nb`\r\n", b"b", b"c\nd", "x := `a\r\nc\r\nd`\r\n"),
    "a line end in a raw LF literal": ("x := `a\nb`\n", b"b", b"c\nd", "x := `a\nc\nd`\n"),
}


@pytest.mark.parametrize(("text", "old", "new", "expected"), EDITS.values(), ids=EDITS)
def test_edits_of_the_value_become_edits_of_the_file(text: str, old: bytes, new: bytes, expected: str) -> None:
    inside = nested(text)
    at = inside.data.index(old)
    edit = inside.edit_in_file(Edit(at, at + len(old), new))
    assert edit is not None
    assert apply(inside.file.data, [edit]) == expected.encode()


@pytest.mark.parametrize("text", [b"`", b"a\rb"])
def test_a_raw_literal_refuses_what_it_cannot_hold(text: bytes) -> None:
    assert nested("x := `abc`").edit_in_file(Edit(0, 1, text)) is None


@given(st.text(alphabet=st.sampled_from("ab\n\t\"\\'`\u00e4\U0001f600\x00\x7f"), min_size=1, max_size=30), st.data())
def test_an_interpreted_literal_gives_back_what_was_written_into_it(value: str, data: st.DataObject) -> None:
    encoded = go.Interpreted().encode(value.encode())
    assert encoded is not None
    text = nested(b'x := "' + encoded + b'"')
    assert text.data == value.encode()
    start = data.draw(st.integers(0, len(value)))
    end = data.draw(st.integers(start, len(value)))
    edit = text.edit_in_file(Edit(len(value[:start].encode()), len(value[:end].encode()), b'"new"\n'))
    assert edit is not None
    assert nested(apply(text.file.data, [edit])).data.decode() == value[:start] + '"new"\n' + value[end:]


@given(st.text(alphabet=st.sampled_from('ab\r\n"\\\u00e4'), min_size=1, max_size=30), st.data())
def test_a_raw_literal_gives_back_what_was_written_into_it(value: str, data: st.DataObject) -> None:
    kept = value.replace("\r", "")
    if not kept:
        return
    text = nested(b"x := `" + value.encode() + b"`")
    assert text.data == kept.encode()
    start = data.draw(st.integers(0, len(kept)))
    end = data.draw(st.integers(start, len(kept)))
    edit = text.edit_in_file(Edit(len(kept[:start].encode()), len(kept[:end].encode()), b"new\n"))
    assert edit is not None
    assert nested(apply(text.file.data, [edit])).data.decode() == kept[:start] + "new\n" + kept[end:]


def test_bytes_that_are_no_text_are_escaped() -> None:
    assert go.Interpreted().encode(b"\xff") == rb"\xff"


def last(text: str) -> tuple[Source, go.Literal]:
    source = go_source(text)
    return source, list(go.literals(source))[-1]


def test_the_line_around_a_literal_is_known() -> None:
    source, literal = only('\tImage: "x:dev", // why\n\tName: n,\n')
    assert (go.before(source, literal), go.after(source, literal)) == (b"\tImage: ", b", // why")
    source, literal = only('"x"')
    assert (go.before(source, literal), go.after(source, literal)) == (b"", b"")


CONTEXTS = {
    "its own line": ('Image: "x"', "Image: "),
    "the line that opens a wrapped call": ('setImage(\n\t"x"', "setImage("),
    "the line that opens a list": (
        'images := []string{\n\t"a",\n\t`b`, // old\n\t// newer\n\t"x"',
        "images := []string{",
    ),
    "never further than what is no element": ('images := []string{\n\tfoo,\n\t"x"', "\tfoo,"),
    "nothing on the first line": ('"x"', ""),
    "nothing above a blank line": ('image\n\n"x"', ""),
}


@pytest.mark.parametrize(("text", "expected"), CONTEXTS.values(), ids=CONTEXTS)
def test_the_context_of_a_literal_is(text: str, expected: str) -> None:
    assert go.context(*last(text)) == expected


def test_a_very_long_list_has_no_context() -> None:
    assert go.context(*last("images := []string{\n" + '\t"a",\n' * 100 + '\t"x"')) == ""


@pytest.mark.parametrize(
    ("text", "continuation", "continued"),
    [('a + "x"', True, False), ('a +\n\t"x"', True, False), ('"x" + a', False, True), ('f("x", a)', False, False)],
)
def test_concatenations_are_seen_on_both_sides(text: str, continuation: bool, continued: bool) -> None:
    source, literal = only(text)
    assert (go.is_continuation(source, literal), go.is_continued(source, literal)) == (continuation, continued)


LINES = {
    "alone": ("`a\nb`", b"a\nb"),
    "continued in the middle of a line": ("`a\nb` + c", b"a\n"),
    "continued after a line": ("`a\nb\n` + c", b"a\nb\n"),
    "continuing a line": ("c + `a\nb`", b"b"),
    "continuing a literal that ends its line": ('"c\\n" +\n"b: \\n"', b"b: \n"),
    "continuing a raw literal that ends its line": ("`c\n` + `b\n`", b"b\n"),
    "both": ('x + "a\\nb\\tc\\nd" + y', b"b\tc\n"),
}


@pytest.mark.parametrize(("text", "expected"), LINES.values(), ids=LINES)
def test_only_whole_lines_are_read_where_a_literal_is(text: str, expected: bytes) -> None:
    source, literal = last(text) if text.count("+\n") or "` + `" in text else only(text)
    inside = go.nested(source, literal, "yaml")
    assert inside is not None
    cut = go.whole_lines(inside, literal)
    assert cut is not None
    assert cut.data == expected
    spelled = source.data[slice(*cut.outward(Span(0, len(cut.data))))]
    assert expected in (spelled, spelled.replace(rb"\n", b"\n").replace(rb"\t", b"\t"))


@pytest.mark.parametrize("text", ["`a` + b", "b + `a`", 'x + "a\\n" + y', "x + `a` + y"])
def test_a_literal_without_a_whole_line_is_not_read(text: str) -> None:
    source, literal = only(text)
    inside = go.nested(source, literal, "yaml")
    assert inside is not None
    assert go.whole_lines(inside, literal) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%s/%v:%d", "x/x:x"),
        ("%[1]s-%[2]*.[3]*[1]f", "x-x"),
        ("%-8s%+d%#x%08.3f", "xxxx"),
        ("100%%s", "100%s"),
        ("no verbs", "no verbs"),
    ],
)
def test_verbs_become_a_letter(text: str, expected: str) -> None:
    assert go.without_verbs(text) == expected


def test_verbs_are_seen_but_not_a_doubled_percent() -> None:
    assert go.verbs("tag: %q")
    assert not go.verbs("100%%s of it")


def test_a_format_is_imported_when_something_of_it_is_asked_for() -> None:
    program = """
import sys
from codemod.formats import go, python
def loaded():
    return [name for name in sys.modules if name.startswith(("codemod.formats.go.", "codemod.formats.python."))]
assert not loaded(), loaded()
assert go.LANGUAGE.name == "go" and not hasattr(go, "__wrapped__") and not loaded()
assert go.literals.__name__ == "literals" and "codemod.formats.go.literals" in loaded()
assert not hasattr(go, "nothing") and not hasattr(python, "nothing") and python.strings
"""
    subprocess.run([sys.executable, "-c", program], check=True)
