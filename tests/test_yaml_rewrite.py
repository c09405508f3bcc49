"""Edits on nodes: the result says exactly what is intended, comments and all other bytes stay."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from yamlgen import mappings

from codemod.edits import Edit, apply
from codemod.formats import yaml
from codemod.judge import fault
from codemod.source import BOM, Source

Edits = tuple[Edit, ...] | None
Helper = Callable[[Source, yaml.Entry], Edits]


def meaning(data: bytes) -> Any:
    return YAML(typ="safe", pure=True).load(data.decode().removeprefix("\ufeff"))


def one(edit: Edit | None) -> Edits:
    return None if edit is None else (edit,)


def replace(source: Source, entry: yaml.Entry) -> Edits:
    return one(yaml.replace(entry.value, b"new") if isinstance(entry.value, yaml.Scalar) else None)


def rename(source: Source, entry: yaml.Entry) -> Edits:
    return one(yaml.rename(entry, "digest"))


def fill(source: Source, entry: yaml.Entry) -> Edits:
    return one(yaml.fill(source, entry, b"sha256:00"))


def insert(source: Source, entry: yaml.Entry) -> Edits:
    return one(yaml.insert_after(source, entry, "digest", b"sha256:00"))


def remove(source: Source, entry: yaml.Entry) -> Edits:
    return yaml.remove(source, entry)


def tag_of(source: Source) -> yaml.Entry:
    """The entry `tag`, wherever it is."""
    for document in yaml.documents(source):
        waiting = [document.root]
        while waiting:
            node = waiting.pop()
            if isinstance(node, yaml.Mapping):
                if (entry := node.get("tag")) is not None:
                    return entry
                waiting += [entry.value for entry in node.entries]
            elif isinstance(node, yaml.Sequence):
                waiting += node.items
    raise AssertionError("no tag")


def done(helper: Helper, text: str) -> str | None:
    source = Source("a.yaml", text.encode(), "yaml")
    edits = helper(source, tag_of(source))
    if edits is None:
        return None
    after = apply(source.data, edits)
    assert fault(source, after, edits) is None
    return after.decode()


CASES: dict[str, tuple[Helper, str, str]] = {
    "replace plain": (replace, "a: 1\ntag: old # why\nb: 2\n", "a: 1\ntag: new # why\nb: 2\n"),
    "replace within quotes": (replace, "tag: 'old'\n", "tag: 'new'\n"),
    "replace over lines": (replace, "tag: old\n  older\nb: 1\n", "tag: new\nb: 1\n"),
    "replace behind an anchor": (replace, "tag: &t !!str old\n", "tag: &t !!str new\n"),
    "replace in json": (replace, '{"tag": "old","b":1}', '{"tag": "new","b":1}'),
    "rename plain": (rename, "tag : old\n", "digest : old\n"),
    "rename within quotes": (rename, '{"tag":"old"}\n', '{"digest":"old"}\n'),
    "rename an explicit key": (rename, "? tag\n: old\n", "? digest\n: old\n"),
    "rename behind a dash": (rename, "- tag: old\n  b: 1\n", "- digest: old\n  b: 1\n"),
    "fill double quotes": (fill, 'tag: "" # why\n', 'tag: "sha256:00" # why\n'),
    "fill single quotes": (fill, "tag: ''\n", "tag: 'sha256:00'\n"),
    "fill a null": (fill, "{tag: null, b: 1}\n", "{tag: sha256:00, b: 1}\n"),
    "fill a tilde": (fill, "tag: ~\n", "tag: sha256:00\n"),
    "fill nothing": (fill, "tag:\nb: 1\n", "tag: sha256:00\nb: 1\n"),
    "fill nothing, blanks behind": (fill, "tag: \nb: 1\n", "tag: sha256:00 \nb: 1\n"),
    "fill nothing, a comment behind": (fill, "tag: # why\nb: 1\n", "tag: sha256:00 # why\nb: 1\n"),
    "fill nothing at the end": (fill, "b: 1\ntag:", "b: 1\ntag: sha256:00"),
    "fill nothing in a flow": (fill, "{tag: , b: 1}\n", "{tag: sha256:00 , b: 1}\n"),
    "fill nothing in json's flow": (fill, '{"tag":,"b":1}\n', '{"tag": sha256:00,"b":1}\n'),
    "fill nothing behind a spaced colon": (fill, "tag :\nb: 1\n", "tag : sha256:00\nb: 1\n"),
    "fill nothing, CRLF": (fill, "tag:\r\nb: 1\r\n", "tag: sha256:00\r\nb: 1\r\n"),
    "insert in the middle": (insert, "a: 1\ntag: v1\nb: 2\n", "a: 1\ntag: v1\ndigest: sha256:00\nb: 2\n"),
    "insert below a comment": (
        insert,
        "tag: v1 # why\n# next\nb: 2\n",
        "tag: v1 # why\ndigest: sha256:00\n# next\nb: 2\n",
    ),
    "insert at the end": (insert, "  a: 1\n  tag: v1\n", "  a: 1\n  tag: v1\n  digest: sha256:00\n"),
    "insert at the end without a line break": (insert, "a: 1\ntag: v1", "a: 1\ntag: v1\ndigest: sha256:00"),
    "insert, the only line": (insert, "tag: v1", "tag: v1\ndigest: sha256:00"),
    "insert, blanks behind": (insert, "tag: v1  \nb: 1\n", "tag: v1  \ndigest: sha256:00\nb: 1\n"),
    "insert, CRLF": (insert, "a: 1\r\ntag: v1\r\nb: 1\r\n", "a: 1\r\ntag: v1\r\ndigest: sha256:00\r\nb: 1\r\n"),
    "insert, mixed line breaks": (insert, "a: 1\ntag: v1\r\nb: 1\n", "a: 1\ntag: v1\r\ndigest: sha256:00\r\nb: 1\n"),
    "insert, CR": (insert, "a: 1\rtag: v1\r", "a: 1\rtag: v1\rdigest: sha256:00\r"),
    "insert, quotes as its neighbour": (insert, "'tag': \"v1\"\n", "'tag': \"v1\"\n'digest': \"sha256:00\"\n"),
    "insert behind a dash": (insert, "- tag: v1\n  b: 1\n", "- tag: v1\n  digest: sha256:00\n  b: 1\n"),
    "insert behind two dashes": (insert, "-  - tag: v1\n", "-  - tag: v1\n     digest: sha256:00\n"),
    "insert behind a dash, not the first": (insert, "- b: 1\n  tag: v1\n", "- b: 1\n  tag: v1\n  digest: sha256:00\n"),
    "insert behind a byte order mark": (insert, "\ufefftag: v1\n", "\ufefftag: v1\ndigest: sha256:00\n"),
    "insert behind a text over lines": (insert, 'tag: "v\n  1" # why\n', 'tag: "v\n  1" # why\ndigest: "sha256:00"\n'),
    "insert behind nothing": (insert, "tag:\nb: 1\n", "tag:\ndigest: sha256:00\nb: 1\n"),
    "insert behind wide characters": (
        insert,
        "é:\n  名: 😀\n  tag: é\n",
        "é:\n  名: 😀\n  tag: é\n  digest: sha256:00\n",
    ),
    "insert in a flow": (insert, "{a: 1, tag: v1, b: 2}\n", "{a: 1, tag: v1, digest: sha256:00, b: 2}\n"),
    "insert in a flow, first": (insert, "{tag: v1, b: 2}\n", "{tag: v1, digest: sha256:00, b: 2}\n"),
    "insert in a flow, last": (insert, "{ a: 1, tag: v1 }\n", "{ a: 1, tag: v1, digest: sha256:00 }\n"),
    "insert in a flow, trailing comma": (insert, "{tag: v1,}\n", "{tag: v1, digest: sha256:00,}\n"),
    "insert in json": (
        insert,
        '{\n\t"a": 1,\n\t"tag":"v1"\n}\n',
        '{\n\t"a": 1,\n\t"tag":"v1",\n\t"digest":"sha256:00"\n}\n',
    ),
    "remove the first": (remove, "tag: old\nb: 1\n", "b: 1\n"),
    "remove in the middle": (remove, "a: 1\ntag: old\nb: 1\n", "a: 1\nb: 1\n"),
    "remove the last": (remove, "a: 1\ntag: old\n", "a: 1\n"),
    "remove the last without a line break": (remove, "a: 1\ntag: old", "a: 1"),
    "remove the last, CRLF, without a line break": (remove, "a: 1\r\ntag: old", "a: 1"),
    "remove, a comment behind": (remove, "a: 1\n  # x\ntag: old   # why\nb: 1\n", "a: 1\n  # x\n# why\nb: 1\n"),
    "remove, a comment above and below": (remove, "a: 1\n# x\ntag: old\n# y\nb: 1\n", "a: 1\n# x\n# y\nb: 1\n"),
    "remove, CRLF": (remove, "a: 1\r\ntag: old\r\nb: 1\r\n", "a: 1\r\nb: 1\r\n"),
    "remove, CR": (remove, "a: 1\rtag: old\rb: 1\r", "a: 1\rb: 1\r"),
    "remove, mixed line breaks": (remove, "a: 1\r\ntag: old\nb: 1\r\n", "a: 1\r\nb: 1\r\n"),
    "remove a text over lines": (remove, "a: 1\ntag: 'old\n\n  x'\nb: 1\n", "a: 1\nb: 1\n"),
    "remove nothing": (remove, "a: 1\ntag:\nb: 1\n", "a: 1\nb: 1\n"),
    "remove an alias": (remove, "a: &t x\ntag: *t\nb: 1\n", "a: &t x\nb: 1\n"),
    "remove below a block": (remove, "a: |\n  x\n\ntag: old\nb: 1\n", "a: |\n  x\n\nb: 1\n"),
    "remove behind a dash, not the first": (remove, "- a: 1\n  tag: old\n- b: 1\n", "- a: 1\n- b: 1\n"),
    "remove in a flow, first": (remove, "{tag: old, b: 1}\n", "{b: 1}\n"),
    "remove in a flow, middle": (remove, "{a: 1, tag: old , b: 1}\n", "{a: 1, b: 1}\n"),
    "remove in a flow, last": (remove, "{ a: 1, tag: old }\n", "{ a: 1 }\n"),
    "remove in a flow, trailing comma": (remove, "{a: 1, tag: old,}\n", "{a: 1,}\n"),
    "remove in json, last": (remove, '{\n  "a": 1,\n  "tag": "old"\n}\n', '{\n  "a": 1\n}\n'),
    "remove in json, first": (remove, '{\n  "tag": "old",\n  "a": 1\n}\n', '{\n  "a": 1\n}\n'),
}


@pytest.mark.parametrize(("helper", "before", "after"), CASES.values(), ids=CASES.keys())
def test_an_edit_does_exactly_this(helper: Helper, before: str, after: str) -> None:
    assert done(helper, before) == after


REFUSED: dict[str, tuple[Helper, str]] = {
    "replace a block": (replace, "tag: |\n  old\n"),
    "replace what is not written": (replace, "tag:\n"),
    "rename a block key": (rename, "? >-\n  tag\n: old\n"),
    "fill a block": (fill, "tag: |\n"),
    "fill a map": (fill, "tag: {}\n"),
    "fill an alias": (fill, "a: &t ''\ntag: *t\n"),
    "fill behind an anchor": (fill, "tag: &t\nb: 1\n"),
    "fill behind a tag": (fill, "tag: !!str\nb: 1\n"),
    "fill a key without a colon": (fill, "{tag, b: 1}\n"),
    "fill an explicit key without a value": (fill, "? tag\nb: 1\n"),
    "insert behind a block": (insert, "tag: |\n  v1\nb: 1\n"),
    "insert behind a map": (insert, "tag:\n  a: 1\nb: 1\n"),
    "insert behind an alias": (insert, "a: &t v1\ntag: *t\n"),
    "insert behind an explicit key": (insert, "? tag\n: v1\n"),
    "insert where the first key is explicit": (insert, "? a\n: b\ntag: v1\n"),
    "insert behind an anchored key": (insert, "&k tag: v1\n"),
    "insert behind a key of a flow without a value": (insert, "{tag, b: 1}\n"),
    "remove a block": (remove, "a: 1\ntag: |\n  old\nb: 1\n"),
    "remove a map": (remove, "a: 1\ntag:\n  b: 1\n# end\n"),
    "remove the only one": (remove, "a:\n  tag: old\n"),
    "remove the only one of a flow": (remove, "{tag: old}\n"),
    "remove behind a dash": (remove, "- tag: old\n  b: 1\n"),
    "remove an explicit key": (remove, "a: 1\n? tag\n: old\n"),
    "remove an anchored key": (remove, "a: 1\n&k tag: old\nb: *k\n"),
    "remove an anchored key of a flow": (remove, "{&k tag: old, b: *k }\n"),
    "remove beside a comment in a flow": (remove, "{\n  tag: old, # why\n  b: 1\n}\n"),
    "remove the last line below a block": (remove, "a: |\n  x\ntag: old"),
    "remove the last line below a deeper block": (remove, "a:\n- b:\n    c: |+\n      x\ntag: old"),
}


@pytest.mark.parametrize(("helper", "text"), REFUSED.values(), ids=REFUSED.keys())
def test_an_edit_that_is_not_safe_is_refused(helper: Helper, text: str) -> None:
    assert done(helper, text) is None


# In texts inside strings ----------------------------------------------------------------------------------------------

NESTED: dict[str, tuple[Helper, str, str | None]] = {
    "remove in a block": (remove, "k: |\n    a: 1\n    tag: old\n    b: 1\n", "k: |\n    a: 1\n    b: 1\n"),
    "remove the last line of a block": (remove, "k: |\n    a: 1\n    tag: old\nz: 1\n", "k: |\n    a: 1\nz: 1\n"),
    "remove the last line of a stripped block": (
        remove,
        "k: |-\n    a: 1\n    tag: old\nz: 1\n",
        "k: |-\n    a: 1\nz: 1\n",
    ),
    "remove in a block, CRLF": (remove, "k: |\r\n  a: 1\r\n  tag: old\r\n  b: 1\r\n", "k: |\r\n  a: 1\r\n  b: 1\r\n"),
    "remove a deeper line": (remove, "k: |\n  i:\n    a: 1\n    tag: old\n  b: 1\n", "k: |\n  i:\n    a: 1\n  b: 1\n"),
    "remove in a block, a comment behind": (remove, "k: |\n  a: 1\n  tag: old # why\n", "k: |\n  a: 1\n  # why\n"),
    "remove in double quotes": (remove, 'k: "a: 1\\ntag: old\\nb: 1\\n"\n', 'k: "a: 1\\nb: 1\\n"\n'),
    "remove the first line": (remove, "k: |\n    tag: old\n    a: 1\n", None),
    "insert in a block": (
        insert,
        "k: |\n    tag: v1\n    b: 1\n",
        "k: |\n    tag: v1\n    digest: sha256:00\n    b: 1\n",
    ),
    "insert in double quotes": (insert, 'k: "tag: v1\\nb: 1"\n', 'k: "tag: v1\\ndigest: sha256:00\\nb: 1"\n'),
    "insert at the end of a block": (
        insert,
        "k: |-\n  tag: v1\nz: 1\n",
        "k: |-\n  tag: v1\n  digest: sha256:00\nz: 1\n",
    ),
    "insert in json in single quotes": (
        insert,
        'k: \'{"tag": "v1"}\'\n',
        'k: \'{"tag": "v1", "digest": "sha256:00"}\'\n',
    ),
    "fill in a block": (fill, "k: |\n  tag:\n  b: 1\n", "k: |\n  tag: sha256:00\n  b: 1\n"),
    "rename in single quotes": (rename, "k: '{''tag'': ''v1''}'\n", "k: '{''digest'': ''v1''}'\n"),
}


@pytest.mark.parametrize(("helper", "before", "after"), NESTED.values(), ids=NESTED.keys())
def test_an_edit_inside_a_string_does_exactly_this(helper: Helper, before: str, after: str | None) -> None:
    source = Source("a.yaml", before.encode(), "yaml")
    (document,) = yaml.documents(source)
    assert isinstance(document.root, yaml.Mapping)
    value = document.root.entries[0].value
    assert isinstance(value, yaml.Scalar)
    inside = yaml.nested(document, value)
    assert inside is not None
    edits = helper(inside, tag_of(inside))
    if edits is None:
        assert after is None
        return
    moved = [inside.edit_in_file(edit) for edit in edits]
    assert None not in moved
    result = apply(source.data, [edit for edit in moved if edit is not None])
    assert result.decode() == after
    assert fault(source, result, [edit for edit in moved if edit is not None]) is None


def test_an_insertion_in_a_folded_block_is_refused_by_its_quoting() -> None:
    source = Source("a.yaml", b"k: >\n  {tag: v1,\n   b: 1}\n\n  c: 1\nz: >\n  a: 1\n\n  tag: v1\n", "yaml")
    (document,) = yaml.documents(source)
    assert isinstance(document.root, yaml.Mapping)
    value = document.root.entries[1].value
    assert isinstance(value, yaml.Scalar)
    inside = yaml.nested(document, value)
    assert inside is not None
    (edit,) = insert(inside, tag_of(inside)) or ()
    assert inside.edit_in_file(edit) is None


# Any mapping ----------------------------------------------------------------------------------------------------------


def intended(helper: Helper, before: dict[str, Any], key: str) -> dict[str, Any]:
    after: dict[str, Any] = {}
    for name, value in before.items():
        if name != key:
            after[name] = value
        elif helper is rename:
            after["digest"] = value
        elif helper is insert:
            after |= {name: value, "digest": "sha256:00"}
        elif helper is not remove:
            after[name] = "new" if helper is replace else "sha256:00"
    return after


@settings(max_examples=600, suppress_health_check=list(HealthCheck))
@given(mappings(), st.sampled_from((replace, rename, fill, insert, remove)), st.data())
def test_an_edit_of_any_mapping_says_what_is_intended_and_keeps_comments(
    data: bytes, helper: Helper, choice: st.DataObject
) -> None:
    source = Source("a.yaml", data, "yaml")
    (document,) = yaml.documents(source)
    table = yaml.target(document.root.entries[0].value) if isinstance(document.root, yaml.Mapping) else None
    if isinstance(table, yaml.Sequence):
        table = yaml.target(table.items[0])
    assert isinstance(table, yaml.Mapping)
    entry = choice.draw(st.sampled_from(table.entries))
    assert isinstance(entry.key, yaml.Scalar)
    before = meaning(data)
    if helper is fill and _at(before)[entry.key.value] not in (None, ""):
        return
    edits = helper(source, entry)
    if edits is None:
        return
    after = apply(data, edits)
    now = meaning(after)
    assert list(_at(now).items()) == list(intended(helper, _at(before), entry.key.value).items())
    assert {key: value for key, value in now.items() if key != "m"} == {k: v for k, v in before.items() if k != "m"}
    assert after.count(b"#c") == data.count(b"#c")
    if not re.search(rb"(?:\n\n|\n\r\n|\r\r)[^\r\n]*\Z", data):  # blank lines above a last line stay
        assert after.endswith((b"\n", b"\r")) == data.endswith((b"\n", b"\r"))
    assert line_breaks(after) <= line_breaks(data)
    assert after.startswith(BOM) == data.startswith(BOM)
    assert fault(source, after, edits) is None


def line_breaks(data: bytes) -> set[bytes]:
    return set(re.findall(rb"\r\n|\n|\r", data)) or {b"\n"}


def _at(values: Any) -> dict[str, Any]:
    found: dict[str, Any] = values["m"][0] if isinstance(values["m"], list) else values["m"]
    return found
