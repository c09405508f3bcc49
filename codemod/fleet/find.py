"""Every release that the repository declares, by whatever tool."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.config import Config
from codemod.fleet.explicit import stacks_of_spec
from codemod.fleet.stack import Stack
from codemod.fleet.tree import Tree


def find_stacks(tree: Tree, config: Config) -> tuple[Stack, ...]:
    """All stacks, those of the configuration first; one that two finders see is given once."""
    return tuple({stack.identity: stack for stack in _all(tree, config)}.values())


def _all(tree: Tree, config: Config) -> Iterator[Stack]:
    for spec in config.stacks:
        yield from stacks_of_spec(spec, tree.paths)
