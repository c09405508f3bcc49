"""Requests and answers: retries, pauses, redirects, time-outs and caps. Nothing here knows credentials."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError, InvalidHeader
from urllib3.util import Retry

from codemod import __version__
from codemod.digests import Failure
from codemod.digests.oci import Unanswered
from codemod.digests.oci.hosts import Host, Hosts
from codemod.digests.oci.trouble import Trouble, trouble

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PASSING = frozenset({408, 500, 502, 503, 504})
"""Statuses that another try may change."""
CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, how often, how much; times in seconds.

    One request is tried `tries` times, and asked again `turns` times where the host says that it is busy, as long as
    all the waiting together stays within `patience`. A pause that the host asks for and that is longer than
    `pause_max` is not waited for. A host that gave no answer to `strikes` requests in a row is not asked any more.
    """

    tries: int = 4
    turns: int = 20
    strikes: int = 3
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
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `foreign` is the host that gave it where a redirect led to another one."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    foreign: str | None = None


@dataclass(slots=True)
class _Effort:
    """What one request has cost so far."""

    tries: int = 0
    turns: int = 0
    waited: float = 0.0


@dataclass(slots=True)
class Transport:
    """One pool of connections for all hosts of a run. Cookies, .netrc and saved logins play no part."""

    hosts: Hosts
    limits: Limits = field(default_factory=Limits)
    clock: Clock = field(default_factory=Clock)
    _adapter: HTTPAdapter = field(init=False)

    def __post_init__(self) -> None:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self._adapter = HTTPAdapter(pool_connections=32, pool_maxsize=self.limits.threads, max_retries=0)

    def ask(
        self, host: Host, method: str, url: str, headers: Mapping[str, str], data: Mapping[str, str] | None = None
    ) -> Reply:
        """The answer of a host, whatever it is. Raises `Unanswered` where patience or tries are over without one."""
        effort = _Effort()
        while True:
            self._await_turn(host, effort)
            try:
                with host.slots:
                    reply = self._follow(host, method, url, headers, data)
            except Trouble as problem:
                effort.tries += 1
                if not problem.may_pass or effort.tries >= self.limits.tries:
                    raise self._strike(host, problem) from None
                self._pause(host, effort, "")
                continue
            if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
                self._take_turn(host, effort, reply)
            elif reply.status in PASSING:
                effort.tries += 1
                if effort.tries >= self.limits.tries:
                    raise self._strike(host, Trouble(f"answers with HTTP {reply.status}"))
                self._pause(host, effort, reply.headers.get("Retry-After", ""))
            else:
                host.answered, host.strikes = True, 0
                return reply

    def settle(self, host: Host) -> None:
        """Find out whether an insecure host speaks TLS: it does, unless only plain HTTP gets an answer."""
        with host.lock:
            if host.scheme:
                return
            host.scheme = "https"
            try:
                self._send(host, "GET", host.url("/v2/"), {}, None)
            except Trouble:
                host.scheme = "http"

    def _await_turn(self, host: Host, effort: _Effort) -> None:
        while (pause := host.not_before - self.clock.now()) > 0 and host.given_up is None:
            self._wait(host, effort, pause)
        if host.given_up is not None:
            raise Unanswered(host.given_up.kind, host.given_up.message)

    def _wait(self, host: Host, effort: _Effort, pause: float) -> None:
        effort.waited += pause
        if effort.waited > self.limits.patience:
            raise Unanswered("busy", f"{host.domain}: asks to wait, again and again; try later or with fewer images")
        self.clock.sleep(pause)

    def _take_turn(self, host: Host, effort: _Effort, reply: Reply) -> None:
        effort.turns += 1
        if effort.turns > self.limits.turns:
            raise Unanswered("busy", f"{host.domain}: too many requests (HTTP 429), again and again; try later")
        self._pause(host, effort, reply.headers.get("Retry-After", ""))

    def _pause(self, host: Host, effort: _Effort, said: str) -> None:
        """Wait before the next try: what the host said, all of its requests; else more each time, and by chance."""
        base = self.limits.backoff
        asked = _seconds(said)
        if asked is None:
            self._wait(host, effort, base * 2 ** (effort.tries + effort.turns - 1) * (0.5 + self.clock.chance()))
            return
        if asked > self.limits.pause_max:
            message = f"{host.domain}: asks to wait {asked:,.0f} seconds before the next request; try later"
            host.given_up = Failure("busy", message)
            return
        pause = max(asked, base / 5) + base / 5 * self.clock.chance()
        host.not_before = max(host.not_before, self.clock.now() + pause)

    def _strike(self, host: Host, problem: Trouble) -> Unanswered:
        """The failure of a request; a host that never answered, or that often does not, is given up."""
        failure = Failure("unreachable", f"{host.domain}: {problem}")
        host.strikes += 1
        if host.strikes >= self.limits.strikes or (problem.connecting and not host.answered):
            host.given_up = failure
        return Unanswered(failure.kind, failure.message)

    def _follow(
        self, host: Host, method: str, url: str, headers: Mapping[str, str], data: Mapping[str, str] | None
    ) -> Reply:
        """The answer behind all redirects; what leads to another host, or back from one, goes without credentials."""
        asked, foreign = host, None
        for _ in range(self.limits.redirects):
            reply = self._send(asked, method, url, headers, data)
            if reply.status not in REDIRECTS or not reply.headers.get("Location"):
                return Reply(reply.status, reply.headers, reply.body, foreign)
            target = _target(url, reply.headers["Location"])
            if target is None:
                raise Unanswered("malformed", f"{host.domain}: redirects to what is no address")
            if data is not None:
                raise Unanswered("malformed", f"{host.domain}: redirects a login, which is not followed")
            if _origin(target) != _origin(url):
                asked = self._host_of_redirect(host, target)
                foreign = asked.domain
                headers = {name: value for name, value in headers.items() if name != "Authorization"}
            url = target
        raise Unanswered("malformed", f"{host.domain}: redirects in circles")

    def _host_of_redirect(self, host: Host, target: str) -> Host:
        parts = urlsplit(target)
        found = self.hosts.at(target)
        if parts.scheme != "https" and not (parts.scheme == "http" and found.verify is False):
            message = f"{host.domain}: redirects to {found.domain} without TLS; `insecure` would have to allow that"
            raise Unanswered("malformed", message)
        return found

    def _send(
        self, host: Host, method: str, url: str, headers: Mapping[str, str], data: Mapping[str, str] | None
    ) -> Reply:
        """One request and its whole answer. Raises `Trouble`."""
        own = {"User-Agent": f"unfloat/{__version__}", "Accept-Encoding": "identity"}
        limits = self.limits
        try:
            request = requests.Request(method, url, headers={**own, **headers}, data=data).prepare()
            if host.proxies is None:
                host.proxies = get_environ_proxies(url)
            response = self._adapter.send(request, True, (limits.connect, limits.read), host.verify, None, host.proxies)
            with contextlib.closing(response):
                return Reply(response.status_code, response.headers, self._body(response.raw))
        except (requests.RequestException, HTTPError, OSError) as error:
            raise trouble(error, limits.connect, limits.read) from None

    def _body(self, raw: urllib3.BaseHTTPResponse) -> bytes:
        """The body as it arrives, within size and time."""
        parts, size, end = [], 0, self.clock.now() + self.limits.body
        while part := raw.read1(CHUNK, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > self.limits.size:
                raise Trouble(f"sends more than {self.limits.size:,} bytes", may_pass=False)
            if self.clock.now() > end:
                raise Trouble(f"is not done with its answer after {self.limits.body:g} seconds", may_pass=False)
        raw.release_conn()
        return b"".join(parts)


def _seconds(said: str) -> float | None:
    """How long a `Retry-After` asks to wait, None where it does not say."""
    try:
        return float(Retry(0).parse_retry_after(said)) if said else None
    except (InvalidHeader, ValueError, OverflowError):
        return None


def _target(url: str, location: str) -> str | None:
    """Where a redirect leads, None if that is no address of the web."""
    try:
        target = urljoin(url, location)
        parts = urlsplit(target)
        return target if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    default = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return parts.scheme, parts.netloc.rpartition("@")[2].lower().removesuffix(default)
