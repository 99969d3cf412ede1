"""How do requests reach the witness? HTTP/1.1 of the standard library, with or without TLS, within bounds.

Whatever a client does costs one thread for a bounded time: the handshake of TLS and each request must be
complete within half a minute however slowly they drip, a connection that is older ends with its next answer,
a request has a bounded length, and connections are counted.
"""

from __future__ import annotations

import contextlib
import io
import re
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from bwvdock.core.custody.c2sp.submission import MOST_BYTES
from bwvdock.errors import StorageError
from bwvdock.witness.limits import Connections
from bwvdock.witness.service import Answer, Witness

REQUEST_SECONDS = 30.0
_MOST_HEAD_BYTES = 16 * 1024
_ANSWER_SECONDS = 10.0
_HASH_PATH = re.compile(r"/([0-9a-f]{64})/checkpoint")
_LENGTH = re.compile(r"[0-9]{1,9}", re.ASCII)


class _Bounded(io.RawIOBase):
    """Reads a connection until a request's time or length is used up; `renew` begins the next request.

    The whole connection has twice the time of a request, however many requests it brings.
    """

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection = connection
        self._seconds = seconds
        self._last = time.monotonic() + seconds
        self.renew()

    def renew(self) -> None:
        self._deadline = min(time.monotonic(), self._last) + self._seconds
        self._left = MOST_BYTES + _MOST_HEAD_BYTES

    @property
    def old(self) -> bool:
        """Whether no further request may begin."""
        return time.monotonic() >= self._last

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any buffer
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("the request was not complete in time")
        if self._left <= 0:
            raise ConnectionError("the request is too long")
        self._connection.settimeout(remaining)
        got = self._connection.recv_into(memoryview(buffer)[: self._left])
        self._left -= got
        return got


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: WitnessServer
    _raw: _Bounded

    def setup(self) -> None:
        super().setup()
        self._raw = _Bounded(self.connection, self.server.request_seconds)
        self.rfile = io.BufferedReader(self._raw)

    def handle_one_request(self) -> None:
        self._raw.renew()
        super().handle_one_request()

    def version_string(self) -> str:
        return "bwvdock-witness"

    def do_GET(self) -> None:
        found = _HASH_PATH.fullmatch(self.path)
        if found is None:
            self.send_error(HTTPStatus.NOT_FOUND, "there is nothing here")
            return
        self._answer(lambda: self.server.witness.checkpoint(found[1]))

    def do_POST(self) -> None:
        body = self._body()
        if body is None:
            return
        if self.path != "/add-checkpoint":
            self.send_error(HTTPStatus.NOT_FOUND, "there is nothing here")
            return
        client = str(self.client_address[0])
        self._answer(lambda: self.server.witness.add_checkpoint(body, client))

    def _body(self) -> bytes | None:
        """Return the body, or None once the request was refused."""
        length = self.headers.get_all("Content-Length", [])
        if len(length) != 1 or not _LENGTH.fullmatch(length[0]) or "Transfer-Encoding" in self.headers:
            self._refuse(HTTPStatus.LENGTH_REQUIRED, "the length of a request must be known")
            return None
        if int(length[0]) > MOST_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request has at most {MOST_BYTES} bytes")
            return None
        body = self.rfile.read(int(length[0]))
        if len(body) < int(length[0]):
            self.close_connection = True
            return None
        return body

    def _refuse(self, status: HTTPStatus, reason: str) -> None:
        self.close_connection = True  # what follows is not a request
        self.send_error(status, reason)

    def _answer(self, ask: Callable[[], Answer]) -> None:
        try:
            answer = ask()
        except StorageError as error:
            self.server.failed(error)
            answer = Answer(HTTPStatus.SERVICE_UNAVAILABLE, b"the witness cannot store anything now\n")
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        self.connection.settimeout(_ANSWER_SECONDS)
        self.close_connection = self.close_connection or self._raw.old
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def send_error(self, code: int, message: str | None = None, _explain: str | None = None) -> None:
        """Answer in plain text; the base class calls this for what it refuses itself, and then closes."""
        status = HTTPStatus(code)
        if status is not HTTPStatus.NOT_FOUND:
            self.close_connection = True
        self._send(Answer(status, f"{message or status.phrase}\n".encode("utf-8", "replace")))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Write nothing: the witness itself reports what concerns a log that it knows."""


class WitnessServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves a witness at one address until it is shut down."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(
        self,
        witness: Witness,
        address: tuple[str, int],
        *,
        tls: ssl.SSLContext | None = None,
        connections: Connections | None = None,
        request_seconds: float = REQUEST_SECONDS,
    ) -> None:
        """Listen at an address: of IPv4, or of IPv6 (at "::" of both).

        Raises:
            OSError: the address cannot be used.
        """
        self.witness = witness
        self.request_seconds = request_seconds
        self.failure: StorageError | None = None
        self._tls = tls
        self._connections = connections or Connections()
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind; an IPv6 address that means all addresses is for IPv4 too."""
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Serve one connection, unless there are too many."""
        with self._connections.one(str(client_address[0])) as stays:
            if stays:
                super().process_request_thread(request, client_address)
            else:
                self.shutdown_request(request)

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Serve one connection; what its client does wrong ends it and nothing else."""
        request.settimeout(self.request_seconds)  # of a handshake, it is the time for all of it
        with contextlib.suppress(OSError):  # also of TLS, and a time that ran out
            if self._tls is None:
                super().finish_request(request, client_address)
                return
            with self._tls.wrap_socket(request, server_side=True) as wrapped:
                super().finish_request(wrapped, client_address)

    def failed(self, error: StorageError) -> None:
        """Stop serving if the database is broken; on a full disk, the next request may succeed."""
        self.witness.say(f"not answered: {error.message}")
        if not self.witness.store.broken:
            return
        self.failure = error
        threading.Thread(target=self.shutdown, daemon=True).start()
