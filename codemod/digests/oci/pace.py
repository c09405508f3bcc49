"""How a host is asked: how often again, after which pause, and when not any more."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from codemod.digests import Failure
from codemod.digests.oci import Unanswered
from codemod.digests.oci.hosts import Host
from codemod.digests.oci.trouble import Trouble


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, how often, how much; times in seconds.

    One request is tried `tries` times, and asked again `turns` times where the host says that it is busy, as long as
    all the waiting together stays within `patience`. A pause that the host asks for and that is longer than
    `pause_max` is not waited for. A host that gave no answer to `strikes` requests in a row is not asked any more.
    """

    tries: int = 4
    turns: int = 20
    strikes: int = 5
    backoff: float = 0.5
    pause_max: float = 60.0
    patience: float = 180.0
    connect: float = 5.0
    read: float = 15.0
    body: float = 60.0
    size: int = 8 * 2**20
    redirects: int = 5
    threads: int = 8


@dataclass(frozen=True, slots=True)
class Clock:
    """The time, how to let it pass, and chance; tests have their own."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep
    chance: Callable[[], float] = random.random


@dataclass(slots=True)
class Effort:
    """What one request has cost so far; `before` is how many others the host had answered when it began."""

    before: int
    tries: int = 0
    turns: int = 0
    waited: float = 0.0


@dataclass(frozen=True, slots=True)
class Pace:
    """The pauses of one run, kept for each host by all of its requests."""

    limits: Limits = field(default_factory=Limits)
    clock: Clock = field(default_factory=Clock)

    def await_turn(self, host: Host, effort: Effort) -> None:
        """Wait until the host may be asked. Raises `Unanswered` if it is not asked any more, or patience is over."""
        while (pause := host.not_before - self.clock.now()) > 0 and host.given_up is None:
            self._wait(host, effort, pause)
        if host.given_up is not None:
            raise Unanswered(host.given_up.kind, host.given_up.message)

    def _wait(self, host: Host, effort: Effort, pause: float) -> None:
        effort.waited += pause
        if effort.waited > self.limits.patience:
            raise self._out_of_patience(host, effort)
        self.clock.sleep(pause)

    def _out_of_patience(self, host: Host, effort: Effort) -> Unanswered:
        """The failure of a request that waited long enough; a host that answered no other one is given up."""
        failure = Failure("busy", f"{host.domain}: asks to wait, again and again; try later")
        if host.answers == effort.before:
            host.given_up = failure
        return Unanswered(failure.kind, failure.message)

    def take_turn(self, host: Host, effort: Effort, said: str) -> None:
        """A host that is busy is asked again, some times."""
        effort.turns += 1
        if effort.turns > self.limits.turns:
            raise self._out_of_patience(host, effort)
        self.pause(host, effort, said)

    def pause(self, host: Host, effort: Effort, said: str) -> None:
        """Wait before the next try: what the host said, all of its requests; else more each time, and by chance."""
        base = self.limits.backoff
        asked = _seconds(said)
        if asked is None:
            self._wait(host, effort, base * 2 ** min(effort.tries + effort.turns - 1, 5) * (0.5 + self.clock.chance()))
            return
        if asked > self.limits.pause_max:
            message = f"{host.domain}: asks to wait {asked:,.0f} seconds before the next request; try later"
            host.given_up = Failure("busy", message)
            return
        pause = max(asked, base / 5) + base / 5 * self.clock.chance()
        host.not_before = max(host.not_before, self.clock.now() + pause)

    def strike(self, host: Host, problem: Trouble) -> Unanswered:
        """The failure of a request; a host that never answers, or that does not any more, is given up."""
        failure = Failure("unreachable", f"{host.domain}: {problem}")
        host.strikes += 1
        is_gone = host.strikes >= self.limits.strikes and not (problem.answered and host.answers)
        if is_gone or (problem.connecting and not host.answers):
            host.given_up = failure
        return Unanswered(failure.kind, failure.message)


def _seconds(said: str) -> float | None:
    """How long a `Retry-After` asks to wait, None where it does not say."""
    try:
        return float(Retry(0).parse_retry_after(said)) if said else None
    except (InvalidHeader, ValueError, OverflowError):
        return None
