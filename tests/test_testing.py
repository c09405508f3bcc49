"""The public test helpers: what they must not let pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from codemod.config import Config
from codemod.edits import DIGEST, Edit
from codemod.fleet import Fleet
from codemod.formats import yaml
from codemod.reference import parse
from codemod.source import BOM, Source, Span
from codemod.testing import EveryDigest, check_leaves_alone, check_rewrites, digest_of, facts_of, plan_of
from codemod.transform import Change, Fact, Image, Left, Rendering, Transform
from transforms import image_references

BEFORE, AFTER = "image: acme/web:dev\nname: web\n", "image: acme/web@<digest>\nname: web\n"


def transform_of(scan: Callable[[Source], Iterable[Fact]]) -> Transform:
    transform = Transform("tests.example", reads=yaml.LANGUAGE)
    transform.scan(lambda source, fleet: scan(source))
    return transform


def changing(old: bytes, new: bytes) -> Transform:
    """A transform that replaces the first `old` of every file."""

    def scan(source: Source) -> Iterable[Fact]:
        start = source.data.find(old)
        if start >= 0:
            span = Span(start, start + len(old))
            yield Change(span, "manifest", (Edit(*span, new),))

    return transform_of(scan)


def pinning(edits: Callable[[int, int], tuple[Edit, ...]]) -> Transform:
    """A transform that pins the first `acme/web:dev` of every file with the edits for its start and its end."""

    def scan(source: Source) -> Iterable[Fact]:
        start = source.data.find(b"acme/web:dev")
        if start >= 0:
            span = Span(start, start + 12)
            yield Image(
                span, "manifest", "acme/web:dev", (Rendering(parse("acme/web:dev")),), edits(*span), unproven=False
            )

    return transform_of(scan)


RIGHT = pinning(lambda start, end: (Edit(end - 4, end, b"@" + DIGEST),))


def test_a_right_transform_passes() -> None:
    plan = check_rewrites(RIGHT, BEFORE, AFTER)
    assert [change.image for change in plan.changed] == ["docker.io/acme/web:dev"]


def test_one_transform_and_a_list_of_them_are_taken() -> None:
    assert check_rewrites([RIGHT], BEFORE, AFTER) == check_rewrites(RIGHT, BEFORE, AFTER)


def test_the_plan_given_back_is_that_of_the_text_as_it_stands() -> None:
    plan = check_rewrites(RIGHT, BEFORE, AFTER)
    assert plan.files["values.yaml"][0] == BEFORE.encode()


WRONG = {
    "an edit of too few bytes": pinning(lambda start, end: (Edit(end - 3, end, b"@" + DIGEST),)),
    "an edit of too many bytes": pinning(lambda start, end: (Edit(end - 4, end + 1, b"@" + DIGEST),)),
    "no digest at all": pinning(lambda start, end: (Edit(end - 4, end, b""),)),
    "no edit at all": pinning(lambda start, end: ()),
    "a transform that finds nothing": transform_of(lambda source: ()),
    "a neighbour that changes, too": pinning(
        lambda start, end: (Edit(end - 4, end, b"@" + DIGEST), Edit(end + 7, end + 10, b"api"))
    ),
    "a comment that comes along": pinning(lambda start, end: (Edit(end - 4, end, b"@" + DIGEST + b" # pinned"),)),
    "an edit that only works with one kind of line end": transform_of(
        lambda source: () if b"\r" in source.data else facts_of(RIGHT, source, Fleet(Config()))
    ),
    "an edit that only works with a final newline": transform_of(
        lambda source: facts_of(RIGHT, source, Fleet(Config())) if source.data.endswith(b"\n") else ()
    ),
    "an edit that trips over a byte order mark": transform_of(
        lambda source: () if source.data.startswith(BOM) else facts_of(RIGHT, source, Fleet(Config()))
    ),
}


@pytest.mark.parametrize("transform", WRONG.values(), ids=WRONG)
def test_a_wrong_transform_is_caught(transform: Transform) -> None:
    with pytest.raises(AssertionError, match=r"expected|second pass"):
        check_rewrites(transform, BEFORE, AFTER)


def test_a_transform_that_never_comes_to_an_end_is_caught() -> None:
    with pytest.raises(AssertionError, match="second pass"):
        check_rewrites(changing(b"web", b"xweb"), "name: web\n", "name: xweb\n")


def test_an_edit_that_changes_the_meaning_of_a_neighbour_is_caught() -> None:
    opens_a_quote = pinning(lambda start, end: (Edit(end - 4, end, b"@" + DIGEST + b"\nname: other"),))
    with pytest.raises(AssertionError, match="expected"):
        check_rewrites(opens_a_quote, BEFORE, "image: acme/web@<digest>\nname: other\nname: web\n")


def test_an_edit_that_breaks_the_file_is_caught() -> None:
    breaks = pinning(lambda start, end: (Edit(start, end, b"[" + DIGEST),))
    with pytest.raises(AssertionError, match="expected"):
        check_rewrites(breaks, BEFORE, "image: [<digest>\nname: web\n")


def test_a_digest_of_another_image_is_caught() -> None:
    plan = plan_of(image_references.transform, {"a.yaml": b"a: {image: acme/a:dev}\nb: {image: acme/b:dev}\n"})
    digests = [change.digest for change in plan.changed]
    assert digests == [digest_of("docker.io/acme/a:dev"), digest_of("docker.io/acme/b:dev")]
    assert digests[0] != digests[1]


def test_a_digest_that_stood_there_is_no_placeholder() -> None:
    text = f"image: acme/web:dev@{digest_of('x')}\n"
    check_rewrites(image_references.transform, text, text.replace(":dev", ""))
    with pytest.raises(AssertionError, match="expected"):
        check_rewrites(image_references.transform, text, "image: acme/web@<digest>\n")


def test_what_changes_is_not_left_alone() -> None:
    with pytest.raises(AssertionError, match=r"changed: .*acme/web:dev"):
        check_leaves_alone(RIGHT, BEFORE)


def test_what_is_reported_is_not_left_alone_silently() -> None:
    with pytest.raises(AssertionError, match=r"reported: .*digest-unknown"):
        check_leaves_alone(RIGHT, BEFORE, unknown=["docker.io/acme/web:dev"])
    check_leaves_alone(RIGHT, BEFORE, code="digest-unknown", unknown=["docker.io/acme/web:dev"])


def test_what_is_silent_is_not_reported() -> None:
    with pytest.raises(AssertionError, match="reported"):
        check_leaves_alone(RIGHT, "name: web\n", code="digest-unknown")


def test_another_reason_than_the_one_asked_for_is_caught() -> None:
    leaving = transform_of(lambda source: [Left(Span(0, 1), "manifest", "unparsable")])
    check_leaves_alone(leaving, BEFORE, code="unparsable")
    with pytest.raises(AssertionError, match="unparsable"):
        check_leaves_alone(leaving, BEFORE, code="computed-reference")


def test_leaving_alone_holds_for_the_twins_too() -> None:
    only_crlf = transform_of(lambda source: facts_of(RIGHT, source, Fleet(Config())) if b"\r" in source.data else ())
    with pytest.raises(AssertionError, match="with CRLF"):
        check_leaves_alone(only_crlf, BEFORE)


def test_what_a_second_pass_says_anew_is_caught() -> None:
    says_more = transform_of(
        lambda source: (
            facts_of(RIGHT, source, Fleet(Config()))
            if b":dev" in source.data
            else [Left(Span(0, 1), "manifest", "computed-reference")]
        )
    )
    with pytest.raises(AssertionError, match="second pass"):
        check_rewrites(says_more, BEFORE, AFTER)


def test_a_file_that_no_transform_reads_is_a_mistake_of_the_test() -> None:
    with pytest.raises(ValueError, match=r"main\.go: no transform"):
        plan_of(RIGHT, {"main.go": b""})


def test_every_reference_has_its_own_digest_and_is_recorded() -> None:
    digests = EveryDigest(unknown=["docker.io/library/b:latest"])
    one, other = parse("a").lookup, parse("b").lookup
    assert {str(ref): found.digest for ref, found in digests.resolve([one, other]).items()} == {
        "docker.io/library/a:latest": digest_of("docker.io/library/a:latest")
    }
    assert digests.asked == [one, other]
