"""The edits that pin an image reference that stands as a whole at one place."""

from __future__ import annotations

from collections.abc import Callable

from codemod.edits import DIGEST, Edit
from codemod.formats import yaml
from codemod.reference import split
from codemod.source import Source, Span


def pin_edits(source: Source, span: Span, text: str, floats: Callable[[str | None], bool]) -> tuple[Edit, ...]:
    """The edits, in terms of `source`, that pin the reference `text` at `span`; none where it is pinned already.

    A floating tag gives way to the digest, any other tag stays in front of it, no tag at all gets it appended; next to
    a digest that stands there already, a floating tag is dropped. The repository keeps its spelling. Nothing is edited
    where the bytes at `span` are not the very text. Raises `ReferenceError` for text that is no image reference.
    """
    spelling = split(text)
    if source.data[span.start : span.end] != text.encode():
        return ()
    name_end = span.start + len(spelling.name)
    tag_end = name_end + (len(spelling.tag) + 1 if spelling.tag is not None else 0)
    is_floating = spelling.tag is not None and floats(spelling.tag)
    if spelling.digest is not None:
        return (Edit(name_end, tag_end, b""),) if is_floating else ()
    return (Edit(name_end if is_floating else span.end, span.end, b"@" + DIGEST),)


def pin_scalar(
    document: yaml.Document, scalar: yaml.Scalar, text: str, floats: Callable[[str | None], bool]
) -> tuple[Edit, ...]:
    """Within the quotes where they hold the very text, else (escapes, blocks, folds) through the decoded text."""
    source, inner = document.source, scalar.inner
    if source.data[inner.start : inner.end] == text.encode():
        return pin_edits(source, inner, text, floats)
    decoded = yaml.nested(document, scalar)
    if decoded is None:
        return ()
    start = decoded.data.rfind(text.encode())
    edits = pin_edits(decoded, Span(start, start + len(text.encode())), text, floats)
    moved = [decoded.edit_outward(edit) for edit in edits]
    return tuple(edit for edit in moved if edit is not None) if None not in moved else ()
