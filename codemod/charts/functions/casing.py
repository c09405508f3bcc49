"""Change the case of words, as the Go libraries xstrings and goutils do for Sprig."""

from __future__ import annotations

import re
from itertools import pairwise

_JOINTS = "-_ \t\n\r\f\v"
_MARKS = r"!\"#%&'()*,./:;?@\[\\\]{}"
_JOINT, _MARK = re.compile(r"[-_\s]+"), re.compile(rf"[{_MARKS}]+")
_WORD = re.compile(
    rf"(?:[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+|[^-A-Za-z0-9_\s{_MARKS}]+)(?:[0-9]+(?![a-z0-9]))?"
    r"|[0-9]+[a-z0-9]*"  # a number is a part of the word before it only if no small letter follows
)
_TOKEN = re.compile(f"{_JOINT.pattern}|{_MARK.pattern}|{_WORD.pattern}")


def camelcase(text: str) -> str:
    """`http_server` → `HttpServer`; connectors that lead, trail or are doubled stay."""
    body = text.lstrip(_JOINTS)
    if not body:
        return text
    found = [text[: len(text) - len(body)], body[0].upper()]
    for before, here in pairwise(body):
        if before in _JOINTS and here in _JOINTS:
            found.append(before)
        elif here not in _JOINTS:
            found.append(here.upper() if before in _JOINTS else here)
    return "".join(found) + (body[-1] if body[-1] in _JOINTS else "")


def snakecase(text: str) -> str:
    """`FirstName` → `first_name`, `http2xx` → `http_2xx`."""
    return _separated(text, "_")


def kebabcase(text: str) -> str:
    """`FirstName` → `first-name`, `http2xx` → `http-2xx`."""
    return _separated(text, "-")


def title(text: str) -> str:
    """The text with the first letter of each word in upper case (strings.Title)."""
    return "".join(here if _is_word(before) else here.upper() for before, here in pairwise(" " + text))


def untitle(text: str) -> str:
    """The text with the first letter of each word in lower case."""
    return "".join(here.lower() if before.isspace() else here for before, here in pairwise(" " + text))


def swapcase(text: str) -> str:
    """Capitals become small letters and the other way round."""
    return text.swapcase()


def initials(text: str) -> str:
    """The first letter of each word."""
    return "".join(word[0] for word in text.split())


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_" or not (character.isascii() or character.isspace())


def _separated(text: str, joint: str) -> str:
    found, was_word = "", False
    for match in _TOKEN.finditer(text):
        token = match.group()
        if _JOINT.fullmatch(token):
            token, is_word = joint * len(token), False
        else:
            is_word = not _MARK.fullmatch(token)
        found += (joint if was_word and is_word else "") + token.lower()
        was_word = is_word
    return found
