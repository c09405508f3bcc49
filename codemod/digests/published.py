"""What a build pipeline published (`unfloat lock --import FILE`): which digest a reference has since it was pushed.

Three forms are told apart by what they hold: a digest map (`reference: sha256:…`, YAML or JSON); the metadata file of
`docker buildx build --metadata-file`, or of `bake` with one entry per target; and a list with one image a line, as
`crane` and `cosign` print them: `reference@digest`, or a reference and its digest in either order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from codemod.digests import Resolution
from codemod.digests.map import read_maps
from codemod.errors import InputError
from codemod.formats.records import Record, read
from codemod.reference import Reference, is_digest, try_parse

NAMES, DIGEST, DESCRIPTOR = "image.name", "containerimage.digest", "containerimage.descriptor"
"""The keys of a metadata file, as Docker's documentation of `buildx build --metadata-file` gives them."""


def read_published(path: str, data: bytes) -> Mapping[Reference, Resolution]:
    """The digests of one file, by reference with its tag; `path` is for people. Raises `InputError`."""
    lines = list(_lines(data))
    if any(_pair(line) is not None for _, line in lines):
        return _from_lines(path, lines)
    record = read(path, data)
    builds = list(_builds(record.value))
    if not builds:
        return {key: _named(path, answer) for key, answer in read_maps([(path, data)]).resolutions.items()}
    found: dict[Reference, Resolution] = {}
    for target, build in builds:
        for reference, resolution in _from_build(record, path, target, build):
            _put(path, found, reference, resolution)
    return found


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers."""
    for number, line in enumerate(data.decode("utf-8-sig", "replace").splitlines(), 1):
        if (text := line.strip()) and not text.startswith("#"):
            yield number, text


def _pair(line: str) -> tuple[str, str] | None:
    """Reference and digest of one line of a list; the line of a map is none."""
    words = line.split()
    if words[0].endswith(":"):
        return None
    if len(words) == 1:
        name, _, digest = line.rpartition("@")
        words = [name, digest]
    if len(words) == 2 and is_digest(words[0]):
        words.reverse()
    return (words[0], words[1]) if len(words) == 2 and is_digest(words[1]) else None


def _from_lines(path: str, lines: list[tuple[int, str]]) -> Mapping[Reference, Resolution]:
    found: dict[Reference, Resolution] = {}
    for number, line in lines:
        pair = _pair(line)
        reference = try_parse(pair[0]) if pair is not None else None
        if pair is None or reference is None:
            problem = (
                f"`{pair[0]}` is no image reference" if pair is not None else f"`{line}` names no image and digest"
            )
            raise InputError(path, problem, "write `repository:tag@sha256:…`", number)
        if reference.digest not in (None, pair[1]):
            raise InputError(path, f"`{line}` has two digests", "keep the one that is right", number)
        if reference.tag is None:
            name = pair[0].partition("@")[0]
            mend = f"write `{name}:TAG@{pair[1][:14]}…`: the lock is asked by tag"
            raise InputError(path, f"`{name}` has no tag", mend, number)
        _put(path, found, reference.lookup, Resolution(pair[1], f"import {path}"), number)
    return found


def _builds(value: Any) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """The builds of a metadata file, with their keys: the whole of it, or one per target of a bake."""
    if not isinstance(value, dict):
        return
    if DIGEST in value or NAMES in value:
        yield (), value
        return
    for target, build in value.items():
        if isinstance(build, dict) and (DIGEST in build or NAMES in build):
            yield (str(target),), build


def _from_build(
    record: Record, path: str, target: tuple[str, ...], build: dict[str, Any]
) -> Iterator[tuple[Reference, Resolution]]:
    digest, names = build.get(DIGEST), build.get(NAMES)
    if not isinstance(digest, str) or not is_digest(digest):
        raise record.error((*target, DIGEST), f"the build has no `{DIGEST}`", "push the image, so that it gets one")
    if not isinstance(names, str) or not names.strip():
        raise record.error((*target, NAMES), f"the build has no `{NAMES}`", "name it with `--tag` or `--output name=…`")
    described = build.get(DESCRIPTOR)
    media_type = described.get("mediaType") if isinstance(described, dict) else None
    for name in names.split(","):
        reference = try_parse(name.strip())
        if reference is None:
            raise record.error((*target, NAMES), f"`{name.strip()}` is no image reference", "name it `repository:tag`")
        kind = media_type if isinstance(media_type, str) else None
        yield reference.lookup, Resolution(digest, f"import {path}", kind)


def _named(path: str, answer: Resolution) -> Resolution:
    return Resolution(answer.digest, f"import {path}", answer.media_type, answer.platforms)


def _put(
    path: str, found: dict[Reference, Resolution], reference: Reference, resolution: Resolution, line: int | None = None
) -> None:
    if found.setdefault(reference, resolution).digest != resolution.digest:
        raise InputError(path, f"`{reference}` stands there with two digests", "keep the one that is right", line)
