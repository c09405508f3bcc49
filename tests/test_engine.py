"""From sources and transforms to a plan: every fact has an outcome, whatever the order."""

from __future__ import annotations

import datetime
import random
from collections.abc import Collection, Iterator, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import TEXT, Stated, after, codes, image, inner, planned, policy, span, stating, value

from codemod.config import Allowance, Config, StackSpec
from codemod.digests import Chain, Resolution
from codemod.edits import DIGEST, Edit
from codemod.engine import plan
from codemod.fleet import Fleet
from codemod.outcome import Plan
from codemod.reference import Reference, parse
from codemod.scan import MAX_DEPTH
from codemod.settle import Judge
from codemod.source import Source, Span
from codemod.testing import TODAY, EveryDigest, digest_of
from codemod.transform import Change, Fact, Image, Left, PullPolicy, Rendering, Transform

WEB, API = "ghcr.io/acme/web:dev", "ghcr.io/acme/api:main"
PINNED_WEB = f"ghcr.io/acme/web@{digest_of(WEB)}"


def allow(code: str = "*", image: str = "**", expires: datetime.date = TODAY, path: str = "**") -> Config:
    return Config(
        allow=(Allowance(path=path, reason="because", owner="team", expires=expires, image=image, code=code),)
    )


# --- what is found and where ---------------------------------------------------------------------------------------


def test_no_sources_make_an_empty_plan_and_ask_nobody() -> None:
    digests = EveryDigest()
    assert planned([], {}, digests=digests) == Plan()
    assert digests.asked == []


def test_a_whole_reference_is_pinned_with_the_digest_of_that_very_reference() -> None:
    result = planned(stating({"a.t": lambda s: [image(s, WEB)]}), {"a.t": f"x {WEB} y"})
    assert after(result, "a.t") == f"x {PINNED_WEB} y"
    (change,) = result.changed
    assert (change.image, change.digest, change.source) == (WEB, digest_of(WEB), "map test")
    assert result.left == ()


def test_every_source_counts_as_scanned_and_only_changed_files_are_in_the_plan() -> None:
    result = planned(stating({"b.t": lambda s: [image(s, WEB)]}), {"a.t": "nothing", "b.t": WEB, "c.t": WEB})
    assert result.scanned == 3
    assert list(result.files) == ["b.t"]
    assert result.files["b.t"][0] == WEB.encode()


def test_progress_is_told_after_every_file() -> None:
    told: list[int] = []
    sources = [Source(path, b"", "text") for path in ("a", "b", "c")]
    plan(sources, [], Fleet(Config()), EveryDigest(), today=TODAY, progress=told.append)
    assert told == [1, 2, 3]


def test_sources_are_taken_one_by_one() -> None:
    given_out: list[str] = []

    def sources() -> Iterator[Source]:
        for path in ("a.t", "b.t"):
            given_out.append(path)
            yield Source(path, b"x", "text")

    seen: list[list[str]] = []

    transform = Transform("transforms.seer", reads=TEXT, looks_at_path=True)

    @transform.scan
    def scan(source: Source, fleet: Fleet) -> Iterator[Fact]:
        seen.append(list(given_out))
        yield from ()

    plan(sources(), [transform], Fleet(Config()), EveryDigest(), today=TODAY)
    assert seen == [["a.t"], ["a.t", "b.t"]]


# --- texts inside texts --------------------------------------------------------------------------------------------


def opener() -> Transform:
    """States a whole reference where no brace is left, else opens the braces."""
    transform = Transform("transforms.opener", reads=TEXT, looks_at_path=True)

    @transform.scan
    def scan(source: Source, fleet: Fleet) -> Iterator[Fact]:
        if b"{" in source.data:
            yield inner(source)
        elif WEB.encode() in source.data:
            yield image(source, WEB)

    return transform


@pytest.mark.parametrize("depth", [0, 1, 2, MAX_DEPTH])
def test_texts_inside_texts_are_scanned_and_edited_at_any_depth(depth: int) -> None:
    before = "a\n" + "{" * depth + f" {WEB} " + "}" * depth
    result = planned(opener(), {"a.t": before})
    assert after(result, "a.t") == before.replace(WEB, PINNED_WEB)
    (change,) = result.changed
    assert (change.site.line, change.site.column) == (2, depth + 2)


