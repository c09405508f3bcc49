"""The digest sources of one run: the map files, the lock, and the registries unless the run is offline."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec import Struct

from codemod.cli._files import below, contents
from codemod.cli._options import Options
from codemod.cli._registries import Recording, Registries
from codemod.digests import Chain, DigestSource, lock
from codemod.digests import map as maps
from codemod.digests.lock import Lock
from codemod.digests.map import DigestMap

if TYPE_CHECKING:
    from codemod.moving.promote import Exists


class Sources(Struct, frozen=True):
    """What may know a digest; `registries` is None offline."""

    maps: DigestMap
    lock: Lock
    registries: Registries | None = None

    def chain(self) -> Chain:
        """All of them in order: maps, lock, registries."""
        found: list[DigestSource] = [self.maps, self.lock]
        return Chain([*found, self.registries] if self.registries is not None else found)

    def current(self) -> Chain:
        """Those that know what a tag means now: the maps, then the registries (offline the lock)."""
        return Chain([self.maps, self.lock if self.registries is None else Recording(self.registries)])

    def exist(self) -> Exists | None:
        """What asks registries whether they have digests; None offline."""
        return self.registries.exist if self.registries is not None else None


def open_sources(root: str, options: Options, registries: Registries | None) -> Sources:
    """What the options name, with the registries if they may be asked. Raises `InputError` for a file that is wrong."""
    given = maps.read_maps([(file, contents(file)) for file in options.digests])
    path = below(root, lock.NAME)
    locked = lock.read(path, contents(path)) if os.path.lexists(path) else Lock()
    return Sources(given, locked, None if options.offline else registries)
