"""How a digest is written in its file: what a controller has to know to write another one there."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from codemod.formats import yaml
from codemod.moving.pinned import Pinned
from codemod.reference import try_parse
from codemod.transform import Keys

Form = Literal["digest", "reference", "tag"]
"""A digest alone, `repository[:tag]@digest`, or `tag@digest`."""


class Written(Struct, frozen=True):
    """The scalar that ends in the digest: `before` is its text up to it, `document` the document's number in the file.

    `ends_line` says that nothing but a comment follows it on its line, and that it has no anchor: it can be replaced
    to the end of the line.
    """

    form: Form
    document: int
    keys: Keys
    before: str
    ends_line: bool


def written(one: Pinned) -> Written | None:
    """How a digest is written; None where it stands in a text inside a file, or in one that is no plain YAML."""
    source = one.source
    if source.language != yaml.LANGUAGE.name:
        return None
    for document in yaml.documents(source):
        if document.span.start <= one.at.start < document.span.end:
            scalar = _scalar(document, one)
            if scalar is None or document.masks or not scalar.value.endswith(one.digest):
                return None
            before = scalar.value.removesuffix(one.digest)
            if before and (not before.endswith("@") or before.split() != [before]):
                return None
            form = _form(before, one)
            return Written(form, document.number, yaml.keys_of(scalar), before, _ends_line(scalar, source.data))
    return None


def _scalar(document: yaml.Document, one: Pinned) -> yaml.Scalar | None:
    return next(
        (node for node in yaml.scalars(document.root) if node.start <= one.at.start and one.at.end <= node.end), None
    )


def _form(before: str, one: Pinned) -> Form:
    if not before:
        return "digest"
    named = try_parse(before[:-1])
    is_named = named is not None and named.name in {reference.name for reference in one.references}
    return "reference" if is_named else "tag"


def _ends_line(scalar: yaml.Scalar, data: bytes) -> bool:
    end = data.find(b"\n", scalar.end)
    rest = data[scalar.end : end if end >= 0 else None].strip()
    in_flow, node = False, scalar.parent
    while node is not None:
        in_flow, node = in_flow or node.flow, node.parent
    return not in_flow and scalar.anchor is None and scalar.style in ("", "'", '"') and rest[:1] in (b"", b"#")
