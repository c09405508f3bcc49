"""What goes wrong on the way, in our words: those of the libraries hold whole URLs, and these may hold secrets."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from http.client import RemoteDisconnected

import requests
from urllib3 import exceptions


class Trouble(Exception):
    """A request without an answer; `may_pass` if another try may help, `connecting` if nothing was even asked."""

    def __init__(self, message: str, *, may_pass: bool = True, connecting: bool = False) -> None:
        super().__init__(message)
        self.may_pass, self.connecting = may_pass, connecting


def trouble(error: BaseException, connect: float, read: float) -> Trouble:
    """An exception of requests, urllib3 or the system in our words."""
    causes = list(_causes(error))

    def first(*kinds: type[BaseException]) -> BaseException | None:
        return next((cause for cause in causes if isinstance(cause, kinds)), None)

    certificate, tls = first(ssl.SSLCertVerificationError), first(ssl.SSLError) or first(exceptions.SSLError)
    if isinstance(certificate, ssl.SSLCertVerificationError):
        why = certificate.verify_message or "it does not verify"
        return Trouble(
            f"its certificate is refused ({why}); name its authority as `ca_file`", may_pass=False, connecting=True
        )
    by_proxy = "the proxy: " if first(exceptions.ProxyError, requests.exceptions.ProxyError) else ""
    if first(exceptions.NameResolutionError, socket.gaierror):
        return Trouble(f"{by_proxy}no such host", connecting=True)
    if first(exceptions.ConnectTimeoutError, requests.ConnectTimeout):
        return Trouble(f"{by_proxy}no connection within {connect:g} seconds", connecting=True)
    if first(ConnectionRefusedError):
        return Trouble(f"{by_proxy}connection refused", connecting=True)
    if tls is not None:
        reason = getattr(tls, "reason", None) or "no TLS"
        return Trouble(
            f"{by_proxy}no secure connection ({str(reason).lower().replace('_', ' ')})", may_pass=False, connecting=True
        )
    if first(exceptions.ReadTimeoutError, requests.ReadTimeout, TimeoutError):
        return Trouble(f"{by_proxy}no answer within {read:g} seconds")
    if first(exceptions.IncompleteRead):
        return Trouble(f"{by_proxy}the answer broke off")
    if first(RemoteDisconnected):
        return Trouble(f"{by_proxy}hung up without an answer")
    system = first(OSError)
    if by_proxy:
        return Trouble("the proxy lets nothing through", connecting=True)
    if isinstance(system, OSError) and system.errno:
        return Trouble(os.strerror(system.errno).lower())
    return Trouble(f"no answer that can be read ({type(causes[-1]).__name__})")


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
