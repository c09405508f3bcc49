"""The small parts: challenges, manifests and platforms, routes, and the words for what goes wrong."""

from __future__ import annotations

import json
import socket
import ssl
from typing import Any

import pytest
import requests
from urllib3 import exceptions

from codemod.config import Registry
from codemod.digests.oci import Unanswered, manifests
from codemod.digests.oci.auth import Challenge, challenge
from codemod.digests.oci.hosts import Hosts
from codemod.digests.oci.manifests import DOCKER_LIST, OCI_INDEX, OCI_MANIFEST
from codemod.digests.oci.trouble import trouble
from codemod.reference import parse

DIGEST = "sha256:" + "5e" * 32
DOCKER_HUB = Challenge("bearer", "https://auth.docker.io/token", "registry.docker.io", "repository:a/b:pull")


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", None),
        ("Negotiate", None),
        ("Basically", None),
        ('Basic realm="x"', Challenge("basic")),
        ("basic", Challenge("basic")),
        (
            'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull"',
            DOCKER_HUB,
        ),
        (
            'bearer realm=https://auth.docker.io/token, service = "registry.docker.io" ,scope="repository:a/b:pull"',
            DOCKER_HUB,
        ),
        (
            'Basic realm="a, Bearer b", Bearer realm="https://x/token",scope="repository:a/b:pull,push"',
            Challenge("bearer", "https://x/token", "", "repository:a/b:pull,push"),
        ),
        ('Bearer realm="https://x/\\"token"', Challenge("bearer", 'https://x/"token')),
        ('Bearer realm="https://x/token", Basic realm="y"', Challenge("bearer", "https://x/token")),
        ("Bearer", Challenge("bearer")),
    ],
)
def test_challenges(header: str, found: Challenge | None) -> None:
    assert challenge(header) == found


def index(*platforms: Any, media: str = OCI_INDEX) -> bytes:
    children = [{"digest": DIGEST, "platform": platform} for platform in platforms]
    return json.dumps({"schemaVersion": 2, "mediaType": media, "manifests": children}).encode()


def test_the_platforms_of_an_index_are_sorted_and_without_attestations() -> None:
    body = index(
        {"os": "linux", "architecture": "arm64", "variant": "v8"},
        {"os": "unknown", "architecture": "unknown"},
        {"os": "linux", "architecture": "amd64"},
        {"os": "windows", "architecture": "amd64", "os.version": "10.0.20348.1"},
        {"os": "linux", "architecture": "amd64"},
        {"os": "LINUX", "architecture": "s390x"},
        {"os": "", "architecture": "arm"},
        {"os": "linux/../..", "architecture": "arm"},
        None,
        "linux/arm",
    )
    expected = ("linux/amd64", "linux/arm64/v8", "linux/s390x", "windows/amd64")
    assert manifests.read(OCI_INDEX, body, "x").platforms == expected


def test_a_manifest_may_leave_its_media_type_out() -> None:
    body = json.dumps({"schemaVersion": 2, "manifests": []}).encode()
    assert manifests.read(OCI_INDEX, body, "x").platforms == ()


@pytest.mark.parametrize(
    ("media", "content"),
    [
        (OCI_INDEX, {"schemaVersion": 1, "manifests": []}),
        (OCI_INDEX, {"schemaVersion": 2, "mediaType": DOCKER_LIST, "manifests": []}),
        (OCI_INDEX, {"schemaVersion": 2, "manifests": [], "layers": []}),
        (OCI_INDEX, {"schemaVersion": 2, "manifests": {}}),
        (OCI_INDEX, {"schemaVersion": 2}),
        (OCI_MANIFEST, {"schemaVersion": 2}),
        (OCI_MANIFEST, {"schemaVersion": 2, "config": {"digest": "sha256:5e"}}),
        (OCI_MANIFEST, {"schemaVersion": 2, "config": {"digest": DIGEST}, "manifests": []}),
        (OCI_MANIFEST, []),
        (OCI_MANIFEST, None),
    ],
)
def test_what_is_not_what_it_says_is_refused(media: str, content: object) -> None:
    with pytest.raises(Unanswered) as caught:
        manifests.read(media, json.dumps(content).encode(), "x")
    assert caught.value.failure.kind == "malformed"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000], ids=["empty", "cut", "binary", "deep"])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(Unanswered, match=r"^x: what it sends as JSON is none$"):
        manifests.read(OCI_INDEX, body, "x")


