"""Which string literals of a program are image references: questions about a text and the code around it.

Programs are full of texts that fit the grammar of references (`pkg/file.go:12`, `env:dev`, `localhost:8080/foo`), so
each answer weighs what the text shows (a registry host, a floating tag, a digest) against what the code says it is for.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from codemod.patterns import on_use
from codemod.reference import Reference, Spelling, is_digest, split, try_parse
from transforms._spelled import option_of, without_placeholders

Floats = Callable[[str | None], bool]

_HOST = on_use(r"(?:localhost|[^/]*[.:][^/]*)/")
_NO_REGISTRY = on_use(
    r"(?:(?:www\.|raw\.)?(?:github|gitlab|bitbucket|githubusercontent)\.(?:com|org)|golang\.org|gopkg\.in"
    r"|(?!registry\.)(?:[\w-]+\.)*(?:k8s|kubernetes)\.io|refs)/"
)
_SOURCE_FILE = on_use(
    r"\.(?:go|py|js|ts|tsx|jsx|java|kt|rs|c|cc|cpp|h|hpp|rb|sh|proto|ya?ml|json|toml|md|txt|html?|css|tpl|tmpl|sql|log)$"
)
_PICTURE = on_use(r"\.(?:png|jpe?g|gif|svg|webp|ico|bmp)$")
_ADDRESS = on_use(r"(?:.*/)?[\d.]+(?:/\d+)?")
_TAG_WORD = r"(?<!s)tag(?!e)"
_SAYS_IMAGE = on_use(r"image|img|container", re.IGNORECASE)
_SAYS_PART = on_use(rf"image|img|{_TAG_WORD}", re.IGNORECASE)
_SAYS_VERSION = on_use(rf"{_TAG_WORD}|version", re.IGNORECASE)
_SAYS_REGISTRY = on_use(rf"image|img|container|{_TAG_WORD}|registry|repo(?!rt)|(?<!git)hub", re.IGNORECASE)


def whole(text: str, context: str, floats: Floats) -> Reference | None:
    """The reference that a literal is as a whole, None where it is none or nothing tells it from another text."""
    spelling = _explicit(text)
    if spelling is None or not _counts(spelling, context, floats):
        return None
    return try_parse(text)


def is_computed(text: str, filled: str, context: str, arguments: str, floats: Floats) -> bool:
    """Whether a format string yields references.

    `filled` is the text with a word in place of each verb, `arguments` the code that follows on its line.
    """
    spelling = _explicit(filled) if filled != text else None
    if spelling is None or spelling.digest is not None or _NO_REGISTRY.match(text):
        return False
    is_marked = bool(_SAYS_IMAGE.search(context) or _SAYS_PART.search(context) or _SAYS_PART.search(arguments))
    if floats(spelling.tag):
        return "/" in filled or is_marked
    if "/" not in filled:
        return _says_image_and_tag(context + arguments)
    return not _looks_like_place(spelling) and (is_marked or (has_host(text) and not text.endswith(":%d")))


def is_piece(text: str, around: str, floats: Floats, *, follows: bool, precedes: bool) -> bool:
    """Whether an operand of a concatenation is part of a reference.

    `follows` and `precedes` say on which sides of the literal it goes on; `around` is the line without the literal.
    """
    if follows and precedes and text == ":":
        return _says_image_and_tag(around)
    if follows and _is_tail(text, floats):
        return _SAYS_REGISTRY.search(around) is not None
    if precedes and text.endswith(":") and "/" in text:
        is_marked = has_host(text) or _SAYS_REGISTRY.search(around) is not None
        return is_marked and _is_name(("x" if text[0] == "/" else "") + text[:-1])
    if precedes and text.endswith("/"):
        return _SAYS_IMAGE.search(around) is not None and has_host(text) and _is_name(text[:-1])
    return (follows or precedes) and whole(text, around, floats) is not None


def may_be(text: str, near: str, floats: Floats) -> bool:
    """Whether the code around may make a reference of a literal: a cheap first question; `near` is code close by."""
    filled = without_placeholders(text[option_of(text) :])
    spelling = _explicit(filled)
    return spelling is not None and (filled != text or _counts(spelling, near, floats))


def may_be_piece(text: str, floats: Floats, *, follows: bool, precedes: bool) -> bool:
    """The same for an operand of a `+`."""
    return "@sha" in text or is_piece(text, "image tag", floats, follows=follows, precedes=precedes)


def has_host(text: str) -> bool:
    """Whether a registry host stands before the first slash: a dot, a port, or `localhost`."""
    return _HOST.match(text) is not None


def _explicit(text: str) -> Spelling | None:
    """The parts of a reference that names a tag or a digest."""
    if not text.isascii() or is_digest(text):
        return None
    try:
        spelling = split(text)
    except ValueError:
        return None
    return spelling if spelling.tag is not None or spelling.digest is not None else None


def _counts(spelling: Spelling, context: str, floats: Floats) -> bool:
    if spelling.digest is not None:
        return True
    if _looks_like_place(spelling) or _NO_REGISTRY.match(spelling.name):
        return False
    if "/" in spelling.name and (has_host(spelling.name) or floats(spelling.tag)):
        return True
    if "/" not in spelling.name and _looks_like_address(spelling):
        return False
    return _SAYS_IMAGE.search(context) is not None


def _says_image_and_tag(code: str) -> bool:
    return _SAYS_IMAGE.search(code) is not None and _SAYS_VERSION.search(code) is not None


def _looks_like_place(spelling: Spelling) -> bool:
    """`pkg/file.go:12`, a line of a source file, `10.0.0.0/8:443`, a port of a network, or `assets:logo.png`."""
    if _PICTURE.search(spelling.tag or ""):
        return True
    if not (spelling.tag or "").isdigit():
        return False
    return _SOURCE_FILE.search(spelling.name) is not None or _ADDRESS.fullmatch(spelling.name) is not None


def _looks_like_address(spelling: Spelling) -> bool:
    """`web:8080`, `example.com:80`, `12:30`: a host and its port, or a time, rather than a repository and its tag."""
    tag = spelling.tag or ""
    name = spelling.name
    return tag.isdigit() and (len(tag) > 2 or "." in name or name.isdigit() or name == "localhost")


def _is_tail(text: str, floats: Floats) -> bool:
    """`:dev` or `/web:dev`: what follows a repository or a registry."""
    head, colon, tag = text.rpartition(":")
    return bool(colon) and (not head or head.startswith("/")) and floats(tag) and _is_name("x" + head)


def _is_name(text: str) -> bool:
    """Whether the text is a repository name that a registry may have."""
    try:
        return split(text).name == text and not _NO_REGISTRY.match(text)
    except ValueError:
        return False
