"""What a release sees at a path of its values: Helm's merge, for scalars."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemod.config import Config, StackSpec
from codemod.fleet import Effective, Fleet, build
from codemod.source import Source

TAG = ("image", "tag")


def fleet_of(*layers: str | None) -> Fleet:
    """One stack of `1.yaml`, `2.yaml`, …; None is a layer that does not exist."""
    texts = {f"{number}.yaml": text for number, text in enumerate(layers, 1)}
    sources = {path: Source(path, text.encode(), "yaml") for path, text in texts.items() if text is not None}
    spec = StackSpec(layers=tuple(texts))
    return build(Config(stacks=(spec,)), list(sources), sources.get)


def effective(*layers: str | None, keys: tuple[str | int, ...] = TAG) -> tuple[str | None, str | None]:
    fleet = fleet_of(*layers)
    assert len(fleet.stacks) == 1
    found = fleet.effective(0, keys)
    assert fleet.effective(0, keys) is found
    return found.text, found.layer.path if found.layer is not None else None


def test_the_last_layer_that_sets_a_value_wins() -> None:
    assert effective("image: {tag: a}\n", "image: {tag: b}\n", "image: {repository: r}\n") == ("b", "2.yaml")


def test_maps_merge_key_by_key() -> None:
    layers = ("image: {repository: r, tag: a}\n", "image: {tag: b}\n")
    assert effective(*layers, keys=("image", "repository")) == ("r", "1.yaml")


def test_what_no_layer_sets_is_absent() -> None:
    assert effective("other: 1\n", "image: {}\n") == (None, None)


def test_a_layer_that_does_not_exist_is_passed_over() -> None:
    assert effective("image: {tag: a}\n", None, "x: 1\n") == ("a", "1.yaml")


@pytest.mark.parametrize("null", ["null", "~", "", "Null", "NULL"])
def test_null_deletes_what_lower_layers_set(null: str) -> None:
    assert effective("image: {tag: a}\n", f"image:\n  tag: {null}\n") == (None, "2.yaml")


@pytest.mark.parametrize("null", ["null", "~", ""])
def test_null_for_the_map_deletes_all_of_it(null: str) -> None:
    assert effective("image: {tag: a}\n", f"image: {null}\n", "image: {repository: r}\n") == (None, None)


@pytest.mark.parametrize(("text", "value"), [('"null"', "null"), ('"~"', "~"), ('""', "")])
def test_quoted_null_is_text(text: str, value: str) -> None:
    assert effective("image: {tag: a}\n", f"image: {{tag: {text}}}\n") == (value, "2.yaml")


def test_a_value_after_a_null_stands_again() -> None:
    assert effective("image: {tag: a}\n", "image: {tag: null}\n", "image: {tag: c}\n") == ("c", "3.yaml")


@pytest.mark.parametrize("other", ["web:dev", "[a, b]", "true", "7"])
def test_a_scalar_or_list_over_a_map_replaces_all_of_it(other: str) -> None:
    assert effective("image: {tag: a}\n", f"image: {other}\n") == (None, "2.yaml")


def test_a_map_over_a_scalar_replaces_it() -> None:
    assert effective("image: web:dev\n", "image: {tag: b}\n") == ("b", "2.yaml")
    assert effective("image: web:dev\n", "image: {tag: b}\n", keys=("image",)) == (None, None)


def test_a_map_over_a_scalar_shows_nothing_of_the_scalar() -> None:
    assert effective("image: web:dev\n", "image: {repository: r}\n")[0] is None


def test_a_list_is_replaced_whole() -> None:
    layers = ("images:\n  - tag: a\n", "images:\n  - name: x\n")
    assert effective(*layers, keys=("images", 0, "tag")) == (None, "2.yaml")
    assert effective(*layers, keys=("images", 0, "name")) == ("x", "2.yaml")
    assert effective(layers[0], "images: []\n", keys=("images", 0, "tag")) == (None, "2.yaml")


def test_items_of_a_list_are_looked_into() -> None:
    layer = "t: &t {tag: a}\nimages:\n  - {tag: 1.10}\n  - *t\n  - [{tag: c}]\n"
    ways = ((0, "tag"), (1, "tag"), (2, 0, "tag"), (0, "name"), (3, "tag"))
    found = [effective(layer, keys=("images", *way))[0] for way in ways]
    assert found == ["1.1", "a", "c", None, None]


def test_aliases_and_merge_keys_of_a_layer_are_followed() -> None:
    assert effective("t: &t a\nimage: {tag: *t}\n") == ("a", "1.yaml")
    assert effective("base: &b {tag: a}\nimage: *b\n") == ("a", "1.yaml")
    assert effective("base: &b {tag: a}\nimage:\n  <<: *b\n  repository: r\n") == ("a", "1.yaml")
    assert effective("base: &b {tag: a}\nimage:\n  <<: *b\n  tag: own\n") == ("own", "1.yaml")


def test_an_anchor_reaches_into_no_other_layer() -> None:
    assert effective("base: &b {tag: a}\nimage: *b\n", "base: {tag: z}\n") == ("a", "1.yaml")


def test_of_a_key_that_comes_twice_the_last_counts() -> None:
    assert effective("image: {tag: a, tag: b}\n") == ("b", "1.yaml")


def test_the_documents_of_a_layer_are_merged_like_layers() -> None:
    assert effective("---\n# nothing\n---\nimage: {tag: a}\n---\nimage: {tag: b}\n") == ("b", "1.yaml")


@pytest.mark.parametrize(
    "empty", ["", "\n", "# nothing here\n", "---\n", "---\n# nothing\n", "{}\n", "null\n", "\ufeff"]
)
def test_a_layer_without_content_changes_nothing(empty: str) -> None:
    assert effective("image: {tag: a}\n", empty) == ("a", "1.yaml")


def test_a_layer_that_cannot_be_read_says_nothing() -> None:
    assert effective("image: {tag: a}\n", "image: {tag: b\n") == ("a", "1.yaml")
    assert effective("image: {tag: a}\n", "\tx: [\n") == ("a", "1.yaml")


def test_json_layers_are_read_too() -> None:
    assert effective('{"image": {"tag": "a"}}', '{"image": {"repository": "r"}}') == ("a", "1.yaml")


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("1.10", "1.1"),
        ("yes", "true"),
        ("012", "10"),
        ("1e3", "1000"),
        ("12345678", "1.2345678e+07"),
        ("'1.10'", "1.10"),
    ],
)
def test_a_scalar_is_given_as_a_template_prints_it(text: str, printed: str) -> None:
    assert effective(f"image: {{tag: {text}}}\n") == (printed, "1.yaml")


def test_without_a_reader_everything_is_absent() -> None:
    fleet = fleet_of("image: {tag: a}\n")
    assert Fleet(fleet.config, fleet.stacks).effective(0, TAG) == Effective()


def test_the_texts_of_a_file_are_its_own_and_those_of_the_layers_beside_it_once_each() -> None:
    texts = {"base.yaml": "a: 1\n", "env/a.yaml": "b: 1\n", "env/b.yaml": "c: 1\n", "other.yaml": "d: 1\n"}
    sources = {path: Source(path, text.encode(), "yaml") for path, text in texts.items()}
    fleet = build(Config(stacks=(StackSpec(layers=("base.yaml", "env/{env}.yaml")),)), list(sources), sources.get)
    assert [path for path, _ in fleet.texts(sources["base.yaml"])] == ["base.yaml", "env/a.yaml", "env/b.yaml"]
    assert [path for path, _ in fleet.texts(sources["env/b.yaml"])] == ["env/b.yaml", "base.yaml"]
    assert [path for path, _ in fleet.texts(sources["other.yaml"])] == ["other.yaml"]


VALUE = st.sampled_from(["null", "x", '"y"', "[1]", "{tag: a}", "{tag: null}", "{tag: {deep: 1}}", "{other: 1}", "{}"])


def merged(layers: list[str]) -> object:
    """Helm's merge of `image`, carried out literally on the few values of this test."""
    values: dict[str, object] = {
        "null": None,
        "x": "x",
        '"y"': "y",
        "[1]": [1],
        "{tag: a}": {"tag": "a"},
        "{tag: null}": {"tag": None},
    }
    values |= {"{tag: {deep: 1}}": {"tag": {"deep": 1}}, "{other: 1}": {"other": 1}, "{}": {}}
    result: object = None
    for layer in layers:
        above = values[layer]
        result = {**result, **above} if isinstance(result, dict) and isinstance(above, dict) else above
    return result


@given(st.lists(VALUE, min_size=1, max_size=5))
def test_the_value_at_a_path_is_that_of_the_merged_values(layers: list[str]) -> None:
    whole = merged(layers)
    tag = whole.get("tag") if isinstance(whole, dict) else None
    assert effective(*(f"image: {layer}\n" for layer in layers))[0] == (tag if isinstance(tag, str) else None)
