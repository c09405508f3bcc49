"""The CNCF registry on a free port of 127.0.0.1, with storage in memory: open, behind a password, or behind tokens."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import toolchain
import trustme
import yaml

from rig.secrets import PASSWORD_HASH, USER
from rig.tokens import TokenService

_LISTENING = re.compile(rb"listening on (127\.0\.0\.1:\d+)")
_SECONDS = 20


@dataclass(frozen=True)
class Registry:
    """`host` is what references begin with; `ca` is the file of the authority that signed its certificate."""

    host: str
    ca: Path | None = None
    tokens: TokenService | None = None

    @property
    def url(self) -> str:
        return f"{'http' if self.ca is None else 'https'}://{self.host}"


@contextmanager
def open_registry(folder: Path) -> Iterator[Registry]:
    """A registry over plain HTTP that asks for no login."""
    with _running(folder, {}) as host:
        yield Registry(host)


@contextmanager
def password_registry(folder: Path) -> Iterator[Registry]:
    """A registry over TLS, signed by an authority of its own, that asks for name and password."""
    authority = trustme.CA()
    leaf = authority.issue_cert("localhost", "127.0.0.1")
    key, chain, ca = folder / "key.pem", folder / "chain.pem", folder / "ca.pem"
    leaf.private_key_pem.write_to_path(key)
    chain.write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
    authority.cert_pem.write_to_path(ca)
    users = folder / "htpasswd"
    users.write_text(f"{USER}:{PASSWORD_HASH}\n")
    login = {"htpasswd": {"realm": "the rig", "path": str(users)}}
    with _running(folder, {"auth": login}, {"tls": {"certificate": str(chain), "key": str(key)}}) as host:
        yield Registry(host, ca)


@contextmanager
def token_registry(folder: Path, *, public: str = "") -> Iterator[Registry]:
    """A registry that asks for tokens of a service of its own; repositories that begin with `public` are for all."""
    with (
        TokenService(folder, public) as tokens,
        _running(folder, {"auth": {"token": tokens.configuration}}) as host,
    ):
        yield Registry(host, tokens=tokens)


@contextmanager
def _running(folder: Path, more: Mapping[str, Any], http: Mapping[str, Any] | None = None) -> Iterator[str]:
    """The host of a registry that runs; it names its port itself, so that no two ever want the same."""
    storage = {"cache": {"blobdescriptor": "inmemory"}, "inmemory": {}, "delete": {"enabled": True}}
    config = {
        "version": 0.1,
        "log": {"level": "info", "accesslog": {"disabled": True}},
        "storage": {**storage, "maintenance": {"uploadpurging": {"enabled": False}}},
        "http": {"addr": "127.0.0.1:0", "secret": "of uploads", **(http or {})},
        **more,
    }
    (folder / "config.yml").write_text(yaml.safe_dump(config))
    log = folder / "registry.log"
    with log.open("wb") as output:
        program = [str(toolchain.registry()), "serve", str(folder / "config.yml")]
        process = subprocess.Popen(program, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield _host(process, log)
    finally:
        process.terminate()
        process.wait(_SECONDS)


def _host(process: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + _SECONDS
    while (match := _LISTENING.search(log.read_bytes())) is None:
        if process.poll() is not None or time.monotonic() > end:
            raise AssertionError(f"the registry does not start: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.005)
    return match[1].decode()
