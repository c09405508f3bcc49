"""Logins: a challenge is answered with the host's own credential (Basic) or a token made for it (Bearer).

What the host will ask for is known after its first challenge, and sent along from then on. A refusal is answered once,
with a new token; a second one is final.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from codemod.digests import Failure
from codemod.digests.oci import Unanswered
from codemod.digests.oci.credentials import Credential, Credentials
from codemod.digests.oci.hosts import Host, Route, address
from codemod.digests.oci.transport import Reply, Transport
from codemod.patterns import on_use

_SCHEME = on_use(r"(?:^|,)\s*(Basic|Bearer)(?:\s+|$)", re.IGNORECASE)
_PARAMETER = on_use(r'([A-Za-z_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_TOKEN = on_use(r"[\x21-\x7e]+")
LIFETIME = 60.0
"""How long a token holds if its service does not say."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a registry asks for: `basic`, or a token of `realm` for `service` and `scope`."""

    scheme: str
    realm: str = ""
    service: str = ""
    scope: str = ""


@dataclass(slots=True)
class _Token:
    """A token, and until when it is used; the lock keeps several threads from fetching it at once."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    text: str = ""
    ends: float = 0.0


@dataclass(slots=True)
class Authenticated:
    """A transport that logs in where it is asked to; each host is only ever shown its own credentials."""

    transport: Transport
    credentials: Credentials
    _challenges: dict[str, Challenge] = field(default_factory=dict)
    _tokens: dict[tuple[str, Challenge, Credential | None], _Token] = field(default_factory=dict)
    _refused: dict[tuple[str, Credential | None], Failure] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, route: Route, method: str, path: str, accept: str) -> Reply:
        """The answer to a request below the repository. Raises `Unanswered` without access, or without an answer."""
        host = route.host
        self.transport.settle(host)
        url, headers = host.url(f"/v2/{route.path}/{path}"), {"Accept": accept}
        login = self._expected_login(route)
        reply = self.transport.ask(host, method, url, headers | login)
        if reply.status != HTTPStatus.UNAUTHORIZED:
            return reply
        if (foreign := reply.foreign) is not None:
            public = self._as_anybody(route, foreign, reply.headers.get("WWW-Authenticate", ""))
            reply = self.transport.ask(host, method, url, headers | login, elsewhere=public)
            if reply.status == HTTPStatus.UNAUTHORIZED:
                raise _unwelcome(route, foreign)
            return reply
        challenge = self._challenge(route, reply)
        self._forget(route, challenge, login)
        refused, login = login, self._login(route, challenge)
        if login in ({}, refused):
            raise self.denied(route)
        reply = self.transport.ask(host, method, url, headers | login)
        if reply.status == HTTPStatus.UNAUTHORIZED:
            raise self.denied(route)
        self._challenges[host.domain] = challenge
        return reply

    def denied(self, route: Route) -> Unanswered:
        """The failure of a request that the host forbids."""
        credential = self.credentials.of(route.host.domain, route.path)
        why = "there are no credentials for it" if credential is None else "its credentials do not open it"
        hint = f" ({self.credentials.problems[0]})" if self.credentials.problems and credential is None else ""
        message = f"{route.host.domain}: access to {route.path} is denied, or there is no such repository; {why}{hint}"
        return Unanswered("denied", message)

    def _expected_login(self, route: Route) -> dict[str, str]:
        """The header that the host will ask for, as far as that is known from its other repositories."""
        known = self._challenges.get(route.host.domain)
        if known is not None and known.scheme == "bearer":
            known = Challenge("bearer", known.realm, known.service, f"repository:{route.path}:pull")
        try:
            return self._login(route, known)
        except Unanswered:
            return {}

    def _challenge(self, route: Route, reply: Reply) -> Challenge:
        host = route.host
        found = challenge(reply.headers.get("WWW-Authenticate", ""))
        if found is None:
            raise Unanswered("denied", f"{host.domain}: refuses access, and does not say what login it wants")
        if found.scheme == "bearer":
            if not _is_safe(found.realm, host.scheme == "http"):
                raise Unanswered("malformed", f"{host.domain}: names a token service that is no https address")
            found = Challenge("bearer", found.realm, found.service, found.scope or f"repository:{route.path}:pull")
        return found

    def _as_anybody(self, route: Route, host: Host, header: str) -> dict[str, str]:
        """What a host behind a redirect is shown: a token that its service gives to anybody, never a credential."""
        asked = challenge(header)
        if asked is None or asked.scheme != "bearer" or not _is_safe(asked.realm, host.verify is False):
            raise _unwelcome(route, host)
        return {host.domain: f"Bearer {self._token(host, asked, None)}"}

    def _login(self, route: Route, challenge: Challenge | None) -> dict[str, str]:
        """The header that answers a challenge, none where there is nothing to answer with."""
        if challenge is None:
            return {}
        credential = self.credentials.of(route.host.domain, route.path)
        if credential is not None and credential.bearer:
            return {"Authorization": f"Bearer {credential.bearer}"}
        if challenge.scheme == "basic":
            return {"Authorization": _basic(credential)} if credential is not None and credential.password else {}
        return {"Authorization": f"Bearer {self._token(route.host, challenge, credential)}"}

    def _slot(self, host: Host, challenge: Challenge, credential: Credential | None) -> _Token:
        with self._lock:
            return self._tokens.setdefault((host.domain, challenge, credential), _Token())

    def _forget(self, route: Route, challenge: Challenge, login: Mapping[str, str]) -> None:
        """Drop a token that was refused, unless another thread has a newer one by now."""
        slot = self._slot(route.host, challenge, self.credentials.of(route.host.domain, route.path))
        with slot.lock:
            if login.get("Authorization") == f"Bearer {slot.text}":
                slot.text = ""

    def _token(self, host: Host, challenge: Challenge, credential: Credential | None) -> str:
        slot = self._slot(host, challenge, credential)
        with slot.lock:
            if not slot.text or self.transport.pace.clock.now() >= slot.ends:
                slot.text, lifetime = self._fetch(host, challenge, credential)
                slot.ends = self.transport.pace.clock.now() + lifetime * 0.9
            return slot.text

    def _fetch(self, host: Host, challenge: Challenge, credential: Credential | None) -> tuple[str, float]:
        """A new token and how many seconds it holds. A password that was wrong once is not tried for all images."""
        if (failure := self._refused.get((challenge.realm, credential))) is not None:
            raise Unanswered(failure.kind, failure.message)
        asked = {name: value for name in ("service", "scope") if (value := getattr(challenge, name))}
        service = self.transport.hosts.at(challenge.realm)
        if credential is not None and credential.identity:
            form = {
                "grant_type": "refresh_token",
                "refresh_token": credential.identity,
                "client_id": "unfloat",
                **asked,
            }
            reply = self.transport.ask(service, "POST", challenge.realm, {}, form)
        else:
            login = {"Authorization": _basic(credential)} if credential is not None else {}
            joint = "&" if urlsplit(challenge.realm).query else "?"
            reply = self.transport.ask(service, "GET", f"{challenge.realm}{joint}{urlencode(asked)}", login)
        if reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.BAD_REQUEST):
            whose = "anybody without credentials" if credential is None else "its credentials"
            refused = Unanswered("denied", f"{host.domain}: the token service {service.domain} refuses {whose}")
            if credential is not None and reply.status == HTTPStatus.UNAUTHORIZED:
                self._refused[challenge.realm, credential] = refused.failure
            raise refused
        return _read_token(reply, host, service)


def challenge(header: str) -> Challenge | None:
    """The challenge of a `WWW-Authenticate` header, Bearer before Basic where it has both."""
    starts = list(_SCHEME.finditer(header))
    found = {}
    for at, start in enumerate(starts):
        end = starts[at + 1].start() if at + 1 < len(starts) else len(header)
        given = {
            name.lower(): re.sub(r"\\(.)", r"\1", quoted) or plain
            for name, quoted, plain in _PARAMETER.findall(header, start.end(), end)
        }
        found[start[1].lower()] = Challenge(
            start[1].lower(), given.get("realm", ""), given.get("service", ""), given.get("scope", "")
        )
    if "bearer" in found:
        return found["bearer"]
    return Challenge("basic") if "basic" in found else None


def _unwelcome(route: Route, foreign: Host) -> Unanswered:
    message = f"{route.host.domain}: redirects to {foreign.domain}, which asks for a login"
    return Unanswered("denied", f"{message}; credentials are not sent along")


def _is_safe(realm: str, may_be_plain: bool) -> bool:
    """Whether a token service may be shown credentials: over TLS, or as openly as the registry itself."""
    parts = address(realm)
    return parts is not None and (parts.scheme == "https" or may_be_plain)


def _basic(credential: Credential) -> str:
    return "Basic " + base64.b64encode(f"{credential.username}:{credential.password}".encode()).decode()


def _read_token(reply: Reply, host: Host, service: Host) -> tuple[str, float]:
    try:
        answer = json.loads(reply.body) if reply.status == HTTPStatus.OK else None
        text = answer.get("token") or answer.get("access_token") if isinstance(answer, dict) else None
        lifetime = float(answer.get("expires_in") or LIFETIME) if isinstance(answer, dict) else LIFETIME
    except (ValueError, TypeError, RecursionError):
        text = None
    if not isinstance(text, str) or not _TOKEN.fullmatch(text):
        raise Unanswered("malformed", f"{host.domain}: the token service {service.domain} gives no token")
    return text, lifetime