def test_texts_are_not_followed_deeper_than_the_limit() -> None:
    too_deep = MAX_DEPTH + 1
    result = planned(opener(), {"a.t": "{" * too_deep + WEB + "}" * too_deep})
    assert result.files == {}
    assert result.images == ()


def test_a_text_inside_is_seen_by_every_transform_of_its_language() -> None:
    other = Transform("transforms.other", reads=TEXT, looks_at_path=True)

    @other.scan
    def scan(source: Source, fleet: Fleet) -> Iterator[Fact]:
        if source.outer is not None:
            yield Left(span(source, "web"), "docs", "docs", "web")

    result = planned([opener(), other], {"a.t": f"{{ {WEB} }}"})
    assert codes(result) == [("a.t", "web", "docs")]
    assert len(result.changed) == 1


def test_an_edit_that_the_quoting_cannot_spell_is_left_and_said() -> None:
    transform = Transform("transforms.breaker", reads=TEXT, looks_at_path=True)

    @transform.scan
    def scan(source: Source, fleet: Fleet) -> Iterator[Fact]:
        if source.outer is None:
            yield inner(source)
        else:
            at = span(source, WEB)
            yield Image(at, "manifest", WEB, (Rendering(parse(WEB)),), (Edit(at.start, at.end, b"\n" + DIGEST),))

    digests = EveryDigest()
    result = planned(transform, {"a.t": f"{{{WEB}}}"}, digests=digests)
    assert codes(result) == [("a.t", WEB, "not-spellable")]
    assert result.files == {}
    assert digests.asked == []


def test_a_policy_or_a_change_that_the_quoting_cannot_spell_is_left_and_said() -> None:
    transform = Transform("transforms.breaker", reads=TEXT, looks_at_path=True)

    @transform.scan
    def scan(source: Source, fleet: Fleet) -> Iterator[Fact]:
        if source.outer is None:
            yield inner(source)
        else:
            always, old = span(source, "Always"), span(source, "old")
            yield PullPolicy(always, "manifest", (Edit(*always, b"\n"),))
            yield Change(old, "manifest", (Edit(*old, b"new\n"), Edit(0, 0, b"x")))

    result = planned(transform, {"a.t": "{Always old}"})
    assert [(e.kind, e.text, e.code) for e in result.left] == [
        ("pull-policy", "Always", "not-spellable"),
        ("change", "old", "not-spellable"),
    ]
    assert result.files == {}


# --- digests -------------------------------------------------------------------------------------------------------


def test_every_reference_is_asked_once_for_all_files_together() -> None:
    class Once(EveryDigest):
        calls = 0

        def resolve(self, references: Collection[Reference]) -> Mapping[Reference, Resolution]:
            self.calls += 1
            return super().resolve(references)

    digests = Once()
    states: Stated = {
        "a.t": lambda s: [image(s, WEB), image(s, WEB, 1)],
        "b.t": lambda s: [image(s, WEB), image(s, API)],
    }
    planned(stating(states), {"a.t": f"{WEB} {WEB}", "b.t": f"{WEB} {API}"}, digests=digests)
    assert digests.calls == 1
    assert sorted(map(str, digests.asked)) == [API, WEB]


def test_nothing_is_asked_for_what_would_not_be_edited_anyway() -> None:
    digests = EveryDigest()
    pinned = f"acme/x@{digest_of('x')}"
    states: Stated = {
        "a.t": lambda s: [image(s, "acme/x:1.2"), image(s, pinned), image(s, WEB, reason="anchor-shared")],
        "vendor/b.t": lambda s: [image(s, API)],
    }
    planned(stating(states), {"a.t": f"acme/x:1.2 {pinned} {WEB}", "vendor/b.t": API}, digests=digests)
    assert digests.asked == []


def test_a_chain_remembers_over_plans_what_it_knows_and_what_it_does_not() -> None:
    digests = EveryDigest(unknown=[API])
    chain = Chain([digests])
    states: Stated = {"a.t": lambda s: [image(s, WEB), image(s, API)]}
    for _ in range(2):
        result = planned(stating(states), {"a.t": f"{WEB} {API}"}, digests=chain)
        assert codes(result) == [("a.t", API, "digest-unknown")]
    assert sorted(map(str, digests.asked)) == [API, WEB]


