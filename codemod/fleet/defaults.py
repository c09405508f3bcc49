"""The image that a chart prints where the values say no tag: of its `appVersion`, say, or of a literal default."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from codemod.charts.unknown import MARK
from codemod.fleet.reading import Reading
from codemod.fleet.render import Renderer
from codemod.fleet.scalars import Plain
from codemod.fleet.stack import Stack
from codemod.fleet.tree import Tree
from codemod.patterns import on_use
from codemod.reference import split, try_parse

_WORD = on_use(r"[^\s\"'`,;\[\]{}<>|=]+")


class Defaults:
    """Executes the charts of releases with their own values, each once.

    `values` are those of a release by its number.
    """

    def __init__(self, tree: Tree, stacks: Sequence[Stack], values: Callable[[int], dict[str, Plain]]) -> None:
        self.stacks, self.values = stacks, values
        self._renderer = Renderer(tree)
        self._printed: dict[int, frozenset[str]] = {}

    def image(self, number: int, reading: Reading, others: Iterable[str]) -> str | None:
        """The image that comes out for a map without a tag: the one of its name that is none of `others`."""
        names = {split(text.replace("{tag}", "t")).name for text in reading.tagged}
        found = {text for text in self._images(number) if split(text).name in names}
        found = found if len(found) == 1 else found - set(others)
        return found.pop() if len(found) == 1 else None

    def _images(self, number: int) -> frozenset[str]:
        if number not in self._printed:
            outputs = self._renderer.render(self.stacks[number], self.values(number), explores=False)
            words = (word for _, output in outputs for word in _WORD.findall(output.text))
            self._printed[number] = frozenset(word for word in words if MARK not in word and is_tagged(word))
        return self._printed[number]


def is_tagged(word: str) -> bool:
    """Whether a word is a reference with a tag and without a digest."""
    reference = try_parse(word) if ":" in word else None
    return reference is not None and reference.tag is not None and reference.digest is None
