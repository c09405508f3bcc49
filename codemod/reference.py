"""Image references: parse, normalise, print.

Grammar and normalisation follow the CNCF distribution `reference` package (`github.com/distribution/reference`):
`ParseAnyReference` without its bare-identifier form, `ParseNormalizedNamed`, `TagNameOnly`, and `digest.Validate` of
`github.com/opencontainers/go-digest` for the algorithms of the OCI image specification.
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct

from codemod.patterns import on_use

DEFAULT_DOMAIN = "docker.io"
LEGACY_DEFAULT_DOMAIN = "index.docker.io"
OFFICIAL_REPOSITORY_PREFIX = "library/"
DEFAULT_TAG = "latest"
NAME_LENGTH_MAX = 255
DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}

_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
PATH_PATTERN = rf"{_COMPONENT}(?:/{_COMPONENT})*"
_DOMAIN_COMPONENT = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
DOMAIN_PATTERN = rf"(?:{_DOMAIN_COMPONENT}(?:\.{_DOMAIN_COMPONENT})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
TAG_PATTERN = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
DIGEST_PATTERN = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"

_REFERENCE = on_use(
    rf"((?:({DOMAIN_PATTERN})/)?({PATH_PATTERN}))(?::({TAG_PATTERN}))?(?:@({DIGEST_PATTERN}))?", re.ASCII
)
_IDENTIFIER = on_use(r"[a-f0-9]{64}")
_TAG = on_use(TAG_PATTERN, re.ASCII)
_DIGEST = on_use(r"(sha256|sha384|sha512):([a-f0-9]+)")


class ReferenceError(ValueError):  # noqa: A001 - the field's own word; the built-in one is about weak references
    """The text is no image reference; the message says why."""


class Reference(Struct, frozen=True):
    """A normalised image reference: `domain/path[:tag][@digest]`, Docker Hub names spelled out, `tag` never implied."""

    domain: str
    path: str
    tag: str | None = None
    digest: str | None = None

    @property
    def name(self) -> str:
        """`domain/path`, the full repository name."""
        return f"{self.domain}/{self.path}"

    @property
    def effective_tag(self) -> str | None:
        """The tag that a client would ask for: `latest` where there is neither tag nor digest."""
        return DEFAULT_TAG if self.tag is None and self.digest is None else self.tag

    @property
    def lookup(self) -> Reference:
        """The reference that a digest source is asked for: with its (implied) tag, without a digest."""
        return Reference(self.domain, self.path, self.tag or DEFAULT_TAG)

    def __str__(self) -> str:
        tag = f":{self.effective_tag}" if self.effective_tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.name}{tag}{digest}"


class Spelling(Struct, frozen=True):
    """A reference as it is written: `name` keeps the author's form (`busybox`, not `docker.io/library/busybox`)."""

    name: str
    tag: str | None
    digest: str | None


def is_digest(text: str) -> bool:
    """Whether the text is a well-formed digest of a registered algorithm (`sha256:` and 64 lower-case hex digits)."""
    match = _DIGEST.fullmatch(text)
    return match is not None and len(match[2]) == DIGEST_LENGTHS[match[1]]


def is_tag(text: str) -> bool:
    """Whether the text can be a tag."""
    return _TAG.fullmatch(text) is not None


@lru_cache(maxsize=65536)
def parse(text: str) -> Reference:
    """Parse and normalise a reference.

    Raises `ReferenceError` for text that is none: bad grammar, upper case in the repository, a bare 64-digit
    identifier, a name over 255 characters, a digest of the wrong length or of an unknown algorithm.
    """
    spelling = split(text)
    if is_digest(text):
        raise ReferenceError(f"{text!r} is a bare digest, not a repository name")
    if _IDENTIFIER.fullmatch(text):
        raise ReferenceError(f"{text!r} is a bare image identifier, not a repository name")
    domain, path = _split_domain(spelling.name)
    if path != path.lower() or not re.fullmatch(PATH_PATTERN, path, re.ASCII):
        raise ReferenceError(f"{text!r}: the repository path must be lower case")
    if len(path) > NAME_LENGTH_MAX:
        raise ReferenceError(f"{text!r}: the repository name is longer than {NAME_LENGTH_MAX} characters")
    return Reference(domain, path, spelling.tag, spelling.digest)


def try_parse(text: str) -> Reference | None:
    """The parsed reference, or None where the text is none."""
    try:
        return parse(text)
    except ReferenceError:
        return None


def split(text: str) -> Spelling:
    """Split a reference as it is written into name, tag and digest; raises `ReferenceError` like `parse`."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        lower = _REFERENCE.fullmatch(text.lower())
        why = "the repository path must be lower case" if lower else "invalid reference format"
        raise ReferenceError(f"{text!r}: {why}" if text else "an empty text is no image reference")
    if len(match[1]) > NAME_LENGTH_MAX + len(match[2] or "") + 1:
        raise ReferenceError(f"{text!r}: the repository name is longer than {NAME_LENGTH_MAX} characters")
    if match[5] is not None and not is_digest(match[5]):
        raise ReferenceError(f"{text!r}: the digest is malformed or of an unsupported algorithm")
    return Spelling(match[1], match[4], match[5])


def _split_domain(name: str) -> tuple[str, str]:
    """`splitDockerDomain` of the reference package: what is before the first slash is a host only if it looks so."""
    head, slash, rest = name.partition("/")
    if not slash or not (head == "localhost" or "." in head or ":" in head or head != head.lower()):
        domain, path = DEFAULT_DOMAIN, name
    else:
        domain, path = (DEFAULT_DOMAIN if head == LEGACY_DEFAULT_DOMAIN else head), rest
    if domain == DEFAULT_DOMAIN and "/" not in path:
        path = OFFICIAL_REPOSITORY_PREFIX + path
    return domain, path
