"""What goes wrong on the way, in our words: those of the libraries hold whole URLs, and these may hold secrets."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterable, Iterator, Sequence
from http.client import RemoteDisconnected
from typing import TypeVar

import requests
from urllib3 import exceptions

E = TypeVar("E", bound=BaseException)


class Trouble(Exception):
    """A request without an answer of use.

    `may_pass` if another try may help, `connecting` if nothing was even asked, `answered` if there was some answer.
    """

    def __init__(
        self, message: str, *, may_pass: bool = True, connecting: bool = False, answered: bool = False
    ) -> None:
        super().__init__(message)
        self.may_pass, self.connecting, self.answered = may_pass, connecting, answered

    def behind(self, host: str) -> Trouble:
        """The same with a host that a redirect leads to; the host that redirects did answer."""
        return Trouble(f"redirects to {host}: {self}", may_pass=self.may_pass, answered=True)


def trouble(error: BaseException, connect: float, read: float) -> Trouble:
    """An exception of requests, urllib3 or the system in our words."""
    causes = list(_causes(error))
    by_proxy = any(isinstance(cause, (exceptions.ProxyError, requests.exceptions.ProxyError)) for cause in causes)
    found = _connecting(causes, connect) or _answering(causes, read)
    if by_proxy:
        return Trouble(f"the proxy: {found}", may_pass=found.may_pass, connecting=True)
    return found


def _connecting(causes: Sequence[BaseException], seconds: float) -> Trouble | None:
    """What keeps a connection from being there at all, if that is it."""
    certificate = _first(causes, ssl.SSLCertVerificationError)
    if certificate is not None:
        why = certificate.verify_message or "it does not verify"
        message = f"its certificate is refused ({why}); name its authority as `ca_file`"
        return Trouble(message, may_pass=False, connecting=True)
    if _first(causes, socket.gaierror) or _first(causes, exceptions.NameResolutionError):
        return Trouble("no such host", connecting=True)
    if _first(causes, ConnectionRefusedError):
        return Trouble("connection refused", connecting=True)
    if any(map(_is_of_authorities, causes)):
        message = "its file of authorities holds none; look at `ca_file`, or REQUESTS_CA_BUNDLE and its like"
        return Trouble(message, may_pass=False, connecting=True)
    if _first(causes, requests.exceptions.InvalidSchema):
        return Trouble("a SOCKS proxy needs the package PySocks", may_pass=False, connecting=True)
    tls = _first(causes, ssl.SSLError) or _first(causes, exceptions.SSLError)
    if tls is not None:
        reason = str(getattr(tls, "reason", None) or "no TLS").lower().replace("_", " ")
        return Trouble(f"no secure connection ({reason})", may_pass=False, connecting=True)
    system = _first(causes, OSError, without=requests.RequestException)
    if _first(causes, exceptions.NewConnectionError) and system is not None and system.errno:
        return Trouble(os.strerror(system.errno).lower(), connecting=True)
    if _first(causes, exceptions.ConnectTimeoutError):
        return Trouble(f"no connection within {seconds:g} seconds", connecting=True)
    return None


def _answering(causes: Sequence[BaseException], seconds: float) -> Trouble:
    """What became of the answer."""
    if _first(causes, exceptions.ReadTimeoutError) or _first(causes, TimeoutError):
        return Trouble(f"no answer within {seconds:g} seconds")
    if _first(causes, exceptions.IncompleteRead):
        return Trouble("the answer broke off")
    if _first(causes, RemoteDisconnected):
        return Trouble("hung up without an answer")
    system = _first(causes, OSError, without=requests.RequestException)
    if system is not None and system.errno:
        return Trouble(os.strerror(system.errno).lower())
    return Trouble(f"no answer that can be read ({type(causes[-1]).__name__})")


def _is_of_authorities(cause: BaseException) -> bool:
    """Whether it is what requests says of a file that is not there, or ssl of one without certificates."""
    if isinstance(cause, ssl.SSLError):
        return getattr(cause, "reason", None) == "NO_CERTIFICATE_OR_CRL_FOUND"
    return type(cause) is OSError and cause.errno is None and "CA certificate bundle" in str(cause)


def _first(causes: Iterable[BaseException], kind: type[E], without: type[BaseException] | None = None) -> E | None:
    return next((c for c in causes if isinstance(c, kind) and not (without and isinstance(c, without))), None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and all that it was made of, each once."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop(0)
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [getattr(cause, "reason", None), cause.__cause__, cause.__context__, *cause.args]
