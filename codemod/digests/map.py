"""Digest maps (`--digests FILE`): flat YAML or JSON, `reference: sha256:…`.

Keys are normalised as the CNCF distribution `reference` package does it, so that `busybox` and
`docker.io/library/busybox:latest` are one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field

from codemod.digests import Resolution
from codemod.reference import Reference, is_digest, try_parse

if TYPE_CHECKING:
    from codemod.formats.records import Record

EXAMPLE = "`ghcr.io/acme/web:dev: sha256:…`"


class DigestMap(Struct, frozen=True):
    """What the map files say, a `DigestSource`: by reference with its tag, without a digest (`Reference.lookup`)."""

    resolutions: Mapping[Reference, Resolution] = field(default_factory=dict)

    def resolve(self, references: Collection[Reference]) -> Mapping[Reference, Resolution]:
        """Digests for those of the references that a file gives."""
        wanted = (reference.lookup for reference in references)
        return {reference: self.resolutions[reference] for reference in wanted if reference in self.resolutions}


def read_maps(files: Sequence[tuple[str, bytes]]) -> DigestMap:
    """The map files, given as display path and bytes; later ones win over earlier ones.

    An entry without a value means "not known yet" and says nothing. Raises `InputError`.
    """
    from codemod.formats.records import read

    resolutions: dict[Reference, Resolution] = {}
    for path, data in files:
        source = f"map {path}"
        resolutions |= {name: Resolution(digest, source) for name, digest in _digests(read(path, data)).items()}
    return DigestMap(resolutions)


def read_key(record: Record, keys: tuple[str | int, ...]) -> Reference:
    """The reference, with its (implied) tag, that the last of `keys` names; raises `InputError`."""
    key = str(keys[-1])
    reference = try_parse(key)
    if reference is None:
        raise record.error(keys, f"`{key}` is no image reference", f"write entries as {EXAMPLE}")
    if reference.digest is not None:
        raise record.error(keys, f"the key `{key}` carries a digest", "write the tag alone, the digest is the value")
    return reference.lookup


def _digests(record: Record) -> dict[Reference, str]:
    """The known digests of one file."""
    if record.value is None:
        return {}
    if not isinstance(record.value, dict):
        raise record.error((), "not a digest map", f"write entries as {EXAMPLE}")
    found: dict[Reference, str] = {}
    spelt: dict[Reference, str] = {}
    for key, value in record.value.items():
        reference = read_key(record, (key,))
        if value is None or value == "":
            continue
        digest = _digest(record, key, value)
        if found.setdefault(reference, digest) != digest:
            first = spelt[reference]
            problem = f"`{key}` is `{first}` of line {record.line((first,))} with another digest"
            raise record.error((key,), problem, "keep the one that is right")
        spelt.setdefault(reference, key)
    return found


def _digest(record: Record, key: str, value: object) -> str:
    if isinstance(value, str) and is_digest(value):
        return value
    if isinstance(value, str) and is_digest(value.rpartition("@")[2]):
        mend = f"write `{value.rpartition('@')[2]}` alone"
    else:
        mend = "write `sha256:` and 64 lower-case hexadecimal digits, or nothing if it is not known yet"
    shown = "a nested value" if isinstance(value, dict | list) else f"`{value}`"
    raise record.error((key,), f"the digest of `{key}` is {shown}", mend)
