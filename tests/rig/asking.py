"""A registry source for tests: no real pauses, no credentials but those that are given."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from codemod.config import Registry
from codemod.digests import Answer, Failure
from codemod.digests.oci.credentials import Credentials
from codemod.digests.oci.pace import Clock, Limits
from codemod.digests.oci.source import Depth, RegistrySource
from codemod.reference import Reference, parse

LIMITS = Limits(connect=5, read=5)
QUICK = replace(LIMITS, read=0.2, backoff=0.001)
"""For what never answers: waits are real there, and short."""


@dataclass
class Time:
    """Time that passes only where somebody sleeps."""

    seconds: float = 1000.0
    slept: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.seconds, self._sleep, lambda: 0.5)

    def _sleep(self, seconds: float) -> None:
        with self._lock:
            self.seconds += seconds
            self.slept.append(seconds)


def source(
    *insecure: str,
    registries: Mapping[str, Registry] | None = None,
    environ: Mapping[str, str] | None = None,
    limits: Limits = LIMITS,
    clock: Clock | None = None,
    depth: Depth = Depth.BODY,
) -> RegistrySource:
    """A source that knows the hosts named as those of plain HTTP."""
    given = {host: Registry(insecure=True) for host in insecure} | dict(registries or {})
    credentials = Credentials({"HOME": "/dev/null", **(environ or {})}, helper_seconds=5)
    return RegistrySource(given, depth=depth, credentials=credentials, limits=limits, clock=clock or Time().clock)


def answers(source: RegistrySource, names: Iterable[str], *, verify: bool = True) -> dict[str, Answer]:
    """What the source answers for each name, by the name as it was given."""
    references: dict[str, Reference] = {name: parse(name) for name in names}
    found = source.resolve_each(list(references.values()), verify=verify)
    return {name: found[reference.lookup] for name, reference in references.items()}


def failure(source: RegistrySource, name: str, *, verify: bool = True) -> Failure:
    """The failure of one name."""
    answer = answers(source, [name], verify=verify)[name]
    assert isinstance(answer, Failure), answer
    return answer


def digest(source: RegistrySource, name: str, *, verify: bool = True) -> str:
    """The digest of one name."""
    answer = answers(source, [name], verify=verify)[name]
    assert not isinstance(answer, Failure), answer
    return answer.digest
