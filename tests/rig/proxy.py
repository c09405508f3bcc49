"""A proxy in front of a registry that answers badly where it is told to, and remembers what it was asked.

proxy.on(r"GET /v2/app/", status(429, {"Retry-After": "1"}), times=2)
"""

from __future__ import annotations

import http.client
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

TLS_HELLO = b"\x16"
_OF_THE_HOP = frozenset({"connection", "transfer-encoding", "keep-alive", "host", "content-length", "date", "server"})


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]


@dataclass
class Answer:
    """What the registry behind the proxy says, for a fault to change."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class _Rule:
    pattern: re.Pattern[str]
    fault: Fault
    times: int | None


Exchange = BaseHTTPRequestHandler
Fault = Callable[[Any, Answer], None]
"""Sends an answer, or something else, in place of the one that is right."""


@dataclass
class FaultProxy:
    """One on a port of its own; `asked` grows with every request, `peak` is the most that were open at once."""

    upstream: str
    asked: list[Asked] = field(default_factory=list)
    peak: int = 0
    _open: int = 0
    _rules: list[_Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"

    def on(self, pattern: str, fault: Fault, times: int | None = None) -> None:
        """Answer requests whose `METHOD path` the pattern finds by a fault, for some times or always."""
        self._rules.append(_Rule(re.compile(pattern), fault, times))

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()

    def count(self, pattern: str) -> int:
        """How many requests the pattern finds."""
        return sum(1 for asked in self.asked if re.search(pattern, f"{asked.method} {asked.path}"))

    def serve(self, exchange: Exchange) -> None:
        """Answer one request."""
        asked = Asked(exchange.command, exchange.path, dict(exchange.headers))
        with self._lock:
            self.asked.append(asked)
            self._open += 1
            self.peak = max(self.peak, self._open)
            fault = self._fault(f"{asked.method} {asked.path}")
        try:
            fault(exchange, self._forward(asked))
        finally:
            with self._lock:
                self._open -= 1

    def _fault(self, request: str) -> Fault:
        for rule in self._rules:
            if rule.times != 0 and rule.pattern.search(request):
                rule.times = None if rule.times is None else rule.times - 1
                return rule.fault
        return send

    def _forward(self, asked: Asked) -> Answer:
        connection = http.client.HTTPConnection(self.upstream, timeout=20)
        headers = {name: value for name, value in asked.headers.items() if name.lower() not in _OF_THE_HOP}
        try:
            connection.request(asked.method, asked.path, headers=headers)
            answer = connection.getresponse()
            length = answer.getheader("Content-Length") if asked.method == "HEAD" else None
            kept = {name: value for name, value in answer.getheaders() if name.lower() not in _OF_THE_HOP}
            return Answer(answer.status, kept | ({"Content-Length": length} if length else {}), answer.read())
        finally:
            connection.close()


def send(exchange: Exchange, answer: Answer, length: int | None = None) -> None:
    """An answer as it is; `length` is a false one."""
    exchange.send_response(answer.status)
    for name, value in answer.headers.items():
        exchange.send_header(name, value)
    if "Content-Length" not in answer.headers:
        exchange.send_header("Content-Length", str(len(answer.body) if length is None else length))
    exchange.end_headers()
    exchange.wfile.write(answer.body)


def status(code: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Fault:
    return lambda exchange, _: send(exchange, Answer(code, dict(headers or {}), _seen(exchange, body)))


def page() -> Fault:
    """A login page with status 200, as captive portals send."""
    body = b"<html><form><input type=password></form></html>"
    return lambda exchange, _: send(exchange, Answer(200, {"Content-Type": "text/html"}, _seen(exchange, body)))


def redirect(to: str, code: int = 307) -> Fault:
    return status(code, {"Location": to})


def header(name: str, value: str | None) -> Fault:
    """The right answer with another header, or without it."""

    def changed(exchange: Exchange, answer: Answer) -> None:
        kept = {key: text for key, text in answer.headers.items() if key.lower() != name.lower()}
        send(exchange, Answer(answer.status, kept | ({name: value} if value is not None else {}), answer.body))

    return changed


def body(data: bytes) -> Fault:
    """The right headers before other bytes."""
    return lambda exchange, answer: send(exchange, Answer(answer.status, answer.headers, data))


def reset(exchange: Exchange, _: Answer) -> None:
    """The connection is torn down (RST)."""
    exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.close_connection = True
    exchange.connection.close()


def hang_up(exchange: Exchange, _: Answer) -> None:
    """The connection is closed without an answer."""
    exchange.close_connection = True
    exchange.connection.shutdown(socket.SHUT_RDWR)


def truncated(exchange: Exchange, answer: Answer) -> None:
    """Half of the body, then nothing more, though more was said to come."""
    send(exchange, Answer(answer.status, answer.headers, answer.body[: len(answer.body) // 2]), len(answer.body))
    exchange.close_connection = True


def shortened(exchange: Exchange, answer: Answer) -> None:
    """Half of the body, and said to be all."""
    send(exchange, Answer(answer.status, answer.headers, answer.body[: len(answer.body) // 2]))


def silent(proxy: FaultProxy) -> Fault:
    """No answer until the test is over."""

    def wait(exchange: Exchange, _: Answer) -> None:
        proxy.over.wait(30)
        exchange.close_connection = True

    return wait


def dripping(seconds: float) -> Fault:
    """The body byte by byte."""

    def drip(exchange: Exchange, answer: Answer) -> None:
        data, answer.body = answer.body, b""
        send(exchange, answer, len(data))
        for at in range(len(data)):
            exchange.wfile.write(data[at : at + 1])
            time.sleep(seconds)

    return drip


def _seen(exchange: Exchange, data: bytes) -> bytes:
    return b"" if exchange.command == "HEAD" else data


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no fault of the proxy; anything else is shown."""
        import sys

        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def _handler(proxy: FaultProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle(self) -> None:
            """Hang up on TLS at once, as registries do that speak plain HTTP."""
            if self.connection.recv(1, socket.MSG_PEEK) != TLS_HELLO:
                super().handle()

        def do_GET(self) -> None:
            proxy.serve(self)

        def do_HEAD(self) -> None:
            proxy.serve(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            pass

    return Handler