class Offers:
    """Knows every digest, with the same platforms behind each."""

    def __init__(self, *platforms: str) -> None:
        self.platforms = platforms

    def resolve(self, references: Collection[Reference]) -> Mapping[Reference, Resolution]:
        return {ref: Resolution(digest_of(str(ref)), "lock", None, self.platforms) for ref in references}


@pytest.mark.parametrize(
    ("wanted", "offered"),
    [
        ((), ("linux/amd64",)),
        (("linux/amd64", "linux/arm64"), ("linux/arm64", "windows/amd64", "linux/amd64")),
        (("linux/amd64", "linux/arm64"), ()),
        (("linux/arm64",), ("linux/arm64/v8",)),
        (("linux/arm64/v8",), ("linux/arm64",)),
        (("linux/arm",), ("linux/arm/v7",)),
    ],
)
def test_a_digest_is_taken_that_offers_every_platform_or_of_which_none_is_known(
    wanted: tuple[str, ...], offered: tuple[str, ...]
) -> None:
    states: Stated = {"a.t": lambda s: [image(s, WEB)]}
    result = planned(stating(states), {"a.t": WEB}, config=Config(platforms=wanted), digests=Offers(*offered))
    assert after(result, "a.t") == PINNED_WEB


@pytest.mark.parametrize(
    ("wanted", "offered", "lacking"),
    [
        (("linux/amd64", "linux/arm64"), ("linux/amd64",), "linux/arm64"),
        (("linux/amd64", "linux/arm64"), ("linux/s390x",), "linux/amd64, linux/arm64"),
        (("linux/arm/v7",), ("linux/arm/v6",), "linux/arm/v7"),
        (("linux/arm64",), ("linux/arm/v7",), "linux/arm64"),
    ],
)
def test_a_digest_that_lacks_a_platform_is_not_written(
    wanted: tuple[str, ...], offered: tuple[str, ...], lacking: str
) -> None:
    states: Stated = {"a.t": lambda s: [image(s, WEB), policy(s, [span(s, WEB)])]}
    files = {"a.t": f"{WEB} Always"}
    result = planned(stating(states), files, config=Config(platforms=wanted), digests=Offers(*offered))
    assert result.files == {}
    assert [(entry.code, entry.message) for entry in result.left] == [
        ("platforms-missing", f"the digest lacks {lacking}"),
        ("pull-policy-governs-unpinned", f"it governs {WEB}"),
    ]


# --- what stays as it is -------------------------------------------------------------------------------------------


def test_a_pinned_image_is_in_the_inventory_and_nowhere_else() -> None:
    result = planned(stating({"a.t": lambda s: [image(s, PINNED_WEB)]}), {"a.t": PINNED_WEB})
    assert [(entry.status, entry.reason) for entry in result.images] == [("pinned", None)]
    assert (result.changed, result.left, result.files) == ((), (), {})


def test_a_fixed_tag_is_left_and_said_and_pinned_only_on_demand() -> None:
    states: Stated = {"a.t": lambda s: [image(s, "acme/x:1.2")]}
    assert codes(planned(stating(states), {"a.t": "acme/x:1.2"})) == [("a.t", "acme/x:1.2", "tag-only")]
    result = planned(stating(states), {"a.t": "acme/x:1.2"}, pin_all=True)
    assert after(result, "a.t") == f"acme/x:1.2@{digest_of('docker.io/acme/x:1.2')}"
    assert result.left == ()


def test_pin_all_does_not_guess_either() -> None:
    states: Stated = {"a.t": lambda s: [image(s, "acme/x:1.2")]}
    result = planned(
        stating(states), {"a.t": "acme/x:1.2"}, pin_all=True, digests=EveryDigest(["docker.io/acme/x:1.2"])
    )
    assert codes(result) == [("a.t", "acme/x:1.2", "digest-unknown")]


