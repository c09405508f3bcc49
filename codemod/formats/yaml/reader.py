"""Bytes to documents, documents to nodes: split at `---` and `...`, then libyaml's events, spans in bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from codemod.formats.yaml.builder import ActionFoundError, Builder
from codemod.formats.yaml.libyaml import yaml
from codemod.formats.yaml.mask import mask
from codemod.formats.yaml.nodes import Alias, Mapping, Node, Scalar
from codemod.patterns import on_use
from codemod.source import BOM, Source, Span
from codemod.transform import Language

LANGUAGE = Language("yaml", suffixes=(".yaml", ".yml", ".json"))

_START = on_use(rb"---(?<![^\r\n]---)(?=[ \t\r\n]|\Z)")
_END = on_use(rb"\.\.\.(?<![^\r\n]\.\.\.)(?:[ \t][^\r\n]*)?(?:\r\n|\r|\n)")
_SURROGATE = on_use(rb"(?<!\\)((?:\\\\)*\\u)[dD]([89a-fA-F][0-9a-fA-F]{2})")
_JSON = (".json", ".jsonc", ".json5")
_COMMENT = on_use(rb'"(?:[^"\\\n]|\\.)*"|(//[^\r\n]*|/\*.*?\*/)', re.DOTALL)
_INK = on_use(rb"[^\r\n]")
_PROLOGUE = on_use(rb"(?:(?:%[^\r\n]*|[ \t]*(?:#[^\r\n]*)?)[\r\n])*+(?:%[^\r\n]*|[ \t]*(?:#[^\r\n]*)?)")


class Problem(Struct, frozen=True):
    """Why a document cannot be read, and the byte offset at which the parser gave up."""

    offset: int
    message: str


class Document:
    """One YAML document: its number in the source, its span, and its nodes once somebody asks.

    `text` is what is parsed: the source's own bytes or, once they proved unreadable, those with template actions masked
    (`masks` names them), or with JSON's escaped surrogates, which YAML does not know, as escaped characters of the
    private use area.
    """

    __slots__ = (
        "source",
        "number",
        "span",
        "text",
        "_masks",
        "_aliases",
        "_mappings",
        "_texts",
        "_root",
        "_problem",
        "_parsed",
    )

    def __init__(self, source: Source, span: Span, number: int = 0) -> None:
        self.source = source
        self.number = number
        self.span = span
        self.text = source.data[span.start : span.end]
        self._masks: tuple[tuple[int, int], ...] = ()
        self._aliases: list[Alias] = []
        self._mappings: list[Mapping] = []
        self._texts: list[Scalar] = []
        self._root: Node | None = None
        self._problem: Problem | None = None
        self._parsed = False

    @property
    def root(self) -> Node | None:
        """The root node; None for an empty document and for one that cannot be read."""
        self._parse()
        return self._root

    @property
    def masks(self) -> tuple[tuple[int, int], ...]:
        """The template actions that had to be masked, as offsets from the document's beginning, in order."""
        self._parse()
        return self._masks

    @property
    def aliases(self) -> list[Alias]:
        """Every alias of the document, in the order of the text."""
        self._parse()
        return self._aliases

    @property
    def mappings(self) -> list[Mapping]:
        """Every mapping of the document, parents before children, in the order of the text."""
        self._parse()
        return self._mappings

    @property
    def texts(self) -> list[Scalar]:
        """Every quoted or block scalar of some length: what may hold a text of its own."""
        self._parse()
        return self._texts

    @property
    def is_shared(self) -> bool:
        """Whether sources of equal bytes have these very nodes: nobody asked for them yet, or nothing was mended."""
        return not self._parsed or self.span in self.source.alike.memo

    @property
    def problem(self) -> Problem | None:
        """Why the document cannot be read, if it cannot."""
        self._parse()
        return self._problem

    def _parse(self) -> None:
        if self._parsed:
            return
        self._parsed = True
        memo = self.source.alike.memo
        try:
            if self.span in memo:
                self._root, self._aliases, self._mappings, self._texts = memo[self.span]
                return
            self._build(watch=True)
            memo[self.span] = self._root, self._aliases, self._mappings, self._texts
        except yaml.YAMLError as error:
            self._reworded(error)
        except (ActionFoundError, ValueError) as error:
            self._retry(error)

    def _build(self, watch: bool) -> None:
        builder = Builder(self.source.data, self.span.start, self.text, self._masks, watch)
        self._root = builder.build()
        self._aliases, self._mappings, self._texts = builder.aliases, builder.mappings, builder.texts

    def _reworded(self, first: Exception) -> None:
        whole = self.text
        for text in self._wordings():
            self.text = text
            try:
                return self._build(watch=True)
            except (yaml.YAMLError, ActionFoundError, ValueError):
                self.text = whole
        self._retry(first)

    def _wordings(self) -> Iterator[bytes]:
        """The text of JSON as YAML knows it, of the same length: without surrogates, without comments."""
        if b"\\u" in self.text and (text := _SURROGATE.sub(_private, self.text)) != self.text:
            yield text
        if self.source.path.endswith(_JSON) and (text := _COMMENT.sub(_blank, self.text)) != self.text:
            yield text

    def _retry(self, first: Exception) -> None:
        printf = bool(self.source.memo.get("printf"))
        masked, masks = mask(self.text, printf)
        if not masks and isinstance(first, ActionFoundError):
            self._attempt()
        elif not masks:
            self._problem = _problem(first, self.text, self.span.start)
        else:
            self.text, self._masks = masked, masks
            self._attempt()

    def _attempt(self) -> None:
        try:
            self._build(watch=False)
        except (yaml.YAMLError, ValueError) as error:
            self._problem = _problem(error, self.text, self.span.start)


