"""The judge of meaning: after an edit, a file must say what it said, but for what was planned.

YAML is read before and after by ruamel.yaml (YAML 1.2, pure Python: another parser than the one that gave the spans),
and the two streams of events are compared: outside the edited bytes every event must be the same, in the same order.
Only documents that changed are read. What ruamel.yaml cannot read is left to the second plan of a run, which must find
every site again, pinned.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from codemod.edits import Edit, ordered
from codemod.formats import yaml
from codemod.source import Source

Event = tuple[str, str, str, str]
"""Class, value, anchor and tag of one event."""


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


def _moved(edits: list[Edit]) -> list[tuple[int, int]]:
    """Where the new texts stand in the edited file."""
    spans, shift = [], 0
    for edit in edits:
        start = edit.start + shift
        spans.append((start, start + len(edit.text)))
        shift += len(edit.text) - (edit.end - edit.start)
    return spans


def _compare(old: yaml.Document, new: yaml.Document, edits: list[Edit], moved: list[tuple[int, int]]) -> str | None:
    events_before = _events(old, [(edit.start, edit.end) for edit in edits])
    events_after = _events(new, moved)
    if events_before is None or events_after is None:
        return None if events_before is None else "the edited document is no valid YAML 1.2"
    for was, now in zip(events_before, events_after, strict=False):
        if was != now:
            return f"an edit changed the meaning of something else: {was[:2]} became {now[:2]}"
    return None if len(events_before) == len(events_after) else "an edit added or removed something that was not planned"


def _events(document: yaml.Document, spans: list[tuple[int, int]]) -> list[Event] | None:
    """The events of a document but for the scalars that the spans touch; None where ruamel.yaml cannot read it."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        text = document.text.decode("utf-8")
        stream = list(YAML(pure=True).parse(text))
    except (YAMLError, ValueError, RecursionError):
        return None
    offset = _byte_offsets(text, document.span.start)
    starts = [start for start, _ in spans]
    return [_said(event) for event in stream if not _is_touched(event, offset, starts, spans)]


def _is_touched(event: Any, offset: Any, starts: list[int], spans: list[tuple[int, int]]) -> bool:
    if type(event).__name__ not in ("ScalarEvent", "AliasEvent"):
        return False
    start, end = offset(event.start_mark.index), offset(event.end_mark.index)
    at = bisect_right(starts, end) - 1
    return at >= 0 and spans[at][1] >= start and (spans[at][0] < end or spans[at][0] == start == end or spans[at][0] == end)


def _said(event: Any) -> Event:
    return (
        type(event).__name__,
        str(getattr(event, "value", "")),
        str(getattr(event, "anchor", "")),
        str(getattr(event, "ctag", "")),
    )


def _byte_offsets(text: str, base: int) -> Any:
    if text.isascii():
        return base.__add__
    sizes = [base]
    for character in text:
        sizes.append(sizes[-1] + len(character.encode()))
    return sizes.__getitem__
