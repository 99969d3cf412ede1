"""Receivers of webhooks on loopback: one keeps what it is sent, one answers whatever it likes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.servers.hostile import Raw
from tests.servers.listening import listening

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105


@dataclass
class Received:
    """One request."""

    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.body)

    def is_signed(self, secret: str = SECRET) -> bool:
        """Return whether one of its signatures is by this secret, as the specification says to check."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        head = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode()
        wanted = base64.b64encode(hmac.new(key, head + self.body, hashlib.sha256).digest()).decode()
        signatures = [one.partition(",") for one in self.headers["webhook-signature"].split(" ")]
        return any(version == "v1" and said == wanted for version, _, said in signatures)


@dataclass
class Hook:
    """A receiver: the statuses with which it answers, the last of them for ever."""

    url: str = ""
    statuses: list[int] = field(default_factory=lambda: [204])
    headers: dict[str, str] = field(default_factory=dict)
    said: bytes = b""
    received: list[Received] = field(default_factory=list)
    came: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


@contextmanager
def hook(tls: ssl.SSLContext | None = None) -> Iterator[Hook]:
    """Give a receiver that is served."""
    made = Hook()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.received.append(Received({k.lower(): v for k, v in self.headers.items()}, body))
            status = made.statuses.pop(0) if len(made.statuses) > 1 else made.statuses[0]
            self.send_response(status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(made.said)))
            self.end_headers()
            self.wfile.write(made.said)
            made.came.release()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    made.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}/hook"
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    serving.start()
    try:
        yield made
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


@contextmanager
def answering(raw: Raw, *, reads: bool = True) -> Iterator[int]:
    """Give the port of a server that reads a little (or nothing) and then sends this, to whoever comes."""
    with listening(lambda connection, ended: _answer(connection, raw, ended, reads)) as port:
        yield port


def _answer(connection: socket.socket, raw: Raw, ended: threading.Event, reads: object) -> None:
    with connection, suppress(OSError):
        connection.settimeout(5)
        if reads:
            connection.recv(65536)
        for piece in raw.pieces():
            connection.sendall(piece)
            if ended.wait(raw.pause) if raw.pause else ended.is_set():
                return