def _blank(match: re.Match[bytes]) -> bytes:
    """A comment as spaces; a string as it is."""
    return _INK.sub(b" ", match[0]) if match[1] is not None else match[0]


def _private(match: re.Match[bytes]) -> bytes:
    """U+D800 to U+DFFF as U+E000 to U+E7FF, in as many bytes."""
    return match[1] + b"e%03x" % (int(match[2], 16) - 0x800)


def documents(source: Source) -> tuple[Document, ...]:
    """The documents of a source, in order. Nothing is parsed before a document is asked for its root."""
    found: tuple[Document, ...] | None = source.memo.get("yaml")
    if found is None:
        found = source.memo["yaml"] = tuple(
            Document(source, span, number) for number, span in enumerate(_spans(source))
        )
    return found


def _spans(source: Source) -> list[Span]:
    memo = source.alike.memo
    if _split not in memo:
        memo[_split] = _split(source.data)
    found: list[Span] = memo[_split]
    return found


def _split(data: bytes) -> list[Span]:
    """Cut at every `---` in the first column and after every `...`; comments and directives stay with what follows."""
    begin = 0
    while data.startswith(BOM, begin):
        begin += len(BOM)
    spans: list[Span] = []
    start = begin
    for cut in _cuts(data, begin):
        if cut > start and not _only_prologue(data[start:cut]):
            spans.append(Span(start, cut))
            start = cut
    if spans and _only_prologue(data[start:]):
        start = spans.pop().start
    spans.append(Span(start, len(data)))
    return spans


def _cuts(data: bytes, begin: int) -> list[int]:
    """Where documents may begin: at each `---`, behind each line of `...`."""
    breaks = (b"\n", b"\r") if b"\r" in data else (b"\n",)
    cuts: list[int] = []
    if any(data.find(line_break + b"---", begin) >= 0 for line_break in breaks):
        cuts += [match.start() for match in _START.finditer(data, begin)]
    if any(data.find(line_break + b"...", begin) >= 0 for line_break in breaks):
        cuts += [match.end() for match in _END.finditer(data, begin)]
    return sorted(cuts)


def _only_prologue(chunk: bytes) -> bool:
    """Whether a chunk holds nothing but comments, blank lines and directives."""
    return _PROLOGUE.fullmatch(chunk) is not None


def _problem(error: Exception, text: bytes, base: int) -> Problem:
    mark, message = (
        getattr(error, "problem_mark", None),
        getattr(error, "problem", None) or getattr(error, "reason", None),
    )
    if mark is not None:
        offset = mark.index if text.isascii() else len(text.decode("utf-8", "replace")[: mark.index].encode())
    else:
        offset = getattr(error, "position", getattr(error, "start", 0))
    return Problem(base + min(offset, len(text)), str(message or error))
