"""The judge of meaning: after an edit, a file must say what it said, but for what was planned.

YAML is read before and after by ruamel.yaml (YAML 1.2, pure Python: another parser than the one that gave the spans),
and the two streams of events are compared: outside the edited bytes every event must be the same, in the same order.
Only documents that changed are read. What ruamel.yaml cannot read is left to the second plan of a run, which must find
every site again, pinned.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from codemod.edits import Edit, ordered
from codemod.formats import yaml
from codemod.source import Source

Event = tuple[str, str, str, str]
"""Class, value, anchor and tag of one event."""


Extent = tuple[int, int]
Token = tuple[int, int, Event]
"""Byte offsets of an event, and what it says."""


def fault(before: Source, after: bytes, edits: Sequence[Edit]) -> str | None:
    """What an edited file says that was not planned; None if nothing. Only YAML is judged."""
    if before.language != yaml.LANGUAGE.name:
        return None
    changed = Source(before.path, after, before.language)
    olds, news = yaml.documents(before), yaml.documents(changed)
    if len(olds) != len(news):
        return "the number of documents changed"
    moved = _moved(ordered(edits))
    for old, new in zip(olds, news, strict=True):
        if old.problem is None and new.problem is not None:
            return f"the edited document cannot be read: {new.problem.message}"
        if before.data[slice(*old.span)] != after[slice(*new.span)]:
            problem = _compare(old, new, ordered(edits), moved)
            if problem is not None:
                return problem
    return None


def _moved(edits: list[Edit]) -> list[Extent]:
    """Where the new texts stand in the edited file."""
    spans, shift = [], 0
    for edit in edits:
        start = edit.start + shift
        spans.append((start, start + len(edit.text)))
        shift += len(edit.text) - (edit.end - edit.start)
    return spans


def _compare(old: yaml.Document, new: yaml.Document, edits: list[Edit], moved: list[Extent]) -> str | None:
    before = _tokens(old)
    if before is None:
        return None
    after = _tokens(new)
    if after is None:
        return "the edited document is no valid YAML 1.2"
    spans = [(edit.start, edit.end) for edit in edits]
    grown = [_grown(before, was) | _grown(after, now) for was, now in zip(spans, moved, strict=True)]
    kept_before, kept_after = _kept(before, spans, grown), _kept(after, moved, grown)
    for was, now in zip(kept_before, kept_after, strict=False):
        if was != now:
            return f"an edit changed the meaning of something else: {was[1]!r} became {now[1]!r}"
    same = len(kept_before) == len(kept_after)
    return None if same else "an edit added or removed something that was not planned"


def _tokens(document: yaml.Document) -> list[Token] | None:
    """The events of a document; None where ruamel.yaml cannot read it. Implied nulls have no place and are left out."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        text = document.text.decode("utf-8")
        stream = list(YAML(pure=True).parse(text))
    except (YAMLError, ValueError, RecursionError):
        return None
    offset = _byte_offsets(text, document.span.start)
    tokens = [(offset(event.start_mark.index), offset(event.end_mark.index), _said(event)) for event in stream]
    return [token for token in tokens if token[2][0] != "ScalarEvent" or token[0] < token[1]]


def _said(event: Any) -> Event:
    return (
        type(event).__name__,
        str(getattr(event, "value", "")),
        str(getattr(event, "anchor", "")),
        str(getattr(event, "ctag", "")),
    )


def _is_text(token: Token) -> bool:
    return token[2][0] in ("ScalarEvent", "AliasEvent")


def _grown(tokens: list[Token], span: Extent) -> frozenset[str]:
    """On which sides a token reaches over the edges of an edited span: there its neighbour is part of what changed."""
    near = [(start, end) for start, end, _ in _around(tokens, span) if start < span[1] and end > span[0]]
    left = {"left"} if any(start < span[0] for start, _ in near) else set()
    return frozenset(left | ({"right"} if any(end > span[1] for _, end in near) else set()))


def _around(tokens: list[Token], span: Extent) -> list[Token]:
    return [token for token in tokens if _is_text(token) and token[0] <= span[1] and token[1] >= span[0]]


def _kept(tokens: list[Token], spans: list[Extent], grown: list[frozenset[str]]) -> list[Event]:
    """What the tokens say that no edit is about."""
    touched: set[int] = set()
    for span, sides in zip(spans, grown, strict=True):
        for token in _around(tokens, span):
            start, end, _ = token
            inside = start < span[1] and end > span[0]
            if inside or ("left" in sides and end == span[0]) or ("right" in sides and start == span[1]):
                touched.add(id(token))
    return [token[2] for token in tokens if id(token) not in touched]


def _byte_offsets(text: str, base: int) -> Any:
    if text.isascii():
        return base.__add__
    sizes = [base]
    for character in text:
        sizes.append(sizes[-1] + len(character.encode()))
    return sizes.__getitem__
