"""Which digests a command is about: by environment, image and release, with an error for names that nothing has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches

from codemod.config import spellings
from codemod.errors import UnfloatError
from codemod.fleet import Fleet
from codemod.globs import matches
from codemod.moving.pinned import Pinned, Shown


def known_choice(found: Sequence[Pinned], fleet: Fleet, only: tuple[str, ...]) -> None:
    """Raise `UnfloatError` for globs that name no image and no release of any digest."""
    if only and not any(is_wanted(shown, fleet, only) for one in found for shown in one.shown):
        raise UnfloatError(
            f"--only {' '.join(only)}: no digest of such an image or release; `unfloat images` lists them"
        )


def is_wanted(shown: Shown, fleet: Fleet, only: tuple[str, ...]) -> bool:
    """Whether one of the globs names the image or the release; all are wanted if there is none."""
    return not only or any(matches(name, only) for name in _names(shown, fleet))


def known_environments(
    found: Sequence[Pinned], fleet: Fleet, names: Collection[str], paths: Iterable[str] = ()
) -> None:
    """Raise `UnfloatError` for a name that is no environment of a digest, a path, a release or the configuration."""
    known = {name for one in found for name in one.environments if name is not None}
    known |= {name for name in map(fleet.config.environment_of, paths) if name is not None}
    known |= {stack.environment for stack in fleet.stacks if stack.environment is not None}
    known |= fleet.config.environments.keys()
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 1)
            guess = f"did you mean {near[0]!r}? " if near else ""
            there = ", ".join(sorted(known)) or "none; name their paths under `environments` of the configuration"
            raise UnfloatError(f"no environment {name!r}; {guess}there are {there}")


def _names(shown: Shown, fleet: Fleet) -> Iterator[str]:
    """What people call an image and its release."""
    yield from spellings(shown.reference.name)
    if shown.stack is not None:
        stack = fleet.stacks[shown.stack]
        yield from (stack.name, stack.release)
