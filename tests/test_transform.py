"""Transforms: named after their module, asked only about what they read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from codemod.config import Config
from codemod.edits import Edit
from codemod.fleet import build
from codemod.registry import select
from codemod.source import Source, Span
from codemod.testing import facts_of
from codemod.transform import Change, Fact, Language, Left, Transform

if TYPE_CHECKING:
    from codemod.fleet import Fleet

YAML = Language("yaml", suffixes=(".yaml", ".yml"))
NO_FLEET = build(Config(), (), lambda path: None)
NOTE = Left(Span(0, 1), "manifest", "tag-only")


def noting(*, words: tuple[bytes, ...] = ()) -> Transform:
    transform = Transform("transforms.image_fields", reads=YAML, words=words)

    @transform.scan
    def notes(source: Source, fleet: Fleet) -> Iterator[Fact]:
        yield NOTE

    return transform


def facts(transform: Transform, data: bytes, language: str = "yaml") -> list[Fact]:
    return list(facts_of(transform, Source("a.yaml", data, language), NO_FLEET))


@pytest.mark.parametrize(
    ("module", "name"),
    [("transforms.image_fields", "image-fields"), ("company.rules.go", "go"), ("__main__", "--main--")],
)
def test_a_transform_is_named_after_its_module(module: str, name: str) -> None:
    transform = Transform(module, reads=YAML)
    assert transform.name == name
    assert repr(transform) == f"Transform({name})"


def test_a_source_of_another_language_is_none_of_its_business() -> None:
    assert facts(noting(), b"image: x", "go") == []


def test_a_source_without_any_of_the_words_is_not_scanned() -> None:
    assert facts(noting(words=(b"image", b"newTag")), b"kind: Service") == []


def test_one_of_the_words_is_enough() -> None:
    assert facts(noting(words=(b"image", b"newTag")), b"newTag: dev") == [NOTE]


def test_without_words_every_source_of_the_language_is_scanned() -> None:
    assert facts(noting(), b"") == [NOTE]


def test_words_are_found_as_they_are_written() -> None:
    assert facts(noting(words=(b"image",)), b"IMAGE: x") == []


def test_the_decorated_function_stays_callable() -> None:
    transform = Transform("transforms.one", reads=YAML)

    @transform.scan
    def nothing(source: Source, fleet: Fleet) -> Iterator[Fact]:
        yield from ()

    assert list(nothing(Source("a.yaml", b"", "yaml"), NO_FLEET)) == []


def test_a_transform_without_a_scan_function_is_a_bug_and_says_so() -> None:
    transform = Transform("transforms.forgotten", reads=YAML)
    with pytest.raises(TypeError, match=r"transforms\.forgotten"):
        facts_of(transform, Source("a.yaml", b"", "yaml"), NO_FLEET)


def test_what_is_done_on_request_is_done_where_the_user_names_the_transform_alone() -> None:
    transform = Transform("transforms.polite", reads=YAML)
    source = Source("a.yaml", b"image: web", "yaml")

    @transform.scan
    def reported(source: Source, fleet: Fleet) -> Iterator[Fact]:
        yield Left(Span(7, 10), "manifest", "docs")

    @transform.when_named
    def rewritten(source: Source, fleet: Fleet) -> Iterator[Fact]:
        yield Change(Span(7, 10), "manifest", (Edit(7, 10, b"app"),))

    assert [type(fact) for fact in facts_of(transform, source, NO_FLEET)] == [Left]
    assert [type(fact) for fact in facts_of(transform.named, source, NO_FLEET)] == [Change]
    assert [type(fact) for fact in facts_of(select([transform], [], [])[0], source, NO_FLEET)] == [Left]
    assert [type(fact) for fact in facts_of(select([transform], ["polite"], [])[0], source, NO_FLEET)] == [Change]
    assert transform.named.name == "polite"


def test_a_transform_that_does_nothing_on_request_is_the_same_when_named() -> None:
    transform = Transform("transforms.plain", reads=YAML)
    assert transform.named is transform
