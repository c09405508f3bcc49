"""A registry that answers badly, or not at all: what may pass is tried again, and nothing wrong is ever believed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from time import sleep

import pytest
import requests
from rig import proxy as faults
from rig import secrets
from rig.asking import QUICK, Time, answers, digest, failure, source
from rig.images import Pusher
from rig.proxy import Answer, Fault, FaultProxy

from codemod.config import Registry
from codemod.digests import Failure, Resolution
from codemod.digests.oci.auth import Authenticated
from codemod.digests.oci.pace import Clock, Limits
from codemod.reference import parse

pytestmark = pytest.mark.usefixtures("nothing_leaks")
MANIFEST = r"(GET|HEAD) /v2/.*/manifests/"
WRONG = "sha256:" + "0" * 64
REAL = Clock()
ROOT = Path(__file__).parents[1]


@pytest.fixture
def proxy(open_registry: Pusher) -> Iterator[FaultProxy]:
    with FaultProxy(open_registry.registry.host) as proxy:
        yield proxy


@pytest.fixture
def other(open_registry: Pusher) -> Iterator[FaultProxy]:
    """Another host, which has the same images."""
    with FaultProxy(open_registry.registry.host) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def pushed(open_registry: Pusher) -> str:
    """The digest of `faulty/app:dev`."""
    return open_registry.index("faulty/app:dev")


def app(proxy: FaultProxy) -> str:
    return f"{proxy.host}/faulty/app:dev"


def login(*hosts: str) -> dict[str, str]:
    """Credentials for hosts, as CI has them."""
    return {
        f"UNFLOAT_REGISTRY_{host.replace('.', '_').replace(':', '_')}_{name}": value
        for host in hosts
        for name, value in (("USERNAME", secrets.USER), ("PASSWORD", secrets.PASSWORD))
    }


PASSING: list[tuple[str, Fault]] = [
    ("a reset", faults.reset),
    ("hanging up", faults.hang_up),
    ("a truncated body", faults.truncated),
    *((f"HTTP {code}", faults.status(code)) for code in (429, 500, 502, 503, 504)),
]


class TestWhatMayPass:
    @pytest.mark.parametrize("fault", [fault for _, fault in PASSING], ids=[name for name, _ in PASSING])
    def test_it_is_tried_again(self, fault: Fault, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, fault, times=2)
        time = Time()
        assert digest(source(proxy.host, clock=time.clock), app(proxy)) == pushed
        assert time.slept == [0.5, 1.0]

    @pytest.mark.parametrize("fault", [faults.reset, faults.truncated, faults.status(500)], ids=["reset", "cut", "500"])
    def test_it_is_given_up_in_the_end_and_said_so(self, fault: Fault, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, fault)
        found = failure(source(proxy.host), app(proxy))
        assert found.kind == "unreachable"
        assert found.message.startswith(f"{proxy.host}: ")
        assert proxy.count(MANIFEST) == Limits().tries

    def test_chance_spreads_the_pauses(self, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, faults.status(500), times=1)
        time = Time()
        clock = replace(time.clock, chance=lambda: 1.0)
        assert digest(source(proxy.host, clock=clock), app(proxy)) == pushed
        assert time.slept == [0.75]

    def test_one_that_fails_does_not_stop_the_others(self, proxy: FaultProxy, open_registry: Pusher) -> None:
        names = [f"faulty/many-{number}:dev" for number in range(6)]
        expected = {f"{proxy.host}/{name}": open_registry.single(name) for name in names}
        proxy.on(f"{MANIFEST}dev".replace(".*", "faulty/many-3"), faults.status(500))
        found = answers(source(proxy.host), expected)
        assert {name for name, answer in found.items() if isinstance(answer, Failure)} == {
            f"{proxy.host}/faulty/many-3:dev"
        }
        for name, answer in found.items():
            assert isinstance(answer, Failure) or answer.digest == expected[name]


class TestBusy:
    def test_a_pause_that_is_asked_for_is_kept(self, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, faults.status(429, {"Retry-After": "7"}), times=1)
        time = Time()
        assert digest(source(proxy.host, clock=time.clock), app(proxy)) == pushed
        assert time.slept == [pytest.approx(7.05)]

    def test_it_holds_for_all_requests_to_the_host(self, proxy: FaultProxy, open_registry: Pusher) -> None:
        names = [f"faulty/gate-{number}:dev" for number in range(12)]
        for name in names:
            open_registry.single(name)
        limited = 4

        def limit(exchange: BaseHTTPRequestHandler, answer: Answer) -> None:
            late = time.seconds >= 1007
            (faults.send if late else faults.status(429, {"Retry-After": "7"}))(exchange, answer)

        proxy.on(MANIFEST, limit)
        time = Time()
        registry = source(proxy.host, clock=time.clock, limits=Limits(threads=limited))
        found = answers(registry, [f"{proxy.host}/{name}" for name in names], verify=False)
        assert all(isinstance(answer, Resolution) for answer in found.values())
        assert proxy.count(MANIFEST) <= len(names) + limited

    def test_a_long_pause_is_not_waited_for(self, proxy: FaultProxy, open_registry: Pusher, pushed: str) -> None:
        proxy.on(MANIFEST, faults.status(429, {"Retry-After": "21600"}))
        names = [app(proxy), *(f"{proxy.host}/faulty/{name}:dev" for name in "abcdefghijklmnop")]
        time = Time()
        found = set(answers(source(proxy.host, clock=time.clock, limits=Limits(threads=1)), names).values())
        message = f"{proxy.host}: asks to wait 21,600 seconds before the next request; try later"
        assert (found, time.slept, proxy.count(MANIFEST)) == ({Failure("busy", message)}, [], 1)

    def test_a_date_to_wait_for_is_understood(self, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, faults.status(503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), times=1)
        time = Time()
        assert digest(source(proxy.host, clock=time.clock), app(proxy)) == pushed
        assert time.slept == [pytest.approx(0.15)]

    @pytest.mark.parametrize("said", ["soon", "-5", "1e999", "٣"])
    def test_nonsense_is_no_pause(self, said: str, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, faults.status(429, {"Retry-After": said.encode().decode("latin-1")}), times=1)
        time = Time()
        assert digest(source(proxy.host, clock=time.clock), app(proxy)) == pushed
        assert 0 < sum(time.slept) < 1

    @pytest.mark.parametrize("headers", [{}, {"Retry-After": "0"}, {"Retry-After": "50"}], ids=str)
    def test_patience_ends(self, headers: dict[str, str], proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, faults.status(429, headers))
        time = Time()
        found = failure(source(proxy.host, clock=time.clock), app(proxy))
        assert found.kind == "busy"
        assert sum(time.slept) <= Limits().patience
        assert proxy.count(MANIFEST) <= Limits().turns + 1

    def test_a_host_that_only_asks_to_wait_is_given_up(self, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, faults.status(429))
        time = Time()
        names = [f"{proxy.host}/a/b:{number}" for number in range(40)]
        found = answers(source(proxy.host, clock=time.clock, limits=Limits(threads=1)), names)
        message = f"{proxy.host}: asks to wait, again and again; try later"
        assert set(found.values()) == {Failure("busy", message)}
        assert sum(time.slept) <= Limits().patience

    def test_a_host_that_is_busy_for_one_image_is_asked_for_the_others(
        self, proxy: FaultProxy, open_registry: Pusher
    ) -> None:
        names = [f"faulty/patient-{number}:dev" for number in range(6)]
        for name in names:
            open_registry.single(name)
        proxy.on(f"{MANIFEST}dev".replace(".*", "faulty/patient-0"), faults.status(429))
        registry = source(proxy.host, limits=Limits(threads=2))
        found = answers(registry, [f"{proxy.host}/{name}" for name in names])
        assert [isinstance(answer, Failure) for answer in found.values()] == [True] + [False] * 5

    def test_a_host_is_not_asked_by_more_threads_than_allowed(self, proxy: FaultProxy, open_registry: Pusher) -> None:
        names = [f"faulty/crowd-{number}:dev" for number in range(9)]
        for name in names:
            open_registry.single(name)
        found = answers(source(proxy.host, limits=Limits(threads=3)), [f"{proxy.host}/{name}" for name in names])
        assert all(isinstance(answer, Resolution) for answer in found.values())
        assert proxy.peak <= 3


class TestSlow:
    def test_no_answer(self, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, faults.silent(proxy))
        limits = replace(QUICK, tries=2)
        found = failure(source(proxy.host, limits=limits, clock=REAL), app(proxy))
        assert found == Failure("unreachable", f"{proxy.host}: no answer within 0.2 seconds")

    def test_a_body_that_drips_for_too_long(self, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, faults.dripping(0.02))
        limits = replace(QUICK, read=1.0, body=0.2)
        found = failure(source(proxy.host, limits=limits, clock=REAL), app(proxy))
        assert found == Failure("unreachable", f"{proxy.host}: is not done with its answer after 0.2 seconds")

    def test_a_body_that_drips_and_ends_is_right(self, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, faults.dripping(0.0002))
        assert digest(source(proxy.host, clock=REAL), app(proxy)) == pushed

    def test_a_body_without_end(self, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, faults.body(b"x" * 50_000))
        found = failure(source(proxy.host, limits=Limits(size=40_000)), app(proxy))
        assert found == Failure("unreachable", f"{proxy.host}: sends more than 40,000 bytes")

    def test_a_host_that_is_silent_is_soon_given_up(self, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, faults.silent(proxy))
        limits = replace(QUICK, tries=1, read=0.05, threads=2)
        found = answers(source(proxy.host, limits=limits, clock=REAL), [f"{proxy.host}/a/b:{n}" for n in range(40)])
        assert {answer.kind for answer in found.values() if isinstance(answer, Failure)} == {"unreachable"}
        assert proxy.count(MANIFEST) <= limits.strikes + limits.threads

    def test_a_host_that_is_not_there_is_asked_once(self) -> None:
        time = Time()
        names = [f"127.0.0.1:1/a/b:{number}" for number in range(40)]
        found = answers(source(clock=time.clock, limits=Limits(threads=1)), names)
        assert set(found.values()) == {Failure("unreachable", "127.0.0.1:1: connection refused")}
        assert time.slept == [0.5, 1.0, 2.0]


LIES: list[tuple[str, Fault, str]] = [
    (
        "a wrong digest",
        faults.header("Docker-Content-Digest", WRONG),
        f"names the digest {WRONG}, but what it sends has ",
    ),
    ("no digest at all", faults.header("Docker-Content-Digest", "latest"), "the digest that it names is none"),
    ("half a body", faults.shortened, "names the digest sha256:"),
    ("other bytes", faults.body(b'{"schemaVersion": 2}'), "names the digest sha256:"),
    ("a web page", faults.page(), "answers with a web page"),
    ("plain text", faults.header("Content-Type", "text/plain"), "answers with text/plain, which is no manifest"),
    ("no type", faults.header("Content-Type", None), "answers with no known media type"),
    (
        "schema 1",
        faults.header("Content-Type", "application/vnd.docker.distribution.manifest.v1+prettyjws"),
        "has the image only as an old manifest (schema 1)",
    ),
    (
        "another type than the body's",
        faults.header("Content-Type", "application/vnd.oci.image.manifest.v1+json"),
        "the manifest is not what its media type says",
    ),
    ("a page where nothing is", faults.status(404, {"Content-Type": "text/html"}, b"<html>404</html>"), "HTTP 404"),
    ("an odd status", faults.status(418), "answers with HTTP 418, as no registry does"),
]


class TestLies:
    @pytest.mark.parametrize(("fault", "message"), [lie[1:] for lie in LIES], ids=[lie[0] for lie in LIES])
    def test_they_are_not_believed(self, fault: Fault, message: str, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, fault)
        found = failure(source(proxy.host), app(proxy))
        assert found.kind == "malformed"
        assert found.message.startswith(f"{proxy.host}: ")
        assert message in found.message

    def test_a_configuration_of_another_digest_is_refused(self, proxy: FaultProxy, open_registry: Pusher) -> None:
        open_registry.single("faulty/single:dev")
        proxy.on(r"GET /v2/.*/blobs/", faults.body(b'{"os": "linux", "architecture": "amd64"}'))
        found = failure(source(proxy.host), f"{proxy.host}/faulty/single:dev")
        assert (found.kind, "names the digest" in found.message) == ("malformed", True)

    def test_a_head_without_a_digest_is_followed_by_a_get(self, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, faults.header("Docker-Content-Digest", None))
        assert digest(source(proxy.host), app(proxy), verify=False) == pushed
        assert [asked.method for asked in proxy.asked if "manifests" in asked.path] == ["HEAD", "GET"]

    def test_a_head_that_is_not_allowed_is_followed_by_a_get(self, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(r"HEAD /v2/.*/manifests/", faults.status(405))
        assert digest(source(proxy.host), app(proxy), verify=False) == pushed

    @pytest.mark.parametrize(
        "fault", [faults.page(), faults.header("Content-Type", "text/plain")], ids=["page", "text"]
    )
    def test_a_head_that_is_no_manifests_is_not_believed(self, fault: Fault, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, fault)
        assert failure(source(proxy.host), app(proxy), verify=False).kind == "malformed"

    def test_a_lie_about_existence_is_not_believed(self, proxy: FaultProxy, pushed: str) -> None:
        registry = source(proxy.host)
        proxy.on(MANIFEST, faults.page())
        found = registry.exists(f"{proxy.host}/faulty/app", pushed)
        assert isinstance(found, Failure)
        assert found.kind == "malformed"


class TestRedirects:
    def test_no_credentials_arrive_at_another_host(self, proxy: FaultProxy, other: FaultProxy, pushed: str) -> None:
        """The registry asks for a login, gets it, and sends the request on to somebody else."""
        proxy.on(MANIFEST, faults.status(401, {"WWW-Authenticate": 'Basic realm="x"'}), times=1)
        proxy.on(MANIFEST, faults.redirect(f"{other.url}/v2/faulty/app/manifests/dev?signature={secrets.QUERY}"))
        registry = source(proxy.host, other.host, environ=login(proxy.host, other.host))
        assert digest(registry, app(proxy)) == pushed
        assert proxy.asked[-1].headers["Authorization"] == f"Basic {secrets.login()}"
        assert other.count(MANIFEST) == 1
        assert [asked.headers.get("Authorization") for asked in other.asked] == [None] * len(other.asked)

    def test_another_host_that_asks_for_a_login_gets_none(
        self, proxy: FaultProxy, other: FaultProxy, pushed: str
    ) -> None:
        proxy.on(MANIFEST, faults.redirect(f"{other.url}/v2/faulty/app/manifests/dev"))
        other.on(MANIFEST, faults.status(401, {"WWW-Authenticate": 'Basic realm="give me"'}))
        found = failure(source(proxy.host, other.host, environ=login(proxy.host, other.host)), app(proxy))
        assert found.kind == "denied"
        assert f"redirects to {other.host}, which asks for a login" in found.message
        assert all("Authorization" not in asked.headers for asked in (*proxy.asked, *other.asked))

    def test_another_host_may_give_anybody_a_token(self, proxy: FaultProxy, other: FaultProxy, pushed: str) -> None:
        """As names of one's own do that lead to a public registry."""
        proxy.on(MANIFEST, faults.redirect(f"{other.url}/v2/faulty/app/manifests/dev"))
        other.on(MANIFEST, faults.status(401, {"WWW-Authenticate": f'Bearer realm="{other.url}/token"'}), times=1)
        other.on("/token", faults.status(200, {}, b'{"token": "for-anybody"}'))
        registry = source(proxy.host, other.host, environ=login(proxy.host, other.host))
        assert digest(registry, app(proxy)) == pushed
        shown = [asked.headers.get("Authorization") for asked in (*proxy.asked, *other.asked)]
        assert [header for header in shown if header is not None] == ["Bearer for-anybody"]
        assert other.asked[-1].headers["Authorization"] == "Bearer for-anybody"

    def test_it_is_not_asked_again_where_that_does_not_help(
        self, proxy: FaultProxy, other: FaultProxy, pushed: str
    ) -> None:
        proxy.on(MANIFEST, faults.redirect(f"{other.url}/v2/faulty/app/manifests/dev"))
        other.on(MANIFEST, faults.status(401, {"WWW-Authenticate": f'Bearer realm="{other.url}/token"'}))
        other.on("/token", faults.status(200, {}, b'{"token": "for-anybody"}'))
        assert failure(source(proxy.host, other.host), app(proxy)).kind == "denied"
        assert (other.count(MANIFEST), other.count("/token")) == (2, 1)

    def test_what_comes_back_from_another_host_has_none_either(
        self, proxy: FaultProxy, other: FaultProxy, pushed: str
    ) -> None:
        proxy.on(rf"{MANIFEST}dev$", faults.status(401, {"WWW-Authenticate": 'Basic realm="x"'}), times=1)
        proxy.on(rf"{MANIFEST}dev$", faults.redirect(f"{other.url}/v2/faulty/app/manifests/dev"))
        other.on(MANIFEST, faults.redirect(f"{proxy.url}/v2/faulty/app/manifests/{pushed}"))
        assert digest(source(proxy.host, other.host, environ=login(proxy.host)), app(proxy)) == pushed
        assert "Authorization" not in proxy.asked[-1].headers

    def test_within_a_host_credentials_stay(self, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(rf"{MANIFEST}dev$", faults.status(401, {"WWW-Authenticate": 'Basic realm="x"'}), times=1)
        proxy.on(rf"{MANIFEST}dev$", faults.redirect(f"/v2/faulty/app/manifests/{pushed}"))
        assert digest(source(proxy.host, environ=login(proxy.host)), app(proxy)) == pushed
        assert "Authorization" in proxy.asked[-1].headers

    def test_they_do_not_lead_out_of_tls(self, proxy: FaultProxy, other: FaultProxy, pushed: str) -> None:
        """The other host is not one that the configuration allows plain HTTP for."""
        proxy.on(MANIFEST, faults.redirect(f"{other.url}/v2/faulty/app/manifests/dev"))
        found = failure(source(proxy.host), app(proxy))
        assert found.kind == "malformed"
        assert f"redirects to {other.host} without TLS" in found.message
        assert other.asked == []

    @pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://127.0.0.1/x", "https://", "http://[::1", "//"])
    def test_they_lead_nowhere_else(self, to: str, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, faults.redirect(to))
        assert failure(source(proxy.host), app(proxy)).kind in ("malformed", "unreachable")

    @pytest.mark.parametrize("between", ["\\@", "\\\\@", "@"])
    def test_an_address_that_can_be_read_as_two_hosts_is_none(
        self, between: str, proxy: FaultProxy, other: FaultProxy, pushed: str
    ) -> None:
        """`urlsplit` takes the last of the two for the host, `requests` the first one, where it would connect."""
        proxy.on(MANIFEST, faults.status(401, {"WWW-Authenticate": 'Basic realm="x"'}), times=1)
        proxy.on(MANIFEST, faults.redirect(f"{other.url}{between}{proxy.host}/v2/faulty/app/manifests/dev"))
        registry = source(proxy.host, other.host, environ=login(proxy.host))
        assert failure(registry, app(proxy)) == Failure("malformed", f"{proxy.host}: redirects to what is no address")
        assert other.asked == []

    def test_circles_end(self, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, faults.redirect("/v2/faulty/app/manifests/dev"))
        found = failure(source(proxy.host), app(proxy))
        assert found == Failure("malformed", f"{proxy.host}: redirects in circles")

    def test_the_host_behind_one_is_named_if_it_fails(
        self, proxy: FaultProxy, open_registry: Pusher, pushed: str
    ) -> None:
        gone = "127.0.0.1:1"
        proxy.on(r"/v2/faulty/app/", faults.redirect(f"http://{gone}/x?signature={secrets.QUERY}"))
        fine = open_registry.single("faulty/near:dev")
        registry = source(proxy.host, gone, limits=Limits(threads=1))
        names = [app(proxy), f"{proxy.host}/faulty/near:dev"]
        first, second = answers(registry, names).values()
        assert first == Failure("unreachable", f"{proxy.host}: redirects to {gone}: connection refused")
        assert isinstance(second, Resolution)
        assert second.digest == fine

    def test_configurations_come_from_another_host(
        self, proxy: FaultProxy, other: FaultProxy, open_registry: Pusher
    ) -> None:
        open_registry.single("faulty/elsewhere:dev", "linux/arm64")

        def elsewhere(exchange: BaseHTTPRequestHandler, answer: Answer) -> None:
            faults.redirect(f"{other.url}{exchange.path}?signature={secrets.QUERY}")(exchange, answer)

        proxy.on(r"GET /v2/.*/blobs/", elsewhere)
        name = f"{proxy.host}/faulty/elsewhere:dev"
        found = answers(source(proxy.host, other.host), [name])[name]
        assert isinstance(found, Resolution)
        assert found.platforms == ("linux/arm64",)


class TestLogins:
    def test_an_endless_loop_of_tokens_ends(self, proxy: FaultProxy, other: FaultProxy, pushed: str) -> None:
        challenge = {"WWW-Authenticate": f'Bearer realm="{other.url}/token",service="loop"'}
        proxy.on(MANIFEST, faults.status(401, challenge))
        token = f'{{"token": "{secrets.BEARER}", "expires_in": 300}}'.encode()
        other.on("GET /token", faults.status(200, {"Content-Type": "application/json"}, token))
        found = failure(source(proxy.host, environ=login(proxy.host)), app(proxy))
        assert found.kind == "denied"
        assert (proxy.count(MANIFEST), other.count("/token")) == (2, 1)

    def test_a_token_service_that_asks_for_a_login_is_not_answered_twice(
        self, proxy: FaultProxy, other: FaultProxy, pushed: str
    ) -> None:
        challenge = {"WWW-Authenticate": f'Bearer realm="{other.url}/token",service="x"'}
        proxy.on(MANIFEST, faults.status(401, challenge))
        other.on("GET /token", faults.status(401, challenge))
        assert failure(source(proxy.host, environ=login(proxy.host)), app(proxy)).kind == "denied"
        assert other.count("/token") == 1

    def test_a_token_service_that_sends_somewhere_else_sends_no_credentials_there(
        self, proxy: FaultProxy, other: FaultProxy, open_registry: Pusher, pushed: str
    ) -> None:
        with FaultProxy(open_registry.registry.host) as third:
            proxy.on(MANIFEST, faults.status(401, {"WWW-Authenticate": f'Bearer realm="{other.url}/token"'}))
            other.on("/token", faults.redirect(f"{third.url}/token"))
            third.on("/token", faults.status(200, {}, b'{"token": "abc"}'))
            registry = source(proxy.host, other.host, third.host, environ=login(proxy.host, other.host, third.host))
            assert failure(registry, app(proxy)).kind == "denied"
            assert third.count("/token") == 1
            assert "Authorization" not in third.asked[-1].headers

    def test_a_token_service_that_can_be_read_as_two_hosts_is_none(
        self, proxy: FaultProxy, other: FaultProxy, pushed: str
    ) -> None:
        realm = f"{other.url}\\@{proxy.host}/token"
        proxy.on(
            MANIFEST, faults.status(401, {"WWW-Authenticate": f'Bearer realm="{realm.replace(chr(92), chr(92) * 2)}"'})
        )
        found = failure(source(proxy.host, other.host, environ=login(proxy.host)), app(proxy))
        assert found == Failure("malformed", f"{proxy.host}: names a token service that is no https address")
        assert other.asked == []

    @pytest.mark.parametrize(
        "body",
        [b"", b"<html>", b"[]", b'{"token": ""}', b'{"token": "a\\r\\nX: y"}', b'{"token": 3}', b'{"token": {}}'],
    )
    def test_what_is_no_token_is_not_sent(self, body: bytes, proxy: FaultProxy, other: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, faults.status(401, {"WWW-Authenticate": f'Bearer realm="{other.url}/token"'}))
        other.on("/token", faults.status(200, {}, body))
        found = failure(source(proxy.host), app(proxy))
        assert found == Failure("malformed", f"{proxy.host}: the token service {other.host} gives no token")

    def test_a_token_service_of_another_repository_is_no_obstacle(
        self, proxy: FaultProxy, other: FaultProxy, open_registry: Pusher
    ) -> None:
        """Some registries have a token service for each repository, and these may refuse each other's users."""
        expected = {
            f"{proxy.host}/faulty/service-{name}:dev": open_registry.single(f"faulty/service-{name}:dev")
            for name in "ab"
        }
        for name in "ab":
            asks = {"WWW-Authenticate": f'Bearer realm="{other.url}/token/{name}"'}
            proxy.on(f"{MANIFEST}dev".replace(".*", f"faulty/service-{name}"), faults.status(401, asks), times=1)
        other.on("/token/a.*service-a", faults.status(200, {}, b'{"token": "for-a"}'))
        other.on("/token/b", faults.status(200, {}, b'{"token": "for-b"}'))
        other.on("/token", faults.status(403))
        registry = source(proxy.host, limits=Limits(threads=1))
        assert {name: digest(registry, name) for name in expected} == expected
        assert [asked.headers.get("Authorization") for asked in proxy.asked if "manifests" in asked.path] == [
            *(None, "Bearer for-a"),
            *(None, "Bearer for-b"),
        ]

    def test_a_wrong_password_is_not_tried_for_every_image(self, proxy: FaultProxy, other: FaultProxy) -> None:
        proxy.on(MANIFEST, faults.status(401, {"WWW-Authenticate": f'Bearer realm="{other.url}/token"'}))
        other.on("/token", faults.status(401))
        names = [f"{proxy.host}/a/{number}:dev" for number in range(12)]
        registry = source(proxy.host, environ=login(proxy.host), limits=Limits(threads=1))
        message = f"{proxy.host}: the token service {other.host} refuses its credentials"
        assert set(answers(registry, names).values()) == {Failure("denied", message)}
        assert other.count("/token") == 1

    @pytest.mark.parametrize("realm", ["", "token", "ftp://x/token", "https://", "http://[::1/token"])
    def test_a_token_service_must_be_an_address(self, realm: str, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, faults.status(401, {"WWW-Authenticate": f'Bearer realm="{realm}"'}))
        found = failure(source(proxy.host, environ=login(proxy.host)), app(proxy))
        assert found == Failure("malformed", f"{proxy.host}: names a token service that is no https address")

    @pytest.mark.parametrize("challenge", ["", "Negotiate", 'Digest realm="x"'])
    def test_other_logins_are_not_known(self, challenge: str, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, faults.status(401, {"WWW-Authenticate": challenge}))
        assert failure(source(proxy.host, environ=login(proxy.host)), app(proxy)).kind == "denied"

    def test_what_is_forbidden_is_denied(self, proxy: FaultProxy, pushed: str) -> None:
        proxy.on(MANIFEST, faults.status(403))
        for verify in (True, False):
            assert failure(source(proxy.host), app(proxy), verify=verify).kind == "denied"


class TestMirrors:
    def test_a_mirror_is_asked_instead(self, proxy: FaultProxy, other: FaultProxy, open_registry: Pusher) -> None:
        pushed = open_registry.index("hub/team/app:dev")
        registries = {other.host: Registry(mirror=f"{proxy.host}/hub", insecure=True)}
        name = f"{other.host}/team/app:dev"
        found = answers(source(proxy.host, registries=registries), [name])[name]
        assert isinstance(found, Resolution)
        assert (found.digest, found.source) == (pushed, f"mirror {proxy.host}/hub")
        assert other.asked == []

    @pytest.mark.parametrize(
        "fault",
        [faults.status(404), faults.status(500), faults.status(403), faults.page(), faults.reset],
        ids=["missing", "broken", "forbidden", "no registry", "reset"],
    )
    def test_the_origin_is_asked_where_it_does_not_help(
        self, fault: Fault, proxy: FaultProxy, other: FaultProxy, pushed: str
    ) -> None:
        proxy.on(MANIFEST, fault)
        registries = {other.host: Registry(mirror=f"{proxy.host}", insecure=True)}
        found = answers(source(proxy.host, registries=registries), [app(other)])[app(other)]
        assert isinstance(found, Resolution)
        assert (found.digest, found.source) == (pushed, "registry")

    def test_a_digest_that_the_mirror_does_not_have_may_be_at_the_origin(
        self, proxy: FaultProxy, other: FaultProxy, pushed: str
    ) -> None:
        registries = {other.host: Registry(mirror=f"{proxy.host}/nothing", insecure=True)}
        registry = source(proxy.host, registries=registries)
        assert registry.exists(f"{other.host}/faulty/app", pushed) is True
        assert registry.exists(f"{other.host}/faulty/app", WRONG) is False
        assert (proxy.count("HEAD"), other.count("HEAD")) == (2, 2)

    def test_both_are_told_where_neither_helps(self, proxy: FaultProxy, other: FaultProxy) -> None:
        proxy.on(MANIFEST, faults.status(418))
        registries = {other.host: Registry(mirror=f"{proxy.host}", insecure=True)}
        found = failure(source(proxy.host, registries=registries), f"{other.host}/no/such:dev")
        first, _, second = found.message.partition("; the mirror ")
        assert (found.kind, first) == ("missing", f"{other.host}: has no no/such:dev")
        assert second == f"{proxy.host}: answers with HTTP 418, as no registry does"

    def test_the_origins_credentials_are_not_for_the_mirror(
        self, proxy: FaultProxy, other: FaultProxy, pushed: str
    ) -> None:
        proxy.on(MANIFEST, faults.status(401, {"WWW-Authenticate": 'Basic realm="x"'}))
        registries = {other.host: Registry(mirror=f"{proxy.host}", insecure=True)}
        environ = login(other.host)
        assert digest(source(proxy.host, registries=registries, environ=environ), app(other)) == pushed
        assert all("Authorization" not in asked.headers for asked in proxy.asked)


def test_each_reference_is_asked_for_once(proxy: FaultProxy, pushed: str) -> None:
    registry = source(proxy.host)
    names = [app(proxy), f"{proxy.host}/faulty/none:dev"]
    first = answers(registry, names)
    assert answers(registry, names, verify=False) == answers(registry, [*names, app(proxy)]) == first
    assert proxy.count(MANIFEST) == 2


def test_unverified_answers_are_verified_where_that_is_asked_for(proxy: FaultProxy, pushed: str) -> None:
    registry = source(proxy.host)
    proxy.on("HEAD", faults.header("Docker-Content-Digest", WRONG))
    assert digest(registry, app(proxy), verify=False) == WRONG
    assert digest(registry, app(proxy)) == pushed


def test_hosts_do_not_wait_for_each_other(open_registry: Pusher, pushed: str) -> None:
    with ExitStack() as stack:
        slow, quick = (stack.enter_context(FaultProxy(open_registry.registry.host)) for _ in range(2))
        slow.on(MANIFEST, faults.silent(slow))
        limits = replace(QUICK, tries=1, read=1.5)
        names = [f"{slow.host}/a/b:{number}" for number in range(30)] + [app(quick)]
        found = answers(source(slow.host, quick.host, limits=limits, clock=REAL), names)
        assert isinstance(found[app(quick)], Resolution)


def test_a_proxy_of_the_environment_is_used_and_its_password_not_told(
    proxy: FaultProxy, pushed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://{secrets.USER}:{secrets.PROXY}@127.0.0.1:1")
    monkeypatch.setenv("https_proxy", f"http://{secrets.USER}:{secrets.PROXY}@127.0.0.1:1")
    found = failure(source(proxy.host), app(proxy))
    assert found == Failure("unreachable", f"{proxy.host}: the proxy: connection refused")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert digest(source(proxy.host), app(proxy)) == pushed


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("a word:{}@", "the proxy that the environment names for it is no address"),
        ("http://{}@[::1", "the proxy that the environment names for it is no address"),
        ("socks5://{}@127.0.0.1:1", "a SOCKS proxy needs the package PySocks"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_a_failure_like_any_other(
    address: str, message: str, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("requests.adapters.SOCKSProxyManager", missing_socks)
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, address.format(f"{secrets.USER}:{secrets.PROXY}"))
    assert failure(source(proxy.host), app(proxy)) == Failure("unreachable", f"{proxy.host}: {message}")


def missing_socks(*_: object, **__: object) -> None:
    """As in requests without PySocks."""
    raise requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")


@pytest.mark.parametrize("name", ["none.pem", "empty.pem"])
def test_a_file_of_authorities_without_any_is_named_as_such(name: str, proxy: FaultProxy, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing\n")
    registry = source(registries={proxy.host: Registry(ca_file=str(tmp_path / name))})
    found = failure(registry, app(proxy))
    assert (found.kind, "its file of authorities holds none; look at `ca_file`" in found.message) == (
        "unreachable",
        True,
    )


def test_the_guard_of_these_tests_finds_what_is_planted() -> None:
    texts: list[str | bytes] = [f"a {secrets.PASSWORD} b", secrets.login().encode(), f"?x={secrets.QUERY}"]
    assert secrets.leaks(texts) == {secrets.PASSWORD, secrets.login(), secrets.QUERY}
    assert secrets.leaks(["nothing to see"]) == set()


def test_an_interrupted_source_asks_nobody_any_more(proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = source(proxy.host)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Authenticated, "ask", interrupted)
        with pytest.raises(KeyboardInterrupt):
            answers(registry, [app(proxy)])
    assert failure(registry, app(proxy)) == Failure("unreachable", f"{proxy.host}: interrupted")
    assert proxy.count(MANIFEST) == 0


def test_an_interrupt_does_not_wait_for_the_pauses_of_hosts(proxy: FaultProxy, tmp_path: Path) -> None:
    proxy.on(MANIFEST, faults.status(429, {"Retry-After": "50"}))
    (tmp_path / "pod.yaml").write_text(f"kind: Pod\nspec:\n  containers:\n    - image: {app(proxy)}\n")
    (tmp_path / ".unfloat.yaml").write_text(f'registries:\n  "{proxy.host}": {{insecure: true}}\n')
    environ = {name: value for name, value in os.environ.items() if name != "UNFLOAT_OFFLINE"}
    command = [sys.executable, "-m", "codemod", "preview", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True) as process:
        while proxy.count(MANIFEST) == 0:
            assert process.poll() is None
            sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def test_progress_is_told_with_every_answer(proxy: FaultProxy, pushed: str) -> None:
    told: list[int] = []
    names = [app(proxy), f"{proxy.host}/faulty/none:dev", f"{proxy.host}/faulty/app:none"]
    source(proxy.host).resolve([parse(name) for name in names], told.append)
    assert told == [1, 2, 3]
