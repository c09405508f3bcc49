"""Digest maps, the lock, and the chain of sources."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from codemod.digests import Chain, DigestSource, Failure, Resolution, lock
from codemod.digests.lock import Lock, Locked
from codemod.digests.map import DigestMap, read_maps
from codemod.errors import InputError
from codemod.reference import Reference, parse

ROOT = Path(__file__).parents[1]
A, B, C = (f"sha256:{letter * 64}" for letter in "abc")
INDEX = "application/vnd.oci.image.index.v1+json"
WEB = parse("ghcr.io/acme/web:dev")
BUSYBOX = parse("docker.io/library/busybox:latest")


def read(*texts: str) -> DigestMap:
    return read_maps([(f"m{number}.yaml", text.encode()) for number, text in enumerate(texts, 1)])


def digest(source: DigestSource, name: str) -> str | None:
    reference = parse(name)
    found = source.resolve([reference]).get(reference.lookup)
    assert not isinstance(found, Failure)
    return found.digest if found else None


def test_a_map_answers_for_every_spelling_of_a_reference() -> None:
    for key in ("busybox", "busybox:latest", "docker.io/busybox", "index.docker.io/library/busybox:latest"):
        source = read(f"{key}: {A}")
        for asked in ("busybox", "docker.io/library/busybox:latest", f"busybox@{C}"):
            assert digest(source, asked) == A


def test_a_map_answers_for_nothing_else() -> None:
    source = read(f"busybox: {A}\nlocalhost:5000/web:dev: {B}\n1.10: {C}")
    assert digest(source, "busybox:1") is None
    assert digest(source, "ghcr.io/busybox") is None
    assert digest(source, "localhost:5000/web:main") is None
    assert digest(source, "localhost:5000/web:dev") == B
    assert digest(source, "1.10") == C


def test_a_map_says_where_its_digests_come_from() -> None:
    source = read(f"busybox: {A}", f"ghcr.io/acme/web:dev: {B}")
    assert source.resolve([BUSYBOX, WEB]) == {BUSYBOX: Resolution(A, "map m1.yaml"), WEB: Resolution(B, "map m2.yaml")}


def test_json_is_a_map_too() -> None:
    assert digest(read_maps([("m.json", json.dumps({"busybox": A, "a:b": B}, indent=1).encode())]), "a:b") == B


@pytest.mark.parametrize("text", ["", "# none yet\n", "{}", "busybox:\n", "busybox: ''\n", '{"busybox": null}'])
def test_what_is_not_known_yet_says_nothing(text: str) -> None:
    assert read(text) == DigestMap({})
    assert digest(read(f"busybox: {A}", text), "busybox") == A


def test_a_later_file_wins() -> None:
    assert digest(read(f"busybox: {A}", f"docker.io/library/busybox: {B}"), "busybox") == B


def test_the_same_reference_twice_is_fine_with_the_same_digest() -> None:
    assert digest(read(f"busybox: {A}\nbusybox:latest: {A}\ndocker.io/busybox:\n"), "busybox") == A


FAULTS = [
    ("[a]", "m1.yaml:1: not a digest map; write entries as `ghcr.io/acme/web:dev: sha256:…`"),
    (A, "m1.yaml:1: not a digest map; "),
    (f"# x\nFoo: {A}", "m1.yaml:2: `Foo` is no image reference; "),
    (f"https://ghcr.io/a: {A}", "m1.yaml:1: `https://ghcr.io/a` is no image reference; "),
    (f"'': {A}", "m1.yaml:1: `` is no image reference; "),
    (f"'a b': {A}", "m1.yaml:1: `a b` is no image reference; "),
    (f"{'a' * 64}: {A}", f"m1.yaml:1: `{'a' * 64}` is no image reference; "),
    ("Foo:", "m1.yaml:1: `Foo` is no image reference; "),
    (f"busybox@{A}: {A}", f"m1.yaml:1: the key `busybox@{A}` carries a digest; "),
    ("a:\n  b: c", "m1.yaml:1: the digest of `a` is a nested value; "),
    ("a: [x]", "m1.yaml:1: the digest of `a` is a nested value; "),
    ("a: 12", "m1.yaml:1: the digest of `a` is `12`; write `sha256:` and 64 lower-case hexadecimal digits, "),
    ("a: true", "m1.yaml:1: the digest of `a` is `True`; "),
    ("a: sha256:abc", "m1.yaml:1: the digest of `a` is `sha256:abc`; "),
    (f"a: {A.upper()}", f"m1.yaml:1: the digest of `a` is `{A.upper()}`; "),
    (f"a: md5:{'a' * 32}", f"m1.yaml:1: the digest of `a` is `md5:{'a' * 32}`; "),
    (f"a: {'a' * 64}", f"m1.yaml:1: the digest of `a` is `{'a' * 64}`; "),
    (f"a: a@{A}", f"m1.yaml:1: the digest of `a` is `a@{A}`; write `{A}` alone"),
    (f"a: {A}\na: {A}", "m1.yaml:2: duplicate key `a`, first on line 1; keep one of the two"),
    (
        f"busybox: {A}\na: {A}\nbusybox:latest: {B}",
        "m1.yaml:3: `busybox:latest` is `busybox` of line 1 with another digest; keep the one that is right",
    ),
    (f"a: {A}\n---\nb: {A}", "m1.yaml:2: a second document begins; "),
]


@pytest.mark.parametrize(("text", "message"), FAULTS, ids=[message[:70] for _, message in FAULTS])
def test_a_fault_of_a_map_is_one_line_with_the_place_and_the_mend(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


MOMENT = datetime.datetime(2026, 6, 30, 12, 0, 5, tzinfo=datetime.UTC)
FULL = Locked(digest=A, media_type=INDEX, platforms=("linux/amd64", "linux/arm64"), source="registry", resolved=MOMENT)
WRITTEN = f"""\
# Written by `unfloat lock`; `unfloat update` refreshes it. Commit it.
version: 1
images:
  docker.io/library/busybox:latest:
    digest: {B}
  ghcr.io/acme/web:dev:
    digest: {A}
    mediaType: {INDEX}
    platforms:
      - linux/amd64
      - linux/arm64
    source: registry
    resolved: 2026-06-30T12:00:05Z
