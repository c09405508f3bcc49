"""The registry as a `DigestSource`: many references at once, each host at its own pace, one failure at a time."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from enum import IntEnum
from functools import partial
from http import HTTPStatus
from typing import TypeVar

from codemod.config import Registry
from codemod.digests import Answer, Failure, Resolution
from codemod.digests.oci import Unanswered, manifests
from codemod.digests.oci.auth import Authenticated
from codemod.digests.oci.credentials import Credentials
from codemod.digests.oci.hosts import Hosts, Route
from codemod.digests.oci.pace import Clock, Limits, Pace
from codemod.digests.oci.transport import Reply, Transport
from codemod.reference import Reference, is_digest, parse

T = TypeVar("T")
Advance = Callable[[int], None]
"""Told how many references have an answer."""


class Depth(IntEnum):
    """How much is asked for, each with all before it."""

    HEADER = 0
    """The digest that the registry names; one HEAD, which Docker Hub does not count as a pull."""
    BODY = 1
    """The manifest, whose digest is computed, and the platforms if it is an index."""
    PLATFORMS = 2
    """The configuration of a single image, too, which names its platform."""


class RegistrySource:
    """Asks the registries themselves. Every reference is asked for once, unless more is wanted to be known of it."""

    def __init__(
        self,
        registries: Mapping[str, Registry],
        *,
        depth: Depth = Depth.BODY,
        credentials: Credentials | None = None,
        limits: Limits | None = None,
        clock: Clock | None = None,
    ) -> None:
        limits, self._over = limits or Limits(), threading.Event()
        self._depth, self._threads = depth, limits.threads
        self._hosts = Hosts(registries)
        transport = Transport(self._hosts, Pace(limits, clock or Clock(sleep=self._over.wait)))
        self._registry = Authenticated(transport, credentials or Credentials())
        self._known: dict[Reference, tuple[Depth, Answer]] = {}
        self._lock = threading.Lock()

    def resolve(self, references: Collection[Reference], advance: Advance | None = None) -> Mapping[Reference, Answer]:
        """Digests, or why there is none, as deep as this source asks by itself."""
        return self._resolved(references, self._depth, advance)

    def resolve_each(
        self, references: Collection[Reference], verify: bool = True, advance: Advance | None = None
    ) -> Mapping[Reference, Answer]:
        """An answer for each reference (`lookup`); verified ones are computed from the manifest, and have platforms."""
        return self._resolved(references, Depth.PLATFORMS if verify else Depth.HEADER, advance)

    def exists(self, repository: str, digest: str) -> bool | Failure:
        """Whether a repository (`ghcr.io/acme/web`) has a digest."""
        reference = parse(f"{repository}@{digest}")
        return self.exist_each([reference])[reference]

    def exist_each(
        self, references: Collection[Reference], advance: Advance | None = None
    ) -> Mapping[Reference, bool | Failure]:
        """The same for many references, each with its digest."""
        found = self._each(references, lambda reference: self._first(reference, self._has), advance)
        return {
            name: False if isinstance(answer, Failure) and answer.kind == "missing" else answer
            for name, answer in found.items()
        }

    def _resolved(
        self, references: Collection[Reference], depth: Depth, advance: Advance | None
    ) -> Mapping[Reference, Answer]:
        wanted = {reference.lookup for reference in references}
        with self._lock:
            known = {name: self._known[name] for name in wanted if name in self._known}
        asking = [name for name in wanted if name not in known or _may_tell_more(*known[name], depth)]
        learn = partial(self._learn, depth=depth)
        found = self._each(asking, lambda name: self._first(name, learn), advance)
        with self._lock:
            self._known.update((name, (depth, answer)) for name, answer in found.items())
            return {name: self._known[name][1] for name in sorted(wanted, key=str)}

    def _each(
        self, references: Iterable[Reference], ask: Callable[[Reference], T | Failure], advance: Advance | None
    ) -> dict[Reference, T | Failure]:
        """Ask for all of them, with threads of its own for each host."""
        by_host: dict[str, list[Reference]] = defaultdict(list)
        for reference in sorted(set(references), key=str):
            by_host[self._hosts.routes(reference)[0].host.domain].append(reference)
        pools = [ThreadPoolExecutor(min(self._threads, len(names))) for names in by_host.values()]
        try:
            asked: dict[Reference, Future[T | Failure]] = {
                name: pool.submit(ask, name)
                for pool, names in zip(pools, by_host.values(), strict=True)
                for name in names
            }
            for done, _ in enumerate(as_completed(asked.values()), 1):
                if advance is not None:
                    advance(done)
            return {name: future.result() for name, future in asked.items()}
        except BaseException:
            self._over.set()
            self._hosts.give_up()
            raise
        finally:
            for pool in pools:
                pool.shutdown(wait=False, cancel_futures=True)

    def _first(self, reference: Reference, ask: Callable[[Route, Reference], T]) -> T | Failure:
        """The answer of the first way that has one; where there is none, what the last way says."""
        failures = []
        for route in self._hosts.routes(reference):
            try:
                return ask(route, reference)
            except Unanswered as unanswered:
                failures.append(unanswered.failure)
        *before, last = failures
        told = "; ".join(failure.message for failure in before if failure.kind != "missing")
        return Failure(last.kind, f"{last.message}; the mirror {told}") if told else last

    def _learn(self, route: Route, reference: Reference, depth: Depth) -> Resolution:
        path = f"manifests/{reference.tag}"
        if depth is Depth.HEADER:
            reply = self._registry.ask(route, "HEAD", path, manifests.ACCEPT)
            if _is_manifest(reply) and is_digest(_said(reply)):
                return Resolution(_said(reply), route.source, _media(reply))
        reply = self._registry.ask(route, "GET", path, manifests.ACCEPT)
        host = route.host.domain
        self._refuse(route, reply, reference)
        media = manifests.media_type(_media(reply), host)
        digest = manifests.digest_of(reply.body, _said(reply), host)
        manifest = manifests.read(media, reply.body, host)
        platforms = manifest.platforms
        if depth is Depth.PLATFORMS and manifest.config is not None:
            platforms = self._platform(route, manifest.config)
        return Resolution(digest, route.source, media, platforms)

    def _platform(self, route: Route, digest: str) -> tuple[str, ...]:
        reply = self._registry.ask(route, "GET", f"blobs/{digest}", "*/*")
        host = route.host.domain
        if reply.status != HTTPStatus.OK:
            raise Unanswered("malformed", f"{host}: has {route.path}, but not its configuration (HTTP {reply.status})")
        manifests.digest_of(reply.body, digest, host)
        return manifests.platform_of(reply.body, host)

    def _has(self, route: Route, reference: Reference) -> bool:
        """True; raises `Unanswered` otherwise, so that the next way is asked."""
        reply = self._registry.ask(route, "HEAD", f"manifests/{reference.digest}", manifests.ACCEPT)
        if _is_manifest(reply) and _said(reply) == reference.digest:
            return True
        reply = self._registry.ask(route, "GET", f"manifests/{reference.digest}", manifests.ACCEPT)
        self._refuse(route, reply, reference)
        manifests.media_type(_media(reply), route.host.domain)
        manifests.digest_of(reply.body, reference.digest or "", route.host.domain)
        return True

    def _refuse(self, route: Route, reply: Reply, reference: Reference) -> None:
        """Raise `Unanswered` for all but a success."""
        host = route.host.domain
        if reply.status == HTTPStatus.OK:
            return
        if reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise self._registry.denied(route)
        if reply.status == HTTPStatus.NOT_FOUND and _is_of_a_registry(reply):
            name = f"{route.path}@{reference.digest}" if reference.digest else f"{route.path}:{reference.tag}"
            raise Unanswered("missing", f"{host}: has no {name}")
        raise Unanswered("malformed", f"{host}: answers with HTTP {reply.status}, as no registry does")


def _may_tell_more(known: Depth, answer: Answer, depth: Depth) -> bool:
    return depth > known and isinstance(answer, Resolution)


def _is_manifest(reply: Reply) -> bool:
    return reply.status == HTTPStatus.OK and _media(reply) in manifests.KNOWN


def _media(reply: Reply) -> str:
    return reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _said(reply: Reply) -> str:
    return reply.headers.get("Docker-Content-Digest", "").strip()


def _is_of_a_registry(reply: Reply) -> bool:
    """Whether a 404 is that of a registry (JSON, or nothing), and not of a web server that stands in its place."""
    if not reply.body.strip():
        return True
    try:
        return isinstance(json.loads(reply.body), dict)
    except (ValueError, RecursionError):
        return False
