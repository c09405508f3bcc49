"""Maps that are added where none is, and maps that go with the last thing that they held."""

from __future__ import annotations

import pytest

from codemod.edits import Edit, apply, woven
from codemod.errors import OverlapError
from codemod.formats import yaml
from codemod.judge import fault
from codemod.source import Source


def added(text: str, *ways: str) -> str | None:
    """A text with `digest: D` at some ways; None where one of them cannot be."""
    source = Source("values.yaml", text.encode(), "yaml")
    (document, *_) = yaml.documents(source)
    edits = [yaml.add(source, document, (*way.split("."), "digest"), b"D") for way in ways]
    if None in edits:
        return None
    spelled = [edit for edit in edits if edit is not None]
    after = apply(source.data, spelled)
    assert after == apply(source.data, reversed(spelled))
    assert fault(source, after, spelled) is None
    return after.decode()


WEB, API = "web:\n  image:\n    digest: D\n", "api:\n  digest: D\n"
ADDED = {
    "below what is there": ("x: 1\n", "x: 1\n" + API + WEB),
    "in a map that is there, and behind it": (
        "web:\n    a: 1 # one\n",
        "web:\n    a: 1 # one\n    image:\n        digest: D\napi:\n    digest: D\n",
    ),
    "in two maps": (
        "api:\n  a: 1\nx: [1]\nweb:\n  b:\n    - c\n",
        "api:\n  a: 1\n  digest: D\nx: [1]\nweb:\n  b:\n    - c\n  image:\n    digest: D\n",
    ),
    "without a line break at the end": ("x: y", "x: y\n" + (API + WEB).rstrip("\n")),
    "with the line breaks of the file": ("x: y\r\n", ("x: y\n" + API + WEB).replace("\n", "\r\n")),
    "before a comment at the end": ("x:\n  - y # z\n# end\n", "x:\n  - y # z\n" + API + WEB + "# end\n"),
    "behind an empty value": ("x:\n  y:\n", "x:\n  y:\n" + API + WEB),
    "behind a text of several lines": ("x: |\n  y\n", "x: |\n  y\n" + API + WEB),
    "behind flow style": ("x: {y: 1}\n", "x: {y: 1}\n" + API + WEB),
}


@pytest.mark.parametrize(("before", "after"), ADDED.values(), ids=ADDED)
def test_maps_are_added(before: str, after: str) -> None:
    assert added(before, "web.image", "api") == after


def test_what_two_maps_share_is_added_once() -> None:
    assert added("x: 1\n", "a.b.web", "a.b.api", "a.c") == (
        "x: 1\na:\n  b:\n    api:\n      digest: D\n    web:\n      digest: D\n  c:\n    digest: D\n"
    )
    assert added("x: 1", "a.web", "a.api") == "x: 1\na:\n  api:\n    digest: D\n  web:\n    digest: D"


NO_ROOM = {
    "a map in flow style": "web: {a: 2}\n",
    "a file in flow style": "{a: 2}\n",
    "an empty map": "web: {}\n",
    "a map that merges another": "x: &x\n  a: 1\nweb:\n  <<: *x\n",
    "a map with an anchor": "web: &web\n  a: 1\nx: *web\n",
    "an alias": "x: &x\n  a: 1\nweb: *x\n",
    "nothing at all": "web:\n",
    "a text": "web: image\n",
    "a list": "web:\n  - image\n",
    "a last text that keeps its line breaks": "x: |+\n  y\n\n",
    "a last text without a line break": "x: |\n  y",
    "a text of several lines before something else": "web:\n  a: |\n    b\nx: 1\n",
    "a list that ends with nothing": "x:\n  - y\n  -\n",
    "a template": "x: {{ y }}\n",
    "comments alone": "# nothing\n",
}


@pytest.mark.parametrize("text", NO_ROOM.values(), ids=NO_ROOM)
def test_no_map_is_added_where_that_is_not_safe(text: str) -> None:
    assert added(text, "web.image") is None


def test_keys_that_need_quotes_or_are_places_in_lists_are_not_added() -> None:
    assert added("x: 1\n", "on") is None
    assert added("x: 1\n", "a b") is None
    source = Source("values.yaml", b"x: 1\n", "yaml")
    assert yaml.add(source, yaml.documents(source)[0], ("a", 0, "digest"), b"D") is None


def removed(text: str, key: str, *, is_replaced: bool = False) -> str | None:
    """A text without the entry of a key, and without the maps that held nothing else."""
    source = Source("values.yaml", text.encode(), "yaml")
    (document,) = yaml.documents(source)
    entry = next(entry for mapping in document.mappings for entry in mapping.entries if entry.value.key == key)
    edit = yaml.remove_with_map(source, entry, is_replaced=is_replaced)
    if edit is None:
        return None
    after = apply(source.data, [edit])
    assert is_replaced or fault(source, after, [edit]) is None
    return after.decode()


def test_maps_go_with_the_last_thing_that_they_held() -> None:
    assert removed("a:\n  b:\n    tag: x\nc: 1\n", "tag") == "c: 1\n"
    assert removed("c: 1\na:\n  d: 1\n  b:\n    tag: x\n", "tag") == "c: 1\na:\n  d: 1\n"
    assert removed("a:\r\n  tag: x\r\n# c\r\nc: 1\r\n", "tag") == "# c\r\nc: 1\r\n"
    assert removed("a:\n  tag: x\n", "tag", is_replaced=True) == ""


@pytest.mark.parametrize(
    "text",
    [
        "a:\n  tag: x\n",
        "c: 1\na:\n  # of all\n  tag: x\n",
        "c: 1\na: # of all\n  tag: x\n",
        "c: 1\na:\n  tag: x # of all\n",
        "c: 1\na: {tag: x}\n",
        "c: 1\na:\n  tag: x",
        "- a:\n    tag: x\n  c: 1\n",
    ],
    ids=[
        "the whole file",
        "a comment above",
        "a comment on the line of the map",
        "a comment behind",
        "flow style",
        "no line break at the end",
        "an item of a list",
    ],
)
def test_maps_stay_that_anything_else_stands_beside(text: str) -> None:
    assert removed(text, "tag") is None


def test_what_nests_comes_before_what_is_replaced_at_one_place() -> None:
    nested = [Edit(3, 3, b"b:\n", nests=True), Edit(3, 3, b"  a:\n", nests=True), Edit(3, 6, b"")]
    assert apply(b"x:\ny:\nz:\n", nested) == b"x:\n  a:\nb:\nz:\n"
    with pytest.raises(OverlapError):
        woven([Edit(3, 3, b"a"), Edit(3, 3, b"b:\n", nests=True)])