def test_pin_all_leaves_what_carries_a_digest() -> None:
    readable = f"acme/x:1.2@{digest_of('x')}"
    result = planned(stating({"a.t": lambda s: [image(s, readable)]}), {"a.t": readable}, pin_all=True)
    assert (result.changed, result.left) == ((), ())


SPARED = [("charts/third_party/redis/values.t", "vendored"), ("pkg/testdata/values.t", "test-data")]


@pytest.mark.parametrize("pin_all", [False, True])
@pytest.mark.parametrize(("path", "code"), SPARED)
def test_what_is_vendored_or_a_test_is_read_and_never_edited(path: str, code: str, pin_all: bool) -> None:
    def states(s: Source) -> list[Fact]:
        return [
            image(s, WEB),
            policy(s, [span(s, WEB)]),
            Left(span(s, "prose"), "docs", "docs", "prose"),
            Change(span(s, "old"), "manifest", (Edit(*span(s, "old"), b"new"),)),
        ]

    result = planned(stating({path: states}), {path: f"{WEB} Always prose old"}, pin_all=pin_all)
    assert {found for _, _, found in codes(result)} == {code}
    assert [entry.kind for entry in result.left] == ["image", "pull-policy", "image", "change"]
    assert result.files == {}
    assert [entry.vendored for entry in result.images] == [True]


def test_a_pinned_image_of_a_vendored_file_is_no_entry() -> None:
    result = planned(stating({"vendor/a.t": lambda s: [image(s, PINNED_WEB)]}), {"vendor/a.t": PINNED_WEB})
    assert result.left == ()


def test_a_digest_that_stands_there_already_stays_when_its_floating_tag_goes() -> None:
    digest = digest_of("old")
    written = f"acme/web:dev@{digest}"

    def states(s: Source) -> list[Fact]:
        at = span(s, ":dev")
        return [Image(span(s, written), "manifest", written, (Rendering(parse(written)),), (Edit(*at, b""),))]

    digests = EveryDigest()
    result = planned(stating({"a.t": states}), {"a.t": written}, digests=digests)
    assert after(result, "a.t") == f"acme/web@{digest}"
    assert [(c.image, c.digest, c.source) for c in result.changed] == [("docker.io/acme/web:dev", digest, "written")]
    assert digests.asked == []


def test_a_floating_tag_beside_a_digest_that_cannot_be_dropped_is_said() -> None:
    written = f"acme/web:dev@{digest_of('old')}"
    result = planned(stating({"a.t": lambda s: [image(s, written)]}), {"a.t": written})
    assert codes(result) == [("a.t", written, "floating-tag-beside-digest")]
    assert [entry.status for entry in result.images] == ["readable"]


def test_a_floating_image_without_edits_and_reason_is_not_passed_over_in_silence() -> None:
    def states(s: Source) -> list[Fact]:
        return [Image(span(s, WEB), "manifest", WEB, (Rendering(parse(WEB)),))]

    assert codes(planned(stating({"a.t": states}), {"a.t": WEB})) == [("a.t", WEB, "not-spellable")]


def test_an_image_without_a_digest_in_its_edits_is_not_taken_for_pinned() -> None:
    def states(s: Source) -> list[Fact]:
        at = span(s, ":dev")
        return [Image(span(s, WEB), "manifest", WEB, (Rendering(parse(WEB)),), (Edit(*at, b""),))]

    result = planned(stating({"a.t": states}), {"a.t": WEB})
    assert codes(result) == [("a.t", WEB, "not-spellable")]
    assert result.files == {}


def test_an_image_of_which_nobody_knows_the_reference_is_never_edited() -> None:
    def states(s: Source) -> list[Fact]:
        at = span(s, "dev")
        return [Image(at, "manifest", "dev", (Rendering(None),), (Edit(*at, DIGEST),))]

    assert codes(planned(stating({"a.t": states}), {"a.t": "dev"})) == [("a.t", "dev", "repository-unknown")]


