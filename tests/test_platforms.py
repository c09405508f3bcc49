"""The platforms of pinned digests, as the lock knows them, and what the gate makes of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from moving import call, digest
from proving import write

ONE = digest("1")
INDEX, MANIFEST = "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json"
BOTH = "platforms: [linux/amd64, linux/arm64]\n"


def lock(media_type: str | None = INDEX, platforms: str = "linux/amd64", name: str = "ghcr.io/acme/web:main") -> str:
    kind = f"    mediaType: {media_type}\n" if media_type else ""
    offered = f"    platforms: [{platforms}]\n" if platforms else ""
    return f"version: 1\nimages:\n  {name}:\n    digest: {ONE}\n{kind}{offered}"


def codes(
    root: Path, config: str, locked: str | None, image: str = f"ghcr.io/acme/web@{ONE}", path: str = "a.yaml"
) -> list[str]:
    files = {path: f"kind: Pod\nspec:\n  containers:\n    - image: {image}\n", ".unfloat.yaml": config}
    write(root, files if locked is None else {**files, "unfloat.lock": locked})
    return re.findall(r": (UF\d+) ", call("check", "--date", "2026-11-26", str(root)).stdout)


@pytest.mark.parametrize(
    ("config", "locked", "wanted"),
    [
        (BOTH, lock(platforms="linux/amd64, linux/arm64"), []),
        (BOTH, lock(platforms="linux/amd64, linux/arm64/v8"), []),
        (BOTH, lock(), ["UF006"]),
        (BOTH, lock(MANIFEST), ["UF009"]),
        (BOTH, lock(MANIFEST, ""), ["UF009"]),
        (BOTH, lock(None), ["UF006"]),
        (BOTH, lock(platforms=""), []),
        (BOTH, lock(name="ghcr.io/acme/other:main"), []),
        (BOTH, None, []),
        ("platforms: [linux/amd64]\n", lock(MANIFEST), []),
        ("platforms: [linux/arm64]\n", lock(MANIFEST), ["UF006"]),
        ("", lock(MANIFEST), []),
    ],
    ids=[
        "both are there",
        "another spelling",
        "one lacks",
        "a single manifest",
        "a single manifest of an unknown platform",
        "of an unknown kind",
        "of unknown platforms",
        "another image",
        "no lock",
        "the only one",
        "not the only one",
        "nothing demanded",
    ],
)
def test_a_pinned_digest_is_looked_up_in_the_lock(
    tmp_path: Path, config: str, locked: str | None, wanted: list[str]
) -> None:
    assert codes(tmp_path, config, locked) == wanted


def test_the_message_names_the_platform_and_the_mend(tmp_path: Path) -> None:
    codes(tmp_path, BOTH, lock())
    line = call("check", str(tmp_path)).stdout
    assert f"a.yaml:4:14: UF006 ghcr.io/acme/web@{ONE} lacks linux/arm64; " in line


@pytest.mark.parametrize("code", ["UF006", "platforms-missing"])
def test_an_exception_excuses_it(tmp_path: Path, code: str) -> None:
    allow = f"allow:\n  - {{path: a.yaml, code: {code}, reason: r, owner: o, expires: 2026-12-31}}\n"
    assert codes(tmp_path, BOTH + allow, lock()) == []


def test_vendored_files_are_not_judged(tmp_path: Path) -> None:
    assert codes(tmp_path, BOTH, lock(), path="third_party/a.yaml") == []


def test_a_readable_reference_is_judged_by_its_digest(tmp_path: Path) -> None:
    assert codes(tmp_path, BOTH, lock(), image=f"ghcr.io/acme/web:1.2@{ONE}") == ["UF006"]
