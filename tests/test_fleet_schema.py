"""What a chart's schema says of a digest, held against a table of schemas."""

from __future__ import annotations

import json

import pytest

from codemod.fleet.schema import Schema
from codemod.formats import yaml
from codemod.source import Source

CLOSED = {"properties": {"tag": {"type": "string"}}, "additionalProperties": False}
OPEN = {"properties": {"tag": {"type": "string"}}}


def schema(whole: object) -> Schema:
    return Schema(yaml.documents(Source("values.schema.json", json.dumps(whole).encode(), "yaml"))[0].root)


def verdict(image: object, **more: object) -> tuple[int, bool]:
    """How many places have to list the digest, and whether it is refused whatever they do."""
    found = schema({"properties": {"image": image}, **more}).verdict(("image",), "tag", "digest")
    return len(found.missing), found.is_refused


@pytest.mark.parametrize(
    "image",
    [
        OPEN,
        {},
        True,
        {**CLOSED, "properties": {"tag": {}, "digest": {"type": "string"}}},
        {**CLOSED, "properties": {"tag": {}, "digest": True}},
        {**CLOSED, "properties": {"tag": {}, "digest": {"type": ["string", "null"]}}},
        {**CLOSED, "properties": {"tag": {}, "digest": {"pattern": "^sha256:[0-9a-f]{64}$", "maxLength": 71}}},
        {**CLOSED, "patternProperties": {"^(tag|digest)$": {"type": "string"}}},
        {**OPEN, "additionalProperties": {"type": "string"}},
        {**OPEN, "additionalProperties": True},
        {"unevaluatedProperties": False, "allOf": [{"properties": {"digest": {}}}, OPEN]},
        {"anyOf": [{"properties": {"ref": {}}, "additionalProperties": False}, OPEN]},
    ],
)
def test_a_digest_is_taken(image: object) -> None:
    assert verdict(image) == (0, False)


@pytest.mark.parametrize(
    ("image", "missing"),
    [
        (CLOSED, 1),
        ({"unevaluatedProperties": False, "allOf": [OPEN]}, 1),
        ({"allOf": [CLOSED]}, 1),
        ({"oneOf": [CLOSED, CLOSED]}, 2),
        ({**OPEN, "additionalProperties": {"type": "boolean"}}, 1),
        ({"$ref": "#/definitions/image"}, 1),
        ({"$ref": "#/$defs/a~1b"}, 1),
        ({"if": {}, "then": CLOSED, "else": OPEN}, 1),
        ({"properties": {"repository": {}}, "additionalProperties": False}, 1),
    ],
)
def test_a_digest_would_be_taken_once_it_is_listed(image: object, missing: int) -> None:
    assert verdict(image, definitions={"image": CLOSED}, **{"$defs": {"a/b": CLOSED}}) == (missing, False)


@pytest.mark.parametrize(
    "image",
    [
        {"properties": {"pullPolicy": {}}, "additionalProperties": False},
        {"patternProperties": {"^tag$": {}}, "additionalProperties": False},
        {**CLOSED, "properties": {"tag": {}, "digest": False}},
        {**CLOSED, "properties": {"tag": {}, "digest": {"type": "integer"}}},
        {**CLOSED, "properties": {"tag": {}, "digest": {"enum": ["", "none"]}}},
        {**CLOSED, "properties": {"tag": {}, "digest": {"maxLength": 20}}},
        {**CLOSED, "properties": {"tag": {}, "digest": {"pattern": "["}}},
        {**OPEN, "propertyNames": {"enum": ["tag", "repository"]}},
        {"$ref": "https://example.test/image.json"},
        {"$ref": "#/definitions/missing"},
    ],
)
def test_a_digest_is_refused_whatever_is_listed(image: object) -> None:
    assert verdict(image)[1]


def test_a_schema_that_cannot_be_read_refuses() -> None:
    assert Schema(None).verdict(("image",), "tag", "digest").is_refused


def test_a_schema_that_refers_to_itself_ends() -> None:
    assert verdict({"$ref": "#"}) == (0, False)


@pytest.mark.parametrize("keys", [("image",), ("sidecars", "proxy", "image")])
def test_what_all_other_keys_must_meet_counts(keys: tuple[str, ...]) -> None:
    image = {"$ref": "#/$defs/image"}
    other = {"additionalProperties": {"properties": {"image": image}}}
    whole = schema({"$defs": {"image": CLOSED}, "properties": {"image": image, "sidecars": other}})
    assert len(whole.verdict(keys, "tag", "digest").missing) == 1


def test_a_tag_is_required_where_the_schema_says_so() -> None:
    whole = schema({"properties": {"image": {"allOf": [{"required": ["repository", "tag"]}]}}, "required": ["image"]})
    assert whole.requires(("image",), "tag")
    assert not whole.requires(("image",), "digest")
    assert not whole.requires((), "tag")


def test_a_tag_that_is_described_without_its_digest_is_found() -> None:
    whole = schema({"properties": {"image": OPEN, "other": {"properties": {"tag": {}, "digest": {}}}}})
    assert len(whole.undescribed(("image",), "tag", "digest")) == 1
    assert not whole.undescribed(("other",), "tag", "digest")