def test_left_facts_are_entries_word_for_word() -> None:
    def states(s: Source) -> list[Fact]:
        return [Left(span(s, "Sprintf"), "go", "computed-reference", "Sprintf", "it is computed")]

    (entry,) = planned(stating({"env/dev/a.t": states}), {"env/dev/a.t": "é\nfmt.Sprintf"}).left
    assert (entry.site.path, entry.site.line, entry.site.column, entry.site.surface) == ("env/dev/a.t", 2, 5, "go")
    assert (entry.kind, entry.code, entry.text, entry.message) == (
        "image",
        "computed-reference",
        "Sprintf",
        "it is computed",
    )
    assert (entry.site.environment, entry.image, entry.expires) == ("dev", None, None)


# --- exceptions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["*", "UF001", "digest-unknown"])
def test_an_exception_excuses_a_floating_image_without_a_digest(code: str) -> None:
    states: Stated = {"a.t": lambda s: [image(s, WEB)]}
    result = planned(stating(states), {"a.t": WEB}, config=allow(code), digests=EveryDigest([WEB]))
    (entry,) = result.left
    assert (entry.code, entry.owner, entry.expires, entry.allowed_because) == (
        "allowlisted",
        "team",
        TODAY.isoformat(),
        "because",
    )
    assert [entry.reason for entry in result.images] == ["allowlisted"]


@pytest.mark.parametrize("code", ["UF002", "UF004", "tag-only", "vendored", "repository-unknown"])
def test_an_exception_of_another_code_excuses_nothing(code: str) -> None:
    states: Stated = {"a.t": lambda s: [image(s, WEB)]}
    result = planned(stating(states), {"a.t": WEB}, config=allow(code), digests=EveryDigest([WEB]))
    assert codes(result) == [("a.t", WEB, "digest-unknown")]


def test_an_exception_for_unknown_digests_holds_no_digest_back() -> None:
    result = planned(stating({"a.t": lambda s: [image(s, WEB)]}), {"a.t": WEB}, config=allow("digest-unknown"))
    assert after(result, "a.t") == PINNED_WEB


@pytest.mark.parametrize("code", ["*", "UF001"])
def test_an_excused_violation_is_left_even_where_a_digest_is_known(code: str) -> None:
    digests = EveryDigest()
    result = planned(stating({"a.t": lambda s: [image(s, WEB)]}), {"a.t": WEB}, config=allow(code), digests=digests)
    assert codes(result) == [("a.t", WEB, "allowlisted")]
    assert digests.asked == []


@pytest.mark.parametrize("code", ["*", "UF002", "tag-only"])
def test_a_fixed_tag_is_excused(code: str) -> None:
    states: Stated = {"a.t": lambda s: [image(s, "acme/x:1.2")]}
    assert codes(planned(stating(states), {"a.t": "acme/x:1.2"}, config=allow(code)))[0][2] == "allowlisted"


@pytest.mark.parametrize("code", ["*", "UF003", "floating-tag-beside-digest"])
def test_a_floating_tag_beside_a_digest_is_excused(code: str) -> None:
    written = f"acme/web:dev@{digest_of('old')}"
    states: Stated = {"a.t": lambda s: [image(s, written)]}
    assert codes(planned(stating(states), {"a.t": written}, config=allow(code)))[0][2] == "allowlisted"


@pytest.mark.parametrize("code", ["*", "UF004", "pull-policy-governs-unpinned"])
def test_a_pull_policy_is_excused(code: str) -> None:
    states: Stated = {"a.t": lambda s: [policy(s)]}
    assert codes(planned(stating(states), {"a.t": "Always"}, config=allow(code))) == [("a.t", "Always", "allowlisted")]


def test_an_exception_for_policies_over_unpinned_images_keeps_no_other_policy() -> None:
    states: Stated = {"a.t": lambda s: [image(s, WEB), policy(s, [span(s, WEB)])]}
    result = planned(stating(states), {"a.t": f"{WEB} Always"}, config=allow("pull-policy-governs-unpinned"))
    assert after(result, "a.t") == f"{PINNED_WEB} IfNotPresent"


def test_an_exception_for_an_image_excuses_no_pull_policy() -> None:
    states: Stated = {"a.t": lambda s: [policy(s)]}
    result = planned(stating(states), {"a.t": "Always"}, config=allow("*", image="ghcr.io/acme/*"))
    assert codes(result) == [("a.t", "Always", "pull-policy-governs-unpinned")]


