"""What holds for every test: no network, no personal Git configuration, no colour, the same hypothesis examples."""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
import toolchain
from hypothesis import settings
from rig import registry as registries
from rig import secrets
from rig.images import Pusher

settings.register_profile("unfloat", deadline=None, derandomize=True, database=None)
settings.load_profile("unfloat")

ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A Tester",
    "GIT_AUTHOR_EMAIL": "tester@example.com",
    "GIT_COMMITTER_NAME": "A Tester",
    "GIT_COMMITTER_EMAIL": "tester@example.com",
    "LC_ALL": "C.UTF-8",
    "UNFLOAT_OFFLINE": "1",
    "DOCKER_CONFIG": "/dev/null",
}
UNSET = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_CEILING_DIRECTORIES"),
    *("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "GITHUB_ACTIONS"),
    *("DOCKER_AUTH_CONFIG", "REGISTRY_AUTH_FILE"),
)
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
SETTINGS = frozenset(
    {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", *PROXIES, *(name.upper() for name in PROXIES)}
)
"""How this machine reaches others, which only the programs that tests need are fetched with."""
FOUND = dict(os.environ)
LOOPBACK = ("127.0.0.1", "::1", "localhost")

HELM_HOMES = ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")

T = TypeVar("T")


@pytest.fixture(scope="session", autouse=True)
def _same_environment_everywhere() -> Iterator[None]:
    """The same answers on every machine: also inside a Git hook, under CI, with colours forced."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        for name in (*UNSET, *SETTINGS):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _interrupts_arrive() -> None:
    """Shells start what runs in the background with Ctrl-C ignored, nohup with SIGHUP, and all below inherits that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """A test that talks to anything but this machine fails at once."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: tuple[str, int] | str) -> None:
        if not isinstance(address, str) and address[0] not in LOOPBACK:
            raise AssertionError(f"a test tried to connect to {address[0]}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A real helm that knows nothing of the user's repositories and plugins."""
    with pytest.MonkeyPatch.context() as patch:
        for name in HELM_HOMES:
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        yield _to_be_had(toolchain.helm)


@pytest.fixture(scope="session")
def gofmt() -> Path:
    """The path of a real gofmt."""
    return _to_be_had(toolchain.gofmt)


@pytest.fixture(scope="session")
def kustomize() -> tuple[str, ...]:
    """The words of a command that builds the kustomization in the folder named behind them."""
    return _to_be_had(toolchain.kustomize)


@pytest.fixture(scope="session")
def wheels() -> Path:
    """A folder with the wheels of all that unfloat needs."""
    return _to_be_had(toolchain.wheels)


@pytest.fixture(scope="session")
def open_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pusher]:
    """A real registry over plain HTTP that asks for no login, and what pushes to it."""
    _to_be_had(toolchain.registry)
    with registries.open_registry(tmp_path_factory.mktemp("registry")) as registry:
        yield Pusher(registry)


@pytest.fixture(scope="session")
def password_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pusher]:
    """A real registry over TLS, with an authority of its own, that asks for name and password."""
    _to_be_had(toolchain.registry)
    with registries.password_registry(tmp_path_factory.mktemp("registry")) as registry:
        yield Pusher(registry)


@pytest.fixture(scope="session")
def token_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pusher]:
    """A real registry that asks for tokens; repositories below `public/` are for everybody."""
    _to_be_had(toolchain.registry)
    with registries.token_registry(tmp_path_factory.mktemp("registry"), public="public/") as registry:
        yield Pusher(registry)


@pytest.fixture
def nothing_leaks(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[list[str]]:
    """No planted secret in what a test prints, logs at any level, writes, or adds to the list."""
    caplog.set_level(logging.DEBUG)
    texts: list[str] = []
    yield texts
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert secrets.leaks([caplog.text, *capfd.readouterr(), *texts, *files]) == set()


def _to_be_had(program: Callable[[], T]) -> T:
    """Fetched, if need be, with the proxies and authorities of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in SETTINGS & FOUND.keys():
            patch.setenv(name, FOUND[name])
        try:
            return program()
        except toolchain.ToolchainError as error:
            pytest.fail(str(error), pytrace=False)
