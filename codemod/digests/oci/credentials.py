"""Credentials: from variables of the environment, Docker's and podman's files, and credential helpers.

A name and a password are looked for by host, or by the path of a repository where a file has them so
(containers-auth.json). What cannot be read is no failure by itself: most images are public. It is told to whom access
is denied.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from codemod.patterns import on_use
from codemod.reference import DEFAULT_DOMAIN

DOCKER_HUB_KEY = "https://index.docker.io/v1/"
"""What Docker calls its own registry in files and to helpers."""

IDENTITY = "<token>"
"""The name that helpers give for a secret that is an identity token."""

HELPER_SECONDS = 20.0
_HELPER = on_use(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Credential:
    """Name and password, or an identity token that a token service takes, or a bearer token as it is."""

    username: str = ""
    password: str = field(default="", repr=False)
    identity: str = field(default="", repr=False)
    bearer: str = field(default="", repr=False)


@dataclass(slots=True)
class Credentials:
    """Everything that the environment and the files say, read when it is first asked for."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    helper_seconds: float = HELPER_SECONDS
    problems: list[str] = field(default_factory=list)
    _files: list[tuple[str, Mapping[str, Any]]] | None = None
    _found: dict[tuple[str, str], Credential | None] = field(default_factory=dict)
    _helped: dict[tuple[str, str], Credential | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, domain: str, path: str) -> Credential | None:
        """The credential for a repository of a host, None for none."""
        with self._lock:
            if (domain, path) not in self._found:
                self._found[domain, path] = self._of_environment(domain) or self._of_files(domain, path)
            return self._found[domain, path]

    def _of_environment(self, domain: str) -> Credential | None:
        """`UNFLOAT_REGISTRY_GHCR_IO_USERNAME`, `…_PASSWORD`, or `…_TOKEN`."""
        given = {name: self.environ.get(f"{variable(domain)}_{name}", "") for name in ("USERNAME", "PASSWORD", "TOKEN")}
        if given["TOKEN"]:
            return Credential(bearer=given["TOKEN"])
        if given["USERNAME"] and given["PASSWORD"]:
            return Credential(given["USERNAME"], given["PASSWORD"])
        if given["USERNAME"] or given["PASSWORD"]:
            self.problems.append(f"{variable(domain)}_USERNAME and …_PASSWORD belong together, one is not set")
        return None

    def _of_files(self, domain: str, path: str) -> Credential | None:
        if self._files is None:
            self._files = list(self._read())
        for file, content in self._files:
            found = self._of_file(file, content, domain, path)
            if found is not None:
                return found
        return None

    def _of_file(self, file: str, content: Mapping[str, Any], domain: str, path: str) -> Credential | None:
        """A path of the repository, then a helper of the host, then the store of all hosts, then the host's entry."""
        auths = _table(content, "auths")
        folders = path.split("/")
        for end in range(len(folders), 0, -1):
            key = "/".join([domain, *folders[:end]])
            if (found := self._entry(file, key, auths.get(key))) is not None:
                return found
        helpers = _table(content, "credHelpers")
        keys = (domain, DOCKER_HUB_KEY, "index.docker.io") if domain == DEFAULT_DOMAIN else (domain,)
        names = [*(helpers[key] for key in keys if key in helpers), content.get("credsStore")]
        for name in names:
            if isinstance(name, str) and name and (found := self._helper(file, name, domain)) is not None:
                return found
        for key, entry in auths.items():
            if _host_of(key) in keys and (found := self._entry(file, key, entry)) is not None:
                return found
        return None

    def _entry(self, file: str, key: str, entry: object) -> Credential | None:
        """One entry of `auths`; an empty one stands there for what a helper holds."""
        if not isinstance(entry, Mapping):
            return None
        if identity := entry.get("identitytoken"):
            return Credential(identity=str(identity))
        if bearer := entry.get("registrytoken"):
            return Credential(bearer=str(bearer))
        if entry.get("username") and entry.get("password"):
            return Credential(str(entry["username"]), str(entry["password"]))
        if not entry.get("auth"):
            return None
        try:
            username, colon, password = base64.b64decode(str(entry["auth"])).decode().partition(":")
        except (binascii.Error, ValueError):
            colon = ""
        if not colon:
            self.problems.append(f"{file}: `auth` of `{key}` is not the base64 of name:password")
            return None
        return Credential(username, password.rstrip("\0"))

    def _helper(self, file: str, name: str, domain: str) -> Credential | None:
        if (name, domain) not in self._helped:
            self._helped[name, domain] = self._ask_helper(file, name, domain)
        return self._helped[name, domain]

    def _ask_helper(self, file: str, name: str, domain: str) -> Credential | None:
        """What `docker-credential-NAME get` answers; its own words are not repeated, for they may hold secrets."""
        program = (
            shutil.which(f"docker-credential-{name}", path=self.environ.get("PATH"))
            if _HELPER.fullmatch(name)
            else None
        )
        if program is None:
            self.problems.append(f"{file}: docker-credential-{name} is not on PATH")
            return None
        server = DOCKER_HUB_KEY if domain == DEFAULT_DOMAIN else domain
        try:
            done = subprocess.run(
                [program, "get"],
                input=server.encode(),
                capture_output=True,
                timeout=self.helper_seconds,
                env=dict(self.environ),
                check=False,
            )
        except subprocess.TimeoutExpired:
            self.problems.append(f"docker-credential-{name}: no answer within {self.helper_seconds:g} seconds")
            return None
        except OSError as error:
            self.problems.append(f"docker-credential-{name}: {error.strerror}")
            return None
        return self._answer(name, done)

    def _answer(self, name: str, done: subprocess.CompletedProcess[bytes]) -> Credential | None:
        if done.returncode != 0:
            if b"credentials not found" not in done.stdout.lower():
                self.problems.append(f"docker-credential-{name}: failed with exit code {done.returncode}")
            return None
        try:
            answer = json.loads(done.stdout)
            username, secret = str(answer["Username"]), str(answer["Secret"])
        except (ValueError, KeyError, TypeError):
            self.problems.append(f"docker-credential-{name}: its answer is no credential")
            return None
        if not secret:
            return None
        return Credential(identity=secret) if username == IDENTITY else Credential(username, secret)

    def _read(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """All files that there are, the one that is named most plainly first."""
        if text := self.environ.get("DOCKER_AUTH_CONFIG"):
            yield from self._parsed("DOCKER_AUTH_CONFIG", text)
        for file in _places(self.environ):
            try:
                with open(file, encoding="utf-8") as handle:
                    text = handle.read()
            except (FileNotFoundError, NotADirectoryError):
                continue
            except (OSError, ValueError) as error:
                self.problems.append(f"{file}: cannot be read ({getattr(error, 'strerror', None) or 'no UTF-8'})")
                continue
            yield from self._parsed(file, text)

    def _parsed(self, file: str, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            content = None
        if isinstance(content, dict):
            yield file, content
        else:
            self.problems.append(f"{file}: is not JSON as Docker writes it")


def variable(domain: str) -> str:
    """The first part of the variables of a host: `ghcr.io` is `UNFLOAT_REGISTRY_GHCR_IO`.

    A dot and a colon become `_`, a hyphen becomes `__`: with one `_` for all, whoever owns `a-b.io` could be sent what
    is meant for `a.b.io`.
    """
    return "UNFLOAT_REGISTRY_" + re.sub(r"[^A-Z0-9_]", "_", domain.upper().replace("-", "__"))


def _places(environ: Mapping[str, str]) -> Iterator[str]:
    home = environ.get("HOME") or os.path.expanduser("~")
    if named := environ.get("REGISTRY_AUTH_FILE"):
        yield named
    yield os.path.join(environ.get("DOCKER_CONFIG") or os.path.join(home, ".docker"), "config.json")
    if runtime := environ.get("XDG_RUNTIME_DIR"):
        yield os.path.join(runtime, "containers", "auth.json")
    yield os.path.join(environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "containers", "auth.json")


def _table(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = content.get(name)
    return found if isinstance(found, Mapping) else {}


def _host_of(key: str) -> str:
    """The host that a key of `auths` names; old entries are whole URLs, and a path names no host alone."""
    host, _, path = key.removeprefix("https://").removeprefix("http://").partition("/")
    if path not in ("", "v1", "v1/", "v2", "v2/"):
        return ""
    return DEFAULT_DOMAIN if host == "index.docker.io" else host
