"""Shell scripts: the words that may name images, what they are for (`words`), and texts of several lines (`texts`)."""

from codemod.formats.shell.commands import Role, command_of, role
from codemod.formats.shell.texts import texts
from codemod.formats.shell.words import LANGUAGE, Variables, expression, is_default, words

__all__ = ["LANGUAGE", "Role", "Variables", "command_of", "expression", "is_default", "role", "texts", "words"]
