"""Finding transforms, and choosing among them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from codemod import registry
from codemod.errors import UnfloatError
from codemod.transform import Language, Transform

YAML = Language("yaml", suffixes=(".yaml",))
MODULE = """'''{doc}'''
from codemod.transform import Language, Transform
transform = Transform({name!r}, reads=Language("yaml"))
"""


def some(*names: str) -> tuple[Transform, ...]:
    return tuple(Transform(f"transforms.{name}", reads=YAML) for name in names)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty package that stands in for `transforms`; files beside it can be imported."""
    folder = tmp_path / "standin"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.setattr(registry, "PACKAGE", "standin")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("standin", "stranger", "stranger_pin"):
            del sys.modules[name]


def add(folder: Path, file: str, name: str = "", doc: str = "Do it.") -> None:
    (folder / file).write_text(MODULE.format(name=name or f"standin.{file.removesuffix('.py')}", doc=doc))


def install(folder: Path, points: str, kind: str = "dist-info") -> None:
    """Metadata of a distribution that registers transforms."""
    metadata = folder / f"stranger-1.0.{kind}"
    metadata.mkdir()
    name = "METADATA" if kind == "dist-info" else "PKG-INFO"
    (metadata / name).write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[unfloat.transforms]\n{points}\n")


def names() -> list[str]:
    return [transform.name for transform in registry.load()]


def test_the_transforms_that_come_along_are_found_sorted_and_documented() -> None:
    found = registry.load()
    assert {"image-references", "pull-policies"} <= {transform.name for transform in found}
    assert [transform.name for transform in found] == sorted(transform.name for transform in found)
    assert all(registry.documentation(transform) for transform in found)


def test_each_module_is_a_transform_but_those_with_an_underscore(package: Path) -> None:
    for file in ("second_one.py", "first.py", "_helper.py", "notes.txt"):
        add(package, file)
    (package / "folder").mkdir()
    (package / "__pycache__").mkdir(exist_ok=True)
    assert names() == ["first", "second-one"]


def test_a_package_can_be_a_transform(package: Path) -> None:
    (package / "large").mkdir()
    add(package / "large", "__init__.py", "standin.large")
    assert names() == ["large"]


def test_a_module_without_a_transform_is_named(package: Path) -> None:
    (package / "empty.py").touch()
    with pytest.raises(UnfloatError, match=r"standin\.empty holds no transform"):
        registry.load()


@pytest.mark.parametrize("kind", ["dist-info", "egg-info"])
@pytest.mark.parametrize("value", ["stranger_pin", "stranger_pin:transform"])
def test_other_distributions_can_register_a_module_or_a_transform(
    package: Path, tmp_path: Path, kind: str, value: str
) -> None:
    add(package, "own.py")
    add(tmp_path, "stranger_pin.py", "stranger_pin")
    install(tmp_path, f"pin = {value}", kind)
    assert names() == ["own", "stranger-pin"]


def test_two_transforms_of_one_name_are_an_error_that_names_both(package: Path, tmp_path: Path) -> None:
    add(package, "pin.py")
    add(tmp_path, "stranger.py", "stranger.pin")
    install(tmp_path, "pin = stranger")
    with pytest.raises(UnfloatError, match=r"'pin': standin\.pin and stranger\.pin"):
        registry.load()


@pytest.mark.parametrize(
    ("text", "value"),
    [("raise RuntimeError('boom')", "stranger"), ("", "stranger:missing"), ("transform = 1", "stranger"), ("", "gone")],
)
def test_a_registered_transform_that_cannot_be_loaded_is_one_line_with_its_name(
    package: Path, tmp_path: Path, text: str, value: str
) -> None:
    (tmp_path / "stranger.py").write_text(f"{text}\n")
    install(tmp_path, f"pin = {value}")
    with pytest.raises(UnfloatError, match=value) as caught:
        registry.load()
    assert "\n" not in str(caught.value)


def test_metadata_is_not_imported_where_nobody_registers_anything(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(package, "own.py")
    monkeypatch.setattr(sys, "path", [str(package.parent), "", str(package / "missing"), str(package / "own.py")])
    monkeypatch.setitem(sys.modules, "importlib.metadata", None)
    assert names() == ["own"]


def test_nothing_chosen_means_all() -> None:
    given = some("pull_policies", "image_fields")
    assert registry.select(given, (), ()) == given


@pytest.mark.parametrize("name", ["pull-policies", "pull_policies", " Pull-Policies"])
def test_names_are_the_same_with_dashes_and_underscores(name: str) -> None:
    given = some("pull_policies", "image_fields")
    assert registry.select(given, [name], ()) == given[:1]
    assert registry.select(given, (), [name]) == given[1:]


def test_what_is_chosen_and_skipped_is_skipped() -> None:
    given = some("a", "b", "c")
    assert registry.select(given, ["a", "b"], ["b"]) == given[:1]


@pytest.mark.parametrize(("only", "skip"), [(["a"], ["a"]), ([], ["a", "b", "c"])])
def test_to_choose_nothing_is_an_error(only: list[str], skip: list[str]) -> None:
    with pytest.raises(UnfloatError, match=r"--only and --skip leave no transform"):
        registry.select(some("a", "b", "c"), only, skip)
    assert registry.select((), (), ()) == ()


def test_two_steps_are_not_named_together() -> None:
    given = registry.load()
    first, second = "crd-pull-policy", "fleet-pull-policy"
    with pytest.raises(UnfloatError) as caught:
        registry.select(given, [second, first], ())
    assert str(caught.value) == (
        f"--only {first} and --only {second} are two steps; run and roll out the first, then the second"
    )
    assert first not in {transform.name for transform in registry.select(given, [second], ())}
    assert [transform.name for transform in registry.select(given, [first], ())] == [first]
    assert [transform.name for transform in registry.select(given, [first, second], [second])] == [first]
    assert len(registry.select(given, (), ())) == len(given)


@pytest.mark.parametrize("option", ["only", "skip"])
def test_an_unknown_name_is_an_error_with_the_nearest_and_all_names(option: str) -> None:
    given = some("pull_policies", "image_fields")
    with pytest.raises(UnfloatError) as caught:
        registry.select(given, **{"only": (), "skip": (), option: ["pull_policy"]})
    assert str(caught.value) == (
        "there is no transform 'pull_policy'; did you mean 'pull-policies'? there are: image-fields, pull-policies"
    )


def test_a_name_that_is_near_to_nothing_gets_no_suggestion() -> None:
    assert registry.unknown("transform", "zzz", ["a"]) == "there is no transform 'zzz'; there are: a"
