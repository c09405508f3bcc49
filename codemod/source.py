"""A text that transforms look at: a whole file, or a text inside one (a block scalar, a string literal).

A nested text holds its decoded bytes and knows, byte by byte, where they stand in the text around it, so that a span or
an edit can be mapped back to the file through any depth of quoting. Offsets are byte offsets everywhere; lines and
columns (1-based, columns in Unicode code points, a byte order mark not counted) exist only for people.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from msgspec import Struct, field

from codemod.edits import Edit
from codemod.place import place_of

BOM = b"\xef\xbb\xbf"
Thing = TypeVar("Thing")


class Span(NamedTuple):
    """The bytes `[start, end)` of one source."""

    start: int
    end: int


class Segment(Struct, frozen=True):
    """`length` decoded bytes at `start` are written as `outer_length` bytes at `outer_start` of the text around.

    Equal lengths mean byte-for-byte copies; different lengths mean an escape, which only maps as a whole.
    """

    start: int
    length: int
    outer_start: int
    outer_length: int


class Quoting(Protocol):
    """How new text must be spelled inside a quoted or indented text."""

    def encode(self, text: bytes) -> bytes | None:
        """The spelling of decoded `text` in the text around, None where the quoting cannot express it."""


class Position(Struct, frozen=True):
    """1-based line and column (code points)."""

    line: int
    column: int


class Alike(Struct, eq=False, weakref=True):
    """What sources of equal bytes may share: `memo` keeps what is read off the bytes alone.

    `data` are the bytes, for who makes more such sources.
    """

    data: bytes = b""
    memo: dict[Any, Any] = {}


class Source(Struct, eq=False):
    """Bytes with a path, a language and, for a nested text, the way back to the text around it.

    `path` is POSIX and relative to the root of the run; `language` is a name that a format module declares
    (`yaml`, `go`, …); `way` is where a nested text stands among the nodes around it (a YAML
    document's number and the keys in it), None where they have no keys; `surface` overrides the kind of text that
    sites are said to be in; `memo` lets format modules keep what they parsed, and
    `alike` what holds for any source of the same bytes.
    """

    path: str
    data: bytes
    language: str
    surface: str | None = None
    outer: Source | None = None
    segments: Sequence[Segment] = ()
    quoting: Quoting | None = None
    way: tuple[int, tuple[str | int, ...]] | None = None
    alike: Alike = field(default_factory=Alike)
    memo: dict[Any, Any] = {}
    _starts: list[int] | None = None
    _counted: tuple[int, int] = (0, 1)
    _place: tuple[str, ...] | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """Everything but what was derived, for another process."""
        given = (self.path, self.data, self.language, self.surface, self.outer, self.segments, self.quoting, self.way)
        return Source, given

    def __repr__(self) -> str:
        return f"Source({self.path!r}, {self.language}, {len(self.data)} bytes)"

    @property
    def place(self) -> tuple[str, ...]:
        """What the path says about the kind of file (`codemod.place`)."""
        if self._place is None:
            self._place = place_of(self.path)
        return self._place

    def mentions(self, words: tuple[bytes, ...]) -> bool:
        """Whether any of the byte strings occurs; asked by many, searched once."""
        memo = self.alike.memo
        found: bool | None = memo.get(words)
        if found is None:
            found = False
            for word in words:
                occurs = memo.get(word)
                if occurs is None:
                    occurs = memo[word] = word in self.data
                if occurs:
                    found = True
                    break
            memo[words] = found
        return found

    def mentioned(self, things: Iterable[tuple[Thing, tuple[bytes, ...]]]) -> list[Thing]:
        """Of things with their words, those of which a word occurs, or that have none; many are asked for at once."""
        memo, data, found = self.alike.memo, self.data, []
        for thing, words in things:
            if not words:
                found.append(thing)
            for word in words:
                occurs = memo.get(word)
                if occurs is None:
                    occurs = memo[word] = word in data
                if occurs:
                    found.append(thing)
                    break
        return found

    def text(self, span: Span) -> str:
        """The decoded text of a span."""
        return self.data[span.start : span.end].decode("utf-8", "replace")

    def outward(self, span: Span) -> Span:
        """Where a span of this nested text stands in the text around it."""
        if span.start == span.end:
            offset = self._end(span.start) if span.start else self._start(0)
            return Span(offset, offset)
        return Span(self._start(span.start), self._end(span.end))

    def in_file(self, span: Span) -> Span:
        """Where a span stands in the file."""
        source = self
        while source.outer is not None:
            span = source.outward(span)
            source = source.outer
        return span

    def edit_outward(self, edit: Edit) -> Edit | None:
        """An edit of this nested text in terms of the text around it, None where the quoting cannot spell it."""
        text = edit.text if self.quoting is None else self.quoting.encode(edit.text)
        return None if text is None else Edit(*self.outward(Span(edit.start, edit.end)), text)

    def edit_in_file(self, edit: Edit) -> Edit | None:
        """The same edit in terms of the file, None where some quoting cannot spell its text."""
        source, moved = self, edit
        while source.outer is not None:
            outward = source.edit_outward(moved)
            if outward is None:
                return None
            source, moved = source.outer, outward
        return moved

    @property
    def file(self) -> Source:
        """The file that holds this text."""
        source = self
        while source.outer is not None:
            source = source.outer
        return source

    def position(self, offset: int) -> Position:
        """Line and column, in the file, of a byte offset of this source."""
        at = self.in_file(Span(offset, offset + 1)).start if self.outer is not None else offset
        return self.file._position(at)

    def _position(self, offset: int) -> Position:
        seen, line = self._counted if self._counted[0] <= offset else (0, 1)
        line += self.data.count(b"\n", seen, offset)
        self._counted = (offset, line)
        begin = self.data.rfind(b"\n", 0, offset) + 1
        if begin == 0 and self.data.startswith(BOM):
            begin = min(len(BOM), offset)
        return Position(line, len(self.data[begin:offset].decode("utf-8", "replace")) + 1)

    def _segment(self, offset: int) -> Segment:
        if self._starts is None:
            self._starts = [segment.start for segment in self.segments]
        return self.segments[max(bisect_right(self._starts, offset) - 1, 0)]

    def _start(self, offset: int) -> int:
        if not self.segments:
            raise ValueError("an empty nested text has no place in the text around it")
        segment = self._segment(offset)
        within = offset - segment.start
        if segment.length == segment.outer_length:
            return segment.outer_start + min(within, segment.outer_length)
        return segment.outer_start if within < segment.length else segment.outer_start + segment.outer_length

    def _end(self, offset: int) -> int:
        segment = self._segment(offset - 1)
        within = offset - segment.start
        if segment.length == segment.outer_length:
            return segment.outer_start + within
        return segment.outer_start + segment.outer_length