@pytest.mark.parametrize("code", ["*", "docs"])
def test_left_facts_are_excused_too(code: str) -> None:
    states: Stated = {"a.t": lambda s: [Left(Span(0, 1), "docs", "docs", "x")]}
    (entry,) = planned(stating(states), {"a.t": "x"}, config=allow(code)).left
    assert (entry.code, entry.owner) == ("allowlisted", "team")


@pytest.mark.parametrize("code", ["*", "platforms-missing"])
def test_reasons_that_come_with_the_digest_are_excused_too(code: str) -> None:
    config = Config(platforms=("linux/arm64",), allow=allow(code).allow)
    result = planned(
        stating({"a.t": lambda s: [image(s, WEB)]}), {"a.t": WEB}, config=config, digests=Offers("linux/amd64")
    )
    assert codes(result) == [("a.t", WEB, "allowlisted")]


def test_an_exception_goes_before_vendored() -> None:
    states: Stated = {"vendor/a.t": lambda s: [image(s, WEB)]}
    assert codes(planned(stating(states), {"vendor/a.t": WEB}, config=allow()))[0][2] == "allowlisted"


@pytest.mark.parametrize(("days", "code"), [(-1, "allowlisted"), (0, "allowlisted"), (1, "digest-unknown")])
def test_an_exception_holds_through_its_last_day(days: int, code: str) -> None:
    result = planned(
        stating({"a.t": lambda s: [image(s, WEB)]}),
        {"a.t": WEB},
        config=allow("digest-unknown", expires=TODAY),
        digests=EveryDigest([WEB]),
        today=TODAY + datetime.timedelta(days),
    )
    assert codes(result) == [("a.t", WEB, code)]


def test_the_first_exception_that_fits_and_holds_is_named() -> None:
    first, *_ = allow(path="b.t").allow
    second, *_ = allow(expires=TODAY - datetime.timedelta(1)).allow
    third = Allowance(path="a.t", code="*", reason="third", owner="o", expires=TODAY)
    fourth = Allowance(path="a.t", code="*", reason="fourth", owner="o", expires=TODAY)
    (entry,) = planned(
        stating({"a.t": lambda s: [image(s, WEB)]}), {"a.t": WEB}, config=Config(allow=(first, second, third, fourth))
    ).left
    assert entry.allowed_because == "third"


# --- plain changes -------------------------------------------------------------------------------------------------


def changing(old: str, new: str) -> Stated:
    return {"a.t": lambda s: [Change(span(s, old), "helm-template", (Edit(*span(s, old), new.encode()),))]}


def test_a_plain_change_needs_no_digest_and_no_condition() -> None:
    digests = EveryDigest()
    result = planned(stating(changing("old", "new")), {"a.t": "x\n old"}, digests=digests)
    assert after(result, "a.t") == "x\n new"
    (change,) = result.changed
    assert (change.kind, change.before, change.after, change.image, change.digest) == (
        "change",
        "old",
        "new",
        None,
        None,
    )
    assert (change.site.line, change.site.column, change.site.surface) == (2, 2, "helm-template")
    assert digests.asked == []


def test_a_change_that_stands_there_already_is_none() -> None:
    result = planned(stating(changing("new", "new")), {"a.t": "new"})
    assert (result.files, result.changed, result.left) == ({}, (), ())


def test_two_changes_of_the_same_bytes_are_no_crash_and_the_second_is_said() -> None:
    states = [stating(changing("old", new), name) for new, name in (("new", "first"), ("other", "second"))]
    result = planned(states, {"a.t": "old"})
    assert after(result, "a.t") == "new"
    assert [(entry.site.transform, entry.kind, entry.code) for entry in result.left] == [
        ("second", "change", "overlapping-edits")
    ]


def test_a_change_in_a_refused_file_is_said() -> None:
    result = planned(stating(changing("old", "new")), {"a.t": "old"}, judge=lambda *_: "no")
    assert [(entry.kind, entry.code, entry.message) for entry in result.left] == [("change", "unsafe-edit", "no")]
    assert (result.files, result.changed) == ({}, ())


# --- edits that do not go together, files that are refused ---------------------------------------------------------


