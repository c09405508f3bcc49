"""Bytes to documents, documents to nodes: split at `---`, then libyaml's events, spans in bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from codemod.formats.yaml.builder import ActionFoundError, Builder
from codemod.formats.yaml.mask import mask
from codemod.formats.yaml.nodes import Alias, Node
from codemod.source import BOM, Source, Span
from codemod.transform import Language

LANGUAGE = Language("yaml", suffixes=(".yaml", ".yml", ".json"))

_MARKER = re.compile(rb"^---(?=[ \t\r\n]|$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a document cannot be read, and the byte offset at which the parser gave up."""

    offset: int
    message: str


class Document:
    """One YAML document: its span, and its nodes once somebody asks.

    `text` is what was parsed: the source's own bytes, or those with template actions masked (`masks` names them).
    """

    __slots__ = ("source", "span", "text", "masks", "_aliases", "_root", "_problem", "_parsed")

    def __init__(self, source: Source, span: Span) -> None:
        self.source = source
        self.span = span
        self.text = source.data[span.start : span.end]
        self.masks: tuple[tuple[int, int], ...] = ()
        self._aliases: list[Alias] = []
        self._root: Node | None = None
        self._problem: Problem | None = None
        self._parsed = False

    @property
    def root(self) -> Node | None:
        """The root node; None for an empty document and for one that cannot be read."""
        self._parse()
        return self._root

    @property
    def aliases(self) -> list[Alias]:
        """Every alias of the document, in the order of the text."""
        self._parse()
        return self._aliases

    @property
    def problem(self) -> Problem | None:
        """Why the document cannot be read, if it cannot."""
        self._parse()
        return self._problem

    def _parse(self) -> None:
        if self._parsed:
            return
        self._parsed = True
        try:
            self._build(watch=True)
        except (yaml.YAMLError, ActionFoundError, UnicodeDecodeError, ValueError) as error:
            self._retry(error)

    def _build(self, watch: bool) -> None:
        builder = Builder(self.source.data, self.span.start, self.text, self.masks, watch)
        self._root = builder.build()
        self._aliases = builder.aliases

    def _retry(self, first: Exception) -> None:
        printf = bool(self.source.memo.get("printf"))
        masked, masks = mask(self.text, printf)
        if not masks:
            self._problem = _problem(first, self.span.start)
            return
        self.text, self.masks = masked, masks
        try:
            self._build(watch=False)
        except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
            self._problem = _problem(error, self.span.start)


def documents(source: Source) -> tuple[Document, ...]:
    """The documents of a source, in order. Nothing is parsed before a document is asked for its root."""
    found: tuple[Document, ...] | None = source.memo.get("yaml")
    if found is None:
        found = source.memo["yaml"] = tuple(Document(source, span) for span in _split(source.data))
    return found


def _split(data: bytes) -> list[Span]:
    """Cut at every `---` in the first column; directives stay with the document that they are for."""
    begin = len(BOM) if data.startswith(BOM) else 0
    if data.find(b"\n---", begin) < 0:
        return [Span(begin, len(data))]
    cuts = [match.start() for match in _MARKER.finditer(data, begin)]
    spans: list[Span] = []
    start = begin
    for cut in cuts:
        if cut > start and not _only_prologue(data[start:cut]):
            spans.append(Span(start, cut))
            start = cut
    spans.append(Span(start, len(data)))
    return spans


def _only_prologue(chunk: bytes) -> bool:
    """Whether a chunk holds nothing but comments, blank lines and directives: it belongs to what follows."""
    return not chunk.startswith(b"---") and all(
        line[:1] in (b"%", b"#") or not line.strip() for line in chunk.splitlines()
    )


def _problem(error: Exception, base: int) -> Problem:
    mark = getattr(error, "problem_mark", None)
    text = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    return Problem(base + (mark.index if mark is not None else 0), str(text))
