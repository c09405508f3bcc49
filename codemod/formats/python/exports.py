"""What the package exports, imported when anything of it is asked for (`codemod.formats.on_demand`)."""

from codemod.formats.python.bindings import bindings
from codemod.formats.python.expressions import Constants, expression, is_format, strings
from codemod.formats.python.literals import Text, nested

__all__ = ["Constants", "Text", "bindings", "expression", "is_format", "nested", "strings"]
