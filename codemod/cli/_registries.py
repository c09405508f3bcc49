"""The registries of a run: built when the first reference has to be asked for."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from codemod.config import Registry
from codemod.errors import InputError

if TYPE_CHECKING:
    from codemod.config import Config
    from codemod.digests import Answer, Failure
    from codemod.digests.oci.source import Advance, RegistrySource
    from codemod.reference import Reference


class Registries(Struct, frozen=True, dict=True):
    """The registries as a `DigestSource`; what they need is imported with the first question.

    `verified` answers are computed from the manifest itself, which is right for whatever is written.
    """

    config: Config
    root: str
    verified: bool = True
    quiet: bool = True

    @cached_property
    def source(self) -> RegistrySource:
        """The client. Raises `InputError` for a file of the configuration that cannot be read."""
        from codemod.digests.oci.source import Depth, RegistrySource

        depth = Depth.PLATFORMS if self.config.platforms else Depth.BODY if self.verified else Depth.HEADER
        return RegistrySource(_registries(self.config, self.root), depth=depth)

    def resolve(self, references: Collection[Reference]) -> Mapping[Reference, Answer]:
        """Digests, or why there is none."""
        with self._progress(references) as advance:
            return self.source.resolve(references, advance)

    def record(self, references: Collection[Reference]) -> Mapping[Reference, Answer]:
        """The same for all that goes into the lock: verified digests, and the platforms behind them."""
        with self._progress(references) as advance:
            return self.source.resolve_each(references, advance=advance)

    def exist(self, references: Collection[Reference]) -> Mapping[Reference, bool | Failure]:
        """Whether their registries have references that carry a digest."""
        with self._progress(references) as advance:
            return self.source.exist_each(references, advance)

    def _progress(self, references: Collection[Reference]) -> AbstractContextManager[Advance | None]:
        from codemod.cli._terminal import ASKING_FROM, progress

        return progress(len(references), quiet=self.quiet, what="Asking registries", least=ASKING_FROM)


class Recording(Struct, frozen=True, dict=True):
    """The registries, asked for all that goes into the lock: verified digests, and the platforms behind them."""

    registries: Registries

    def resolve(self, references: Collection[Reference]) -> Mapping[Reference, Answer]:
        """Digests, or why there is none."""
        return self.registries.record(references)


def _registries(config: Config, root: str) -> dict[str, Registry]:
    """The registries of a configuration, their files found from the root."""
    found = {}
    for host, registry in config.registries.items():
        if registry.ca_file is not None:
            path = os.path.normpath(os.path.join(root, registry.ca_file))
            if not os.access(path, os.R_OK) or os.path.isdir(path):
                raise InputError(path, f"the `ca_file` of {host} cannot be read", "name a PEM file, relative to PATH")
            registry = Registry(mirror=registry.mirror, insecure=registry.insecure, ca_file=path)  # noqa: PLW2901
        found[host] = registry
    return found
