"""The reader of unfloat's own files: values, lines, and one clear line for everything that is wrong."""

from __future__ import annotations

import json
import sys

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from codemod.errors import InputError
from codemod.formats import records

VALUES: list[tuple[str, object]] = [
    ("", None),
    ("# only a comment\n", None),
    ("---\n", None),
    ("a: 1", {"a": 1}),
    ("a: -12\nb: 1.5\nc: 1e3", {"a": -12, "b": 1.5, "c": 1000.0}),
    ("a: true\nb: False\nc: null\nd: ~\ne:", {"a": True, "b": False, "c": None, "d": None, "e": None}),
    ("a: on\nb: yes\nc: 'true'\nd: !!str 3", {"a": "on", "b": "yes", "c": "true", "d": "3"}),
    ("a: 2026-12-31\nb: 12:30:45\nc: 0x1F", {"a": "2026-12-31", "b": "12:30:45", "c": "0x1F"}),
    ("a: " + "9" * 5000, {"a": float("9" * 5000)}),
    (
        "1.10: a\nnull: b\ntrue: c\n~: d\n2026-01-01: e",
        {"1.10": "a", "null": "b", "true": "c", "~": "d", "2026-01-01": "e"},
    ),
    ("busybox:latest: x\nlocalhost:5000/web:dev: y", {"busybox:latest": "x", "localhost:5000/web:dev": "y"}),
    ("- a\n- [b, {c: d}]\n-\n", ["a", ["b", {"c": "d"}], None]),
    ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
    ("a: &anchor 1\nb: 2", {"a": 1, "b": 2}),
    ('{"a": {"b": ["c", 1, null, true]}, "d\\/e": "\\u00e9"}', {"a": {"b": ["c", 1, None, True]}, "d/e": "é"}),
    ("\ufeffa: é\r\nb: 2\r\n", {"a": "é", "b": 2}),
    ("a: {}\nb: []", {"a": {}, "b": []}),
]


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[repr(text[:24]) for text, _ in VALUES])
def test_a_file_is_read_as_what_stands_there(text: str, value: object) -> None:
    read = records.read("x.yaml", text.encode()).value
    assert read == value
    assert repr(read) == repr(value)


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML's own scanner knows no tabs between tokens")
def test_json_may_be_indented_with_tabs() -> None:
    assert records.read("x.json", b'{\n\t"a": {\n\t\t"b": 1\n\t}\n}\n').value == {"a": {"b": 1}}


def test_without_libyaml_the_same_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    for text, value in VALUES:
        assert records.read("x.yaml", text.encode()).value == value
    with pytest.raises(InputError, match=r"^x\.yaml:1: nested more than 64 levels deep; "):
        records.read("x.yaml", b"[" * 100_000)


def test_every_value_has_the_line_of_its_key_or_its_own() -> None:
    record = records.read("x.yaml", b"# head\na:\n  b: 1\n  c:\n    - x\n    - d: 2\n      e: 3\nf: {g: [4,\n  5]}\n")
    lines = {
        ("a",): 2,
        ("a", "b"): 3,
        ("a", "c"): 4,
        ("a", "c", 0): 5,
        ("a", "c", 1): 6,
        ("a", "c", 1, "e"): 7,
        ("f", "g", 0): 8,
        ("f", "g", 1): 9,
        (): 2,
    }
    assert {keys: record.line(keys) for keys in lines} == lines


def test_what_is_not_there_has_the_line_of_what_is_around_it() -> None:
    record = records.read("x.yaml", b"\na:\n  b: 1\n")
    assert record.line(("a", "missing", "more")) == 2
    assert record.line(("nothing",)) == 2
    assert records.read("x.yaml", b"").line(("a",)) == 1


FAULTS = [
    (b"a: 1\nb: \xff", "x.yaml:2: not valid UTF-8; save the file as UTF-8"),
    ("a: 1".encode("utf-16"), "x.yaml:1: not valid UTF-8; save the file as UTF-8"),
    (b"a: b: c", "x.yaml:1: not valid YAML: "),
    (b"a: 1\nb: [1,\n", "x.yaml:3: not valid YAML: "),
    (b"a: 1\n\tb: 2", "x.yaml:2: not valid YAML: "),
    (b"%YAML 3.0\n---\na: 1", "x.yaml:1: not valid YAML: "),
    ("é: 1\nb: \x01".encode(), "x.yaml:2: the character U+0001 may not stand in YAML; "),
    (b"a: 1\n---\nb: 2\n", "x.yaml:2: a second document begins; keep one document in the file"),
    (b"a: 1\nb: 2\na: 1\n", "x.yaml:3: duplicate key `a`, first on line 1; keep one of the two"),
    (b"x:\n  a: 1\n  'a': 2\n", "x.yaml:3: duplicate key `a`, first on line 2; keep one of the two"),
    (b'"a\\nb": 1\n"a\\nb": 2\n', "x.yaml:2: duplicate key `a\\nb`, first on line 1; "),
    (b"a: &a 1\nb: *a", "x.yaml:2: the alias `*a` is not read here; write the value out"),
    (b"a: &a {b: 1}\nc:\n  <<: *a", "x.yaml:3: the alias `*a` is not read here; "),
    (b"a: &a [*a]", "x.yaml:1: the alias `*a` is not read here; "),
    (b"a: &a 1\n*a : 2", "x.yaml:2: the alias `*a` is not read here; "),
    (b"a: !Ref b", "x.yaml:1: the tag `!Ref` is not read here; leave it out"),
    (
        b"!!python/object:os.system {}",
        "x.yaml:1: the tag `tag:yaml.org,2002:python/object:os.system` is not read here; ",
    ),
    (b"a: 1\n? [b]\n: 2", "x.yaml:2: a key that is a map or a list; write the key as text"),
    (b"? {a: b}\n: 2", "x.yaml:1: a key that is a map or a list; "),
    (b"a:\n  " + b"[" * 70, "x.yaml:2: nested more than 64 levels deep; such files are flat"),
    (b"[" * 1_000_000, "x.yaml:1: nested more than 64 levels deep; such files are flat"),
    (b'{"a":' * 100_000, "x.yaml:1: nested more than 64 levels deep; such files are flat"),
    (b"a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n", "x.yaml:2: a merge conflict begins; resolve it"),
]