def test_of_two_findings_that_want_the_same_bytes_the_later_is_left() -> None:
    whole = f"{WEB} {API}"

    def both(s: Source) -> list[Fact]:
        at = Span(0, len(s.data))
        return [Image(at, "manifest", whole, (Rendering(parse(API)),), (Edit(*at, b"x@" + DIGEST),)), image(s, API)]

    result = planned(stating({"a.t": both}), {"a.t": whole})
    assert codes(result) == [("a.t", API, "overlapping-edits")]
    assert after(result, "a.t") == f"x@{digest_of(API)}"


def test_equal_edits_of_two_findings_are_one() -> None:
    states: Stated = {"a.t": lambda s: [image(s, WEB)]}
    result = planned([stating(states, "one"), stating(states, "two")], {"a.t": WEB})
    assert after(result, "a.t") == PINNED_WEB
    assert result.left == ()


def test_a_policy_does_not_flip_over_an_image_that_lost_its_bytes() -> None:
    def states(s: Source) -> list[Fact]:
        old = span(s, f"old {WEB}")
        return [
            Change(old, "manifest", (Edit(*old, b"new"),)),
            image(s, WEB),
            policy(s, [span(s, WEB)]),
        ]

    result = planned(stating({"a.t": states}), {"a.t": f"old {WEB} Always"})
    assert after(result, "a.t") == "new Always"
    assert [code for _, _, code in codes(result)] == ["overlapping-edits", "pull-policy-governs-unpinned"]


def refusing(*paths: str) -> Judge:
    return lambda source, after, edits: "it would mean something else" if source.path in paths else None


def test_a_judge_sees_the_file_the_new_bytes_and_the_edits() -> None:
    seen: list[tuple[bytes, bytes, list[Edit]]] = []

    def judge(source: Source, after: bytes, edits: Sequence[Edit]) -> str | None:
        seen.append((source.data, after, list(edits)))
        return None

    planned(stating({"a.t": lambda s: [image(s, WEB)]}), {"a.t": WEB, "b.t": "x"}, judge=judge)
    assert seen == [(WEB.encode(), PINNED_WEB.encode(), [Edit(16, 20, b"@" + digest_of(WEB).encode())])]


def test_a_refused_file_is_left_with_the_judges_words_and_the_others_are_not() -> None:
    states: Stated = {path: lambda s: [image(s, WEB), image(s, API)] for path in ("a.t", "b.t")}
    files = dict.fromkeys(states, f"{WEB} {API}")
    result = planned(stating(states), files, judge=refusing("a.t"))
    assert list(result.files) == ["b.t"]
    assert [(e.site.path, e.code, e.message) for e in result.left] == [
        ("a.t", "unsafe-edit", "it would mean something else")
    ] * 2
    assert [(e.site.path, e.reason) for e in result.images][:2] == [("a.t", "unsafe-edit")] * 2


def test_a_refused_file_takes_along_the_policies_of_other_files_that_govern_its_images() -> None:
    config = Config(stacks=(StackSpec(layers=("globals.t", "web.t")),))
    states: Stated = {
        "globals.t": lambda s: [policy(s, keys=("global",), everywhere=True)],
        "web.t": lambda s: [value(s, "dev", WEB)],
    }
    files = {"globals.t": "Always", "web.t": "dev"}
    assert set(planned(stating(states), files, config=config).files) == set(files)
    result = planned(stating(states), files, config=config, judge=refusing("web.t"))
    assert result.files == {}
    assert codes(result) == [("globals.t", "Always", "pull-policy-governs-unpinned"), ("web.t", "dev", "unsafe-edit")]


def test_a_refused_file_takes_along_lower_layers_and_those_their_policies() -> None:
    config = Config(stacks=(StackSpec(layers=("low.t", "high.t")), StackSpec(layers=("globals.t", "low.t"))))
    states: Stated = {
        "low.t": lambda s: [value(s, "dev", WEB)],
        "high.t": lambda s: [value(s, "main", "ghcr.io/acme/web:main")],
        "globals.t": lambda s: [policy(s, keys=("global",), everywhere=True)],
    }
    files = {"low.t": "dev", "high.t": "main", "globals.t": "Always"}
    assert set(planned(stating(states), files, config=config).files) == set(files)
    result = planned(stating(states), files, config=config, judge=refusing("high.t"))
    assert result.files == {}
    assert {path: code for path, _, code in codes(result)} == {
        "high.t": "unsafe-edit",
        "low.t": "higher-layer-sets-tag",
        "globals.t": "pull-policy-governs-unpinned",
    }


