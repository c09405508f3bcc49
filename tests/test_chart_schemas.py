"""Schemas of charts whose releases get a digest."""

from __future__ import annotations

import json

import pytest
from filetrees import check_tree

from codemod.config import Config
from codemod.engine import plan
from codemod.fleet import build
from codemod.outcome import Plan
from codemod.registry import load
from codemod.source import Source
from codemod.testing import TODAY, EveryDigest, plan_of

TRANSFORMS = load()
IMAGE = b"{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}"
AWARE = b"image: " + IMAGE + b"{{ else }}:{{ .Values.image.tag }}{{ end }}\n"
UNAWARE = b"image: {{ .Values.image.repository }}:{{ .Values.image.tag }}\n"
CLOSED = {"properties": {"repository": {}, "tag": {"type": "string"}}, "additionalProperties": False}
VENDORED = Config(vendored=("charts/web/values.schema.json", "charts/web/templates/**"))


def files(image: object, template: bytes = AWARE) -> dict[str, bytes]:
    return {
        "charts/web/Chart.yaml": b"apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "charts/web/templates/pod.yaml": template,
        "charts/web/values.schema.json": json.dumps({"properties": {"image": image}}, indent=2).encode(),
        "charts/web/values.yaml": b"image:\n  repository: ghcr.io/acme/web\n  tag: main\n",
    }


def left(plan: Plan) -> list[tuple[str, str, str]]:
    return [(entry.site.path, entry.code, entry.message) for entry in plan.left]


def tree(*schema: str, template: str = "") -> str:
    return (
        "# file: charts/web/Chart.yaml\n apiVersion: v2\n name: web\n version: 1.0.0\n"
        f"# file: charts/web/templates/pod.yaml\n{template or ' ' + AWARE.decode()}"
        "# file: charts/web/values.schema.json\n"
        + "".join(schema)
        + "# file: charts/web/values.yaml\n image:\n   repository: ghcr.io/acme/web\n"
        + "-  tag: main\n+  digest: <digest>\n"
    )


# --- left alone ----------------------------------------------------------------------------------------------------


def test_a_schema_that_takes_a_digest_stays() -> None:
    listing = {**CLOSED, "properties": {"tag": {}, "digest": {}, "repository": {}}}
    images: list[object] = [{}, {"properties": {"tag": {}}}, listing]
    for image in images:
        assert plan_of(TRANSFORMS, files(image)).files.keys() == {"charts/web/values.yaml"}


def test_an_image_stays_where_a_vendored_schema_refuses_its_digest() -> None:
    plan = plan_of(TRANSFORMS, files(CLOSED), config=VENDORED)
    assert not plan.files
    message = "charts/web/values.schema.json does not allow a digest"
    assert left(plan) == [("charts/web/values.yaml", "chart-ignores-digest", message)]


@pytest.mark.parametrize(
    "image", [{"$ref": "https://example.test/image.json"}, {**CLOSED, "propertyNames": {"maxLength": 4}}]
)
def test_an_image_stays_where_no_entry_would_make_its_digest_acceptable(image: object) -> None:
    closed = image if isinstance(image, dict) and "$ref" in image else {**CLOSED, "patternProperties": {"^dig": False}}
    plan = plan_of(TRANSFORMS, files(closed))
    assert not plan.files
    assert [code for _, code, _ in left(plan)] == ["chart-ignores-digest"]


def test_a_schema_that_cannot_be_parsed_lets_nothing_through() -> None:
    plan = plan_of(TRANSFORMS, {**files({}), "charts/web/values.schema.json": b'{"tag": ['})
    assert "charts/web/values.yaml" not in plan.files


def test_a_schema_stays_where_no_digest_is_known() -> None:
    assert not plan_of(TRANSFORMS, files(CLOSED), unknown=["ghcr.io/acme/web:main"]).files


