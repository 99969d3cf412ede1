"""A port of this machine at which each connection is served by a thread of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def listening(serve: Callable[[socket.socket, threading.Event], object]) -> Iterator[int]:
    """Give the port; `serve` gets each connection, and what is set at the end."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.01)

        def accept() -> None:
            while not ended.is_set():
                with suppress(OSError):
                    client, _ = listener.accept()
                    threading.Thread(target=serve, args=(client, ended), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            ended.set()
            thread.join()
