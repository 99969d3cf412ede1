"""How is a store's answer read? In bounds: of bytes, of headers, of interim answers, and of time.

The one place where bytes from a store come in, for every protocol over HTTP. `http.client` reads whatever a
server sends for as long as it sends it; here its socket is put behind a meter that ends a reading which
takes too long or brings too much, wherever in the answer that is. Nothing is unpacked, nothing is followed.
"""

from __future__ import annotations

import http.client
import select
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bwvdock.edges.destinations.metering import Meter, MeteredSocket, TooMuchError
from bwvdock.edges.destinations.proxy import Proxy

BLOCK_BYTES = 256 * 1024  # sent, and read of footage, at once: the stall timeout is for each of them
MOST_INTERIM = 16  # answers before the answer
_MOST_FRAME = 64 * 1024  # bytes that a reading may take besides the content: chunks have sizes and trailers
_POOLED = 32  # connections kept: as many as there may be uploaders
_MOST_IDLE = 50.0  # seconds for which an idle one is kept


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """Seconds: until there is a connection, until a block is taken or given, until an answer is whole.

    `proxy`: until a proxy has a connection to the store.
    """

    connect: float = 10.0
    stall: float = 60.0
    answer: float = 120.0
    proxy: float = 30.0


PATIENCE = Patience()


class Headers(dict[str, str]):
    """Headers of an answer, whatever the case of their names; equal names are joined by commas."""

    @classmethod
    def of(cls, lines: Mapping[str, str] | http.client.HTTPMessage) -> Headers:
        """Return them as such."""
        made = cls()
        for name, value in lines.items():
            known, text = name.lower(), str(value).strip()
            made[known] = f"{made[known]}, {text}" if known in made else text
        return made

    def __getitem__(self, name: str) -> str:
        """Return a value."""
        return super().__getitem__(name.lower())

    def get(self, name: str, default: Any = "") -> Any:  # noqa: ANN401 - as the base class has it
        """Return a value, or the default."""
        return super().get(name.lower(), default)

    def said(self, name: str) -> str:
        """Return a value; "" if there is none."""
        return str(self.get(name))


class _Response(http.client.HTTPResponse):
    """An answer behind a meter; interim ones before it (103, 104) are passed over."""

    meter: Meter

    def begin(self) -> None:
        """Read up to the headers of the final answer."""
        for _ in range(MOST_INTERIM):
            super().begin()
            if not 100 <= self.status < 200 or self.status == 101:
                return
            vars(self).update(headers=None, msg=None)  # else it holds that it has begun
        raise TooMuchError("it gives one interim answer after another")


class Reply:
    """An answer whose body is still to be read. For one thread; to be closed.

    One that is dropped unclosed, because what was to read it failed, takes its connection with it.
    """

    def __init__(
        self,
        response: _Response,
        url: str,
        patience: Patience,
        connection: http.client.HTTPConnection,
        release: Callable[[bool], None],
    ) -> None:
        """Take an answer whose head was read.

        Args:
            response: the answer.
            url: that was asked.
            patience: for a block of footage.
            connection: on which it comes.
            release: is called when it is closed, with whether the connection is of use.
        """
        self.status: int = response.status
        self.headers = Headers.of(response.headers)
        self.url = url
        self._response, self._patience, self._release = response, patience, release
        self._unclosed = weakref.finalize(self, _close_both, response, connection)

    @property
    def whole(self) -> bool:
        """Whether all that was promised has come."""
        left = self._response.length
        return left == 0 or (self._response.isclosed() and not left)

    def words(self, most: int, *, seconds: float | None = None) -> bytes:
        """Read the body, but no more than `most` bytes of it.

        Raises:
            OSError: it broke off, or was not complete in time.
            http.client.HTTPException: it is not HTTP.
            TooMuchError: it is longer, or there is more around it than in it.
        """
        meter = self._response.meter
        meter.left = 2 * most + _MOST_FRAME
        if seconds is not None:
            meter.until = min(meter.until, time.monotonic() + seconds)
        found = bytearray()
        while block := self._read(min(most + 1 - len(found), 64 * 1024)):
            found += block
            if len(found) > most:
                raise TooMuchError(f"its answer is longer than {most} bytes")
        if self._response.length:
            raise http.client.IncompleteRead(b"", self._response.length)
        return bytes(found)

    def beginning(self, most: int, *, seconds: float) -> bytes:
        """Read of the body what comes in so many seconds, but no more than `most` bytes; nothing is raised.

        What a store says in words is for people: the answer counts even if its text is incomplete.
        """
        meter = self._response.meter
        meter.left, meter.until = 2 * most + _MOST_FRAME, min(meter.until, time.monotonic() + seconds)
        found = bytearray()
        with suppress(OSError, http.client.HTTPException, TooMuchError):
            while block := self._read(min(most - len(found), 4096)):
                found += block
        return bytes(found)

    def block(self, most: int) -> bytes:
        """Read up to `most` bytes of footage, with time of their own; b"" at the end. Raises as `words`."""
        self._response.meter.allow(self._patience.stall, 2 * most + _MOST_FRAME)
        return self._read(most)

    def close(self) -> None:
        """Close it; the connection is kept if nothing is left to be read."""
        if self._unclosed.detach():
            useful = self.whole and not self._response.will_close
            self._response.close()
            self._release(useful)

    def _read(self, most: int) -> bytes:
        try:
            return self._response.read(most)
        except ValueError as error:  # of a size that is no number, or less than none
            raise http.client.IncompleteRead(b"") from error


