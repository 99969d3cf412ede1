"""Does the witness answer over HTTP, and keep answering whatever a client does?"""

from __future__ import annotations

import hashlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http import HTTPStatus
from pathlib import Path

import pytest

from bwvdock.core.custody.c2sp.submission import MOST_BYTES, SIZE_TYPE
from bwvdock.witness.http_server import WitnessServer
from bwvdock.witness.limits import Connections, RateLimits
from tests.servers.tls import Authority, server_context
from tests.witness.logs import Log, Station

pytestmark = pytest.mark.slow

LOG = Log()
PATIENCE = 20.0  # seconds until a test that hangs has failed


@contextmanager
def serving(
    folder: Path,
    *,
    host: str = "127.0.0.1",
    tls: ssl.SSLContext | None = None,
    connections: Connections | None = None,
    request_seconds: float = PATIENCE,
) -> Iterator[tuple[WitnessServer, int]]:
    """Serve a witness that knows one log; return it and its port."""
    station = Station(folder)
    station.logs.add("LEW-03", str(LOG.key))
    with station.store() as store:
        server = WitnessServer(
            station.witness(store),
            (host, 0),
            tls=tls,
            connections=connections,
            request_seconds=request_seconds,
        )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server, int(server.server_address[1])
        finally:
            server.shutdown()
            server.server_close()
            thread.join(PATIENCE)


def post(
    port: int, body: bytes, host: str = "127.0.0.1", path: str = "/add-checkpoint"
) -> tuple[int, bytes, str]:
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    with closing(connection):
        connection.request("POST", path, body)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers["Content-Type"]


