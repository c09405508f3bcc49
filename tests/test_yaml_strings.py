"""Text inside scalars: every decoded byte maps to the bytes that spell it, and edits come out as they are meant."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from ruamel.yaml import YAML
from yamlgen import Fabric, embeddings

from codemod.edits import Edit, apply
from codemod.formats import yaml
from codemod.judge import fault
from codemod.source import BOM, Source, Span


def meaning(data: bytes) -> Any:
    """What YAML 1.2 reads, by another parser than the one that gave the spans."""
    return YAML(typ="safe", pure=True).load(data.decode().removeprefix("\ufeff"))


def scalar_of(source: Source, key: str) -> tuple[yaml.Document, yaml.Scalar]:
    for document in yaml.documents(source):
        entry = document.root.get(key) if isinstance(document.root, yaml.Mapping) else None
        if entry is not None and isinstance(entry.value, yaml.Scalar):
            return document, entry.value
    raise AssertionError(f"no {key}")


def opened(source: Source, key: str = "k") -> Source:
    document, scalar = scalar_of(source, key)
    text = yaml.nested(document, scalar)
    assert text is not None
    assert text.data.decode() == scalar.value
    return text


STYLES = {
    "plain": ("k: ab cd\n", "ab cd"),
    "plain with quotes": ("k: it's 'ab' \"cd\"\n", "it's 'ab' \"cd\""),
    "plain over lines": ("k: ab\n  cd\n\n\n  ef\n", "ab cd\n\nef"),
    "single": ("k: 'ab ''cd'' e'\n", "ab 'cd' e"),
    "single over lines": ("k: 'ab  \n   cd\n\n  ''ef '\n", "ab cd\n'ef "),
    "single, a fold at each end": ("k: '\n  ab\n  '\n", " ab "),
    "double": ('k: "ab \\"cd\\" \\\\ e"\n', 'ab "cd" \\ e'),
    "double over lines": ('k: "ab \n\n  cd\n  ef"\n', "ab\ncd ef"),
    "double, joined lines": ('k: "ab \\\n   cd\\\n\n  \\  ef"\n', "ab cd\n  ef"),
    "double, numbers": ('k: "\\x41\\u00e9\\U0001F600\\u540d x"\n', "Aé😀名 x"),
    "double, named": (
        'k: "\\0\\a\\b\\t\\\t\\n\\v\\f\\r\\e\\ \\"\\/\\\\\\N\\_\\L\\P"\n',
        '\0\a\b\t\t\n\v\f\r\x1b "/\\\x85\xa0\u2028\u2029',
    ),
    "literal": ("k: |\n  ab\n    cd\n\n  ef\n", "ab\n  cd\n\nef\n"),
    "literal, strip": ("k: |-\n  ab\n  cd\n\n\n", "ab\ncd"),
    "literal, keep": ("k: |+\n  ab\n\n\n", "ab\n\n\n"),
    "literal, keep of nothing": ("k: |+\n\n\n", "\n\n"),
    "literal, leading empty lines": ("k: |\n\n\n  ab\n", "\n\nab\n"),
    "literal, indentation said": ("k: |2\n    ab\n  cd\n", "  ab\ncd\n"),
    "literal, indentation and chomping": ("k: |2-\n    ab\n  cd\n", "  ab\ncd"),
    "literal, chomping and indentation": ("k: |-2\n    ab\n  cd\n", "  ab\ncd"),
    "literal, keep and indentation": ("k: |+1\n   ab\n\n", "  ab\n\n"),
    "literal, a comment in the header": ("k: |- # why\n  ab\n", "ab"),
    "literal, a comment behind": ("k: |\n  ab\n# why\n", "ab\n"),
    "literal, blanks at the ends of lines": ("k: |\n  ab  \n  \t\n     \n  cd\n", "ab  \n\t\n   \ncd\n"),
    "literal, tabs": ("k: |\n  ab\n  \tc\td\n", "ab\n\tc\td\n"),
    "literal, one column": ("k: |\n ab\n", "ab\n"),
    "literal, the last line open": ("k: |\n  ab\n  cd", "ab\ncd"),
    "literal, only blanks": ("k: |2\n    \n", "  \n"),
    "folded": ("k: >\n  ab\n  cd\n\n  ef\n", "ab cd\nef\n"),
    "folded, strip": ("k: >-\n  ab\n  cd\n", "ab cd"),
    "folded, keep": ("k: >+\n  ab\n\n", "ab\n\n"),
    "folded, paragraphs": ("k: >\n  ab\n\n\n  cd\n", "ab\n\ncd\n"),
    "folded, more-indented lines": ("k: >\n  ab\n    cd\n    ef\n  gh\n", "ab\n  cd\n  ef\ngh\n"),
    "folded, more-indented and empty lines": ("k: >\n  ab\n\n    cd\n\n  gh\n", "ab\n\n  cd\n\ngh\n"),
    "folded, tabs count as more": ("k: >\n  ab\n  \tcd\n  ef\n", "ab\n\tcd\nef\n"),
    "folded, indentation said": ("k: >1-\n   ab\n cd\n ef\n", "  ab\ncd ef"),
    "folded, leading empty lines": ("k: >\n\n  ab\n  cd\n", "\nab cd\n"),
    "wide characters": ("k: |\n  é 名\n  😀 ab\n", "é 名\n😀 ab\n"),
    "flow, plain": ("{k: ab cd}\n", "ab cd"),
    "flow, quoted": ('{"k":"ab\\tcd"}\n', "ab\tcd"),
    "tagged": ("k: !!str &x |\n  ab\n", "ab\n"),
}


def spelled(text: str, line_break: str = "\n", mark: bytes = b"") -> bytes:
    return mark + text.replace("\n", line_break).encode()


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize(("text", "value"), STYLES.values(), ids=STYLES.keys())
def test_a_scalar_is_opened_as_the_text_that_it_says(text: str, value: str, line_break: str) -> None:
    source = Source("a.yaml", spelled(text, line_break, BOM + "# é😀\n".encode()), "yaml")
    assert opened(source).data.decode() == value


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize(("text", "value"), STYLES.values(), ids=STYLES.keys())
def test_every_decoded_character_maps_to_the_bytes_that_spell_it(text: str, value: str, line_break: str) -> None:
    source = Source("a.yaml", spelled(text, line_break), "yaml")
    inside = opened(source)
    _, scalar = scalar_of(source, "k")
    at, before = 0, Span(scalar.start, scalar.start)
    for character in value:
        size = len(character.encode())
        place = inside.outward(Span(at, at + size))
        written = source.text(place)
        assert place.start < place.end <= scalar.end
        assert before.end <= place.start or (place == before and character == "\n")  # several breaks fold as a whole
        if character == "\n":
            assert line_break in written or written == "\\n"
        elif character == " ":
            assert not written.strip() or written == "\\ "
        else:
            assert written == character or written[0] == "\\" or (character, written) == ("'", "''")
        at, before = at + size, place


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize(("text", "value"), STYLES.values(), ids=STYLES.keys())
def test_edits_of_words_make_exactly_the_intended_value(text: str, value: str, line_break: str) -> None:
    source = Source("a.yaml", spelled(text, line_break), "yaml")
    inside = opened(source)
    for word in re.finditer(rb"[a-z]+", inside.data):
        for new in (b"", b"X", b"sha256:0a@1"):
            if not new and (value.strip() == word[0].decode() or len(word[0]) < 2):
                continue
            start = word.start() + (0 if new else 1)
            edit = inside.edit_in_file(Edit(start, word.end(), new))
            assert edit is not None
            after = apply(source.data, [edit])
            intended = inside.data[:start] + new + inside.data[word.end() :]
            assert opened(Source("a.yaml", after, "yaml")).data == intended
            if not re.search(r"\\[\t/NLPe]|\t", text):
                assert meaning(after)["k"] == intended.decode()


@profile(max_examples=600)
@given(st.randoms(use_true_random=False))
def test_edits_in_random_scalars_make_exactly_the_intended_value(random: Random) -> None:
    data = _random_scalar(random)
    source = Source("a.yaml", data, "yaml")
    document, scalar = scalar_of(source, "k")
    inside = yaml.nested(document, scalar)
    assert inside is not None
    assert inside.data.decode() == scalar.value == meaning(data)["k"]
    for word in re.finditer(rb"[A-Za-z0-9]+", inside.data):
        edit = inside.edit_in_file(Edit(*word.span(), b"XYZ0"))
        assert edit is not None
        now = meaning(apply(data, [edit]))
        intended = inside.data[: word.start()] + b"XYZ0" + inside.data[word.end() :]
        assert now == {"k": intended.decode(), "z": "end"}


def _random_scalar(random: Random) -> bytes:
    fabric = Fabric(random)
    pieces = (
        "a",
        "bc",
        " ",
        "\n",
        "\n",
        "  ",
        "é",
        "😀",
        "'",
        '"',
        "\\",
        "x: y",
        "#",
        " # ",
        "-",
        ": ",
        "Q1",
        "/",
        "\n\n",
    )
    value = "s" + "".join(pieces[random.randrange(len(pieces))] for _ in range(random.randrange(1, 14)))
    line_break = ("\n", "\n", "\r\n", "\r")[random.randrange(4)]
    lines = fabric.scalar("k:", value if random.randrange(3) else f"  {value}\n")
    return (
        (("# é😀\n" if random.randrange(4) == 0 else "") + "\n".join(lines) + "\nz: end\n")
        .replace("\n", line_break)
        .encode()
    )


# Texts in texts -------------------------------------------------------------------------------------------------------


def test_a_json_string_in_a_block_in_a_double_quoted_string_is_edited_through_all_three() -> None:
    innermost = json.dumps({"image": "a/b:main", "note": 'say "hi"\n\tnow\\'})
    block = "list:\n- k: |-\n    " + innermost + "\n  z: 1\n"
    data = ("é: x\r\nk: " + json.dumps(block) + " # why\r\nz: end\r\n").encode()
    source = Source("a.yaml", data, "yaml")
    first = opened(source)
    (document,) = yaml.documents(first)
    block_scalar = next(scalar for scalar in yaml.scalars(document.root) if scalar.style == "|")
    second = yaml.nested(document, block_scalar)
    assert second is not None
    assert second.data.decode() == innermost
    third = opened(second, "image")
    at = third.data.index(b":main")
    edit = third.edit_in_file(Edit(at, at + 5, b'@sha256:"0"'))
    assert edit is not None
    after = apply(data, [edit])
    once = meaning(after)["k"]
    twice = meaning(once.encode())["list"][0]["k"]
    assert json.loads(twice) == {"image": 'a/b@sha256:"0"', "note": 'say "hi"\n\tnow\\'}
    assert after == data.replace(b":main", rb"@sha256:\\\"0\\\"")
    assert source.position(edit.start).line == 2


@profile(max_examples=100, suppress_health_check=list(HealthCheck))
@given(embeddings())
def test_the_word_at_the_bottom_of_any_nesting_is_edited_and_nothing_else(found: tuple[bytes, int]) -> None:
    data, depth = found
    source = Source("a.yaml", data, "yaml")
    for _ in range(depth):
        source = opened(source)
    source = opened(source, "image")
    assert source.data.strip() == b"acme/app:main"
    at = source.data.index(b":main")
    edit = source.edit_in_file(Edit(at, at + 5, b"@sha256:00"))
    assert edit is not None
    after = apply(data, [edit])
    if re.search(rb"[\r\n]", data[edit.start : edit.end]) and fault(Source("a.yaml", data, "yaml"), after, [edit]):
        return  # a word over lines inside a folded text, whose lines fold otherwise afterwards: seen, and not done
    now, was = meaning(after), meaning(data)
    for _ in range(depth):
        below = now.pop("k"), was.pop("k")
        assert now == was
        now, was = (meaning(text.encode()) for text in below)
    assert now.pop("image").strip() == "acme/app@sha256:00"
    assert was.pop("image").strip() == "acme/app:main"
    assert now == was


def test_offsets_inside_are_positions_of_the_file() -> None:
    source = Source("a.yaml", b"x: 1\nk: |\n    a: 1\n    image: b:main\n", "yaml")
    inside = opened(source)
    assert inside.position(inside.data.index(b"b:main")) == source.position(source.data.index(b"b:main"))


# What the quoting cannot say, and what cannot be opened ---------------------------------------------------------------

REFUSED = {
    "a line break in single quotes": ("k: 'ab'\n", b"c\nd"),
    "a carriage return in single quotes": ("k: 'ab'\n", b"c\rd"),
    "a line break in plain text": ("k: ab\n", b"c\nd"),
    "a comment in plain text": ("k: ab\n", b"c #d"),
    "a mapping in plain text": ("k: ab\n", b"c: d"),
    "an end of a flow in plain text": ("{k: ab}\n", b"c}"),
    "a line break in a folded block": ("k: >\n  ab\n", b"c\nd"),
    "a blank at the edge of folded text": ("k: >\n  ab\n", b" c"),
}


@pytest.mark.parametrize(("text", "new"), REFUSED.values(), ids=REFUSED.keys())
def test_what_the_quoting_cannot_say_is_refused(text: str, new: bytes) -> None:
    inside = opened(Source("a.yaml", text.encode(), "yaml"))
    assert inside.edit_in_file(Edit(0, 2, new)) is None


@pytest.mark.parametrize("text", ["k: 'ab'\n", "k: ab\n", 'k: "ab"\n', "k: |\n  ab\n", "k: >\n  ab\n"])
def test_a_digest_can_be_said_everywhere(text: str) -> None:
    inside = opened(Source("a.yaml", text.encode(), "yaml"))
    edit = inside.edit_in_file(Edit(2, 2, b"@sha256:00"))
    assert edit is not None
    assert meaning(apply(text.encode(), [edit]))["k"].strip() == "ab@sha256:00"


def test_quotes_and_backslashes_are_escaped_as_the_quoting_wants() -> None:
    for text, new, expected in (
        ("k: 'ab'\n", b"it's", "k: 'it''s'\n"),
        ('k: "ab"\n', b'"\\\n\t\r', 'k: "\\"\\\\\\n\\t\\r"\n'),
        ("k: |\n   ab\n", b"c\nd", "k: |\n   c\n   d\n"),
        ("k: |\r\n   ab\r\n", b"c\nd", "k: |\r\n   c\r\n   d\r\n"),
    ):
        edit = opened(Source("a.yaml", text.encode(), "yaml")).edit_in_file(Edit(0, 2, new))
        assert edit is not None
        assert apply(text.encode(), [edit]).decode() == expected


def test_text_on_which_the_parsers_disagree_is_not_opened() -> None:
    document, scalar = scalar_of(Source("a.yaml", 'k: "a\u0085b: c"\n'.encode(), "yaml"), "k")
    assert yaml.nested(document, scalar) is None


def test_template_actions_inside_a_block_are_opened_as_they_are_written() -> None:
    data = b"k: |\n  a: {{ .x }}\n  image: b:main\nz: {{ .y }}\n"
    source = Source("a.yaml", data, "yaml")
    document, scalar = scalar_of(source, "k")
    assert document.masks
    inside = yaml.nested(document, scalar)
    assert inside is not None
    assert inside.data == b"a: {{ .x }}\nimage: b:main\n"
    edit = inside.edit_in_file(Edit(19, 25, b"c"))
    assert edit is not None
    assert apply(data, [edit]) == data.replace(b"b:main", b"c")


def test_a_nested_text_says_its_language_and_surface() -> None:
    document, scalar = scalar_of(Source("a.yaml", b"k: |\n  ab\n", "yaml"), "k")
    inside = yaml.nested(document, scalar, "shell", "embedded")
    assert inside is not None
    assert (inside.language, inside.surface, inside.path) == ("shell", "embedded", "a.yaml")


def test_the_styles_of_this_file_say_what_another_parser_reads() -> None:
    for text, value in STYLES.values():
        assert pyyaml.load(text, Loader=pyyaml.CBaseLoader)["k"] == value, text
