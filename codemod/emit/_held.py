"""Each digest as each release holds it: the image, its channel, its environment, and how it is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from codemod.digests.lock import Lock
from codemod.emit._written import Written, written
from codemod.fleet import Fleet, Stack
from codemod.moving.channels import Channels
from codemod.moving.pinned import Pinned, Shown
from codemod.reference import Reference


class Held(Struct, frozen=True):
    """A digest in one release or, where none is known, in its file.

    `channel` is the reference whose tag it follows; where there is none, `why` says so.
    """

    pinned: Pinned
    shown: Shown
    stack: Stack | None
    written: Written | None
    channel: Reference | None
    why: str = ""

    @property
    def image(self) -> Reference:
        """The image with its digest."""
        return self.shown.reference

    @property
    def environment(self) -> str | None:
        """The environment of the release or file, if it has one."""
        return self.shown.environment

    @property
    def is_shared(self) -> bool:
        """Whether the digest is in force in another environment, too."""
        return bool(self.pinned.environments - {self.environment})


def held(found: Sequence[Pinned], fleet: Fleet, lock: Lock) -> list[Held]:
    """What every release holds, vendored files aside, in the order of the tree."""
    channels = Channels(lock, comments=fleet.config.channel_comments)
    return [one for pinned in found if not pinned.vendored for one in _held(pinned, fleet, channels)]


def _held(pinned: Pinned, fleet: Fleet, channels: Channels) -> Iterator[Held]:
    place, of = written(pinned), channels.of(pinned)
    for shown in pinned.shown:
        own = [channel for channel in of if channel.name == shown.reference.name]
        channel, why = _channel(own, fleet)
        stack = fleet.stacks[shown.stack] if shown.stack is not None else None
        yield Held(pinned, shown, stack, place, channel, why)


def _channel(own: Sequence[Reference], fleet: Fleet) -> tuple[Reference | None, str]:
    if not own:
        return None, "nothing says which tag it came from; `unfloat lock` records that"
    if len(own) > 1:
        return None, f"it may come from {', '.join(f':{one.tag}' for one in own)}"
    if not fleet.config.floats(own[0].tag):
        return None, "its tag is a fixed one, which does not move"
    return own[0], ""
