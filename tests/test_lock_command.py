"""`unfloat lock`: what tags mean, written down; checked; taken from what a build published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from moving import NEW, OLD, OTHER, call, lock, locked
from proving import write

from codemod.digests import Resolution
from codemod.digests.lock import Lock, read
from codemod.digests.locking import HISTORY, history, is_older, recorded
from codemod.digests.published import read_published
from codemod.errors import InputError
from codemod.reference import parse

WEB = parse("ghcr.io/acme/web:dev")
TREE = {
    "pods.yaml": "image: ghcr.io/acme/web:dev\n---\nimage: ghcr.io/acme/api:1.0\n---\nimage: busybox:latest\n",
    "vendor/pod.yaml": "image: ghcr.io/acme/vendored:dev\n",
}
MAP = f"ghcr.io/acme/web:dev: {NEW}\nghcr.io/acme/api:1.0: {OTHER}\nbusybox: {OLD}\nghcr.io/acme/vendored:dev: {OLD}\n"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")


def given(tmp_path: Path, text: str, name: str = "given.yaml") -> str:
    path = tmp_path / name
    path.write_text(text)
    return str(path)


def entry(name: str, digest: str, source: str) -> str:
    return f"  {name}:\n    digest: {digest}\n    source: {source}\n    resolved: 2026-09-21T14:13:20Z\n"


def test_floating_references_are_locked_and_nothing_else(tmp_path: Path) -> None:
    root, maps = write(tmp_path / "root", TREE), given(tmp_path, MAP)
    result = call("lock", str(root), "--offline", "--digests", maps)
    assert (result.exit_code, result.stderr) == (0, "2 images locked: 2 new, 0 moved.\n")
    assert result.stdout == f"+ docker.io/library/busybox:latest {OLD}\n+ ghcr.io/acme/web:dev {NEW}\n"
    assert (root / "unfloat.lock").read_text() == lock(
        entry("docker.io/library/busybox:latest", OLD, f"map {maps}"),
        entry("ghcr.io/acme/web:dev", NEW, f"map {maps}"),
    )


def test_all_means_fixed_tags_too(tmp_path: Path) -> None:
    root = write(tmp_path / "root", TREE)
    assert call("lock", str(root), "--all", "--offline", "--digests", given(tmp_path, MAP)).exit_code == 0
    assert "ghcr.io/acme/api:1.0" in (root / "unfloat.lock").read_text()


def test_a_second_time_nothing_changes_and_a_moved_tag_keeps_its_past(tmp_path: Path) -> None:
    root = write(tmp_path / "root", TREE)
    arguments = ("lock", str(root), "--offline", "--digests", given(tmp_path, MAP))
    call(*arguments)
    once = (root / "unfloat.lock").read_bytes()
    result = call(*arguments)
    assert (result.stdout, (root / "unfloat.lock").read_bytes()) == ("", once)
    given(tmp_path, MAP.replace(NEW, OTHER))
    assert call(*arguments).stdout == f"~ ghcr.io/acme/web:dev {NEW} -> {OTHER}\n"
    found = read("unfloat.lock", (root / "unfloat.lock").read_bytes())
    assert list(history(found, WEB)) == [OTHER, NEW]


def test_a_reference_that_no_source_knows_is_said_and_the_others_are_locked(tmp_path: Path) -> None:
    root = write(tmp_path / "root", TREE)
    result = call("lock", str(root), "--offline", "--digests", given(tmp_path, f"busybox: {OLD}\n"))
    assert result.stdout == f"+ docker.io/library/busybox:latest {OLD}\n"
    assert "unfloat: no source knows a digest [ghcr.io/acme/web:dev]\n" in result.stderr


def test_the_check_names_what_the_lock_lacks_and_writes_nothing(tmp_path: Path) -> None:
    half = lock(locked("ghcr.io/acme/web:dev", NEW))
    root = write(tmp_path, {**TREE, "unfloat.lock": half})
    result = call("lock", str(root), "--check", "--offline")
    assert (result.exit_code, result.stdout) == (1, "docker.io/library/busybox:latest: not in the lock\n")
    assert result.stderr == "1 fault in 1 locked image.\n"
    assert (root / "unfloat.lock").read_text() == half
    assert call("lock", str(root), "--check", "--all", "--offline").stdout.count("\n") == 2


def test_the_check_is_content_with_a_lock_that_has_all(tmp_path: Path) -> None:
    both = lock(locked("docker.io/library/busybox:latest", OLD), locked("ghcr.io/acme/web:dev", NEW))
    result = call("lock", str(write(tmp_path, {**TREE, "unfloat.lock": both})), "--check", "--offline")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No faults in 2 locked images.\n")


def test_the_check_names_platforms_that_are_lacking(tmp_path: Path) -> None:
    text = lock(f"  ghcr.io/acme/web:dev:\n    digest: {NEW}\n    platforms:\n      - linux/amd64\n")
    tree = {"unfloat.lock": text, ".unfloat.yaml": "platforms: [linux/amd64, linux/arm64]\n"}
    result = call("lock", str(write(tmp_path, tree)), "--check", "--offline")
    assert (result.exit_code, result.stdout) == (1, f"ghcr.io/acme/web:dev: {NEW} lacks linux/arm64\n")


def test_what_a_build_published_is_merged(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {"unfloat.lock": lock(locked("ghcr.io/acme/web:dev", OLD))})
    file = given(tmp_path, f"ghcr.io/acme/web:dev@{NEW}\nghcr.io/acme/api:dev@{OTHER}\n", "pushed.txt")
    result = call("lock", str(root), "--import", file)
    assert (result.exit_code, result.stderr) == (0, "2 images locked: 1 new, 1 moved.\n")
    assert list(history(read("", (root / "unfloat.lock").read_bytes()), WEB)) == [NEW, OLD]


def test_published_digests_come_from_standard_input_too(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from codemod.cli import main

    result = CliRunner().invoke(main, ["lock", str(tmp_path), "--import", "-"], input=f"{NEW} ghcr.io/acme/web:dev\n")
    assert (result.exit_code, result.stdout) == (0, f"+ ghcr.io/acme/web:dev {NEW}\n")


def test_import_and_check_exclude_each_other(tmp_path: Path) -> None:
    result = call("lock", str(tmp_path), "--import", "x", "--check")
    assert (result.exit_code, "exclude each other" in result.stderr) == (2, True)


BUILDX = {
    "containerimage.digest": NEW,
    "image.name": "ghcr.io/acme/web:dev,ghcr.io/acme/web:sha-1234567",
    "containerimage.descriptor": {"mediaType": "application/vnd.oci.image.index.v1+json"},
}
INDEX = "application/vnd.oci.image.index.v1+json"

PUBLISHED: dict[str, tuple[str, dict[str, tuple[str, str | None]]]] = {
    "a flat map": (f"ghcr.io/acme/web:dev: {NEW}\nbusybox:\n", {"ghcr.io/acme/web:dev": (NEW, None)}),
    "a flat map without a gap": (f"# all known\nr.io/a:dev: {NEW}\n", {"r.io/a:dev": (NEW, None)}),
    "a flat map in JSON": (json.dumps({"busybox": OLD}), {"docker.io/library/busybox:latest": (OLD, None)}),
    "the metadata of one build": (
        json.dumps(BUILDX),
        {"ghcr.io/acme/web:dev": (NEW, INDEX), "ghcr.io/acme/web:sha-1234567": (NEW, INDEX)},
    ),
    "the metadata of a bake": (
        json.dumps(
            {"web": BUILDX, "api": {"containerimage.digest": OLD, "image.name": "r.io/api:dev"}, "buildx.x": {}}
        ),
        {
            "ghcr.io/acme/web:dev": (NEW, INDEX),
            "ghcr.io/acme/web:sha-1234567": (NEW, INDEX),
            "r.io/api:dev": (OLD, None),
        },
    ),
    "lines": (
        f"# pushed\nr.io/a:dev@{NEW}\n\nr.io/b:dev {OLD}\n{OTHER}  r.io/c:dev\nr.io/d:dev@{OLD} {OLD}\n",
        {
            "r.io/a:dev": (NEW, None),
            "r.io/b:dev": (OLD, None),
            "r.io/c:dev": (OTHER, None),
            "r.io/d:dev": (OLD, None),
        },
    ),
    "a byte order mark": (f"\ufeffr.io/a:dev@{NEW}\n", {"r.io/a:dev": (NEW, None)}),
    "nothing": ("", {}),
}


@pytest.mark.parametrize(("text", "expected"), PUBLISHED.values(), ids=PUBLISHED)
def test_every_form_of_what_is_published_is_read(text: str, expected: dict[str, tuple[str, str | None]]) -> None:
    found = read_published("pushed", text.encode())
    assert {str(name): (answer.digest, answer.media_type) for name, answer in found.items()} == expected
    assert {answer.source for answer in found.values()} <= {"import pushed"}


REFUSED = {
    "a line without a tag": (f"r.io/a@{NEW}\n", "pushed:1: `r.io/a` has no tag; write `r.io/a:TAG@sha256:2222222…`"),
    "a line with an odd name": (f"R.io/A:dev@{NEW}\n", "pushed:1: `R.io/A:dev` is no image reference"),
    "a line of another kind": (
        f"r.io/a:dev@{NEW}\nr.io/b:dev@SHA256:{'A' * 64}\n",
        f"pushed:2: `r.io/b:dev@SHA256:{'A' * 64}` names no image and digest; write `repository:tag@sha256:…`",
    ),
    "a line of two digests": (f"r.io/a:dev@{NEW} {OLD}\n", f"pushed:1: `r.io/a:dev@{NEW} {OLD}` has two digests"),
    "two digests": (f"r.io/a:dev@{NEW}\nr.io/a:dev@{OLD}\n", "pushed:2: `r.io/a:dev` stands there with two digests"),
    "a build that was not pushed": (json.dumps({"image.name": "r.io/a:dev"}), "no `containerimage.digest`"),
    "a build without a name": (json.dumps({"containerimage.digest": NEW}), "no `image.name`"),
    "a build with an odd name": (json.dumps({**BUILDX, "image.name": "A B"}), "`A B` is no image reference"),
    "a digest that is none": ("r.io/a:dev: sha256:12\n", "the digest of `r.io/a:dev` is `sha256:12`"),
    "prose": ("just words\n", "not a digest map"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_with_a_published_file_is_said_in_one_line(text: str, message: str) -> None:
    with pytest.raises(InputError) as raised:
        read_published("pushed", text.encode())
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_past_is_bounded_and_has_nothing_twice() -> None:
    import datetime

    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    found = Lock()
    for number in range(HISTORY + 10):
        found = recorded(found, {WEB: Resolution(f"sha256:{number:064x}", "registry")}, now)
    assert len(list(history(found, WEB))) == HISTORY + 1
    again = recorded(found, {WEB: Resolution(f"sha256:{HISTORY:064x}", "registry")}, now)
    assert len(set(history(again, WEB))) == len(list(history(again, WEB)))


@pytest.mark.parametrize(
    ("proposed", "held", "older"),
    [
        (NEW, OLD, False),  # the current digest is never older
        (OLD, NEW, True),
        (OLD, OTHER, True),  # the held one is unknown, the proposed one known to be of the past
        (OTHER, NEW, False),  # unknown, so new
        (OLD, OLD, False),
    ],
)
def test_a_digest_is_older_if_the_tag_had_it_before(proposed: str, held: str, older: bool) -> None:
    found = read("unfloat.lock", lock(locked("ghcr.io/acme/web:dev", NEW, OLD)).encode())
    assert is_older(found, WEB, proposed, held) is older


def test_a_digest_of_the_past_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="the digest `sha256:12` is none"):
        read("unfloat.lock", lock(locked("ghcr.io/acme/web:dev", NEW, "sha256:12")).encode())


@pytest.mark.parametrize("place", ["resolved", "previous"])
def test_a_time_at_the_edge_of_the_calendar_is_refused(place: str) -> None:
    time = "0001-01-01T00:00:00+14:00"
    more = f"resolved: {time}" if place == "resolved" else f"previous: [{{digest: '{OLD}', resolved: {time}}}]"
    text = f"version: 1\nimages:\n  r.io/a:dev:\n    digest: {NEW}\n    {more}\n"
    with pytest.raises(InputError, match=r"unfloat\.lock:5: the time `0001-01-01 00:00:00\+14:00` is out of range"):
        read("unfloat.lock", text.encode())