"""


def test_a_lock_is_written_sorted_and_without_what_is_unknown() -> None:
    assert Lock({WEB: FULL, BUSYBOX: Locked(digest=B)}).dump().decode() == WRITTEN
    assert Lock({BUSYBOX: Locked(digest=B), WEB: FULL}).dump().decode() == WRITTEN


def test_a_lock_is_read_as_it_was_written() -> None:
    assert lock.read("unfloat.lock", WRITTEN.encode()) == Lock({WEB: FULL, BUSYBOX: Locked(digest=B)})
    assert lock.read("unfloat.lock", WRITTEN.encode()).dump() == WRITTEN.encode()


def test_a_lock_with_windows_line_endings_means_the_same() -> None:
    assert lock.read("unfloat.lock", WRITTEN.replace("\n", "\r\n").encode()).dump() == WRITTEN.encode()


def test_an_empty_lock_is_a_lock() -> None:
    empty = Lock().dump()
    assert empty.endswith(b"version: 1\nimages: {}\n")
    assert lock.read("unfloat.lock", empty) == Lock()
    assert lock.read("unfloat.lock", b"version: 1\n") == Lock()


def test_a_lock_answers_with_what_it_knows() -> None:
    source = lock.read("unfloat.lock", WRITTEN.encode())
    asked = [parse("busybox"), parse(f"ghcr.io/acme/web:dev@{C}"), parse("ghcr.io/acme/web:main")]
    assert source.resolve(asked) == {
        BUSYBOX: Resolution(B, "lock"),
        WEB: Resolution(A, "lock", INDEX, ("linux/amd64", "linux/arm64")),
    }


def test_a_key_of_the_lock_that_people_wrote_is_normalised() -> None:
    text = f"version: 1\nimages:\n  busybox:\n    digest: {A}\n"
    assert digest(lock.read("unfloat.lock", text.encode()), "docker.io/library/busybox:latest") == A


def test_a_time_of_another_zone_is_written_as_utc() -> None:
    text = WRITTEN.replace("2026-06-30T12:00:05Z", "2026-06-30T14:00:05.25+02:00")
    assert lock.read("unfloat.lock", text.encode()).dump() == WRITTEN.encode()


ENTRY = f"version: 1\nimages:\n  busybox:\n    digest: {A}\n"
LOCK_FAULTS = [
    ("", "unfloat.lock:1: not a lock: it has no `version`; delete the file and run `unfloat lock`"),
    ("[]", "unfloat.lock:1: not a lock: it has no `version`; "),
    (f"busybox: {A}", "unfloat.lock:1: not a lock: it has no `version`; "),
    (
        "version: 2\nnew: shape",
        "unfloat.lock:1: the lock is of version `2`; this unfloat reads version 1: use a newer ",
    ),
    ("version: '1'", "unfloat.lock:1: the lock is of version `1`; "),
    ("version: true", "unfloat.lock:1: the lock is of version `True`; "),
    ("version: 1\nimage: {}", "unfloat.lock:2: unknown key `image`; did you mean `images`?"),
    ("version: 1\nimages: []", "unfloat.lock:2: `images` is a list, not a map; "),
    ("version: 1\nimages:\n  busybox: {}", "unfloat.lock:3: `images.busybox` has no `digest`; add it"),
    (ENTRY.replace("sha256", "sha265"), "unfloat.lock:4: the digest of `busybox` is `sha265:"),
    (ENTRY.replace("busybox", "Busybox"), "unfloat.lock:3: `Busybox` is no image reference; "),
    (ENTRY.replace("busybox", f"busybox@{A}"), f"unfloat.lock:3: the key `busybox@{A}` carries a digest; "),
    (
        ENTRY + "    mediatype: x",
        "unfloat.lock:5: unknown key `mediatype` in `images.busybox`; did you mean `mediaType`?",
    ),
    (ENTRY + "    platforms: [amd64]", "unfloat.lock:5: `images.busybox.platforms[0]` is `amd64`; write it like "),
    (ENTRY + "    resolved: 2026-06-30", "unfloat.lock:5: `images.busybox.resolved` is `2026-06-30`; write it like "),
    (
        ENTRY + "    resolved: 2026-06-30T12:00:00",
        "unfloat.lock:5: `images.busybox.resolved` is `2026-06-30T12:00:00`; ",
    ),
    (
        ENTRY + f"  busybox:latest:\n    digest: {B}\n",
        "unfloat.lock:5: `busybox:latest` is `busybox` of line 3 with another digest; ",
    ),
    (f"{ENTRY}<<<<<<< HEAD\n  web:\n=======\n  x:\n", "unfloat.lock:5: a merge conflict begins; resolve it"),
]


@pytest.mark.parametrize(("text", "message"), LOCK_FAULTS, ids=[message[13:80] for _, message in LOCK_FAULTS])
def test_a_fault_of_the_lock_is_one_line_with_the_place_and_the_mend(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        lock.read("unfloat.lock", text.encode())
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


COMPONENT = st.from_regex(r"\A[a-z0-9]{1,6}\Z")
REFERENCES = st.builds(
    lambda host, names, tag: parse(f"{host}/{'/'.join(names)}:{tag}"),
    st.sampled_from(["docker.io", "ghcr.io", "localhost:5000", "[::1]:5000", "127.0.0.1", "1.2"]),
    st.lists(COMPONENT, min_size=1, max_size=3),
    st.sampled_from(["latest", "1", "null", "1.0", "v1_x-y", "2026-01-01", "1e3"]),
)
TEXTS = (
    st.none()
    | st.sampled_from(["null", "no", "1", "- a", "a: b", "a #b", " a", "a ", "", "map x/y.yaml"])
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
)
LOCKED = st.builds(
    Locked,
    digest=st.sampled_from([A, B, C]),
    media_type=TEXTS,
    platforms=st.sampled_from([(), ("linux/amd64",), ("linux/amd64", "linux/arm/v7")]),
    source=TEXTS,
    resolved=st.none()
    | st.datetimes(timezones=st.just(datetime.UTC)).map(lambda moment: moment.replace(microsecond=0)),
)


@given(st.dictionaries(REFERENCES, LOCKED, max_size=5))
def test_any_lock_survives_being_written_and_read(images: dict[Reference, Locked]) -> None:
    written = Lock(images).dump()
    assert lock.read("unfloat.lock", written) == Lock(images)
    assert lock.read("unfloat.lock", written).dump() == written


@given(st.dictionaries(REFERENCES, LOCKED, min_size=1, max_size=3))
def test_other_yaml_readers_read_the_lock_as_text_too(images: dict[Reference, Locked]) -> None:
    read_by_others = yaml.safe_load(Lock(images).dump())["images"]
    assert read_by_others.keys() == {str(reference) for reference in images}
    for reference, locked in images.items():
        assert read_by_others[str(reference)].get("source") == locked.source
        assert read_by_others[str(reference)].get("mediaType") == locked.media_type


def test_the_published_schema_of_the_lock_is_that_of_the_structs() -> None:
    published = (ROOT / "codemod" / "unfloat-lock.schema.json").read_text(encoding="utf-8")
    assert json.loads(published) == lock.schema(), "write lock.schema() to codemod/unfloat-lock.schema.json"


class Recorder:
    """A source that keeps what it was asked."""

    def __init__(self, known: Mapping[Reference, Resolution]) -> None:
        self.known = known
        self.asked: list[set[Reference]] = []

    def resolve(self, references: Collection[Reference]) -> Mapping[Reference, Resolution]:
        self.asked.append(set(references))
        return {reference: self.known[reference] for reference in references if reference in self.known}


def test_the_first_source_that_knows_answers_and_the_next_is_asked_only_for_the_rest() -> None:
    next_one = Recorder({BUSYBOX: Resolution(B, "lock"), WEB: Resolution(B, "lock")})
    chain = Chain([read(f"busybox: {A}"), next_one])
    unknown = parse("ghcr.io/acme/other:dev")
    assert chain.resolve([BUSYBOX, WEB, unknown]) == {
        BUSYBOX: Resolution(A, "map m1.yaml"),
        WEB: Resolution(B, "lock"),
    }
    assert next_one.asked == [{WEB, unknown}]


def test_a_reference_is_asked_for_once_a_run() -> None:
    source = Recorder({WEB: Resolution(A, "registry")})
    chain = Chain([source])
    for _ in range(2):
        chain.resolve([WEB, BUSYBOX])
    assert source.asked == [{WEB, BUSYBOX}]


def test_the_examples_in_the_documentation_are_a_map_and_a_lock() -> None:
    page = (ROOT / "docs" / "digests.md").read_text(encoding="utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert len(examples) == 2
    assert read_maps([("docs/digests.md", examples[0].encode())]).resolutions
    assert lock.read("docs/digests.md", examples[1].encode()).dump().decode() == examples[1]
