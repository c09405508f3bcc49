"""Bytes to documents, documents to nodes: split at `---`, then libyaml's events, spans in bytes."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import yaml

from codemod.formats.yaml.mask import mask
from codemod.formats.yaml.nodes import Alias, Entry, Mapping, Node, Scalar, Sequence
from codemod.source import BOM, Source, Span
from codemod.transform import Language

_Parser: Any
try:
    from yaml._yaml import CParser as _Parser
except ImportError:  # pragma: no cover - depends on how PyYAML was built
    _Parser = yaml.Loader
"""libyaml's event parser; PyYAML's own (18 to 30 times slower) where PyYAML was built without it."""

LANGUAGE = Language("yaml", suffixes=(".yaml", ".yml", ".json"))

_MARKER = re.compile(rb"^---(?=[ \t\r\n]|$)", re.MULTILINE)
_PROPERTIES = re.compile(rb"(?:[&!]\S*(?:\s+(?:#[^\n]*\n\s*)*|$))+")
_NON_ASCII = re.compile("[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a document cannot be read, and the byte offset at which the parser gave up."""

    offset: int
    message: str


class _ActionFound(Exception):
    """A template action stands where YAML would read nested flow mappings."""


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
        except (yaml.YAMLError, _ActionFound, UnicodeDecodeError, ValueError) as error:
            self._retry(error)

    def _build(self, watch: bool) -> None:
        builder = _Builder(self, watch)
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
    return not chunk.startswith(b"---") and all(line[:1] in (b"%", b"#") or not line.strip() for line in chunk.splitlines())


def _problem(error: Exception, base: int) -> Problem:
    mark = getattr(error, "problem_mark", None)
    text = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    return Problem(base + (mark.index if mark is not None else 0), str(text))


def _offsets(text: bytes, base: int) -> Callable[[int], int]:
    """From libyaml's character index to the byte offset in the source."""
    if text.isascii():
        return base.__add__
    decoded = text.decode("utf-8")
    marks = [match.start() for match in _NON_ASCII.finditer(decoded)]
    extra = [0, *accumulate(len(decoded[at].encode()) - 1 for at in marks)]
    return lambda index: base + index + extra[bisect_left(marks, index)]


class _Builder:
    """One pass over the events of one document; the stack is explicit, so depth costs no recursion."""

    def __init__(self, document: Document, watch: bool) -> None:
        self.data = document.source.data
        self.masks = document.masks
        self.watch = watch and b"{{" in document.text
        self.offset = _offsets(document.text, document.span.start)
        self.parser = _Parser(document.text)
        self.base = document.span.start
        self.anchors: dict[str, Node] = {}
        self.aliases: list[Alias] = []

    def build(self) -> Node | None:
        get_event = self.parser.get_event
        root: Node | None = None
        stack: list[Mapping | Sequence] = []
        keys: list[Node | None] = []
        try:
            while (event := get_event()) is not None:
                kind = type(event)
                if kind is yaml.ScalarEvent:
                    node: Node = self.scalar(event)
                elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                    node = self.collection(event, kind is yaml.MappingStartEvent)
                elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                    closed = stack.pop()
                    keys.pop()
                    closed.end = self.offset(event.end_mark.index)
                    continue
                elif kind is yaml.AliasEvent:
                    node = self.alias(event)
                else:
                    continue
                if stack:
                    _attach(node, stack[-1], keys)
                elif root is None:
                    root = node
                if isinstance(node, (Mapping, Sequence)):
                    stack.append(node)
                    keys.append(None)
        finally:
            self.parser.dispose()
        return root

    def place(self, node: Node, event: Any) -> None:
        node.start = self.offset(event.start_mark.index)
        node.end = self.offset(event.end_mark.index)
        node.anchor = event.anchor
        node.tag = getattr(event, "tag", None)
        node.parent, node.key = None, ""
        if node.anchor is not None or node.tag is not None:
            match = _PROPERTIES.match(self.data, node.start, node.end)
            if match is not None:
                node.start = match.end()
        if node.anchor is not None:
            self.anchors[node.anchor] = node

    def scalar(self, event: Any) -> Scalar:
        value = event.value
        node = Scalar(value, event.style or "", "{{" in value)
        self.place(node, event)
        if self.masks:
            node.templated = node.templated or self.is_masked(node.start, node.end)
        return node

    def collection(self, event: Any, is_mapping: bool) -> Mapping | Sequence:
        flow = bool(event.flow_style)
        node = Mapping(flow) if is_mapping else Sequence(flow)
        self.place(node, event)
        if self.watch and flow and self.data[node.start : node.start + 2] == b"{{":
            raise _ActionFound
        return node

    def alias(self, event: Any) -> Alias:
        node = Alias(event.anchor, self.anchors.get(event.anchor))
        node.start, node.end = self.offset(event.start_mark.index), self.offset(event.end_mark.index)
        node.anchor = node.tag = node.parent = None
        node.key = ""
        self.aliases.append(node)
        return node

    def is_masked(self, start: int, end: int) -> bool:
        at = bisect_left(self.masks, (start - self.base, 0))
        return (at < len(self.masks) and self.masks[at][0] + self.base < end) or (
            at > 0 and self.masks[at - 1][1] + self.base > start
        )


def _attach(node: Node, parent: Mapping | Sequence, keys: list[Node | None]) -> None:
    node.parent = parent
    if isinstance(parent, Sequence):
        node.key = len(parent.items)
        parent.items.append(node)
        return
    key = keys[-1]
    if key is None:
        keys[-1] = node
        return
    node.key = key.value if isinstance(key, Scalar) else ""
    parent.entries.append(Entry(key, node, parent))
    keys[-1] = None
