"""What the package exports, imported when anything of it is asked for (`codemod.formats.on_demand`)."""

from codemod.formats.go.bindings import bindings
from codemod.formats.go.composites import Composite, Element, add_element, composites
from codemod.formats.go.constants import Package
from codemod.formats.go.expressions import Lookup, expression, is_parsed
from codemod.formats.go.guesses import are_joined, guess
from codemod.formats.go.literals import (
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
from codemod.formats.go.markers import defaults, objects
from codemod.formats.go.structs import Field, Struct, add_field, add_import, imported_as, structs

__all__ = [
    "Composite",
    "Element",
    "Field",
    "Interpreted",
    "Literal",
    "Lookup",
    "Package",
    "Raw",
    "Struct",
    "add_element",
    "add_field",
    "add_import",
    "after",
    "are_joined",
    "before",
    "bindings",
    "composites",
    "context",
    "defaults",
    "expression",
    "guess",
    "imported_as",
    "is_continuation",
    "is_continued",
    "is_parsed",
    "literals",
    "nested",
    "objects",
    "structs",
    "verbs",
    "whole_lines",
    "without_verbs",
]
