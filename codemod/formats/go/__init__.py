"""Go files: string literals with spans (`literals`), and what the code around says of them (`expressions`)."""

from codemod.formats.go.constants import Package
from codemod.formats.go.expressions import Lookup, expression, is_parsed
from codemod.formats.go.guesses import are_joined, guess
from codemod.formats.go.literals import (
    LANGUAGE,
    Interpreted,
    Literal,
    Raw,
    after,
    before,
    context,
    is_continuation,
    is_continued,
    literals,
    nested,
    verbs,
    whole_lines,
    without_verbs,
)
from codemod.formats.go.markers import HINTS, defaults, objects

__all__ = [
    "HINTS",
    "LANGUAGE",
    "Interpreted",
    "Literal",
    "Lookup",
    "Package",
    "Raw",
    "after",
    "are_joined",
    "before",
    "context",
    "defaults",
    "expression",
    "guess",
    "is_continuation",
    "is_continued",
    "is_parsed",
    "literals",
    "nested",
    "objects",
    "verbs",
    "whole_lines",
    "without_verbs",
]
