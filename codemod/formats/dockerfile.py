r"""The instructions of a Dockerfile or Containerfile, word by word, with spans.

Follows the parser of BuildKit (`frontend/dockerfile/parser`): directives stand at the top, a line goes on behind the
escape character, comments and empty lines within an instruction are skipped, here-documents belong to `RUN`, `COPY` and
`ADD`. Whatever the text, nothing is raised: what is no instruction has a name that nobody asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

from msgspec import Struct

from codemod.patterns import on_use
from codemod.source import BOM, Source, Span
from codemod.transform import Language

_FILES = ("Dockerfile", "dockerfile", "Containerfile", "containerfile")
LANGUAGE = Language(
    "dockerfile",
    suffixes=tuple(f".{name}" for name in _FILES),
    names=_FILES,
    prefixes=tuple(f"{name}{mark}" for name in _FILES[::2] for mark in ".-_"),
)

CONTEXTS = "contexts"
"""What the memo of a source may hold: names that the build is given other contexts for, which are no images then."""

_DIRECTIVE = on_use(rb"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S(?:[^\r\n]*\S)?)[ \t\r]*")
_DIRECTIVES = (b"syntax", b"escape", b"check")
_COMMENT = on_use(rb"[ \t]*#")
_WORD = on_use(rb"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*'|["'\\])+""")
_PLAIN = on_use(rb"\S+")
_QUOTING = on_use(rb"\s*(?:ONBUILD\s+)?(?:ARG|RUN|COPY|ADD)\s", re.IGNORECASE)
_HEREDOC = on_use(rb"\d*<<(-?)([^<]*)")
_WITH_HEREDOCS = (b"RUN", b"COPY", b"ADD")


class Word(Struct, frozen=True):
    """One word: what it says once lines are joined, and where it stands (longer than the text where it is broken)."""

    text: str
    span: Span

    def part(self, start: int, end: int) -> Word:
        """The characters `[start, end)` of an unbroken word."""
        before, text = self.text[:start].encode(), self.text[start:end]
        at = self.span.start + len(before)
        return Word(text, Span(at, at + len(text.encode())))

    @property
    def unquoted(self) -> Word:
        """The word without the quotes around all of it."""
        is_quoted = len(self.text) > 1 and self.text[0] in "\"'" and self.text[-1] == self.text[0]
        return self.part(1, len(self.text) - 1) if is_quoted else self


class Instruction(Struct, frozen=True):
    """`name` is in upper case; `flags` begin with `--`; a trigger stands behind `ONBUILD`."""

    name: str
    flags: tuple[Word, ...]
    arguments: tuple[Word, ...]
    is_trigger: bool = False


class Dockerfile(Struct, frozen=True):
    """What a file says: its directives by name, and its instructions."""

    directives: dict[str, Word]
    instructions: tuple[Instruction, ...]


def read(source: Source) -> Dockerfile:
    """All of a file; read once."""
    found: Dockerfile | None = source.memo.get(read)
    if found is None:
        lines = list(_lines(source.data))
        directives, count = _directives(source.data, lines)
        escape = directives["escape"].text.encode() if "escape" in directives else b"\\"
        found = Dockerfile(directives, tuple(_instructions(source.data, lines[count:], escape)))
        source.memo[read] = found
    return found


def _lines(data: bytes) -> Iterator[Span]:
    """The lines, line ends and a byte order mark left out."""
    start = len(BOM) if data.startswith(BOM) else 0
    while start < len(data):
        end = data.find(b"\n", start)
        following = len(data) if end < 0 else end + 1
        end = len(data) if end < 0 else end
        yield Span(start, end - 1 if data[start:end].endswith(b"\r") else end)
        start = following


def _directives(data: bytes, lines: list[Span]) -> tuple[dict[str, Word], int]:
    """The directives, and how many lines they take."""
    found: dict[str, Word] = {}
    for count, line in enumerate(lines):
        match = _DIRECTIVE.fullmatch(data, *line)
        if match is not None and (name := match[1].lower()) in _DIRECTIVES:
            found.setdefault(name.decode(), Word(match[2].decode("utf-8", "replace"), Span(*match.span(2))))
        elif match is None and not (count == 0 and data.startswith(b"#!", line.start)):
            return found, count
    return found, len(lines)


def _instructions(data: bytes, lines: list[Span], escape: bytes) -> Iterator[Instruction]:
    continued = re.compile(b"(?<!" + re.escape(escape) + b")" + re.escape(escape) + rb"[ \t]*\Z")
    waiting = iter(lines)
    for line in waiting:
        if _is_void(data, line):
            continue
        pieces: list[Span] = []
        at: Span | None = line
        while at is not None:
            if not pieces or not _is_void(data, at):
                ending = continued.search(data[slice(*at)])
                pieces.append(Span(at.start, at.start + ending.start() if ending else at.end))
                if ending is None:
                    break
            at = next(waiting, None)
        words = list(_words(data, pieces))
        instruction = _instruction(words)
        if instruction is not None:
            yield instruction
            for name, chomps in _heredocs(instruction):
                _skip(data, waiting, name, chomps)


def _is_void(data: bytes, line: Span) -> bool:
    text = data[slice(*line)]
    return not text.strip() or _COMMENT.match(text) is not None


def _words(data: bytes, pieces: list[Span]) -> Iterator[Word]:
    """The words of an instruction's joined lines; quotes hold a word together only where they mean something."""
    joined = b"".join(data[slice(*piece)] for piece in pieces)
    starts = [0, *accumulate(piece.end - piece.start for piece in pieces[:-1])]
    for match in (_WORD if _QUOTING.match(joined) else _PLAIN).finditer(joined):
        first = max(at for at, start in enumerate(starts) if start <= match.start())
        last = max(at for at, start in enumerate(starts) if start < match.end())
        start = pieces[first].start + match.start() - starts[first]
        yield Word(match[0].decode("utf-8", "replace"), Span(start, pieces[last].start + match.end() - starts[last]))


def _instruction(words: list[Word], *, is_trigger: bool = False) -> Instruction | None:
    if not words:
        return None
    name, rest = words[0].text.upper(), words[1:]
    if name == "ONBUILD" and not is_trigger:
        return _instruction(rest, is_trigger=True)
    count = next((at for at, word in enumerate(rest) if not word.text.startswith("--")), len(rest))
    return Instruction(name, tuple(rest[:count]), tuple(rest[count:]), is_trigger)


def _heredocs(instruction: Instruction) -> Iterator[tuple[bytes, bool]]:
    """The last lines of the here-documents that follow an instruction; whether tabs before them do not count."""
    arguments = instruction.arguments
    if instruction.name.encode() not in _WITH_HEREDOCS or (arguments and arguments[0].text.startswith("[")):
        return
    for word in arguments:
        match = _HEREDOC.fullmatch(word.text.encode())
        if match is not None and match[2]:
            yield match[2].replace(b'"', b"").replace(b"'", b""), bool(match[1])


def _skip(data: bytes, lines: Iterator[Span], name: bytes, chomps: bool) -> None:
    for line in lines:
        text = data[slice(*line)]
        if (text.lstrip(b"\t") if chomps else text) == name:
            return
