"""A server in this process, honest until it is told how to lie. Threads on loopback; nothing on a disk."""

from __future__ import annotations

import email.utils
import re
import socket
import ssl
import threading
import time
import weakref
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from tests.servers.hostile import Raw
from tests.servers.lies import Lie
from tests.servers.process import HOST

_HONEST = Lie()
_NOTHING = {204, 304}  # answers that have no body


@dataclass(frozen=True)
class Request:
    """What a client has asked. Names of headers are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    blind: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The target without its query, as it was sent."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query's names and (first) values, as far as they are seen; a name alone has an empty one."""
        asked = parse_qs(urlsplit(self.target).query, keep_blank_values=True)
        return {name: values[0] for name, values in asked.items() if name not in self.blind}

    @property
    def seen(self) -> dict[str, str]:
        """The headers that are seen."""
        return {name: value for name, value in self.headers.items() if name not in self.blind}


@dataclass
class Answer:
    """What a server says to it."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def ranged(request: Request, content: bytes) -> Answer:
    """Answer a GET with all of the content, or with the range that is asked for (bytes=first-last)."""
    asked = re.fullmatch(r"bytes=([0-9]+)-([0-9]*)", request.headers.get("range", ""))
    if not asked:
        return Answer(200, {}, content)
    first, last = int(asked[1]), min(int(asked[2] or len(content)), len(content) - 1)
    if first > last:
        return Answer(416, {"Content-Range": f"bytes */{len(content)}"})
    return Answer(206, {"Content-Range": f"bytes {first}-{last}/{len(content)}"}, content[first : last + 1])


class LyingServer:
    """Serves what a subclass answers (`answer`), bent as the lies say. A context manager.

    `requests` has all that was asked, in order. Give `tls` to serve HTTPS.
    """

    def __init__(self, *lies: Lie, tls: ssl.SSLContext | None = None) -> None:
        self.lies: Sequence[Lie] = lies
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self._cache: dict[str, Answer] = {}
        self._counts: Counter[int] = Counter()
        self._scheme = "https" if tls else "http"
        self._server = _Server((HOST, 0), _Handler, tls)
        self._server.owner = self
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """Its root."""
        return f"{self._scheme}://{HOST}:{self.port}"

    def lie(self, *lies: Lie) -> None:
        """Tell these lies from now on; none to be honest. Requests are counted anew."""
        with self.lock:
            self._counts.clear()
            self.lies = lies

    def asked(self, method: str) -> list[Request]:
        """Return what was asked with this method."""
        return [request for request in self.requests if request.method == method]

    # ------------------------------------------------ for subclasses

    def answer(self, request: Request) -> Answer:
        """Do what is asked and answer honestly, as far as the request is seen."""
        raise TypeError(f"{type(self).__name__} has no answer to {request.method}")

    def forget(self, request: Request, part: float) -> None:
        """Lose this part of the end of what was stored of the thing that the request is about."""
        raise TypeError(f"{type(self).__name__} cannot forget")

    def facts(self, request: Request) -> dict[str, object]:
        """What headers of a lie can name: {here} and {localhost} are this server, by address and by name."""
        now = time.time()
        return {
            "path": request.target,
            "here": f"{HOST}:{self.port}",
            "localhost": f"localhost:{self.port}",
            "soon": email.utils.formatdate(now + 1, usegmt=True),
            "past": email.utils.formatdate(now - 3600, usegmt=True),
        }

    # ------------------------------------------------ how it lies

    def choose(self, request: Request, length: int) -> Lie:
        """Find the lie for a request whose head has come: the first that fits and is not used up."""
        with self.lock:
            fitting = [
                (number, lie)
                for number, lie in enumerate(self.lies)
                if lie.method in {"*", request.method}
                and request.path.endswith(lie.upload)
                and (not lie.query or lie.query in request.query)
                and length > lie.above
            ]
            for number, _ in fitting:
                self._counts[number] += 1
            due = [lie for number, lie in fitting if 0 <= self._counts[number] - lie.first < lie.times]
            return due[0] if due else _HONEST

    def treat(self, lie: Lie, request: Request) -> Answer:
        """Do as the lie says and give the answer."""
        with self.lock:
            self.requests.append(request)
            if lie.forget:
                self.forget(request, lie.forget)
            kept = request.body[: round(len(request.body) * lie.keep)]
            seen = replace(request, body=kept, blind=lie.blind)
            answer = Answer(200) if lie.instead or lie.early else self.answer(seen)
            if lie.cached:
                answer = self._from_cache(request, answer)
            return self._bend(lie, request, answer)

    def _from_cache(self, request: Request, answer: Answer) -> Answer:
        if "no-cache" in request.headers.get("cache-control", ""):
            return answer
        return self._cache.setdefault(request.target, answer)

    def _bend(self, lie: Lie, request: Request, answer: Answer) -> Answer:
        facts = self.facts(request) if lie.headers else {}
        headers = {name: value for name, value in answer.headers.items() if name not in lie.drop}
        headers |= {name: value.format_map(facts) for name, value in lie.headers.items()}
        return Answer(lie.status or answer.status, headers, answer.body if lie.body is None else lie.body)

    # ------------------------------------------------ its life

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    """Threads that end when the server is closed, whatever their clients do."""

    daemon_threads = False
    owner: LyingServer

    def __init__(
        self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], tls: ssl.SSLContext | None
    ) -> None:
        super().__init__(address, handler)
        self._tls = tls
        self._connections: weakref.WeakSet[socket.socket] = weakref.WeakSet()

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, address = super().get_request()
        if self._tls:
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self._connections.add(connection)
        return connection, address

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that hang up are what this is for."""

    def hang_up(self) -> None:
        """End every connection that is still open."""
        for connection in list(self._connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body waits 40 ms for the client to acknowledge the head
    server: _Server

    def serve(self) -> None:
        owner = self.server.owner
        length = int(self.headers.get("Content-Length") or 0)
        head = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, head)
        lie = owner.choose(request, length)
        if not lie.early:
            request = Request(self.command, self.path, head, self.rfile.read(length))
        answer = owner.treat(lie, request)
        if lie.stall:
            owner.closing.wait()
        if lie.raw:
            self._send_raw(lie.raw)
        if lie.stall or lie.hang_up or lie.raw:
            self.close_connection = True
            return
        self._say(answer, lie)

    def _send_raw(self, raw: Raw) -> None:
        for piece in raw.pieces():
            self.wfile.write(piece)
            if self.server.owner.closing.wait(raw.pause) if raw.pause else self.server.owner.closing.is_set():
                return

    def _say(self, answer: Answer, lie: Lie) -> None:
        for status, headers in lie.interim:
            self.send_response_only(status, "Interim")
            self._end(dict(headers))
        self.send_response_only(answer.status)
        self.close_connection = self.close_connection or lie.early
        headers = dict(answer.headers)
        if answer.status not in _NOTHING:
            headers.setdefault("Content-Length", str(len(answer.body)))
        if self.close_connection:
            headers["Connection"] = "close"
        self._end(headers)
        if self.command != "HEAD" and answer.status not in _NOTHING:
            self.wfile.write(answer.body)

    def _end(self, headers: dict[str, str]) -> None:
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name in the base class)
        """Say nothing."""


for _method in ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"):
    setattr(_Handler, f"do_{_method}", _Handler.serve)
