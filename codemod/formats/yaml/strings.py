"""The text inside a scalar as a source of its own: decoded bytes, and for each the place where it is written.

Decoding follows YAML 1.2 chapters 7.3 and 8.1 as libyaml carries them out. The result is compared with what the parser
said; a scalar on which the two disagree is not opened at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from codemod.formats.yaml.nodes import Scalar, keys_of
from codemod.formats.yaml.reader import Document
from codemod.patterns import on_use
from codemod.source import Segment, Source

Piece = tuple[bytes, int, int]
"""Decoded bytes, and the span `[start, end)` of the document's text that spells them."""

_SIMPLE_ESCAPES = {
    b"0": b"\0", b"a": b"\a", b"b": b"\b", b"t": b"\t", b"\t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f",
    b"r": b"\r", b"e": b"\x1b", b" ": b" ", b'"': b'"', b"/": b"/", b"\\": b"\\", b"N": b"\xc2\x85",
    b"_": b"\xc2\xa0", b"L": b"\xe2\x80\xa8", b"P": b"\xe2\x80\xa9",
}  # fmt: skip
_DOUBLE = on_use(
    rb"(?P<fold>[ \t]*(?:\r\n|\r|\n)(?:[ \t]*(?:\r\n|\r|\n))*[ \t]*)"
    rb"|(?P<joined>\\(?:\r\n|\r|\n)(?:[ \t]*(?:\r\n|\r|\n))*[ \t]*)"
    rb"|\\(?:x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})|(?P<simple>.))"
    rb"|(?P<text>[^\\\r\n]*[^\\\r\n \t]|[ \t]+)",
    re.DOTALL,
)
_SINGLE = on_use(
    rb"(?P<fold>[ \t]*(?:\r\n|\r|\n)(?:[ \t]*(?:\r\n|\r|\n))*[ \t]*)"
    rb"|(?P<quote>'')|(?P<text>[^'\r\n]*[^'\r\n \t]|[ \t]+)"
)
_BREAK = on_use(rb"\r\n|\r|\n")
_HEADER = on_use(
    rb"[|>](?:(?P<indent>[1-9])?(?P<chomp>[-+])?|(?P<chomp2>[-+])(?P<indent2>[1-9]))(?:[ \t]+(?:#[^\r\n]*)?)?(?=[\r\n])"
)


class Escaped(Struct, frozen=True):
    """Inside double quotes: everything can be said, as an escape where it must be."""

    def encode(self, text: bytes) -> bytes | None:
        text = text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        return text.replace(b"\r", b"\\r").replace(b"\n", b"\\n").replace(b"\t", b"\\t")


class Quoted(Struct, frozen=True):
    """Inside single quotes: no line breaks; quotes are doubled."""

    def encode(self, text: bytes) -> bytes | None:
        return None if b"\n" in text or b"\r" in text else text.replace(b"'", b"''")


class Plain(Struct, frozen=True):
    """In plain text: one line, nothing that would mean something else there. What begins a scalar is not known here."""

    def encode(self, text: bytes) -> bytes | None:
        return None if re.search(rb"[\r\n\t,\[\]{}]|: |:$| #|^#|^ | $", text) else text


class Folded(Struct, frozen=True):
    """In a folded block: one line that neither begins nor ends with a blank, so that no fold around it changes."""

    def encode(self, text: bytes) -> bytes | None:
        return None if re.search(rb"[\r\n]|^[ \t]|[ \t]$", text) else text


class Indented(Struct, frozen=True):
    """In a literal block: line breaks are followed by the block's indentation."""

    indent: int
    line_break: bytes

    def encode(self, text: bytes) -> bytes | None:
        return text.replace(b"\n", self.line_break + b" " * self.indent)


def nested(document: Document, scalar: Scalar, language: str = "yaml", surface: str | None = None) -> Source | None:
    """The text of a scalar as a source; None where it cannot be mapped byte for byte to what is written."""
    raw = document.text[scalar.start - document.span.start : scalar.end - document.span.start]
    reading = next((r for r in _readings(raw, scalar) if _decoded(r[1]) == scalar.value), None)
    if reading is None:
        return None
    quoting, pieces = reading
    source = document.source
    segments, data = _segments(source.data, raw, scalar.start, pieces)
    surface = source.surface if source.surface == "go" else surface
    way = (document.number, keys_of(scalar))
    child = Source(
        source.path, data, language, surface=surface, outer=source, segments=segments, quoting=quoting, way=way
    )
    child.memo["printf"] = source.memo.get("printf")
    return child


def _decoded(pieces: list[Piece]) -> str:
    return b"".join(piece[0] for piece in pieces).decode("utf-8", "replace")