def test_digests_of_other_algorithms_are_computed_too() -> None:
    import hashlib

    said = f"sha512:{hashlib.sha512(b'body').hexdigest()}"
    assert manifests.digest_of(b"body", said, "x") == said
    with pytest.raises(Unanswered, match="names the digest"):
        manifests.digest_of(b"other", said, "x")


def routes(name: str, **registries: Registry) -> list[tuple[str, str, str]]:
    found = Hosts(registries, {}).routes(parse(name))
    return [(route.host.url("/v2/"), route.path, route.source) for route in found]


def test_docker_hub_is_asked_where_it_is() -> None:
    assert routes("busybox") == [("https://registry-1.docker.io/v2/", "library/busybox", "registry")]


def test_other_registries_are_what_they_are_called() -> None:
    assert routes("ghcr.io:8443/acme/web:dev") == [("https://ghcr.io:8443/v2/", "acme/web", "registry")]


def test_a_mirror_comes_first() -> None:
    mirror = Registry(mirror="mirror.example.com/hub")
    assert routes("busybox", **{"docker.io": mirror}) == [
        ("https://mirror.example.com/v2/", "hub/library/busybox", "mirror mirror.example.com/hub"),
        ("https://registry-1.docker.io/v2/", "library/busybox", "registry"),
    ]


def test_each_host_has_its_own_authorities() -> None:
    registries = {"a.io": Registry(ca_file="/a.pem"), "b.io": Registry(insecure=True)}
    hosts = Hosts(registries, {"SSL_CERT_FILE": "/all.pem"})
    found = [hosts.named(name).verify for name in ("a.io", "b.io", "c.io")]
    assert found == ["/a.pem", False, "/all.pem"]
    assert Hosts({}, {}).named("c.io").verify is True


def test_docker_hub_in_an_address_is_the_host_of_its_name() -> None:
    hosts = Hosts({}, {})
    assert hosts.at("https://registry-1.docker.io/v2/") is hosts.named("docker.io")
    assert hosts.at("https://user:word@CDN.example.com:444/x?y") is hosts.named("cdn.example.com:444")


def caused(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.ConnectionError(socket.gaierror(-2, "Name or service not known")), "no such host"),
        (requests.ConnectionError(ConnectionRefusedError(111, "x")), "connection refused"),
        (requests.ConnectTimeout(exceptions.ConnectTimeoutError("x")), "no connection within 3 seconds"),
        (
            requests.ConnectionError(caused(exceptions.NewConnectionError(None, "x"), OSError(113, "x"))),  # type: ignore[arg-type]
            "no route to host",
        ),
        (requests.ReadTimeout(exceptions.ReadTimeoutError(None, "", "x")), "no answer within 7 seconds"),  # type: ignore[arg-type]
        (exceptions.ProtocolError("x", exceptions.IncompleteRead(1, 2)), "the answer broke off"),
        (exceptions.ProtocolError("x", ConnectionResetError(104, "x")), "connection reset by peer"),
        (requests.exceptions.SSLError(ssl.SSLError(1, "[SSL: WRONG] x")), "no secure connection (no tls)"),
        (requests.exceptions.InvalidHeader("secret"), "no answer that can be read (InvalidHeader)"),
        (
            requests.exceptions.ProxyError(ConnectionRefusedError(111, "x")),
            "the proxy: connection refused",
        ),
    ],
)
def test_troubles_are_told_in_our_words(error: BaseException, words: str) -> None:
    assert str(trouble(error, 3, 7)) == words
