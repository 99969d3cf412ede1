"""A TCP relay between a client and a server, on which faults can be armed; it counts the bytes that pass.

One thread with an event loop of its own; what the tests ask of it is handed to that thread.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Any, Self

from tests.servers.armed import ArmedFaults
from tests.servers.faults import DOWN, UP, AtByte, BlackHole, Cut, Direction, Fault, Flip, HalfClose, Mark
from tests.servers.http_requests import Requests
from tests.servers.process import HOST, at_port, free_port

_BLOCK = 1 << 16
_QUEUE = 8  # blocks on their way: a server that does not read is soon felt by the client
_PATIENCE = 30.0  # seconds for the relay's own thread to do what it was asked
_ARRIVAL = 1.0  # seconds for bytes before a cut to arrive, where the receiver reads at all
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 s: close() sends a reset


class _CutOffError(Exception):
    """This connection ends here, with a reset."""


async def _for_ever() -> None:
    """Wait until the connection is reset."""
    await asyncio.get_running_loop().create_future()


async def _pause(seconds: float) -> None:
    if seconds > 0:
        with suppress(TimeoutError):
            await asyncio.wait_for(_for_ever(), seconds)


class _Lane:
    """One direction of one connection: a reader and a writer, with what is on its way between them."""

    def __init__(self, connection: _Connection, direction: Direction) -> None:
        self._connection = connection
        self._relay = connection.relay
        self._direction = direction
        self._from = connection.client if direction is UP else connection.server
        self._to = connection.server if direction is UP else connection.client
        self._on_its_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_QUEUE)

    async def read(self) -> None:
        """Take bytes until the sender ends, and let happen to them what is armed."""
        loop = asyncio.get_running_loop()
        while True:
            faults = self._relay.faults
            rate = faults.rate(self._direction)
            data = await loop.sock_recv(self._from, max(1, min(_BLOCK, int(rate / 20))) if rate else _BLOCK)
            self._relay.bytes[self._direction] += len(data)
            if rate:
                await _pause(len(data) / rate)
            if not data:
                await self._on_its_way.put((loop.time() + faults.latency, b""))
                return
            await self._take(faults, data)

    async def _take(self, faults: ArmedFaults, data: bytes) -> None:
        while armed := faults.within(self._direction, len(data)):
            before, data = data[: armed.left], data[armed.left :]
            await self._send(faults, before)
            faults.fire(armed)
            data = await self._suffer(armed.fault, data)
        await self._send(faults, data)

    async def _send(self, faults: ArmedFaults, data: bytes) -> None:
        faults.passed(self._direction, len(data))
        self._connection.watch(faults, self._direction, data)
        if data:
            await self._on_its_way.put((asyncio.get_running_loop().time() + faults.latency, data))

    async def _suffer(self, fault: AtByte, data: bytes) -> bytes:
        """Let a fault happen to the bytes from its own on; give those that go on."""
        if isinstance(fault, Flip):
            return bytes([data[0] ^ 1]) + data[1:]
        if isinstance(fault, Mark):
            return data
        with suppress(TimeoutError):
            await asyncio.wait_for(self._on_its_way.join(), _ARRIVAL)
        if isinstance(fault, Cut):
            raise _CutOffError
        if isinstance(fault, HalfClose):
            self._to.shutdown(socket.SHUT_WR)
        self._connection.swallows = isinstance(fault, BlackHole)
        await _for_ever()
        return b""

    async def write(self) -> None:
        """Give bytes to the receiver when they are due."""
        loop = asyncio.get_running_loop()
        while True:
            due, data = await self._on_its_way.get()
            await _pause(due - loop.time())
            if self._connection.swallows:
                await _for_ever()
            if not data:
                self._to.shutdown(socket.SHUT_WR)
                return
            await loop.sock_sendall(self._to, data)
            self._on_its_way.task_done()


class _Connection:
    """One client's connection and the server's side of it."""

    def __init__(self, relay: Relay, client: socket.socket, server: socket.socket) -> None:
        self.relay = relay
        self.client = client
        self.server = server
        self.swallows = False
        self._requests = Requests()
        self._loses_answer = False

    async def run(self) -> None:
        """Pass bytes both ways until both have ended, or something ends them."""
        try:
            async with asyncio.TaskGroup() as group:
                for lane in [_Lane(self, direction) for direction in Direction]:
                    group.create_task(lane.read())
                    group.create_task(lane.write())
        except* (OSError, _CutOffError, asyncio.CancelledError):
            for end in (self.client, self.server):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    def watch(self, faults: ArmedFaults, direction: Direction, data: bytes) -> None:
        """Know when a request is whole; from then on its answer may be one that is to be lost."""
        if direction is UP:
            for method in self._requests.feed(data):
                self._loses_answer = faults.loses_answer(method)
        elif self._loses_answer:
            raise _CutOffError


def _close(client: socket.socket, _: asyncio.Task[None]) -> None:
    client.close()


class Relay:
    """Listens on a port of its own and passes everything to a server's. A context manager.

    `bytes` counts what was read, by direction; `connections` those that were accepted.
    """

    def __init__(self, port: int, *faults: Fault) -> None:
        self.port = free_port()
        self.bytes = dict.fromkeys(Direction, 0)
        self.connections = 0
        self.faults = ArmedFaults(faults)
        self._server_port = port
        self._open: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Task[None] | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)

    def through(self, url: str) -> str:
        """Return a URL of the server as it is reached through the relay."""
        return at_port(url, self.port)

    def arm(self, *faults: Fault) -> None:
        """Forget what was armed and arm these; bytes and requests are counted anew for them."""
        self.faults = ArmedFaults(faults)

    @property
    def fired(self) -> list[Fault | AtByte]:
        """What has happened of that which is armed, each fault as often as it came."""
        return list(self.faults.fired)

    @property
    def sent(self) -> int:
        """How many bytes the client has sent, heads and all."""
        return self.bytes[UP]

    @property
    def received(self) -> int:
        """How many bytes the server has sent."""
        return self.bytes[DOWN]

    def cut(self) -> None:
        """Reset all connections that are open now."""
        self._do(self._cut())

    def take_down(self) -> None:
        """Reset all connections and refuse new ones."""
        self._do(self._take_down())

    def bring_up(self) -> None:
        """Accept connections again, on the same port."""
        self._do(self._listen())

    async def _listen(self) -> None:
        listener = socket.create_server((HOST, self.port))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BLOCK)  # a slow lane is to be felt
        listener.setblocking(False)
        self._listening = asyncio.ensure_future(self._accept(listener))

    async def _accept(self, listener: socket.socket) -> None:
        # Not by sock_accept: a connection that it has accepted when it is cancelled is never closed.
        loop = asyncio.get_running_loop()
        with listener:
            loop.add_reader(listener, self._take_one, listener)
            try:
                await _for_ever()
            finally:
                loop.remove_reader(listener)

    def _take_one(self, listener: socket.socket) -> None:
        with suppress(OSError):  # it may have gone again
            client, _ = listener.accept()
            client.setblocking(False)
            self.connections += 1
            task = asyncio.ensure_future(self._serve(client))
            self._open.add(task)
            task.add_done_callback(self._open.discard)
            task.add_done_callback(partial(_close, client))  # it may end before it has begun

    async def _serve(self, client: socket.socket) -> None:
        with client, socket.socket() as server:
            server.setblocking(False)
            try:
                await asyncio.get_running_loop().sock_connect(server, (HOST, self._server_port))
            except OSError:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            else:
                await _Connection(self, client, server).run()

    async def _cut(self) -> None:
        tasks = list(self._open)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _take_down(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self._cut()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._take_down())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()
