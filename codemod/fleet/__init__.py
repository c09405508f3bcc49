"""What one file cannot know: which value files one release reads, in which order, and what they say together."""

from codemod.fleet.fleet import Effective, Fleet, Place, build
from codemod.fleet.mending import Mending
from codemod.fleet.reading import Reading
from codemod.fleet.stack import Stack

__all__ = ["Effective", "Fleet", "Mending", "Place", "Reading", "Stack", "build"]
