"""Reading YAML: every node is where it says it is, documents do not harm each other, and no input takes long."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from work import calls, grows_linearly

from codemod.formats import yaml
from codemod.formats.yaml import Alias, Mapping, Node, Scalar, Sequence
from codemod.source import BOM, Source


def read(data: bytes | str) -> tuple[yaml.Document, ...]:
    return yaml.documents(Source("a.yaml", data.encode() if isinstance(data, str) else data, "yaml"))


def root(data: bytes | str) -> Node | None:
    (document,) = read(data)
    assert document.problem is None, document.problem
    return document.root


def table(data: bytes | str) -> Mapping:
    found = root(data)
    assert isinstance(found, Mapping)
    return found


def tokens(data: bytes | str) -> list[str]:
    """The very bytes of every node, parents first, in the order of the text."""
    raw = data.encode() if isinstance(data, str) else data
    found: list[str] = []
    for document in read(raw):
        assert document.problem is None, document.problem
        waiting: list[Node | None] = [document.root]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Mapping):
                waiting += [part for entry in reversed(node.entries) for part in (entry.value, entry.key)]
            elif isinstance(node, Sequence):
                waiting += reversed(node.items)
            if isinstance(node, (Scalar, Alias)) or (isinstance(node, (Mapping, Sequence)) and node.flow):
                found.append(raw[node.start : node.end].decode())
    return found


def values(data: bytes | str) -> list[str]:
    return [scalar.value for document in read(data) for scalar in yaml.scalars(document.root)]


SPANS = {
    "plain": ("a: b c # d\n", ["a", "b c"]),
    "single quotes": ("'a': 'it''s' # d\n", ["'a'", "'it''s'"]),
    "double quotes": ('"a": "\\"b\\" \\\\"\n', ['"a"', '"\\"b\\" \\\\"']),
    "literal": ("a: |2- # c\n   b\n\n  c\n\nd: e\n", ["a", "|2- # c\n   b\n\n  c\n\n", "d", "e"]),
    "folded": ("a: >\n  b\n  c\nd: e\n", ["a", ">\n  b\n  c\n", "d", "e"]),
    "literal at the end without a line break": ("a: |\n  b", ["a", "|\n  b"]),
    "plain over lines": ("a: b\n  c\n\n  d # e\nf: g\n", ["a", "b\n  c\n\n  d", "f", "g"]),
    "quoted over lines": ("a: \"b\n  c\\\n  d\"\ne: 'f\n\n  g'\n", ["a", '"b\n  c\\\n  d"', "e", "'f\n\n  g'"]),
    "flow": ("{a: [b, 'c'], d: {}}\n", ["{a: [b, 'c'], d: {}}", "a", "[b, 'c']", "b", "'c'", "d", "{}"]),
    "flow over lines": ("[\n  a, # x\n  b,\n]\n", ["[\n  a, # x\n  b,\n]", "a", "b"]),
    "flow pair": ("[a: b]\n", ["[a: b]", "a: b", "a", "b"]),
    "flow, empty values": ("{a: , b}\n", ["{a: , b}", "a", "", "b", ""]),
    "json": (
        '{\n\t"a":\t"b",\n\t"c": [1,2]\n}\n',
        ['{\n\t"a":\t"b",\n\t"c": [1,2]\n}', '"a"', '"b"', '"c"', "[1,2]", "1", "2"],
    ),
    "adjacent json value": ('{"a":b}\n', ['{"a":b}', '"a"', "b"]),
    "empty values": ("a:\nb: # c\nd: ''\n", ["a", "", "b", "", "d", "''"]),
    "empty items": ("- \n-\n- a\n", ["", "", "a"]),
    "anchors and aliases": ("a: &x b\nc: *x\nd: [*x , *x]\n", ["a", "b", "c", "*x", "d", "[*x , *x]", "*x", "*x"]),
    "tags": ("a: !!str b\nc: !<tag:x,1> 'd'\ne: ! f\n", ["a", "b", "c", "'d'", "e", "f"]),
    "tag and anchor": ("- &a !!str b\n- !!str &c d\n- &e\n  # why\n  !t\n  f\n", ["b", "d", "f"]),
    "anchor of nothing": ("a: &x\nb: !!null # c\nc: d\n", ["a", "", "b", "", "c", "d"]),
    "anchor before a block": ("a: &x |\n  b\n", ["a", "|\n  b\n"]),
    "anchor before a flow": ("a: &x [b]\n", ["a", "[b]", "b"]),
    "anchored key": ("&x a: b\n", ["a", "b"]),
    "complex keys": ("? [a, b]\n: c\n? |\n  d\n: e\n? f\n", ["[a, b]", "a", "b", "c", "|\n  d\n", "e", "f", ""]),
    "compact nesting": ("- - a\n  - b\n-   c: d\n    e: f\n", ["a", "b", "c", "d", "e", "f"]),
    "sequence at the key's column": ("a:\n- b\n- c: d\n", ["a", "b", "c", "d"]),
    "two, three and four bytes a character": (
        "é: 'é' # é\n名前: \"名😀\"\n😀: 😀 x\n? é\n: z\n",
        ["é", "'é'", "名前", '"名😀"', "😀", "😀 x", "é", "z"],
    ),
    "next line in quotes": ("a: 'b\u0085c'\nd: e\n", ["a", "'b\u0085c'", "d", "e"]),
    "colons and hashes inside words": ("a: b:c#d\ne: http://f/g\n", ["a", "b:c#d", "e", "http://f/g"]),
}


@pytest.mark.parametrize(("text", "expected"), SPANS.values(), ids=SPANS.keys())
def test_the_span_of_a_node_is_its_very_token(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize("line_break", ["\r\n", "\r"], ids=["CRLF", "CR"])
@pytest.mark.parametrize(("text", "expected"), SPANS.values(), ids=SPANS.keys())
def test_spans_hold_with_other_line_breaks(text: str, expected: list[str], line_break: str) -> None:
    assert tokens(text.replace("\n", line_break)) == [token.replace("\n", line_break) for token in expected]


@pytest.mark.parametrize(("text", "expected"), SPANS.values(), ids=SPANS.keys())
def test_spans_hold_behind_a_mark_other_documents_and_wide_characters(text: str, expected: list[str]) -> None:
    assert tokens(BOM + f"# 😀\n--- 'é'\n---\nz: 😀\n---\n{text}".encode()) == ["'é'", "z", "😀", *expected]


@pytest.mark.parametrize(("text", "expected"), SPANS.values(), ids=SPANS.keys())
def test_line_breaks_do_not_change_what_a_text_says(text: str, expected: list[str]) -> None:
    assert values(text.replace("\n", "\r\n")) == values(text)
    assert values(text.replace("\n", "\r")) == values(text)


def test_mixed_line_breaks_are_read() -> None:
    assert tokens("a: b\r\nc: |\r\n  d\n  e\r\nf: g\rh: i") == ["a", "b", "c", "|\r\n  d\n  e\r\n", "f", "g", "h", "i"]


def test_a_second_byte_order_mark_does_not_move_spans() -> None:
    assert tokens(BOM + BOM + b"a: b\n") == ["a", "b"]


# Documents ------------------------------------------------------------------------------------------------------------

DOCUMENTS = {
    "one": ("a: b\n", ["a: b\n"]),
    "three": ("a\n---\nb\n---\nc\n", ["a\n", "---\nb\n", "---\nc\n"]),
    "text behind the marker": ("a\n--- b\n--- |\n c\n", ["a\n", "--- b\n", "--- |\n c\n"]),
    "tab behind the marker": ("a\n---\tb\n", ["a\n", "---\tb\n"]),
    "marker at the end": ("a\n---", ["a\n", "---"]),
    "end marker": ("a\n...\nb\n", ["a\n...\n", "b\n"]),
    "end marker with a comment": ("a\n... # x\n---\nb\n", ["a\n... # x\n", "---\nb\n"]),
    "end marker at the end": ("a\n...\n", ["a\n...\n"]),
    "end marker without a line break": ("a\n...", ["a\n..."]),
    "comments behind the end marker": ("a\n...\n# x\n\n", ["a\n...\n# x\n\n"]),
    "comments before the first": ("# x\n\n  # y\n---\na\n", ["# x\n\n  # y\n---\na\n"]),
    "directives before the first": (
        "%YAML 1.2\n%TAG !e! tag:e,1:\n---\na\n",
        ["%YAML 1.2\n%TAG !e! tag:e,1:\n---\na\n"],
    ),
    "comment above directives": ("  # x\n%YAML 1.2\n---\na\n", ["  # x\n%YAML 1.2\n---\na\n"]),
    "directives between": ("a\n...\n# x\n%YAML 1.2\n---\nb\n", ["a\n...\n", "# x\n%YAML 1.2\n---\nb\n"]),
    "look-alikes": ("---foo: bar\n----: x\n....: z\na:\n --- : y\n", ["---foo: bar\n----: x\n....: z\na:\n --- : y\n"]),
    "deeper in a block": ("a: |\n  ---\n  ...\n  b\n", ["a: |\n  ---\n  ...\n  b\n"]),
    "a comment of dashes": ("# ---\na: b # ---\n#---\n", ["# ---\na: b # ---\n#---\n"]),
    "CRLF": ("a\r\n---\r\nb\r\n", ["a\r\n", "---\r\nb\r\n"]),
    "CR": ("a\r---\rb\r...\rc\r", ["a\r", "---\rb\r...\r", "c\r"]),
    "empty ones": ("---\n---\na\n---\n", ["---\n", "---\na\n", "---\n"]),
    "nothing": ("", [""]),
    "only comments": ("# x\n", ["# x\n"]),
}


@pytest.mark.parametrize("mark", [b"", BOM], ids=["plain", "byte order mark"])
@pytest.mark.parametrize(("text", "expected"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_documents_are_cut_where_yaml_cuts_them(text: str, expected: list[str], mark: bytes) -> None:
    data = mark + text.encode()
    found = read(data)
    assert [data[slice(*document.span)].decode() for document in found] == expected
    assert [document.problem for document in found] == [None] * len(expected)


def test_documents_say_what_ruamel_yaml_says() -> None:
    from ruamel.yaml import YAML

    for text, _ in DOCUMENTS.values():
        if "\t" in text:
            continue  # it takes a tab for an error where YAML 1.2 does not
        expected = [document for document in YAML(typ="safe", pure=True).load_all(text) if document is not None]
        found = [document.root for document in read(text) if document.root is not None]
        assert len([node for node in found if not (isinstance(node, Scalar) and node.is_null)]) == len(expected), text


def test_a_second_document_that_only_old_yaml_sees_is_a_problem_not_a_loss() -> None:
    (document,) = read("a: b\u0085---\u0085c: d\n")
    assert document.root is None
    assert document.problem is not None


BROKEN = {
    "invalid UTF-8": (b"b: \xff\n", 3),
    "invalid UTF-8 behind wide characters": (b"\xc3\xa9: \xff\n", 4),
    "a tab as indentation": (b"b:\n\tc: d\n", 3),
    "an unclosed quote": (b"b: 'c\n", None),
    "an unclosed double quote": (b'b: "c\n', None),
    "an unclosed flow": (b"b: [c\n", None),
    "a bad escape": (b'b: "\\q"\n', None),
    "a control character": (b"b: c\x00d\n", 4),
    "bad indentation": (b"  b: c\n d: e\n", None),
    "a marker in quotes": (b"b: 'c\n---\n", None),
    "a text behind an alias": (b"b: *c d\n", None),
    "two values": (b"b: c: d\n", None),
}


@pytest.mark.parametrize(("text", "offset"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_document_says_where_and_harms_no_other(text: bytes, offset: int | None) -> None:
    data = b"a: \xc3\xa9\n---\n" + text + b"---\nz: y\n"
    first, broken, *_, last = read(data)
    assert (first.problem, last.problem) == (None, None)
    assert isinstance(first.root, Mapping)
    assert isinstance(last.root, Mapping)
    assert broken.root is None
    assert broken.problem is not None
    assert broken.problem.message
    begin = data.index(b"---\n") + 4
    assert broken.span.start <= broken.problem.offset <= broken.span.end
    if offset is not None:
        assert broken.problem.offset == begin + offset


def test_a_problem_is_placed_in_bytes_not_in_characters() -> None:
    data = "é: 😀\nb: [c\nd: e\n".encode()
    (document,) = read(data)
    assert document.problem is not None
    assert data[: document.problem.offset].decode().startswith("é: 😀\nb: [c\nd")


def test_utf_16_is_a_problem() -> None:
    (document,) = read("a: b\n".encode("utf-16"))
    assert document.root is None
    assert document.problem is not None


def test_escaped_surrogates_of_json_are_read_without_moving_a_span() -> None:
    data = rb'{"a": "\ud83d\ude00", "b": "\\ud83d", "c": "d"}'
    assert tokens(data) == [data.decode(), '"a"', r'"\ud83d\ude00"', '"b"', r'"\\ud83d"', '"c"', '"d"']
    assert table(data).text("b") == r"\ud83d"


# Anchors, merges, keys ------------------------------------------------------------------------------------------------


def test_an_alias_stands_for_the_last_node_of_its_name_before_it() -> None:
    found = table("a: &x 1\nb: *x\nc: &x 2\nd: *x\n")
    assert [found.text(key) for key in "abcd"] == ["1", "1", "2", "2"]


def test_an_alias_without_an_anchor_stands_for_nothing() -> None:
    found = table("a: *x\nb: &x 1\n")
    assert found.text("a") is None
    assert yaml.target(found.entries[0].value) is None


def test_aliases_are_listed_in_the_order_of_the_text() -> None:
    (document,) = read("a: &x 1\nb: [*x , {c: *x }]\nd: *x\n")
    assert [alias.start for alias in document.aliases] == [12, 21, 30]
    assert all(isinstance(alias.target, Scalar) for alias in document.aliases)


def test_of_equal_keys_the_last_counts_and_all_are_kept() -> None:
    found = table("a: 1\nb: 2\na: 3\n")
    assert found.text("a") == "3"
    assert [found.entries[at].value.start for at in range(3)] == [3, 8, 13]


MERGES = {
    "own keys win": ("{b: &b {k: 1}, r: {<<: *b, k: 2}}", "2"),
    "own keys win, wherever they stand": ("{b: &b {k: 1}, r: {k: 2, <<: *b}}", "2"),
    "merged": ("{b: &b {k: 1}, r: {<<: *b}}", "1"),
    "the first of a list wins": ("{b: &b {k: 1}, c: &c {k: 2}, r: {<<: [*b, *c]}}", "1"),
    "the second of a list helps out": ("{b: &b {j: 1}, c: &c {k: 2}, r: {<<: [*b, *c]}}", "2"),
    "merges of merges before the second of a list": (
        "{a: &a {k: 0}, b: &b {<<: *a}, c: &c {k: 2}, r: {<<: [*b, *c]}}",
        "0",
    ),
    "written out": ("{r: {<<: {k: 1}}}", "1"),
    "an alias of a value": ("{v: &v x, r: {k: *v}}", "x"),
    "quoted, the key is no merge": ("{b: &b {k: 1}, r: {'<<': *b}}", None),
    "of a scalar": ("{b: &b x, r: {<<: *b}}", None),
    "of a list in a list": ("{b: &b {k: 1}, r: {<<: [[*b]]}}", None),
    "of nothing": ("{r: {<<: *gone, j: 1}}", None),
    "of itself": ("{r: &r {<<: *r}}", None),
    "of each other": ("{a: &a {<<: *b}, b: &b {<<: *a}, r: {<<: *b}}", None),
    "through a loop to a value": ("{r: &r {<<: [*r, {k: 1}]}}", "1"),
}


@pytest.mark.parametrize(("text", "expected"), MERGES.values(), ids=MERGES.keys())
def test_merge_keys(text: str, expected: str | None) -> None:
    node = yaml.lookup(table(text), "r")
    assert isinstance(node, Mapping)
    assert node.text("k") == expected


def test_long_chains_of_merges_are_followed_to_their_end() -> None:
    links = "".join(f"a{at}: &a{at} {{<<: *a{at - 1}}}\n" for at in range(1, 2000))
    node = yaml.lookup(table("a0: &a0 {k: v}\n" + links), "a1999")
    assert isinstance(node, Mapping)
    assert node.text("k") == "v"


def test_keys_lead_to_a_node_and_back() -> None:
    document = table("a:\n  - b: {c: [d, &x e]}\n  - *x\n")
    sought = next(scalar for scalar in yaml.scalars(document) if scalar.value == "e")
    assert yaml.keys_of(sought) == ("a", 0, "b", "c", 1)
    assert yaml.keys_of(document) == ()


def test_descending_follows_maps_merges_aliases_and_indices() -> None:
    found = table("a: &a {b: {c: d}}\ne: {<<: *a}\nf: *a\ng: [h]\n")
    for way in (("a", "b", "c"), ("e", "b", "c"), ("f", "b", "c")):
        node, depth = yaml.descend(found, way)
        assert isinstance(node, Scalar)
        assert (node.value, depth) == ("d", 3)
    assert yaml.descend(found, ("a", "x", "y")) == (None, 1)
    assert yaml.descend(found, ("g", 1)) == (found.index["g"].value, 1)
    assert yaml.keys_of(yaml.descend(found, ("g", 0))[0] or found) == ("g", 0)
    assert yaml.descend(found, ("a", "b", "c", "z"))[1] == 3
    assert yaml.descend(None, ("a",)) == (None, 0)


def test_scalars_know_what_every_reader_takes_for_text() -> None:
    for text in ("abc", "v1.2.3", "1.2.3", "'1'", '"true"', "!!str 1", "2024.06-x", "sha-1", "-", "0x", "1e"):
        (node,) = yaml.scalars(root(f"[{text}]" if text != "-" else "'-'"))
        assert node.is_text, text
    for text in (
        "1",
        "1.10",
        "1e3",
        "0x1f",
        "0755",
        "0o17",
        "true",
        "No",
        "on",
        "~",
        "null",
        ".inf",
        "-.5",
        "+12",
        "1_000",
    ):
        (node,) = yaml.scalars(root(f"[{text}]"))
        assert not node.is_text, text


def test_only_unquoted_untagged_nulls_are_null() -> None:
    assert [node.is_null for node in yaml.scalars(root("[~, null, Null, NULL, '', \"null\", !!str null, nULL]"))] == [
        *[True] * 4,
        *[False] * 4,
    ]
    assert [node.is_null for node in yaml.scalars(root("a:\n"))] == [False, True]


# Templates ------------------------------------------------------------------------------------------------------------


def test_what_strict_yaml_can_read_stays_unmasked() -> None:
    for text in (
        "a: '{{ .x }}'\n",
        "a: |\n  {{ .x }}\n",
        "a: x{{ .y }}\n",
        "# {{ x }}\na: b\n",
        "{{a: b}: c}\n",
        "a: '{{'\n",
    ):
        (document,) = read(text)
        assert (document.problem, document.masks) == (None, ())
        assert document.text == text.encode()


def test_masked_documents_keep_every_offset() -> None:
    data = "é: {{ .Values.é }}\n{{- if .x }}\nimage: a/b:main\n{{- end }}\n".encode()
    (document,) = read(data)
    assert document.problem is None
    assert [data[slice(*span)] for span in document.masks] == [
        "{{ .Values.é }}".encode(),
        b"{{- if .x }}",
        b"{{- end }}",
    ]
    assert len(document.text) == len(data)
    first, value, key, image = yaml.scalars(document.root)
    assert data[value.start : value.end] == "{{ .Values.é }}".encode()
    assert [node.templated for node in (first, value, key, image)] == [False, True, False, False]
    assert data[image.start : image.end] == b"a/b:main"


def test_masks_of_a_later_document_are_told_from_its_own_beginning() -> None:
    data = b"a: b\n---\nc: {{ .x }}\nd: e\n"
    _, second = read(data)
    assert [data[second.span.start :][slice(*span)] for span in second.masks] == [b"{{ .x }}"]
    assert [node.templated for node in yaml.scalars(second.root)] == [False, True, False, False]


def test_scalars_beside_an_action_are_not_templated() -> None:
    (document,) = read("a: [x, {{ .y }}, z]\nb: pre-{{ .y }}-post\nc: d\n")
    assert [(node.value, node.templated) for node in yaml.scalars(document.root) if node.templated] == [
        ("x" * 8, True),
        ("pre-xxxxxxxx-post", True),
    ]


def test_a_template_in_quotes_is_said_to_be_one_without_masks() -> None:
    (document,) = read("a: '{{ .x }}:main'\nb: c\n")
    assert [node.templated for node in yaml.scalars(document.root)] == [False, True, False, False]


def test_an_action_without_an_end_is_a_problem_with_words() -> None:
    for text in ("a: {{ .x\n", "a: b\n{{ if\n", "{{{{\n"):
        (document,) = read(text)
        assert document.problem is not None
        assert document.problem.message


def test_a_template_that_is_no_yaml_even_masked_is_a_problem() -> None:
    (document,) = read("a: {{ .x }}\n b: c\nd\n")
    assert document.problem is not None


# Time and depth -------------------------------------------------------------------------------------------------------

DEEP: dict[str, Callable[[int], bytes]] = {
    "flow sequences": lambda depth: b"[" * depth + b"x" + b"]" * depth,
    "flow mappings": lambda depth: b"{a: " * depth + b"x" + b"}" * depth,
    "json": lambda depth: b'{"a":' * depth + b'"x"' + b"}" * depth,
    "block sequences": lambda depth: b"- " * depth + b"x\n",
    "block mappings": lambda depth: b"".join(b" " * at + b"a:\n" for at in range(depth)) + b" " * depth + b"x\n",
    "complex keys": lambda depth: b"? " * depth + b"x\n",
}
DEPTH_READ = 900
"""libyaml 0.2.6 gives up at 1000 levels, earlier ones never."""
ENDLESS = [b"[", b"{a: ", b"a: {{ ", b"{{", b"{"]


def look_around(document: yaml.Document, depth: int) -> None:
    """Find the one leaf, which is `depth` levels deep, and walk down from the root as far as its keys lead."""
    assert isinstance(document.root, (Mapping, Sequence))
    (leaf,) = (scalar for scalar in yaml.scalars(document.root) if scalar.value == "x")
    assert len(yaml.keys_of(leaf)) == depth
    yaml.descend(document.root, ("a",) * depth)
    if isinstance(document.root, Mapping):
        yaml.lookup(document.root, "none")


@pytest.mark.parametrize("nested", DEEP.values(), ids=DEEP.keys())
def test_what_is_nested_deep_is_read(nested: Callable[[int], bytes]) -> None:
    (document,) = read(nested(DEPTH_READ))
    assert document.problem is None
    look_around(document, DEPTH_READ)


@pytest.mark.parametrize("nested", DEEP.values(), ids=DEEP.keys())
def test_what_is_nested_very_deep_is_read_or_one_problem_in_linear_work(nested: Callable[[int], bytes]) -> None:
    def read_nested(depth: int) -> None:
        (document,) = read(nested(depth))
        if document.problem is None:
            look_around(document, depth)
        else:
            assert document.problem.message == "exceeded maximum nesting depth"
            assert depth > DEPTH_READ
            assert document.root is None

    assert grows_linearly(read_nested, 1500)


@pytest.mark.parametrize("opened", ENDLESS)
def test_what_never_closes_is_a_problem_found_in_linear_work(opened: bytes) -> None:
    def read_opened(depth: int) -> None:
        (document,) = read(opened * depth)
        assert document.problem is not None

    assert grows_linearly(read_opened, 5000)


def test_aliases_that_multiply_cost_nothing() -> None:
    def laugh(size: int) -> None:
        laughs = "a0: &a0 {k: lol}\n" + "".join(
            f"a{at}: &a{at} {{<<: [{', '.join([f'*a{at - 1} '] * 9)}], l: [{', '.join([f'*a{at - 1} '] * 9)}]}}\n"
            for at in range(1, size + 1)
        )
        found = yaml.lookup(table(laughs), f"a{size}")
        assert isinstance(found, Mapping)
        assert found.text("missing") is None
        assert found.text("k") == "lol"
        assert len(list(yaml.scalars(found))) < 100

    assert grows_linearly(laugh, 30)


def test_an_alias_of_the_node_around_it_ends() -> None:
    found = table("&r {a: *r, b: [*r ], <<: *r}")
    assert found.text("zzz") is None
    assert yaml.descend(found, ("a",) * 100 + ("b",))[1] == 101
    assert len(list(yaml.scalars(found))) == 3


def test_many_documents_are_cut_in_linear_work() -> None:
    def cut(size: int) -> None:
        assert len(read(b"---\n" * size)) == size
        assert len(read(b"a: b\n...\n" * size)) == size

    assert grows_linearly(cut, 1000)


def test_nothing_is_parsed_before_somebody_asks() -> None:
    read(b"x")
    assert calls(lambda: read(b"[" * 3_000_000)) == calls(lambda: read(b"["))
