"""What becomes of the connection of an answer, however it is read?"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from bwvdock.edges.destinations.connections import PATIENCE, Connections, Reply

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst"


@pytest.fixture(name="origin")
def _origin() -> Iterator[str]:
    """A server that gives everybody one answer, and then waits for what comes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with listening.accept()[0] as client:
                client.settimeout(5)
                client.recv(65_536)
                client.sendall(ANSWER)
                with suppress(TimeoutError):
                    client.recv(65_536)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(60)


def asked(origin: str) -> tuple[Connections, http.client.HTTPConnection, Reply]:
    """Return the connections to a server, the one that a request went over, and the answer to it."""
    connections = Connections(origin, ssl.create_default_context(), PATIENCE)
    connection = connections.connect()
    reply = connections.ask(connection, "GET", f"{origin}/x", {}, (0, iter(())), patience=PATIENCE)
    return connections, connection, reply


def test_it_is_kept_when_the_answer_was_read_and_closed(origin: str) -> None:
    connections, connection, reply = asked(origin)
    assert reply.words(10) == b"first"
    reply.close()
    assert connections.connect() is connection
    connection.close()


def test_it_is_closed_when_the_answer_was_closed_unread(origin: str) -> None:
    _, connection, reply = asked(origin)
    reply.close()
    assert connection.sock is None


def test_it_is_closed_when_nobody_closed_the_answer(origin: str) -> None:
    _, connection, reply = asked(origin)
    del reply  # as what was to read it does when it raises
    assert connection.sock is None