def test_a_tag_that_the_schema_requires_stays_beside_its_digest() -> None:
    plan = plan_of(TRANSFORMS, files({"required": ["tag"]}))
    assert plan.files["charts/web/values.yaml"][1].startswith(
        b"image:\n  repository: ghcr.io/acme/web\n  tag: main\n  digest: sha256:"
    )
    message = "charts/web/values.schema.json requires it"
    assert left(plan) == [("charts/web/values.yaml", "tag-kept-for-label", message)]


def test_without_the_transform_a_schema_that_would_refuse_a_digest_keeps_the_tag() -> None:
    texts = files(CLOSED)
    chosen = [transform for transform in TRANSFORMS if transform.name != "chart-schemas"]
    sources = {path: Source(path, data, "yaml") for path, data in texts.items()}
    facts = build(Config(), list(sources), sources.get, lists=False)
    found = plan(sources.values(), chosen, facts, EveryDigest(), today=TODAY)
    message = "charts/web/values.schema.json does not allow a digest"
    assert (found.files, left(found)) == ({}, [("charts/web/values.yaml", "chart-ignores-digest", message)])


# --- listed --------------------------------------------------------------------------------------------------------


def test_it_is_listed_over_several_lines_with_a_description_as_the_tag_is() -> None:
    check_tree(
        TRANSFORMS,
        tree(
            """\
 {
     "properties": {
         "image": {
             "additionalProperties": false,
             "properties": {
                 "tag": {
                     "description": "Tag of the image.",
                     "type": ["string", "null"]
+                },
+                "digest": {
+                    "type": ["string", "null"],
+                    "description": "Digest of the image; takes precedence over the tag."
                 },
                 "repository": {}
             }
         }
     }
 }
"""
        ),
    )


def test_it_is_listed_on_the_same_line_where_all_is_on_one() -> None:
    before = (
        '{"properties":{"image":{"additionalProperties":false,"properties":{"repository":{},"tag":{"type":"string"}'
    )
    check_tree(TRANSFORMS, tree("-" + before + "}}}}\n+" + before + ',"digest":{"type":"string"}' + "}}}}\n"))


def test_a_definition_that_serves_two_maps_lists_it_once() -> None:
    image = {"$ref": "#/definitions/image"}
    schema = {"definitions": {"image": CLOSED}, "properties": {"image": image, "other": image}}
    texts = {
        **files({}),
        "charts/web/templates/other.yaml": AWARE.replace(b".image", b".other"),
        "charts/web/values.schema.json": json.dumps(schema, indent=2).encode(),
        "charts/web/values.yaml": b"image: &a\n  repository: ghcr.io/acme/web\n  tag: main\n"
        b"other:\n  repository: ghcr.io/acme/other\n  tag: main\n",
    }
    plan = plan_of(TRANSFORMS, texts)
    assert plan.files["charts/web/values.schema.json"][1].count(b'"digest"') == 1
    assert plan.files["charts/web/values.yaml"][1].count(b"digest: sha256:") == 2


def test_an_open_schema_that_describes_the_tag_of_a_mended_template_describes_the_digest() -> None:
    plan = plan_of(TRANSFORMS, files({"properties": {"tag": {"type": "string"}}}, UNAWARE))
    assert b'"digest": {' in plan.files["charts/web/values.schema.json"][1]


def test_the_schema_of_an_umbrella_chart_speaks_of_its_subcharts_values() -> None:
    texts = {
        **files({}),
        "charts/top/Chart.yaml": b"apiVersion: v2\nname: top\nversion: 1.0.0\n"
        b"dependencies:\n  - name: web\n    repository: file://../web\n",
        "charts/top/values.yaml": b"web:\n  image:\n    tag: dev\n",
        "charts/top/values.schema.json": json.dumps(
            {"properties": {"web": {"properties": {"image": CLOSED}}}}
        ).encode(),
    }
    plan = plan_of(TRANSFORMS, texts)
    assert {"charts/top/values.yaml", "charts/top/values.schema.json"} <= plan.files.keys()
    assert b'"digest"' in plan.files["charts/top/values.schema.json"][1]
    assert not plan_of(TRANSFORMS, {**texts, **{path: new for path, (_, new) in plan.files.items()}}).files
