"""How does a slow link between a dock and its store behave: one rate for all connections, delay, and cuts?"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.servers.process import HOST, at_port, free_port

_BLOCK = 1 << 14  # bytes that are paced together: connections share the link block by block
_BUFFER = 1 << 17  # what the kernel may hold for a connection before its sender has to wait
_QUEUE = 64  # blocks on their way
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 s: close() sends a reset


class _Lane:
    """One direction of the link, shared by all connections."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._free = 0.0
        self.bytes = 0

    async def pass_through(self, size: int) -> None:
        """Wait until so many bytes have gone through, after all that came before them."""
        loop = asyncio.get_running_loop()
        self._free = max(self._free, loop.time()) + size / self._rate
        self.bytes += size
        await asyncio.sleep(self._free - loop.time())


class Link:
    """Listens on a port of its own and passes everything to a server's; a context manager.

    Args:
        port: the server's.
        rate: bytes per second, in each direction.
        delay: seconds that a byte takes, in each direction.
        every: seconds from one cut of all connections to the next, drawn from half to one and a half times as
            many; 0 for none.
        seed: of what is drawn.
    """

    def __init__(self, port: int, *, rate: float, delay: float, every: float = 0, seed: int = 0) -> None:
        self.port = free_port()
        self.cuts = 0
        self._server_port = port
        self._rate = rate
        self._delay = delay
        self._every = every
        self._drawn = random.Random(seed)  # noqa: S311 - when a cut comes is no secret
        self._up, self._down = _Lane(rate), _Lane(rate)
        self._open: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._ended: asyncio.Event
        self._listens = threading.Event()
        self._thread = threading.Thread(
            target=self._loop.run_until_complete, args=(self._run(),), daemon=True
        )

    @property
    def sent(self) -> int:
        """How many bytes the clients have sent, heads and all."""
        return self._up.bytes

    def through(self, url: str) -> str:
        """Return a URL of the server as it is reached over the link."""
        return at_port(url, self.port)

    async def _run(self) -> None:
        self._ended = asyncio.Event()
        with socket.create_server((HOST, self.port)) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            listener.settimeout(0)
            tasks = [asyncio.ensure_future(work) for work in (self._accept(listener), self._cut())]
            self._listens.set()
            await self._ended.wait()
            for task in (*tasks, *self._open):
                task.cancel()
            await asyncio.gather(*tasks, *self._open, return_exceptions=True)

    async def _accept(self, listener: socket.socket) -> None:
        while True:
            client, _ = await asyncio.get_running_loop().sock_accept(listener)
            client.settimeout(0)
            task = asyncio.ensure_future(self._serve(client))
            self._open.add(task)
            task.add_done_callback(self._open.discard)

    async def _cut(self) -> None:
        while self._every:
            await asyncio.sleep(self._every * self._drawn.uniform(0.5, 1.5))
            self.cuts += 1
            for task in self._open:
                task.cancel()

    async def _serve(self, client: socket.socket) -> None:
        with client, socket.socket() as server:
            server.settimeout(0)
            server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            try:
                await asyncio.sleep(2 * self._delay)  # the handshake
                await asyncio.get_running_loop().sock_connect(server, (HOST, self._server_port))
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._pump(client, server, self._up))
                    group.create_task(self._pump(server, client, self._down))
            except* (OSError, asyncio.CancelledError):
                for end in (client, server):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    async def _pump(self, source: socket.socket, target: socket.socket, lane: _Lane) -> None:
        loop = asyncio.get_running_loop()
        coming: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_QUEUE)

        async def deliver() -> None:
            while True:
                due, data = await coming.get()
                await asyncio.sleep(due - loop.time())
                if not data:
                    target.shutdown(socket.SHUT_WR)
                    return
                await loop.sock_sendall(target, data)

        async with asyncio.TaskGroup() as group:
            group.create_task(deliver())
            while True:
                data = await loop.sock_recv(source, _BLOCK)
                await lane.pass_through(len(data))
                await coming.put((loop.time() + self._delay, data))
                if not data:
                    return

    def __enter__(self) -> Self:
        self._thread.start()
        self._listens.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()
        self._loop.close()
