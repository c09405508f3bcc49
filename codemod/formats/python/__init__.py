"""Python files: string literals with spans (`literals`), and what the code around says of them (`expressions`)."""

from codemod.formats.python.bindings import bindings
from codemod.formats.python.expressions import Constants, expression, is_format, strings
from codemod.formats.python.literals import LANGUAGE, Text, nested

__all__ = ["LANGUAGE", "Constants", "Text", "bindings", "expression", "is_format", "nested", "strings"]
