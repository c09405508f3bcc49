"""Lossless reading of YAML (and JSON, its subset): nodes with exact byte spans, never re-serialised.

Spans come from libyaml's events (see docs/decisions/0002); documents are split first, so that a document that nobody
asks about is never parsed. Text inside a scalar can be read as a source of its own (`nested`), at any depth.
"""

from codemod.formats.yaml.adding import add, insert_lines, remove_with_map
from codemod.formats.yaml.items import remove_item, repeat_item
from codemod.formats.yaml.nodes import (
    Alias,
    Entry,
    Mapping,
    Node,
    Scalar,
    Sequence,
    descend,
    keys_of,
    lookup,
    merged,
    target,
)
from codemod.formats.yaml.reader import LANGUAGE, Document, Problem, documents
from codemod.formats.yaml.rewrite import fill, insert_after, remove, rename, replace
from codemod.formats.yaml.strings import nested
from codemod.formats.yaml.walk import mappings, scalars

__all__ = [
    "LANGUAGE",
    "Alias",
    "Document",
    "Entry",
    "Mapping",
    "Node",
    "Problem",
    "Scalar",
    "Sequence",
    "add",
    "descend",
    "documents",
    "fill",
    "insert_after",
    "insert_lines",
    "keys_of",
    "lookup",
    "mappings",
    "merged",
    "nested",
    "remove",
    "remove_item",
    "remove_with_map",
    "rename",
    "repeat_item",
    "replace",
    "scalars",
    "target",
]
