"""Shell scripts: the words that may name images, what they are for (`words`), and texts of several lines (`texts`)."""

from codemod.formats.shell.commands import ENGINES, Command, Role, command_of, commands, role, said
from codemod.formats.shell.comparisons import Comparison, comparisons
from codemod.formats.shell.paths import Paths
from codemod.formats.shell.texts import script_of, scripts, texts
from codemod.formats.shell.values import Values
from codemod.formats.shell.words import LANGUAGE, Variables, expression, is_default, words

__all__ = [
    "ENGINES",
    "LANGUAGE",
    "Command",
    "Comparison",
    "Paths",
    "Role",
    "Values",
    "Variables",
    "command_of",
    "commands",
    "comparisons",
    "expression",
    "is_default",
    "role",
    "said",
    "script_of",
    "scripts",
    "texts",
    "words",
]
