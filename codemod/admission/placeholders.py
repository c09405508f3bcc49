"""Names that stand for a name which somebody was to fill in.

An image reference is a placeholder where its registry or a part of its path is one: in angle brackets (`<registry>`),
a domain that RFC 2606 reserves for examples (`example.com`, `.example`, `.invalid`), words that ask to be replaced
(`your-org`, `REPLACE_ME`), capitals, which no repository may have (`OWNER`), or an account number that AWS prints in
its manuals. Tags are not looked at: policies name floating ones on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemod.patterns import on_use

_NOUN = (
    r"(?:github|gitlab|git|container|docker|private|internal|gcp|aws|azure|acr|ecr|gcr|ghcr|harbor|org|organi[sz]ation|"
    r"company|corp|registry|repo|repository|project|team|tenant|user|username|account|domain|host|hostname|server|name|"
    r"namespace|ns|image|app|application|service|id|here|prefix|path|url)s?"
)
_YOUR = on_use(rf"your[-_]?{_NOUN}(?:[-_]?{_NOUN})*", re.IGNORECASE)
_MY = on_use(r"my[-_]?(?:org|organi[sz]ation|company|corp|registry|private[-_]?registry|domain)", re.IGNORECASE)
_ASKS = on_use(
    r"(?:replace|change|fill|insert|edit|update)[-_]?(?:me|this|it|here|in)|(?:replace|insert|put)[-_](?:with[-_])?.+[-_]here"
    r"|replace[-_](?:with|by)[-_].+|place[-_]?holder|to[-_]?be[-_](?:replaced|defined|filled)|tbd|x{3,}|\.{3}",
    re.IGNORECASE,
)
_SOFT = on_use(r"place[-_]?holder|x{3,}|tbd", re.IGNORECASE)
"""Words that may be the name of an image itself, and so count only before it."""
_CAPITALS = on_use(r"[A-Z][A-Z0-9_-]{2,}")
_BRACKETS = on_use(r"<[A-Za-z][\w. /-]*>")
_RESERVED = on_use(r"(?:.*\.)?(?:example(?:\.(?:com|net|org))?|invalid)", re.IGNORECASE)
_ACCOUNT = on_use(r"(?:123456789012|111122223333|012345678910)\.dkr\.ecr\..+")
_LOCAL = (".local", ".localhost", ".lan", ".internal", ".test")
"""Registries of a laptop or a house, which are called anything."""
_TAG = on_use(r"(?::[^/:@]*)?(?:@.*)?\Z")
_IMAGE = on_use(r"(?:[\w.*?@:/-]|<[\w. /-]*>)+", re.ASCII)
_SIGNS = on_use(r"\s*[|&]\s*")
_NAMESPACES = on_use(r"(?:my|your|some|example)[-_]?(?:namespace|ns)s?(?:[-_]?(?:name|here|\d))*", re.IGNORECASE)


def references(pattern: str) -> Iterator[str]:
    """The references of a pattern of images: alternatives apart (`a | b`), without `!`."""
    for part in _SIGNS.split(pattern):
        text = part.strip().lstrip("!").strip()
        if text and "{{" not in text and _IMAGE.fullmatch(text):
            yield text


def placeholder(reference: str) -> str | None:
    """The part of an image reference, or of a pattern of them, that is a placeholder; None where none is."""
    found = _BRACKETS.search(reference)
    if found is not None:
        return found[0]
    name = _TAG.sub("", reference)
    first, *rest = name.split("/")
    is_reserved = "." in first and _RESERVED.fullmatch(first.partition(":")[0].lstrip("*."))
    has_host = bool(is_reserved or (rest and ("." in first or ":" in first)))
    host = first.partition(":")[0] if has_host else ""
    if is_reserved or _ACCOUNT.fullmatch(host):
        return host
    is_local = has_host and (":" in first or host.endswith(_LOCAL))
    labels = [*([] if is_local else host.split(".") if has_host else [first]), *rest]
    for number, label in enumerate(labels):
        word = label.strip("*?")
        is_last = number == len(labels) - 1
        if _is_word(word, is_last) or (_CAPITALS.fullmatch(word) and bool(rest)):
            return word
    return None


def placeholder_namespace(namespace: str) -> bool:
    """Whether the name of a namespace is a placeholder."""
    text = namespace.strip("*")
    return bool(
        _BRACKETS.search(text)
        or _YOUR.fullmatch(text)
        or _MY.fullmatch(text)
        or _ASKS.fullmatch(text)
        or _NAMESPACES.fullmatch(text)
        or _CAPITALS.fullmatch(text)
    )


def _is_word(word: str, is_last: bool) -> bool:
    if is_last and _SOFT.fullmatch(word):
        return False
    return any(each.fullmatch(word) is not None for each in (_YOUR, _MY, _ASKS))
