"""Refreshing digests: each moves on to what its channel means now, in the chosen environments and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from codemod.config import Config
from codemod.digests import Answer, Failure, Resolution
from codemod.digests.lock import Lock
from codemod.digests.locking import is_older
from codemod.digests.platforms import lacking
from codemod.moving.channels import Channels
from codemod.moving.moves import Move, Moves, Stays, failed, ordered, shared
from codemod.moving.pinned import Pinned
from codemod.reference import Reference

Outcome = Move | Stays | None
Resolve = Callable[[Collection[Reference]], Mapping[Reference, Answer]]

_OLDER = "{} is back at {}, which the lock knows to be older; `unfloat lock --import` accepts that"


def update(
    found: Sequence[Pinned], lock: Lock, config: Config, resolve: Resolve, environments: Collection[str]
) -> Moves:
    """The moves that bring the digests of the environments (of all files, if none is given) to their channels.

    Every channel is asked once, all together.
    """
    channels = Channels(lock, comments=config.channel_comments)
    known = [(one, channels.of(one)) for one in found if _is_chosen(one, environments)]
    answers = resolve({channel for _, of in known for channel in of})
    outcomes = [_kept_apart(_outcome(one, of, answers, lock, config), environments) for one, of in known]
    return Moves(
        moves=tuple(outcome for outcome in outcomes if isinstance(outcome, Move)),
        stays=ordered(outcome for outcome in outcomes if isinstance(outcome, Stays)),
        current=sum(outcome is None for outcome in outcomes),
    )


def _is_chosen(one: Pinned, environments: Collection[str]) -> bool:
    return not one.vendored and (not environments or not one.environments.isdisjoint(environments))


def _kept_apart(outcome: Outcome, environments: Collection[str]) -> Outcome:
    """What would move stays if it is in force in environments that were not chosen."""
    return shared(outcome, environments) or outcome if isinstance(outcome, Move) and environments else outcome


def _outcome(
    one: Pinned, channels: Sequence[Reference], answers: Mapping[Reference, Answer], lock: Lock, config: Config
) -> Outcome:
    """What becomes of one digest; None where it is what its channel means."""
    if not channels:
        return Stays(one, "channel-unknown", "the lock does not say which tag it came from")
    found = [(channel, answers.get(channel)) for channel in channels]
    for channel, answer in found:
        if answer is None:
            return Stays(one, "digest-unknown", f"no digest is known for {channel}")
        if isinstance(answer, Failure):
            return failed(one, answer)
    if len({answer.digest for _, answer in found if isinstance(answer, Resolution)}) > 1:
        names = ", ".join(f":{channel.tag}" for channel in channels)
        mend = f"write the tag beside it, or `# {channels[0].tag}` behind it with `channel_comments: true`"
        return Stays(one, "channel-ambiguous", f"it may come from {names}, which part ways now; {mend}")
    channel, answer = found[0]
    assert isinstance(answer, Resolution)
    if answer.digest == one.digest:
        return None
    if one.alias:
        return Stays(one, "digest-aliased", f"it is written at the anchor of `{one.alias}`; write it out here")
    if is_older(lock, channel, answer.digest, one.digest):
        return Stays(one, "digest-older", _OLDER.format(channel, answer.digest))
    if missing := lacking(answer, config.platforms):
        return Stays(one, "platforms-missing", f"{answer.digest} lacks {', '.join(missing)}")
    return Move(one, answer.digest, answer.source, channel)
