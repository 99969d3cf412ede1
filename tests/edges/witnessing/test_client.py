"""Is a witness spoken to within bounds, whatever is at its address?"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from bwvdock.edges.destinations.connections import Patience
from bwvdock.edges.witnessing.client import HttpWitness
from bwvdock.errors import DestinationUnavailableError

SHORT = Patience(connect=1.0, stall=1.0, answer=1.0)

Behave = Callable[[socket.socket], object]
OK = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def behaving(behave: Behave) -> Iterator[HttpWitness]:
    """Give a client whose witness reads a request and then does this."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection, suppress(OSError):
                        connection.recv(65536)
                        behave(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield HttpWitness(f"http://127.0.0.1:{listener.getsockname()[1]}", name="hq", patience=SHORT)


def endlessly(piece: bytes) -> Behave:
    def send(connection: socket.socket) -> None:
        connection.sendall(OK + b"\r\n")
        while True:
            connection.sendall(piece)

    return send


def dripping(connection: socket.socket) -> None:
    connection.sendall(OK + b"Content-Length: 1000\r\n\r\n")
    connection.settimeout(0.05)
    while True:
        connection.sendall(b"x")
        with suppress(TimeoutError):
            if connection.recv(1) == b"":
                return


UNUSABLE: dict[str, Behave] = {
    "says nothing": lambda connection: connection.recv(1),
    "closes": lambda connection: connection.close(),
    "has no http": lambda connection: connection.sendall(b"\x16\x03\x01" * 100),
    "has an endless head": lambda connection: connection.sendall(OK + b"A: b\r\n" * 1_000_000),
    "has an endless body": endlessly(b"x" * 65536),
    "has endless chunks": lambda connection: connection.sendall(
        OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 1_000_000
    ),
    "promises more": lambda connection: connection.sendall(OK + b"Content-Length: 10\r\n\r\nx"),
    "drips": dripping,
    "goes on with interim answers": lambda connection: connection.sendall(
        b"HTTP/1.1 103 Early\r\n\r\n" * 100_000
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", UNUSABLE)
def test_an_unusable_answer_is_a_witness_that_is_away(what: str) -> None:
    with behaving(UNUSABLE[what]) as witness:
        with pytest.raises(DestinationUnavailableError, match="witness hq"):
            witness.add_checkpoint(b"old 0\n\n")
        assert witness.latest("example/log") == b""


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    asked = []

    def redirect(connection: socket.socket) -> None:
        asked.append(1)
        connection.sendall(b"HTTP/1.1 307 Away\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")

    with behaving(redirect) as witness:
        assert witness.add_checkpoint(b"old 0\n\n").status == 307
    assert len(asked) == 1


def test_nobody_at_the_address_is_a_witness_that_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(DestinationUnavailableError):
        HttpWitness(f"http://127.0.0.1:{port}", name="hq").add_checkpoint(b"")
