"""Change the case of words, as the Go libraries xstrings and goutils do for Sprig."""

from __future__ import annotations

from itertools import pairwise

from codemod.patterns import on_use

_JOINTS = "-_ \t\n\r\f\v"
_MARKS = r"!\"#%&'()*,./:;?@\[\\\]{}"
_JOINT, _MARK = on_use(r"[-_\s]+"), on_use(rf"[{_MARKS}][{_MARKS}_-]*")
_WORD = on_use(
    rf"(?:[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+|[^-A-Za-z0-9_\s{_MARKS}]+)(?:[0-9]+(?![a-z0-9]))?"
    r"|[0-9]+[a-z0-9]*"  # a number is a part of the word before it only if no small letter follows
)
_JOINED, _CAPITALS = on_use(r"([-_\s]*)([^-_\s]*)"), on_use(r"[A-Z]+")
_TOKEN = on_use(f"{_JOINT.pattern}|{_MARK.pattern}|{_WORD.pattern}")


def camelcase(text: str) -> str:
    """`http_server` → `HttpServer`, `HTTPServer` → `Httpserver`; connectors that lead, trail or are doubled stay."""
    found = ""
    for joint, word in _JOINED.findall(text):
        capitals = _CAPITALS.match(word)
        size = capitals.end() if capitals else 1
        found += (joint[:-1] if found and word else joint) + word[:1].upper() + word[1:size].lower() + word[size:]
    return found if found.strip(_JOINTS) else text + text[-1:]


def snakecase(text: str) -> str:
    """`FirstName` → `first_name`, `http2xx` → `http_2xx`."""
    return _separated(text, "_")


def kebabcase(text: str) -> str:
    """`FirstName` → `first-name`, `http2xx` → `http-2xx`."""
    return _separated(text, "-")


def title(text: str) -> str:
    """The text with the first letter of each word in upper case (strings.Title)."""
    return "".join(here if _is_word(before) else _capital(here) for before, here in pairwise(" " + text))


def untitle(text: str) -> str:
    """The text with the first letter of each word in lower case."""
    return "".join(here.lower() if before.isspace() else here for before, here in pairwise(" " + text))


def swapcase(text: str) -> str:
    """Capitals become small letters and the other way round."""
    return text.swapcase()


def initials(text: str) -> str:
    """The first byte of each word."""
    return "".join(word[0] for word in as_bytes(text).split())


def as_bytes(text: str) -> str:
    """The text with a character for each of its bytes."""
    return text.encode().decode("latin-1")


def _capital(character: str) -> str:
    return character.upper() if len(character.upper()) == 1 else character


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
