"""The lock (`unfloat.lock`): what every reference meant when it was last resolved, written by `unfloat lock`.

YAML of one fixed shape, sorted by reference, so that two locks differ only where two digests do.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from codemod.config import Platform
from codemod.digests import Resolution
from codemod.digests.map import read_key
from codemod.patterns import on_use
from codemod.reference import Reference, is_digest

if TYPE_CHECKING:
    from codemod.formats.records import Record

NAME = "unfloat.lock"
VERSION = 1
HEADER = "# Written by `unfloat lock`; `unfloat update` refreshes it. Commit it.\n"

_MEND = "write `sha256:` and 64 lower-case hexadecimal digits, or remove the entry and run `unfloat lock`"
_PLAIN = on_use(r"[A-Za-z/][A-Za-z0-9_./@+-]*(?:[: ]+[A-Za-z0-9_./@+-]+)*")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_Moment = Annotated[datetime.datetime, Meta(tz=True, examples=["2026-12-31T12:00:00Z"])]


class Earlier(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """What a reference meant before."""

    digest: Annotated[str, Meta(description="The digest of the index or manifest.", examples=["sha256:…"])]
    resolved: Annotated[_Moment | None, Meta(description="When it was resolved (RFC 3339).")] = None


class Locked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """What one reference meant; `resolved` is an aware time, kept to the second."""

    digest: Annotated[str, Meta(description="The digest of the index or manifest.", examples=["sha256:…"])]
    media_type: Annotated[str | None, Meta(description="The media type of what the digest names.")] = None
    platforms: Annotated[
        tuple[Platform, ...], Meta(description="The platforms that it offers, os/architecture[/variant].")
    ] = ()
    source: Annotated[str | None, Meta(description="Where the digest came from: `registry`, `map FILE`, …")] = None
    resolved: Annotated[_Moment | None, Meta(description="When it was resolved (RFC 3339).")] = None
    previous: Annotated[
        tuple[Earlier, ...], Meta(description="What it meant before, the latest first; `update` never goes back there.")
    ] = ()


class LockFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The lock as it is written."""

    version: Annotated[int, Meta(ge=VERSION, le=VERSION, description="The version of this format.")]
    images: Annotated[dict[str, Locked], Meta(description="By normalised reference, with its tag.")] = {}


class Lock(Struct, frozen=True):
    """The lock, a `DigestSource`: by reference with its tag, without a digest (`Reference.lookup`)."""

    images: Mapping[Reference, Locked] = field(default_factory=dict)

    def resolve(self, references: Collection[Reference]) -> Mapping[Reference, Resolution]:
        """Digests for those of the references that are locked."""
        wanted = (reference.lookup for reference in references)
        found = {reference: self.images[reference] for reference in wanted if reference in self.images}
        return {
            reference: Resolution(locked.digest, "lock", locked.media_type, locked.platforms)
            for reference, locked in found.items()
        }

    def dump(self) -> bytes:
        """The file's bytes: the same for the same content, whatever its order; `read` of them gives this lock."""
        entries = sorted((str(reference.lookup), locked) for reference, locked in self.images.items())
        body = "".join(line for name, locked in entries for line in _entry(name, locked))
        images = f"images:\n{body}" if entries else "images: {}\n"
        return f"{HEADER}version: {VERSION}\n{images}".encode()


def read(path: str, data: bytes) -> Lock:
    """The lock in a file's bytes; `path` is for people. Raises `InputError`."""
    from codemod.formats import records
    from codemod.validate import convert

    record = records.read(path, data)
    _check_version(record)
    file = convert(record, LockFile)
    images: dict[Reference, Locked] = {}
    for key, locked in file.images.items():
        keys = ("images", key)
        reference = read_key(record, keys)
        if not is_digest(locked.digest):
            raise record.error((*keys, "digest"), f"the digest of `{key}` is `{locked.digest}`", _MEND)
        _check_moment(record, keys, locked.resolved)
        for number, earlier in enumerate(locked.previous):
            place = (*keys, "previous", number)
            if not is_digest(earlier.digest):
                raise record.error((*place, "digest"), f"the digest `{earlier.digest}` is none", _MEND)
            _check_moment(record, place, earlier.resolved)
        if images.setdefault(reference, locked).digest != locked.digest:
            first = next(other for other in file.images if read_key(record, ("images", other)) == reference)
            problem = f"`{key}` is `{first}` of line {record.line(('images', first))} with another digest"
            raise record.error(keys, problem, "keep the one that is right")
    return Lock(images)


def schema() -> dict[str, Any]:
    """The JSON Schema of the lock, in plain JSON values."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "unfloat lock"}
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(head | msgspec.json.schema(LockFile)))
    return found


def _check_version(record: Record) -> None:
    """Goes first: another version may have another shape."""
    if not isinstance(record.value, dict) or "version" not in record.value:
        raise record.error((), "not a lock: it has no `version`", "delete the file and run `unfloat lock`")
    version = record.value["version"]
    if type(version) is not int or version != VERSION:
        mend = f"this unfloat reads version {VERSION}: use a newer unfloat, or delete the file and run `unfloat lock`"
        raise record.error(("version",), f"the lock is of version `{version}`", mend)


def _check_moment(record: Record, keys: tuple[str | int, ...], moment: datetime.datetime | None) -> None:
    """At the edges of the calendar a time may have no like in UTC."""
    try:
        if moment is not None:
            _moment(moment)
    except OverflowError as error:
        place = (*keys, "resolved")
        raise record.error(
            place, f"the time `{moment}` is out of range", "write it like `2026-12-31T12:00:00Z`"
        ) from error


def _entry(name: str, locked: Locked) -> Iterator[str]:
    """The lines of one image; what is not known is left out."""
    yield f"  {_spell(name)}:\n"
    yield f"    digest: {_spell(locked.digest)}\n"
    if locked.media_type is not None:
        yield f"    mediaType: {_spell(locked.media_type)}\n"
    if locked.platforms:
        yield "    platforms:\n"
        yield from (f"      - {_spell(platform)}\n" for platform in sorted(locked.platforms))
    if locked.source is not None:
        yield f"    source: {_spell(locked.source)}\n"
    if locked.resolved is not None:
        yield f"    resolved: {_moment(locked.resolved)}\n"
    if locked.previous:
        yield "    previous:\n"
    for earlier in locked.previous:
        yield f"      - digest: {_spell(earlier.digest)}\n"
        if earlier.resolved is not None:
            yield f"        resolved: {_moment(earlier.resolved)}\n"


def _moment(moment: datetime.datetime) -> str:
    return f"{moment.astimezone(datetime.UTC).replace(microsecond=0, tzinfo=None).isoformat()}Z"


def _spell(text: str) -> str:
    """The text as a YAML scalar that every YAML 1.1 or 1.2 reader takes for text."""
    is_plain = _PLAIN.fullmatch(text) and ": " not in text and text.lower() not in _WORDS
    return text if is_plain else f'"{"".join(map(_escape, text))}"'


def _escape(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    code = ord(character)
    if 0x20 <= code < 0x7F:
        return character
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
