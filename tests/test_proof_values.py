"""Layers as Helm takes them: texts for `-f`, arguments of `--set`."""

from __future__ import annotations

import pytest

from codemod.fleet.stack import Layer
from codemod.proof.values import set_arguments, values_text

APPLICATION = b"""\
# the first document
kind: ConfigMap
---
spec:
  anchors: &image {tag: 1.10, on: yes}
  source:
    helm:
      values: |
        image:
          tag: dev
      valuesObject:
        image: *image
        time: 12:30
        merged: {<<: *image}
      parameters:
        - {name: image.tag, value: main}
        - {name: list, value: "{a,b}"}
        - {name: pair, value: "a,b"}
        - {name: count, value: "1", forceString: true}
        - {value: nameless}
"""
HELM = ("spec", "source", "helm")


def text_of(layer: Layer, data: bytes = APPLICATION) -> str | None:
    text = values_text(layer, data)
    return None if text is None else text.decode()


def test_values_that_are_a_text_are_that_text() -> None:
    layer = Layer("app.yaml", 1, (*HELM, "values"), is_text=True)
    assert text_of(layer) == "image:\n  tag: dev\n"


def test_values_that_are_a_map_keep_the_spelling_of_their_scalars() -> None:
    text = text_of(Layer("app.yaml", 1, (*HELM, "valuesObject")))
    assert text is not None
    assert "tag: 1.10" in text
    assert "on: yes" in text
    assert "time: 12:30" in text


def test_values_may_belong_below_a_prefix() -> None:
    layer = Layer("app.yaml", 1, (*HELM, "values"), is_text=True, prefix=("redis", "1"))
    assert text_of(layer) == "'redis':\n  '1':\n    image:\n      tag: dev\n"


def test_a_merge_key_is_followed() -> None:
    assert text_of(Layer("app.yaml", 1, (*HELM, "valuesObject", "merged", "tag"))) == "1.10\n"


def test_an_item_of_a_list_has_a_number() -> None:
    layer = Layer("app.yaml", 1, (*HELM, "parameters", 0))
    assert text_of(layer) == "{name: image.tag, value: main}\n"


@pytest.mark.parametrize(
    "layer",
    [
        pytest.param(Layer("a.yaml", 7, ("spec",)), id="no such document"),
        pytest.param(Layer("a.yaml", 1, ("spec", "nothing")), id="no such key"),
        pytest.param(Layer("a.yaml", 1, (*HELM, "parameters", 9)), id="no such item"),
        pytest.param(Layer("a.yaml", 1, (*HELM, "values", "image")), id="a key of a text"),
        pytest.param(Layer("a.yaml", 1, HELM, is_text=True), id="a map where a text should be"),
        pytest.param(Layer("a.yaml", 1, HELM, is_text=True, prefix=("a",)), id="the same below a prefix"),
    ],
)
def test_values_that_are_not_there_are_none(layer: Layer) -> None:
    assert text_of(layer) is None


def test_a_file_that_is_no_yaml_holds_no_values() -> None:
    assert text_of(Layer("a.yaml", 0, ("a",)), b"a: [") is None


def test_parameters_are_arguments_with_their_commas_escaped() -> None:
    layer = Layer("app.yaml", 1, (*HELM, "parameters"), parameters=True)
    assert set_arguments(layer, APPLICATION) == [
        *("--set", "image.tag=main", "--set", "list={a,b}"),
        *("--set", r"pair=a\,b", "--set-string", "count=1"),
    ]


def test_parameters_may_all_be_texts() -> None:
    layer = Layer("a.yaml", 0, ("p",), parameters=True, is_text=True)
    assert set_arguments(layer, b"p: [{name: a, value: 1}]\n") == ["--set-string", "a=1"]


def test_parameters_that_are_no_list_are_none() -> None:
    layer = Layer("a.yaml", 0, ("p",), parameters=True)
    assert (set_arguments(layer, b"p: {a: 1}\n"), set_arguments(layer, b"q: []\n")) == (None, None)
