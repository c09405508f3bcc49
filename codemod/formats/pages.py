"""Code blocks of pages (Markdown, reStructuredText, AsciiDoc): the language that each names, and its text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from codemod.patterns import on_use
from codemod.source import BOM, Segment, Source, Span
from codemod.transform import Language

RST = Language("rst", suffixes=(".rst",))
ASCIIDOC = Language("asciidoc", suffixes=(".adoc", ".asciidoc"))

_PREFIX = on_use(rb"[ \t]*(?:>[ \t]?)*[ \t]*")
_FENCE = on_use(rb"(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\r\n]*)")
_INFO = on_use(rb"(?:\{[ \t]*)?\.?(?P<word>[\w+#-]+)")
_DIRECTIVE = on_use(rb"(?P<indent>[ \t]*)\.\. (?:code-block|code|sourcecode|parsed-literal)::[ \t]*(?P<word>[\w+-]*)")
_OPTION = on_use(rb"[ \t]+:[\w-]+:")
_ATTRIBUTES = on_use(rb"\[(?:source)?(?:%\w+)*,[ \t]*(?:\w+=)?\"?(?P<word>[\w+-]+)[^\]\r\n]*\]")
_TITLE = on_use(rb"\.[^.\s]")
_LISTING = on_use(rb"(?P<fence>-{4,}|\.{4,})[ \t]*")
_CALLOUT = on_use(rb"(?:[ \t]+<[\d.]+>)+[ \t]*$")
_OMITTED = on_use(rb"[ \t]*(?:#[ \t]*)?(?:\.{3}|\xe2\x80\xa6|\{\{[<%].*[>%]\}\})[ \t]*")
_PROMPT = on_use(rb"[ \t]*\$[ \t]+")
_MORE = on_use(rb"[ \t]*>[ \t]?")
_HEREDOC = on_use(rb"<<-?[ \t]*[\"']?(\w+)")


class Block(Struct, frozen=True):
    """One code block: the word that names its language, in lower case, and its lines without what is before each."""

    word: str
    lines: tuple[Span, ...]
    prefix: bytes

    @property
    def span(self) -> Span:
        """From the first line to the last."""
        return Span(self.lines[0].start, self.lines[-1].end) if self.lines else Span(0, 0)


class _Prefixed(Struct, frozen=True):
    """In a block whose lines all begin alike."""

    prefix: bytes

    def encode(self, text: bytes) -> bytes | None:
        return text.replace(b"\n", b"\n" + self.prefix)


def blocks(source: Source) -> Iterator[Block]:
    """The code blocks of a page, in order."""
    lines = list(_lines(source.data))
    if source.language == RST.name:
        return _directives(source.data, lines)
    return _fenced(source.data, lines, is_asciidoc=source.language == ASCIIDOC.name)


def nested(source: Source, block: Block, language: str) -> Source | None:
    """The text of a block; lines that only say that something is left out are passed over."""
    data = source.data
    kept = [line for line in block.lines if not _OMITTED.fullmatch(data, *_without_break(data, line))]
    return _joined(source, kept, language, block.prefix)


def commands(source: Source, block: Block, language: str) -> Source | None:
    """The text of a block of shell; where commands stand behind a prompt, these and no output."""
    data = source.data
    if not any(_PROMPT.match(data, *line) for line in block.lines):
        return nested(source, block, language)
    return _joined(source, _typed(data, block.lines), language, block.prefix)


def _typed(data: bytes, lines: Iterable[Span]) -> Iterator[Span]:
    """What is typed behind `$`: the lines that a command goes on in, and its here-documents, included."""
    end, goes_on = b"", False
    for line in lines:
        prompt = _PROMPT.match(data, *line)
        if end:
            yield line
            end = b"" if data[slice(*line)].strip() == end else end
            continue
        if prompt is None and not goes_on:
            continue
        start = prompt or _MORE.match(data, *line)
        typed = Span(start.end() if start else line.start, line.end)
        yield typed
        heredoc = _HEREDOC.search(data, *typed)
        end = heredoc[1] if heredoc else b""
        goes_on = data[slice(*typed)].rstrip().endswith(b"\\")


def _joined(source: Source, lines: Iterable[Span], language: str, prefix: bytes) -> Source | None:
    segments: list[Segment] = []
    text = bytearray()
    for start, end in lines:
        callout = _CALLOUT.search(source.data, start, _without_break(source.data, Span(start, end)).end)
        pieces = ((start, callout.start()), (callout.end(), end)) if callout else ((start, end),)
        for begin, stop in pieces:
            if begin < stop:
                segments.append(Segment(len(text), stop - begin, begin, stop - begin))
                text += source.data[begin:stop]
    if not text:
        return None
    return Source(source.path, bytes(text), language, outer=source, segments=segments, quoting=_Prefixed(prefix))


def _fenced(data: bytes, lines: list[Span], *, is_asciidoc: bool) -> Iterator[Block]:
    at, word = 0, ""
    while at < len(lines):
        text = data[slice(*lines[at])]
        if not is_asciidoc and b"```" not in text and b"~~~" not in text:
            at += 1
            continue
        line = _without_break(data, lines[at])
        prefix = _PREFIX.match(data, *line)
        start = prefix.end() if prefix else line.start
        fence = _FENCE.fullmatch(data, start, line.end) or (_LISTING.fullmatch(data, *line) if is_asciidoc else None)
        at += 1
        if fence is not None:
            info = _INFO.match(fence["info"]) if "info" in fence.re.groupindex else None
            end = _end(data, lines, at, fence["fence"])
            before = data[line.start : start]
            inside = tuple(_cut(data, one, before) for one in lines[at:end])
            yield Block(info["word"].decode("ascii", "replace").lower() if info else word, inside, before)
            at, word = end + 1, ""
        elif is_asciidoc:
            attributes = _ATTRIBUTES.match(data, *line)
            word = attributes["word"].decode("ascii", "replace").lower() if attributes else word
            word = word if attributes or _TITLE.match(data, *line) else ""


def _end(data: bytes, lines: list[Span], at: int, fence: bytes) -> int:
    """The line that closes a fence: of the same mark, at least as long, with nothing behind."""
    for number in range(at, len(lines)):
        text = data[slice(*lines[number])].lstrip(b" \t>").rstrip()
        if text.startswith(fence) and not text.strip(fence[:1]):
            return number
    return len(lines)


def _directives(data: bytes, lines: list[Span]) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        directive = _DIRECTIVE.match(data, *lines[at])
        at += 1
        if directive is None:
            continue
        while at < len(lines) and _OPTION.match(data, *lines[at]):
            at += 1
        outer, first = len(directive["indent"]), at
        while at < len(lines) and (_indent(data, lines[at]) > outer or not data[slice(*lines[at])].strip()):
            at += 1
        widths = [_indent(data, line) for line in lines[first:at] if data[slice(*line)].strip()]
        prefix = b" " * min(widths, default=0)
        inside = tuple(_cut(data, line, prefix) for line in lines[first:at])
        yield Block(directive["word"].decode("ascii", "replace").lower(), inside, prefix)


def _indent(data: bytes, line: Span) -> int:
    text = data[slice(*line)]
    return len(text) - len(text.lstrip(b" "))


def _cut(data: bytes, line: Span, prefix: bytes) -> Span:
    """A line without what begins every line of its block, as far as it has that."""
    start, end = line
    if data.startswith(prefix, start):
        return Span(start + len(prefix), end)
    match = _PREFIX.match(data, start, min(start + len(prefix), _without_break(data, line).end))
    return Span(match.end() if match else start, end)


def _without_break(data: bytes, line: Span) -> Span:
    return Span(line.start, line.start + len(data[slice(*line)].rstrip(b"\r\n")))


def _lines(data: bytes) -> Iterator[Span]:
    start = len(BOM) if data.startswith(BOM) else 0
    for line in data[start:].splitlines(keepends=True):
        yield Span(start, start + len(line))
        start += len(line)
