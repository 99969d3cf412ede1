"""A server, what stands before it, and a thread that does what a row says when its fault has come."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.faults.columns import Column, Store, store_of
from tests.faults.matrix import SIZE, Then, Trouble
from tests.faults.ours import Place
from tests.servers.disk import SmallDisk
from tests.servers.nginx import Nginx
from tests.servers.process import Server
from tests.servers.relay import Relay

_LOOK = 0.005  # seconds between two looks at the relay
_MOMENT = 1.0
_MOST_FROZEN = 10.0


@dataclass
class Scene:
    """One cell's surroundings.

    `rot` spoils the sender's file, `kill` ends the client: both are said by whoever runs a client here;
    `on_begin` is done when the upload begins.
    """

    trouble: Trouble
    server: Server | None
    store: Store
    relay: Relay
    through: Callable[[str], str]
    disk: SmallDisk | None = None
    rot: Callable[[], None] = lambda: None
    kill: Callable[[], None] = lambda: None
    on_begin: Callable[[], None] = lambda: None
    sent_before: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    happened: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None

    @property
    def place(self) -> Place:
        """What a client is told."""
        return self.store.place(self.through)

    @property
    def sent(self) -> int:
        """Bytes that the client has sent since the faults were armed."""
        return self.relay.sent - self.sent_before

    def begin(self) -> None:
        """Arm the faults; what follows is looked at."""
        self.sent_before = self.relay.sent
        self.on_begin()
        self.relay.arm(*self.trouble.faults)

    # --- the thread ----------------------------------------------------------------------------------

    def watch(self) -> None:
        """Do what is to be done, and start a server again that dies of itself, until all is over."""
        try:
            while not self.over.wait(_LOOK):
                if not self.happened.is_set() and self.relay.fired:
                    self._act()
                    self.happened.set()
                if self.server is not None:
                    _revive(self.server)
        except BaseException as error:  # noqa: BLE001 - told by the thread that waits for this one
            self.error = error

    def _act(self) -> None:
        match self.trouble.then:
            case Then.KILL_SERVER if self.server is not None:
                self.server.kill()
                self._relieve()
                self.server.start()
            case Then.KILL_CLIENT:
                self.kill()
                self._relieve()
            case Then.FREEZE_SERVER if self.server is not None:
                self._freeze(self.server)
            case Then.LINK_DOWN:
                self._isolate(_MOMENT)
            case Then.TAKE_AWAY:
                self.relay.take_down()
                self.over.wait(_MOMENT)  # for the server to be done with the request that was cut
                self.store.take_away()
                self.relay.bring_up()
            case Then.EXPIRE:
                self._isolate(3.0 * self.trouble.expires)
            case Then.FREE_DISK if self.disk is not None:
                self.over.wait(_MOMENT)
                self.disk.grow(10 * SIZE)
            case Then.ROT:
                self.rot()

    def _relieve(self) -> None:
        """What was armed is over, and so are the connections that it happened to."""
        self.relay.arm()
        self.relay.cut()

    def _isolate(self, seconds: float) -> None:
        self.relay.take_down()
        self.over.wait(seconds)
        self.relay.bring_up()

    def _freeze(self, server: Server) -> None:
        server.freeze()
        connections, until = self.relay.connections, time.monotonic() + _MOST_FROZEN
        while self.relay.connections == connections and time.monotonic() < until:
            if self.over.wait(_LOOK):
                break
        server.thaw()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.watch, name="scene", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self._thread.join()
        if self.error is not None:
            raise self.error


def _revive(server: Server) -> None:
    """Start a server again that has died of itself, as systemd would."""
    if server.processes and not any(process.running() for process in server.processes):
        server.kill()
        server.start()


@contextmanager
def scene(column: Column, trouble: Trouble, shared: Server | None = None) -> Iterator[Scene]:
    """Set up a cell.

    Args:
        column: the server.
        trouble: what will happen.
        shared: one that runs, for rows that need none of their own.
    """
    with ExitStack() as stack:
        server, disk = shared, None
        if server is None or column.is_special(trouble):
            server, disk = column.start(trouble, stack)
        port, options = server.port, dict(trouble.nginx)
        if options:
            nginx = Nginx(
                port,
                body_limit=int(options.get("body_limit", 0)),
                rate=int(options["rate"]) if "rate" in options else None,
                buffering=bool(options.get("buffering", False)),
            )
            port = stack.enter_context(nginx).port
        relay = stack.enter_context(Relay(port))
        made = Scene(trouble, server, store_of(server), relay, relay.through, disk)
        yield stack.enter_context(made)
