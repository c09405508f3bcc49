"""What one file cannot know: which value files one release reads, in which order, and what they say together."""

from codemod.fleet.fleet import Effective, Fleet, build
from codemod.fleet.stack import Stack

__all__ = ["Effective", "Fleet", "Stack", "build"]
