"""The gate: which images and pull policies are violations, and which are not."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from codemod import gate
from codemod.config import STRICT, Allowance, Config, Environment
from codemod.exceptions import Exceptions
from codemod.gate import Violation, counts, judges_names
from codemod.outcome import Changed, ImageEntry, LeftAlone, Plan, Site
from codemod.reference import parse

TODAY = datetime.date(2026, 3, 1)
DIGEST = "sha256:" + "a" * 64


def site(path: str = "values.yaml", line: int = 3, **extra: Any) -> Site:
    return Site(path, line, 8, "helm-values", "helm-values", **extra)


def entry(image: str | None, status: str, *, written: str = "dev", at: Site | None = None, **extra: Any) -> ImageEntry:
    return ImageEntry(at or site(), written, parse(image) if image else None, status, **extra)


def policy(code: str, **extra: Any) -> LeftAlone:
    return LeftAlone(site(line=9), "pull-policy", code, "Always", "kept", **extra)


def allow(path: str, expires: datetime.date, **extra: Any) -> Allowance:
    return Allowance(**{"path": path, "code": "*", "reason": "moves", "owner": "team-web", "expires": expires, **extra})


def violations(plan: Plan, config: Config, today: datetime.date) -> tuple[Violation, ...]:
    """What the gate says of a plan and of the exceptions of the configuration, unless they are of no use."""
    exceptions = Exceptions(config, today)
    return gate.in_order(
        (*gate.violations(plan, config, exceptions), *gate.of_exceptions(exceptions, lambda code: False))
    )


def codes(plan: Plan, config: Config | None = None) -> list[str]:
    return [violation.code for violation in violations(plan, config or Config(), TODAY)]


def images(*entries: ImageEntry) -> Plan:
    return Plan(images=entries)


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        (entry(f"a/b@{DIGEST}", "pinned"), "a digest"),
        (entry(f"a/b:1.2@{DIGEST}", "readable"), "a fixed tag beside a digest"),
        (entry("a/b:1.2", "tag-only"), "a fixed tag where no digest is required"),
        (entry(None, "templated", written="{{ .Values.image }}"), "a template"),
        (entry("a/b:dev", "floating", vendored=True), "vendored"),
        (entry("a/b:dev", "floating", reason="allowlisted"), "excused"),
        (entry(None, "unknown-repository", written="1.2.3"), "a fixed tag of an unknown repository"),
        (entry(None, "unknown-repository", written=DIGEST), "a digest of an unknown repository"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_leaves_alone(kept: ImageEntry, why: str) -> None:
    assert codes(images(kept)) == [], why


def test_nothing_gives_nothing() -> None:
    assert violations(Plan(), Config(), TODAY) == ()


def test_a_floating_tag_is_a_violation_that_names_the_image_and_the_mend() -> None:
    assert violations(images(entry("ghcr.io/acme/web:dev", "floating")), Config(), TODAY) == (
        Violation(
            "values.yaml",
            3,
            8,
            "UF001",
            "ghcr.io/acme/web:dev floats; replace the tag by its digest",
            "ghcr.io/acme/web:dev",
        ),
    )


def test_an_image_without_a_known_digest_is_told_to_get_one() -> None:
    (found,) = violations(images(entry("busybox", "floating", reason="digest-unknown")), Config(), TODAY)
    assert found.message == (
        "docker.io/library/busybox:latest floats and no digest is known for it; supply one, then pin it"
    )


def test_a_floating_tag_of_an_unknown_repository_is_a_violation_without_an_image() -> None:
    (found,) = violations(images(entry(None, "unknown-repository", written='"dev"')), Config(), TODAY)
    assert (found.code, found.image) == ("UF001", None)
    assert found.message == 'tag "dev" floats and its repository is unknown; name the repository, then pin it'


def test_a_floating_tag_beside_a_digest_is_a_violation() -> None:
    (found,) = violations(images(entry(f"a/b:dev@{DIGEST}", "readable")), Config(), TODAY)
    assert found.code == "UF003"
    assert "drop the tag" in found.message


def test_the_configured_floating_tags_decide_beside_a_digest() -> None:
    plan = images(entry(f"a/b:rolling@{DIGEST}", "readable"))
    assert codes(plan) == []
    assert codes(plan, Config(floating_tags=("roll*",))) == ["UF003"]


REQUIRE = Config(environments={"production": Environment(globs=("prod/**",), digest="require")})
REPORT = Config(environments={"dev": Environment(globs=("dev/**",), floating="report")})


LENIENT = {name: Environment(digest="report") for name in ("staging", "production")}


@pytest.mark.parametrize(
    ("environments", "environment", "wanted"),
    [
        ({"dev": Environment(digest="require")}, "dev", ["UF002"]),
        ({"dev": Environment(digest="require")}, "local", []),
        ({}, "dev", []),
        ({}, None, []),
        *(({}, name, ["UF002"]) for name in STRICT),
        ({"production": Environment(floating="report")}, "production", ["UF002"]),
        (LENIENT, "production", []),
        (LENIENT, "staging", []),
    ],
)
def test_a_digest_is_required_where_the_environment_says_so_and_in_staging_and_production(
    environments: dict[str, Environment], environment: str | None, wanted: list[str]
) -> None:
    plan = images(entry("a/b:1.2", "tag-only", at=site(environment=environment)))
    assert codes(plan, Config(environments=environments)) == wanted


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("sources/values/_shared/cluster/operators.yaml", ["UF002"]),
        ("values/cluster/azure/globals.yaml", ["UF002"]),
        ("charts/cluster/values.yaml", []),
        ("clusters/edge/values/relay.yaml", []),
        ("values/clusters/edge.yaml", []),
        ("values/cluster.yaml", []),
    ],
)
def test_values_of_the_cluster_have_to_have_digests(path: str, wanted: list[str]) -> None:
    assert codes(images(entry("a/b:1.2", "tag-only", at=site(path))), Config()) == wanted
    assert judges_names(Config(), [path]) == bool(wanted)


def test_an_environment_may_take_any_tag_beside_a_digest() -> None:
    plan = images(entry(f"a/b:dev@{DIGEST}", "readable", at=site(environment="dev")))
    assert codes(plan, Config(environments={"dev": Environment(readable_tags="any")})) == []
    assert codes(plan, Config(environments={"dev": Environment(readable_tags="immutable-only")})) == ["UF003"]


def test_an_environment_may_take_any_pull_policy() -> None:
    left = LeftAlone(site(environment="dev"), "pull-policy", "pull-policy-governs-unpinned", "Always", "kept")
    assert codes(Plan(left=(left,)), Config(environments={"dev": Environment(pull_policy="any")})) == []
    assert codes(Plan(left=(left,)), Config(environments={"live": Environment(pull_policy="any")})) == ["UF004"]


def test_a_fixed_tag_of_an_unknown_repository_counts_as_a_tag_where_digests_are_required() -> None:
    unknown = entry(None, "unknown-repository", written="1.2", at=site(environment="production"))
    (found,) = violations(images(unknown), REQUIRE, TODAY)
    assert (found.code, found.message.split(";")[0]) == (
        "UF002",
        "tag 1.2 has no digest, which this environment requires",
    )


@pytest.mark.parametrize(
    "lenient",
    [
        entry("a/b:dev", "floating", at=site(environment="dev")),
        entry(None, "unknown-repository", at=site(environment="dev")),
        entry(f"a/b:dev@{DIGEST}", "readable", at=site(environment="dev")),
    ],
    ids=lambda value: value.status,
)
def test_an_environment_that_only_reports_floating_tags_has_no_violation_of_them(lenient: ImageEntry) -> None:
    assert codes(images(lenient), REPORT) == []
    assert codes(images(lenient)) != []


def test_a_site_of_several_stacks_is_one_violation() -> None:
    stacks = [
        entry(f"a/{name}:dev", "floating", at=site(environment=name, stack=name)) for name in ("web", "api", "job")
    ]
    (found,) = violations(images(*stacks), Config(), TODAY)
    assert found.image == "docker.io/a/api:dev"
    assert found.message.endswith("(with 2 more in other stacks)")


def test_a_site_of_several_stacks_with_one_image_does_not_count_it_twice() -> None:
    (found,) = violations(
        images(*(entry("a/web:dev", "floating", at=site(stack=name)) for name in ("x", "y"))), Config(), TODAY
    )
    assert "more" not in found.message


def test_a_site_that_only_one_stack_breaks_is_a_violation() -> None:
    fine = entry("a/b:dev", "floating", at=site(environment="dev", stack="dev"))
    bad = entry("a/b:dev", "floating", at=site(environment="production", stack="production"))
    assert codes(images(fine, bad), REPORT) == ["UF001"]


@pytest.mark.parametrize("code", ["allowlisted", "vendored", "test-data"])
def test_a_pull_policy_that_is_excused_or_vendored_is_none(code: str) -> None:
    assert codes(Plan(left=(policy(code),))) == []


def test_a_pull_policy_always_is_a_violation_whether_it_can_be_flipped_or_not() -> None:
    flip = Changed(site(line=5), "pull-policy", "Always", "IfNotPresent", ())
    plan = Plan(changed=(flip,), left=(policy("pull-policy-governs-unpinned", image="ghcr.io/a/b:dev"),))
    assert [(v.line, v.message) for v in violations(plan, Config(), TODAY)] == [
        (5, "pull policy Always: everything it governs is or gets pinned, so set IfNotPresent"),
        (9, "pull policy Always for ghcr.io/a/b:dev: pin the images it governs, then set IfNotPresent"),
    ]


def test_a_pull_policy_that_is_left_for_another_reason_names_it() -> None:
    (found,) = violations(Plan(left=(policy("anchor-shared"),)), Config(), TODAY)
    assert found.message == "pull policy Always: set IfNotPresent (left by unfloat: anchor-shared)"


def test_an_image_that_would_be_pinned_is_no_pull_policy_violation() -> None:
    pin = Changed(site(), "image", "tag: dev", f"digest: {DIGEST}", (), image="a/b:dev", digest=DIGEST)
    left = LeftAlone(site(), "image", "digest-unknown", "dev", "no source knows it")
    assert codes(Plan(changed=(pin,), left=(left,))) == []


def test_an_exception_of_a_violation_code_excuses_it_until_its_date() -> None:
    plan = images(entry("ghcr.io/acme/web:dev", "floating"))
    assert codes(plan, Config(allow=(allow("*.yaml", TODAY, code="UF001"),))) == []
    assert codes(plan, Config(allow=(allow("*.yaml", TODAY, code="UF002"),))) == ["UF001"]
    assert codes(plan, Config(allow=(allow("other.yaml", TODAY),))) == ["UF001"]
    assert codes(plan, Config(allow=(allow("*.yaml", TODAY, image="ghcr.io/other/**"),))) == ["UF001"]


def test_an_exception_of_a_pull_policy_excuses_it() -> None:
    plan = Plan(left=(policy("pull-policy-governs-unpinned"),))
    assert codes(plan, Config(allow=(allow("values.yaml", TODAY, code="UF004"),))) == []
    assert codes(plan, Config(allow=(allow("values.yaml", TODAY, code="pull-policy-governs-unpinned"),))) == []
    assert codes(plan, Config(allow=(allow("values.yaml", TODAY, code="UF001"),))) == ["UF004"]


def test_an_expired_exception_is_a_violation_and_excuses_nothing() -> None:
    config = Config(allow=(allow("env/**", TODAY), allow("*.yaml", datetime.date(2026, 2, 28), image="ghcr.io/**")))
    assert violations(images(entry("ghcr.io/acme/web:dev", "floating")), config, TODAY)[0] == Violation(
        ".unfloat.yaml",
        1,
        1,
        "UF007",
        "the exception for *.yaml (ghcr.io/**), owned by team-web, expired on 2026-02-28; "
        "mend what it excuses or agree on a new date",
    )
    assert codes(images(entry("ghcr.io/acme/web:dev", "floating")), config) == ["UF007", "UF001"]


def test_violations_come_sorted_by_place_whatever_the_order_of_the_plan() -> None:
    entries = [entry("a/b:dev", "floating", at=site(path, line)) for path in ("b", "a") for line in (10, 9)]
    found = violations(images(*entries), Config(), TODAY)
    assert [(v.path, v.line) for v in found] == [("a", 9), ("a", 10), ("b", 9), ("b", 10)]
    assert found == violations(images(*reversed(entries)), Config(), TODAY)


def test_messages_stay_on_one_line_of_bearable_length() -> None:
    (found,) = violations(images(entry(None, "unknown-repository", written="a\nb " * 200)), Config(), TODAY)
    assert "\n" not in found.message
    assert len(found.message) < 300


def test_violations_are_counted_by_code() -> None:
    assert counts(()) == {}
    assert list(counts(Violation("a", 1, 1, code, "m") for code in ("UF004", "UF001", "UF004")).items()) == [
        ("UF001", 1),
        ("UF004", 2),
    ]


@pytest.mark.parametrize(
    ("config", "asks"),
    [
        (Config(), False),
        (Config(environments=LENIENT), False),
        (Config(environments={"dev": Environment(globs=("dev/**",), floating="report")}), False),
        (Config(environments={"prod": Environment(globs=("prod/**",), digest="require")}), True),
        (Config(environments={"prod": Environment(globs=("live/**",))}), True),
        (Config(environments={"prod": Environment(globs=("live/**",), digest="report")}), False),
        (Config(allow=(allow("web.yaml", datetime.date(2026, 5, 1)),)), True),
    ],
)
def test_names_of_images_that_do_not_float_count_where_the_configuration_has_a_say_in_them(
    config: Config, asks: bool
) -> None:
    assert judges_names(config, ["dev/web.yaml"]) == asks


def test_names_count_where_a_file_is_of_an_environment_that_is_strict_by_itself() -> None:
    assert judges_names(Config(), ["a.yaml", "env/production/web.yaml"])
    assert judges_names(Config(), ["k8s/overlays/staging/kustomization.yaml"])
    assert not judges_names(Config(), ["env/dev/production/web.yaml", "production/web.yaml"])
    assert not judges_names(Config(environments=LENIENT), ["env/production/web.yaml"])


def test_the_place_that_builds_an_image_is_no_violation() -> None:
    assert not violations(Plan(images=(entry("a/b:dev", "floating", reason="built-here"),)), Config(), TODAY)
