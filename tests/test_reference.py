"""Image references: our own table, the tables of the distribution project where they are at hand, and properties."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemod.reference import (
    DOMAIN_PATTERN,
    PATH_PATTERN,
    Reference,
    ReferenceError,  # noqa: A004 - the field's own word
    Spelling,
    is_digest,
    is_tag,
    parse,
    split,
    try_parse,
)

HEX = "0123456789abcdef" * 4
SHA256 = f"sha256:{HEX}"
SHA384 = f"sha384:{HEX}{HEX[:32]}"
SHA512 = f"sha512:{HEX}{HEX}"
LONGEST = "a" * 255

NORMALISED = [
    ("busybox", "docker.io/library/busybox:latest"),
    ("busybox:1.36", "docker.io/library/busybox:1.36"),
    ("library/busybox", "docker.io/library/busybox:latest"),
    ("docker.io/busybox", "docker.io/library/busybox:latest"),
    ("index.docker.io/busybox:dev", "docker.io/library/busybox:dev"),
    ("index.docker.io/grafana/loki", "docker.io/grafana/loki:latest"),
    ("grafana/loki:main", "docker.io/grafana/loki:main"),
    ("test_com/foo", "docker.io/test_com/foo:latest"),
    ("test.com", "docker.io/library/test.com:latest"),
    ("test.com:5000", "docker.io/library/test.com:5000"),
    ("test:5000/repo", "test:5000/repo:latest"),
    ("localhost/app", "localhost/app:latest"),
    ("LOCALDOMAIN/app", "LOCALDOMAIN/app:latest"),
    ("Registry/app:dev", "Registry/app:dev"),
    ("localhost:5000/a/b__c/d-e.f:TAG_1.2-3", "localhost:5000/a/b__c/d-e.f:TAG_1.2-3"),
    ("[2001:db8::1]:5000/repo:tag", "[2001:db8::1]:5000/repo:tag"),
    (f"busybox@{SHA256}", f"docker.io/library/busybox@{SHA256}"),
    (f"busybox:dev@{SHA256}", f"docker.io/library/busybox:dev@{SHA256}"),
    (f"ghcr.io/acme/api@{SHA384}", f"ghcr.io/acme/api@{SHA384}"),
    (f"ghcr.io/acme/api@{SHA512}", f"ghcr.io/acme/api@{SHA512}"),
    (f"ghcr.io/{LONGEST}:dev", f"ghcr.io/{LONGEST}:dev"),
    (f"app:{'t' * 128}", f"docker.io/library/app:{'t' * 128}"),
    (HEX[:-1], f"docker.io/library/{HEX[:-1]}:latest"),
]

REFUSED = {
    "an empty text": "",
    "white space": " busybox",
    "a final newline": "busybox\n",
    "a tag without a name": ":dev",
    "a digest without a name": f"@{SHA256}",
    "a digest alone": SHA256,
    "a bare identifier": HEX,
    "upper case in the path": "ghcr.io/Acme/api:dev",
    "upper case in a single name": "Uppercase:tag",
    "an empty path component": "ghcr.io//api",
    "a final slash": "ghcr.io/acme/",
    "a leading dash": "-acme/api",
    "two dots between words": "ghcr.io/ac..me/api",
    "three underscores between words": "ghcr.io/ac___me/api",
    "an underscore in the host and a port": "bad_host.com:8080/app:tag",
    "a scheme": "https://ghcr.io/acme/api",
    "a tag with a tilde": "app:1~2",
    "a tag that begins with a dash": "app:-dev",
    "a tag that begins with a dot": "app:.dev",
    "a tag of 129 characters": f"app:{'t' * 129}",
    "two tags": "ghcr.io/acme/api:dev:main",
    "a tag after the digest": f"app@{SHA256}:dev",
    "a short digest": f"app@{SHA256[:-1]}",
    "a long digest": f"app@{SHA256}0",
    "an upper-case digest": f"app@sha256:{HEX.upper()}",
    "an unknown algorithm": f"app@md5:{HEX}",
    "the digest twice": f"app@sha256:{SHA256}",
    "a template": "{{ .Values.image.repository }}:{{ .Values.image.tag }}",
    "a variable": "ghcr.io/acme/api:${TAG}",
    "a host with a zone": "[fe80::1%eth0]:5000/repo",
    "an address without a path": "[2001:db8::1]:5000",
    "a path of 256 characters": f"ghcr.io/{LONGEST}a",
    "a letter beyond ASCII": "ghcr.io/acmé/api",
    "a digit beyond ASCII": "app:٣",
}


@pytest.mark.parametrize(("text", "normal"), NORMALISED, ids=[text[:60] for text, _ in NORMALISED])
def test_a_reference_is_normalised(text: str, normal: str) -> None:
    assert str(parse(text)) == normal


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_reference_is_refused(text: str) -> None:
    assert try_parse(text) is None
    with pytest.raises(ReferenceError, match=r"reference|lower case|identifier|digest|longer"):
        parse(text)


def test_a_tag_is_never_made_up_but_a_client_would_ask_for_latest() -> None:
    assert parse("busybox").tag is None
    assert parse("busybox").effective_tag == "latest"
    assert parse(f"busybox@{SHA256}").effective_tag is None
    assert parse(f"busybox:dev@{SHA256}").effective_tag == "dev"


def test_digest_sources_are_asked_for_name_and_tag() -> None:
    assert parse("busybox").lookup == parse("docker.io/library/busybox:latest")
    assert parse(f"busybox:dev@{SHA256}").lookup == parse("busybox:dev")
    assert parse(f"busybox@{SHA256}").lookup == parse("busybox:latest")


def test_the_name_is_domain_and_path() -> None:
    assert parse("grafana/loki:dev").name == "docker.io/grafana/loki"


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("busybox", Spelling("busybox", None, None)),
        ("docker.io/busybox:dev", Spelling("docker.io/busybox", "dev", None)),
        (f"test:5000/repo:tag@{SHA256}", Spelling("test:5000/repo", "tag", SHA256)),
    ],
)
def test_splitting_keeps_the_spelling_of_the_author(text: str, spelling: Spelling) -> None:
    assert split(text) == spelling


@pytest.mark.parametrize("text", [SHA256, SHA384, SHA512])
def test_digests_of_the_registered_algorithms_are_digests(text: str) -> None:
    assert is_digest(text)


@pytest.mark.parametrize(
    "text", ["", HEX, "sha256:", SHA256[:-1], f"{SHA256}0", SHA256.upper(), f"md5:{HEX}", f"{SHA256}\n"]
)
def test_other_texts_are_no_digests(text: str) -> None:
    assert not is_digest(text)


@pytest.mark.parametrize(
    ("text", "expected"), [("dev", True), ("_1", True), ("1.2.3", True), ("", False), (".dev", False), ("a+b", False)]
)
def test_a_tag_is_a_word_of_at_most_128_characters(text: str, expected: bool) -> None:
    assert is_tag(text) is expected


def texts(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)


written = st.builds(
    lambda domain, path, tag, digest: f"{domain}{path}{tag}{digest}",
    st.one_of(st.just(""), st.sampled_from(["docker.io/", "index.docker.io/", "localhost/", "ghcr.io/", "[::1]:80/"])),
    texts(r"[a-z0-9]{1,8}(?:(?:[._/]|__|-{1,3})[a-z0-9]{1,8}){0,4}"),
    st.one_of(st.just(""), texts(r":[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}")),
    st.one_of(st.just(""), texts(r"@sha256:[a-f0-9]{64}")),
)


@given(written)
def test_a_normalised_reference_normalises_to_itself(text: str) -> None:
    reference = try_parse(text)
    if reference is None:
        assert re.fullmatch(r"[a-f0-9]{64}", text)
        return
    again = parse(str(reference))
    assert str(again) == str(reference)
    assert (again.domain, again.path, again.digest) == (reference.domain, reference.path, reference.digest)
    assert again.effective_tag == reference.effective_tag


@given(written)
def test_the_parts_of_a_spelling_make_up_the_text(text: str) -> None:
    spelling = split(text)
    tag = "" if spelling.tag is None else f":{spelling.tag}"
    digest = "" if spelling.digest is None else f"@{spelling.digest}"
    assert f"{spelling.name}{tag}{digest}" == text


@given(st.text(max_size=80))
def test_any_text_is_a_reference_or_is_refused_in_words(text: str) -> None:
    try:
        assert parse(str(parse(text))).name == parse(text).name
    except ReferenceError as error:
        assert str(error)  # noqa: PT017 - the error is one of two good ends


# The tables of the distribution project's own tests, kept beside the project, not in it.

TABLES = Path(__file__).parents[2] / "shared" / "conformance" / "distribution-reference.json"
Case = dict[str, Any]


@cache
def tables() -> dict[str, Any]:
    return dict(json.loads(TABLES.read_text(encoding="utf-8"))) if TABLES.exists() else {}


def explicit(reference: Reference) -> str:
    """A reference printed as the Go package does: a tag that nobody wrote is not there."""
    tag = "" if reference.tag is None else f":{reference.tag}"
    return f"{reference.name}{tag}{'' if reference.digest is None else f'@{reference.digest}'}"


def grammar(case: Case) -> None:
    """`Parse`, which knows no default domain: an error, or the parts as they are written."""
    text = case.get("input", "")
    if case.get("err") == {"go": "digest.ErrDigestUnsupported"} and "@sha512:" in text:
        assert split(text).digest == text.partition("@")[2]  # only that Go test did not link SHA-512
    elif "err" in case:
        assert try_parse(text) is None
    else:
        name = case["repository"] if "repository" in case else case["name"]
        assert split(text) == Spelling(name, case.get("tag"), case.get("digest"))
        domain = re.fullmatch(rf"(?:({DOMAIN_PATTERN})/)?{PATH_PATTERN}", split(text).name)
        assert domain is not None
        assert "name" in case or domain[1] == case.get("domain")


def domain_and_path(case: Case) -> None:
    match = re.fullmatch(rf"(?:({DOMAIN_PATTERN})/)?({PATH_PATTERN})", case["input"])
    assert match is not None
    assert (match[1] or "", match[2]) == (case["domain"], case["path"])


def hostname(case: Case) -> None:
    assert (parse(case["input"]).domain, parse(case["input"]).path) == (case["domain"], case["path"])


def any_reference(case: Case) -> None:
    if case["Equivalent"].startswith("sha256:"):
        assert try_parse(case["Reference"]) is None  # identifiers and bare digests name no repository
    else:
        assert explicit(parse(case["Reference"])) == case["Equivalent"]


def docker_reference(case: Case) -> None:
    reference = parse(case["input"])
    tag = None if reference.digest else reference.effective_tag
    assert explicit(Reference(reference.domain, reference.path, tag, reference.digest)) == case["expected"]


def canonical(case: Case) -> None:
    reference = parse(case["input"])
    assert (reference.name == split(case["input"]).name) is ("err" not in case)
    assert "err" in case or (reference.domain, reference.path) == (case["domain"], case["path"])


def repository(case: Case) -> None:
    for name in {case["AmbiguousName"], case["FamiliarName"], case["FullName"]} - {""}:
        reference = parse(name)
        assert (reference.name, reference.domain, reference.path) == (
            case["FullName"],
            case["Domain"],
            case["RemoteName"],
        )


def domain_pattern(case: Case) -> None:
    assert (re.fullmatch(DOMAIN_PATTERN, case["input"], re.ASCII) is not None) is case["match"]


def name_pattern(case: Case) -> None:
    match = re.fullmatch(rf"(?:({DOMAIN_PATTERN})/)?({PATH_PATTERN})", case["input"], re.ASCII)
    assert (match is not None) is case["match"]
    assert match is None or [match[1] or "", match[2]] == case.get("subs", case["input"].split("/", 1))


def identifier(case: Case) -> None:
    assert ("bare image identifier" in why_refused(case["input"])) is case["match"]


def why_refused(text: str) -> str:
    try:
        parse(text)
    except ReferenceError as error:
        return str(error)
    return ""


def reference_pattern(case: Case) -> None:
    if not case["match"]:
        assert try_parse(case["input"]) is None
        return
    spelling = split(case["input"])
    assert [spelling.name, spelling.tag or "", spelling.digest or ""] == case["subs"]


def valid(text: str) -> None:
    parse(text)


def invalid(text: str) -> None:
    assert try_parse(text) is None


def combined(case: Case) -> None:
    if "@" in case["combined"]:
        assert try_parse(case["combined"]) is None  # the table's digest is too short to be one
    else:
        assert split(case["combined"]) == Spelling(case["name"], case["tag"], None)


def no_name(case: Case) -> None:
    assert try_parse(case["input"]) is None or split(case["input"]).tag is not None


CHECKS: dict[str, Callable[[Any], None]] = {
    "TestDomainAndPath/tests": domain_and_path,
    "TestDomainRegexp/tests": domain_pattern,
    "TestFullNameRegexp/tests": name_pattern,
    "TestIdentifierRegexp/tests": identifier,
    "TestNormalizedSplitHostname/tests": hostname,
    "TestParseAnyReference/tests": any_reference,
    "TestParseDockerRef/tests": docker_reference,
    "TestParseNamed/tests": canonical,
    "TestParseRepositoryInfo/tests": repository,
    "TestReferenceParse/tests": grammar,
    "TestReferenceRegexp/tests": reference_pattern,
    "TestSerialization/tests": grammar,
    "TestValidateReferenceName/invalidRepoNames": invalid,
    "TestValidateReferenceName/validRepoNames": valid,
    "TestValidateRemoteName/invalidRepositoryNames": invalid,
    "TestValidateRemoteName/validRepositoryNames": valid,
    "TestWithDigest/tests": combined,
    "TestWithNameFailure/tests": no_name,
    "TestWithTag/tests": combined,
}
NOT_ABOUT_PARSING = {
    "TestMatch/tests",  # shell patterns over names
    "TestParseRepositoryInfo/refStrings",  # Go expressions
    "TestSerialization/m",  # Go expressions
}

needs_tables = pytest.mark.skipif(not TABLES.exists(), reason="the distribution project's tables are not at hand")


@needs_tables
def test_no_table_of_the_distribution_project_is_overlooked() -> None:
    assert set(tables()) == CHECKS.keys() | NOT_ABOUT_PARSING


@needs_tables
@pytest.mark.parametrize(
    ("table", "case"),
    [
        pytest.param(table, case, id=f"{table.partition('/')[0]}-{number}")
        for table in CHECKS
        for number, case in enumerate(tables().get(table, [None]))
    ],
)
def test_the_distribution_project_agrees(table: str, case: Any) -> None:
    CHECKS[table](case)
