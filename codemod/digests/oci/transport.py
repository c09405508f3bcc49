"""Requests and answers: retries, pauses, redirects, time-outs and caps. Nothing here knows credentials."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, select_proxy
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.util import parse_url

from codemod import __version__
from codemod.digests.oci import Unanswered
from codemod.digests.oci.hosts import Host, Hosts, address
from codemod.digests.oci.pace import Effort, Pace
from codemod.digests.oci.trouble import Trouble, trouble

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PASSING = frozenset({408, 500, 502, 503, 504})
"""Statuses that another try may change."""
CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `foreign` is the host that gave it where a redirect led to another one."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    foreign: Host | None = None


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked; `elsewhere` is what other hosts are shown, by their domain."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] | None = None
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    def elsewhere_at(self, host: Host) -> _Request:
        """The request as another host is asked: without what was for the first one."""
        kept = {name: value for name, value in self.headers.items() if name != "Authorization"}
        own = {"Authorization": self.elsewhere[host.domain]} if host.domain in self.elsewhere else {}
        return replace(self, headers={**kept, **own})


@dataclass(slots=True)
class Transport:
    """One pool of connections for all hosts of a run. Cookies, .netrc and saved logins play no part."""

    hosts: Hosts
    pace: Pace = field(default_factory=Pace)
    _adapter: HTTPAdapter = field(init=False)

    def __post_init__(self) -> None:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self._adapter = HTTPAdapter(pool_connections=32, pool_maxsize=self.pace.limits.threads, max_retries=0)

    def ask(
        self,
        host: Host,
        method: str,
        url: str,
        headers: Mapping[str, str],
        data: Mapping[str, str] | None = None,
        elsewhere: Mapping[str, str] | None = None,
    ) -> Reply:
        """The answer of a host, whatever it is. Raises `Unanswered` where patience or tries are over without one.

        `elsewhere` is what other hosts are shown if a redirect leads to them, by their domain.
        """
        effort, request = Effort(host.answers), _Request(method, url, headers, data, elsewhere or {})
        while True:
            self.pace.await_turn(host, effort)
            try:
                reply = self._follow(host, request)
            except Trouble as problem:
                effort.tries += 1
                if not problem.may_pass or effort.tries >= self.pace.limits.tries:
                    raise self.pace.strike(host, problem) from None
                self.pace.pause(host, effort, "")
                continue
            if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
                self.pace.take_turn(host, effort, reply.headers.get("Retry-After", ""))
            elif reply.status in PASSING:
                effort.tries += 1
                if effort.tries >= self.pace.limits.tries:
                    raise self.pace.strike(host, Trouble(f"answers with HTTP {reply.status}", answered=True))
                self.pace.pause(host, effort, reply.headers.get("Retry-After", ""))
            else:
                host.answers, host.strikes = host.answers + 1, 0
                return reply

    def settle(self, host: Host) -> None:
        """Find out whether an insecure host speaks TLS: it does, unless only plain HTTP gets an answer."""
        with host.lock:
            if host.scheme:
                return
            host.scheme = "https"
            try:
                self._send(host, _Request("GET", host.url("/v2/")))
            except Trouble:
                host.scheme = "http"

    def _follow(self, host: Host, request: _Request) -> Reply:
        """The answer behind all redirects; what leads to another host, or back from one, goes without credentials."""
        asked, foreign = host, None
        for _ in range(self.pace.limits.redirects):
            try:
                reply = self._send(asked, request)
            except Trouble as problem:
                raise (problem if asked is host else problem.behind(asked.domain)) from None
            if reply.status not in REDIRECTS or not reply.headers.get("Location"):
                return replace(reply, foreign=foreign)
            target = _target(request.url, reply.headers["Location"])
            if target is None:
                raise Unanswered("malformed", f"{host.domain}: redirects to what is no address")
            if request.data is not None:
                raise Unanswered("malformed", f"{host.domain}: redirects a login, which is not followed")
            if _origin(target) != _origin(request.url):
                asked = foreign = self._host_of_redirect(host, target)
                request = request.elsewhere_at(asked)
            request = replace(request, url=target)
        raise Unanswered("malformed", f"{host.domain}: redirects in circles")

    def _host_of_redirect(self, host: Host, target: str) -> Host:
        parts = urlsplit(target)
        found = self.hosts.at(target)
        if parts.scheme != "https" and not (parts.scheme == "http" and found.verify is False):
            message = f"{host.domain}: redirects to {found.domain} without TLS; `insecure` would have to allow that"
            raise Unanswered("malformed", message)
        return found

    def _send(self, host: Host, asked: _Request) -> Reply:
        """One request and its whole answer. Raises `Trouble`."""
        own = {"User-Agent": f"unfloat/{__version__}", "Accept-Encoding": "identity"}
        limits = self.pace.limits
        try:
            request = requests.Request(asked.method, asked.url, {**own, **asked.headers}, data=asked.data).prepare()
            if host.proxies is None:
                host.proxies = _proxies(asked.url)
            response = self._adapter.send(request, True, (limits.connect, limits.read), host.verify, None, host.proxies)
            with contextlib.closing(response):
                return Reply(response.status_code, response.headers, self._body(response.raw))
        except (requests.RequestException, HTTPError, OSError) as error:
            raise trouble(error, limits.connect, limits.read) from None

    def _body(self, raw: urllib3.BaseHTTPResponse) -> bytes:
        """The body as it arrives, within size and time."""
        parts, size, end = [], 0, self.pace.clock.now() + self.pace.limits.body
        while part := raw.read1(CHUNK, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > self.pace.limits.size:
                raise Trouble(f"sends more than {self.pace.limits.size:,} bytes", may_pass=False)
            if self.pace.clock.now() > end:
                raise Trouble(f"is not done with its answer after {self.pace.limits.body:g} seconds", may_pass=False)
        raw.release_conn()
        return b"".join(parts)


def _proxies(url: str) -> dict[str, str]:
    """The proxies of the environment. Raises `Trouble` where the one for an address is none."""
    found: dict[str, str] = get_environ_proxies(url)
    proxy = select_proxy(url, found)
    try:
        is_proxy = proxy is None or bool(parse_url(proxy).host)
    except LocationParseError:
        is_proxy = False
    if not is_proxy:
        raise Trouble("the proxy that the environment names for it is no address", may_pass=False, connecting=True)
    return found


def _target(url: str, location: str) -> str | None:
    """Where a redirect leads, None if that is no address of the web."""
    try:
        target = urljoin(url, location)
    except ValueError:
        return None
    return target if address(target) is not None else None


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    default = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return parts.scheme, parts.netloc.lower().removesuffix(default)
