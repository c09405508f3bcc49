"""Promotion: the digests of one environment's releases are put where another environment's releases hold theirs.

Two places correspond if the release (or, where none is known, the file) is the same but for the environment's name in
it, and the value path (or the repository) is the same.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import product

from msgspec import Struct
from msgspec.structs import replace

from codemod.digests import Failure
from codemod.fleet import Fleet
from codemod.moving.choice import is_wanted
from codemod.moving.moves import Move, Moves, Stays, failed, ordered, shared
from codemod.moving.pinned import Pinned, Shown
from codemod.reference import Reference

Place = tuple[object, ...]
"""What two environments have in common: release and value path, or file and repository, without their names."""

Exists = Callable[[Collection[Reference]], Mapping[Reference, bool | Failure]]
"""Whether registries have references that carry a digest."""


_WORDS_MAX = 6
"""In a name that has the environment's more often, all of them mean it."""


class _Held(Struct, frozen=True):
    """What an environment holds at one place."""

    pinned: Pinned
    shown: Shown


class Promotion(Struct, frozen=True):
    """From where to where; `only` are globs of images (`ghcr.io/acme/*`) or releases, none means all."""

    fleet: Fleet
    source: str
    target: str
    only: tuple[str, ...] = ()

    def moves(self, found: Sequence[Pinned], exists: Exists | None) -> Moves:
        """What is copied and what stays; without a registry to ask only within one repository."""
        sources, targets = self._held(found, self.source), self._held(found, self.target)
        met = {id(held.shown) for place in targets for held in sources.get(place, ())}
        alone = {id(one.pinned): one.pinned for held in sources.values() for one in held if id(one.shown) not in met}
        stays = [Stays(one, "no-counterpart", f"{self.target} has no digest at this place") for one in alone.values()]
        moves: list[Move] = []
        current = 0
        for one in {id(held.pinned): held.pinned for all_held in targets.values() for held in all_held}.values():
            outcome = self._outcome(one, sources)
            if isinstance(outcome, Move):
                moves.append(outcome)
            elif outcome is not None:
                stays.append(outcome)
            else:
                current += 1
        moves, missing = _checked(moves, exists)
        return Moves(tuple(moves), ordered([*stays, *missing]), current)

    def _held(self, found: Sequence[Pinned], environment: str) -> Mapping[Place, list[_Held]]:
        held: dict[Place, list[_Held]] = defaultdict(list)
        for one in found:
            for shown in one.shown:
                if shown.environment == environment and not one.vendored and is_wanted(shown, self.fleet, self.only):
                    for place in self._places(one, shown, environment):
                        held[place].append(_Held(one, shown))
        return held

    def _places(self, one: Pinned, shown: Shown, environment: str) -> Iterator[Place]:
        if shown.stack is None:
            yield from (("file", path, shown.reference.name) for path in without(one.path, environment))
            return
        stack = self.fleet.stacks[shown.stack]
        for chart in without(stack.chart or "", environment):
            yield from (("release", name, chart, shown.keys) for name in without(stack.name, environment))

    def _nearest(self, one: Pinned, held: Sequence[_Held]) -> Sequence[_Held]:
        """Where releases of one name differ, those whose file corresponds, too; all if none does."""
        if len(_images(held)) < 2:
            return held
        paths = set(without(one.path, self.target))
        return [other for other in held if paths & set(without(other.pinned.path, self.source))] or held

    def _outcome(self, one: Pinned, sources: Mapping[Place, Sequence[_Held]]) -> Move | Stays | None:
        """What becomes of one digest of the target; None where it is the same already."""
        own_shown = [shown for shown in one.shown if shown.environment == self.target]
        places = [place for shown in own_shown for place in self._places(one, shown, self.target)]
        held = self._nearest(one, [other for place in places for other in sources.get(place, ())])
        images = _images(held)
        if not images:
            return Stays(one, "no-counterpart", f"{self.source} has no digest at this place")
        if len(images) > 1:
            found = ", ".join(sorted(digest for digest, _ in images))
            return Stays(one, "counterpart-ambiguous", f"{self.source} has several there: {found}")
        ((digest, tag),) = images
        if one.alias and digest != one.digest:
            return Stays(one, "digest-aliased", f"it is written at the anchor of `{one.alias}`; write it out here")
        own = one.references[0].tag
        if digest == one.digest and (own is None or own == tag):
            return None
        if own is not None and own != tag and (tag is None or one.tag_at is None):
            return Stays(one, "tag-differs", f"{own} stands beside it, and {self.source} has {tag or 'no tag'}")
        origin = held[0].pinned
        move = Move(one, digest, str(held[0].shown.reference), origin=f"{origin.path}:{origin.position.line}")
        return shared(move, {self.target}) or replace(move, tag=tag if own != tag else None)


def _images(held: Iterable[_Held]) -> set[tuple[str, str | None]]:
    return {(other.pinned.digest, other.shown.reference.tag) for other in held}


def without(text: str, environment: str) -> list[str]:
    """A name or path without the environment's name, where that stands as a word of its own.

    A component may be named like it (`env/dev/dev-portal.yaml`), so each choice of such words counts.
    """
    words = re.split(rf"(?<![A-Za-z0-9]){re.escape(environment)}(?![A-Za-z0-9])", text)
    gaps = len(words) - 1
    every = ("\0",) * gaps
    fillings = product(("\0", environment), repeat=gaps) if gaps <= _WORDS_MAX else [every]
    return ["".join(map("".join, zip(words, (*filling, ""), strict=True))) for filling in fillings]


def _checked(moves: Sequence[Move], exists: Exists | None) -> tuple[list[Move], list[Stays]]:
    """The moves whose digest the target's own registry has."""
    answers = exists({_target(move) for move in moves}) if exists is not None else {}
    kept: list[Move] = []
    stays: list[Stays] = []
    for move in moves:
        answer = answers.get(_target(move), _is_of_one_repository(move))
        if answer is True:
            kept.append(move)
        elif isinstance(answer, Failure):
            stays.append(failed(move.pinned, answer))
        elif exists is not None:
            stays.append(Stays(move.pinned, "digest-unknown", f"the registry has no {_target(move)}"))
        else:
            message = f"it comes from {move.source}, and whether {_target(move).name} has it nobody can say --offline"
            stays.append(Stays(move.pinned, "digest-unknown", message))
    return kept, stays


def _target(move: Move) -> Reference:
    """The image as the target will name it."""
    image = move.pinned.references[0]
    return Reference(image.domain, image.path, None, move.digest)


def _is_of_one_repository(move: Move) -> bool:
    return move.source.startswith((f"{_target(move).name}:", f"{_target(move).name}@"))