def raw(port: int, request: bytes) -> bytes:
    """Send bytes, and return all that comes back until the witness closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        answer = b""
        with suppress(OSError):  # closed while bytes were still on their way
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
            while part := client.recv(65536):
                answer += part
        return answer


def dripped(client: socket.socket, most: int) -> int:
    """Send a byte each 0.05 s until the witness ends the connection; return how many (at most `most`)."""
    client.settimeout(0.05)
    sent = 0
    with suppress(OSError):
        while sent < most:
            with suppress(TimeoutError):
                client.sendall(b"x")
                sent += 1
                if not client.recv(1):
                    break
    return sent


def works(port: int, old: int, size: int) -> bool:
    return post(port, LOG.request(old, size))[0] == HTTPStatus.OK


def test_it_answers_as_the_protocol_says_on_one_connection(tmp_path: Path) -> None:
    with serving(tmp_path) as (_, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        for old, size, status in ((0, 5, 200), (0, 9, 409), (5, 9, 200), (9, 9, 200)):
            connection.request("POST", "/add-checkpoint", LOG.request(old, size))
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == status
            if status == HTTPStatus.CONFLICT:
                assert (answer.headers["Content-Type"], body) == (SIZE_TYPE, b"5\n")
        connection.close()


def test_the_latest_checkpoint_is_published(tmp_path: Path) -> None:
    with serving(tmp_path) as (_, port):
        assert works(port, 0, 5)
        name = hashlib.sha256(LOG.origin.encode()).hexdigest()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", f"/{name}/checkpoint")
        assert connection.getresponse().read().startswith(str(LOG.head(5)).encode())
        connection.request("GET", f"/{name.upper()}/checkpoint")
        assert connection.getresponse().status == HTTPStatus.NOT_FOUND
        connection.close()


@pytest.mark.parametrize("host", ["::1", "::"])
def test_it_listens_on_ipv6_and_at_all_addresses_on_ipv4_too(host: str, tmp_path: Path) -> None:
    with serving(tmp_path, host=host) as (_, port):
        assert post(port, LOG.request(0, 5), host="::1")[0] == HTTPStatus.OK
        if host == "::":
            assert post(port, LOG.request(5, 9), host="127.0.0.1")[0] == HTTPStatus.OK


def test_it_answers_over_tls_and_a_client_without_it_ends_only_itself(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    context = server_context(authority.sign("witness"))
    (tmp_path / "w").mkdir()
    with serving(tmp_path / "w", tls=context, request_seconds=2.0) as (_, port):
        raw(port, b"POST /add-checkpoint HTTP/1.1\r\n\r\n")
        trusted = ssl.create_default_context(cafile=str(authority.ca_file))
        connection = http.client.HTTPSConnection("127.0.0.1", port, context=trusted, timeout=PATIENCE)
        connection.request("POST", "/add-checkpoint", LOG.request(0, 5))
        assert connection.getresponse().status == HTTPStatus.OK
        connection.close()


HEAD = b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\n"
HOSTILE = {
    "nothing": (b"", b""),
    "no http": (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"Bad request"),
    "an endless line": (b"GET /" + b"a" * 200_000, b" 414 "),
    "endless headers": (HEAD + b"X: y\r\n" * 50_000, b" 431 "),
    "no length": (HEAD + b"\r\n", b" 411 "),
    "two lengths": (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", b" 411 "),
    "a negative length": (HEAD + b"Content-Length: -1\r\n\r\n", b" 411 "),
    "an odd length": (HEAD + b"Content-Length: 0x10\r\n\r\n", b" 411 "),
    "a huge length": (HEAD + b"Content-Length: 99999999999999999999\r\n\r\n", b" 411 "),
    "too long": (HEAD + f"Content-Length: {MOST_BYTES + 1}\r\n\r\n".encode(), b" 413 "),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b" 411 "),
    "chunks and a length": (
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        b" 411 ",
    ),
    "less than announced": (HEAD + b"Content-Length: 100\r\n\r\nold 0", b""),
    "another method": (b"DELETE / HTTP/1.1\r\n\r\n", b" 501 "),
    "another path": (b"POST /x HTTP/1.1\r\nContent-Length: 0\r\n\r\n", b" 404 "),
    "a path that climbs": (b"GET /../../etc/passwd HTTP/1.1\r\n\r\n", b" 404 "),
    "an old version": (b"GET /\r\n\r\n", b"there is nothing here"),
    "a later version": (b"GET / HTTP/9.9\r\n\r\n", b"Invalid HTTP version"),
    "no request body": (HEAD + b"Content-Length: 0\r\n\r\n", b" 400 "),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_requests_are_refused_and_the_next_is_answered(name: str, tmp_path: Path) -> None:
    request, expected = HOSTILE[name]
    with serving(tmp_path) as (_, port):
        answer = raw(port, request)
        assert expected in answer or (answer == b"" and len(request) > 100_000)
        assert works(port, 0, 5)


def test_who_drips_is_cut_off_in_time_however_often_a_byte_comes(tmp_path: Path) -> None:
    with serving(tmp_path, request_seconds=0.5) as (_, port):
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
            client.sendall(HEAD + b"Content-Length: 60000\r\n\r\n")
            assert dripped(client, 1000) < 200
        assert works(port, 0, 5)


def test_a_connection_ends_however_many_requests_it_brings(tmp_path: Path) -> None:
    with serving(tmp_path, request_seconds=0.3) as (_, port):
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
            answer, part, end = b"", b"more", time.monotonic() + PATIENCE / 4
            with suppress(OSError):
                while part and time.monotonic() < end:
                    client.sendall(b"GET / HTTP/1.1\r\n\r\n")
                    part = client.recv(65536)
                    answer += part
            assert b"Connection: close" in answer
            assert answer.count(b" 404 ") > 1, "one connection may bring several requests"
        assert works(port, 0, 5)


def test_a_handshake_that_drips_is_cut_off_in_time(tmp_path: Path) -> None:
    context = server_context(Authority(tmp_path).sign("witness"))
    (tmp_path / "w").mkdir()
    with (
        serving(tmp_path / "w", tls=context, request_seconds=0.5) as (_, port),
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client,
    ):
        client.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")  # a ClientHello of 512 bytes
        assert 0 < dripped(client, 400) < 200


def test_connections_are_counted_and_one_client_cannot_have_them_all(tmp_path: Path) -> None:
    few = Connections(most=3, most_of_one=1)
    with serving(tmp_path, connections=few) as (_, port):
        idle = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(3)]
        for client in idle:
            client.sendall(b"P")
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as one_more:
            assert one_more.recv(1) == b""  # closed at once
        for client in idle:
            client.close()
        tried = 0
        while tried < 1000:
            tried += 1
            try:
                if works(port, 0, 5):
                    break
            except (ConnectionError, http.client.HTTPException):
                continue
        assert tried < 1000


def test_a_client_has_a_share_of_the_connections() -> None:
    connections = Connections(most=4, most_of_one=2)
    with connections.one("192.0.2.1") as first, connections.one("192.0.2.1") as second:
        with connections.one("192.0.2.1") as third, connections.one("192.0.2.2") as other:
            assert (first, second, third, other) == (True, True, False, True)
        with connections.one("192.0.2.1") as again:
            assert not again
    with connections.one("127.0.0.1") as a, connections.one("127.0.0.1"), connections.one("127.0.0.1") as c:
        assert (a, c) == (True, True)


def test_an_ipv6_host_has_one_share_whatever_addresses_it_makes_up() -> None:
    connections = Connections(most=9, most_of_one=1)
    addresses = {
        "2001:db8:0:1::1": True,
        "2001:db8:0:1:ffff::2": False,
        "2001:db8:0:2::1": True,
        "fe80::1%eth0": True,
        "::ffff:192.0.2.1": True,
        "192.0.2.1": False,
        "::ffff:192.0.2.2": True,
    }
    with ExitStack() as stack:
        assert {one: stack.enter_context(connections.one(one)) for one in addresses} == addresses
    limits = RateLimits(burst=1, per_second=0.001, monotonic=lambda: 0.0)
    assert limits.wait("log", "2001:db8::1") == 0
    assert limits.wait("log", "2001:db8::2") > 0


def test_a_database_that_breaks_ends_the_server_and_signs_nothing(tmp_path: Path) -> None:
    with serving(tmp_path) as (server, port):
        assert works(port, 0, 5)
        server.witness.store.close()
        status, body, _ = post(port, LOG.request(5, 9))
        assert (status, body) == (503, b"the witness cannot store anything now\n")
