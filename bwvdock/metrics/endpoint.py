"""How does Prometheus fetch the figures? By HTTP from this machine alone, within bounds.

One thread serves all, and waits for nobody: whatever clients do costs a few connections for a few seconds.
Where too many come, the oldest connection gives way, so that one that sends its request at once is answered.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from bwvdock.config.metrics import Address

MOST_CONNECTIONS = 16
MOST_SECONDS = 5.0
"""From connecting until the last byte of the answer."""
MOST_REQUEST_BYTES = 8192
PATH = "/metrics"

_PART = 65536
_BACKLOG = 128  # connections that the kernel has accepted and this thread has not
_BREATH_SECONDS = 0.1  # after a connection that could not be accepted: no descriptor is left
_STOP_SECONDS = 1.0  # it ends at once, unless the machine is very busy
_END = b"\r\n\r\n"

Content = Callable[[], bytes]
"""A function that returns the figures; b"" while there are none yet."""


@dataclass(slots=True, eq=False)
class _Client:
    connection: socket.socket
    until: float
    request: bytearray = field(default_factory=bytearray)
    answer: memoryview | None = None


class Endpoint:
    """Serves figures at one loopback address, from `open` until `close`."""

    def __init__(
        self,
        address: Address,
        content: Content,
        *,
        kind: str,
        trouble: Callable[[Exception], None],
        seconds: float = MOST_SECONDS,
    ) -> None:
        """Take the address; nothing listens yet.

        Args:
            address: where to listen.
            content: returns the figures.
            kind: their content type.
            trouble: called with what nobody was prepared for, which ends the thread and nothing else.
            seconds: how long a connection may last.
        """
        self._address = address
        self._content = content
        self._kind = kind
        self._trouble = trouble
        self._seconds = seconds
        self._clients: list[_Client] = []
        self._thread: threading.Thread | None = None
        self._ours, self._theirs = socket.socketpair()
        self.port = address[1]

    @property
    def serving(self) -> bool:
        """Whether its thread is at work."""
        return self._thread is not None and self._thread.is_alive()

    def open(self) -> None:
        """Listen, and serve in a thread of its own.

        Raises:
            OSError: the address cannot be used.
        """
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(self._address)
            listener.listen(_BACKLOG)
            listener.settimeout(0.0)
        except OSError:
            listener.close()
            raise
        self.port = listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, args=(listener,), name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End every connection, and the thread."""
        with contextlib.suppress(OSError):
            self._ours.send(b"x")
        if self._thread:
            self._thread.join(_STOP_SECONDS)
        if not self.serving:
            self._ours.close()
            self._theirs.close()

    def _serve(self, listener: socket.socket) -> None:
        with listener, selectors.DefaultSelector() as selector:
            try:
                selector.register(listener, selectors.EVENT_READ)
                selector.register(self._theirs, selectors.EVENT_READ)
                while self._round(selector, listener):
                    pass
            except Exception as error:  # noqa: BLE001 - figures must never end a dock
                self._trouble(error)
            for client in self._clients:
                client.connection.close()
            self._clients.clear()

    def _round(self, selector: selectors.BaseSelector, listener: socket.socket) -> bool:
        """Serve the clients that are ready; return whether there is to be another round."""
        now = time.monotonic()
        for client in [c for c in self._clients if c.until <= now]:
            self._drop(selector, client)
        timeout = max(0.0, self._clients[0].until - now) if self._clients else None
        for key, _ in selector.select(timeout):
            if key.fileobj is self._theirs:
                return False
            if key.fileobj is listener:
                self._accept(selector, listener)
            elif key.data in self._clients:  # not one that gave way a moment ago
                self._continue(selector, key.data)
        return True

    def _accept(self, selector: selectors.BaseSelector, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except BlockingIOError:
            return
        except OSError:
            time.sleep(_BREATH_SECONDS)
            return
        if len(self._clients) >= MOST_CONNECTIONS:
            self._drop(selector, self._clients[0])
        connection.settimeout(0.0)
        client = _Client(connection, time.monotonic() + self._seconds)
        self._clients.append(client)  # in the order in which their time ends
        selector.register(connection, selectors.EVENT_READ, client)

    def _continue(self, selector: selectors.BaseSelector, client: _Client) -> None:
        try:
            if client.answer is None and not self._read(selector, client):
                return
            if client.answer:
                client.answer = client.answer[client.connection.send(client.answer[:_PART]) :]
            if client.answer:
                return
        except BlockingIOError:
            return
        except OSError:  # it went away
            pass
        self._drop(selector, client)

    def _read(self, selector: selectors.BaseSelector, client: _Client) -> bool:
        """Read of a request; return whether the connection is to be answered or ended."""
        part = client.connection.recv(MOST_REQUEST_BYTES)
        client.request += part
        if not part:
            return True  # it ended before its request did
        if _END not in client.request and len(client.request) < MOST_REQUEST_BYTES:
            return False
        client.answer = memoryview(self._answer(bytes(client.request)))
        selector.modify(client.connection, selectors.EVENT_WRITE, client)
        return True

    def _answer(self, request: bytes) -> bytes:
        head, end, _ = request.partition(_END)
        method, target, version = [*head.split(b"\r\n")[0].split(b" "), b"", b"", b""][:3]
        if not end:
            return _answer(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        if not version.startswith(b"HTTP/1."):
            return _answer(HTTPStatus.BAD_REQUEST)
        if method not in {b"GET", b"HEAD"}:
            return _answer(HTTPStatus.METHOD_NOT_ALLOWED, more="Allow: GET, HEAD\r\n")
        if target.partition(b"?")[0] != PATH.encode():
            return _answer(HTTPStatus.NOT_FOUND)
        content = self._content()
        if not content:
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE)
        return _answer(HTTPStatus.OK, content, self._kind, head_only=method == b"HEAD")

    def _drop(self, selector: selectors.BaseSelector, client: _Client) -> None:
        self._clients.remove(client)
        selector.unregister(client.connection)
        client.connection.close()


def _answer(
    status: HTTPStatus,
    content: bytes = b"",
    kind: str = "text/plain; charset=utf-8",
    *,
    more: str = "",
    head_only: bool = False,
) -> bytes:
    content = content or f"{status} {status.phrase}\n".encode()
    head = (
        f"HTTP/1.1 {status} {status.phrase}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n"
        f"X-Content-Type-Options: nosniff\r\n{more}Connection: close\r\n\r\n"
    )
    return head.encode() + (b"" if head_only else content)