def test_a_file_that_only_the_full_set_of_edits_spoils_is_judged_again_after_some_gave_way() -> None:
    config = Config(stacks=(StackSpec(layers=("low.t", "high.t")),))
    states: Stated = {
        "low.t": lambda s: [value(s, "dev", WEB), image(s, API)],
        "high.t": lambda s: [value(s, "main", "ghcr.io/acme/web:main")],
    }
    judged: list[bytes] = []

    def judge(source: Source, after: bytes, edits: Sequence[Edit]) -> str | None:
        judged.append(after)
        return "no" if source.path == "high.t" else None

    result = planned(stating(states), {"low.t": f"dev {API}", "high.t": "main"}, config=config, judge=judge)
    assert after(result, "low.t") == f"dev ghcr.io/acme/api@{digest_of(API)}"
    assert judged[-1] == result.files["low.t"][1]


# --- order ---------------------------------------------------------------------------------------------------------

TREE = {f"{folder}/{number}.t": "dev main 1.2 Always" for folder in ("env/a", "env/b", "vendor") for number in range(2)}
TREE["globals.t"] = "dev main 1.2 Always"
LAYERS = Config(
    stacks=(
        StackSpec(layers=("globals.t", "env/{env}/0.t", "env/{env}/1.t")),
        StackSpec(layers=("env/{env}/1.t", "globals.t")),
    )
)


def busy(name: str, tags: tuple[str, ...]) -> Transform:
    """States images (some at the same keys, some of bytes that others want), policies, changes, the rest."""

    def states(s: Source) -> list[Fact]:
        facts: list[Fact] = [value(s, tag, f"ghcr.io/{name}:{tag}", keys=("image", tag[0])) for tag in tags]
        facts += [policy(s, [span(s, tags[0])], keys=("image",), everywhere=True)]
        if name > "b":
            facts += [Change(span(s, " "), "x", (Edit(*span(s, " "), name.encode()),))]
        return [*facts, Left(span(s, tags[-1]), "docs", "docs", name)]

    return stating(dict.fromkeys(TREE, states), name)


@given(st.randoms(use_true_random=False), st.sets(st.sampled_from(["a:dev", "b:main", "a:1.2"])), st.booleans())
def test_no_order_of_transforms_or_sources_changes_the_plan(
    shuffler: random.Random, unknown: set[str], pin_all: bool
) -> None:
    transforms = [busy("a", ("dev", "main")), busy("b", ("main", "1.2")), busy("c", ("dev",)), busy("d", ("1.2",))]

    def outcome(chosen: list[Transform], paths: list[str]) -> Plan:
        digests = EveryDigest([f"ghcr.io/{name}" for name in unknown])
        files = {path: TREE[path] for path in paths}
        return planned(chosen, files, config=LAYERS, digests=digests, pin_all=pin_all)

    paths = list(TREE)
    expected = outcome(transforms, paths)
    assert expected.left
    assert expected.changed
    shuffler.shuffle(transforms)
    shuffler.shuffle(paths)
    got = outcome(transforms, paths)
    assert got == expected
    assert list(got.files) == list(expected.files)


@given(st.randoms(use_true_random=False))
def test_everything_that_a_plan_says_has_a_place_in_the_tree_and_is_sorted(shuffler: random.Random) -> None:
    paths = list(TREE)
    shuffler.shuffle(paths)
    result = planned([busy("a", ("dev", "main"))], {path: TREE[path] for path in paths}, config=LAYERS)
    for outcomes in (result.images, result.changed, result.left):
        places = [(outcome.site.path, outcome.site.line, outcome.site.column) for outcome in outcomes]
        assert places == sorted(places)
        assert {place[0] for place in places} <= set(TREE)
    assert list(result.files) == sorted(result.files)
