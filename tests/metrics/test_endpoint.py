"""Is a client of the endpoint answered whatever other clients do, and what does each answer say?"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from bwvdock.metrics.endpoint import MOST_CONNECTIONS, MOST_REQUEST_BYTES, Endpoint

FIGURES = b"bwvdock_ready 1\n"
KIND = "text/plain; version=0.0.4"
_PATIENCE = 60.0


@contextlib.contextmanager
def endpoint(
    content: bytes = FIGURES, *, host: str = "127.0.0.1", seconds: float = _PATIENCE
) -> Iterator[Endpoint]:
    """Serve at a port that the kernel chooses; whatever nobody was prepared for fails the test."""
    troubles: list[Exception] = []
    served = Endpoint((host, 0), lambda: content, kind=KIND, trouble=troubles.append, seconds=seconds)
    served.open()
    try:
        yield served
    finally:
        served.close()
    assert troubles == []


def connect(served: Endpoint) -> socket.socket:
    return socket.create_connection(("127.0.0.1", served.port), _PATIENCE)


def sent(served: Endpoint, request: bytes) -> bytes:
    """Return all that is answered to a request, until the connection ends."""
    with connect(served) as client:
        client.sendall(request)
        return everything(client)


def everything(client: socket.socket) -> bytes:
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := client.recv(65536):
            parts.append(part)
    return b"".join(parts)


def test_figures_are_answered_with_their_type() -> None:
    with endpoint() as served:
        connection = HTTPConnection("127.0.0.1", served.port, timeout=_PATIENCE)
        connection.request("GET", "/metrics?name=x")
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.headers["Content-Type"] == KIND
        assert answer.read() == FIGURES
        connection.close()


def test_it_listens_to_this_machine_alone_also_in_ipv6() -> None:
    with endpoint(host="::1") as served, socket.create_connection(("::1", served.port), _PATIENCE) as client:
        client.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
        assert everything(client).endswith(FIGURES)


@pytest.mark.parametrize(
    "request_,status",
    [
        (b"GET / HTTP/1.1\r\n\r\n", 404),
        (b"GET /../metrics HTTP/1.1\r\n\r\n", 404),
        (b"POST /metrics HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 405),
        (b"GET /metrics SPDY\r\n\r\n", 400),
        (b"\r\n\r\n", 400),
        (b"GET\r\n\r\n", 400),
        (b"\xff\x00 \xff HTTP/1.1\r\n\r\n", 405),
        (b"A" * MOST_REQUEST_BYTES, 431),
    ],
)
def test_what_is_not_a_request_for_figures_is_refused(request_: bytes, status: int) -> None:
    with endpoint() as served:
        answer = sent(served, request_)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert FIGURES not in answer
    assert b"Connection: close\r\n" in answer


def test_only_the_head_is_answered_where_only_that_is_asked() -> None:
    with endpoint() as served:
        head = sent(served, b"HEAD /metrics HTTP/1.1\r\n\r\n")
    assert f"Content-Length: {len(FIGURES)}".encode() in head
    assert head.endswith(b"\r\n\r\n")


def test_before_there_are_figures_it_says_so() -> None:
    with endpoint(b"") as served:
        assert sent(served, b"GET /metrics HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 503 ")


def test_a_request_may_come_in_parts() -> None:
    with endpoint() as served, connect(served) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"GET /metrics HTTP/1.1\r\n\r\n":
            client.sendall(bytes([byte]))
        assert everything(client).endswith(FIGURES)


def test_clients_that_say_nothing_keep_nobody_waiting() -> None:
    with endpoint(seconds=3600) as served, contextlib.ExitStack() as stack:
        silent = [stack.enter_context(connect(served)) for _ in range(MOST_CONNECTIONS + 4)]
        assert sent(served, b"GET /metrics HTTP/1.1\r\n\r\n").endswith(FIGURES)
        assert everything(silent[0]) == b""  # it gave way


@pytest.mark.slow
def test_a_client_that_reads_nothing_keeps_nobody_waiting() -> None:
    much = FIGURES * 2_000_000  # more than the kernel takes for a client that does not read
    with endpoint(much) as served, connect(served) as lazy:
        lazy.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
        assert sent(served, b"HEAD /metrics HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 200 ")


def test_a_client_that_goes_away_harms_nobody() -> None:
    with endpoint(FIGURES * 100_000) as served:
        for request in (b"", b"GET /met", b"GET /metrics HTTP/1.1\r\n\r\n"):
            client = connect(served)
            client.sendall(request)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")  # with a reset
            client.close()
        assert sent(served, b"HEAD /metrics HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 200 ")


@pytest.mark.slow
def test_a_client_that_drips_is_ended_when_its_time_is_over() -> None:
    began = time.monotonic()
    with endpoint(seconds=0.05) as served, connect(served) as client:
        client.sendall(b"GET /metrics")
        assert everything(client) == b""
    assert time.monotonic() - began < _PATIENCE


def test_an_address_in_use_is_an_error_of_the_system() -> None:
    with endpoint() as served:
        second = Endpoint(("127.0.0.1", served.port), bytes, kind=KIND, trouble=lambda _: None)
        with pytest.raises(OSError, match="in use"):
            second.open()
        assert not second.serving
        second.close()


def test_what_nobody_was_prepared_for_ends_the_thread_and_is_told() -> None:
    troubles: list[Exception] = []

    def broken() -> bytes:
        raise LookupError("a bug")

    served = Endpoint(("127.0.0.1", 0), broken, kind=KIND, trouble=troubles.append)
    served.open()
    assert sent(served, b"GET /metrics HTTP/1.1\r\n\r\n") == b""
    served.close()
    assert [str(error) for error in troubles] == ["a bug"]
    assert not served.serving
