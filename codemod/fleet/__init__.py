"""What one file cannot know: which value files one release reads, in which order, and what they say together."""

from typing import TYPE_CHECKING

from codemod.fleet.envsubst import Use
from codemod.fleet.fleet import Fleet, build
from codemod.fleet.helmcommand import release_of
from codemod.fleet.layered import Effective
from codemod.fleet.placed import Place
from codemod.fleet.reading import Reading
from codemod.fleet.stack import Stack

if TYPE_CHECKING:  # it needs the interpreter of charts, which only runs over charts do
    from codemod.fleet.edited import Mending

__all__ = ["Effective", "Fleet", "Mending", "Place", "Reading", "Stack", "Use", "build", "release_of"]
