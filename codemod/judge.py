"""The judge of meaning: after an edit, a file must say what it said, but for what was planned.

YAML is read before and after by ruamel.yaml (YAML 1.2, pure Python: another parser than the one that gave the spans),
and the two streams of events are compared: outside the edited bytes every event must be the same, in the same order,
and every alias must stand for the same node. A scalar that merely borders on an edit counts as edited only if the new
text made it longer or shorter. Strings that hold YAML are judged inside in the same way.
Only documents that changed are read. What libyaml or ruamel.yaml cannot read is left to the second plan of a run,
which must find every site again, pinned.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from codemod.edits import Edit, apply, woven
from codemod.formats import yaml
from codemod.source import Source
from codemod.tokens import Event, Extent, Token, overlap, tokens_of, without


def fault(before: Source, after: bytes, edits: Sequence[Edit]) -> str | None:
    """What an edited file says that was not planned; None if nothing. Only YAML is judged."""
    if before.language != yaml.LANGUAGE.name:
        return None
    changed = Source(before.path, after, before.language)
    changed.memo["printf"] = before.memo.get("printf")
    olds, news = yaml.documents(before), yaml.documents(changed)
    if len(olds) != len(news):
        return "the number of documents changed"
    edits = woven(edits)
    moved = _moved(edits)
    for old, new in zip(olds, news, strict=True):
        if before.data[slice(*old.span)] == after[slice(*new.span)]:
            continue
        if old.problem is None and new.problem is not None:
            return f"the edited document cannot be read: {new.problem.message}"
        if old.problem is None and new.masks and not old.masks:
            return "the edited document can be read as a template only"
        problem = _compare(old, new, edits, moved) or _inside(old, new, edits, moved)
        if problem is not None:
            return problem
    return None


def _moved(edits: Sequence[Edit]) -> list[Extent]:
    """Where the new texts stand in the edited file."""
    spans, shift = [], 0
    for edit in edits:
        start = edit.start + shift
        spans.append((start, start + len(edit.text)))
        shift += len(edit.text) - (edit.end - edit.start)
    return spans


def _adds_entries(edit: Edit) -> bool:
    """Whether an edit inserts whole entries of a map, in compact JSON, too."""
    return edit.start == edit.end and (edit.nests or b": " in edit.text or b"{" in edit.text)


def _compare(old: yaml.Document, new: yaml.Document, edits: Sequence[Edit], moved: list[Extent]) -> str | None:
    if (before := tokens_of(old)) is None:
        return None
    if (after := tokens_of(new)) is None:
        return "the edited document is no valid YAML 1.2"
    spans = [(edit.start, edit.end) for edit in edits]
    pairs = list(zip(edits, moved, strict=True))
    added = [place for edit, place in pairs if _adds_entries(edit)]
    before = without(before, [(edit.start, edit.end) for edit in edits if not edit.text])
    after = without(after, added)
    kept_before, kept_after = _kept(before, spans, after, moved), _kept(after, moved, before, spans)
    for was, now in zip(kept_before, kept_after, strict=False):
        if was != now:
            return f"an edit changed the meaning of something else: {was[1]!r} became {now[1]!r}"
    return None if len(kept_before) == len(kept_after) else "an edit added or removed something unplanned"


def _kept(tokens: list[Token], spans: list[Extent], others: list[Token], images: list[Extent]) -> list[Event]:
    """What the tokens say that no edit is about; `others` and `images` are those of the other side of the edits."""
    ends = [end for _, end in spans]
    texts = [token for token in others if token.is_text]
    starts = [token.start for token in texts]
    anchored: dict[str, str] = {}
    kept: list[Event] = []
    for token in tokens:
        name, value, anchor, tag = token.said
        near = _near(token, spans, ends) if token.is_text else ()
        is_touched = any(
            overlap(token, spans[at]) or _has_grown(token, spans[at], images[at], texts, starts) for at in near
        )
        if name == "AliasEvent":
            value = f"*{anchor} ({anchored.get(anchor, 'nothing')})"
        elif anchor != "None":
            anchored[anchor] = "what is edited" if is_touched else str(len(kept))
        if not is_touched:
            kept.append((name, value, anchor, tag))
    return kept


def _near(token: Token, spans: list[Extent], ends: list[int]) -> Iterator[int]:
    """The indices of the spans that overlap the token or border on it."""
    for at in range(bisect_left(ends, token.start), len(spans)):
        if spans[at][0] > token.end:
            return
        yield at


def _has_grown(token: Token, span: Extent, image: Extent, texts: list[Token], starts: list[int]) -> bool:
    """Whether a token that borders on a span goes on, on the other side of the edit, into all of what stands there."""
    size = token.end - token.start
    places = [image[1]] if span[1] == token.start else []
    places += [image[0] - size] if span[0] == token.end else []
    at = bisect_right(starts, max(*places, image[0]))
    around = texts[max(at - 4, 0) : at + 2]
    if any((text.start, text.end) == (place, place + size) for text in around for place in places):
        return False
    if size == 0:
        return any(overlap(text, image) or text.start == text.end == image[0] for text in around)
    return any(
        text.start <= min(place, image[0]) and max(place + size, image[1]) <= text.end
        for text in around
        for place in places
    )


def _inside(old: yaml.Document, new: yaml.Document, edits: Sequence[Edit], moved: list[Extent]) -> str | None:
    """The fault of an edited string: its text must be the old one but for the edits, and so must be what it says."""
    by_end = {scalar.end: scalar for scalar in yaml.scalars(new.root)}
    starts = [edit.start for edit in edits]
    shifts = [0, *(now[1] - edit.end for edit, now in zip(edits, moved, strict=True))]
    for scalar in yaml.scalars(old.root):
        first, stop = bisect_left(starts, scalar.start), bisect_left(starts, scalar.end)
        other = by_end.get(scalar.end + shifts[stop])
        if first == stop or scalar.style == "" or other is None or other.style != scalar.style:
            continue
        was, now = yaml.nested(old, scalar), yaml.nested(new, other)
        if was is None or now is None:
            continue
        inner = [
            Edit(*_inward(was, (edits[at].start, edits[at].end)), now.data[slice(*_inward(now, moved[at]))])
            for at in range(first, stop)
        ]
        if apply(was.data, inner) != now.data:
            return "an edit changed the text around it"
        if all(edit.end - edit.start < len(was.data.strip()) for edit in inner) and any(
            isinstance(text.root, (yaml.Mapping, yaml.Sequence)) for text in yaml.documents(was)
        ):
            problem = fault(_alone(was), now.data, inner)
            if problem is not None:
                return f"inside a string: {problem}"
    return None


def _alone(source: Source) -> Source:
    """A nested text as if it were a file."""
    alone = Source(source.path, source.data, source.language)
    alone.memo["printf"] = source.memo.get("printf")
    return alone


def _inward(source: Source, span: Extent) -> Extent:
    """The decoded bytes of a nested text that a span of the text around it spells."""
    low, high = len(source.data), 0
    for segment in source.segments:
        verbatim = segment.length == segment.outer_length
        if segment.outer_start + segment.outer_length > span[0]:
            low = min(low, segment.start + (max(span[0] - segment.outer_start, 0) if verbatim else 0))
        if segment.outer_start < span[1]:
            high = segment.start + (min(span[1] - segment.outer_start, segment.length) if verbatim else segment.length)
    return low, max(low, high)
