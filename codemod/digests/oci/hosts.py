"""Hosts: where a reference is asked for (mirror, then origin), and what is known about each host during a run."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from codemod.config import Registry
from codemod.digests import Failure
from codemod.reference import DEFAULT_DOMAIN, Reference

DOCKER_HUB = "registry-1.docker.io"
"""Where the images of `docker.io` are asked for."""

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""Variables that name a file of authorities for all hosts without one of their own."""


@dataclass(slots=True, eq=False)
class Host:
    """One host, with what a run learns of it.

    `domain` is its name in references and configurations, `address` the one to connect to. `scheme` is empty until it
    is known, which is at once for all but insecure hosts. `verify` is as in requests: a file of authorities, or whether
    certificates are checked. Nothing is sent before `not_before`; `given_up` says why nothing is sent any more.
    """

    domain: str
    address: str
    scheme: str
    verify: str | bool
    lock: threading.Lock = field(default_factory=threading.Lock)
    not_before: float = 0.0
    strikes: int = 0
    answers: int = 0
    given_up: Failure | None = None
    proxies: dict[str, str] | None = None

    def url(self, path: str) -> str:
        """The URL of a path of this host."""
        return f"{self.scheme}://{self.address}{path}"


@dataclass(frozen=True, slots=True)
class Route:
    """One way to a repository: the host, the repository's path there, and what the answer is said to come from."""

    host: Host
    path: str
    source: str


class Hosts:
    """All hosts of a run, each known once."""

    def __init__(self, registries: Mapping[str, Registry], environ: Mapping[str, str] | None = None) -> None:
        environ = os.environ if environ is None else environ
        self._registries = registries
        self._bundle: str | bool = next((environ[name] for name in BUNDLES if environ.get(name)), True)
        self._lock = threading.Lock()
        self._hosts: dict[str, Host] = {}

    def routes(self, reference: Reference) -> tuple[Route, ...]:
        """Where a reference is asked for, in order."""
        origin = Route(self.named(reference.domain), reference.path, "registry")
        registry = self._registries.get(reference.domain)
        if registry is None or registry.mirror is None:
            return (origin,)
        domain, _, prefix = registry.mirror.partition("/")
        path = f"{prefix}/{reference.path}" if prefix else reference.path
        return Route(self.named(domain), path, f"mirror {registry.mirror}"), origin

    def named(self, domain: str) -> Host:
        """The host of a domain as references spell it."""
        with self._lock:
            if domain not in self._hosts:
                self._hosts[domain] = self._host(domain)
            return self._hosts[domain]

    def at(self, url: str) -> Host:
        """The host of a URL that a registry sent, with the settings that the configuration has for it."""
        address = urlsplit(url).netloc.rpartition("@")[2].lower()
        return self.named(DEFAULT_DOMAIN if address == DOCKER_HUB else address)

    def give_up(self) -> None:
        """Ask nobody any more, not even again: the run is interrupted."""
        with self._lock:
            for host in self._hosts.values():
                host.given_up = Failure("unreachable", f"{host.domain}: interrupted")

    def _host(self, domain: str) -> Host:
        registry = self._registries.get(domain, Registry())
        verify = False if registry.insecure else registry.ca_file or self._bundle
        address = DOCKER_HUB if domain == DEFAULT_DOMAIN else domain
        return Host(domain, address, "" if registry.insecure else "https", verify)


def address(url: str) -> SplitResult | None:
    """The parts of an address of the web, None for what is none.

    With a name before the host, or a backslash, it leads to different hosts, depending on who reads it (`requests` or
    `urlsplit`), so that is none.
    """
    try:
        parts = urlsplit(url)
        is_plain = not {"@", "\\"} & set(parts.netloc) and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if is_plain and parts.scheme in ("http", "https") else None
