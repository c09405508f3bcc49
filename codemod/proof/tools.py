"""The real `helm` and `kustomize`: found, asked for their version, and run without a network or a personal setting."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

from msgspec import Struct

from codemod.errors import UnfloatError
from codemod.patterns import on_use

TIMEOUT = 60.0
"""Seconds that one rendering may take."""
MEMORY = 2 << 30
"""Bytes that one rendering may take, where the system can say so: templates that never end take all there are."""
HELM_OLDEST = 3

_VERSION = on_use(r"v(\d+)\.\d+\.\d+[-+.\w]*")
_KUBECTL_VERSION = on_use(r"Kustomize Version: (v\S+)")
_OUT_OF_MEMORY = on_use(
    r"^(?:fatal error: (?:runtime: )?|runtime: )"
    r"(?:out of memory|cannot allocate|cannot map pages|failed to create new OS thread|goroutine stack)",
    re.M,
)
"""The words with which Go's runtime gives up for want of memory (its malloc.go, mheap.go, mem_linux.go, stack.go)."""
_NOWHERE = "http://127.0.0.1:9"
"""A proxy that refuses at once: port 9 is that of the discard service (RFC 863)."""


class Tool(Struct, frozen=True):
    """One program: the words that begin its commands, and its version."""

    command: tuple[str, ...]
    version: str


class Ran(Struct, frozen=True):
    """How a program ended: what it printed, or None and its complaints (`stopped`: it took too much)."""

    out: bytes | None
    complaints: str = ""
    stopped: bool = False


class Tools(Struct, frozen=True):
    """The programs that were found (None: not), and the environment that they run in."""

    helm: Tool | None
    kustomize: Tool | None
    environment: Mapping[str, str]
    timeout: float = TIMEOUT
    memory: int = MEMORY

    def run(self, tool: Tool, arguments: Sequence[str], folder: str) -> Ran:
        """Run a program in a folder. Never raises for what the program does."""
        return _run((*tool.command, *arguments), folder, self.environment, self.timeout, self.memory)


def find(home: str, helm: str | None = None, kustomize: str | None = None, timeout: float = TIMEOUT) -> Tools:
    """Find the programs: those named, else on PATH; kustomize may be that of kubectl.

    `home` is an empty folder, for what they would keep in the user's. Raises `UnfloatError` for a program that is
    named and cannot be run, and for a helm that is too old.
    """
    environment = clean_environment(home)
    return Tools(_helm(helm, environment), _kustomize(kustomize, environment), environment, timeout)


def clean_environment(home: str) -> dict[str, str]:
    """The environment of a program that must neither reach a network or a cluster nor see what the user configured."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LANG", "LC_ALL") if name in os.environ}
    folders = {f"HELM_{name}_HOME": os.path.join(home, name.lower()) for name in ("CACHE", "CONFIG", "DATA")}
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), _NOWHERE)
    return {
        **kept,
        **folders,
        **proxies,
        "HOME": home,
        "KUBECONFIG": os.devnull,
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }


def _helm(named: str | None, environment: Mapping[str, str]) -> Tool | None:
    path = _path("helm", named)
    if path is None:
        return None
    match = _VERSION.search(_said(path, ("version", "--template", "{{.Version}}"), environment))
    if match is None or int(match[1]) < HELM_OLDEST:
        raise UnfloatError(f"{path}: no Helm of version {HELM_OLDEST} or later; name another with --helm")
    return Tool((path,), match[0])


def _kustomize(named: str | None, environment: Mapping[str, str]) -> Tool | None:
    path = _path("kustomize", named) or _path("kubectl", None)
    if path is None:
        return None
    if os.path.basename(path).startswith("kubectl"):
        match = _KUBECTL_VERSION.search(_said(path, ("version", "--client"), environment))
        command, version = (path, "kustomize"), match[1] if match else None
    else:
        match = _VERSION.search(_said(path, ("version",), environment))
        command, version = (path, "build"), match[0] if match else None
    if version is None:
        raise UnfloatError(f"{path}: does not say a version of kustomize; name another with --kustomize")
    return Tool(command, version)


def _path(name: str, named: str | None) -> str | None:
    """The absolute path of a program. Raises `UnfloatError` for one that was named and is none."""
    found = shutil.which(named or name)
    if found is None and named is not None:
        raise UnfloatError(f"{named}: no program that can be run; name another with --{name}")
    return os.path.abspath(found) if found is not None else None


def _said(path: str, arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """What a program says of itself, empty where it fails."""
    ran = _run((path, *arguments), None, environment, TIMEOUT)
    return (ran.out or b"").decode("utf-8", "replace")


def _run(
    command: Sequence[str], folder: str | None, environment: Mapping[str, str], timeout: float, memory: int = MEMORY
) -> Ran:
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return Ran(None, f"Error: {command[0]} cannot be run: {getattr(error, 'strerror', None) or error}")
    with process:
        _limit(process.pid, memory)
        try:
            out, complaints = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            _stop(process)
            return Ran(None, f"Error: took longer than {timeout:g} s", stopped=True)
        except BaseException:
            _stop(process)
            raise
    text = complaints.decode("utf-8", "replace")
    if process.returncode != 0 and _OUT_OF_MEMORY.search(text) is not None:
        return Ran(None, f"Error: took more than {memory >> 20:,} MiB of memory", stopped=True)
    return Ran(out if process.returncode == 0 else None, text)


def _limit(pid: int, memory: int) -> None:
    """Limit what a program, and what it starts, may allocate; elsewhere than on Linux there is no such limit."""
    if sys.platform == "linux":
        import resource

        with suppress(ProcessLookupError, PermissionError):
            resource.prlimit(pid, resource.RLIMIT_DATA, (memory, memory))


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a program with all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()
    process.communicate()