class Connections:
    """The connections to one origin. May be used from several threads."""

    def __init__(
        self, origin: str, context: ssl.SSLContext, patience: Patience, proxy: Proxy | None = None
    ) -> None:
        """Connect to nothing yet.

        Args:
            origin: a URL with its scheme, host and port.
            context: who is trusted, and who we are.
            patience: how long to wait for what.
            proxy: through which it is reached; None for directly.
        """
        self._origin, self._context, self._patience = urlsplit(origin), context, patience
        self._proxy = proxy
        self._idle: list[tuple[float, http.client.HTTPConnection]] = []
        self._lock = threading.Lock()
        weakref.finalize(self, _close_all, self._idle)

    def close(self) -> None:
        """Close idle connections."""
        with self._lock:
            _close_all(self._idle)

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection on which nothing is under way.

        Raises:
            OSError: there is none to be had.
        """
        while (kept := self._kept()) is not None:
            if _is_sound(kept):
                return kept
            kept.close()
        return self._connected()

    def ask(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: tuple[int, Iterator[memoryview | bytes]],
        *,
        patience: Patience,
    ) -> Reply:
        """Send a request, and read the head of its answer.

        Args:
            connection: from `connect`; it is kept for the next request, or closed.
            method: of the request.
            url: within the origin; printable ASCII.
            headers: all but the length and the host.
            body: its length, and its blocks.
            patience: with this very request.

        Raises:
            OSError: it broke off, or took too long.
            http.client.HTTPException: the answer is not HTTP.
            TooMuchError: its head is longer than any.
        """
        try:
            sent = _send(connection, method, url, headers, body, patience.stall)
            response = _answer(connection, method, patience.answer)
        except BaseException:
            connection.close()
            raise
        return Reply(
            response,
            url,
            patience,
            connection,
            lambda useful: self._released(connection, useful=useful and sent),
        )

    def _kept(self) -> http.client.HTTPConnection | None:
        with self._lock:
            while self._idle:
                since, connection = self._idle.pop()
                if time.monotonic() - since < _MOST_IDLE:
                    return connection
                connection.close()
        return None

    def _connected(self) -> http.client.HTTPConnection:
        host, seconds = self._origin.hostname or "", self._patience.connect
        connection: http.client.HTTPConnection
        if self._origin.scheme == "https":
            port = self._origin.port or http.client.HTTPS_PORT
            connection = http.client.HTTPSConnection(host, port, timeout=seconds, context=self._context)
            if self._proxy is not None:
                connection.sock = self._in_tunnel(self._proxy, host, port)
        elif self._proxy is not None:
            connection = self._proxy.forwarding(f"http://{self._origin.netloc}", seconds)
        else:
            port = self._origin.port or http.client.HTTP_PORT
            connection = http.client.HTTPConnection(host, port, timeout=seconds)
        if connection.sock is None:
            connection.connect()
        connection.auto_open = 0  # what breaks off is never begun again behind our back
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.sock.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(1000 * self._patience.stall)
        )
        return connection

    def _in_tunnel(self, proxy: Proxy, host: str, port: int) -> ssl.SSLSocket:
        seconds = self._patience.connect
        plain = proxy.tunnel(host, port, connect=seconds, answer=self._patience.proxy)
        try:
            plain.settimeout(seconds)
            return self._context.wrap_socket(plain, server_hostname=host)
        except ssl.SSLError:
            plain.close()
            raise
        except OSError as error:
            plain.close()
            raise proxy.broke_off(error) from error

    def _released(self, connection: http.client.HTTPConnection, *, useful: bool) -> None:
        with self._lock:
            if useful and connection.sock is not None and len(self._idle) < _POOLED:
                self._idle.append((time.monotonic(), connection))
                return
        connection.close()


def _close_all(idle: list[tuple[float, http.client.HTTPConnection]]) -> None:
    while idle:
        idle.pop()[1].close()


def _close_both(response: _Response, connection: http.client.HTTPConnection) -> None:
    """Close an answer and its connection; no lock is taken, because this may be called at any moment."""
    response.close()
    connection.close()


def _is_sound(connection: http.client.HTTPConnection) -> bool:
    """Return whether the other side neither closed it nor said anything that nobody asked for."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return not poll.poll(0)


def _send(
    connection: http.client.HTTPConnection,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: tuple[int, Iterator[memoryview | bytes]],
    stall: float,
) -> bool:
    """Send a request; return whether all of it was taken."""
    length, blocks = body
    connection.sock.settimeout(stall)
    where = urlsplit(url)
    connection.putrequest(
        method, f"{where.path or '/'}{'?' if where.query else ''}{where.query}", skip_accept_encoding=True
    )
    for name, value in headers.items():
        connection.putheader(name, value.encode("utf-8"))
    if length or method in {"PATCH", "POST", "PUT"}:
        connection.putheader("Content-Length", str(length))
    connection.endheaders()
    try:
        for block in blocks:
            connection.sock.settimeout(stall)
            connection.send(block)
    except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
        return False  # it may have answered before it had read all: the answer says, or there is none
    finally:
        if isinstance(blocks, Generator):
            blocks.close()  # what it reads from is let go now, not when the error is forgotten
    return True


def _answer(connection: http.client.HTTPConnection, method: str, seconds: float) -> _Response:
    meter = Meter(seconds)

    def begin(connected: socket.socket, **_: object) -> _Response:
        metered: Any = MeteredSocket(connected, meter)  # http.client asks it for a file to read, and no more
        response = _Response(metered, method=method)
        response.meter = meter
        return response

    made: Any = begin
    connection.response_class = made
    response = connection.getresponse()
    if not isinstance(response, _Response):
        raise TypeError("http.client made another kind of answer")
    return response
