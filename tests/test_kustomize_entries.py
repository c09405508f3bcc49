"""What kustomize makes of the entries of `images:`; the real one, and its own tables of cases, are the witnesses."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from test_kustomize_renames import BASE, PATCH, POD, after, built, left, overlay, pinned, planned

from codemod.config import Config
from codemod.exceptions import Exceptions
from codemod.fleet.imagetag import Entry, Parts, is_matched, read, split
from codemod.fleet.kustomization import items_at
from codemod.formats import yaml
from codemod.gate import violations
from codemod.outcome import Plan
from codemod.reference import parse
from codemod.source import Source
from codemod.testing import TODAY, check_leaves_alone, check_rewrites, digest_of, plan_of
from transforms.kustomize_images import transform

PATH = "overlays/dev/kustomization.yaml"
DIGEST = "sha256:" + "ab" * 32
PINNED = {**BASE, "base/pod.yaml": POD.replace(":main", f"@{DIGEST}")}
TABLES = Path(__file__).parents[2] / "shared" / "conformance"
Case = Mapping[str, Any]


def with_image(image: str) -> dict[str, str]:
    return {**BASE, "base/pod.yaml": POD.replace("acme.test/web:main", image)}


def entry(text: str) -> str:
    return f"images:\n- name: acme.test/web\n{text}"


def codes(plan: Plan) -> list[str]:
    return [violation.code for violation in violations(plan, Config(), Exceptions(Config(), TODAY))]


# --- the tables of kustomize's own tests, kept beside the project, not in it ------------------------------------------


needs_tables = pytest.mark.skipif(not TABLES.exists(), reason="kustomize's tables are not at hand")


@cache
def cases(file: str, table: str) -> tuple[Case, ...]:
    path = TABLES / f"kustomize-{file}.json"
    return tuple(json.loads(path.read_text(encoding="utf-8"))[table]) if path.exists() else ()


@needs_tables
def test_a_name_matches_as_in_the_tables() -> None:
    for case in cases("image", "TestIsImageMatched/testCases"):
        assert is_matched(case["value"], case["name"]) is case["isMatched"], case["testName"]


@needs_tables
def test_an_image_is_cut_as_in_the_tables() -> None:
    for case in cases("image", "TestSplit/testCases"):
        assert split(case["value"]) == Parts(case["name"], case["tag"], case["digest"]), case["testName"]
        assert str(split(case["value"])) == case["value"]


def entries(lines: list[str]) -> dict[str, Entry]:
    documents = yaml.documents(Source(PATH, "\n".join(lines).encode(), "yaml"))
    found = [
        read(item) for each in documents for item in items_at(each.root, "images") if isinstance(item, yaml.Mapping)
    ]
    return {entry.name: entry for entry in found}


def asked(argument: str, before: Mapping[str, Entry]) -> tuple[str, Parts]:
    """The image that `kustomize edit set image` is told to replace, and by what; `*` keeps what is there."""
    name, equals, new = argument.partition("=")
    given = split(new if equals else argument)
    name = name if equals else given.name
    was = before.get(name, Entry(name, "", "", "", "", None))
    named = (was.new_name or name) if given.name == "*" else given.name
    tag, digest = (
        (was.new_tag if given.tag == "*" else given.tag),
        (was.digest if given.digest == "*" else given.digest),
    )
    return name, Parts(named, tag, digest)


SET_IMAGE = [case for case in cases("setimage", "TestSetImage/testCases") if "err" not in case["expected"]]


@pytest.mark.parametrize("case", SET_IMAGE or [None], ids=lambda case: " ".join(case["given"]["args"]) if case else "")
def test_entries_mean_what_kustomize_was_told_when_it_wrote_them(case: Case | None) -> None:
    if case is None:
        return
    after, before = case["expected"]["fileOutput"], entries(case["given"].get("infileImages", []))
    plan = plan_of(transform, {PATH: "\n".join(after).encode()}, pin_all=True)
    shown = {str(image.reference) for image in plan.images}
    for argument in case["given"]["args"]:
        name, wanted = asked(argument, before)
        assert entries(after)[name].applied(name) == str(wanted)
        assert not any(wanted[1:]) or str(parse(str(wanted))) in shown
    assert len(plan.changed) == sum(bool(one.new_tag and not one.digest) for one in entries(after).values())


# --- left alone -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", ["1.10", "1234567", "12e3", "true", "on", "0x1f"])
@pytest.mark.surface("kustomize", reported="`newTag` that is no string")
def test_a_tag_that_is_no_string_is_reported_since_kustomize_refuses_it(tmp_path: Path, tag: str) -> None:
    check_leaves_alone(transform, entry(f"  newTag: {tag}\n"), path=PATH, code="ambiguous-tag")
    files = {**BASE, **overlay("prod", f"{{name: acme.test/web, newTag: {tag}}}")}
    with pytest.raises(subprocess.CalledProcessError):
        built(tmp_path, files, "overlays/prod")


@pytest.mark.parametrize("tag", ["'1.10'", "1.2.3", "2024-01-01"])
def test_a_tag_that_is_a_string_is_one_to_kustomize_too(tmp_path: Path, tag: str) -> None:
    check_leaves_alone(transform, entry(f"  newTag: {tag}\n"), path=PATH, code="tag-only")
    files = {**BASE, **overlay("prod", f"{{name: acme.test/web, newTag: {tag}}}")}
    assert built(tmp_path, files, "overlays/prod") == [f"acme.test/web:{tag.strip(chr(39))}"]


@pytest.mark.parametrize("text", ["  newTag: ~\n", "  newTag: ''\n", "  digest: ''\n", "  newName: ''\n"])
def test_an_entry_that_sets_nothing_stays(text: str) -> None:
    check_leaves_alone(transform, entry(text), path=PATH)


@pytest.mark.parametrize(
    "text",
    [
        f"  newTag: v1@{DIGEST}\n",
        f"  newTag: v1\n  digest: {DIGEST}\n",
        f"  newName: mirror.test/web@{DIGEST}\n",
    ],
)
def test_an_entry_with_a_digest_stays_wherever_it_stands(text: str) -> None:
    check_leaves_alone(transform, entry(text), path=PATH)


@pytest.mark.parametrize(
    "text",
    [
        f"  newTag: v1@{DIGEST}\n  digest: {DIGEST}\n",
        "  newName: mirror.test/web:dev\n  newTag: v1\n",
        "  newTag: dev@sha256:abc\n",
        "  newTag: '12:30'\n",
    ],
)
def test_parts_that_make_no_reference_are_reported(text: str) -> None:
    check_leaves_alone(transform, entry(text), path=PATH, code="computed-reference")


def test_a_tag_that_entries_share_by_an_anchor_stays() -> None:
    text = "images:\n- {name: acme.test/web, newTag: &tag main}\n- {name: acme.test/api, newTag: *tag}\n"
    check_leaves_alone(transform, text, path=PATH, code="anchor-shared")


@pytest.mark.parametrize("name", ["[", "acme.test/(?=web)web", "acme.test/web:", "(acme.test/web"])
def test_a_name_that_is_no_expression_matches_nothing(name: str) -> None:
    plan = planned({**BASE, **overlay("prod", f"{{name: '{name}', newName: mirror.test/web}}")})
    assert [change.image for change in plan.changed] == ["acme.test/web:main"]


def test_a_base_whose_tag_an_entry_knows_it_by_stays(tmp_path: Path) -> None:
    files = {**BASE, **overlay("prod", "{name: 'acme.test/web:main', newName: mirror.test/web}")}
    plan = planned(files)
    assert built(tmp_path, files, "overlays/prod") == ["mirror.test/web:main"]
    assert (plan.files, [code for _, code, _ in left(plan)]) == ({}, ["computed-reference"])


def test_a_name_with_a_tag_stays_over_images_that_have_their_own(tmp_path: Path) -> None:
    files = {**PINNED, **overlay("prod", "{name: acme.test/web, newName: 'mirror.test/web:dev'}")}
    assert built(tmp_path, files, "overlays/prod") == [f"mirror.test/web:dev@{DIGEST}"]
    plan = planned(files)
    assert (plan.files, {code for _, code, _ in left(plan)}) == ({}, {"floating-tag-beside-digest"})


# --- rewritten --------------------------------------------------------------------------------------------------------


def test_a_floating_tag_with_its_digest_gives_way_to_that_very_digest() -> None:
    text = entry(f"  newTag: dev@{DIGEST}\n")
    check_rewrites(transform, text, entry(f"  digest: {DIGEST}\n"), path=PATH)


def test_a_floating_tag_beside_an_empty_digest_gives_way_to_it() -> None:
    check_rewrites(transform, entry("  newTag: dev\n  digest: ''\n"), entry("  digest: '<digest>'\n"), path=PATH)


def test_entries_of_an_older_kustomize_are_entries(tmp_path: Path) -> None:
    text = entry("  newTag: main\n").replace("images", "imageTags")
    check_rewrites(transform, text, text.replace("newTag: main", "digest: <digest>"), path=PATH)
    files = {**BASE, PATH: text + "resources: [../../base]\n"}
    assert built(tmp_path, after(files, planned(files)), "overlays/dev") == [pinned("acme.test/web:main")]


@pytest.mark.parametrize("name", ["acme.test/(web|api)", "acme.test/w[e]b", ".*/web", "acme.test/web:main"])
@pytest.mark.surface("kustomize", rewritten="`newTag` of a `name` that is an expression")
def test_an_expression_is_pinned_as_the_one_image_that_it_matches(tmp_path: Path, name: str) -> None:
    files = {**BASE, **overlay("prod", f"{{name: '{name}', newTag: dev}}")}
    assert built(tmp_path, files, "overlays/prod") == ["acme.test/web:dev"]
    done = after(files, planned(files))
    assert built(tmp_path, done, "overlays/prod") == [pinned("acme.test/web:dev")]
    assert not planned(done).files


def test_an_expression_that_matches_several_images_is_reported() -> None:
    both = POD + "    - name: api\n      image: acme.test/api:main\n"
    files = {**BASE, "base/pod.yaml": both, **overlay("prod", "{name: 'acme.test/(web|api)', newTag: dev}")}
    assert ("overlays/prod/kustomization.yaml", "ambiguous-repository") in {one[:2] for one in left(planned(files))}


@pytest.mark.surface("kustomize", rewritten="`newName` that holds a tag")
def test_a_new_name_with_a_tag_is_pinned_where_it_stands(tmp_path: Path) -> None:
    files = {**with_image("controller"), **overlay("prod", "{name: controller, newName: 'mirror.test/web:dev'}")}
    assert built(tmp_path, files, "overlays/prod") == ["mirror.test/web:dev"]
    plan = planned(files)
    done = after(files, plan)
    assert built(tmp_path, done, "overlays/prod") == [pinned("mirror.test/web:dev")]
    assert (plan.left, planned(done).files, planned(done).left) == ((), {}, ())


# --- a tag that takes a digest off ------------------------------------------------------------------------------------

V2 = "{name: acme.test/web, newTag: v2}"


@pytest.mark.surface("kustomize", rewritten="`newTag` over a pinned base gets its `digest`")
def test_a_tag_over_a_pinned_base_gets_its_own_digest(tmp_path: Path) -> None:
    files = {**PINNED, **overlay("prod", V2)}
    assert built(tmp_path, files, "overlays/prod") == ["acme.test/web:v2"]
    plan = planned(files)
    assert codes(plan) == ["UF014"]
    done = after(files, plan)
    assert built(tmp_path, done, "overlays/prod") == [f"acme.test/web:v2@{digest_of('acme.test/web:v2')}"]
    assert (planned(done).files, codes(planned(done)), planned(done).left) == ({}, [], ())


@pytest.mark.surface("kustomize", reported="`newTag` that takes a digest off")
def test_a_tag_over_a_pinned_base_whose_digest_is_not_known_is_reported() -> None:
    plan = planned({**PINNED, **overlay("prod", V2)}, "acme.test/web:v2")
    message = "it takes the digest off the image at base/pod.yaml:7"
    assert (plan.files, left(plan)) == ({}, [("overlays/prod/kustomization.yaml", "digest-taken-off", message)])
    assert codes(plan) == ["UF014"]


def test_a_floating_tag_over_a_pinned_base_is_pinned_as_any_other(tmp_path: Path) -> None:
    files = {**PINNED, **overlay("prod", V2.replace("v2", "dev"))}
    plan = planned(files)
    assert (codes(plan), left(plan)) == (["UF001"], [])
    assert built(tmp_path, after(files, plan), "overlays/prod") == [pinned("acme.test/web:dev")]


def test_a_tag_takes_off_the_digest_of_an_inner_kustomization() -> None:
    files = {**BASE, **overlay("eu", V2, more="resources: [../prod]\n")}
    files |= overlay("prod", f"{{name: acme.test/web, digest: '{DIGEST}'}}")
    assert codes(planned(files)) == ["UF014"]


def test_a_tag_takes_off_the_digest_that_a_patch_writes() -> None:
    patch = PATCH.replace("acme.test/web:dev", f"acme.test/web@{DIGEST}")
    plan = planned({**BASE, **overlay("prod", V2, more=f"resources: [../../base]\n{patch}")})
    assert "UF014" in codes(plan)


def test_a_tag_takes_off_the_digest_that_this_very_run_writes_for_another_overlay(tmp_path: Path) -> None:
    files = {**BASE, **overlay("dev"), **overlay("prod", V2)}
    plan = planned(files)
    done = after(files, plan)
    assert built(tmp_path, done, "overlays/dev") == [pinned("acme.test/web:main")]
    assert built(tmp_path, done, "overlays/prod") == [f"acme.test/web:v2@{digest_of('acme.test/web:v2')}"]
    assert not planned(done).files
    unknown = planned(files, "acme.test/web:main")
    assert (unknown.files, {code for _, code, _ in left(unknown)}) == ({}, {"digest-unknown", "tag-only"})


def test_a_tag_of_another_repository_takes_no_digest_off_and_a_second_run_is_quiet() -> None:
    base = BASE["base/pod.yaml"] + "      imagePullPolicy: Always\n"
    files = {
        **BASE,
        "base/pod.yaml": base,
        **overlay("prod", "{name: acme.test/web, newName: mirror.test/web, newTag: v1}"),
    }
    plan = planned(files)
    done = after(files, plan)
    assert ("UF006" in codes(plan), list(plan.files)) == (False, ["base/pod.yaml"])
    assert ("UF006" in codes(planned(done)), planned(done).files) == (False, {})


@pytest.mark.parametrize(
    "other",
    ["{name: acme.test/we, newTag: v2}", "{name: web, newTag: v2}", f"{{name: acme.test/web, digest: '{DIGEST}'}}"],
)
def test_an_entry_that_takes_no_digest_off_is_no_such_violation(other: str) -> None:
    assert "UF014" not in codes(planned({**PINNED, **overlay("prod", other)}))


def test_a_policy_stays_over_a_pinned_base_whose_digest_an_overlay_takes_off() -> None:
    base = PINNED["base/pod.yaml"] + "      imagePullPolicy: Always\n"
    files = {**PINNED, "base/pod.yaml": base, **overlay("prod", V2)}
    assert ("base/pod.yaml", "pull-policy-governs-unpinned") in {
        one[:2] for one in left(planned(files, "acme.test/web:v2"))
    }
    assert "IfNotPresent" in after(files, planned(files))["base/pod.yaml"]


@pytest.mark.parametrize("key", ["newTag: dev", "newName: acme.test/other", "digest: ''", "name: acme.test/other"])
def test_an_entry_that_says_a_key_twice_stays(key: str) -> None:
    again = f"  newName: acme.test/web\n  {key}\n  digest: ''\n  newTag: main\n"
    check_leaves_alone(transform, entry(again), path="kustomization.yaml", code="unparsable")
