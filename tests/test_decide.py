"""Which images are pinned, which policies flip, and why everything else stays: the rules of the contract."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import Stated, after, codes, image, inner, planned, policy, span, stating, value

from codemod.config import Config, StackSpec
from codemod.fleet import Fleet
from codemod.outcome import Plan
from codemod.source import Source
from codemod.testing import EveryDigest, digest_of
from codemod.transform import Fact, Image, Rendering

WEB, API = "ghcr.io/acme/web:dev", "ghcr.io/acme/api:main"
DIGEST = digest_of("old")


def layered(*layers: str) -> Config:
    return Config(stacks=(StackSpec(layers=layers),))


def statuses(result: Plan) -> list[tuple[str, str]]:
    return [(str(entry.reference), entry.status) for entry in result.images]


# --- statuses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "status", "code"),
    [
        (f"acme/web@{DIGEST}", "pinned", None),
        (f"acme/web:1.2@{DIGEST}", "readable", None),
        (f"acme/web:dev@{DIGEST}", "readable", "floating-tag-beside-digest"),
        ("acme/web:1.2", "tag-only", "tag-only"),
        ("acme/web:sha-0123abc", "tag-only", "tag-only"),
        ("acme/web:dev", "floating", None),
        ("acme/web", "floating", None),
        ("busybox:latest", "floating", None),
    ],
)
def test_a_reference_stands_as_its_tag_and_digest_say(written: str, status: str, code: str | None) -> None:
    result = planned(stating({"a.t": lambda s: [image(s, written)]}), {"a.t": written})
    assert [entry.status for entry in result.images] == [status]
    assert [code for _, _, code in codes(result)] == ([code] if code else [])
    assert bool(result.files) == (status == "floating")


def test_floating_is_what_the_configuration_says() -> None:
    states = stating({"a.t": lambda s: [image(s, "acme/web:dev")]})
    result = planned(states, {"a.t": "acme/web:dev"}, config=Config(floating_tags=("pr-*",)))
    assert statuses(result) == [("docker.io/acme/web:dev", "tag-only")]


@pytest.mark.parametrize(
    ("tag", "code"), [("dev", "repository-unknown"), ("v1.2", "tag-only"), ("0123abc", "tag-only")]
)
def test_a_tag_without_a_repository_is_never_pinned(tag: str, code: str) -> None:
    result = planned(stating({"a.t": lambda s: [value(s, tag, None)]}), {"a.t": tag})
    assert [entry.status for entry in result.images] == ["unknown-repository"]
    assert codes(result) == [("a.t", tag, code)]
    assert result.files == {}


def test_a_fixed_tag_without_a_repository_is_told_apart_from_one_that_could_be_pinned_on_demand() -> None:
    result = planned(stating({"a.t": lambda s: [value(s, "v1.2", None)]}), {"a.t": "v1.2"}, pin_all=True)
    assert codes(result) == [("a.t", "v1.2", "repository-unknown")]


def test_a_digest_is_pinned_though_nobody_knows_its_repository() -> None:
    result = planned(
        stating({"a.t": lambda s: [value(s, DIGEST, None), policy(s, [span(s, DIGEST)])]}), {"a.t": f"{DIGEST} Always"}
    )
    assert [(entry.status, entry.reference) for entry in result.images] == [("pinned", None)]
    assert result.left == ()
    assert after(result, "a.t") == f"{DIGEST} IfNotPresent"


def test_a_computed_reference_is_templated_and_an_entry_only_with_a_reason() -> None:
    def states(s: Source) -> list[Fact]:
        return [
            Image(span(s, "one"), "helm-template", "one", (Rendering(None),)),
            Image(span(s, "two"), "manifest", "two", (Rendering(None),), reason="computed-reference"),
        ]

    result = planned(stating({"a.t": states}), {"a.t": "one two"})
    assert [entry.status for entry in result.images] == ["templated", "templated"]
    assert codes(result) == [("a.t", "two", "computed-reference")]


@pytest.mark.parametrize("reason", ["anchor-shared", "ambiguous-tag", "chart-default-tag"])
def test_what_stands_in_the_way_of_pinning_is_moot_once_a_digest_is_there(reason: str) -> None:
    written = f"acme/web@{DIGEST}"
    result = planned(stating({"a.t": lambda s: [image(s, written, reason=reason)]}), {"a.t": written})
    assert result.left == ()
    assert [entry.reason for entry in result.images] == [None]


@pytest.mark.parametrize("reason", ["ambiguous-repository", "chart-ignores-digest", "computed-reference"])
def test_a_digest_that_does_not_do_its_work_is_said(reason: str) -> None:
    written = f"acme/web@{DIGEST}"
    result = planned(stating({"a.t": lambda s: [image(s, written, reason=reason)]}), {"a.t": written})
    assert codes(result) == [("a.t", written, reason)]


# --- several releases at one site ----------------------------------------------------------------------------------


def test_what_floats_in_one_release_floats_though_another_is_pinned() -> None:
    def states(s: Source) -> list[Fact]:
        return [value(s, "dev", f"acme/web:dev@{DIGEST}", "acme/web:dev")]

    result = planned(stating({"a.t": states}), {"a.t": "dev"})
    assert statuses(result) == [
        ("docker.io/acme/web:dev", "floating"),
        (f"docker.io/acme/web:dev@{DIGEST}", "readable"),
    ]
    assert after(result, "a.t") == digest_of("docker.io/acme/web:dev")


def test_a_pinned_rendering_carries_no_reason_of_another() -> None:
    def states(s: Source) -> list[Fact]:
        return [value(s, "latest", f"acme/web@{DIGEST}", "acme/web:latest")]

    result = planned(stating({"a.t": states}), {"a.t": "latest"}, digests=EveryDigest(["docker.io/acme/web:latest"]))
    assert [(entry.status, entry.reason) for entry in result.images] == [
        ("floating", "digest-unknown"),
        ("pinned", None),
    ]


@pytest.mark.parametrize(
    ("references", "code"),
    [
        (("acme/web:dev", "acme/api:dev"), "ambiguous-repository"),
        (("acme/web:dev", None), "repository-unknown"),
        ((None, "acme/web:dev"), "repository-unknown"),
    ],
)
def test_no_digest_is_written_that_is_not_that_of_every_release(references: tuple[str | None, ...], code: str) -> None:
    def states(s: Source) -> list[Fact]:
        known = value(s, "dev", *references)
        return [Image(known.span, known.surface, "dev", known.renders, value(s, "dev", "a/b:dev").edits)]

    digests = EveryDigest()
    result = planned(stating({"a.t": states}), {"a.t": "dev"}, digests=digests)
    assert codes(result) == [("a.t", "dev", code)]
    assert digests.asked == []


# --- images that require others ------------------------------------------------------------------------------------


def chain_of(length: int, unknown: int) -> Plan:
    """Images that each require the next one, of which one has no known digest."""
    names = [f"acme/i{number}:dev" for number in range(length)]

    def states(s: Source) -> list[Fact]:
        needs = [[span(s, name)] for name in names[1:]] + [[]]
        return [image(s, name, requires=need) for name, need in zip(names, needs, strict=True)]

    return planned(
        stating({"a.t": states}), {"a.t": " ".join(names)}, digests=EveryDigest([f"docker.io/{names[unknown]}"])
    )


@given(st.integers(1, 6), st.integers(0, 5))
def test_a_chain_of_images_gives_way_up_to_the_one_without_a_digest(length: int, unknown: int) -> None:
    unknown = min(unknown, length - 1)
    expected = ["anchor-shared"] * unknown + ["digest-unknown"]
    result = chain_of(length, unknown)
    assert [code for _, _, code in codes(result)] == expected
    assert len(result.changed) == length - unknown - 1


def test_images_that_require_each_other_are_pinned_together() -> None:
    def states(s: Source) -> list[Fact]:
        return [image(s, WEB, requires=[span(s, API)]), image(s, API, requires=[span(s, WEB)])]

    files = {"a.t": f"{WEB} {API}"}
    assert len(planned(stating({"a.t": states}), files).changed) == 2
    result = planned(stating({"a.t": states}), files, digests=EveryDigest([API]))
    assert [code for _, _, code in codes(result)] == ["anchor-shared", "digest-unknown"]


def test_an_image_that_requires_what_is_no_image_is_left() -> None:
    states: Stated = {"a.t": lambda s: [image(s, WEB, requires=[span(s, "x")])]}
    assert codes(planned(stating(states), {"a.t": f"x {WEB}"})) == [("a.t", WEB, "anchor-shared")]


def test_an_image_that_requires_a_pinned_one_is_pinned() -> None:
    pinned = f"acme/x@{DIGEST}"
    states: Stated = {"a.t": lambda s: [image(s, WEB, requires=[span(s, pinned)]), image(s, pinned)]}
    assert len(planned(stating(states), {"a.t": f"{WEB} {pinned}"}).changed) == 1


# --- higher layers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "reference", "unknown", "code"),
    [
        ("main", "ghcr.io/acme/web:main", "ghcr.io/acme/web:main", "digest-unknown"),
        ("v1.2", "ghcr.io/acme/web:v1.2", "", "tag-only"),
        ("main", None, "", "repository-unknown"),
    ],
)
def test_below_a_tag_without_a_digest_nothing_is_pinned(
    tag: str, reference: str | None, unknown: str, code: str
) -> None:
    states: Stated = {"low.t": lambda s: [value(s, "dev", WEB)], "high.t": lambda s: [value(s, tag, reference)]}
    files = {"low.t": "dev", "high.t": tag}
    result = planned(stating(states), files, config=layered("low.t", "high.t"), digests=EveryDigest([unknown]))
    assert codes(result) == [("high.t", tag, code), ("low.t", "dev", "higher-layer-sets-tag")]
    assert result.files == {}


def test_below_a_tag_that_gets_its_digest_all_layers_are_pinned() -> None:
    states: Stated = {
        "low.t": lambda s: [value(s, "dev", WEB)],
        "high.t": lambda s: [value(s, "main", "ghcr.io/acme/web:main")],
    }
    result = planned(stating(states), {"low.t": "dev", "high.t": "main"}, config=layered("low.t", "high.t"))
    assert set(result.files) == {"low.t", "high.t"}
    assert result.left == ()


def test_below_a_digest_all_layers_are_pinned() -> None:
    states: Stated = {
        "low.t": lambda s: [value(s, "dev", WEB)],
        "high.t": lambda s: [value(s, DIGEST, f"ghcr.io/acme/web@{DIGEST}")],
    }
    result = planned(stating(states), {"low.t": "dev", "high.t": DIGEST}, config=layered("low.t", "high.t"))
    assert set(result.files) == {"low.t"}


@pytest.mark.parametrize(
    ("path", "keys"), [("high.t", ("sidecar", "image")), ("other.t", ("image",)), ("below.t", ("image",))]
)
def test_tags_elsewhere_do_not_matter(path: str, keys: tuple[str, ...]) -> None:
    states: Stated = {
        "low.t": lambda s: [value(s, "dev", WEB)],
        path: lambda s: [value(s, "v1.2", "ghcr.io/acme/web:v1.2", keys=keys)],
    }
    config = layered("below.t", "low.t", "high.t")
    assert set(planned(stating(states), {"low.t": "dev", path: "v1.2"}, config=config).files) == {"low.t"}


def test_one_stack_with_such_a_higher_layer_suffices() -> None:
    config = Config(stacks=(StackSpec(layers=("low.t", "env/{env}.t")),))
    states: Stated = {
        "low.t": lambda s: [value(s, "dev", WEB)],
        "env/a.t": lambda s: [value(s, "main", "ghcr.io/acme/web:main")],
        "env/b.t": lambda s: [value(s, "v1", "ghcr.io/acme/web:v1")],
    }
    result = planned(stating(states), {"low.t": "dev", "env/a.t": "main", "env/b.t": "v1"}, config=config)
    assert set(result.files) == {"env/a.t"}
    assert ("low.t", "dev", "higher-layer-sets-tag") in codes(result)


def test_layers_give_way_one_after_the_other() -> None:
    paths = [f"{number}.t" for number in range(5)]
    config = Config(stacks=tuple(StackSpec(layers=pair) for pair in pairwise(paths)))
    states: Stated = {path: lambda s: [value(s, "dev", f"ghcr.io/acme/i{s.path[0]}:dev")] for path in paths}
    digests = EveryDigest(["ghcr.io/acme/i4:dev"])
    result = planned(stating(states), dict.fromkeys(paths, "dev"), config=config, digests=digests)
    assert [code for _, _, code in codes(result)] == ["higher-layer-sets-tag"] * 4 + ["digest-unknown"]


def test_a_text_inside_a_string_is_no_layer() -> None:
    files = {"low.t": "dev", "high.t": "{v1.2}"}
    nested = stating({}, "nested")

    @nested.scan
    def scan(source: Source, fleet: Fleet) -> list[Fact]:
        if source.path == "low.t":
            return [value(source, "dev", WEB)]
        return [inner(source)] if source.outer is None else [value(source, "v1.2", "ghcr.io/acme/web:v1.2")]

    assert set(planned(nested, files, config=layered("low.t", "high.t")).files) == {"low.t"}


# --- pull policies -------------------------------------------------------------------------------------------------


def container(*written: str, unknown: str = "") -> Plan:
    """A container with images and a policy over all of them."""
    states: Stated = {"a.t": lambda s: [*(image(s, w) for w in written), policy(s, [span(s, w) for w in written])]}
    return planned(stating(states), {"a.t": f"Always {' '.join(written)}"}, digests=EveryDigest([unknown]))


def test_a_policy_flips_with_the_image_that_it_governs() -> None:
    result = container(WEB)
    assert after(result, "a.t") == f"IfNotPresent ghcr.io/acme/web@{digest_of(WEB)}"
    assert [(change.kind, change.before, change.after) for change in result.changed] == [
        ("pull-policy", "Always", "IfNotPresent"),
        ("image", WEB, f"ghcr.io/acme/web@{digest_of(WEB)}"),
    ]


@pytest.mark.parametrize("written", [f"acme/x@{DIGEST}", f"acme/x:1.2@{DIGEST}", f"acme/x:dev@{DIGEST}"])
def test_a_policy_flips_over_an_image_that_is_pinned_already(written: str) -> None:
    assert after(container(written), "a.t") == f"IfNotPresent {written}"


def test_a_policy_over_a_fixed_tag_stays() -> None:
    assert ("a.t", "Always", "pull-policy-governs-unpinned") in codes(container("acme/x:1.2"))


def test_a_policy_over_several_images_flips_only_if_all_are_pinned() -> None:
    assert container(WEB, API).left == ()
    result = container(WEB, API, unknown=API)
    assert after(result, "a.t") == f"Always ghcr.io/acme/web@{digest_of(WEB)} {API}"
    assert [entry.message for entry in result.left if entry.kind == "pull-policy"] == [f"it governs {API}"]


def test_the_first_three_unpinned_images_are_named_and_the_others_counted() -> None:
    written = [f"acme/x{number}:1" for number in (3, 1, 5, 2, 4)]
    (entry,) = (entry for entry in container(*written).left if entry.kind == "pull-policy")
    named = ", ".join(f"docker.io/acme/x{number}:1" for number in (1, 2, 3))
    assert entry.message == f"it governs {named} and 2 more"


def test_a_policy_of_which_nobody_knows_what_it_governs_stays() -> None:
    (entry,) = planned(stating({"a.t": lambda s: [policy(s)]}), {"a.t": "Always"}).left
    assert (entry.kind, entry.code, entry.text) == ("pull-policy", "pull-policy-governs-unpinned", "Always")
    assert entry.message == "no image that it governs is known"


def test_a_policy_governs_no_other_image_of_its_file() -> None:
    states: Stated = {"a.t": lambda s: [image(s, WEB), image(s, "acme/x:1"), policy(s, [span(s, WEB)])]}
    assert "IfNotPresent" in after(planned(stating(states), {"a.t": f"{WEB} acme/x:1 Always"}), "a.t")


def values(*, policy_keys: tuple[str, ...], everywhere: bool, unknown: str = "", layers: int = 2) -> Plan:
    """A policy in one file; the image map in another; a second image elsewhere in the same release."""
    states: Stated = {
        "low.t": lambda s: [policy(s, keys=policy_keys, everywhere=everywhere)],
        "high.t": lambda s: [value(s, "dev", WEB), value(s, "main", API, keys=("proxy", "image"))],
    }
    config = layered("low.t", "high.t") if layers == 2 else Config()
    digests = EveryDigest([unknown])
    return planned(stating(states), {"low.t": "Always", "high.t": "dev main"}, config=config, digests=digests)


@pytest.mark.parametrize("keys", [("image",), ("proxy", "image"), ("proxy",)])
@pytest.mark.parametrize("everywhere", [False, True])
def test_a_policy_finds_its_image_in_the_other_layers_at_the_same_keys_or_one_below(
    keys: tuple[str, ...], everywhere: bool
) -> None:
    assert "low.t" in values(policy_keys=keys, everywhere=everywhere).files
    governed = WEB if keys == ("image",) else API
    assert "low.t" not in values(policy_keys=keys, everywhere=everywhere, unknown=governed).files
    other = API if keys == ("image",) else WEB
    assert "low.t" in values(policy_keys=keys, everywhere=everywhere, unknown=other).files


@pytest.mark.parametrize("keys", [("global",), (), ("defaults", "pods")])
def test_a_policy_apart_governs_every_image_of_every_release_that_reads_it(keys: tuple[str, ...]) -> None:
    assert "low.t" in values(policy_keys=keys, everywhere=True).files
    for unknown in (WEB, API):
        result = values(policy_keys=keys, everywhere=True, unknown=unknown)
        assert ("low.t", "Always", "pull-policy-governs-unpinned") in codes(result)


def test_a_policy_apart_that_governs_nothing_else_says_so() -> None:
    assert "low.t" not in values(policy_keys=("other",), everywhere=False).files


def test_a_policy_apart_in_a_file_of_no_known_release_stays() -> None:
    result = values(policy_keys=("global",), everywhere=True, layers=0)
    assert [entry.message for entry in result.left] == ["no image that it governs is known"]


def test_a_global_policy_governs_every_release_though_an_image_stands_beside_it() -> None:
    states: Stated = {
        "globals.t": lambda s: [
            value(s, "dev", WEB, keys=("global", "image")),
            policy(s, [span(s, "dev")], keys=("global",)),
        ],
        "web.t": lambda s: [value(s, "1.2", "ghcr.io/acme/other:1.2", keys=("other",))],
    }
    files = {"globals.t": "dev Always", "web.t": "1.2"}
    result = planned(stating(states), files, config=layered("globals.t", "web.t"))
    assert ("globals.t", "Always", "pull-policy-governs-unpinned") in codes(result)
    assert "IfNotPresent" in after(planned(stating(states), files), "globals.t")


def test_one_release_with_an_unpinned_image_keeps_the_policy_for_all() -> None:
    config = Config(stacks=(StackSpec(layers=("globals.t", "env/{env}.t")),))
    states: Stated = {
        "globals.t": lambda s: [policy(s, keys=("global",), everywhere=True)],
        "env/a.t": lambda s: [value(s, "dev", WEB)],
        "env/b.t": lambda s: [value(s, "v1", "ghcr.io/acme/web:v1")],
    }
    files = {"globals.t": "Always", "env/a.t": "dev", "env/b.t": "v1"}
    assert set(planned(stating(states), files, config=config).files) == {"env/a.t"}
    del files["env/b.t"]
    assert set(planned(stating(states), files, config=config).files) == {"env/a.t", "globals.t"}


def test_an_image_that_a_higher_layer_replaces_does_not_keep_a_global_policy() -> None:
    states: Stated = {
        "vendor/values.t": lambda s: [value(s, "latest", "redis:latest")],
        "web.t": lambda s: [value(s, "dev", "redis:dev"), policy(s, keys=("global",), everywhere=True)],
    }
    files = {"vendor/values.t": "latest", "web.t": "dev Always"}
    result = planned(stating(states), files, config=layered("vendor/values.t", "web.t"))
    assert "IfNotPresent" in after(result, "web.t")


def test_of_several_images_in_one_map_none_is_forgotten_where_a_higher_layer_sets_one() -> None:
    states: Stated = {
        "globals.t": lambda s: [policy(s, keys=("global",), everywhere=True)],
        "web.t": lambda s: [
            value(s, "v1", "acme/web:v1", keys=("app",), part="proxyTag"),
            value(s, "dev", WEB, keys=("app",)),
        ],
        "high.t": lambda s: [value(s, "main", "ghcr.io/acme/web:main", keys=("app",))],
    }
    files = {"globals.t": "Always", "web.t": "v1 dev", "high.t": "main"}
    result = planned(stating(states), files, config=layered("globals.t", "web.t", "high.t"))
    assert ("globals.t", "Always", "pull-policy-governs-unpinned") in codes(result)


@pytest.mark.parametrize("nth", [0, 1])
def test_a_whole_reference_keeps_a_global_policy_too(nth: int) -> None:
    written = [f"acme/x@{DIGEST}"] * nth + ["acme/x:1"]
    states: Stated = {
        "globals.t": lambda s: [policy(s, keys=("global",), everywhere=True)],
        "web.t": lambda s: [image(s, w) for w in written],
    }
    files = {"globals.t": "Always", "web.t": " ".join(written)}
    assert "globals.t" not in planned(stating(states), files, config=layered("globals.t", "web.t")).files


def test_a_policy_of_a_map_waits_for_the_image_that_a_higher_layer_puts_there() -> None:
    states: Stated = {
        "low.t": lambda s: [value(s, "dev", WEB), policy(s, [span(s, "dev")], keys=("image",))],
        "high.t": lambda s: [value(s, "v1", "ghcr.io/acme/web:v1")],
    }
    files = {"low.t": "dev Always", "high.t": "v1"}
    assert planned(stating(states), files, config=layered("low.t", "high.t")).files == {}
    assert "IfNotPresent" in after(planned(stating(states), files), "low.t")


def test_a_policy_does_not_flip_where_two_findings_disagree_about_its_image() -> None:
    states: Stated = {"a.t": lambda s: [image(s, WEB), policy(s, [span(s, WEB)])]}
    other = stating({"a.t": lambda s: [image(s, WEB, reason="anchor-shared")]}, "another")
    for transforms in ([stating(states), other], [other, stating(states)]):
        assert "Always" in after(planned(transforms, {"a.t": f"{WEB} Always"}), "a.t")