@pytest.mark.parametrize(("data", "line"), FAULTS, ids=[line[7:60] for _, line in FAULTS])
def test_a_fault_is_one_line_with_the_place_and_the_mend(data: bytes, line: str) -> None:
    with pytest.raises(InputError) as caught:
        records.read("x.yaml", data)
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)
    assert "; " in str(caught.value)


def test_an_alias_bomb_ends_at_its_first_alias() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 50)]
    with pytest.raises(InputError, match=r"^x\.yaml:2: the alias `\*a0`"):
        records.read("x.yaml", "\n".join(lines).encode())


def test_the_deepest_nesting_that_is_read_is_read() -> None:
    assert records.read("x.yaml", b"[" * 64 + b"]" * 64).value != []


@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_an_input_error(data: bytes) -> None:
    try:
        record = records.read("x.yaml", data)
    except InputError:
        return
    assert record.line(()) is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(st.characters(min_codepoint=32, max_codepoint=126)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc.:1", max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.sampled_from([None, 2]))
def test_json_means_what_it_means_to_a_json_reader(value: object, indent: int | None) -> None:
    assert records.read("x.json", json.dumps(value, indent=indent).encode()).value == value


TOML = b"""\
[project]
name = "x"

[tool.unfloat]
platforms = [
  "linux/amd64",
]
environments.dev.floating = "report"

[tool.unfloat.registries."ghcr.io"]  # a comment
mirror = 'm'

[[tool.unfloat.allow]]
path = "a"
[[tool.unfloat.allow]]
path = "b"
expires = 2026-12-31

[tool.other]
platforms = 1
"""


def test_a_toml_table_has_values_and_lines() -> None:
    record = records.read_toml("pyproject.toml", TOML, ("tool", "unfloat"))
    assert record is not None
    assert record.value["platforms"] == ["linux/amd64"]
    lines = {
        (): 4,
        ("platforms",): 5,
        ("platforms", 0): 5,
        ("environments", "dev"): 8,
        ("environments", "dev", "floating"): 8,
        ("registries", "ghcr.io"): 10,
        ("registries", "ghcr.io", "mirror"): 11,
        ("allow", 0): 13,
        ("allow", 0, "path"): 14,
        ("allow", 1): 15,
        ("allow", 1, "expires"): 17,
    }
    assert {keys: record.line(keys) for keys in lines} == lines


@pytest.mark.parametrize("data", [b"", b"[tool.other]\nunfloat = 1\n", b"tool = 1\n"])
def test_a_toml_file_without_the_table_holds_nothing(data: bytes) -> None:
    assert records.read_toml("pyproject.toml", data, ("tool", "unfloat")) is None


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"[a]\nb = \n", "p.toml:2: not valid TOML: "),
        (b"[a]\nb = 1\nb = 2\n", "p.toml:3: not valid TOML: "),
        (b"[a]\nb = \xff\n", "p.toml:2: not valid UTF-8; "),
        (b"a = 2026-13-01\n", "p.toml:1: not valid TOML: "),
        (b"a = [", "p.toml: not valid TOML: "),
        (b"a = " + b"9" * 5000, "p.toml: not valid TOML: "),
    ],
)
def test_a_fault_of_toml_is_one_line(data: bytes, line: str) -> None:
    with pytest.raises(InputError) as caught:
        records.read_toml("p.toml", data, ("tool", "unfloat"))
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)


def test_deeply_nested_toml_is_no_traceback() -> None:
    with pytest.raises(InputError, match=r"^p\.toml"):
        records.read_toml("p.toml", b"a = " + b"[" * (sys.getrecursionlimit() * 20), ("tool", "unfloat"))


def test_what_is_shown_of_a_file_is_one_short_line() -> None:
    assert records.one_line("a\nb\x1b\u202e") == "a\\nb\\x1b\\u202e"
    assert records.one_line("é" * 1000) == "é" * 240 + "…"
    assert records.one_line("plain") == "plain"