def _segments(data: bytes, raw: bytes, base: int, pieces: list[Piece]) -> tuple[list[Segment], bytes]:
    """Join neighbouring verbatim pieces; take their bytes from the file itself (template actions unmasked)."""
    segments: list[Segment] = []
    out: list[bytes] = []
    position = run = 0
    until = -1  # where the verbatim run, of `run` bytes so far, would go on
    for text, start, end in pieces:
        size = len(text)
        if not size:
            continue
        if text != raw[start:end]:
            if run:
                segments.append(Segment(position - run, run, until - run, run))
            segments.append(Segment(position, size, base + start, end - start))
            run, until = 0, -1
            out.append(text)
        else:
            if run and until != base + start:
                segments.append(Segment(position - run, run, until - run, run))
                run = 0
            run, until = run + size, base + end
            out.append(data[base + start : base + end])
        position += size
    if run:
        segments.append(Segment(position - run, run, until - run, run))
    return segments, b"".join(out)


def _readings(raw: bytes, scalar: Scalar) -> Iterator[tuple[Escaped | Quoted | Plain | Folded | Indented, list[Piece]]]:
    """Every way in which the token might be decoded; more than one only for blocks with an explicit indentation."""
    if scalar.style == '"':
        yield Escaped(), list(_double(raw))
    elif scalar.style == "'":
        yield Quoted(), list(_flow(_SINGLE, raw, 1, len(raw) - 1))
    elif scalar.style == "":
        yield Plain(), list(_flow(_SINGLE, raw.replace(b"'", b"\x00"), 0, len(raw), raw))
    else:
        yield from _block(raw, scalar.style)


def _fold(raw: bytes, start: int, end: int) -> Piece:
    """A folded run of line breaks: one space, or the empty lines alone."""
    breaks = len(_BREAK.findall(raw[start:end]))
    return (b" " if breaks == 1 else b"\n" * (breaks - 1), start, end)


def _flow(
    pattern: re.Pattern[bytes], raw: bytes, begin: int, stop: int, spelled: bytes | None = None
) -> Iterator[Piece]:
    for match in pattern.finditer(raw, begin, stop):
        start, end = match.span()
        if match.lastgroup == "fold":
            yield _fold(raw, start, end)
        elif match.lastgroup == "quote":
            yield b"'", start, end
        else:
            yield (spelled or raw)[start:end], start, end


def _double(raw: bytes) -> Iterator[Piece]:
    for match in _DOUBLE.finditer(raw, 1, len(raw) - 1):
        start, end = match.span()
        group = match.lastgroup
        if group == "fold":
            yield _fold(raw, start, end)
        elif group == "joined":
            yield b"\n" * (len(_BREAK.findall(match[0])) - 1), start, end
        elif group == "simple":
            yield _SIMPLE_ESCAPES.get(match["simple"], b""), start, end
        elif group == "text":
            yield match[0], start, end
        else:
            yield chr(int(match[group or "x"], 16)).encode("utf-8", "replace"), start, end


def _block(raw: bytes, style: str) -> Iterator[tuple[Folded | Indented, list[Piece]]]:
    header = _HEADER.match(raw)
    first_break = _BREAK.search(raw)
    if header is None or first_break is None:
        return
    lines = _lines(raw, first_break.end())
    chomp = (header["chomp"] or header["chomp2"] or b"").decode()
    texts = [raw[start:stop] for start, stop, _ in lines]
    widths = [len(text) - len(text.lstrip(b" ")) for text in texts if text.strip(b" ")]
    least = int(header["indent"] or header["indent2"] or 0)
    most = widths[0] if widths else max(map(len, texts), default=0)
    for indent in range(least, max(least, most) + 1) if least else [most]:
        quoting = Indented(indent, first_break[0]) if style == "|" else Folded()
        yield quoting, list(_block_pieces(raw, lines, indent, style == "|", chomp))


def _lines(raw: bytes, begin: int) -> list[tuple[int, int, int]]:
    """Start, end of the text, and end of the line break of every line."""
    lines = []
    while begin < len(raw):
        match = _BREAK.search(raw, begin)
        stop, after = (match.start(), match.end()) if match else (len(raw), len(raw))
        lines.append((begin, stop, after))
        begin = after
    return lines


def _block_pieces(
    raw: bytes, lines: list[tuple[int, int, int]], indent: int, literal: bool, chomp: str
) -> Iterator[Piece]:
    """libyaml's `yaml_parser_scan_block_scalar`: lines, held-back line breaks, folding, chomping."""
    leading: Piece | None = None
    trailing: list[Piece] = []
    was_blank = False
    for start, stop, after in lines:
        line_break = (b"\n" if after > stop else b"", stop, after)
        begin = start + indent
        if begin >= stop and not raw[start:stop].strip(b" "):
            trailing.append(line_break)
            continue
        is_blank = raw[begin : begin + 1] in (b" ", b"\t")
        if leading is not None:
            if literal or was_blank or is_blank:
                yield leading
            elif not trailing:
                yield b" ", leading[1], leading[2]
        yield from trailing
        trailing = []
        yield raw[begin:stop], begin, stop
        leading, was_blank = line_break, is_blank
    if leading is not None and chomp != "-":
        yield leading
    if chomp == "+":
        yield from trailing
