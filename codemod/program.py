"""What the formats of programming languages say alike: an expression that yields a text, and what it is for."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum

from msgspec import Struct

from codemod.source import Quoting, Segment, Source, Span

Piece = tuple[bytes, int, int]
"""Decoded bytes, and the offset and length of their spelling in the text around."""


class Kind(Enum):
    """How an expression makes its text."""

    LITERAL = "literal"
    FORMAT = "format"
    SUM = "sum"


class Part(Struct, frozen=True):
    """A piece of an expression.

    `text` is what it is when the program runs, None where only the running program knows; `code` is how it is written;
    `body` is where its text stands, byte for byte, None where it comes from elsewhere.
    """

    text: str | None
    code: str = ""
    body: Span | None = None


class Expression(Struct, frozen=True):
    """One literal, or what the program puts together with it.

    `span` is where a report points at, `text` what is written there. `names` are what the code around calls it, nearest
    first: the variable, field, key, flag, function or parameter that takes it; `beside` is code that goes into
    the same text or is handed over together with it.
    """

    kind: Kind
    span: Span
    text: str
    parts: tuple[Part, ...]
    names: tuple[str, ...] = ()
    beside: str = ""

    @property
    def value(self) -> str | None:
        """The whole text, None where a part of it is unknown."""
        return whole(self.parts)

    @property
    def filled(self) -> str:
        """The text with the letter `x` in place of what is unknown."""
        return "".join("x" if part.text is None else part.text for part in self.parts)


class Binding(Struct, frozen=True):
    """A value that the program gives to a name: in an object, a struct or a call, by an assignment, as a default.

    `span` is the text between the quotes, or the last word of a constant; `beside` is what the same object, struct or
    call gives to other names, None where that is no text of this file. It is empty where something else than the value
    may be given, or where nothing is beside it. `within` is what the code around calls that object, nearest first.
    """

    name: str
    span: Span
    text: str
    beside: Mapping[str, Expression | None]
    within: tuple[str, ...] = ()


def whole(parts: Iterable[Part]) -> str | None:
    """The text of all parts together, None where one is unknown."""
    texts = [part.text for part in parts]
    return None if None in texts else "".join(text or "" for text in texts)


class Constants(ABC):
    """Names to which a program gives one text, evaluated when they are asked for."""

    def __init__(self) -> None:
        self._known: dict[str, str | None] = {}

    def lookup(self, name: str) -> str | None:
        """The value of a constant, None where it is none or not known."""
        if name not in self._known:
            self._known[name] = None  # what is asked for while it is evaluated refers to itself
            self._known[name] = self._evaluated(name)
        return self._known[name]

    @abstractmethod
    def _evaluated(self, name: str) -> str | None:
        """The text that the program gives to a name, other constants looked up."""


def pieces_of(said: str, text: str, at: int, body: Span) -> Iterator[Part]:
    """The part that a piece of a literal's text is, if it is not empty; `at` is where it begins in `text`."""
    if said:
        start = body.start + len(text[:at].encode())
        is_verbatim = text[at : at + len(said)] == said
        yield Part(said, said, Span(start, start + len(said.encode())) if is_verbatim else None)


def filled(
    data: bytes, start: int, end: int, holes: re.Pattern[bytes], shown: Callable[[re.Match[bytes]], bytes]
) -> Iterator[Piece]:
    """The text from `start` to `end` with something else `shown` in place of each hole."""
    for hole in holes.finditer(data, start, end):
        yield data[start : hole.start()], start, hole.start() - start
        yield shown(hole), hole.start(), len(hole[0])
        start = hole.end()
    yield data[start:end], start, end - start


def joined(
    source: Source, pieces: Iterable[Piece], language: str, surface: str | None, quoting: Quoting | None
) -> Source | None:
    """A nested source of the pieces; the empty ones hold no place."""
    segments: list[Segment] = []
    data = bytearray()
    for value, start, outer_length in pieces:
        if value:
            segments.append(Segment(len(data), len(value), start, outer_length))
            data += value
    if not data:
        return None
    return Source(source.path, bytes(data), language, surface=surface, outer=source, segments=segments, quoting=quoting)
