"""Kinds of Kubernetes objects that name images in ways of their own, as data: one row for the kinds of a controller."""

from codemod.kinds.data import DATA
from codemod.kinds.delivery import DELIVERY
from codemod.kinds.kind import Kind, Parts, by_name, word_of
from codemod.kinds.operations import OPERATIONS
from codemod.kinds.paths import ANY, DEEP, Items, Step, steps

ROWS: tuple[Kind, ...] = (*DATA, *DELIVERY, *OPERATIONS)
BY_NAME = by_name(ROWS)
WORDS = tuple(sorted({word.encode() for row in ROWS if (word := word_of(row))}))
"""Byte strings of which one occurs in any text with an object of these kinds, beside the usual words of images."""

__all__ = ["ANY", "BY_NAME", "DEEP", "ROWS", "WORDS", "Items", "Kind", "Parts", "Step", "steps", "word_of"]
